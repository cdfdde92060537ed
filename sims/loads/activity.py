"""Activity: what people switch on while they are there, smooth and in lumps."""

import numpy as np

from sims.loads.chunk import CHUNK_PREMISES
from sims.loads.people import People
from sims.loads.shapes import activity_shapes, school_shapes
from sims.world.calendar import Array

_MEMORY, _SPREAD, _DAY_SPREAD = 0.62, 0.55, 0.22
_LUMP_SHARE, _LUMP_KW = 0.3, (0.6, 2.2)
_MOST_LUMP_CHANCE = 0.35


def activity_kw(people: People, noise: Array, lumps: Array) -> tuple[Array, Array]:
    """Power of the activity and the noise that goes on.

    A level by day times the shape of the day times log-normal noise with a memory of .62 per quarter; in homes three
    tenths of it come as appliances of 0.6 to 2.2 kW. The mean over many ordinary weeks is the behaviour's
    `activity_kw`.

    Args:
        people: People of the chunk.
        noise: State of the noise at the end of the slot before, [premise].
        lumps: Uniform draws from 0 to 1, [premise, slot].

    Returns:
        kW by [premise, slot], and the state of the noise at the end.
    """
    calendar = people.calendar
    level = people.daily("activity_kw") * _day_factor(people) * people.presence
    power = people.shaped(activity_shapes(people))
    power *= calendar.daily(level)
    if calendar.is_school_break.any():
        power *= _school_breaks(people)
    is_home = ~people.chunk.is_trade[people.row]
    share = calendar.daily(np.where(is_home, _LUMP_SHARE, 0).astype(np.float32))
    chance = power * share
    power -= chance
    spread, last = _noise(people, noise)
    power *= spread
    power += _lumps(chance, lumps)
    return power, last


def _day_factor(people: People) -> Array:
    drawn = [people.chunk.draws("activity", day).standard_normal(CHUNK_PREMISES) for day in people.calendar.ordinals]
    return np.asarray(np.exp(_DAY_SPREAD * np.array(drawn, np.float32).T[: people.chunk.count] - _DAY_SPREAD**2 / 2))


def _school_breaks(people: People) -> Array:
    """What children at home add by day, [premise, slot]."""
    calendar = people.calendar
    more = np.where(calendar.is_school_break, np.maximum(people.daily("school_break_ratio") - 1, 0), 0)
    return 1 + people.shaped(school_shapes(people)) * calendar.daily(more.astype(np.float32))


def _noise(people: People, state: Array) -> tuple[Array, Array]:
    """Log-normal noise of mean 1, [premise, slot], and its state at the end."""
    calendar, count = people.calendar, people.chunk.count
    values = np.empty((calendar.slot_count, count), np.float32)
    for day, first, end in zip(calendar.ordinals, calendar.first_slot, calendar.first_slot[1:], strict=False):
        drawn = people.chunk.draws("activity noise", day).standard_normal((end - first, CHUNK_PREMISES), np.float32)
        values[first:end] = drawn[:, :count]
    values *= np.float32(_SPREAD * (1 - _MEMORY**2) ** 0.5)
    previous = state
    for slot in range(len(values)):
        values[slot] += np.float32(_MEMORY) * previous
        previous = values[slot]
    last = previous.copy()
    values -= np.float32(_SPREAD**2 / 2)
    np.exp(values, out=values)
    return np.ascontiguousarray(values.T), last


def _lumps(mean: Array, draws: Array) -> Array:
    """Appliances whose power is `mean` kW on average: each draw decides on whether one runs and how large it is."""
    low, high = _LUMP_KW
    chance = np.minimum(mean / np.float32((low + high) / 2), np.float32(_MOST_LUMP_CHANCE))
    size = draws / np.maximum(chance, np.float32(1e-6))
    return np.where(size < 1, np.float32(low) + np.float32(high - low) * size, np.float32(0))
