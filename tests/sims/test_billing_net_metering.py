"""Net metering worked by hand: netting in periods, charges that exports do not offset, credit and its true-up."""

from datetime import date, datetime, timedelta

import pytest

from sims.billing import Bill, ServiceTerms
from tests.sims.bills import amounts, bill_of, in_hours

SOLAR = ServiceTerms("TOU-D-PRIME", "10", has_net_metering=True)
TUESDAY = date(2026, 6, 2), date(2026, 6, 3)


def bill(exported: int, *, credit: int = 0, is_true_up: bool = False, terms: ServiceTerms = SOLAR) -> Bill:
    """A day with 4 kWh taken between 5 and 6 p.m. and some energy given per quarter of the hour from noon."""
    return bill_of(
        *TUESDAY, terms, in_hours(17, 18, 1000), in_hours(12, 13, exported),
        opening_credit_cents=credit, is_true_up=is_true_up,
    )  # fmt: skip


def test_exports_are_netted_within_their_period() -> None:
    # 4 × (.59291 − .00779) = 2.34048; −8 × (.26698 − .00779) = −2.07352, so .27 are left, taken from credit of 1.00.
    # .794; 4 × .00619 = .02476; 4 × .00779 = .03116; 4 × .0003 = .0012
    priced = bill(2000, credit=100)
    assert amounts(priced, "energy") == [234, -207]
    assert amounts(priced, "export_credit") == [-27]
    assert amounts(priced, "surcharge") == [2, 3]
    assert priced.cents == 84
    assert priced.closing_credit_cents == 73


def test_energy_below_zero_becomes_credit() -> None:
    # −16 × .25919 = −4.14704: 2.34 − 4.15 = −1.81
    priced = bill(4000, credit=100)
    assert amounts(priced, "export_credit") == [181]
    assert priced.closing_credit_cents == 281
    assert priced.cents == 84


@pytest.mark.parametrize("exported", [0, 2000, 4000])
def test_credit_ends_with_the_true_up(exported: int) -> None:
    priced = bill(exported, credit=1_000, is_true_up=True)
    assert priced.closing_credit_cents == 0
    assert priced.cents == bill(exported, credit=1_000).cents


def test_without_net_metering_exports_earn_nothing() -> None:
    # 4 × .59291 = 2.37164
    plain = ServiceTerms("TOU-D-PRIME", "10")
    assert amounts(bill(4000, terms=plain), "energy") == [237]
    assert bill(4000, terms=plain) == bill(0, terms=plain)


def test_non_bypassable_charges_are_on_what_each_interval_takes_on_balance() -> None:
    # Every quarter takes 600 and gives 500 Wh by day, and takes 100 by night: 96 × 100 Wh = 9.6 kWh × .00779 = .074784;
    # with 700 given by day it is 48 × 100 Wh = 4.8 kWh × .00779 = .037392.
    def taken(at: datetime) -> int:
        return 600 if 6 <= at.hour < 18 else 100

    for given, expected in ((500, 7), (700, 4)):
        priced = bill_of(*TUESDAY, SOLAR, taken, in_hours(6, 18, given))
        assert amounts(priced, "surcharge")[1] == expected


def test_baseline_credit_is_for_net_use_and_never_negative() -> None:
    # net use 4 − 2 = 2 kWh × .10099 = .20198; with 8 kWh given there is none
    terms = ServiceTerms("TOU-D-4-9PM", "10", has_net_metering=True)
    assert amounts(bill(500, terms=terms), "baseline_credit") == [-20]
    assert amounts(bill(2000, terms=terms), "baseline_credit") == []


def test_minimum_is_not_lowered_by_exports() -> None:
    # August 2025, 2 kWh given: floor .346, basic .031, so .315 are lacking whatever is given
    terms = ServiceTerms("TOU-D-4-9PM", "10", has_net_metering=True)
    day = date(2025, 8, 5)
    priced = bill_of(day, day + timedelta(1), terms, lambda _: 0, in_hours(12, 13, 500))
    assert amounts(priced, "minimum") == [32]


def test_year_of_net_metering_pays_no_credit_twice() -> None:
    """Over a year the credit that is used is never more than the credit that was given."""
    credit, given, used = 0, 0, 0
    for month in range(1, 13):
        start, end = date(2026, month, 1), date(2026 + month // 12, month % 12 + 1, 1)
        sun = 1_500 if month in (4, 5, 6, 7) else 40
        priced = bill_of(start, end, SOLAR, lambda _: 90, in_hours(9, 15, sun + 90), opening_credit_cents=credit)
        change = sum(amounts(priced, "export_credit"))
        given, used = given + max(change, 0), used - min(change, 0)
        credit = priced.closing_credit_cents
        assert credit == given - used
        assert credit >= 0
    assert given > 0
    assert used > 0
