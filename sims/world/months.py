"""Months of the history and the moments at which systems write things down."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sims.world.draws import Dice
from sims.world.frames import TIME_ZONE

_ZONE = ZoneInfo(TIME_ZONE)
_FIRST_SECOND, _LAST_SECOND = 8 * 3600, 18 * 3600 - 1


@dataclass(frozen=True)
class Month:
    """A calendar month.

    Attributes:
        number: 12 × year + month − 1; key of the month's random streams.
        place: 0 for the first month of the history, 1 for the next.
        first: Its first date.
        end: First date of the next month.
    """

    number: int
    place: int
    first: date
    end: date

    def day(self, dice: Dice, last: int = 28) -> date:
        """A date of the month, all alike."""
        return self.first + timedelta(days=dice.integer(0, last - 1))


def month_start(number: int) -> date:
    """First date of a month by number."""
    return date(number // 12, number % 12 + 1, 1)


def months(first: date, last: date) -> Iterator[Month]:
    """Whole months that hold the dates from first to last."""
    begin = 12 * first.year + first.month - 1
    for number in range(begin, 12 * last.year + last.month):
        yield Month(number, number - begin, month_start(number), month_start(number + 1))


@cache
def utc_midnight(day: date) -> datetime:
    """Local midnight of a date as naive UTC."""
    return datetime.combine(day, time(), _ZONE).astimezone(UTC).replace(tzinfo=None)


def at_office(day: date, dice: Dice) -> datetime:
    """A moment of a local date in office hours, naive UTC."""
    noon = utc_noon(day)
    return noon + timedelta(seconds=dice.integer(_FIRST_SECOND, _LAST_SECOND) - 12 * 3600)


@cache
def utc_noon(day: date) -> datetime:
    """Local noon of a date as naive UTC."""
    return datetime.combine(day, time(12), _ZONE).astimezone(UTC).replace(tzinfo=None)


def recorded(day: date, dice: Dice) -> datetime:
    """When a system wrote down what became true on a date: on that day mostly, some days later at times.

    Returns:
        Naive UTC, in office hours, never before the local date itself.
    """
    luck = dice.share()
    delay = 0 if luck < 0.88 else dice.integer(1, 3) if luck < 0.98 else dice.integer(4, 9)
    return at_office(day + timedelta(days=delay), dice)


def recorded_before(day: date, limit: date, dice: Dice) -> datetime:
    """As `recorded`, for the state at the beginning: before local midnight of `limit`."""
    return min(recorded(day, dice), at_office(limit - timedelta(days=1), dice))
