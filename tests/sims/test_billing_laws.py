"""Laws of every bill, and residential bills against an independent reckoning with fractions."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.offers import tariffs
from sims.billing import Bill, BillRequest, ServiceTerms, price_bill
from sims.billing.request import half_up
from tests.sims.clocks import interval_starts

BOOK = tariffs()
RATES = sorted(BOOK.tariffs)
REGIONS = sorted(BOOK.baseline.versions[0].content.regions)
HOLIDAYS = {
    "New Year's Day", "Washington's Birthday", "Memorial Day", "Independence Day", "Labor Day", "Veterans Day",
    "Thanksgiving Day", "Christmas Day",
}  # fmt: skip
PEAKS = {"TOU-D-4-9PM": (16, 21), "TOU-D-5-8PM": (17, 20), "TOU-D-PRIME": (16, 21)}


@st.composite
def requests(draw: st.DrawFn, *, rates: Sequence[str] = RATES, has_net_metering: bool | None = None) -> BillRequest:
    """Bills of one to forty days anywhere in the time for which prices are in hand."""
    start = date(2024, 12, 1) + timedelta(draw(st.integers(0, 700)))
    end = start + timedelta(draw(st.integers(1, 40)))
    minutes = draw(st.sampled_from([15, 60]))
    count = len(interval_starts(start, end, minutes))
    random = draw(st.randoms(use_true_random=False))
    largest = draw(st.sampled_from([0, 30, 600, 4_000]))
    is_solar = draw(st.booleans()) if has_net_metering is None else has_net_metering
    terms = ServiceTerms(
        draw(st.sampled_from(rates)), draw(st.sampled_from(REGIONS)),
        is_multi_family=draw(st.booleans()), is_all_electric=draw(st.booleans()), is_care=draw(st.booleans()),
        is_fera=draw(st.booleans()), is_medical_baseline=draw(st.booleans()), has_net_metering=is_solar,
        phase_count=draw(st.sampled_from([None, 1, 3])),
    )  # fmt: skip
    delivered = [random.randint(0, largest) for _ in range(count)]
    received = [random.randint(0, largest) if is_solar else 0 for _ in range(count)]
    return BillRequest(
        start, end, terms, minutes, delivered, received, draw(st.integers(0, 30_000)) if is_solar else 0,
        draw(st.booleans()),
    )  # fmt: skip


def sum_of(bill: Bill, code: str) -> int:
    return sum(line.quantity for line in bill.lines if line.line_code == code)


@settings(max_examples=60, deadline=None)
@given(requests())
def test_a_bill_adds_up_and_prices_all_energy(request: BillRequest) -> None:
    bill = price_bill(BOOK, request)
    for line in bill.lines:
        exact = Fraction(line.quantity, 1000) * Fraction(line.price, 100_000) * 100
        assert abs(line.cents - exact) <= Fraction(1, 2)
        assert line.quantity
        assert line.price
    assert bill.cents == sum(line.cents for line in bill.lines)
    used = sum(request.delivered_wh) - (sum(request.received_wh) if request.terms.has_net_metering else 0)
    assert sum_of(bill, "energy") == used
    imported = sum(request.delivered_wh)
    if request.terms.has_net_metering:
        pairs = zip(request.delivered_wh, request.received_wh, strict=True)
        imported = sum(max(taken - given, 0) for taken, given in pairs)
    assert sum_of(bill, "tax") == imported
    offset = ("energy", "baseline_credit", "discount", "export_credit")
    if request.terms.has_net_metering:
        assert sum(line.cents for line in bill.lines if line.line_code in offset) >= 0
        assert bill.closing_credit_cents >= 0
    else:
        assert bill.closing_credit_cents == 0


@settings(max_examples=30, deadline=None)
@given(requests(has_net_metering=False), st.integers(1, 500))
def test_more_energy_never_costs_less(request: BillRequest, extra: int) -> None:
    more = [value + extra for value in request.delivered_wh]
    larger = BillRequest(request.start_date, request.end_date, request.terms, request.interval_minutes, more)
    # Each of at most 24 lines may be rounded the other way.
    assert price_bill(BOOK, larger).cents >= price_bill(BOOK, request).cents - 24


@settings(max_examples=30, deadline=None)
@given(requests(rates=["D", *PEAKS, "TOU-GS-1-E"], has_net_metering=False))
def test_hours_cost_what_their_quarters_cost(request: BillRequest) -> None:
    if request.interval_minutes == 60:
        return
    hours = [sum(request.delivered_wh[n : n + 4]) for n in range(0, len(request.delivered_wh), 4)]
    hourly = BillRequest(request.start_date, request.end_date, request.terms, 60, hours)
    assert price_bill(BOOK, hourly) == price_bill(BOOK, request)


def is_weekend(at: datetime) -> bool:
    calendar = holidays.country_holidays("US", years=at.year, observed=False)
    if at.weekday() >= 5 or calendar.get(at.date()) in HOLIDAYS:
        return True
    return at.weekday() == 0 and calendar.get(at.date() - timedelta(1)) in HOLIDAYS


def period(rate: str, at: datetime) -> tuple[str, str]:
    """Season and period as the filed conditions put them, reckoned apart from the tariff data."""
    first, end = PEAKS[rate]
    is_peak = first <= at.hour < end
    if 6 <= at.month <= 9:
        return "summer", ("mid_peak" if is_weekend(at) else "on_peak") if is_peak else "off_peak"
    return "winter", "mid_peak" if is_peak else "super_off_peak" if 8 <= at.hour < first else "off_peak"


@settings(max_examples=40, deadline=None)
@given(requests(rates=list(PEAKS), has_net_metering=False))
def test_time_of_use_energy_against_fractions(request: BillRequest) -> None:
    """Energy and baseline credit of every interval at the price of its own date, hour and allocation."""
    terms = request.terms
    energy = Fraction(0)
    allowance: dict[tuple[date, str], list[int]] = {}
    starts = interval_starts(request.start_date, request.end_date, request.interval_minutes)
    region = BOOK.baseline.versions[-1].content.regions[terms.baseline_region]
    kind = region.all_electric if terms.is_all_electric else region.basic
    seen: set[date] = set()
    for at, watt_hours in zip(starts, request.delivered_wh, strict=True):
        version = BOOK.tariffs[terms.rate_code].version_on(at.date())
        season, name = period(terms.rate_code, at)
        price = version.content.energy[season][name]
        energy += Fraction(watt_hours * (price.delivery + price.generation), 10**6)
        use = allowance.setdefault((version.prices_date, season), [0, 0, version.content.baseline_credit or 0])
        use[0] += watt_hours
        if at.date() not in seen:
            seen.add(at.date())
            use[1] += kind[season] + (16_500 if terms.is_medical_baseline else 0)
    credit = sum(Fraction(min(used, allowed) * price, 10**6) for used, allowed, price in allowance.values())
    bill = price_bill(BOOK, request)
    lines = [line for line in bill.lines if line.line_code in ("energy", "baseline_credit")]
    assert abs(sum(line.cents for line in lines) - (energy - credit)) <= Fraction(len(lines), 2)


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = half_up(numerator, denominator)
    assert abs(rounded - exact) <= Fraction(1, 2)
    if abs(rounded - exact) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@pytest.mark.parametrize("count", [0, 95, 97])
def test_energy_must_fit_the_days(count: int) -> None:
    request = BillRequest(date(2026, 7, 1), date(2026, 7, 2), ServiceTerms("D", "10"), 15, [1] * count)
    with pytest.raises(ValueError, match=rf"has 96 intervals of 15 minutes, but {count} values were given"):
        price_bill(BOOK, request)


@pytest.mark.parametrize(
    ("terms", "day", "reason"),
    [
        (ServiceTerms("D", "99"), date(2026, 7, 1), 'no baseline allocation for region "99"'),
        (ServiceTerms("X", "10"), date(2026, 7, 1), 'no rate schedule "X"'),
        (ServiceTerms("D", "10"), date(2019, 12, 31), "rate schedule D has no version for 2019-12-31"),
    ],
)
def test_what_has_no_price_is_refused(terms: ServiceTerms, day: date, reason: str) -> None:
    with pytest.raises(LookupError, match=reason):
        price_bill(BOOK, BillRequest(day, day + timedelta(1), terms, 60, [1] * 24))
