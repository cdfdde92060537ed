"""Electric water heaters: short spikes after hot water was used."""

import numpy as np

from sims.loads.chunk import CHUNK_PREMISES
from sims.loads.people import People
from sims.loads.shapes import activity_shapes
from sims.world.calendar import Array

_MEAN_DUTY, _LOSSES = 0.055, 0.008


def water_heater_kw(people: People) -> Array:
    """Power of the water heater, [premise, slot]: it runs for a random part of some quarters."""
    chunk, calendar = people.chunk, people.calendar
    power = np.zeros((chunk.count, calendar.slot_count), np.float32)
    rated = chunk.physics("water_heater_kw")
    rows = np.flatnonzero(rated > 0)
    if not len(rows):
        return power
    draws = _draws(people, rows)
    chance = people.shaped(activity_shapes(people))[rows] * calendar.daily(people.presence[rows])
    chance = np.minimum(2 * (np.float32(_MEAN_DUTY) * chance + np.float32(_LOSSES)), np.float32(0.6))
    occupied = calendar.daily(~people.is_vacant[rows])
    power[rows] = np.where((draws < chance) & occupied, rated[rows, None] * (draws / chance), np.float32(0))
    return power


def _draws(people: People, rows: Array) -> Array:
    calendar = people.calendar
    drawn = np.empty((len(rows), calendar.slot_count), np.float32)
    for day, first, end in zip(calendar.ordinals, calendar.first_slot, calendar.first_slot[1:], strict=False):
        uniform = people.chunk.draws("water heater", day).random((CHUNK_PREMISES, end - first), np.float32)
        drawn[:, first:end] = uniform[rows]
    return drawn
