"""Periods that one file of an extract covers: months of the history, then days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sims.world.frames import TIME_ZONE
from sims.world.months import months

_ZONE = ZoneInfo(TIME_ZONE)
_SENDING, _NOON = time(5, 5), time(12)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Business dates of one file.

    Attributes:
        kind: history or daily.
        first: First local date.
        last: Last local date.
        is_opening: True for the file with the full state at the beginning.
    """

    kind: str
    first: date
    last: date
    is_opening: bool

    @property
    def label(self) -> str:
        """The period in names of files: a month or a date."""
        return f"{self.first:%Y-%m}" if self.kind == "history" else f"{self.first}"


def periods(first: date, last: date, daily_from: date, opening: date) -> Iterator[Period]:
    """Periods from one date to another: months up to the day before `daily_from`, days from then on.

    Args:
        first: First date.
        last: Last date.
        daily_from: First date with a file of its own.
        opening: First date of the history, whose file holds the full state.
    """
    history_end = min(last, daily_from - _DAY)
    if first <= history_end:
        for month in months(first, history_end):
            begin = max(first, month.first)
            yield Period("history", begin, min(history_end, month.end - _DAY), begin == opening)
    day = max(first, daily_from)
    while day <= last:
        yield Period("daily", day, day, day == opening)
        day += _DAY


def morning_after(day: date, minutes: int = 0) -> datetime:
    """When what was written down on a date is sent: at 05:05 on the next day, or some minutes later; naive UTC."""
    moment = datetime.combine(day + _DAY, _SENDING, _ZONE) + timedelta(minutes=minutes)
    return moment.astimezone(UTC).replace(tzinfo=None)


def by_day(day: date) -> datetime:
    """Noon of a local date, when people of a system write things down; naive UTC."""
    return datetime.combine(day, _NOON, _ZONE).astimezone(UTC).replace(tzinfo=None)
