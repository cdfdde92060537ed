"""Which meters count in a figure, on which dates, and why others do not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipelines.explain.published import Published

ONE_DAY = timedelta(days=1)

_OF_ACCOUNT = """
-- periods of every meter that ever served the account
select served.*, meters.parent_meter_id, meters.installed_date, meters.removed_date
from bridge_meter_accounts as served
left join dim_meters as meters
    on served.meter_id = meters.meter_id
    and served.valid_from_date between meters.installed_date and coalesce(meters.removed_date, date '9999-12-31')
where served.meter_id in (select meter_id from bridge_meter_accounts where account_id = $account_id)
order by served.meter_id, served.valid_from_date
"""


@dataclass(frozen=True)
class Serving:
    """A period in which a meter counts in an account's usage.

    Attributes:
        meter_id: Meter.
        dates: Its civil dates among those that were asked for.
        meter_count: Top-level meters of the account in the period.
        interval_minutes: Interval in which they can be added up.
    """

    meter_id: str
    dates: frozenset[date]
    meter_count: int
    interval_minutes: int


@dataclass(frozen=True)
class Supply:
    """Meters of an account on some dates.

    Attributes:
        servings: Those that count.
        rows: All of them with the reason, for people.
    """

    servings: tuple[Serving, ...]
    rows: tuple[Mapping[str, Any], ...]


def of_account(published: Published, account_id: str, dates: Collection[date]) -> Supply:
    """Meters that served an account on some consecutive dates, and others of its places that did not."""
    first, last = min(dates), max(dates)
    servings: list[Serving] = []
    told: list[Mapping[str, Any]] = []
    apart: dict[str, Mapping[str, Any]] = {}
    for row in published.rows(_OF_ACCOUNT, {"account_id": account_id}):
        is_own = row["account_id"] == account_id
        begin, end = max(row["valid_from_date"], first), min(_last(row) or date.max, last)
        if begin > end:
            if is_own:
                apart[row["meter_id"]] = row
            continue
        counts = is_own and row["account_meter_count"] is not None
        reason = _reason(row, begin, end) if is_own else _whom(row)
        told.append(_told(row, begin, end, reason, counts=counts))
        if counts:
            served = frozenset(begin + timedelta(days=n) for n in range((end - begin).days + 1))
            servings.append(
                Serving(row["meter_id"], served, row["account_meter_count"], row["account_interval_minutes"])
            )
    for meter_id, period in apart.items():
        if meter_id not in {one["meter_id"] for one in told}:
            told.append(_told(period, period["valid_from_date"], _last(period), _when(period, first), counts=False))
    return Supply(tuple(servings), tuple(told))


def of_meter(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The meter of a published meter row, with whom it served; in a month that may be several."""
    if "account_id" not in row:
        return ({"meter_id": row["meter_id"], "counts": True, "reason": "the meter itself, whomever it served"},)
    whom = f"served account {row['account_id']}" if row["account_id"] else "served no account"
    place = f" at premise {row['premise_id']}" if row["premise_id"] else ", and no system names its place"
    return ({"meter_id": row["meter_id"], "counts": True, "reason": f"{whom}{place}"},)


def _told(row: Mapping[str, Any], first: date, last: date | None, reason: str, *, counts: bool) -> Mapping[str, Any]:
    return {
        "meter_id": row["meter_id"],
        "first_date": first,
        "last_date": last,
        "counts": counts,
        "reason": reason,
    }


def _whom(row: Mapping[str, Any]) -> str:
    return f"served account {row['account_id']}" if row["account_id"] else "served nobody: the place was vacant"


def _when(row: Mapping[str, Any], first: date) -> str:
    """Why a meter of the account did not serve it on the dates that were asked for."""
    if row["valid_from_date"] >= first:
        return "serves the account from a later date on"
    if row["removed_date"] is not None and row["removed_date"] == _last(row):
        return f"exchanged or removed: taken off on {row['removed_date']}"
    return "served the account until an earlier date"


def _reason(row: Mapping[str, Any], first: date, last: date) -> str:
    if not row["is_top_level"]:
        return f"sub-meter: what it measures lies within {row['parent_meter_id'] or 'another meter'}"
    if row["account_meter_count"] is None:
        return "has no interval data"
    reason = "the account's only top-level meter"
    if row["account_meter_count"] > 1:
        reason = (
            f"one of {row['account_meter_count']} top-level meters, added up in intervals of "
            f"{row['account_interval_minutes']} minutes"
        )
    for what, day in (("installed", row["installed_date"]), ("taken off", row["removed_date"])):
        if day is not None and first <= day <= last:
            reason += f"; {what} on {day}"
    return reason


def _last(row: Mapping[str, Any]) -> date | None:
    end: date | None = row["valid_to_date"]
    return end - ONE_DAY if end else None
