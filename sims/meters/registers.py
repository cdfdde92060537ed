"""Register readings: the face of the meter at local midnight, when it is installed and when it is removed."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sims.meters.metering import CHANNELS, Grid
from sims.meters.reads import LABELS
from sims.world.calendar import Array

_STARTS = {"delivered": "register_start_wh", "received": "received_start_wh"}


@dataclass(frozen=True)
class Registers:
    """Readings of a grid's registers.

    Attributes:
        readings: `row` (of the grid), `channel_code`, `read_at_utc`, `wh` (the face); sorted by these.
        drops: Where a face fell, `row` and the other columns of a label (`register_reset`, `register_rollover`).
        counted: Watt-hours by channel since the start of the simulation, each [meter], at the end.
        lost: Watt-hours by channel that resets have taken off the face, each [meter], at the end.
    """

    readings: pl.DataFrame
    drops: pl.DataFrame
    counted: dict[str, Array]
    lost: dict[str, Array]


def read_registers(
    grid: Grid, counted: dict[str, Array], lost: dict[str, Array], resets: list[tuple[int, int]], *, is_first: bool
) -> Registers:
    """Read the registers of a grid.

    The face is the start of the register, and what was counted since, modulo its digits in kWh. A reset at a midnight
    sets the face to zero there.

    Args:
        grid: True reads.
        counted: Watt-hours counted before the first day, by channel, [meter].
        lost: Watt-hours lost by resets before, by channel, [meter].
        resets: Meter and day at whose end its registers are reset.
        is_first: The days begin a world, so that the first midnight is read too.
    """
    modulo = 1_000 * 10 ** grid.meters["register_digits"].to_numpy().astype(np.int64)
    readings, drops, total, gone = [], [], {}, {}
    for channel in CHANNELS:
        sums = np.cumsum(grid.daily(grid.wh[channel]), axis=1)
        sums = counted[channel][:, None] + np.pad(sums, ((0, 0), (1, 0)))
        face = grid.meters[_STARTS[channel]].to_numpy().astype(np.int64)[:, None] + sums
        taken = np.repeat(lost[channel][:, None], face.shape[1], axis=1)
        for row, day in resets:
            taken[row, day + 1 :] = face[row, day + 1]
        shown = (face - taken) % modulo[:, None]
        has_channel = grid.has_received if channel == "received" else np.ones_like(grid.has_received)
        for rows, columns, when in _moments(grid, is_first=is_first):
            kept = has_channel[rows]
            readings.append(_readings(rows[kept], channel, grid.bounds_utc[when[kept]], shown[rows, columns][kept]))
        drops.append(_drops(grid, channel, sums, shown, resets, has_channel))
        total[channel], gone[channel] = sums[:, -1], taken[:, -1]
    return Registers(pl.concat(readings).sort("row", "channel_code", "read_at_utc"), pl.concat(drops), total, gone)


def _moments(grid: Grid, *, is_first: bool) -> list[tuple[Array, Array, Array]]:
    """When registers are read: meters, the midnights whose face is shown, and the intervals at which it is read."""
    days, calendar = grid.day_start, grid.calendar
    is_new = (grid.meters["installed_date"] >= calendar.first).to_numpy()
    is_removed = (grid.meters["removed_date"] <= calendar.last).fill_null(value=False).to_numpy()
    at_midnight = (grid.first[:, None] < days) & (days <= grid.end[:, None])
    at_midnight[:, 0] = is_first & (grid.first == 0) & (grid.end > 0) & ~is_new
    rows, columns = np.nonzero(at_midnight)
    installed = np.flatnonzero(is_new)
    removed = np.flatnonzero(is_removed & ~np.isin(grid.end, days))
    last = np.full(len(removed), len(days) - 1)
    return [
        (rows, columns, days[columns]),
        (installed, np.zeros_like(installed), grid.first[installed]),
        (removed, last, grid.end[removed]),
    ]


def _readings(rows: Array, channel: str, read_at: Array, face: Array) -> pl.DataFrame:
    return pl.DataFrame({"row": rows, "read_at_utc": read_at, "wh": face}).select(
        "row", pl.lit(channel).alias("channel_code"), "read_at_utc", "wh"
    )


def _drops(
    grid: Grid, channel: str, sums: Array, shown: Array, resets: list[tuple[int, int]], has_channel: Array
) -> pl.DataFrame:
    """Labels of the days on which a face fell."""
    rows, days = np.nonzero((np.diff(shown, axis=1) < 0) & has_channel[:, None])
    known = set(resets)
    kinds = [
        "register_reset" if cell in known else "register_rollover"
        for cell in zip(rows.tolist(), days.tolist(), strict=True)
    ]
    return pl.DataFrame(
        {
            "row": rows,
            "interval_start_utc": grid.calendar.midnights_utc[days],
            "interval_end_utc": grid.calendar.midnights_utc[days + 1],
            "defect_type": pl.Series(kinds, dtype=pl.String),
            "true_wh": (sums[rows, days + 1] - sums[rows, days]),
            "sent_wh": (shown[rows, days + 1] - shown[rows, days]),
        }
    ).select(pl.lit(channel).alias("channel_code") if name == "channel_code" else name for name in LABELS)
