"""Tables of the analytics layer: what models make of usage and weather, and the thresholds that marts need."""

import dataframely as dy

from models.columns import code, count, local_date
from models.tables.base import Table
from models.tables.entities.weather import DailyWeather
from models.usage.audit import FINDING_CODES

MODEL_CODES = ("constant", "heating", "cooling", "heating_cooling")
"""What daily use was found to follow: nothing, degree days below one balance point, above one, or both."""

MODEL_REASON_CODES = ("too_few_valid_days", "no_weather")
"""Why an account has no weather model: too short a history of valid days, or a zone without temperatures."""

NORMAL_REASON_CODES = (*MODEL_REASON_CODES, "no_normal_weather")
"""Why a month is not normalised; no_normal_weather: the zone never had the calendar month whole."""

_LARGEST_RATIO = 1e9


def _degree_days(description: str) -> dy.Decimal:
    return dy.Decimal(5, 1, nullable=True, min=0, description=description, metadata={"unit": "°C day"})


def _balance(description: str) -> dy.Decimal:
    return dy.Decimal(4, 1, nullable=True, description=description, metadata={"unit": "°C"})


def _slope(description: str) -> dy.Float64:
    return dy.Float64(nullable=True, min=0, description=description, metadata={"unit": "kWh per °C day"})


class HistoryRequirements(dy.Schema):
    """How much usage history which use of it needs; from data/reference/usage.yml."""

    requirement_code = dy.String(primary_key=True, description="Use of usage history.")
    month_count = count("Months, as people say it.")
    day_count = count("The same in civil dates, as it is counted.")
    minimum_valid_ratio = dy.Float64(
        min=0, max=1, description="Least share of valid intervals in the latest day_count dates, 0 to 1."
    )


class DegreeDays(dy.Schema):
    """Degree days of the climate zones by civil date, to the fixed base of data/reference/usage.yml: 18.3 °C."""

    climate_zone = dy.String(primary_key=True, description="Climate zone of the territory.")
    usage_date = local_date("Civil date in the territory's time zone.", primary_key=True)
    mean_temperature_degc = DailyWeather.columns()["mean_temperature_degc"].with_properties(
        description="Mean hourly temperature of the date; null where none is known."
    )
    heating_degree_days = _degree_days("By how much the mean lies below the base; null where it is unknown.")
    cooling_degree_days = _degree_days("By how much the mean lies above the base; null where it is unknown.")


class UsageModels(dy.Schema):
    """How the daily use of accounts follows the weather: a change-point regression per account."""

    account_id = dy.String(primary_key=True, description="Account.")
    climate_zone = dy.String(nullable=True, description="Climate zone of its premise; null where none is named.")
    model_code = code(MODEL_CODES, "What its daily use follows; null without a model.", nullable=True)
    base_kwh = dy.Float64(
        nullable=True, min=0, description="Daily use without heating and cooling.", metadata={"unit": "kWh per day"}
    )
    heating_kwh_per_degree_day = _slope("Further use per degree day of heating; null where it follows none.")
    cooling_kwh_per_degree_day = _slope("Further use per degree day of cooling; null where it follows none.")
    heating_balance_degc = _balance("Daily mean temperature below which heating begins; null where it follows none.")
    cooling_balance_degc = _balance("Daily mean temperature above which cooling begins; null where it follows none.")
    adjusted_r2_ratio = dy.Float64(
        nullable=True, max=1, description="Share of the variance of daily use that the model explains, adjusted."
    )
    cvrmse_ratio = dy.Float64(
        nullable=True,
        min=0,
        max=_LARGEST_RATIO,
        description="Root mean square error of a day over mean daily use; null where nothing was used.",
    )
    day_count = count("Valid days in the window.")
    first_usage_date = local_date("First valid day in the window; null without one.", nullable=True)
    last_usage_date = local_date("Last valid day in the window; null without one.", nullable=True)
    reason_code = code(MODEL_REASON_CODES, "Why there is no model; null where there is one.", nullable=True)


class NormalisedUsage(dy.Schema):
    """By how much the use of an account in a month would differ in normal weather."""

    account_id = dy.String(primary_key=True, description="Account.")
    usage_month = dy.String(primary_key=True, regex=r"^\d{4}-\d{2}$", description="Local month, YYYY-MM.")
    weather_adjustment_wh = dy.Int64(
        nullable=True,
        description="Model in normal weather minus model in the month's weather, over the days with usage.",
        metadata={"unit": "Wh"},
    )
    normal_year_count = count("Years of the zone's weather in which the calendar month is whole: the normal's basis.")
    reason_code = code(NORMAL_REASON_CODES, "Why it is unknown; null where it is known.", nullable=True)


class AuditRules(dy.Schema):
    """When findings of the audit list stand; from data/reference/audit_rules.yml."""

    finding_code = code(FINDING_CODES, "What is found.", primary_key=True)
    minimum_ratio = dy.Float64(min=1, description="Least ratio to what the figure is held against.")
    minimum_saving_cents = dy.Int64(min=0, description="Least worth of a year.", metadata={"unit": "cent"})
    minimum_peer_count = count("Similar customers that there must be.")
    minimum_weather_r2_ratio = dy.Float64(
        min=0, description="Least adjusted R² of a weather model whose cooling counts.", metadata={"unit": "ratio"}
    )


AUDIT_RULES = Table("analytics", "audit_rules", "one row per finding", AuditRules)
HISTORY_REQUIREMENTS = Table(
    "analytics", "history_requirements", "one row per use of usage history", HistoryRequirements
)
DEGREE_DAYS = Table("analytics", "degree_days", "one row per climate zone and civil date", DegreeDays)
USAGE_MODELS = Table("analytics", "usage_models", "one row per account with usage", UsageModels)
NORMALISED_USAGE = Table("analytics", "normalised_usage", "one row per account and local month", NormalisedUsage)
ANALYTICS_TABLES = (AUDIT_RULES, HISTORY_REQUIREMENTS, DEGREE_DAYS, USAGE_MODELS, NORMALISED_USAGE)
