"""The weather is the same whichever days are asked for, and it is weather."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sims.world.calendar import Calendar, holidays, months
from sims.world.frames import TIME_ZONE, ZONES
from sims.world.weather import Weather, observations, play_weather
from tests.sims.worlds import make_world

YEAR = Calendar(date(2025, 7, 1), date(2026, 6, 30))
ARRAYS = ("temperature_degf", "dew_point_degf", "irradiance_w_per_m2", "solar_yield")


@pytest.fixture(scope="module")
def year() -> Weather:
    return play_weather(7, YEAR)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 364), st.integers(0, 40))
@example(124, 0)
@example(125, 3)
@example(250, 0)
def test_any_span_of_days_has_the_weather_of_the_whole(year: Weather, offset: int, length: int) -> None:
    first = YEAR.first + timedelta(days=offset)
    span = Calendar(first, min(first + timedelta(days=length), YEAR.last))
    begin = int(YEAR.first_slot[offset])
    played = play_weather(7, span)
    for name in ARRAYS:
        assert np.array_equal(getattr(played, name), getattr(year, name)[:, begin : begin + span.slot_count])
    assert np.array_equal(played.darkness, year.darkness[begin : begin + span.slot_count])


def test_another_seed_has_other_weather(year: Weather) -> None:
    assert not np.array_equal(play_weather(8, YEAR).temperature_degf, year.temperature_degf)


def test_the_sun_sets_and_the_air_follows_the_seasons(year: Weather) -> None:
    is_night = (YEAR.quarter < 16) | (YEAR.quarter >= 88)
    assert (year.irradiance_w_per_m2[:, is_night] == 0).all()
    assert (year.darkness[is_night] == 1).all()
    assert (year.darkness[(YEAR.quarter > 40) & (YEAR.quarter < 56)] == 0).all()
    assert 850 < year.irradiance_w_per_m2.max() < 1100
    month = YEAR.daily(np.array([day.month for day in YEAR.dates]))
    for zone in range(len(ZONES)):
        mean = {m: year.temperature_degf[zone, month == m].mean() for m in (1, 8)}
        assert mean[8] - mean[1] > 6
        assert 1_500 < year.solar_yield[zone].sum() / 4 < 2_300
    assert (year.temperature_degf.max(axis=1)[1:] > year.temperature_degf.max(axis=1)[0]).all()
    assert (year.dew_point_degf < year.temperature_degf).all()
    for name in ARRAYS:
        assert np.isfinite(getattr(year, name)).all()


def test_days_resemble_the_days_before_and_zones_each_other(year: Weather) -> None:
    daily = np.add.reduceat(year.temperature_degf, YEAR.first_slot[:-1], axis=1) / np.diff(YEAR.first_slot)
    season = np.array([np.convolve(row, np.ones(61) / 61, mode="same") for row in daily])
    odd = (daily - season)[:, 40:-40]
    assert 0.55 < np.corrcoef(odd[0, 1:], odd[0, :-1])[0, 1] < 0.9
    assert np.corrcoef(odd[1], odd[2])[0, 1] > 0.6
    assert 3 < odd.std() < 8


def test_stations_observe_every_hour_of_every_local_day(year: Weather) -> None:
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    world = make_world(1, seed=7)
    seen = observations(world, first, last)
    assert seen["climate_zone"].unique(maintain_order=True).to_list() == list(ZONES)
    local = pl.col("hour_start_utc").dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE)
    per_day = seen.group_by("zone_number", local.dt.date().alias("day")).len()
    assert per_day.height == 4 * 31
    assert set(per_day.filter(pl.col("day") == date(2026, 3, 8))["len"]) == {23}
    assert set(per_day.filter(pl.col("day") != date(2026, 3, 8))["len"]) == {24}
    assert seen.null_count().sum_horizontal().item() == 0
    begin = YEAR.slot_at(first, 0)
    hour = year.temperature_degf[0, begin : begin + 4].astype(np.float64).mean()
    assert seen["temperature_degc"][0] == round((hour - 32) / 1.8, 1)
    assert seen["irradiance_w_per_m2"].is_between(0, 1_500).all()


def test_local_days_have_92_96_and_100_quarters_and_follow_on_each_other() -> None:
    days = Calendar(date(2025, 10, 1), date(2026, 3, 31))
    lengths = dict(zip(days.dates, np.diff(days.first_slot).tolist(), strict=True))
    assert {day for day, length in lengths.items() if length != 96} == {date(2025, 11, 2), date(2026, 3, 8)}
    assert (lengths[date(2025, 11, 2)], lengths[date(2026, 3, 8)]) == (100, 92)
    assert days.slot_count == sum(lengths.values()) == len(days.start_utc)
    assert (np.diff(days.start_utc) == np.timedelta64(900, "s")).all()
    assert (days.quarter[days.first_slot[:-1]] == 0).all()
    joined = [day for month in months(days.first, days.last) for day in Calendar(*month).dates]
    assert joined == days.dates


@pytest.mark.parametrize("year", range(2020, 2036))
def test_holidays_fall_on_their_weekdays(year: int) -> None:
    new_year, memorial, independence, labor, thanksgiving, christmas = holidays(year)
    assert (memorial.weekday(), labor.weekday(), thanksgiving.weekday()) == (0, 0, 3)
    assert (memorial + timedelta(days=7)).month == 6
    assert labor.day <= 7
    assert 22 <= thanksgiving.day <= 28
    assert [(day.month, day.day) for day in (new_year, independence, christmas)] == [(1, 1), (7, 4), (12, 25)]
