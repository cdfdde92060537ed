"""Cooling and heating: a building with one temperature, a thermostat and weather outside."""

from dataclasses import dataclass

import numpy as np

from sims.loads.chunk import CHUNK_PREMISES
from sims.loads.people import People
from sims.loads.shapes import absence_shapes, night_shapes
from sims.world.calendar import Array
from sims.world.weather import Weather

_GAIN_F, _SUN_GAIN_F = 3.0, 4.0
_COOLING_REACH_F, _HEATING_REACH_F = 32.0, 45.0
"""How far the machine at full duty keeps the inside from where it would be in the long run."""
_DAY_SPREAD_F = 0.8
_BEGIN_AFTER_HOURS = 1.4
_LEAST_AWAY_F, _VACANT_F = 3.0, 9.0
_RATED_F, _DRIFT_PER_F = 90.0, 0.008


@dataclass(frozen=True)
class Conditioning:
    """What cooling and heating take.

    Attributes:
        cooling_kw: [premise, slot].
        heating_kw: [premise, slot].
        temperature_degf: Inside temperature at the end, [premise].
    """

    cooling_kw: Array
    heating_kw: Array
    temperature_degf: Array


def condition(
    people: People, weather: Weather, inside_degf: Array, offset_degf: Array | None, is_out: Array | None
) -> Conditioning:
    """Play thermostats through the weather.

    The building without a machine nears the outside and its gains with its time constant; the machine takes the share
    of its capacity that brings the set point back within the slot. Its power rises by .8 % per °F outside.

    Args:
        people: People of the chunk.
        weather: Weather of the calendar.
        inside_degf: Inside temperature at the end of the slot before, [premise].
        offset_degf: Added to the cooling set point, [premise, slot], or None.
        is_out: Where there is no power, [premise, slot], or None.
    """
    chunk = people.chunk
    cooling, heating = chunk.physics("cooling_kw"), chunk.physics("heating_kw")
    outside = weather.temperature_degf[chunk.zone]
    cool_at, heat_at = _set_points(people)
    if offset_degf is not None:
        cool_at = cool_at + offset_degf
    keep = np.exp(-0.25 / chunk.physics("time_constant_hours")).astype(np.float32)
    drive = outside + np.float32(_GAIN_F) + np.float32(_SUN_GAIN_F / 1000) * weather.irradiance_w_per_m2[chunk.zone]
    drive *= (1 - keep)[:, None]
    runs = np.ones(outside.shape, np.float32) if is_out is None else (~is_out).astype(np.float32)
    cool_duty, heat_duty, inside = _thermostat(
        [np.ascontiguousarray(values.T) for values in (drive, cool_at, heat_at)],
        [np.ascontiguousarray((runs * (rated > 0)[:, None]).T) for rated in (cooling, heating)],
        keep,
        inside_degf,
    )
    load = np.maximum(1 + np.float32(_DRIFT_PER_F) * (outside - np.float32(_RATED_F)), np.float32(0.6))
    return Conditioning(cooling[:, None] * cool_duty.T * load, heating[:, None] * heat_duty.T, inside)


def _thermostat(course: list[Array], most: list[Array], keep: Array, inside: Array) -> tuple[Array, Array, Array]:
    """Duties of cooling and heating, [slot, premise], and the inside temperature at the end."""
    drive, cool_at, heat_at = course
    cool_duty, heat_duty = np.empty_like(drive), np.empty_like(drive)
    down, up = ((1 - keep) * np.float32(reach) for reach in (_COOLING_REACH_F, _HEATING_REACH_F))
    per_down, per_up = 1 / down, 1 / up
    zero = np.float32(0)
    temperature, moved = inside.copy(), np.empty_like(inside)
    for slot in range(len(drive)):
        temperature *= keep
        temperature += drive[slot]
        cool, heat = cool_duty[slot], heat_duty[slot]
        np.subtract(temperature, cool_at[slot], out=cool)
        cool *= per_down
        np.maximum(cool, zero, out=cool)
        np.minimum(cool, most[0][slot], out=cool)
        np.subtract(heat_at[slot], temperature, out=heat)
        heat *= per_up
        np.maximum(heat, zero, out=heat)
        np.minimum(heat, most[1][slot], out=heat)
        np.multiply(cool, down, out=moved)
        temperature -= moved
        np.multiply(heat, up, out=moved)
        temperature += moved
    return cool_duty, heat_duty, temperature


def _set_points(people: People) -> tuple[Array, Array]:
    """Set points of cooling and heating in °F, [premise, slot]."""
    calendar = people.calendar
    comfort, whole_day = (
        np.concatenate([before, days], axis=1)
        for before, days in zip(_of_days(people.before), _of_days(people), strict=True)
    )
    begun = _begun_day(people)
    set_back = people.shaped(absence_shapes(people)) * calendar.daily(people.daily("away_setback_degf"))
    np.maximum(set_back, np.take_along_axis(whole_day, begun, axis=1), out=set_back)
    night = people.shaped(night_shapes(people)) * calendar.daily(people.daily("night_setback_degf"))
    wish = np.take_along_axis(comfort, begun, axis=1)
    cool_at = calendar.daily(people.daily("cooling_set_point_degf")) + wish + set_back - night
    heat_at = calendar.daily(people.daily("heating_set_point_degf")) + wish - set_back - 2 * night
    return cool_at, heat_at


def _of_days(people: People) -> tuple[Array, Array]:
    """What people wish for beyond their habit on each day, and their set-back for whole days, °F, [premise, day]."""
    drawn = [people.chunk.draws("comfort", day).standard_normal(CHUNK_PREMISES) for day in people.calendar.ordinals]
    comfort = _DAY_SPREAD_F * np.array(drawn, np.float32).T[: people.chunk.count]
    away = np.where(people.is_away, np.maximum(people.daily("away_setback_degf"), _LEAST_AWAY_F), 0)
    return comfort, np.where(people.is_vacant, _VACANT_F, away).astype(np.float32)


def _begun_day(people: People) -> Array:
    """Place of the day that has begun for a household, the day before the first one being 0, [premise, slot].

    A day begins some time after the household's morning hour, not at midnight for all at once.
    """
    calendar = people.calendar
    begins = calendar.daily(np.floor(4 * (people.daily("morning_hour") + _BEGIN_AFTER_HOURS)))
    return np.asarray(calendar.day + (calendar.quarter >= begins))
