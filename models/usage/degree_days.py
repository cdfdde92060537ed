"""Degree days of climate zones."""

import polars as pl

from models.tables.analytics import DEGREE_DAYS

_SCHEMA = DEGREE_DAYS.empty().schema


def degree_days(daily_weather: pl.DataFrame, base_tenths: int) -> pl.DataFrame:
    """Degree days of every date, from its mean temperature.

    Args:
        daily_weather: Rows of `entities.daily_weather`.
        base_tenths: Base in tenths of a °C.

    Returns:
        Rows of `analytics.degree_days`, sorted by zone and date; null where the mean is unknown.
    """
    mean = temperature_tenths("mean_temperature_degc")
    return daily_weather.select(
        "climate_zone",
        "usage_date",
        "mean_temperature_degc",
        heating_degree_days=_in_degrees(degree_tenths(base_tenths - mean), "heating_degree_days"),
        cooling_degree_days=_in_degrees(degree_tenths(mean - base_tenths), "cooling_degree_days"),
    ).sort("climate_zone", "usage_date")


def temperature_tenths(name: str) -> pl.Expr:
    """A temperature in whole tenths of a °C, exactly."""
    return (pl.col(name) * 10).cast(pl.Int64)


def degree_tenths(difference: pl.Expr) -> pl.Expr:
    """Degree days in tenths: the difference where it is positive, else 0; null where it is unknown."""
    return pl.when(difference > 0).then(difference).when(difference.is_not_null()).then(0)


def _in_degrees(tenths: pl.Expr, name: str) -> pl.Expr:
    return (tenths.cast(pl.Float64) / 10).round(1).cast(_SCHEMA[name])
