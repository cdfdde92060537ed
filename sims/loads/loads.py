"""All components of a chunk's load, in whole watt-hours by the quarter of an hour."""

from dataclasses import dataclass

import numpy as np

from sims.loads.activity import activity_kw
from sims.loads.base import base_kw
from sims.loads.chunk import CHUNK_PREMISES, Chunk
from sims.loads.climate import condition
from sims.loads.controls import NEUTRAL, Controls
from sims.loads.lighting import lighting_kw
from sims.loads.people import People
from sims.loads.pool import pool_kw
from sims.loads.solar import solar_kw
from sims.loads.vehicle import vehicle_kw
from sims.loads.water import water_heater_kw
from sims.world.calendar import Array, Calendar
from sims.world.weather import Weather

COMPONENTS = (
    "base", "activity", "lighting", "cooling", "heating", "pool", "electric_vehicle", "water_heater", "solar",
)  # fmt: skip
"""Parts of the load; solar is negative or zero, the others are positive or zero."""

_WH_PER_KW = np.float32(250)
_FIRST_INSIDE_F = 74.0


@dataclass(frozen=True)
class LoadState:
    """What goes on from one span of days to the next, each [premise] float32.

    Attributes:
        inside_degf: Temperature inside.
        noise: State of the activity's noise.
    """

    inside_degf: Array
    noise: Array

    @staticmethod
    def first(count: int) -> "LoadState":
        """State before the first day of a world."""
        return LoadState(np.full(count, _FIRST_INSIDE_F, np.float32), np.zeros(count, np.float32))


@dataclass(frozen=True)
class Loads:
    """Loads of a chunk.

    Attributes:
        wh: Watt-hours by component, each [premise, slot] Int32.
        state: State at the end.
    """

    wh: dict[str, Array]
    state: LoadState

    @property
    def net_wh(self) -> Array:
        """Sum of the components, [premise, slot]; negative where the premise exports."""
        total = np.zeros_like(self.wh["base"])
        for part in self.wh.values():
            total += part
        return total


def play_loads(
    chunk: Chunk,
    calendar: Calendar,
    weather: Weather,
    state: LoadState,
    is_out: Array | None = None,
    controls: Controls = NEUTRAL,
) -> Loads:
    """Play the loads of a chunk.

    Every draw comes from a stream of its own for purpose, chunk and day, so that neither events nor other days change
    what is drawn: without `controls` the result is the exact twin of one with them.

    Args:
        chunk: Premises.
        calendar: Days.
        weather: Weather of these days.
        state: State at the end of the day before.
        is_out: Where there is no power, [premise, slot], or None.
        controls: What demand response changes.
    """
    people = People(chunk, calendar)
    ripple = _ripple(chunk, calendar)
    activity, noise = activity_kw(people, state.noise, chunk.uniform("appliances", calendar))
    air = condition(people, weather, state.inside_degf, controls.cooling_offset_degf, is_out)
    kw = {
        "base": base_kw(people, ripple),
        "activity": _kept(activity, controls.activity_share),
        "lighting": lighting_kw(people, weather),
        "cooling": air.cooling_kw,
        "heating": air.heating_kw,
        "pool": _kept(pool_kw(people, ripple), controls.pool_share),
        "electric_vehicle": _kept(vehicle_kw(people), controls.vehicle_share),
        "water_heater": water_heater_kw(people),
        "solar": solar_kw(people, weather, ripple),
    }
    wh = {name: _watt_hours(kw[name], is_out) for name in COMPONENTS}
    return Loads(wh, LoadState(air.temperature_degf, noise))


def _kept(power: Array, share: Array | None) -> Array:
    return power if share is None else power * share


def _watt_hours(power: Array, is_out: Array | None) -> Array:
    """Whole watt-hours of a quarter of an hour; nothing flows where there is no power."""
    wh = np.rint(power * _WH_PER_KW).astype(np.int32)
    if is_out is not None:
        wh[is_out] = 0
    return wh


def _ripple(chunk: Chunk, calendar: Calendar) -> Array:
    """Uniform draws from -1 to 1 in 256 steps, [premise, slot] float32."""
    drawn = np.empty((chunk.count, calendar.slot_count), np.uint8)
    for ordinal, first, end in zip(calendar.ordinals, calendar.first_slot, calendar.first_slot[1:], strict=False):
        day = chunk.draws("ripple", ordinal).integers(0, 256, (CHUNK_PREMISES, end - first), np.uint8)
        drawn[:, first:end] = day[: chunk.count]
    return (drawn.astype(np.float32) - np.float32(127.5)) / np.float32(127.5)
