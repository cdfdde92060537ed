"""Local wall clocks of loads: what a time zone makes of UTC, and which local labels it can have."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Times = NDArray[np.datetime64]
ALLOWED_MINUTES = (15, 30, 60)


class ClockError(ValueError):
    """Times of intervals that do not follow each other; the message names the first of them."""


@dataclass(frozen=True)
class Clock:
    """The clock of a load.

    Attributes:
        zone: IANA time zone, or None: then local labels are taken as a clock that is never changed.
    """

    zone: str | None

    def local_of_utc(self, starts: Times, minutes: int) -> Times:
        """Local wall clock of starts in UTC, in the same order.

        Raises:
            ClockError: A start stands twice, or one is missing.
        """
        _require_steps(np.sort(starts), minutes)
        return self._local(starts)

    def checked_local(self, starts: Times, minutes: int) -> Times:
        """Local starts, as they are.

        Raises:
            ClockError: They are not those of intervals without a gap. With a zone, the hour that a clock change repeats
                stands twice and the one that it leaves out is absent; without one, neither may be.
        """
        ordered = np.sort(starts)
        if self.zone is None:
            _require_steps(ordered, minutes, "; if the clock was changed there, say where with --time-zone")
            return starts
        for first in self._instants(ordered[0]):
            steps = first + np.arange(len(ordered)) * np.timedelta64(minutes, "m")
            expected = np.sort(self._local(steps))
            if np.array_equal(ordered, expected):
                return starts
        raise ClockError(f"{_difference(ordered, expected)} in {self.zone}")

    def _instants(self, label: np.datetime64) -> Times:
        """The instants in UTC that have a local label: two in the hour that a clock change repeats."""
        from models.clock import possible_instants

        instants = possible_instants(pl.Series(np.array([label], "datetime64[us]")), str(self.zone))
        if instants["earliest"][0] is None:
            raise ClockError(f"{_shown(label)} does not exist in {self.zone}")
        return np.unique(instants.to_numpy().astype("datetime64[m]"))[::-1]

    def _local(self, utc: Times) -> Times:
        from models.clock import to_local

        local = to_local(pl.Series(utc.astype("datetime64[us]")), str(self.zone))
        return np.asarray(local.to_numpy().astype("datetime64[m]"))


def minutes_between(starts: Times) -> int:
    """Length of the intervals: the shortest time between two starts.

    Raises:
        ClockError: It is not 15, 30 or 60 minutes, or starts do not lie on its marks of the clock.
    """
    steps = np.diff(np.unique(starts)).astype(np.int64)
    if not len(steps):
        raise ClockError("a single start of intervals does not tell how long they are")
    minutes = int(steps.min())
    if minutes not in ALLOWED_MINUTES:
        raise ClockError(f"intervals are {minutes} minutes apart; they must be 15, 30 or 60")
    off = starts[starts.astype(np.int64) % minutes != 0]
    if len(off):
        raise ClockError(f"{_shown(off.min())} is not on a mark of {minutes} minutes")
    return minutes


def _require_steps(ordered: Times, minutes: int, advice: str = "") -> None:
    steps = np.diff(ordered).astype(np.int64)
    wrong = np.flatnonzero(steps != minutes)
    if not len(wrong):
        return
    before = ordered[wrong[0]]
    if steps[wrong[0]] == 0:
        raise ClockError(f"{_shown(before)} stands twice{advice}")
    raise ClockError(f"{_shown(before + np.timedelta64(minutes, 'm'))} is missing{advice}")


def _difference(ordered: Times, expected: Times) -> str:
    """The first way in which labels are not those of a zone."""
    place = int(np.flatnonzero(ordered != expected)[0])
    if ordered[place] > expected[place]:
        return f"{_shown(expected[place])} is missing"
    if place and ordered[place] == ordered[place - 1]:
        return f"{_shown(ordered[place])} stands twice, though the clock does not repeat it"
    return f"{_shown(ordered[place])} does not exist"


def _shown(time: np.datetime64) -> str:
    return str(time).replace("T", " ")
