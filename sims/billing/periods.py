"""Which bills there are: billing periods of every account, and the terms that each bill is priced on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sims.billing.request import ServiceTerms
from sims.world.frames import World

ISSUE_DELAY = timedelta(days=2)
"""From the date after a period to the date of its bill."""


@dataclass(frozen=True)
class PlannedBill:
    """A bill to be made.

    Attributes:
        bill_id: The same in every run.
        number: Place among the account's bills of the history, from 0.
        account_id: Account.
        premise_number: Premise that is served.
        start_date: First local date.
        end_date: Local date after the last one.
        terms: What holds on the last date.
        net_metering_number: How many bills with net metering the account had without a break before; None without.
    """

    bill_id: str
    number: int
    account_id: str
    premise_number: int
    start_date: date
    end_date: date
    terms: ServiceTerms
    net_metering_number: int | None

    @property
    def issued_date(self) -> date:
        """Date of the bill."""
        return self.end_date + ISSUE_DELAY


def planned_bills(world: World, last: date) -> dict[str, list[PlannedBill]]:
    """Every bill issued up to a date, from the beginning of the history.

    Args:
        world: The world.
        last: Last date of issue.

    Returns:
        Bills in order of time by account.
    """
    premises = {row["premise_number"]: row for row in world.premises.iter_rows(named=True)}
    states: dict[str, list[dict[str, Any]]] = {}
    for state in world.accounts.sort("account_id", "effective_date").iter_rows(named=True):
        states.setdefault(state["account_id"], []).append(state)
    return {
        account_id: _account_bills(rows, premises[rows[0]["premise_number"]], world.first_date, last)
        for account_id, rows in states.items()
    }


def _account_bills(
    states: list[dict[str, Any]], premise: dict[str, Any], first_date: date, last: date
) -> list[PlannedBill]:
    bills: list[PlannedBill] = []
    metered = 0
    for start, end in _periods(states, first_date, last):
        state = [row for row in states if row["effective_date"] < end][-1]
        metered = metered + 1 if state["has_net_metering"] else 0
        bills.append(
            PlannedBill(
                bill_id=f"B-{state['account_id']}-{start:%Y%m%d}",
                number=len(bills),
                account_id=state["account_id"],
                premise_number=premise["premise_number"],
                start_date=start,
                end_date=end,
                terms=_terms(state, premise),
                net_metering_number=metered - 1 if metered else None,
            )
        )
    return bills


def _periods(states: list[dict[str, Any]], first_date: date, last: date) -> Iterator[tuple[date, date]]:
    """Periods from the start of service, or from the first cycle day of the history, to the close of the account."""
    cycle, start = states[0]["billing_cycle"], states[0]["effective_date"]
    closed = next((row["effective_date"] for row in states if not row["is_active"]), None)
    if start < first_date:
        start = _cycle_day(first_date, cycle)
    while closed is None or start < closed:
        end = _cycle_day(start + timedelta(1), cycle)
        if closed is not None:
            end = min(end, closed)
        if end + ISSUE_DELAY > last:
            return
        yield start, end
        start = end


def _cycle_day(day: date, cycle: int) -> date:
    """The first date from a day on that has a number in its month."""
    if day.day <= cycle:
        return day.replace(day=cycle)
    return (day.replace(day=28) + timedelta(4)).replace(day=cycle)


def _terms(state: dict[str, Any], premise: dict[str, Any]) -> ServiceTerms:
    return ServiceTerms(
        rate_code=state["rate_code"],
        baseline_region=premise["baseline_region"],
        is_multi_family=premise["premise_type"] == "multi_family",
        is_all_electric=state["is_all_electric"],
        is_care=state["is_care"],
        is_fera=state["is_fera"],
        is_medical_baseline=state["is_medical_baseline"],
        has_net_metering=state["has_net_metering"],
    )
