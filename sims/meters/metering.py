"""What meters measure of the loads: both directions of energy, by interval."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from sims.loads.chunk import Chunk
from sims.loads.loads import Loads
from sims.world.calendar import Array, Calendar

CHANNELS = ("delivered", "received")
INTERVALS = (15, 60)
_TAKEN_APART = ("pool", "electric_vehicle")


@dataclass(frozen=True)
class Grid:
    """Meters of one interval length over consecutive days.

    Attributes:
        calendar: The days.
        minutes: Interval length.
        meters: Rows of `METERS`, sorted by `meter_number`.
        first: First interval that each meter measures, [meter].
        end: End of those intervals, [meter]; `first` where it measures none.
        wh: True watt-hours by channel, each [meter, interval] Int32, 0 where the meter is not installed.
    """

    calendar: Calendar
    minutes: int
    meters: pl.DataFrame
    first: Array
    end: Array
    wh: dict[str, Array]

    @property
    def slots(self) -> int:
        """Quarters of an hour in an interval."""
        return self.minutes // 15

    @property
    def per_day(self) -> int:
        """Intervals of an ordinary day."""
        return 1440 // self.minutes

    @property
    def count(self) -> int:
        """Number of intervals of the days."""
        return self.calendar.slot_count // self.slots

    @cached_property
    def day_start(self) -> Array:
        """First interval of each day, and the end of the last."""
        return self.calendar.first_slot // self.slots

    @cached_property
    def start_utc(self) -> Array:
        """Start of each interval, datetime64[us]."""
        return self.calendar.start_utc[:: self.slots]

    @cached_property
    def bounds_utc(self) -> Array:
        """Start of each interval and the end of the last, datetime64[us]."""
        return np.append(self.start_utc, self.calendar.midnights_utc[-1])

    @cached_property
    def is_installed(self) -> Array:
        """[meter, interval]."""
        place = np.arange(self.count)
        return (place >= self.first[:, None]) & (place < self.end[:, None])

    @cached_property
    def has_received(self) -> Array:
        """Whether each meter has a received channel, [meter]."""
        return self.meters["has_received_channel"].to_numpy()

    def daily(self, wh: Array) -> Array:
        """Sums of watt-hours by day, [meter, day] Int64."""
        return np.add.reduceat(wh, self.day_start[:-1], axis=1, dtype=np.int64)


def measure(chunk: Chunk, calendar: Calendar, loads: Loads) -> list[Grid]:
    """True reads of a chunk's meters, one grid per interval length that occurs."""
    net = loads.net_wh
    apart = sum((loads.wh[name] for name in _TAKEN_APART), np.zeros_like(net))
    shares = {"all": net, "main": net - apart, "pool_ev": apart, "solar": -loads.wh["solar"]}
    grids = (_grid(chunk, calendar, minutes, shares) for minutes in INTERVALS)
    return [grid for grid in grids if grid.meters.height]


def four_summed(wh: Array) -> Array:
    """Sums of four neighbouring values on the last axis."""
    return np.asarray(wh[:, ::4] + wh[:, 1::4] + wh[:, 2::4] + wh[:, 3::4])


def _grid(chunk: Chunk, calendar: Calendar, minutes: int, shares: dict[str, Array]) -> Grid:
    slots = minutes // 15
    ends = (pl.col("removed_date") >= calendar.first).fill_null(value=True)
    meters = chunk.meters.filter(pl.col("interval_minutes") == minutes, pl.col("installed_date") <= calendar.last, ends)
    premise = meters["premise_number"].to_numpy() - chunk.first_premise
    measured = np.empty((meters.height, calendar.slot_count), np.int32)
    for share, wh in shares.items():
        rows = (meters["load_share"] == share).arg_true().to_numpy()
        measured[rows] = wh[premise[rows]]
    both = {"delivered": np.maximum(measured, 0), "received": np.maximum(-measured, 0)}
    if minutes == 60:
        both = {channel: four_summed(wh) for channel, wh in both.items()}
    both["received"][~meters["has_received_channel"].to_numpy()] = 0
    first = np.array([calendar.slot_at(*life) for life in meters.select("installed_date", "installed_quarter").rows()])
    life = meters.select(pl.col("removed_date"), pl.col("removed_quarter").fill_null(0)).rows()
    end = np.array([calendar.slot_count if day is None else calendar.slot_at(day, quarter) for day, quarter in life])
    first, end = first.reshape(-1) // slots, end.reshape(-1) // slots
    grid = Grid(calendar, minutes, meters, first, end, both)
    if (first > 0).any() or (end < grid.count).any():
        for wh in both.values():
            wh[~grid.is_installed] = 0
    return grid
