"""Who is where, day by day: behaviours, days away, vacations and school breaks of a chunk."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np

from sims.loads.chunk import CHUNK_PREMISES, Chunk, ordinals
from sims.world.calendar import Array, Calendar

_ORDINALS = 4_000_000
_AWAY, _ON_VACATION = 0.15, 0.04


@dataclass(frozen=True)
class People:
    """People of a chunk on the days of a calendar.

    Attributes:
        chunk: Premises.
        calendar: Days.
    """

    chunk: Chunk
    calendar: Calendar

    @cached_property
    def row(self) -> Array:
        """Row of the behaviours that holds, [premise, day]."""
        behaviours = self.chunk.behaviours
        premise = behaviours["premise_number"].to_numpy().astype(np.int64) - self.chunk.first_premise
        starts = premise * _ORDINALS + ordinals(behaviours["start_date"])
        asked = np.arange(self.chunk.count)[:, None] * _ORDINALS + np.array(self.calendar.ordinals)
        found = np.searchsorted(starts, asked, side="right") - 1
        return np.asarray(np.maximum(found, np.searchsorted(premise, np.arange(self.chunk.count))[:, None]))

    @cached_property
    def before(self) -> "People":
        """The same people on the day before."""
        day = self.calendar.first - timedelta(1)
        return People(self.chunk, Calendar(day, day))

    @cached_property
    def is_on_vacation(self) -> Array:
        """[premise, day]."""
        away = np.zeros((self.chunk.count, len(self.calendar.dates)), np.bool_)
        days = np.array(self.calendar.ordinals)
        starts, ends = (ordinals(self.chunk.vacations[name]) for name in ("start_date", "end_date"))
        rows = self.chunk.vacations["premise_number"].to_numpy().astype(np.int64) - self.chunk.first_premise
        for row, start, end in zip(rows, starts, ends, strict=True):
            away[row] |= (days >= start) & (days < end)
        return away

    @cached_property
    def is_away(self) -> Array:
        """Whether everybody is away for the day or longer, [premise, day]."""
        drawn = [self.chunk.draws("away", day).random(CHUNK_PREMISES) for day in self.calendar.ordinals]
        is_away = np.array(drawn).T[: self.chunk.count] < self.daily("away_share")
        return np.asarray(is_away | self.is_on_vacation)

    @cached_property
    def is_vacant(self) -> Array:
        """[premise, day]."""
        return np.asarray(self.chunk.is_vacant[self.row])

    @cached_property
    def presence(self) -> Array:
        """Share of the usual activity, [premise, day] float32."""
        share = np.where(self.is_on_vacation, _ON_VACATION, np.where(self.is_away, _AWAY, 1.0))
        return np.asarray(share.astype(np.float32))

    def values(self, name: str) -> Array:
        """A numeric column of the behaviours as float32 by row of the behaviours, 0 where it is null."""
        return self.chunk.behaviour_values[name]

    def daily(self, name: str) -> Array:
        """A numeric column of the behaviours, [premise, day] float32."""
        return np.asarray(self.values(name)[self.row])

    def shaped(self, shapes: Array) -> Array:
        """Values by row of the behaviours and quarter of two days, spread over the slots.

        Args:
            shapes: [row of the behaviours, 192]: quarters of a working day, then of a free day.

        Returns:
            [premise, slot].
        """
        column = self.calendar.quarter + 96 * self.calendar.is_free[self.calendar.day]
        rows = self.row
        if (rows == rows[:, :1]).all():
            return np.asarray(np.take(shapes[rows[:, 0]], column, axis=1))
        return np.asarray(shapes[np.take(rows, self.calendar.day, axis=1), column])
