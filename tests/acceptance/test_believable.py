"""The simulated loads beside what is known of Southern Californian customers."""

import os
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from sims.loads.chunk import chunk_count, chunk_of
from sims.loads.loads import LoadState, play_loads
from sims.world.build import build_world
from sims.world.calendar import Calendar, months
from sims.world.frames import SCALES, World
from sims.world.weather import play_weather
from tests.acceptance.record import record

pytestmark = pytest.mark.acceptance

SCALE = os.environ.get("METERHOUSE_ACCEPT_SCALE", "demo")
SEED, DAYS = 7, 365
HOME_KWH = {10: 4_240, 50: 7_000, 90: 11_100}
HOME_TOLERANCE, BUSINESS_TOLERANCE = 0.10, 0.15
BUSINESS_KWH = 26_000

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Year:
    """Figures of a year of loads.

    Attributes:
        use_kwh: Energy used, solar generation not taken off, [premise].
        daily_kwh: The same by day, [premise, day].
        peak_ratio: Greatest over third greatest quarter-hour of net load in a month, mean of the months, [premise].
        system_kw: Sum of the net load, [slot].
        system_hour: Hour of the local wall clock, [slot].
        home_kw: Sum of the use of homes, [slot].
        is_business: [premise].
        has_panels: [premise].
    """

    use_kwh: Array
    daily_kwh: Array
    peak_ratio: Array
    system_kw: Array
    system_hour: Array
    home_kw: Array
    is_business: npt.NDArray[np.bool_]
    has_panels: npt.NDArray[np.bool_]


def year_of(world: World) -> Year:
    """Play the loads of the last year of a world."""
    first = world.last_date - timedelta(days=DAYS - 1)
    states = [LoadState.first(chunk_of(world, number).count) for number in range(chunk_count(world))]
    chunks = [chunk_of(world, number) for number in range(chunk_count(world))]
    daily, ratios, system, hours, homes = [], [], [], [], []
    is_business = world.premises.sort("premise_number")["is_business"].to_numpy()
    for span in months(first, world.last_date):
        calendar = Calendar(*span)
        weather = play_weather(world.seed, calendar)
        nets, uses = [], []
        for place, chunk in enumerate(chunks):
            loads = play_loads(chunk, calendar, weather, states[place])
            states[place] = loads.state
            nets.append(loads.net_wh)
            uses.append(loads.net_wh - loads.wh["solar"])
        net, use = np.concatenate(nets), np.concatenate(uses)
        daily.append(np.add.reduceat(use, calendar.first_slot[:-1], axis=1) / 1_000)
        top = np.partition(net, -3, axis=1)[:, -3:]
        ratios.append(top.max(axis=1) / np.maximum(top.min(axis=1), 1))
        system.append(net.sum(axis=0) / 250)
        homes.append(use[~is_business].sum(axis=0) / 250)
        hours.append(calendar.quarter // 4)
    days = np.concatenate(daily, axis=1)
    return Year(
        use_kwh=days.sum(axis=1),
        daily_kwh=days,
        peak_ratio=np.mean(ratios, axis=0),
        system_kw=np.concatenate(system),
        system_hour=np.concatenate(hours),
        home_kw=np.concatenate(homes),
        is_business=is_business,
        has_panels=(world.premises.sort("premise_number")["pv_kw"] > 0).to_numpy(),
    )


@pytest.fixture(scope="module")
def year() -> Year:
    """A year of the population."""
    last = SCALES[SCALE].last_date
    return year_of(build_world(SCALES[SCALE], SEED, date(last.year - 1, last.month - 1, 1), last))


def within(check: str, figure: float, low: float, high: float, unit: str) -> bool:
    """Record a figure against both ends of its range."""
    at_most = record(f"believable: {check}", figure, high, unit, SCALE)
    return record(f"believable: {check}, at least", figure, low, unit, SCALE, is_minimum=True) and at_most


def homes(year: Year) -> npt.NDArray[np.bool_]:
    """Homes without panels, whose meter shows what they use."""
    return ~year.is_business & ~year.has_panels


@pytest.mark.parametrize(("percent", "kwh"), HOME_KWH.items())
def test_homes_use_what_californian_homes_use(year: Year, percent: int, kwh: float) -> None:
    figure = float(np.percentile(year.use_kwh[homes(year)], percent))
    bounds = kwh * (1 - HOME_TOLERANCE), kwh * (1 + HOME_TOLERANCE)
    assert within(f"annual kWh of homes without panels, P{percent}", figure, *bounds, "kWh")


def test_small_businesses_use_what_small_businesses_use(year: Year) -> None:
    figure = float(np.median(year.use_kwh[year.is_business]))
    bounds = BUSINESS_KWH * (1 - BUSINESS_TOLERANCE), BUSINESS_KWH * (1 + BUSINESS_TOLERANCE)
    assert within("annual kWh of small businesses, median", figure, *bounds, "kWh")


def test_the_system_peaks_in_the_early_evening(year: Year) -> None:
    hour = float(year.system_hour[np.argmax(year.system_kw)])
    assert within("hour of the coincident peak", hour, 17, 19, "hour")


def test_homes_together_have_the_load_factor_of_their_class(year: Year) -> None:
    figure = float(year.home_kw.mean() / year.home_kw.max())
    assert within("load factor of homes together", figure, 0.25, 0.55, "ratio")


def test_days_differ(year: Year) -> None:
    daily = year.daily_kwh[homes(year)]
    weeks = daily[:, : daily.shape[1] // 7 * 7].reshape(len(daily), -1, 7)
    spread = weeks.std(axis=2).mean(axis=1) / weeks.mean(axis=(1, 2))
    assert within("day-to-day variation within a week, median", float(np.median(spread)), 0.12, 0.40, "ratio")


def test_single_quarters_stand_out_a_little(year: Year) -> None:
    figure = float(np.median(year.peak_ratio[homes(year)]))
    assert within("greatest over third greatest quarter of a month, median", figure, 1.05, 1.45, "ratio")


def test_one_home_in_seven_has_panels(year: Year) -> None:
    figure = float(year.has_panels[~year.is_business].mean())
    assert within("share of homes with panels", figure, 0.13, 0.18, "ratio")
