"""Use of accounts in chosen hours of chosen days, from the reads after validation."""

from collections.abc import Iterable
from datetime import date

import polars as pl

from models.rates.cells import meter_days
from models.tables.vee import EDITED_INTERVAL_READS
from pipelines import lake
from pipelines.home import Home
from pipelines.months import month_of


def hourly_use(home: Home, occupancy: pl.DataFrame, dates: Iterable[date]) -> pl.DataFrame:
    """Energy delivered to accounts by local hour.

    Args:
        home: Home folder; months of reads that hold none of the dates are not read.
        occupancy: Rows of `entities.meter_occupancy`.
        dates: Local dates.

    Returns:
        Rows of `analytics.event_window_usage`.
    """
    wanted = sorted(set(dates))
    parts = [
        _of_month(home, occupancy, month, [day for day in wanted if month_of(day) == month])
        for month in sorted({month_of(day) for day in wanted})
    ]
    if not parts:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.concat(parts).sort("account_id", "usage_date", "local_hour")


_SCHEMA = {"account_id": pl.String, "usage_date": pl.Date, "local_hour": pl.Int16, "delivered_wh": pl.Int64}


def _of_month(home: Home, occupancy: pl.DataFrame, month: str, days: list[date]) -> pl.DataFrame:
    if not lake.table_files(home, EDITED_INTERVAL_READS, [month]):
        return pl.DataFrame(schema=_SCHEMA)
    served = meter_days(occupancy, days[0], days[-1]).filter(pl.col("usage_date").is_in(days))
    local = pl.col("interval_start_utc") + pl.duration(minutes=pl.col("utc_offset_minutes"))
    return (
        lake.scan(home, EDITED_INTERVAL_READS, [month])
        .select("meter_id", "delivered_wh", local=local)
        .with_columns(usage_date=pl.col("local").dt.date())
        .filter(pl.col("usage_date").is_in(days), pl.col("delivered_wh").is_not_null())
        .join(served.lazy().select("meter_id", "usage_date", "account_id"), on=["meter_id", "usage_date"])
        .group_by("account_id", "usage_date", local_hour=pl.col("local").dt.hour().cast(pl.Int16))
        .agg(pl.col("delivered_wh").cast(pl.Int64).sum())
        .collect()
    )
