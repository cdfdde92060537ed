"""Solar generation, a negative load."""

import numpy as np

from sims.loads.chunk import CHUNK_PREMISES, ordinals
from sims.loads.people import People
from sims.world.calendar import Array
from sims.world.weather import Weather

_EFFICIENCY = 0.85
_SHADE = (14.0, 1.6)


def solar_kw(people: People, weather: Weather, ripple: Array) -> Array:
    """Minus the power of the panels, [premise, slot]: rated power, the zone's sun and a day's own shade.

    Args:
        people: People of the chunk.
        weather: Weather of the calendar.
        ripple: Uniform draws from -1 to 1, [premise, slot]: what passes over one roof.
    """
    chunk, calendar = people.chunk, people.calendar
    power = np.zeros(ripple.shape, np.float32)
    rated = chunk.physics("pv_kw")
    rows = np.flatnonzero(rated > 0)
    shade = np.array([chunk.draws("shade", day).beta(*_SHADE, CHUNK_PREMISES) for day in calendar.ordinals])
    since = ordinals(chunk.premises["pv_since_date"])[rows, None]
    daily = rated[rows, None] * _EFFICIENCY * shade.T[rows] * (np.array(calendar.ordinals) >= since)
    sun = weather.solar_yield[chunk.zone[rows]]
    power[rows] = -calendar.daily(daily.astype(np.float32)) * sun * (1 - np.float32(0.06) * (1 + ripple[rows]))
    return power
