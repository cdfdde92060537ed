"""Weather models as a table, and months in normal weather."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from models.tables.analytics import DEGREE_DAYS, NORMALISED_USAGE, USAGE_MODELS
from models.usage.degree_days import degree_days
from models.usage.normalise import normalised_usage
from models.usage.weather_models import usage_models
from tests.usage.worlds import FIRST, SETTINGS, account_days, daily_weather, temperatures, usage

TWO_YEARS = 730
TENTHS = temperatures(TWO_YEARS)
WEATHER = daily_weather(TENTHS)
HEAT, COLD = (700, 140), (2000, 220)
LATER = 365
"""Days before the window of the model."""


def household(account: str = "A1", days: int = TWO_YEARS, **values: object) -> pl.DataFrame:
    return account_days(account, usage(TENTHS[:days], 10_000, HEAT, COLD), **values)  # type: ignore[arg-type]


def test_a_model_is_told_in_kwh_and_degrees() -> None:
    (row,) = usage_models(household(), WEATHER, SETTINGS).to_dicts()
    assert row["model_code"] == "heating_cooling"
    assert row["base_kwh"] == pytest.approx(10, abs=0.001)
    assert row["heating_kwh_per_degree_day"] == pytest.approx(0.7, abs=0.001)
    assert row["cooling_kwh_per_degree_day"] == pytest.approx(2, abs=0.001)
    assert (row["heating_balance_degc"], row["cooling_balance_degc"]) == (Decimal("14.0"), Decimal("22.0"))
    assert row["adjusted_r2_ratio"] > 0.999
    assert (row["day_count"], row["first_usage_date"]) == (365, FIRST + timedelta(days=LATER))
    assert row["reason_code"] is None


@pytest.mark.parametrize(("lacking", "reason"), [(35, None), (36, "too_few_valid_days")])
def test_330_valid_days_of_the_latest_365_are_enough(lacking: int, reason: str | None) -> None:
    invalid = frozenset(range(LATER, LATER + lacking))
    (row,) = usage_models(household(invalid=invalid), WEATHER, SETTINGS).to_dicts()
    assert (row["reason_code"], row["model_code"] is None) == (reason, reason is not None)
    assert row["day_count"] == 365 - lacking


def test_who_has_left_has_too_few_days_and_who_has_no_zone_no_weather() -> None:
    days = pl.concat(
        [
            household("stays"),
            household("left", days=LATER),
            household("nowhere", zone=None),
            household("far", zone="moon"),
        ]
    )
    models = usage_models(days, WEATHER, SETTINGS)
    assert dict(models.select("account_id", "reason_code").iter_rows()) == {
        "stays": None, "left": "too_few_valid_days", "nowhere": "no_weather", "far": "no_weather",
    }  # fmt: skip
    months = normalised_usage(days, models, WEATHER)
    assert months.height == 84  # twelve of the one who left
    reasons = (
        months.filter(pl.col("account_id") != "stays").select("account_id", "reason_code").unique().sort("account_id")
    )
    assert reasons.rows() == [("far", "no_weather"), ("left", "too_few_valid_days"), ("nowhere", "no_weather")]
    assert months.filter(pl.col("reason_code").is_not_null())["weather_adjustment_wh"].null_count() == 60


def test_a_month_in_normal_weather_is_the_mean_of_its_years() -> None:
    """A household without noise: normalised use of a month is the mean of what it used in that month of both years."""
    days = household()
    models = usage_models(days, WEATHER, SETTINGS)
    months = normalised_usage(days, models, WEATHER)
    used = days.group_by(pl.col("usage_date").dt.strftime("%Y-%m").alias("usage_month")).agg(pl.col("valid_wh").sum())
    told = months.join(used, on="usage_month").with_columns(
        normalised=pl.col("valid_wh") + pl.col("weather_adjustment_wh"), month=pl.col("usage_month").str.slice(5)
    )
    assert told.height == 24
    for (_,), pair in told.group_by("month"):
        mean = pair["valid_wh"].sum() / 2
        assert pair["normalised"].to_list() == pytest.approx([mean, mean], abs=40)
        assert pair["normal_year_count"].to_list() == [2, 2]
    assert told["weather_adjustment_wh"].abs().max() > 10_000


def test_with_one_year_of_a_month_normal_is_what_was() -> None:
    days = household(days=LATER)
    models = usage_models(days, WEATHER.head(LATER), SETTINGS)
    months = normalised_usage(days, models, WEATHER.head(LATER))
    assert months.select("weather_adjustment_wh", "normal_year_count").unique().rows() == [(0, 1)]


def test_a_month_that_was_never_whole_is_not_normal() -> None:
    weather = WEATHER.head(LATER + 10)
    days = household(days=LATER + 10)
    months = normalised_usage(days, usage_models(days, weather, SETTINGS), weather)
    first, again = (months.filter(usage_month=f"{year}-01").row(0, named=True) for year in (2025, 2026))
    assert first["normal_year_count"] == again["normal_year_count"] == 1
    lacking = WEATHER.filter(pl.col("usage_date") != date(2025, 3, 7)).head(LATER)
    months = normalised_usage(days, usage_models(days, weather, SETTINGS), lacking)
    assert months.filter(usage_month="2025-03").row(0, named=True)["reason_code"] == "no_weather"
    whole_days = days.filter(pl.col("usage_date") != date(2025, 3, 7))
    months = normalised_usage(whole_days, usage_models(days, weather, SETTINGS), lacking)
    assert months.filter(usage_month="2025-03").row(0, named=True)["reason_code"] == "no_normal_weather"


def test_part_of_a_month_is_normalised_over_its_own_days() -> None:
    """The difference is that of the days with usage: ten of July, not all of it."""
    days = household()
    models = usage_models(days, WEATHER, SETTINGS)
    july = days.filter(pl.col("usage_date").is_between(date(2026, 7, 1), date(2026, 7, 10)))
    (adjustment,) = normalised_usage(july, models, WEATHER)["weather_adjustment_wh"]
    of_month = {year: usage(TENTHS[slice(*_july(year))], 10_000, HEAT, COLD) for year in (2025, 2026)}
    normal = np.concatenate(list(of_month.values())).mean() * 10
    assert adjustment == pytest.approx(normal - of_month[2026][:10].sum(), abs=40)


def _july(year: int) -> tuple[int, int]:
    return (date(year, 7, 1) - FIRST).days, (date(year, 8, 1) - FIRST).days


def test_no_order_of_rows_changes_anything() -> None:
    days = pl.concat([household("A1"), household("A2", invalid=frozenset(range(400, 420)))])
    shuffled, weather = days.sample(fraction=1, shuffle=True, seed=1), WEATHER.sample(fraction=1, shuffle=True, seed=2)
    models = usage_models(days, WEATHER, SETTINGS)
    assert usage_models(shuffled, weather, SETTINGS).equals(models)
    assert normalised_usage(shuffled, models, weather).equals(normalised_usage(days, models, WEATHER))


def test_results_obey_their_declarations_also_when_empty() -> None:
    nothing = household().clear()
    models = usage_models(household(), WEATHER, SETTINGS)
    for table, frame in (
        (USAGE_MODELS, models),
        (USAGE_MODELS, usage_models(nothing, WEATHER, SETTINGS)),
        (NORMALISED_USAGE, normalised_usage(household(), models, WEATHER)),
        (NORMALISED_USAGE, normalised_usage(nothing, USAGE_MODELS.empty(), WEATHER)),
        (DEGREE_DAYS, degree_days(WEATHER, 183)),
    ):
        table.schema.validate(frame, cast=True)


@pytest.mark.parametrize(
    ("mean", "heating", "cooling"),
    [("18.3", "0.0", "0.0"), ("18.4", "0.0", "0.1"), ("-3.0", "21.3", "0.0"), (None, None, None)],
)
def test_degree_days_are_exact_to_the_tenth(mean: str | None, heating: str | None, cooling: str | None) -> None:
    weather = daily_weather(np.array([0])).with_columns(
        mean_temperature_degc=pl.lit(None if mean is None else Decimal(mean), dtype=pl.Decimal(5, 1))
    )
    (row,) = degree_days(weather, 183).to_dicts()
    told = (row["heating_degree_days"], row["cooling_degree_days"])
    assert told == tuple(None if text is None else Decimal(text) for text in (heating, cooling))
