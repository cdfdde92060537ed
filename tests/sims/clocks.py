"""Intervals of local dates on the territory's wall clock."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")


@lru_cache(maxsize=128)
def interval_starts(start: date, end: date, minutes: int) -> tuple[datetime, ...]:
    """Aware local times of the intervals of local dates."""
    first, stop = (datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC) for day in (start, end))
    count = (stop - first) // timedelta(minutes=minutes)
    return tuple((first + timedelta(minutes=minutes * n)).astimezone(ZONE) for n in range(count))
