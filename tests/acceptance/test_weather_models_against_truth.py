"""Weather models beside the simulator's own cooling and heating, and beside the same year played in other weather.

The models see nothing but daily energy and daily mean temperatures. Homes without panels: what panels make hides a part
of what others use.
"""

import os
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from models.usage.regression import NO_BALANCE, fit
from pipelines.reference import usage_settings
from sims.loads.chunk import chunk_count, chunk_of
from sims.loads.loads import LoadState, play_loads
from sims.world.build import build_world
from sims.world.calendar import Calendar, months
from sims.world.frames import SCALES, World
from sims.world.weather import play_weather
from tests.acceptance.record import record

pytestmark = pytest.mark.acceptance

SCALE = os.environ.get("METERHOUSE_ACCEPT_SCALE", "demo")
SEED, OTHER_SEED, DAYS = 7, 8, 365

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Year:
    """A year of homes without panels in one weather.

    Attributes:
        use_wh: [home, day].
        cooling_wh: [home].
        heating_wh: [home].
        zone: [home].
        temperature_tenths: Daily mean in tenths of a °C, [zone, day].
        month: [day].
    """

    use_wh: npt.NDArray[np.int64]
    cooling_wh: Array
    heating_wh: Array
    zone: npt.NDArray[np.int64]
    temperature_tenths: npt.NDArray[np.int64]
    month: npt.NDArray[np.int64]


def play(world: World, weather_seed: int) -> Year:
    """The last year of a world, in the weather of a seed."""
    first = world.last_date - timedelta(days=DAYS - 1)
    chunks = [chunk_of(world, number) for number in range(chunk_count(world))]
    states = [LoadState.first(chunk.count) for chunk in chunks]
    use, cooling, heating, tenths, month = [], [], [], [], []
    for span in months(first, world.last_date):
        calendar = Calendar(*span)
        weather = play_weather(weather_seed, calendar)
        starts = calendar.first_slot[:-1]
        parts = []
        for place, chunk in enumerate(chunks):
            loads = play_loads(chunk, calendar, weather, states[place])
            states[place] = loads.state
            parts.append([loads.net_wh - loads.wh["solar"], loads.wh["cooling"], loads.wh["heating"]])
        whole, cool, heat = (np.concatenate([part[kind] for part in parts]) for kind in range(3))
        use.append(np.add.reduceat(whole, starts, axis=1))
        cooling.append(cool.sum(axis=1))
        heating.append(heat.sum(axis=1))
        slots = np.diff(calendar.first_slot)
        celsius = (np.add.reduceat(weather.temperature_degf, starts, axis=1) / slots - 32) / 1.8
        tenths.append(np.rint(celsius * 10))
        month.append(np.full(len(starts), span[0].month))
    premises = world.premises.sort("premise_number")
    is_home = ~premises["is_business"].to_numpy() & (premises["pv_kw"].to_numpy() == 0)
    zone = np.concatenate([chunk.zone for chunk in chunks])
    return Year(
        use_wh=np.concatenate(use, axis=1)[is_home].astype(np.int64),
        cooling_wh=np.sum(cooling, axis=0)[is_home],
        heating_wh=np.sum(heating, axis=0)[is_home],
        zone=zone[is_home].astype(np.int64),
        temperature_tenths=np.concatenate(tenths, axis=1).astype(np.int64),
        month=np.concatenate(month),
    )


@dataclass(frozen=True)
class Modelled:
    """What the models say of the homes, in Wh by home and day: in their own weather and in the other."""

    cooling: Array
    heating: Array
    own: Array
    other: Array


@pytest.fixture(scope="module")
def years() -> tuple[Year, Year]:
    last = SCALES[SCALE].last_date
    world = build_world(SCALES[SCALE], SEED, date(last.year - 1, last.month - 1, 1), last)
    return play(world, SEED), play(world, OTHER_SEED)


@pytest.fixture(scope="module")
def modelled(years: tuple[Year, Year]) -> Modelled:
    own, other = years
    says = {name: np.zeros(own.use_wh.shape) for name in Modelled.__dataclass_fields__}
    for zone in np.unique(own.zone):
        rows = own.zone == zone
        found = fit(
            own.use_wh[rows], np.ones((rows.sum(), DAYS), dtype=bool), own.temperature_tenths[zone],
            usage_settings().weather_model,
        )  # fmt: skip
        for name, year in (("own", own), ("other", other)):
            below = found.heating_tenths[:, None] - year.temperature_tenths[zone]
            above = year.temperature_tenths[zone] - found.cooling_tenths[:, None]
            heating = found.heating_wh[:, None] * np.where(found.heating_tenths[:, None] == NO_BALANCE, 0, below) / 10
            cooling = found.cooling_wh[:, None] * np.where(found.cooling_tenths[:, None] == NO_BALANCE, 0, above) / 10
            if name == "own":
                says["heating"][rows], says["cooling"][rows] = np.maximum(heating, 0), np.maximum(cooling, 0)
            says[name][rows] = found.base_wh[:, None] + np.maximum(heating, 0) + np.maximum(cooling, 0)
    return Modelled(**says)


@pytest.mark.parametrize(("kind", "limit"), [("cooling", 0.05), ("heating", 0.15)])
def test_the_parts_that_follow_the_weather_are_cooling_and_heating(
    years: tuple[Year, Year], modelled: Modelled, kind: str, limit: float
) -> None:
    true: Array = getattr(years[0], f"{kind}_wh")
    model: Array = getattr(modelled, kind).sum(axis=1)
    error = abs(float(model.sum() / true.sum()) - 1)
    alike = float(np.corrcoef(model, true)[0, 1])
    check = f"weather models: {kind} of homes in a year"
    kept = record(f"{check}, error of the sum", error, limit, "ratio", SCALE)
    assert record(f"{check}, correlation between homes", alike, 0.85, "ratio", SCALE, is_minimum=True)
    assert kept


def test_use_in_other_weather_is_foretold(years: tuple[Year, Year], modelled: Modelled) -> None:
    """Observed use, plus the model in the other weather, less the model in its own: what homes use when it comes."""
    own, other = years
    of_month = np.array([own.month == number for number in range(1, 13)]).T.astype(np.float64)
    true = other.use_wh @ of_month
    observed = own.use_wh @ of_month
    foretold = observed + (modelled.other - modelled.own) @ of_month
    # All homes together, so that what single homes do otherwise from month to month does not hide the weather.
    left = np.abs((foretold - true).sum(axis=0)).sum() / true.sum()
    moved = np.abs((observed - true).sum(axis=0)).sum() / true.sum()
    check = "weather models: months of all homes in other weather"
    kept = record(f"{check}, error", float(left), 0.02, "ratio", SCALE)
    assert record(f"{check}, error left of that without normalisation", float(left / moved), 0.5, "ratio", SCALE)
    assert kept
