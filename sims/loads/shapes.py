"""Shapes of a working day and of a free day: when people and businesses do what they do.

Shapes are [row of the behaviours, 192] float32: quarters of a working day, then of a free day (weekend or holiday).
"""

import numpy as np

from sims.loads.people import People
from sims.world.calendar import Array

_HOUR = (np.arange(96, dtype=np.float32) + 0.5) / 4
_DAYS_PER_WEEK = np.repeat([5 / 7, 2 / 7], 96)
_MEALS = ((12.5, 1.0), (19.0, 1.4))
_RISE_BEFORE_HOURS, _RISE_BEFORE_FREE, _LEAVE_AFTER_HOURS, _SCHOOL_AFTER_HOURS = 0.9, -0.5, 1.4, 1.9
_RETURN_BEFORE_HOURS, _BED_AFTER_HOURS = 2.4, 3.0
_LEAST_MIDDAY_LEVEL = 0.4
_LAST_LIGHT_AFTER_HOURS = 4.4


def activity_shapes(people: People) -> Array:
    """Activity relative to its mean over the week: 1 on average."""
    shapes = np.where(people.chunk.is_trade[:, None], _business_activity(people), _home_activity(people))
    mean = (shapes * _DAYS_PER_WEEK).sum(axis=1, keepdims=True) / 96
    return np.asarray((shapes / mean).astype(np.float32))


def absence_shapes(people: People) -> Array:
    """1 while nobody is at home on a working day, or the business is closed, else 0.

    People leave some time after their morning's busiest hour and come home some time before the evening's, so each
    household has hours of its own.
    """
    morning, evening = (people.values(name)[:, None] for name in ("morning_hour", "evening_hour"))
    out = (morning + _LEAVE_AFTER_HOURS < _HOUR) & (evening - _RETURN_BEFORE_HOURS > _HOUR)
    working = out & (people.values("midday_level")[:, None] < _LEAST_MIDDAY_LEVEL)
    home = np.concatenate([working, np.zeros_like(working)], axis=1)
    return np.where(people.chunk.is_trade[:, None], open_shapes(people) < 0.5, home).astype(np.float32)


def night_shapes(people: People) -> Array:
    """1 while a household sleeps, between its own hours of going to bed and of rising, else 0; 0 for businesses."""
    morning, evening = (people.values(name)[:, None] for name in ("morning_hour", "evening_hour"))
    to_bed = evening + _BED_AFTER_HOURS
    nights = [
        (_HOUR - to_bed) % 24 < (morning - before - to_bed) % 24 for before in (_RISE_BEFORE_HOURS, _RISE_BEFORE_FREE)
    ]
    return np.where(people.chunk.is_trade[:, None], False, np.concatenate(nights, axis=1)).astype(np.float32)


def school_shapes(people: People) -> Array:
    """Share of the hours of a working day in which children would be at school, ramps of an hour included."""
    morning, evening = (people.values(name)[:, None] for name in ("morning_hour", "evening_hour"))
    begin, end = morning + _SCHOOL_AFTER_HOURS, evening - _RETURN_BEFORE_HOURS
    working = np.minimum(np.clip(_HOUR - begin + 0.5, 0, 1), np.clip(end - _HOUR + 0.5, 0, 1))
    return np.concatenate([working, np.zeros_like(working)], axis=1).astype(np.float32)


def light_shapes(people: People) -> Array:
    """Share of lighting in use if it is dark."""
    morning, evening = (people.values(name)[:, None] for name in ("morning_hour", "evening_hour"))
    last = evening + _LAST_LIGHT_AFTER_HOURS
    awake = np.clip((_HOUR - morning + 1.8) / 1.5, 0, 1) * np.clip((last - _HOUR) / 1.8, 0, 1)
    past_midnight = np.clip((last - 24 - _HOUR) / 1.8, 0, 1)
    home = np.tile(np.minimum(np.maximum(awake, past_midnight) + 0.06, 1), 2)
    business = 0.2 + 0.8 * open_shapes(people)
    return np.where(people.chunk.is_trade[:, None], business, home).astype(np.float32)


def open_shapes(people: People) -> Array:
    """Share of a business that is open: 1 from the opening to the closing hour, with ramps of an hour."""
    opening, closing = (people.values(name)[:, None] for name in ("opening_hour", "closing_hour"))
    day = np.minimum(np.clip(_HOUR - opening + 0.5, 0, 1), np.clip(closing - _HOUR + 0.5, 0, 1))
    closed = people.chunk.is_closed_on_weekends[:, None]
    return np.concatenate([day, np.where(closed, 0, day)], axis=1)


def _bump(centre: Array | float, width: float) -> Array:
    """A bell around an hour, past midnight where it reaches it."""
    away = (_HOUR - centre + 12) % 24 - 12
    return np.asarray(np.exp(-0.5 * (away / width) ** 2))


def _home_activity(people: People) -> Array:
    morning, evening, midday = (
        people.values(name)[:, None] for name in ("morning_hour", "evening_hour", "midday_level")
    )
    working = 0.12 + 0.55 * _bump(morning, 0.9) + 0.6 * midday * _bump(13.0, 2.6) + _bump(evening, 1.7)
    free = 0.12 + 0.45 * _bump(morning + 1.6, 1.5) + (0.25 + 0.6 * midday) * _bump(13.5, 3.0)
    free = free + 0.95 * _bump(evening, 1.9)
    return np.concatenate([working, free], axis=1)


def _business_activity(people: People) -> Array:
    """Open hours over a standby load; restaurants cook for two meals."""
    serves_meals = people.chunk.serves_meals[:, None]
    meals = np.tile(sum((_bump(hour, width) for hour, width in _MEALS), np.zeros(96)), 2)
    is_open = open_shapes(people)
    return 0.12 + is_open * np.where(serves_meals, 0.55 + 0.75 * meals, 1.0)
