"""A writer of NEM12 files, as a metering data provider of the Australian market sends them."""

from pathlib import Path

import polars as pl

MARKET_OFFSET_MINUTES = 600
_STREAM = ["nmi", "suffix", "unit", "interval_minutes"]
_DAY = [*_STREAM, "day"]
_NO_VALUE = "N"


def write_nem12(
    path: Path,
    reads: pl.DataFrame,
    *,
    utc_offset_minutes: int = MARKET_OFFSET_MINUTES,
    created: str = "202601010000",
    line_end: str = "\n",
) -> None:
    """Write interval values as a NEM12 file: a 200 row per data stream, a 300 row per day, and 400 rows where needed.

    A day with one quality throughout states it in its 300 row; one with several says V there and lists them in 400
    rows. The format knows whole days only, so an interval of a day that has any is written as 0 with quality N where
    its value is missing.

    Args:
        path: File to write.
        reads: nmi, suffix (E1, B1, Q1 ...), unit (kWh, Wh ...) and quality (A, S14, N ...) as text; interval_minutes
            (any integer type); interval_start_utc (naive, on interval bounds of the given offset); value (text, or
            integers in the unit). One row per stream and start, in any order.
        utc_offset_minutes: Offset of the file's clock, all year.
        created: Time in the header as CCYYMMDDhhmm.
        line_end: Text that ends each line.
    """
    days = _days(reads, utc_offset_minutes)
    lines = pl.concat([_stream_lines(days), _day_lines(days), _range_lines(days)])
    lines = lines.sort(*_STREAM, "day", "first", nulls_last=False)
    text = [f"100,NEM12,{created},SIM,SIM", *lines["line"], "900"]
    path.write_text(line_end.join(text) + line_end, encoding="utf-8", newline="")


def _days(reads: pl.DataFrame, utc_offset_minutes: int) -> pl.DataFrame:
    """Every interval of each day that has any, in order: `value` and `quality` filled up, `position` from 1."""
    wall = pl.col("interval_start_utc") + pl.duration(minutes=utc_offset_minutes)
    minute = wall.dt.hour().cast(pl.Int64) * 60 + wall.dt.minute()
    reads = reads.select(
        *_STREAM[:-1],
        pl.col("interval_minutes").cast(pl.Int64),
        pl.col("value").cast(pl.String),
        "quality",
        day=wall.dt.date(),
        position=minute // pl.col("interval_minutes").cast(pl.Int64) + 1,
    )
    slots = (
        reads.select(_DAY)
        .unique()
        .with_columns(position=pl.int_ranges(1, 1440 // pl.col("interval_minutes") + 1))
        .explode("position")
    )
    slots = slots.join(reads, on=[*_DAY, "position"], how="left", validate="1:1")
    is_missing = pl.col("value").is_null()
    return slots.sort(*_DAY, "position").with_columns(
        value=pl.col("value").fill_null("0"),
        quality=pl.when(is_missing).then(pl.lit(_NO_VALUE)).otherwise("quality"),
    )


def _stream_lines(days: pl.DataFrame) -> pl.DataFrame:
    streams = days.select(_STREAM).unique()
    configuration = days.select("nmi", "suffix").unique().sort("nmi", "suffix")
    configuration = configuration.group_by("nmi").agg(configuration=pl.col("suffix").str.join(""))
    line = pl.format("200,{},{},,{},,,{},{},", "nmi", "configuration", "suffix", "unit", pl.col("interval_minutes"))
    lines = streams.join(configuration, on="nmi").with_columns(line=line)
    return lines.select(*_STREAM, day=pl.lit(None, pl.Date), first=pl.lit(0, pl.Int64), line="line")


def _day_lines(days: pl.DataFrame) -> pl.DataFrame:
    whole = days.group_by(_DAY, maintain_order=True).agg(
        values=pl.col("value").str.join(","), quality=pl.col("quality").first(), qualities=pl.col("quality").n_unique()
    )
    quality = pl.when(pl.col("qualities") == 1).then("quality").otherwise(pl.lit("V"))
    date = pl.col("day").dt.strftime("%Y%m%d")
    line = pl.format("300,{},{},{},,,{}000000,", date, "values", quality, date)
    return whole.select(*_DAY, first=pl.lit(0, pl.Int64), line=line)


def _range_lines(days: pl.DataFrame) -> pl.DataFrame:
    mixed = days.filter(pl.col("quality").n_unique().over(_DAY) > 1)
    changes = (pl.col("quality") != pl.col("quality").shift()) | (pl.col("position") == 1)
    ranges = mixed.with_columns(run=changes.fill_null(value=True).cum_sum())
    ranges = ranges.group_by(*_DAY, "run", maintain_order=True).agg(
        first=pl.col("position").min(), last=pl.col("position").max(), quality=pl.col("quality").first()
    )
    return ranges.select(*_DAY, "first", line=pl.format("400,{},{},{},,", "first", "last", "quality"))
