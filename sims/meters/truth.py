"""The answer key: true reads, component loads and labels, as only acceptance tests and benchmarks may see them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from sims.loads.chunk import Chunk
from sims.loads.loads import COMPONENTS, Loads
from sims.meters.metering import four_summed
from sims.meters.pieces import Piece
from sims.meters.reads import Fate
from sims.meters.span import MeterSpan, labels
from sims.meters.verdicts import FLAGS
from sims.world.calendar import Array, Calendar

_FLAGS = pl.Series(FLAGS)
_COMPRESSION_LEVEL = 1


def write_truth(truth: Path, chunk: Chunk, piece: Piece, loads: Loads, spans: list[MeterSpan]) -> pl.DataFrame:
    """Write the truth of a chunk and piece.

    Args:
        truth: Folder that receives `reads/`, `components/` and `defects/`, one file each: `<piece>_c<chunk>.parquet`.
        chunk: Premises.
        piece: Days.
        loads: Loads of the chunk.
        spans: Its reads.

    Returns:
        Labels of defects, as written.
    """
    marked = labels(spans)
    frames = {
        "reads": true_reads(spans) if spans else pl.DataFrame(),
        "components": component_loads(chunk, piece.calendar, loads),
        "defects": marked,
    }
    for kind, frame in frames.items():
        folder = truth / kind
        folder.mkdir(parents=True, exist_ok=True)
        write_parquet(folder / f"{piece.name}_{chunk.name}.parquet", frame)
    return marked


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame of the truth."""
    frame.write_parquet(path, compression="zstd", compression_level=_COMPRESSION_LEVEL, statistics=False)


def true_reads(spans: list[MeterSpan]) -> pl.DataFrame:
    """True reads of grids, and what the MDMS makes of them, sorted by meter and time.

    Returns:
        `meter_number`, `meter_id`, `interval_start_utc`, `interval_minutes`, `true_delivered_wh`, `true_received_wh`
        (null without channel), and for meters of the MDMS, null for others, `mdms_delivered_wh`, `mdms_received_wh`
        (what it would bill), `mdms_flag` (as sent; null where nothing was) and `is_mdms_estimated`.
    """
    columns = ("meter_number", "meter_id", "sender", "has_received_channel")
    meters = pl.concat(
        span.reads.grid.meters.select(*columns, span=pl.lit(place, pl.Int64), row=pl.int_range(pl.len()))
        for place, span in enumerate(spans)
    ).sort("meter_number")
    runs = [_Run(spans[place], row) for place, row in meters.select("span", "row").iter_rows()]
    lengths = [run.length for run in runs]

    def spread(values: pl.Series) -> pl.Series:
        return values.gather(np.repeat(np.arange(len(lengths)), lengths))

    def joined(values: Callable[[_Run], Array], dtype: type[np.generic]) -> pl.Series:
        return pl.Series(np.concatenate([run.cut(values(run)) for run in runs], dtype=dtype, casting="unsafe"))

    is_mdms, has_received = spread(meters["sender"] == "mdms"), spread(meters["has_received_channel"])
    was_sent = joined(lambda run: run.span.reads.fate[run.row] != Fate.MISSING, np.bool_)
    minutes = pl.Series([run.span.reads.grid.minutes for run in runs], dtype=pl.Int16)
    frame = pl.DataFrame(
        {
            "meter_number": spread(meters["meter_number"]),
            "meter_id": spread(meters["meter_id"]),
            "interval_start_utc": joined(lambda run: run.span.reads.grid.start_utc, np.dtype("datetime64[us]").type),
            "interval_minutes": spread(minutes),
            "true_delivered_wh": joined(lambda run: run.span.reads.grid.wh["delivered"][run.row], np.int32),
            "true_received_wh": joined(lambda run: run.span.reads.grid.wh["received"][run.row], np.int32),
            "mdms_delivered_wh": joined(lambda run: run.span.verdicts.billed["delivered"][run.row], np.int32),
            "mdms_received_wh": joined(lambda run: run.span.verdicts.billed["received"][run.row], np.int32),
            "mdms_flag": _FLAGS.gather(joined(lambda run: run.span.verdicts.flag[run.row], np.uint32)),
            "is_mdms_estimated": joined(lambda run: run.span.verdicts.is_estimated[run.row], np.bool_),
        }
    )
    known = {
        "true_received_wh": has_received,
        "mdms_received_wh": has_received & is_mdms,
        "mdms_delivered_wh": is_mdms,
        "mdms_flag": is_mdms & was_sent,
        "is_mdms_estimated": is_mdms,
    }
    return frame.with_columns(pl.when(pl.lit(cells)).then(name).alias(name) for name, cells in known.items())


@dataclass(frozen=True)
class _Run:
    """The intervals that a meter of a grid measures."""

    span: MeterSpan
    row: int

    @property
    def length(self) -> int:
        """Number of intervals."""
        grid = self.span.reads.grid
        return max(int(grid.end[self.row] - grid.first[self.row]), 0)

    def cut(self, values: Array) -> Array:
        """Values of the grid's intervals, where the meter measures."""
        first = int(self.span.reads.grid.first[self.row])
        return values[first : first + self.length]


def component_loads(chunk: Chunk, calendar: Calendar, loads: Loads) -> pl.DataFrame:
    """Hourly watt-hours by component.

    Returns:
        `premise_number`, `hour_start_utc`, and for each component `<component>_wh` (solar is negative or zero); sorted
        by premise and hour.
    """
    hours = calendar.start_utc[::4]
    number = np.repeat(chunk.premises["premise_number"].to_numpy(), len(hours))
    sums = {f"{name}_wh": four_summed(loads.wh[name]).ravel() for name in COMPONENTS}
    return pl.DataFrame({"premise_number": number, "hour_start_utc": np.tile(hours, chunk.count), **sums})
