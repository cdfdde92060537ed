"""Weather by climate zone and hour, out of the observations of stations."""

from datetime import timedelta

import polars as pl

from models.tables import Table
from models.tables.entities import DAILY_WEATHER, WEATHER

SCALES = {"temperature_degc": 10, "dew_point_degc": 10, "irradiance_w_per_m2": 1}
"""Whole parts of a unit in which each measure is declared."""

LONGEST_LINE_HOURS = 3
_HOUR, _DAY = timedelta(hours=1), 24


def weather(observations: pl.DataFrame) -> pl.DataFrame:
    """Mean of the stations that stand for a zone and say something, rounded half up, and estimates between.

    The mean is taken over integers, so that the order of stations cannot matter. Temperature and dew point of up to
    three hours on end are interpolated on a line, those of longer gaps are what they were 24 hours before, if known.

    Args:
        observations: Rows of `weather_observations` that hold: one per station and hour.

    Returns:
        Rows of `entities.weather`, sorted by zone and hour: every hour from a zone's first to its last.
    """
    if observations.is_empty():
        return WEATHER.empty()
    means = _zone_means(observations)
    bounds = means.group_by("climate_zone").agg(first=pl.min("hour_start_utc"), last=pl.max("hour_start_utc"))
    hours = bounds.select(
        "climate_zone", hour_start_utc=pl.datetime_ranges("first", "last", interval=_HOUR, time_unit="us")
    ).explode("hour_start_utc")
    known = hours.join(means, on=["climate_zone", "hour_start_utc"], how="left").sort("climate_zone", "hour_start_utc")
    filled = known.with_columns(_filled("temperature_degc"), _filled("dew_point_degc"))
    return filled.select(
        "climate_zone",
        "hour_start_utc",
        *SCALES,
        pl.col("station_count").fill_null(0),
        is_estimated=known["temperature_degc"].is_null() & filled["temperature_degc"].is_not_null(),
    )


def daily_weather(hours: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Temperatures of local dates.

    Args:
        hours: Rows of `entities.weather`.
        time_zone: IANA zone of the territory, whose civil dates are meant.

    Returns:
        Rows of `entities.daily_weather`, sorted by zone and date; an hour belongs to the date on which it begins.
    """
    local = pl.col("hour_start_utc").dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone)
    tenths = (pl.col("temperature_degc") * SCALES["temperature_degc"]).cast(pl.Int64)
    days = (
        hours.select("climate_zone", usage_date=local.dt.date(), tenths=tenths)
        .group_by("climate_zone", "usage_date")
        .agg(
            min_temperature_degc=pl.col("tenths").min(),
            mean_temperature_degc=_mean("tenths"),
            max_temperature_degc=pl.col("tenths").max(),
            hour_count=pl.col("tenths").count().cast(pl.Int32),
        )
    )
    measures = [name for name in days.columns if name.endswith("_degc")]
    return (
        days.with_columns(_in_units(name, SCALES["temperature_degc"], DAILY_WEATHER) for name in measures)
        .select(DAILY_WEATHER.columns.keys())
        .sort("climate_zone", "usage_date")
    )


def _filled(name: str) -> pl.Expr:
    """A measure with its gaps filled, by zone."""
    value = pl.col(name).cast(pl.Float64)
    run = value.is_not_null().cum_sum()
    length = pl.len().over("climate_zone", run) - 1
    line = pl.when(length <= LONGEST_LINE_HOURS).then(value.interpolate().over("climate_zone"))
    day_before = value.shift(_DAY).over("climate_zone")
    return pl.coalesce(value, line.round(1), day_before).cast(WEATHER.empty().schema[name]).alias(name)


def _zone_means(observations: pl.DataFrame) -> pl.DataFrame:
    return (
        observations.with_columns((pl.col(name) * scale).cast(pl.Int64) for name, scale in SCALES.items())
        .group_by("climate_zone", hour_start_utc="observed_hour_start_utc")
        .agg(*(_mean(name) for name in SCALES), station_count=pl.len().cast(pl.Int32))
        .select(
            "climate_zone",
            "hour_start_utc",
            *(_in_units(name, scale, WEATHER) for name, scale in SCALES.items()),
            "station_count",
        )
    )


def _in_units(name: str, scale: int, table: Table) -> pl.Expr:
    """A measure in whole parts, in the unit in which the table declares it."""
    return (pl.col(name).cast(pl.Float64) / scale).round(1).cast(table.empty().schema[name]).alias(name)


def _mean(name: str) -> pl.Expr:
    said = pl.col(name).count()
    return ((2 * pl.col(name).sum() + said) // (2 * said)).alias(name)
