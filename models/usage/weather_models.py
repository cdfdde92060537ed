"""Weather models of accounts: what a table of them says, out of daily use and temperatures."""

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.tables.analytics import USAGE_MODELS
from models.usage.degree_days import temperature_tenths
from models.usage.regression import NO_BALANCE, Fit, Flags, Floats, Integers, fit
from models.usage.settings import WeatherModelSettings

_SCHEMA = USAGE_MODELS.empty().schema
_DIGITS = 6
"""Digits of what is stored; to a millionth of a kWh, so that the last bits of a computation are never told."""
_WH_PER_KWH = 1000


def usage_models(days: pl.DataFrame, daily_weather: pl.DataFrame, settings: WeatherModelSettings) -> pl.DataFrame:
    """A weather model for every account with usage.

    The window is that of all accounts: it ends with the latest date of any of them.

    Args:
        days: As `account_days` returns.
        daily_weather: Rows of `entities.daily_weather`.
        settings: Window, minima and balance points.

    Returns:
        Rows of `analytics.usage_models`, sorted by account; without a model there is a reason.
    """
    if days.is_empty():
        return USAGE_MODELS.empty()
    accounts = days.group_by("account_id").agg(pl.col("climate_zone").drop_nulls().last()).sort("account_id")
    weather = daily_weather.select(
        "climate_zone", "usage_date", tenths=temperature_tenths("mean_temperature_degc")
    ).drop_nulls("tenths")
    last: date = days["usage_date"].max()  # type: ignore[assignment]
    window = days.filter(pl.col("usage_date") > last - timedelta(days=settings.window_day_count))
    used = window.drop_nulls("valid_wh").join(weather, on=["climate_zone", "usage_date"])
    counted = accounts.join(
        used.group_by("account_id").agg(
            day_count=pl.len().cast(pl.Int32),
            first_usage_date=pl.min("usage_date"),
            last_usage_date=pl.max("usage_date"),
        ),
        on="account_id",
        how="left",
    ).with_columns(pl.col("day_count").fill_null(0))
    has_weather = pl.col("climate_zone").is_in(weather["climate_zone"].unique().implode())
    reason = (
        pl.when(~has_weather.fill_null(value=False))
        .then(pl.lit("no_weather"))
        .when(pl.col("day_count") < settings.minimum_day_count)
        .then(pl.lit("too_few_valid_days"))
    )
    judged = counted.with_columns(reason_code=reason)
    fitted = judged.filter(pl.col("reason_code").is_null()).select("account_id", "climate_zone")
    models = [
        _of_zone(used.join(group, on="account_id", how="semi"), group["account_id"], settings)
        for _, group in fitted.group_by("climate_zone")
    ]
    found = pl.concat([_rows(pl.Series(dtype=pl.String), None), *models])
    return (
        judged.join(found, on="account_id", how="left")
        .select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
        .sort("account_id")
    )


def _of_zone(used: pl.DataFrame, accounts: pl.Series, settings: WeatherModelSettings) -> pl.DataFrame:
    dates = used.select("usage_date", "tenths").unique().sort("usage_date")
    accounts = accounts.sort()
    row = used["account_id"].replace_strict(accounts, np.arange(len(accounts)), return_dtype=pl.Int64).to_numpy()
    column = used["usage_date"].replace_strict(
        dates["usage_date"], np.arange(dates.height), return_dtype=pl.Int64
    ).to_numpy()  # fmt: skip
    usage = np.zeros((len(accounts), dates.height), dtype=np.int64)
    is_valid: Flags = np.zeros(usage.shape, dtype=np.bool_)
    usage[row, column] = used["valid_wh"].to_numpy()
    is_valid[row, column] = True
    return _rows(accounts, fit(usage, is_valid, dates["tenths"].to_numpy(), settings))


def _rows(accounts: pl.Series, found: Fit | None) -> pl.DataFrame:
    """Models in the units of the table."""
    if found is None:
        return pl.DataFrame(schema={"account_id": pl.String} | {name: _SCHEMA[name] for name in _FITTED})
    is_heating, is_cooling = found.heating_tenths != NO_BALANCE, found.cooling_tenths != NO_BALANCE
    codes = np.select(
        [is_heating & is_cooling, is_heating, is_cooling], ["heating_cooling", "heating", "cooling"], "constant"
    )
    has_use = found.mean_wh > 0
    columns: dict[str, Iterable[object]] = {
        "model_code": codes.tolist(),
        "base_kwh": _rounded(found.base_wh / _WH_PER_KWH),
        "heating_kwh_per_degree_day": _where(is_heating, _rounded(found.heating_wh / _WH_PER_KWH)),
        "cooling_kwh_per_degree_day": _where(is_cooling, _rounded(found.cooling_wh / _WH_PER_KWH)),
        "heating_balance_degc": _where(is_heating, _degrees(found.heating_tenths)),
        "cooling_balance_degc": _where(is_cooling, _degrees(found.cooling_tenths)),
        "adjusted_r2_ratio": _rounded(found.adjusted_r2),
        "cvrmse_ratio": _where(has_use, _rounded(found.error_wh / np.where(has_use, found.mean_wh, 1))),
    }
    frame = pl.DataFrame({"account_id": accounts, **{name: list(values) for name, values in columns.items()}})
    return frame.select("account_id", *(pl.col(name).cast(_SCHEMA[name]) for name in _FITTED))


_FITTED = (
    "model_code",
    "base_kwh",
    "heating_kwh_per_degree_day",
    "cooling_kwh_per_degree_day",
    "heating_balance_degc",
    "cooling_balance_degc",
    "adjusted_r2_ratio",
    "cvrmse_ratio",
)


def _rounded(values: Floats) -> list[float]:
    return [float(value) for value in np.round(values, _DIGITS)]


def _degrees(tenths: Integers) -> list[float]:
    return [value / 10 for value in tenths.tolist()]


def _where(is_known: Flags, values: list[float]) -> list[float | None]:
    return [value if known else None for known, value in zip(is_known.tolist(), values, strict=True)]
