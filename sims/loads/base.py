"""Base load: what runs day and night, with a refrigerator that cycles."""

import numpy as np

from sims.loads.chunk import CHUNK_PREMISES
from sims.loads.people import People
from sims.world.calendar import Array

_REFRIGERATOR_KW = 0.09
_WANDER = 0.05


def base_kw(people: People, ripple: Array) -> Array:
    """Power of the base load, [premise, slot].

    Args:
        people: People of the chunk; `base_kw` of their behaviour and 90 W of refrigerator, less in vacant premises.
        ripple: Uniform draws from -1 to 1 that make it uneven.
    """
    chunk, calendar = people.chunk, people.calendar
    drift = np.array([chunk.draws("base", day).standard_normal(CHUNK_PREMISES) for day in calendar.ordinals])
    level = people.daily("base_kw") * np.exp(_WANDER * drift.T[: chunk.count])
    refrigerator = np.where(people.is_vacant, 0, _REFRIGERATOR_KW)
    power = calendar.daily((level + refrigerator).astype(np.float32))
    swing = calendar.daily((0.1 * level + 0.75 * refrigerator).astype(np.float32))
    return np.asarray(power + swing * ripple)
