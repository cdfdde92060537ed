"""Loads go on from span to span, answer to events alone where events are, and follow the people."""

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sims.loads.chunk import Chunk, chunk_of
from sims.loads.controls import NEUTRAL, Controls
from sims.loads.loads import COMPONENTS, Loads, LoadState, play_loads
from sims.world.calendar import Array, Calendar
from sims.world.weather import play_weather
from tests.sims.worlds import FIRST, has_panels, is_business, make_world

COUNT = 24
WORLD = make_world(COUNT)
AUTUMN = Calendar(FIRST, date(2025, 11, 30))
SHARES = ("activity_share", "pool_share", "vehicle_share")


@lru_cache(maxsize=1)
def chunk() -> Chunk:
    return chunk_of(WORLD, 0)


def loads(
    calendar: Calendar, state: LoadState | None = None, is_out: Array | None = None, controls: Controls = NEUTRAL
) -> Loads:
    begin = state or LoadState.first(COUNT)
    return play_loads(chunk(), calendar, play_weather(WORLD.seed, calendar), begin, is_out, controls)


@lru_cache(maxsize=1)
def autumn() -> Loads:
    return loads(AUTUMN)


def by_day(wh: Array, calendar: Calendar = AUTUMN) -> Array:
    return np.asarray(np.add.reduceat(wh, calendar.first_slot[:-1], axis=1))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 59))
@example(31)
@example(32)
def test_days_played_one_after_the_other_are_the_days_played_at_once(cut: int) -> None:
    before = Calendar(FIRST, FIRST + timedelta(days=cut))
    after = Calendar(before.last + timedelta(days=1), AUTUMN.last)
    one = loads(before)
    two = loads(after, one.state)
    for name in COMPONENTS:
        assert np.array_equal(np.concatenate([one.wh[name], two.wh[name]], axis=1), autumn().wh[name])
    assert np.array_equal(two.state.inside_degf, autumn().state.inside_degf)
    assert np.array_equal(two.state.noise, autumn().state.noise)


def test_only_the_sun_takes_load_away() -> None:
    for name, wh in autumn().wh.items():
        assert wh.dtype == np.int32
        assert (wh <= 0).all() if name == "solar" else (wh >= 0).all()
        assert wh.any(), name
    assert np.array_equal(autumn().net_wh, sum(wh.astype(np.int64) for wh in autumn().wh.values()))
    assert set(np.flatnonzero(autumn().wh["solar"].any(axis=1))) == {n for n in range(COUNT) if has_panels(n)}


def test_neutral_controls_change_nothing() -> None:
    shape = (COUNT, AUTUMN.slot_count)
    shares = {name: np.ones(shape, np.float32) for name in SHARES}
    neutral = Controls(np.zeros(shape, np.float32), **shares)
    played = loads(AUTUMN, controls=neutral)
    assert all(np.array_equal(played.wh[name], autumn().wh[name]) for name in COMPONENTS)
    assert np.array_equal(played.state.inside_degf, autumn().state.inside_degf)


@settings(max_examples=8, deadline=None)
@given(st.sets(st.integers(0, COUNT - 1), min_size=1, max_size=8), st.integers(0, 5_000), st.integers(1, 40))
def test_the_no_event_twin_is_exact(premises: set[int], first: int, length: int) -> None:
    shape = (COUNT, AUTUMN.slot_count)
    rows = np.array(sorted(premises))
    cells = np.ix_(rows, np.arange(first, first + length))
    offset = np.zeros(shape, np.float32)
    offset[cells] = 4
    shares = {name: np.ones(shape, np.float32) for name in SHARES}
    for share in shares.values():
        share[cells] = 0.4
    event = loads(AUTUMN, controls=Controls(offset, **shares))
    others = np.setdiff1d(np.arange(COUNT), rows)
    for name in COMPONENTS:
        twin, played = autumn().wh[name], event.wh[name]
        assert np.array_equal(played[others], twin[others])
        assert np.array_equal(played[:, :first], twin[:, :first])
        if name not in ("cooling", "activity", "pool", "electric_vehicle"):
            assert np.array_equal(played, twin)
    assert (event.wh["activity"][cells] <= autumn().wh["activity"][cells]).all()
    assert event.wh["activity"][cells].sum() < autumn().wh["activity"][cells].sum()


def test_a_raised_set_point_drops_cooling_at_once_and_brings_it_back_later() -> None:
    days = Calendar(date(2026, 8, 1), date(2026, 8, 12))
    shape = (COUNT, days.slot_count)
    offset = np.zeros(shape, np.float32)
    first = int(days.first_slot[8]) + 64
    offset[:, first : first + 16] = 4
    twin, event = loads(days), loads(days, controls=Controls(offset))
    drop = (twin.wh["cooling"] - event.wh["cooling"]).sum(axis=0)
    assert drop[first] > 0
    assert drop[first : first + 4].sum() > drop[first + 12 : first + 16].sum()
    assert drop[first + 16 : first + 24].sum() < 0


def test_nothing_flows_in_an_outage_and_others_notice_nothing() -> None:
    is_out = np.zeros((COUNT, AUTUMN.slot_count), np.bool_)
    is_out[3, 1000:1040] = True
    played = loads(AUTUMN, is_out=is_out)
    others = np.arange(COUNT) != 3
    for name in COMPONENTS:
        assert not played.wh[name][3, 1000:1040].any()
        assert np.array_equal(played.wh[name][others], autumn().wh[name][others])
        assert np.array_equal(played.wh[name][:, :1000], autumn().wh[name][:, :1000])


def test_people_who_are_away_switch_little_on() -> None:
    active = by_day(autumn().wh["activity"])
    for number, start, end in WORLD.vacations.iter_rows():
        if is_business(number):
            continue
        days = slice(AUTUMN.place(start), AUTUMN.place(end))
        assert active[number, days].mean() < 0.3 * np.median(active[number])
        first, end = (int(AUTUMN.first_slot[day]) for day in (days.start, days.stop))
        assert not autumn().wh["electric_vehicle"][number, first + 60 : end].any()


def test_a_vacant_premise_keeps_its_refrigerator_and_nothing_else() -> None:
    vacant = slice(*(int(AUTUMN.first_slot[day]) for day in (21, 33)))
    for name in set(COMPONENTS) - {"base"}:
        assert not autumn().wh[name][7, vacant].any(), name
    assert (autumn().wh["base"][7, vacant] > 0).all()
    assert by_day(autumn().wh["activity"])[7, 33:].all()


def test_businesses_rest_on_their_free_days_and_at_night() -> None:
    active = by_day(autumn().wh["activity"])[11]
    assert active[~AUTUMN.is_free].mean() > 2.5 * active[AUTUMN.is_free].mean()
    by_night = autumn().wh["activity"][11, AUTUMN.quarter < 24].mean()
    assert autumn().wh["activity"][11, (AUTUMN.quarter > 40) & (AUTUMN.quarter < 64)].mean() > 3 * by_night


def test_pool_pumps_keep_to_their_clock_past_midnight() -> None:
    pool = autumn().wh["pool"]
    for number, first in ((1, 36), (11, 90)):
        is_on = (AUTUMN.quarter - first) % 96 < 20
        assert (pool[number, is_on] > 0).all()
        assert not pool[number, ~is_on].any()


def test_vehicles_charge_on_through_midnight() -> None:
    charge = autumn().wh["electric_vehicle"][[1, 6]]
    assert charge.max() <= 7_200 / 4
    nights = charge[:, AUTUMN.first_slot[1:-1]] * charge[:, AUTUMN.first_slot[1:-1] - 1]
    assert (nights > 0).any()
    mean = by_day(charge).mean()
    assert mean == pytest.approx(0.62 * 9_000, rel=0.25)


def test_lighting_follows_the_season() -> None:
    year = Calendar(date(2025, 7, 1), date(2025, 12, 31))
    light = by_day(loads(year).wh["lighting"], year)
    homes = [number for number in range(COUNT) if not is_business(number) and number != 7]
    summer, winter = light[homes][:, :31].mean(), light[homes][:, -31:].mean()
    assert winter > 1.15 * summer


def test_children_at_home_use_more_by_day_in_a_school_break() -> None:
    days = Calendar(date(2026, 6, 8), date(2026, 6, 19))
    assert days.is_school_break.tolist() == [False] * 5 + [True] * 7
    weather, state = play_weather(WORLD.seed, days), LoadState.first(COUNT)
    childless = chunk().behaviours.with_columns(school_break_ratio=pl.lit(1, pl.Float32))
    with_children = play_loads(chunk(), days, weather, state).wh["activity"]
    without = play_loads(replace(chunk(), behaviours=childless), days, weather, state).wh["activity"]
    is_break = days.is_school_break[days.day] & ~days.is_free[days.day] & (days.quarter >= 44) & (days.quarter < 56)
    by_night = ~days.is_school_break[days.day] | (days.quarter < 24) | (days.quarter >= 84)
    assert np.array_equal(with_children[:, by_night], without[:, by_night])
    is_family = np.arange(COUNT) % 3 == 0
    assert np.array_equal(with_children[~is_family], without[~is_family])
    alone = np.maximum(without[is_family][:, is_break], 1)
    ratio = with_children[is_family][:, is_break] / alone
    assert np.median(ratio) == pytest.approx(1.45, rel=0.03)
