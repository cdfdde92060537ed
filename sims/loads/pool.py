"""Pool pumps: a clock, and a little unevenness."""

import numpy as np

from sims.loads.people import People
from sims.world.calendar import Array

_RIPPLE = 0.03


def pool_kw(people: People, ripple: Array) -> Array:
    """Power of the pool pump, [premise, slot]: on for its quarters of the local day, past midnight where they reach it.

    Args:
        people: People of the chunk.
        ripple: Uniform draws from -1 to 1, [premise, slot].
    """
    chunk = people.chunk
    power = np.zeros(ripple.shape, np.float32)
    rated = chunk.physics("pool_kw")
    rows = np.flatnonzero(rated > 0)
    first, length = (chunk.physics(name)[rows, None] for name in ("pool_first_quarter", "pool_quarters"))
    is_on = (people.calendar.quarter[None] - first) % 96 < length
    power[rows] = rated[rows, None] * is_on * (1 + np.float32(_RIPPLE) * ripple[rows])
    return power
