"""Models of usage and weather, between validation and the marts."""

import dagster as dg

from models.tables.analytics import ANALYTICS_TABLES, USAGE_MODELS
from pipelines.analytics import INPUTS, build_analytics
from pipelines.progress import say
from pipelines.reference import audit_rules, usage_settings
from pipelines.resources import HomeResource


@dg.multi_asset(
    name="analytics",
    group_name="analytics",
    specs=[
        dg.AssetSpec(
            table.key,
            deps=[dg.AssetKey(source.key) for source in INPUTS],
            description=table.schema.__doc__,
            kinds={"parquet"},
        )
        for table in ANALYTICS_TABLES
    ],
)
def analytics(home: HomeResource) -> object:
    """Degree days, the weather model of every account and its months in normal weather."""
    counts = build_analytics(home.get(), usage_settings(), audit_rules())
    say(f"analytics: {counts[USAGE_MODELS.name]:,} accounts set against the weather")
    for table in ANALYTICS_TABLES:
        yield dg.MaterializeResult(asset_key=table.key, metadata={"dagster/row_count": counts[table.name]})
