"""The doctor: what is wrong with an installation or a home, and what to do about it."""

import platform
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from models.tables.edits import EDITS_IN_FORCE
from models.tables.raw import FILES
from pipelines import lake
from pipelines.freshness import freshness, gaps, stale_feeds
from pipelines.home import Home
from pipelines.ingest import pending_files
from pipelines.lake import literal, quoted
from pipelines.operations.drain import waiting_count
from pipelines.operations.store import StoreError
from pipelines.publish import MANIFEST, relocate
from pipelines.query import QueryError, open_marts
from pipelines.reference import mistakes, vee_settings
from pipelines.simulation import interruption_of
from pipelines.text import counted
from pipelines.validate import stale_months

Finding = dict[str, str]
PACKAGES = ("meterhouse", "duckdb", "polars", "dagster", "dbt-core", "great-expectations")


def examine(home: Home) -> list[Finding]:
    """Findings in the order in which to read them; state is ok, note or mend."""
    findings = [
        _finding(
            "ok",
            "versions",
            f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        )
    ]
    unread = [_finding("mend", "reference", sentence) for sentence in mistakes()]
    if reason := interruption_of(home):
        findings.append(_finding("mend", "simulation", reason))
    if unread:
        return [*findings, *unread]
    if not home.lake.exists():
        findings.append(_finding("note", "home", f"{home.root} is empty; `meterhouse demo` fills it"))
        return findings
    findings.append(_finding("ok", "home", str(home.root)))
    return [*findings, _pending(home), _quarantined(home), *_feeds(home), _stale(home), *_edits(home), _published(home)]


def relocate_views(home: Home, generation: Path | None) -> list[Path]:
    """Make views read the files beside them after a move.

    Raises:
        FileNotFoundError: There is no generation to relocate.
    """
    if generation is not None:
        relocate(generation)
        return [generation]
    folders = sorted(path.parent for path in home.generations.glob(f"*/{MANIFEST}"))
    if not folders:
        raise FileNotFoundError(f"{home.root} has no published generation")
    for folder in folders:
        relocate(folder)
    return folders


def _pending(home: Home) -> Finding:
    pending = pending_files(home)
    if pending:
        return _finding("note", "landing", f"{len(pending):,} files wait to be loaded; `meterhouse run` takes them in")
    return _finding("ok", "landing", "every file is loaded")


def _quarantined(home: Home) -> Finding:
    refused = lake.read_frame(home, FILES).filter(pl.col("status_code") != "loaded")
    if refused.is_empty():
        return _finding("ok", "quarantine", "empty")
    row = refused.sort("received_at_utc", descending=True).row(0, named=True)
    return _finding(
        "note",
        "quarantine",
        f"{refused.height:,} files have something in {home.quarantine}; latest {row['file_name']}: {row['reason']}",
    )


def _feeds(home: Home) -> list[Finding]:
    rows = freshness(home)
    stale = [_finding("mend", "feeds", sentence) for sentence in stale_feeds(rows)]
    lacking = [_finding("note", "feeds", sentence) for sentence in gaps(rows)]
    if stale or lacking:
        return [*stale, *lacking]
    reach = ", ".join(f"{feed} to {day}" for feed, day in rows.select("feed", "last_good_date").iter_rows())
    return [_finding("ok", "feeds", reach or "none yet")]


def _stale(home: Home) -> Finding:
    stale = stale_months(home, vee_settings())
    if stale:
        return _finding(
            "note", "vee", f"{len(stale):,} months have unprocessed changes; `meterhouse run` brings them up to date"
        )
    return _finding("ok", "vee", "up to date with raw")


def _edits(home: Home) -> list[Finding]:
    """Manual edits that wait for a run, and those against which a read has come since."""
    try:
        waiting = waiting_count(home)
    except StoreError as error:
        return [_finding("mend", "edits", str(error))]
    lake.prepare(home)
    in_force = lake.scan(home, EDITS_IN_FORCE).filter("is_contested").sort("reported_at_utc", "edit_id").collect()
    found = []
    if waiting:
        found.append(
            _finding(
                "note",
                "edits",
                f"{counted(waiting, 'decision')} recorded since the last run; `meterhouse run` takes them in",
            )
        )
    if in_force.height:
        row = in_force.row(-1, named=True)
        found.append(
            _finding(
                "note",
                "edits",
                f"{counted(in_force.height, 'edited value')} contested by reads that came since, the latest of meter "
                f"{row['meter_id']}, {row['channel_code']}, {row['interval_start_utc']} UTC: {row['reported_wh']:,} Wh "
                f"reported, {row['final_wh']:,} Wh decided; look at fct_read_edits where is_contested, then edit, "
                "verify or withdraw with `meterhouse edit`",
            )
        )
    return found or [_finding("ok", "edits", "none waits, none is contested")]


def _published(home: Home) -> Finding:
    try:
        with open_marts(home) as con:
            row = con.execute("select build_id, built_at_utc, business_date from meta_build").fetchone()
            con.execute("select 1 from fct_interval_usage limit 1").fetchone()
            view = con.execute("select sql from duckdb_views() where view_name = 'fct_interval_usage'").fetchone()
    except QueryError as error:
        return _finding("note", "marts", str(error))
    except duckdb.IOException as error:
        lost = str(error).splitlines()[0]
        return _finding("mend", "marts", f"{lost}; after a move run `meterhouse doctor --relocate`")
    except duckdb.Error as error:
        return _finding("mend", "marts", f"{error}; publish again with `meterhouse run`")
    if view is None or quoted(literal(home.current.resolve())) not in view[0]:
        return _finding(
            "mend", "marts", "the interval view reads the files of another home; run `meterhouse doctor --relocate`"
        )
    build, built_at, business_date = row or (None, None, None)
    return _finding("ok", "marts", f"build {build} of {built_at:%Y-%m-%d %H:%M} UTC, data to {business_date}")


def _finding(state: str, subject: str, text: str) -> Finding:
    return {"state": state, "subject": subject, "finding": text}
