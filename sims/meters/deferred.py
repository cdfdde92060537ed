"""Reads that are sent in files of their own: after their time, or once more."""

import numpy as np
import polars as pl

from sims.meters.mdms_files import read_rows
from sims.meters.pieces import Piece
from sims.meters.reads import Span
from sims.meters.span import MeterSpan
from sims.world.calendar import Array

DEFERRED = pl.Schema({
    "file_kind": pl.String(), "arrival_date": pl.Date(), "meter_id": pl.String(), "channel_code": pl.String(),
    "interval_start_utc": pl.Datetime("us"), "interval_minutes": pl.Int64(), "wh": pl.Int64(), "quality": pl.String(),
})  # fmt: skip
"""`file_kind` (late, resend), `arrival_date` (local date of sending), and what `write_cmep` takes."""


def deferred_reads(spans: list[MeterSpan], piece: Piece) -> pl.DataFrame:
    """Reads of a piece that its regular files do not bring, columns of `DEFERRED`."""
    frames = [pl.DataFrame(schema=DEFERRED)]
    for span in spans:
        reads = span.reads
        right = np.zeros_like(span.verdicts.flag)
        frames += _frames(span, piece, "late", reads.late, reads.sent, right)
        frames += _frames(span, piece, "resend", reads.repeats, reads.sent, span.verdicts.flag)
        frames += _frames(span, piece, "resend", reads.corrections, reads.grid.wh, right)
    return pl.concat(frames)


def _frames(
    span: MeterSpan, piece: Piece, kind: str, found: list[Span], wh: dict[str, Array], flag: Array
) -> list[pl.DataFrame]:
    """The reads of some spans in one frame, or none."""
    if not found:
        return []
    cells = [
        (spot.row, channel, spot.first, spot.end, spot.delay_days)
        for spot in found
        for channel in range(len(span.reads.channels(spot.row)))
    ]
    rows, channels, first, end, delays = np.array(cells).T
    lengths = end - first
    places = np.concatenate([np.arange(*bounds) for bounds in zip(first, end, strict=True)])
    values = read_rows(span.reads.grid, wh, flag, np.repeat(rows, lengths), np.repeat(channels, lengths), places)
    days = (np.datetime64(piece.sent_date, "D") + delays).astype("datetime64[D]")
    return [
        values.select(
            pl.lit(kind).alias("file_kind"),
            pl.Series("arrival_date", np.repeat(days, lengths)),
            pl.col("meter_id", "channel_code").cast(pl.String),
            "interval_start_utc",
            "interval_minutes",
            "wh",
            pl.col("quality").cast(pl.String),
        )
    ]
