"""How fresh each feed is, and which rows of extracts no longer hold."""

import dagster as dg

from models.tables.extracts import RAW_EXTRACTS
from models.tables.feeds import FEED_FRESHNESS, SUPERSEDED_ROWS
from models.tables.raw import FILE_CHANNELS, FILES
from pipelines import lake
from pipelines.freshness import build_feeds
from pipelines.resources import HomeResource
from pipelines.text import markdown_table

FEED_TABLES = (FEED_FRESHNESS, SUPERSEDED_ROWS)
_INPUTS = {
    FEED_FRESHNESS: (FILES, FILE_CHANNELS),
    SUPERSEDED_ROWS: (FILES, *RAW_EXTRACTS.values()),
}


@dg.multi_asset(
    name="feeds",
    group_name="entities",
    specs=[
        dg.AssetSpec(
            table.key,
            deps=[dg.AssetKey(source.key) for source in _INPUTS[table]],
            description=table.schema.__doc__,
            kinds={"parquet"},
        )
        for table in FEED_TABLES
    ],
)
def feeds(home: HomeResource) -> object:
    """Freshness of the feeds and replaced rows, from what the files say."""
    place = home.get()
    counts = build_feeds(place)
    rows = lake.read_frame(place, FEED_FRESHNESS)
    for table in FEED_TABLES:
        metadata: dict[str, dg.RawMetadataValue] = {"dagster/row_count": counts[table.name]}
        if table is FEED_FRESHNESS:
            metadata["feeds"] = dg.MetadataValue.md(markdown_table(rows.columns, rows.rows()))
        yield dg.MaterializeResult(asset_key=table.key, metadata=metadata)
