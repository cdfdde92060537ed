"""Manual edits of reads, on the calendars of their meters."""

import polars as pl

from models.clock import to_local
from models.tables.entities import READ_EDITS


def read_edits(rows: pl.DataFrame, meters: pl.DataFrame) -> pl.DataFrame:
    """Edits with the time of recording and the civil date that each is about.

    Args:
        rows: Rows of `operations_read_edits` that hold, one per edit.
        meters: Rows of `entities.meters`.

    Returns:
        Rows of `entities.read_edits`, sorted by edit.
    """
    zoned = rows.join(meters.select("meter_id", "time_zone"), on="meter_id", how="left")
    dated = [_dated(part) for part in zoned.partition_by("time_zone")]
    if not dated:
        return READ_EDITS.empty()
    return (
        pl.concat(dated)
        .with_columns(recorded_at_utc="changed_at_utc")
        .select(READ_EDITS.columns.keys())
        .sort(READ_EDITS.primary_key)
    )


def _dated(part: pl.DataFrame) -> pl.DataFrame:
    zone: str | None = part["time_zone"][0]
    days = pl.lit(None, pl.Date) if zone is None else to_local(part["interval_start_utc"], zone).dt.date()
    return part.with_columns(usage_date=days)
