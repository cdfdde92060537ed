"""Local days and quarters of an hour of the territory, and what people do on which days.

A slot is a quarter of an hour, counted from the first local midnight on; a local day has 96 slots, 92 or 100 where the
clock changes. Instants are naive UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from sims.world.frames import TIME_ZONE

SLOT_SECONDS = 900
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Calendar:
    """Consecutive local days.

    Attributes:
        first: First local date.
        last: Last local date, included.
    """

    first: date
    last: date

    @cached_property
    def dates(self) -> list[date]:
        """Local dates in order."""
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]

    @cached_property
    def ordinals(self) -> list[int]:
        """Numbers of the days, which key the random streams."""
        return [day.toordinal() for day in self.dates]

    @cached_property
    def first_slot(self) -> Array:
        """First slot of each day, and the end of the last."""
        midnights = np.array([utc_seconds(day) for day in (*self.dates, self.last + timedelta(1))])
        return np.asarray((midnights - midnights[0]) // SLOT_SECONDS)

    @property
    def slot_count(self) -> int:
        """Quarters of an hour of all days."""
        return int(self.first_slot[-1])

    @cached_property
    def day(self) -> Array:
        """Place of each slot's day in `dates`."""
        return np.repeat(np.arange(len(self.dates)), np.diff(self.first_slot))

    @cached_property
    def start_utc(self) -> Array:
        """Start of each slot, datetime64[us]."""
        seconds = utc_seconds(self.first) + SLOT_SECONDS * np.arange(self.slot_count)
        return (seconds * 1_000_000).astype("datetime64[us]")

    @cached_property
    def midnights_utc(self) -> Array:
        """Local midnight at which each day begins, and the one at which the last ends, datetime64[us]."""
        seconds = utc_seconds(self.first) + SLOT_SECONDS * self.first_slot
        return (seconds * 1_000_000).astype("datetime64[us]")

    @cached_property
    def quarter(self) -> Array:
        """Quarter of an hour on the local wall clock at which each slot starts, 0 to 95."""
        wall = pl.Series(self.start_utc).dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE).dt
        return (wall.hour().cast(pl.Int64) * 4 + wall.minute().cast(pl.Int64) // 15).to_numpy()

    @cached_property
    def day_of_year(self) -> Array:
        """Day of the year of each day, from 1."""
        return np.array([day.timetuple().tm_yday for day in self.dates])

    @cached_property
    def is_free(self) -> Array:
        """Whether each day is a Saturday, a Sunday or one of `holidays`."""
        public = {day for year in {day.year for day in self.dates} for day in holidays(year)}
        return np.array([day.weekday() >= 5 or day in public for day in self.dates])

    @cached_property
    def is_school_break(self) -> Array:
        """Whether schools are closed on each day for one of the breaks of `school_breaks`."""
        breaks = {year: school_breaks(year) for year in {day.year for day in self.dates}}
        return np.array([any(begin <= day < end for begin, end in breaks[day.year]) for day in self.dates])

    def place(self, day: date) -> int:
        """Place of a date in `dates`; outside of them it is negative or beyond the end."""
        return (day - self.first).days

    def slot_at(self, day: date, quarter: int) -> int:
        """Slot at which a quarter of a date begins, counted along the day; the nearest bound for other dates."""
        if day > self.last:
            return self.slot_count
        return 0 if day < self.first else int(self.first_slot[self.place(day)]) + quarter

    def daily(self, values: Array) -> Array:
        """Values by day, on the last axis, spread over its slots."""
        return np.asarray(np.take(values, self.day, axis=-1))


def utc_seconds(day: date, hour: int = 0) -> int:
    """Seconds since 1970 in UTC of an hour of a local date on the wall clock."""
    return int(datetime.combine(day, time(hour), ZoneInfo(TIME_ZONE)).timestamp())


def months(first: date, last: date) -> Iterable[tuple[date, date]]:
    """Calendar months from a first to a last local date, both included, as pairs of first and last date."""
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    starts = [day for day in days if day == first or day.day == 1]
    return [(begin, end - timedelta(1)) for begin, end in pairwise([*starts, last + timedelta(1)])]


def holidays(year: int) -> list[date]:
    """Days of a calendar year on which offices and shops stay closed, and people at home."""
    memorial = max(day for day in (date(year, 5, 25 + n) for n in range(7)) if day.weekday() == 0)
    labor = next(day for day in (date(year, 9, 1 + n) for n in range(7)) if day.weekday() == 0)
    thanksgiving = next(day for day in (date(year, 11, 22 + n) for n in range(7)) if day.weekday() == 3)
    return [date(year, 1, 1), memorial, date(year, 7, 4), labor, thanksgiving, date(year, 12, 25)]


def school_breaks(year: int) -> list[tuple[date, date]]:
    """Breaks of a typical district in a calendar year, ends excluded.

    About two weeks around Christmas, the last week of March, and from the middle of June to the middle of August.
    """
    return [
        (date(year, 1, 1), date(year, 1, 6)),
        (date(year, 3, 24), date(year, 4, 1)),
        (date(year, 6, 13), date(year, 8, 14)),
        (date(year, 12, 20), date(year + 1, 1, 1)),
    ]
