"""Reads on their way from the meter: what is sent of them, and what was done to them."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import polars as pl

from sims.meters.metering import CHANNELS, Grid
from sims.world.calendar import Array

LABELS = pl.Schema({
    "row": pl.Int64(), "channel_code": pl.String(), "interval_start_utc": pl.Datetime("us"),
    "interval_end_utc": pl.Datetime("us"), "defect_type": pl.String(), "true_wh": pl.Int64(), "sent_wh": pl.Int64(),
})  # fmt: skip
"""Labels of defects: meter, channel, interval (end excluded), kind, true energy, and the energy that was sent first;
null where nothing was."""


class Fate(IntEnum):
    """What becomes of a read."""

    SENT = 0
    MISSING = 1
    """Never sent."""
    EMPTY = 2
    """Sent as a flag without a value."""
    ESTIMATED = 3
    """The MDMS sends its estimate in its place."""
    LATE = 4
    """Sent some days after its time."""
    VERY_LATE = 5
    """Sent more than 30 days after its time."""


LOST = (Fate.MISSING, Fate.EMPTY, Fate.ESTIMATED)


@dataclass(frozen=True)
class Mark:
    """A defect of some reads of a meter.

    Attributes:
        kind: Kind of defect.
        row: Row of the grid.
        channel: Channel.
        first: First interval.
        end: Interval after the last.
    """

    kind: str
    row: int
    channel: str
    first: int
    end: int


@dataclass(frozen=True)
class Span:
    """Reads of a meter that take a way of their own.

    Attributes:
        row: Row of the grid.
        first: First interval.
        end: Interval after the last.
        delay_days: Days after the regular file.
    """

    row: int
    first: int
    end: int
    delay_days: int


@dataclass
class Reads:
    """Reads of a grid.

    Attributes:
        grid: The true reads.
        sent: Watt-hours as sent by channel, each [meter, interval] Int64.
        fate: `Fate` of each read, [meter, interval].
        marks: What was done.
        late: Days that arrive after their time.
        repeats: Days that are sent once more, as first sent.
        corrections: Days that are sent once more, right this time.
    """

    grid: Grid
    sent: dict[str, Array]
    fate: Array
    marks: list[Mark] = field(default_factory=list)
    late: list[Span] = field(default_factory=list)
    repeats: list[Span] = field(default_factory=list)
    corrections: list[Span] = field(default_factory=list)

    @staticmethod
    def of(grid: Grid) -> "Reads":
        """Reads that nothing has befallen."""
        sent = {channel: wh.astype(np.int64) for channel, wh in grid.wh.items()}
        return Reads(grid, sent, np.full((grid.meters.height, grid.count), Fate.SENT, np.uint8))

    def channels(self, row: int) -> tuple[str, ...]:
        """Channels of a meter."""
        return CHANNELS if self.grid.has_received[row] else CHANNELS[:1]

    def mark(self, kind: str, row: int, first: int, end: int, channels: tuple[str, ...] | None = None) -> None:
        """Note a defect of a meter's channels, all of them if none are named."""
        names = self.channels(row) if channels is None else channels
        self.marks += [Mark(kind, row, channel, first, end) for channel in names]

    def labels(self) -> pl.DataFrame:
        """Columns of `LABELS`, in the order in which things were done."""
        return pl.DataFrame([self._label(mark) for mark in self.marks], LABELS, orient="row")

    def _label(self, mark: Mark) -> tuple[object, ...]:
        cells = mark.row, slice(mark.first, mark.end)
        bounds = self.grid.bounds_utc[[mark.first, mark.end]].tolist()
        is_sent = ~np.isin(self.fate[cells], (Fate.MISSING, Fate.EMPTY)) & self.grid.is_installed[cells]
        true = int(self.grid.wh[mark.channel][cells].sum(dtype=np.int64))
        sent = int(self.sent[mark.channel][cells][is_sent].sum()) if is_sent.any() else None
        return (mark.row, mark.channel, *bounds, mark.kind, true, sent)
