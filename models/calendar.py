"""Civil calendar and clock: which local day, hour and day type an instant belongs to.

Reads are joined to these small tables instead of converting each stamp (one conversion per instant and zone).
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import polars as pl

from models.tables.entities import DATES, DAY_TYPES, INTERVALS, SEASONS

FIRST_DATE = date(2000, 1, 1)
"""First date that the warehouse keeps: interval meters are younger, and an older stamp is an error."""
FUTURE_TOLERANCE = timedelta(days=1)
"""How far after its receipt a file may say that something happened: clocks of senders differ, and a day-ahead file is
not absurd; a year ahead is."""
SUMMER_MONTHS = (6, 7, 8, 9)
MINUTES_PER_DAY = 1440


def dates(first_date: date, last_date: date, holidays: Mapping[date, str]) -> pl.DataFrame:
    """Civil dates with day type and season.

    Args:
        first_date: First civil date, inclusive.
        last_date: Last civil date, inclusive.
        holidays: Public holidays of the service territory by date.

    Returns:
        One row per civil date, columns of `entities.dates`.
    """
    frame = pl.DataFrame({"usage_date": pl.date_range(first_date, last_date, eager=True)})
    names = pl.DataFrame(
        {"usage_date": list(holidays.keys()), "holiday_name": list(holidays.values())},
        schema={"usage_date": pl.Date, "holiday_name": pl.String},
    )
    is_holiday = pl.col("holiday_name").is_not_null()
    is_weekend = pl.col("usage_date").dt.weekday() >= 6
    is_summer = pl.col("usage_date").dt.month().is_in(SUMMER_MONTHS)
    weekday, weekend, holiday = DAY_TYPES
    summer, winter = SEASONS
    return frame.join(names, on="usage_date", how="left", maintain_order="left").select(
        "usage_date",
        pl.when(is_holiday)
        .then(pl.lit(holiday))
        .when(is_weekend)
        .then(pl.lit(weekend))
        .otherwise(pl.lit(weekday))
        .cast(DATES.empty().schema["day_type"])
        .alias("day_type"),
        pl.when(is_summer)
        .then(pl.lit(summer))
        .otherwise(pl.lit(winter))
        .cast(DATES.empty().schema["season"])
        .alias("season"),
        is_holiday.alias("is_holiday"),
        "holiday_name",
    )


def intervals(time_zones: Iterable[str], first_date: date, last_date: date, step_minutes: int) -> pl.DataFrame:
    """Every instant of a grid, told in each zone.

    Args:
        time_zones: IANA zones.
        first_date: First civil date, inclusive, in each zone.
        last_date: Last civil date, inclusive, in each zone.
        step_minutes: Distance of the grid's instants in minutes; divides 60.

    Returns:
        Columns of `entities.intervals`, sorted by zone and instant. Civil dates are 23, 24 or 25 hours long where
        clocks change by one hour.
    """
    frames = [_zone_intervals(zone, first_date, last_date, step_minutes) for zone in sorted(set(time_zones))]
    return pl.concat(frames) if frames else INTERVALS.empty()


def _zone_intervals(time_zone: str, first_date: date, last_date: date, step_minutes: int) -> pl.DataFrame:
    # A zone is at most 14 hours from UTC, so one day more on either side covers the local dates.
    instants = pl.datetime_range(
        pl.lit(first_date).cast(pl.Datetime("us")).dt.offset_by("-1d"),
        pl.lit(last_date).cast(pl.Datetime("us")).dt.offset_by("2d"),
        f"{step_minutes}m",
        eager=True,
        closed="left",
    ).alias("interval_start_utc")
    local = pl.col("interval_start_utc").dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone)
    return (
        instants.to_frame()
        .with_columns(interval_start_local=local.dt.replace_time_zone(None))
        .with_columns(usage_date=pl.col("interval_start_local").dt.date())
        .filter(pl.col("usage_date").is_between(first_date, last_date))
        .with_columns(
            minute_of_day=(
                pl.col("interval_start_local").dt.hour().cast(pl.Int16) * 60
                + pl.col("interval_start_local").dt.minute().cast(pl.Int16)
            ),
            day_minutes=(pl.len().over("usage_date") * step_minutes).cast(pl.Int16),
            is_day_start=pl.col("interval_start_utc") == pl.col("interval_start_utc").min().over("usage_date"),
        )
        .select(pl.lit(time_zone).alias("time_zone"), *list(INTERVALS.columns)[1:])
    )
