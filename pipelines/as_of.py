"""The usage marts as they were known on an earlier day.

Reads stand in the vee layer with the time since when they are known, and what they replaced with the period in which it
was believed. Out of both a second, temporary home is made whose reads are those believed then, and the same models and
the same dbt project make the marts of it. Dimensions (who lived where, which meter hangs below which) are today's.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from models.tables.vee import EDITED_INTERVAL_READS, METER_DAY_PROFILES, READ_VERSIONS, RESTATEMENTS
from models.vee.versions import as_of, days_of, profiles_of
from pipelines import lake
from pipelines.analytics import build_analytics
from pipelines.dbt_build import build, failure
from pipelines.home import Home
from pipelines.reference import audit_rules, territory, usage_settings
from pipelines.vee.segments import Segment, segments

USAGE_TABLES = (
    "fct_interval_usage",
    "fct_account_interval_usage",
    "fct_daily_usage",
    "fct_account_daily_usage",
    "fct_monthly_usage",
    "fct_account_monthly_usage",
)
_OWN = (EDITED_INTERVAL_READS, METER_DAY_PROFILES, RESTATEMENTS)
_MODELS_ONLY = ("--resource-type", "model")


class AsOfError(RuntimeError):
    """The state of that day cannot be had; the message says why."""


@dataclass(frozen=True)
class State:
    """A state of the usage marts.

    Attributes:
        path: DuckDB file.
        known_at: Last instant, naive UTC, whose receipts count.
        row_counts: Rows by table.
    """

    path: Path
    known_at: datetime
    row_counts: dict[str, int]

    def __str__(self) -> str:
        rows = ", ".join(f"{name} {count:,}" for name, count in self.row_counts.items())
        return f"{self.path}: usage as known at {self.known_at:%Y-%m-%d %H:%M:%S} UTC; rows: {rows}"


def end_of(day: date) -> datetime:
    """Last instant of a local date of the territory, naive UTC, to the microsecond."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(territory().time_zone))
    return midnight.astimezone(UTC).replace(tzinfo=None) - timedelta(microseconds=1)


def write_as_of(home: Home, known_at: datetime, out: Path) -> State:
    """Write the usage marts as they were known at an instant.

    Args:
        home: Home folder.
        known_at: Instant, naive UTC: what was received later counts for nothing.
        out: DuckDB file to write; it must not exist yet.

    Raises:
        AsOfError: Nothing was known then, the file exists, or a model failed.
        HomeBusyError: A run holds the home.
    """
    if not lake.table_folder(home, EDITED_INTERVAL_READS).is_dir():
        raise AsOfError(f"{home.root} holds no reads after validation; make them with `meterhouse run`")
    if out.exists():
        raise AsOfError(f"{out} exists already; name another file")
    if not out.parent.is_dir():
        raise AsOfError(f"{out.parent} is no folder; make it first or name another file")
    if not os.access(out.parent, os.W_OK):
        raise AsOfError(f"{out.parent} cannot be written to; name a file elsewhere")
    with home.lock(), _past(home, known_at) as past:
        build_analytics(past, usage_settings(), audit_rules())
        results = build(past, *_MODELS_ONLY, "--select", *(f"+{name}" for name in USAGE_TABLES))
        if reason := failure(past, results):
            raise AsOfError(reason)
        counts = _write(past, known_at, out)
    return State(out, known_at, counts)


@contextmanager
def _past(home: Home, known_at: datetime) -> Iterator[Home]:
    """A temporary home with the reads that were believed at an instant, and everything else as it is."""
    home.warehouse.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".as-of-", dir=home.warehouse) as folder:
        past = Home(Path(folder))
        own = {lake.table_folder(home, table) for table in _OWN}
        for table in sorted(home.lake.glob("*/*")):
            if table not in own and table.parent.name not in ("analytics", "vault"):
                link = past.lake / table.relative_to(home.lake)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(table)
        lake.prepare(past)
        past.warehouse.mkdir()
        with lake.connect(home) as con:
            con.execute(f"set variable known_at_utc = timestamp '{known_at}'")
            if not _write_reads(con, home, past):
                raise AsOfError(f"nothing was known at {known_at:%Y-%m-%d %H:%M:%S} UTC yet; {_since(home)}")
        yield past


def _write_reads(con: duckdb.DuckDBPyConnection, home: Home, past: Home) -> int:
    """Write the reads of every month as they were believed, with what follows from them alone."""
    count = 0
    for folder in sorted(lake.table_folder(home, EDITED_INTERVAL_READS).glob("read_month=*")):
        month = folder.name.partition("=")[2]
        lake.create_view(con, home, EDITED_INTERVAL_READS, "stands", [month])
        lake.create_view(con, home, READ_VERSIONS, "replaced", [month])
        present = segments(home, EDITED_INTERVAL_READS, month)
        whole = Segment(present[0].first_date, present[-1].last_date)
        con.execute(f"create or replace temp table believed as {as_of('stands', 'replaced')}")
        queries = {
            EDITED_INTERVAL_READS: f"from believed order by {', '.join(EDITED_INTERVAL_READS.primary_key)}",
            METER_DAY_PROFILES: profiles_of("believed"),
            RESTATEMENTS: days_of("believed"),
        }
        for table, query in queries.items():
            rows = lake.write_query(con, query, table, whole.path(past, table, 1))
            count += rows if table is EDITED_INTERVAL_READS else 0
    return count


def _since(home: Home) -> str:
    with lake.connect(home) as con:
        lake.create_view(con, home, EDITED_INTERVAL_READS, "stands")
        lake.create_view(con, home, READ_VERSIONS, "replaced")
        first = (
            "select min(known_at_utc) as since_utc from stands union all select min(believed_from_utc) from replaced"
        )
        ((earliest,),) = con.execute(f"select min(since_utc) from ({first})").fetchall()
    return f"the first reads were received at {earliest:%Y-%m-%d %H:%M} UTC" if earliest else "the home holds no reads"


def _write(past: Home, known_at: datetime, out: Path) -> dict[str, int]:
    staged = out.with_name(f".{out.name}.{os.getpid()}")
    counts = {}
    try:
        with duckdb.connect(str(staged)) as con:
            con.execute(f"set file_search_path = '{lake.quoted(past.root)}'")
            con.execute(f"attach '{lake.quoted(past.build_database)}' as build (read_only)")
            for name in USAGE_TABLES:
                con.execute(f"create table {name} as select * from build.marts.{name} order by all")
                counts[name] = int(con.execute(f"select count(*) from {name}").fetchall()[0][0])
            con.execute(f"create table meta_as_of as select timestamp '{known_at}' as known_at_utc")
            con.execute("detach build")
            con.execute("checkpoint")
        shutil.move(staged, out)
    except (duckdb.IOException, OSError) as error:
        raise AsOfError(f"{out} cannot be written: {str(error).strip().splitlines()[0]}") from None
    finally:
        staged.unlink(missing_ok=True)
    return counts
