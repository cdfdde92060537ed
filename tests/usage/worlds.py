"""Accounts whose daily use is made of known slopes."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from models.usage.settings import WeatherModelSettings

FIRST = date(2025, 1, 1)
SETTINGS = WeatherModelSettings(
    window_day_count=365,
    minimum_day_count=330,
    heating_tenths=tuple(range(50, 201, 5)),
    cooling_tenths=tuple(range(120, 301, 5)),
    minimum_active_day_count=10,
    minimum_degree_tenths=111,
)


def temperatures(day_count: int, seed: int = 3) -> np.ndarray:
    """A year as inland California has it, in tenths of a °C: a season and days that stray from it."""
    rng = np.random.default_rng(seed)
    season = 175 - 95 * np.cos(2 * np.pi * (np.arange(day_count) - 15) / 365)
    return np.rint(season + rng.normal(0, 25, day_count)).astype(np.int64)


def usage(
    tenths: np.ndarray, base: float, heating: tuple[float, int] = (0, 0), cooling: tuple[float, int] = (0, 0)
) -> np.ndarray:
    """Daily Wh: base, and Wh per degree day below and above a balance point in tenths."""
    below = np.maximum(heating[1] - tenths, 0) / 10
    above = np.maximum(tenths - cooling[1], 0) / 10
    return np.rint(base + heating[0] * below + cooling[0] * above).astype(np.int64)


def daily_weather(tenths: np.ndarray, zone: str = "inland", first: date = FIRST) -> pl.DataFrame:
    """Rows of `entities.daily_weather`, as far as the models look at them."""
    return pl.DataFrame(
        {
            "climate_zone": [zone] * len(tenths),
            "usage_date": [first + timedelta(days=number) for number in range(len(tenths))],
            "mean_temperature_degc": pl.Series(tenths / 10).round(1).cast(pl.Decimal(5, 1)),
        }
    )


def account_days(
    account: str,
    wh: np.ndarray,
    zone: str | None = "inland",
    first: date = FIRST,
    invalid: frozenset[int] = frozenset(),
) -> pl.DataFrame:
    """Days of one account as `models.usage.account_days` gives them; those of `invalid` have no valid energy."""
    return pl.DataFrame(
        {
            "account_id": [account] * len(wh),
            "climate_zone": pl.Series([zone] * len(wh), dtype=pl.String),
            "usage_date": [first + timedelta(days=number) for number in range(len(wh))],
            "valid_wh": pl.Series([None if n in invalid else int(v) for n, v in enumerate(wh)], dtype=pl.Int64),
        }
    )
