"""Times without service once more: from an event on record that begins one to the event that ends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from models.explain.facts import FinalValue, ServiceEvent

_ENDS = {"outage_start": ("outage_end",), "disconnect": ("connect", None)}
"""What must follow that which begins a time without service; a disconnection that nothing follows lasts."""
_OUTAGES = ("outage_start", "outage_end")


_FOR_GOOD = datetime(9999, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Break:
    """A time without service, naive UTC; the end is excluded."""

    start_utc: datetime
    end_utc: datetime

    def touches(self, value: FinalValue) -> bool:
        """True where some of the interval lies within."""
        return self.start_utc < value.end_utc and self.end_utc > value.interval_start_utc

    def covers(self, value: FinalValue) -> bool:
        """True where all of the interval lies within."""
        return self.start_utc <= value.interval_start_utc and self.end_utc >= value.end_utc

    def __str__(self) -> str:
        end = "an open end" if self.end_utc == _FOR_GOOD else f"{self.end_utc} UTC"
        return f"no service from {self.start_utc} UTC to {end}"


def service_breaks(events: Iterable[ServiceEvent]) -> list[Break]:
    """Times without service in order of time; outages and disconnections are paired apart."""
    distinct = sorted(set(events), key=lambda event: (event.end_utc is None, event.end_utc or _FOR_GOOD))
    distinct.sort(key=lambda event: event.meaning, reverse=True)
    distinct.sort(key=lambda event: event.start_utc)
    found = []
    for is_outage in (True, False):
        kind = [event for event in distinct if (event.meaning in _OUTAGES) is is_outage]
        for event, follower in zip_longest(kind, kind[1:]):
            ends = _ENDS.get(event.meaning)
            next_meaning = follower.meaning if follower else None
            if ends and (event.end_utc is not None or next_meaning in ends):
                end = event.end_utc or (follower.start_utc if follower else _FOR_GOOD)
                found.append(Break(event.start_utc, end))
    return sorted(found, key=lambda one: (one.start_utc, one.end_utc))
