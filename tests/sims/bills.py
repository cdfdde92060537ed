"""Hand-made bills: energy on the real calendar from a rule of local time, reckoned apart from the code under test."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from models.tariffs import TariffBook
from pipelines.reference import tariffs
from sims.billing import Bill, BillRequest, ServiceTerms, price_bill

ZONE = ZoneInfo("America/Los_Angeles")
Rule = Callable[[datetime], int]


@lru_cache(maxsize=128)
def interval_starts(start: date, end: date, minutes: int) -> tuple[datetime, ...]:
    """Aware local times of the intervals of local dates."""
    first, stop = (datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC) for day in (start, end))
    count = (stop - first) // timedelta(minutes=minutes)
    return tuple((first + timedelta(minutes=minutes * n)).astimezone(ZONE) for n in range(count))


def bill_of(
    start: date,
    end: date,
    terms: ServiceTerms,
    delivered: Rule,
    received: Rule = lambda _: 0,
    *,
    minutes: int = 15,
    opening_credit_cents: int = 0,
    is_true_up: bool = False,
    book: TariffBook | None = None,
) -> Bill:
    """Price a bill whose intervals follow rules of local time, in watt-hours."""
    starts = interval_starts(start, end, minutes)
    request = BillRequest(
        start, end, terms, minutes, [delivered(at) for at in starts], [received(at) for at in starts],
        opening_credit_cents, is_true_up,
    )  # fmt: skip
    return price_bill(book or tariffs(), request)


def amounts(bill: Bill, code: str) -> list[int]:
    """Cents of the lines of a code, in order."""
    return [line.cents for line in bill.lines if line.line_code == code]


def in_hours(first: int, end: int, watt_hours: int, on: date | None = None) -> Rule:
    """The same energy in every interval of some local hours, on every date or on one."""
    return lambda at: watt_hours if first <= at.hour < end and on in (None, at.date()) else 0


def total(*rules: Rule) -> Rule:
    """Sum of rules."""
    return lambda at: sum(rule(at) for rule in rules)
