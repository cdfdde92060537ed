"""Energy of bills that the weather models of their accounts set down to heating and cooling."""

import polars as pl

from models.usage.degree_days import degree_tenths, temperature_tenths

_PER_TENTH_WH = 100


def bill_weather(bills: pl.DataFrame, models: pl.DataFrame, daily_weather: pl.DataFrame) -> pl.DataFrame:
    """Heating and cooling of bills.

    Args:
        bills: bill_id, account_id, bill_start_date, bill_end_date (the day after the last one).
        models: Rows of `analytics.usage_models`.
        daily_weather: Rows of `entities.daily_weather`.

    Returns:
        bill_id, weather_wh (null without a model or where a temperature is unknown).
    """
    model = models.filter(pl.col("reason_code").is_null()).select(
        "account_id", "climate_zone", "heating_kwh_per_degree_day", "cooling_kwh_per_degree_day",
        heating_tenths=temperature_tenths("heating_balance_degc"),
        cooling_tenths=temperature_tenths("cooling_balance_degc"),
    )  # fmt: skip
    weather = daily_weather.select("climate_zone", "usage_date", tenths=temperature_tenths("mean_temperature_degc"))
    heating, cooling = (
        degree_tenths(pl.col("heating_tenths") - pl.col("tenths")),
        degree_tenths(pl.col("tenths") - pl.col("cooling_tenths")),
    )
    energy = _PER_TENTH_WH * (
        pl.col("heating_kwh_per_degree_day").fill_null(0) * heating.fill_null(0)
        + pl.col("cooling_kwh_per_degree_day").fill_null(0) * cooling.fill_null(0)
    )
    return (
        bills.select("bill_id", "account_id", "bill_start_date", "bill_end_date")
        .join(model, on="account_id")
        .with_columns(usage_date=pl.date_ranges("bill_start_date", pl.col("bill_end_date").dt.offset_by("-1d")))
        .explode("usage_date")
        .join(weather, on=["climate_zone", "usage_date"], how="left")
        .group_by("bill_id")
        .agg(weather_wh=pl.when(pl.col("tenths").is_not_null().all()).then(energy.sum()))
        .sort("bill_id")
    )
