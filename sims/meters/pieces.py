"""Pieces of time that are played and sent as one: months of history, and single days from then on."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from sims.world.calendar import Calendar, months


@dataclass(frozen=True)
class Piece:
    """A month, or what of it is played, or a day.

    Attributes:
        first: First local date.
        last: Last local date, included.
        is_daily: True for a day of its own.
    """

    first: date
    last: date
    is_daily: bool

    @property
    def name(self) -> str:
        """Its month or day in file names."""
        return f"{self.first:%Y-%m-%d}" if self.is_daily else f"{self.first:%Y-%m}"

    @property
    def sent_date(self) -> date:
        """Local date on which its files are sent: the morning after."""
        return self.last + timedelta(days=1)

    @cached_property
    def calendar(self) -> Calendar:
        """Its days."""
        return Calendar(self.first, self.last)


def pieces(first: date, last: date, daily_from: date) -> list[Piece]:
    """Pieces of a span of local dates, both included."""
    history_end = min(last, daily_from - timedelta(1))
    history = [Piece(*month, is_daily=False) for month in months(first, history_end)] if first <= history_end else []
    begin = max(first, daily_from)
    days = [begin + timedelta(days=n) for n in range((last - begin).days + 1)]
    return [*history, *(Piece(day, day, is_daily=True) for day in days)]
