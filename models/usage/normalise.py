"""Usage of a month as it would have been in normal weather.

Normal weather is the zone's own history: of each calendar month, every year of the home in which all of its days have
a temperature. normalised = observed + model in normal weather − model in the weather that was, over the same days.
"""

import polars as pl

from models.tables.analytics import NORMALISED_USAGE
from models.usage.degree_days import degree_tenths, temperature_tenths

_SCHEMA = NORMALISED_USAGE.empty().schema
_KEY = ["account_id", "usage_month"]
_PER_TENTH_WH = 100
"""kWh per degree day times tenths of a degree day, in Wh."""


def normalised_usage(days: pl.DataFrame, models: pl.DataFrame, daily_weather: pl.DataFrame) -> pl.DataFrame:
    """By how much each month of each account would differ in normal weather.

    Degree days are summed in whole tenths, so that no order of days can matter; the result is rounded to the watt-hour.

    Args:
        days: As `account_days` returns: the days with usage, valid or not.
        models: Rows of `analytics.usage_models`.
        daily_weather: Rows of `entities.daily_weather`.

    Returns:
        Rows of `analytics.normalised_usage`, sorted by account and month; where the difference is unknown there is a
        reason.
    """
    if days.is_empty():
        return NORMALISED_USAGE.empty()
    weather = daily_weather.select(
        "climate_zone", "usage_date", tenths=temperature_tenths("mean_temperature_degc")
    ).with_columns(usage_month=pl.col("usage_date").dt.strftime("%Y-%m"), month=pl.col("usage_date").dt.month())
    model = models.select(
        "account_id", "climate_zone", "heating_kwh_per_degree_day", "cooling_kwh_per_degree_day", "reason_code",
        heating_tenths=temperature_tenths("heating_balance_degc"),
        cooling_tenths=temperature_tenths("cooling_balance_degc"),
    )  # fmt: skip
    observed = (
        days.select("account_id", "usage_date")
        .join(model, on="account_id")
        .join(weather, on=["climate_zone", "usage_date"], how="left")
        .with_columns(pl.col("usage_date").dt.strftime("%Y-%m").alias("usage_month"))
        .group_by(_KEY)
        .agg(
            day_count=pl.len(),
            is_complete=pl.col("tenths").is_not_null().all(),
            heating=_heating().sum(),
            cooling=_cooling().sum(),
        )
    )
    normal = _normals(weather, model)
    joined = (
        observed.with_columns(month=pl.col("usage_month").str.slice(5).cast(pl.Int8))
        .join(model, on="account_id")
        .join(
            normal,
            on=["climate_zone", "month", "heating_tenths", "cooling_tenths"],
            how="left",
            nulls_equal=True,
        )
        .with_columns(pl.col("normal_year_count").fill_null(0))
    )
    reason = (
        pl.when(pl.col("reason_code").is_not_null())
        .then(pl.col("reason_code").cast(pl.String))
        .when(~pl.col("is_complete"))
        .then(pl.lit("no_weather"))
        .when(pl.col("normal_year_count") == 0)
        .then(pl.lit("no_normal_weather"))
    )
    adjustment = sum(
        (
            _PER_TENTH_WH
            * pl.col(f"{side}_kwh_per_degree_day").fill_null(0)
            * (pl.col("day_count") * pl.col(f"normal_{side}") / pl.col("normal_day_count") - pl.col(side))
            for side in ("heating", "cooling")
        ),
        start=pl.lit(0.0),
    )
    return (
        joined.with_columns(reason_code=reason)
        .with_columns(
            weather_adjustment_wh=pl.when(pl.col("reason_code").is_null()).then(adjustment.round(0).cast(pl.Int64))
        )
        .select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
        .sort(_KEY)
    )


def _normals(weather: pl.DataFrame, model: pl.DataFrame) -> pl.DataFrame:
    """Degree days of whole calendar months by zone and pair of balance points, in tenths, with their days and years."""
    length = pl.col("usage_date").dt.month_end().dt.day().first()
    whole = (
        weather.drop_nulls("tenths")
        .group_by("climate_zone", "usage_month")
        .agg(is_whole=pl.len() == length)
        .filter("is_whole")
    )
    balances = model.select("climate_zone", "heating_tenths", "cooling_tenths").unique()
    return (
        weather.join(whole, on=["climate_zone", "usage_month"], how="semi")
        .join(balances, on="climate_zone")
        .group_by("climate_zone", "month", "heating_tenths", "cooling_tenths")
        .agg(
            normal_day_count=pl.len(),
            normal_year_count=pl.col("usage_month").n_unique(),
            normal_heating=_heating().sum(),
            normal_cooling=_cooling().sum(),
        )
    )


def _heating() -> pl.Expr:
    """Tenths of a degree below the balance point; null without one."""
    return degree_tenths(pl.col("heating_tenths") - pl.col("tenths"))


def _cooling() -> pl.Expr:
    """Tenths of a degree above the balance point; null without one."""
    return degree_tenths(pl.col("tenths") - pl.col("cooling_tenths"))
