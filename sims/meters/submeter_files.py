"""What the sub-metering service sends: rows of local end labels and kWh, a line per read."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from sims.meters.reads import LOST
from sims.meters.span import MeterSpan, is_mislabelled
from sims.world.frames import TIME_ZONE

HEADER = "meter_id,interval_end_local,interval_minutes,delivered_kwh\n"


def write_rows(path: Path, spans: list[MeterSpan], world_first: date) -> int:
    """Write the rows of sub-meters, without the header.

    Labels are the local wall clock at the end of the interval, so the hour at which summer time ends occurs twice and
    in order; for three weeks of a world they are the start instead.

    Args:
        path: File to write.
        spans: The reads.
        world_first: First date of the world.

    Returns:
        Number of rows.
    """
    rows = pl.concat([_rows(span, world_first) for span in spans]) if spans else pl.DataFrame()
    path.write_bytes(b"")
    if rows.height:
        order = pl.col("meter_number"), pl.col("interval_start_utc")
        rows = rows.sort(*order).drop("meter_number", "interval_start_utc")
        rows.write_csv(path, include_header=False, float_precision=3)
    return rows.height


def _rows(span: MeterSpan, world_first: date) -> pl.DataFrame:
    reads, grid = span.reads, span.reads.grid
    is_sub = (grid.meters["sender"] == "submeters").to_numpy()
    row, place = np.nonzero(grid.is_installed & ~np.isin(reads.fate, LOST) & is_sub[:, None])
    wrong = np.array([is_mislabelled(world_first, day) for day in grid.calendar.dates])
    is_wrong = np.repeat(wrong, np.diff(grid.day_start))[place]
    label = np.where(is_wrong, grid.bounds_utc[place], grid.bounds_utc[place + 1])
    local = pl.Series(label).dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE)
    return pl.DataFrame(
        {
            "meter_number": grid.meters["meter_number"].gather(row),
            "interval_start_utc": grid.start_utc[place],
            "meter_id": grid.meters["meter_id"].gather(row),
            "interval_end_local": local.dt.strftime("%Y-%m-%d %H:%M"),
            "interval_minutes": pl.repeat(grid.minutes, len(row), dtype=pl.Int64, eager=True),
            "delivered_kwh": reads.sent["delivered"][row, place] / 1000,
        }
    )
