"""No clock moves everybody at once: the load of the whole system changes step by step; panels and timers do as told."""

from datetime import date
from functools import lru_cache

import numpy as np
import pytest

from sims.loads.chunk import chunk_count, chunk_of
from sims.loads.loads import COMPONENTS, LoadState, play_loads
from sims.world.build import build_world
from sims.world.calendar import Array, Calendar
from sims.world.frames import SCALES, World
from sims.world.weather import play_weather

SEED = 7
LARGEST_STEP = 0.08
MONTHS = {
    "January": Calendar(date(2026, 1, 1), date(2026, 1, 31)),
    "July": Calendar(date(2026, 7, 1), date(2026, 7, 31)),
}


@lru_cache(maxsize=1)
def population() -> World:
    scale = SCALES["demo"]
    return build_world(scale, SEED, date(2025, 12, 1), scale.last_date)


@lru_cache(maxsize=2)
def mean_day(month: str) -> dict[str, Array]:
    """Mean kW of all premises together by component and quarter of the day."""
    calendar = MONTHS[month]
    weather = play_weather(SEED, calendar)
    sums = {name: np.zeros(calendar.slot_count) for name in COMPONENTS}
    for number in range(chunk_count(population())):
        chunk = chunk_of(population(), number)
        for name, wh in play_loads(chunk, calendar, weather, LoadState.first(chunk.count)).wh.items():
            sums[name] += wh.sum(axis=0) / 250
    return {name: kw.reshape(-1, 96).mean(axis=0) for name, kw in sums.items()}


@pytest.mark.parametrize("month", MONTHS)
def test_the_system_load_never_leaps(month: str) -> None:
    net = np.sum(list(mean_day(month).values()), axis=0)
    steps = np.abs(np.roll(net, -1) / net - 1)
    assert steps.max() < LARGEST_STEP, f"at quarter {(int(steps.argmax()) + 1) % 96}"


def test_vehicles_on_their_rate_charge_after_nine_and_not_all_at_once() -> None:
    by_hour = mean_day("July")["electric_vehicle"].reshape(24, 4).sum(axis=1)
    dear, cheap = by_hour[16:21].mean(), by_hour[[21, 22, 23, 0, 1]].mean()
    assert cheap > 1.3 * dear > 0
    timers = population().behaviours.filter(population().behaviours["ev_timer_hour"] > 0)["ev_timer_hour"].to_numpy()
    assert timers.min() >= 21
    assert timers.std() > 0.9


def test_panels_give_what_panels_in_southern_california_give() -> None:
    calendar = Calendar(date(2025, 9, 1), date(2026, 8, 31))
    weather = play_weather(SEED, calendar)
    chunk = chunk_of(population(), 1)
    solar = -play_loads(chunk, calendar, weather, LoadState.first(chunk.count)).wh["solar"].sum(axis=1) / 1000
    premises = chunk.premises
    whole_year = (premises["pv_since_date"] < calendar.first).fill_null(value=False).to_numpy()
    per_kw = solar[whole_year] / premises["pv_kw"].to_numpy()[whole_year]
    assert whole_year.sum() > 20
    assert 1_450 < per_kw.mean() < 1_650
