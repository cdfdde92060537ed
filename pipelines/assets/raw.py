"""Landing files into raw tables."""

import dagster as dg

from models.tables import TABLES
from models.tables.raw import FILES, INTERVAL_READS
from pipelines import lake
from pipelines.ingest import ingest_landing
from pipelines.operations.drain import drain
from pipelines.partitions import months, months_of_run
from pipelines.progress import say
from pipelines.resources import HomeResource
from pipelines.text import markdown_table

RAW_TABLES = tuple(table for table in TABLES if table.layer == "raw")

landing_files = dg.AssetSpec(
    ["landing", "files"],
    group_name="landing",
    description="Files exactly as a utility's systems send them, one folder per feed.",
    kinds={"file"},
)


@dg.multi_asset(
    name="raw",
    group_name="raw",
    backfill_policy=dg.BackfillPolicy.single_run(),
    can_subset=True,
    specs=[
        dg.AssetSpec(
            table.key,
            deps=[landing_files],
            description=table.schema.__doc__,
            kinds={"parquet"},
            partitions_def=months if table is INTERVAL_READS else None,
        )
        for table in RAW_TABLES
    ],
)
def raw(context: dg.AssetExecutionContext, home: HomeResource) -> object:
    """Take in what was decided since, and load what is new in landing; typed, verbatim, append-only."""
    place = home.get()
    drain(place)
    outcomes = ingest_landing(place, say)
    run_months = months_of_run(context.run.tags)
    with lake.connect(place) as con:
        for table in RAW_TABLES:
            if dg.AssetKey(table.key) not in context.selected_asset_keys:
                continue
            lake.create_view(con, place, table, "rows_", run_months if table.is_partitioned else None)
            row = con.execute("select count(*) from rows_").fetchone()
            metadata: dict[str, dg.RawMetadataValue] = {
                "dagster/row_count": row[0] if row else 0,
                "files_loaded_now": len(outcomes),
            }
            if table is FILES:
                sql = (
                    "select file_name, status_code, sent_count, loaded_count, quarantined_count, reason from rows_ "
                    "order by received_at_utc desc, file_id limit 20"
                )
                latest = con.execute(sql)
                header = [str(column[0]) for column in latest.description or []]
                metadata["latest_files"] = dg.MetadataValue.md(markdown_table(header, latest.fetchall()))
            yield dg.MaterializeResult(asset_key=table.key, metadata=metadata)
