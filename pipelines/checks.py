"""Asset checks: circuit-breakers, so that nothing that breaks a declared table goes on, and remarks about feeds."""

import dagster as dg

from models.tables import Table
from models.tables.feeds import FEED_FRESHNESS
from models.tables.raw import INTERVAL_READS
from models.tables.vee import EDITED_INTERVAL_READS
from pipelines import lake
from pipelines.freshness import gaps, stale_feeds
from pipelines.gate_ledger import GateLedger
from pipelines.partitions import months_of_run
from pipelines.progress import say
from pipelines.resources import HomeResource
from pipelines.text import counted


def _gate(table: Table, home: HomeResource, months: list[str]) -> dg.AssetCheckResult:
    name = "/".join(table.key)
    files = lake.table_files(home.get(), table, months)
    ledger = GateLedger(home.get(), table)
    pending = ledger.pending(files)
    metadata = {"files": len(files), "files_looked_at": len(pending)}
    if not pending:
        say(f"gate {name}: passed before, no new files")
        return dg.AssetCheckResult(passed=True, severity=dg.AssetCheckSeverity.ERROR, metadata=metadata)
    from pipelines.gate import validate

    breaches, count = validate(table, pending)
    say(f"gate {name}: {count - len(breaches)} of {count} expectations hold in {counted(len(pending), 'new file')}")
    if not breaches:
        ledger.add(pending)
    lines = []
    for breach in breaches:
        many = "" if breach.unexpected_count is None else f": {breach.unexpected_count:,} rows"
        lines.append(f"{breach.expectation}{many}; first {'; '.join(breach.rows) or 'unknown'}")
        say(f"gate {name}: {lines[-1]}")
    return dg.AssetCheckResult(
        passed=not breaches,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(lines) or None,
        metadata={**metadata, "expectations": count, "breaches": len(breaches)},
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


@dg.asset_check(
    asset=dg.AssetKey(FEED_FRESHNESS.key),
    name="feeds_are_fresh",
    blocking=False,
    description="Remark: every feed is as fresh as its limit asks; the marts are published as of what there is.",
)
def feeds_are_fresh(home: HomeResource) -> dg.AssetCheckResult:
    """Names every stale feed with the date of its last good data."""
    rows = lake.read_frame(home.get(), FEED_FRESHNESS)
    stale = stale_feeds(rows)
    for line in stale:
        say(line)
    return dg.AssetCheckResult(
        passed=not stale,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join([*stale, *gaps(rows)]) or None,
        metadata={"feeds": rows.height, "stale": len(stale)},
    )
