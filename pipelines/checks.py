"""Blocking asset checks: nothing that breaks a declared table goes on to the next layer."""

import dagster as dg

from models.tables import Table
from models.tables.raw import INTERVAL_READS
from models.tables.vee import EDITED_INTERVAL_READS
from pipelines import lake
from pipelines.partitions import months_of_run
from pipelines.progress import say
from pipelines.resources import HomeResource


def _gate(table: Table, home: HomeResource, months: list[str]) -> dg.AssetCheckResult:
    from pipelines.gate import validate

    files = lake.table_files(home.get(), table, months)
    breaches, count = validate(table, files)
    name = "/".join(table.key)
    say(f"gate {name}: {count - len(breaches)} of {count} expectations hold")
    lines = []
    for breach in breaches:
        many = "" if breach.unexpected_count is None else f": {breach.unexpected_count:,} rows"
        lines.append(f"{breach.expectation}{many}; first {'; '.join(breach.rows) or 'unknown'}")
        say(f"gate {name}: {lines[-1]}")
    return dg.AssetCheckResult(
        passed=not breaches,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(lines) or None,
        metadata={"expectations": count, "breaches": len(breaches), "files": len(files)},
    )


@dg.asset_check(
    asset=dg.AssetKey(INTERVAL_READS.key),
    name="gate",
    blocking=True,
    description="Circuit-breaker: raw reads are as the registry declares them.",
)
def raw_gate(context: dg.AssetCheckExecutionContext, home: HomeResource) -> dg.AssetCheckResult:
    """Great Expectations over the run's months of raw reads."""
    return _gate(INTERVAL_READS, home, months_of_run(context.run.tags))


@dg.asset_check(
    asset=dg.AssetKey(EDITED_INTERVAL_READS.key),
    name="gate",
    blocking=True,
    description="Circuit-breaker: reads after VEE are as the registry declares them.",
)
def vee_gate(context: dg.AssetCheckExecutionContext, home: HomeResource) -> dg.AssetCheckResult:
    """Great Expectations over the run's months of edited reads."""
    return _gate(EDITED_INTERVAL_READS, home, months_of_run(context.run.tags))
