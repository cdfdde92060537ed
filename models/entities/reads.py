"""Meters and their channels, as the files of reads know them."""

import math

import polars as pl

from models.entities.meters import UNCLASSIFIED
from models.tables.base import CHANNELS
from models.tables.entities import METER_CHANNELS, METERS

ZONE_STEP_MINUTES = 15
RECORDED = ("climate_zone", "register_digits", "meter_multiplier", "installed_date", "removed_date")
"""What only the customer system says of a meter."""
OF_READS = [name for name in METERS.columns if name not in RECORDED]
"""What the files of reads say of a meter."""


def meters_of_reads(files: pl.DataFrame, file_channels: pl.DataFrame) -> pl.DataFrame:
    """Meters that sent reads, with the zone, length and class that the latest file about them gives.

    The nominal interval length is the one with most reads (the shorter on a tie); the zone and class come from the
    file received last (the larger file id on a tie), the class from the last file that gives one.

    Args:
        files: Rows of `raw.files`.
        file_channels: Rows of `raw.file_channels`.

    Returns:
        Columns of `OF_READS`, sorted by meter.
    """
    joined = _with_file(files, file_channels)
    if joined.is_empty():
        return METERS.empty().select(OF_READS)
    lengths = (
        joined.group_by("meter_id", "interval_minutes")
        .agg(pl.col("read_count").cast(pl.Int64).sum())
        .sort("meter_id", "read_count", "interval_minutes", descending=[False, True, False])
        .group_by("meter_id", maintain_order=True)
        .agg(pl.col("interval_minutes").first())
    )
    latest = joined.sort("received_at_utc", "file_id").group_by("meter_id", maintain_order=True)
    attributes = latest.agg(
        pl.col("time_zone").last(),
        pl.col("customer_class").filter(pl.col("customer_class") != UNCLASSIFIED).last().fill_null(UNCLASSIFIED),
        pl.col("is_synthetic").any(),
        pl.col("first_interval_start_utc").min(),
        pl.col("last_interval_start_utc").max(),
        (pl.col("channel_code") == CHANNELS[1]).any().alias("has_received_channel"),
    )
    return (
        attributes.join(lengths, on="meter_id")
        .pipe(_add_local_date, "first_interval_start_utc", "first_read_date")
        .pipe(_add_local_date, "last_interval_start_utc", "last_read_date")
        .select(OF_READS)
        .sort("meter_id")
    )


def meter_channels(meters: pl.DataFrame, files: pl.DataFrame, file_channels: pl.DataFrame) -> pl.DataFrame:
    """Channels and the span in which their reads are expected: from the first to the last read so far.

    Args:
        meters: Rows of `entities.meters`.
        files: Rows of `raw.files`.
        file_channels: Rows of `raw.file_channels`.

    Returns:
        Rows of `entities.meter_channels`, sorted by meter and channel. Reads of another length than the meter's
        nominal one do not widen the span.
    """
    joined = _with_file(files, file_channels)
    if joined.is_empty():
        return METER_CHANNELS.empty()
    return (
        joined.drop("time_zone")
        .join(meters.select("meter_id", "interval_minutes", "time_zone"), on=["meter_id", "interval_minutes"])
        .group_by("meter_id", "channel_code", "interval_minutes", "time_zone")
        .agg(
            pl.col("first_interval_start_utc").min(),
            pl.col("last_interval_start_utc").max(),
            pl.col("file_id").n_unique().cast(pl.Int32).alias("file_count"),
        )
        .pipe(_add_local_date, "first_interval_start_utc", "first_usage_date")
        .pipe(_add_local_date, "last_interval_start_utc", "last_usage_date")
        .select(METER_CHANNELS.columns.keys())
        .sort("meter_id", "channel_code")
    )


def finest_step(meters: pl.DataFrame) -> int:
    """Distance in minutes of the grid on which the intervals of every meter with reads begin.

    Divides every length in use, and the quarter of an hour by which zones differ from UTC.
    """
    return math.gcd(*(int(n) for n in meters["interval_minutes"].drop_nulls().unique()), ZONE_STEP_MINUTES)


def _with_file(files: pl.DataFrame, file_channels: pl.DataFrame) -> pl.DataFrame:
    columns = ["file_id", "received_at_utc", "time_zone", "customer_class", "is_synthetic"]
    return file_channels.join(files.select(columns), on="file_id")


def _add_local_date(frame: pl.DataFrame, instant: str, name: str) -> pl.DataFrame:
    """Civil date of a UTC instant in each row's own `time_zone`."""
    utc = pl.col(instant).dt.replace_time_zone("UTC")
    return pl.concat(
        part.with_columns(utc.dt.convert_time_zone(str(part["time_zone"][0])).dt.date().alias(name))
        for part in frame.partition_by("time_zone")
    )
