"""Entities out of raw."""

import dagster as dg

from models.tables.entities import BUILDS, DATES, INTERVALS, METER_CHANNELS, METERS
from models.tables.raw import FILE_CHANNELS, FILES
from pipelines.entities import build_entities
from pipelines.progress import say
from pipelines.resources import HomeResource

ENTITY_TABLES = (METERS, METER_CHANNELS, DATES, INTERVALS, BUILDS)


@dg.multi_asset(
    name="entities",
    group_name="entities",
    specs=[
        dg.AssetSpec(
            table.key,
            deps=[dg.AssetKey(FILES.key), dg.AssetKey(FILE_CHANNELS.key)],
            description=table.schema.__doc__,
            kinds={"parquet"},
        )
        for table in ENTITY_TABLES
    ],
)
def entities(home: HomeResource) -> object:
    """Meters, channels, calendar, clock and the build, from what the files say."""
    counts = build_entities(home.get())
    say(f"entities: {counts[METERS.name]:,} meters, {counts[DATES.name]:,} dates")
    for table in ENTITY_TABLES:
        yield dg.MaterializeResult(asset_key=table.key, metadata={"dagster/row_count": counts[table.name]})
