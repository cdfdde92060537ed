"""Validation, estimation and editing of the months that changed."""

import dagster as dg

from models.tables.base import Table
from models.tables.entities import DAILY_WEATHER, DATES, INTERVALS, METER_CHANNELS, METERS, READ_EDITS
from models.tables.raw import FILES, INTERVAL_READS, REGISTER_READS
from models.tables.vee import EDITED_INTERVAL_READS, READ_VERSIONS, RESTATEMENTS, RULES
from pipelines.partitions import months, months_of_run
from pipelines.progress import say
from pipelines.reference import vee_settings
from pipelines.resources import HomeResource
from pipelines.text import markdown_table
from pipelines.validate import validate_months, write_rules
from pipelines.vee.judge import MONTH_TABLES

VEE_TABLES = (*MONTH_TABLES, READ_VERSIONS, RESTATEMENTS, RULES)


def _spec(table: Table) -> dg.AssetSpec:
    raw_reads = dg.AssetDep(
        dg.AssetKey(INTERVAL_READS.key),
        # A local month begins and ends in the neighbouring months of UTC.
        partition_mapping=dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=1),
    )
    inputs = [
        dg.AssetKey(t.key)
        for t in (FILES, REGISTER_READS, METERS, METER_CHANNELS, DATES, DAILY_WEATHER, INTERVALS, READ_EDITS)
    ]
    return dg.AssetSpec(
        table.key,
        deps=[raw_reads, *inputs] if table is EDITED_INTERVAL_READS else inputs,
        description=table.schema.__doc__,
        kinds={"parquet", "duckdb"},
        partitions_def=months if table is EDITED_INTERVAL_READS else None,
    )


class DateRange(dg.Config):
    """Local dates whose months a run may work on; empty for no bound."""

    first_date: str = ""
    last_date: str = ""


@dg.multi_asset(
    name="vee",
    group_name="vee",
    backfill_policy=dg.BackfillPolicy.single_run(),
    can_subset=True,
    specs=[_spec(table) for table in VEE_TABLES],
)
def vee(context: dg.AssetExecutionContext, config: DateRange, home: HomeResource) -> object:
    """Validate and estimate the run's months, where their inputs have changed."""
    place = home.get()
    run_months = [
        month
        for month in months_of_run(context.run.tags)
        if (config.first_date[:7] or month) <= month <= (config.last_date[:7] or month)
    ]
    write_rules(place, vee_settings())
    results = validate_months(place, vee_settings(), run_months, say)
    table_of_months = markdown_table(
        ["month", "interval reads", "failures", "judged meter-days", "restated meter-days"],
        [
            (r.month, r.row_counts["interval_reads"], r.row_counts["failures"], r.judged_count, r.restated_count)
            for r in results
        ],
    )
    for table in VEE_TABLES:
        if dg.AssetKey(table.key) not in context.selected_asset_keys:
            continue
        counts = [r.row_counts.get(table.name, r.restated_count) for r in results]
        yield dg.MaterializeResult(
            asset_key=table.key,
            metadata={
                "rows_written": len(vee_settings().rules) if table is RULES else sum(counts),
                "months_recomputed": len(results),
                "meter_days_judged": sum(r.judged_count for r in results),
                "meter_days_restated": sum(r.restated_count for r in results),
                "months": dg.MetadataValue.md(table_of_months),
            },
        )
