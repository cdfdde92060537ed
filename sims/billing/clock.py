"""The local wall clock of the territory, day by day."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sims.world.frames import TIME_ZONE

_ZONE = ZoneInfo(TIME_ZONE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@cache
def midnight_minute(day: date) -> int:
    """Minutes from 1970 in UTC to the beginning of a local date."""
    return (datetime.combine(day, time(), _ZONE).astimezone(UTC) - _EPOCH) // _MINUTE


@cache
def interval_hours(day: date, interval_minutes: int) -> tuple[int, ...]:
    """Local hour, 0 to 23, of each interval of a local date: 92, 96 or 100 quarters of an hour."""
    minutes = range(midnight_minute(day), midnight_minute(day + timedelta(1)), interval_minutes)
    return tuple((_EPOCH + timedelta(minutes=minute)).astimezone(_ZONE).hour for minute in minutes)
