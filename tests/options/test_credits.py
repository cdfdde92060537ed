"""What programs add to bills, by hand and by law."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.options.credits import program_cents, reductions
from models.options.events import EventDay, WindowUsage, expected_event_days, reference_dates, window_usage
from models.options.scenarios import ONE
from models.options.year import Year
from models.rates.segments import day_number
from pipelines.offers import comparison_settings, programs, tariffs
from tests.options.years import year

CALENDAR = tariffs().calendar
SETTINGS = comparison_settings()
UNKNOWN = np.array([-1, -1])


@pytest.fixture(scope="module")
def two() -> Year:
    return year(tariffs(), {"A": {}, "B": {"rate_code": "TOU-D-4-9PM"}}, {"A": 900, "B": 1400})


def window(
    program_id: str, day: date, hourly: list[list[int]], reference: list[int], hours: tuple[int, int]
) -> WindowUsage:
    return WindowUsage(program_id, (day,), hours, np.array(hourly)[:, np.newaxis], np.array(reference)[:, np.newaxis])


def test_a_rebate_is_paid_for_what_stays_below_the_reference(two: Year) -> None:
    day = date(2026, 7, 14)
    found = window("PTR", day, [[1000, 1000, 1000, 500], [3000, 3000, 3000, 3000]], [5000, 9000], (14, 18))
    cents = program_cents(programs()["PTR"], two, two.usage, found, None, UNKNOWN, CALENDAR)
    assert two.by_account(cents).tolist() == [-113, 0]  # 1.5 kWh × 0.75 $ = 1.125 $; above the reference: no penalty
    assert cents[two.bills_on(day_number(day))[0]] == -113


def test_without_a_reference_nothing_is_paid(two: Year) -> None:
    found = window("PTR", date(2026, 7, 14), [[1, 1, 1, 1], [1, 1, 1, 1]], [-1, 9000], (14, 18))
    cents = program_cents(programs()["PTR"], two, two.usage, found, None, UNKNOWN, CALENDAR)
    assert two.by_account(cents).tolist() == [0, -675]


def test_event_prices_cost_and_other_summer_afternoons_earn(two: Year) -> None:
    day = date(2026, 7, 14)
    found = window("CPP", day, [[2000] * 5, [0] * 5], [-1, -1], (16, 21))
    cents = two.by_account(program_cents(programs()["CPP"], two, two.usage, found, None, UNKNOWN, CALENDAR))
    weekdays = {}
    for place, name in enumerate(("A", "B")):
        rows = np.flatnonzero(two.batch.account[two.usage.bill] == place)
        total = 0
        for bill in np.unique(two.usage.bill[rows]):
            own = rows[two.usage.bill[rows] == bill]
            months = two.usage.first_day[own].astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 + 1
            energy = int(two.usage.delivered_wh[own[(months >= 6) & (months <= 9)]][:, 16:21].sum())
            if place == 0 and bill == two.bills_on(day_number(day))[0]:
                energy -= 10_000
            total += round(energy * 0.015 / 1 + 1e-9) if energy else 0
        weekdays[name] = total
    assert abs(cents[0] - (800 - weekdays["A"])) <= 4  # the hand computation rounds halves otherwise
    assert abs(cents[1] + weekdays["B"]) <= 4


def test_a_credit_by_tons_and_days_ends_at_its_ceiling(two: Year) -> None:
    program = programs()["SDP"]
    tons = np.array([2000, 8000])
    cents = two.by_account(program_cents(program, two, two.usage, None, None, tons, CALENDAR))
    season = 30 + 31 + 31 + 30 + 1  # 1 June to 1 October
    assert abs(cents[0] + 2 * 36 * season) <= 3  # each bill is rounded
    assert cents[1] == -18_000


def test_a_seasonal_payment_is_spread_over_the_days_of_the_season(two: Year) -> None:
    cents = program_cents(programs()["SEP"], two, two.usage, None, None, UNKNOWN, CALENDAR)
    assert two.by_account(cents).tolist() == [-4000, -4000]
    july = two.bills_on(day_number(date(2026, 7, 1)))[0]
    assert cents[july] == -round(4000 * 31 / 122)
    assert cents[two.bills_on(day_number(date(2026, 1, 1)))[0]] == 0


@settings(max_examples=25)
@given(low=st.integers(0, ONE), high=st.integers(0, ONE))
def test_a_larger_drop_saves_more_and_never_more_than_is_used(two: Year, low: int, high: int) -> None:
    found = window("SEP", date(2026, 7, 14), [[900, 900, 900, 900], [5000, 0, 0, 1]], [-1, -1], (16, 20))
    small, large = sorted((low, high))
    saved = [
        reductions(two, [found], {"SEP": share}, two.usage, CALENDAR).saved_wh.sum(axis=1) for share in (small, large)
    ]
    assert (saved[0] <= saved[1]).all()
    assert saved[1].sum() <= int(found.window_wh.sum()) + 4


def test_of_two_events_on_a_day_the_larger_drop_counts(two: Year) -> None:
    day = date(2026, 7, 14)
    first = window("CPP", day, [[1000] * 5, [1000] * 5], [-1, -1], (16, 21))
    second = window("SEP", day, [[1000] * 4, [1000] * 4], [-1, -1], (16, 20))
    both = reductions(two, [first, second], {"CPP": 10_000, "SEP": 50_000}, two.usage, CALENDAR)
    alone = reductions(two, [second], {"SEP": 50_000}, two.usage, CALENDAR)
    assert (both.saved_wh == alone.saved_wh).all()
    assert both.saved_wh.sum() == 2 * 4 * 500


def test_the_reference_is_the_mean_of_the_three_highest_of_five() -> None:
    days = [date(2026, 7, n) for n in (6, 7, 8, 9, 10, 13)]
    rows = [("A", day, hour, 100 * place) for place, day in enumerate(days, start=1) for hour in range(14, 18)]
    hourly = pl.DataFrame(rows, schema=["account_id", "usage_date", "local_hour", "delivered_wh"], orient="row")
    event = EventDay("PTR", days[5], tuple(days[:5]))
    found = window_usage(["A", "B"], [event], (14, 18), hourly, SETTINGS)
    assert found.reference_wh.tolist() == [[(1200 + 1600 + 2000) // 3], [-1]]
    assert found.window_wh.tolist() == [[2400], [0]]


def test_reference_days_are_eligible_days_without_events() -> None:
    rules = programs()["PTR"].events
    assert rules is not None
    events = [date(2026, 7, 1), date(2026, 7, 8)]
    found = reference_dates(rules, date(2026, 7, 8), events, SETTINGS, CALENDAR)
    assert found == (date(2026, 6, 30), date(2026, 7, 2), date(2026, 7, 3), date(2026, 7, 6), date(2026, 7, 7))


def test_events_fall_on_the_hottest_days_on_which_they_may() -> None:
    days = pl.date_range(date(2025, 8, 1), date(2026, 7, 31), eager=True)
    temperatures = pl.DataFrame({"usage_date": days}).with_columns(
        temperature_degc=20 + (pl.col("usage_date").dt.ordinal_day() % 13).cast(pl.Float64)
    )
    expected = replace(SETTINGS.expected_events["SEP"], event_count=6)
    found = expected_event_days(programs()["SEP"], expected, SETTINGS, temperatures, CALENDAR, date(2026, 8, 1))
    assert len(found) == 6
    assert all(6 <= day.event_date.month <= 9 and not CALENDAR.is_weekend(day.event_date) for day in found)
    assert {day.event_date.timetuple().tm_yday % 13 for day in found} == {12}
