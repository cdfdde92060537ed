"""Entities out of raw."""

import dagster as dg

from models.tables.entities import ACCOUNTS, DATES, ENTITY_TABLES, METERS
from models.tables.extracts import RAW_EXTRACTS
from models.tables.raw import FILE_CHANNELS, FILES
from pipelines.entities import build_entities
from pipelines.progress import say
from pipelines.resources import HomeResource

INPUTS = [dg.AssetKey(table.key) for table in (FILES, FILE_CHANNELS, *RAW_EXTRACTS.values())]


@dg.multi_asset(
    name="entities",
    group_name="entities",
    specs=[
        dg.AssetSpec(table.key, deps=INPUTS, description=table.schema.__doc__, kinds={"parquet"})
        for table in ENTITY_TABLES
    ],
)
def entities(home: HomeResource) -> object:
    """Customers, meters and devices, calendar, clock and the build, from what the files say."""
    counts = build_entities(home.get())
    say(
        f"entities: {counts[METERS.name]:,} meters, {counts[ACCOUNTS.name]:,} account periods, "
        f"{counts[DATES.name]:,} dates"
    )
    for table in ENTITY_TABLES:
        yield dg.MaterializeResult(asset_key=table.key, metadata={"dagster/row_count": counts[table.name]})
