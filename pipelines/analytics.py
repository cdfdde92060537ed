"""Writes the analytics layer: what models make of usage and weather, for dbt to read as sources."""

from collections.abc import Sequence

import polars as pl

from models.tables.analytics import AUDIT_RULES, DEGREE_DAYS, HISTORY_REQUIREMENTS, NORMALISED_USAGE, USAGE_MODELS
from models.tables.entities import DAILY_WEATHER, METER_OCCUPANCY, PREMISES
from models.tables.vee import METER_DAY_PROFILES
from models.usage.account_days import account_days
from models.usage.audit import AuditRule
from models.usage.degree_days import degree_days
from models.usage.normalise import normalised_usage
from models.usage.settings import UsageSettings
from models.usage.weather_models import usage_models
from pipelines import lake
from pipelines.home import Home

INPUTS = (METER_DAY_PROFILES, METER_OCCUPANCY, PREMISES, DAILY_WEATHER)


def build_analytics(home: Home, settings: UsageSettings, audit_rules: Sequence[AuditRule]) -> dict[str, int]:
    """Rebuild every table of the analytics layer from the entities and the profiles of meter-days.

    Args:
        home: Home folder; its vee and entities layers are read, its analytics layer is written.
        settings: Bases, minima and balance points.
        audit_rules: When findings of the audit list stand.

    Returns:
        Rows by table.
    """
    weather = lake.read_frame(home, DAILY_WEATHER)
    with lake.connect(home) as con:
        for table in (METER_DAY_PROFILES, METER_OCCUPANCY, PREMISES):
            lake.create_view(con, home, table, table.name)
        days = account_days(con)
    models = usage_models(days, weather, settings.weather_model)
    tables = {
        AUDIT_RULES: pl.DataFrame(audit_rules, schema=AUDIT_RULES.empty().schema),
        HISTORY_REQUIREMENTS: pl.DataFrame(settings.history, schema=HISTORY_REQUIREMENTS.empty().schema),
        DEGREE_DAYS: degree_days(weather, settings.base_tenths),
        USAGE_MODELS: models,
        NORMALISED_USAGE: normalised_usage(days, models, weather),
    }
    for table, frame in tables.items():
        lake.write_frame(frame, table, lake.table_folder(home, table) / "part-0.parquet")
    return {table.name: frame.height for table, frame in tables.items()}
