"""Electric vehicles: they come home and charge, at once or when a timer lets them, past midnight if need be."""

import numpy as np

from sims.loads.chunk import CHUNK_PREMISES
from sims.loads.people import People
from sims.world.calendar import Array

_ARRIVAL_SPREAD_HOURS, _ENERGY_SHAPE = 1.5, 2.5
_LONGEST_QUARTERS = 80
_COLUMNS = ("ev_kw", "ev_share", "ev_mean_kwh", "ev_arrival_hour", "ev_timer_hour")


def vehicle_kw(people: People) -> Array:
    """Power of charging, [premise, slot]; it includes what began on the evening before the first day."""
    calendar = people.calendar
    power = np.zeros((people.chunk.count, calendar.slot_count), np.float32)
    before = people.before
    _charge(power, before, 0, -before.calendar.slot_count)
    for day, first in enumerate(calendar.first_slot[:-1].tolist()):
        _charge(power, people, day, first)
    return power


def _charge(power: Array, people: People, day: int, first_slot: int) -> None:
    """Add what is charged after a day's arrival; two charges never add up to more than the charger gives."""
    random = people.chunk.draws("vehicle", people.calendar.ordinals[day])
    chance, arrival = random.random(CHUNK_PREMISES), random.standard_normal(CHUNK_PREMISES)
    energy = random.gamma(_ENERGY_SHAPE, 1 / _ENERGY_SHAPE, CHUNK_PREMISES)
    value = {name: people.daily(name)[:, day] for name in _COLUMNS}
    drives = (value["ev_kw"] > 0) & (chance[: people.chunk.count] < value["ev_share"])
    rows = np.flatnonzero(drives & ~people.is_away[:, day])
    rated = value["ev_kw"][rows]
    arrival_hour = value["ev_arrival_hour"][rows] + _ARRIVAL_SPREAD_HOURS * arrival[rows]
    begin = first_slot + 4 * np.maximum(arrival_hour, value["ev_timer_hour"][rows])
    length = np.minimum(4 * energy[rows] * value["ev_mean_kwh"][rows] / rated, _LONGEST_QUARTERS)
    slots = np.floor(begin)[:, None].astype(np.int64) + np.arange(_LONGEST_QUARTERS + 1)
    covered = np.minimum((begin + length)[:, None], slots + 1) - np.maximum(begin[:, None], slots)
    row, column = np.nonzero((covered > 0) & (slots >= 0) & (slots < power.shape[1]))
    cell = rows[row], slots[row, column]
    power[cell] = np.minimum(power[cell] + rated[row] * covered[row, column], rated[row])
