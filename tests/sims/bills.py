"""Hand-made bills: energy on the real calendar from a rule of local time, reckoned apart from the code under test."""

from collections.abc import Callable
from datetime import date, datetime

from models.tariffs import TariffBook
from pipelines.offers import tariffs
from sims.billing import Bill, BillRequest, ServiceTerms, price_bill
from tests.rates.repriced import lines_of, repriced
from tests.sims.clocks import interval_starts

Rule = Callable[[datetime], int]


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
    """Price a bill whose intervals follow rules of local time, in watt-hours.

    The rate engine must make the same lines of it, so that every bill worked by hand proves both.
    """
    starts = interval_starts(start, end, minutes)
    request = BillRequest(
        start, end, terms, minutes, [delivered(at) for at in starts], [received(at) for at in starts],
        opening_credit_cents, is_true_up,
    )  # fmt: skip
    known = book or tariffs()
    bill = price_bill(known, request)
    assert repriced(known, [request], terms.rate_code) == [lines_of(bill)]
    return bill


def amounts(bill: Bill, code: str) -> list[int]:
    """Cents of the lines of a code, in order."""
    return [line.cents for line in bill.lines if line.line_code == code]


def in_hours(first: int, end: int, watt_hours: int, on: date | None = None) -> Rule:
    """The same energy in every interval of some local hours, on every date or on one."""
    return lambda at: watt_hours if first <= at.hour < end and on in (None, at.date()) else 0


def total(*rules: Rule) -> Rule:
    """Sum of rules."""
    return lambda at: sum(rule(at) for rule in rules)
