"""The calendar and the measures once more, beside other implementations and by hand."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import MINUTES_PER_DAY, intervals
from models.explain.calendar import civil_slots
from models.explain.facts import ChannelLife, FinalValue, MeterFacts, RawRead
from models.explain.intervals import expected_intervals, told_apart, told_together
from models.explain.measures import MEASURES, average_kw

ZONES = ("America/Los_Angeles", "America/St_Johns", "Australia/Lord_Howe", "America/Santiago", "UTC")
MONDAY = date(2026, 3, 9)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("minutes", [5, 10, 15, 30, 60])
def test_slots_of_a_year_are_those_of_the_warehouse(zone: str, minutes: int) -> None:
    changes = [date(2026, month, 1) + timedelta(days=n) for month in (3, 4, 9, 10, 11) for n in range(9)]
    days = changes if minutes < 60 else [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    grid = intervals([zone], date(2026, 1, 1), date(2026, 12, 31), 5).filter(
        pl.col("usage_date").is_in(days), pl.col("minute_of_day") % minutes == 0
    )
    slots = [slot for day in sorted(days) for slot in civil_slots(zone, day, minutes)]
    assert [(slot.interval_start_utc, slot.usage_date) for slot in slots] == grid.select(
        "interval_start_utc", "usage_date"
    ).rows()


def test_a_daily_interval_is_as_long_as_its_date() -> None:
    lengths = [
        civil_slots("America/Los_Angeles", date(2026, 3, day), MINUTES_PER_DAY)[0].interval_minutes for day in (7, 8)
    ]
    assert lengths == [1440, 1380]


@given(st.integers(0, 10**7), st.sampled_from([5, 10, 15, 30, 60, 1380, 1440, 1500]))
def test_average_demand_is_rounded_half_up(wh: int, minutes: int) -> None:
    exact = Fraction(wh * 60, minutes * 1000)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("1e-6"), ROUND_HALF_UP)
    assert average_kw(wh, minutes) == rounded


def _facts(meter_id: str, minutes: int, wh: dict[int, int | None]) -> MeterFacts:
    """A meter of 9 March 2026 in UTC, which reports `wh` by minute of the day; None is missing."""
    midnight = datetime.fromisoformat("2026-03-09 00:00")
    starts = {minute: midnight + timedelta(minutes=minute) for minute in wh}
    life = ChannelLife("delivered", min(starts.values()), max(starts.values()))
    facts = MeterFacts(meter_id, "UTC", minutes, (life,))
    for minute, start in starts.items():
        value = wh[minute]
        quality, adjustment = ("N", None) if value is None else ("A", 0)
        facts.finals["delivered", start] = FinalValue(
            "delivered", start, minutes, MONDAY, 0, value, adjustment, quality, None, start
        )
        if value is not None:
            facts.reads["delivered", start] = [
                RawRead("f", minute + 1, 0, meter_id, "delivered", start, minutes, value, None, "", None)
            ]
    return facts


def _of(column: str, facts: MeterFacts) -> object:
    parts, problems = expected_intervals(facts, [MONDAY])
    assert not problems
    return MEASURES[column].of(told_apart(parts))


def test_on_peak_hours_are_four_to_nine_in_the_evening() -> None:
    hours = {hour * 60: 10**hour if 15 <= hour <= 21 else 1 for hour in range(24)}
    assert _of("on_peak_kwh", _facts("M", 60, hours)) == Decimal(sum(10**hour for hour in range(16, 21))) / 1000


def test_on_peak_energy_is_unknown_where_its_intervals_are_and_zero_where_there_are_none() -> None:
    assert _of("on_peak_kwh", _facts("M", 60, {hour * 60: None if hour >= 16 else 1 for hour in range(24)})) is None
    assert _of("on_peak_kwh", _facts("M", 60, {hour * 60: 1 for hour in range(10)})) == 0
    assert _of("on_peak_kwh", _facts("M", MINUTES_PER_DAY, {0: 1})) is None


def test_counts_and_peaks_leave_out_what_is_unknown() -> None:
    facts = _facts("M", 60, {0: 500, 60: None, 120: 900})
    assert [_of(c, facts) for c in ("interval_count", "expected_interval_count", "estimated_interval_count")] == [
        2,
        3,
        0,
    ]
    assert (_of("peak_kw", facts), _of("delivered_kwh", facts)) == (Decimal("0.9"), Decimal("1.4"))


def test_a_peak_of_meters_together_needs_all_of_them() -> None:
    coarse, _ = expected_intervals(_facts("H", 60, {0: 500, 60: 700}), [MONDAY])
    fine, _ = expected_intervals(_facts("Q", 15, {n * 15: 100 if n != 5 else None for n in range(8)}), [MONDAY])
    told = told_together(coarse + fine, 60)
    assert [(one.wh("delivered"), one.is_delivered_known) for one in told] == [(900, True), (1000, False)]
    assert (MEASURES["peak_kw"].of(told), MEASURES["delivered_kwh"].of(told)) == (Decimal("0.9"), Decimal("1.9"))


def test_intervals_that_the_record_lacks_or_has_too_many_are_named() -> None:
    facts = _facts("M", 60, {0: 500, 60: 700, 120: 900})
    lost = facts.finals.pop(("delivered", datetime.fromisoformat("2026-03-09 01:00")))
    facts.lives = (ChannelLife("delivered", lost.interval_start_utc - timedelta(hours=1), lost.interval_start_utc),)
    _, problems = expected_intervals(facts, [MONDAY])
    assert problems == [
        "M: delivered of 2026-03-09 01:00:00 UTC is expected and not recorded",
        "M: delivered of 2026-03-09 02:00:00 UTC is recorded and not expected",
    ]
