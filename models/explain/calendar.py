"""The civil calendar once more, by the standard library: which intervals begin on a meter's local date."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import gcd
from zoneinfo import ZoneInfo

from models.calendar import MINUTES_PER_DAY

_SHORTEST_SHIFT = 15
"""Wall clocks are shifted by multiples of this many minutes."""


@dataclass(frozen=True)
class Slot:
    """One interval of a civil date; the start is naive UTC."""

    interval_start_utc: datetime
    interval_minutes: int
    usage_date: date
    utc_offset_minutes: int


def day_bounds(time_zone: str, day: date) -> tuple[datetime, datetime]:
    """First instant of a civil date and of the next one, naive UTC."""
    zone = ZoneInfo(time_zone)
    first, end = (
        datetime(d.year, d.month, d.day, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        for d in (day, day + timedelta(days=1))
    )
    return first, end


def local_time(time_zone: str, instant: datetime) -> datetime:
    """Wall clock of an instant in naive UTC, with its zone."""
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone))


def is_on_grid(time_zone: str, instant: datetime, interval_minutes: int) -> bool:
    """True where an interval of a nominal length may begin."""
    if interval_minutes == MINUTES_PER_DAY:
        return instant == day_bounds(time_zone, local_time(time_zone, instant).date())[0]
    is_whole_minute = instant.second == instant.microsecond == 0
    return is_whole_minute and _minute_of_day(time_zone, instant) % interval_minutes == 0


@lru_cache(maxsize=4096)
def civil_slots(time_zone: str, day: date, interval_minutes: int) -> tuple[Slot, ...]:
    """Intervals of a civil date in order: those that begin at multiples of their length on the wall clock.

    Args:
        time_zone: IANA zone.
        day: Civil date.
        interval_minutes: Nominal length; 1440 is the whole date, however long it is.
    """
    begin, end = day_bounds(time_zone, day)
    if interval_minutes == MINUTES_PER_DAY:
        return (Slot(begin, _minutes(end - begin), day, _offset(time_zone, begin)),)
    step = gcd(interval_minutes, _SHORTEST_SHIFT)
    instants = (begin + timedelta(minutes=minute) for minute in range(0, _minutes(end - begin), step))
    return tuple(
        Slot(instant, interval_minutes, day, _offset(time_zone, instant))
        for instant in instants
        if is_on_grid(time_zone, instant, interval_minutes)
    )


def _offset(time_zone: str, instant: datetime) -> int:
    return _minutes(local_time(time_zone, instant).utcoffset() or timedelta())


def _minute_of_day(time_zone: str, instant: datetime) -> int:
    local = local_time(time_zone, instant)
    return local.hour * 60 + local.minute


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)
