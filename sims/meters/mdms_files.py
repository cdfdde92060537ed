"""What the MDMS sends: CMEP records of interval values and register readings."""

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from sims.interchange.cmep_series import SeriesWriter, stamps
from sims.meters.metering import CHANNELS, Grid
from sims.meters.reads import Fate
from sims.meters.registers import Registers
from sims.meters.span import MeterSpan
from sims.meters.verdicts import FLAGS
from sims.world.calendar import Array

_CHANNEL, _FLAG = pl.Enum(CHANNELS), pl.Enum(FLAGS)
_REGULAR = (Fate.SENT, Fate.EMPTY, Fate.ESTIMATED)


def write_regular(path: Path, span: MeterSpan, sender: str, created_utc: datetime) -> tuple[int, int]:
    """Write what the MDMS sends of a grid in time.

    Args:
        path: File to write.
        span: The reads.
        sender: Code of the utility.
        created_utc: Time of sending.

    Returns:
        Number of interval values and of register readings.
    """
    reads, grid = span.reads, span.reads.grid
    rows = (grid.meters["sender"] == "mdms").arg_true().to_list()
    is_sent = grid.is_installed & np.isin(reads.fate, _REGULAR)
    ends, meter_ids = stamps(grid.bounds_utc[1:]), grid.meters["meter_id"].to_list()
    count = 0
    with path.open("wb") as file:
        writer = SeriesWriter(file, created_utc, FLAGS, sender)
        for row in rows:
            places = np.flatnonzero(is_sent[row])
            flag = span.verdicts.flag[row, places]
            for channel in reads.channels(row):
                wh = reads.sent[channel][row, places]
                writer.write_intervals(meter_ids[row], channel, grid.minutes, ends, wh, flag, places)
                count += len(places)
        readings = _write_registers(writer, span.registers, meter_ids, set(rows))
    return count, readings


def _write_registers(writer: SeriesWriter, registers: Registers, meter_ids: list[str], rows: set[int]) -> int:
    """Write the register readings of some rows of a grid; says how many."""
    readings = registers.readings
    at, faces = stamps(readings["read_at_utc"].to_numpy()), readings["wh"].to_list()
    first = count = 0
    runs = readings.select("row", "channel_code", pl.struct("row", "channel_code").rle_id().alias("run"))
    for row, channel, _, length in runs.group_by("row", "channel_code", "run", maintain_order=True).len().iter_rows():
        some = slice(first, first + length)
        if row in rows:
            writer.write_registers(meter_ids[row], channel, at[some], faces[some])
            count += length
        first += length
    return count


def read_rows(
    grid: Grid, wh: dict[str, Array], flag: Array, rows: Array, channels: Array, places: Array
) -> pl.DataFrame:
    """Reads as `write_cmep` takes them.

    Args:
        grid: The grid.
        wh: Watt-hours by channel, each [meter, interval].
        flag: Place in `FLAGS`, [meter, interval].
        rows: Meter of each read.
        channels: Place in `CHANNELS` of each read.
        places: Interval of each read.
    """
    values = np.where(channels == 0, wh[CHANNELS[0]][rows, places], wh[CHANNELS[1]][rows, places])
    return pl.DataFrame(
        {
            "meter_id": _meter_ids(grid, rows),
            "channel_code": _coded(channels, _CHANNEL),
            "interval_start_utc": grid.start_utc[places],
            "interval_minutes": pl.repeat(grid.minutes, len(rows), dtype=pl.Int64, eager=True),
            "wh": values.astype(np.int64),
            "quality": _coded(flag[rows, places], _FLAG),
        }
    )


def _meter_ids(grid: Grid, rows: Array) -> pl.Series:
    return _coded(rows, pl.Enum(grid.meters["meter_id"]))


def _coded(places: Array, kind: pl.Enum) -> pl.Series:
    return pl.Series(places.astype(np.uint32)).cat.to(kind)
