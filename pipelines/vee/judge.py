"""Judges windows of one month and replaces what differs of the files that hold it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import polars as pl

from models.tables.edits import EDITS_IN_FORCE
from models.tables.entities import DAILY_WEATHER, DATES, INTERVALS, METER_CHANNELS, METERS, READ_EDITS
from models.tables.raw import FILES, INTERVAL_READS, METER_EVENTS, REGISTER_READS
from models.tables.vee import (
    EDITED_INTERVAL_READS,
    ESTIMATE_REFERENCES,
    FAILURES,
    METER_DAY_PROFILES,
    READ_VERSIONS,
    RESTATEMENTS,
    SUPERSEDED_READS,
    VERDICT_PAIRS,
)
from models.vee import versions
from models.vee.edits import count_as_receipts
from models.vee.results import validate_windows
from models.vee.settings import VeeSettings
from pipelines import lake
from pipelines.feeds import feeds_trusted
from pipelines.home import Home
from pipelines.months import months_between
from pipelines.vee.journal import Journal
from pipelines.vee.segments import Segment, segments, uncovered

MONTH_TABLES = (
    EDITED_INTERVAL_READS,
    METER_DAY_PROFILES,
    FAILURES,
    SUPERSEDED_READS,
    ESTIMATE_REFERENCES,
    EDITS_IN_FORCE,
    VERDICT_PAIRS,
)
_VERDICTS = (EDITED_INTERVAL_READS, METER_DAY_PROFILES, FAILURES)
"""Tables whose differences later days and later layers may notice."""
HALO = timedelta(days=1)
# A local date begins at most 14 hours before and ends at most 12 hours after the UTC date of the same name.
ZONE_MARGIN = timedelta(days=1)


@dataclass(frozen=True)
class Judgement:
    """What all months that are judged together have in common.

    Attributes:
        home: Home folder.
        settings: Thresholds.
        restatement_id: Number of the judgement.
        known_before: Receipt of the latest file at the last complete judgement, naive UTC; None for the first.
        known_now: Receipt of the latest file.
    """

    home: Home
    settings: VeeSettings
    restatement_id: int
    known_before: datetime | None
    known_now: datetime


@dataclass(frozen=True)
class Outcome:
    """What judging some windows of a month gave.

    Attributes:
        row_counts: Rows judged, by table.
        judged_count: Meter-days judged.
        restated: `meter_id`, `usage_date` of what differs from before.
    """

    row_counts: dict[str, int]
    judged_count: int
    restated: pl.DataFrame


def judge(judgement: Judgement, month: str, windows: pl.DataFrame, journal: Journal) -> Outcome:
    """Judge windows of a month; what differs is written and staged in the journal.

    Args:
        judgement: What to judge by.
        month: Local month, YYYY-MM.
        windows: At most one window per meter, all of them within the month.
        journal: Receives the changes of files.
    """
    home = judgement.home
    with lake.connect(home) as con:
        _set_variables(con, judgement)
        con.register("window_rows", windows.to_arrow())
        con.execute("create temp table windows as from window_rows")
        first, last = windows.select(pl.col("first_date").min(), pl.col("last_date").max()).row(0)
        _provide(con, judgement, first, last)
        queries = validate_windows(con, judgement.settings)
        queries[EDITED_INTERVAL_READS.name] = versions.dated(queries[EDITED_INTERVAL_READS.name])
        present = segments(home, EDITED_INTERVAL_READS, month)
        dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        fresh = uncovered(dates, present)
        overlapping = [s for s in present if s.first_date <= last and s.last_date >= first]
        if overlapping:
            for table in MONTH_TABLES:
                con.execute(f"create temp table judged_{table.name} as {lake.typed(queries[table.name], table)}")
                queries[table.name] = f"from judged_{table.name}"
        con.execute("create temp table restated (meter_id varchar, usage_date date)")
        written = _write_fresh(con, journal, judgement, queries, fresh, is_all=not overlapping)
        version_count = sum(_replace(con, journal, judgement, segment) for segment in overlapping)
        if overlapping:
            written = {name: _count(con, f"judged_{name}") for name in queries}
        written[READ_VERSIONS.name] = version_count
        restated = con.sql("select distinct meter_id, usage_date from restated order by all").pl()
        if restated.height:
            _write_restatements(con, journal, judgement, month)
        judged_count = _count(con, "(select distinct meter_no, usage_date from channel_days where is_within)")
    return Outcome(written, judged_count, restated)


def _set_variables(con: duckdb.DuckDBPyConnection, judgement: Judgement) -> None:
    before = f"timestamp '{judgement.known_before}'" if judgement.known_before else "null::timestamp"
    con.execute(f"set variable known_before_utc = {before}")
    con.execute(f"set variable known_now_utc = timestamp '{judgement.known_now}'")
    con.execute(f"set variable restatement_id = {judgement.restatement_id}")


def _provide(con: duckdb.DuckDBPyConnection, judgement: Judgement, first: date, last: date) -> None:
    """Give the connection everything that is judged by."""
    home, settings = judgement.home, judgement.settings
    begin, end = first - HALO - ZONE_MARGIN, last + HALO + 2 * ZONE_MARGIN
    since = first - timedelta(days=settings.like_day_lookback_days)
    instants = f"between timestamp '{begin}' and timestamp '{end}'"
    raw_months = months_between(begin, end)
    lake.create_view(con, home, FILES, "landed_files")
    lake.create_view(con, home, READ_EDITS, "edits")
    count_as_receipts(con)
    con.execute("create temp table mdms_feeds as select unnest(?::varchar[]) as feed", [feeds_trusted(home)])
    lake.create_view(con, home, INTERVAL_READS, "reads", raw_months, f"interval_start_utc {instants}")
    lake.create_view(con, home, REGISTER_READS, "registers", condition=f"read_at_utc {instants}")
    lake.create_view(con, home, METER_EVENTS, "events")
    lake.create_view(con, home, METERS, "meters")
    lake.create_view(con, home, METER_CHANNELS, "meter_channels")
    lake.create_view(con, home, DATES, "dates")
    lake.create_view(con, home, DAILY_WEATHER, "daily_weather")
    calendar = f"usage_date between date '{since - HALO}' and date '{last + 2 * HALO}'"
    lake.create_view(con, home, INTERVALS, "intervals", condition=calendar)
    recent = f"usage_date between date '{since}' and date '{last}'"
    earlier_months = months_between(since, last)
    lake.create_view(con, home, METER_DAY_PROFILES, "earlier_profiles", earlier_months, recent)
    lake.create_view(con, home, EDITED_INTERVAL_READS, "earlier_edited", earlier_months, recent)
    con.execute(
        "create temp view earlier_reads as "
        + " union all ".join(
            f"select meter_id, '{channel}' as channel_code, usage_date, interval_start_utc, {channel}_wh as final_wh "
            f"from earlier_edited where {channel}_wh is not null"
            for channel in ("delivered", "received")
        )
    )


def _write_fresh(
    con: duckdb.DuckDBPyConnection,
    journal: Journal,
    judgement: Judgement,
    queries: dict[str, str],
    fresh: list[Segment],
    *,
    is_all: bool,
) -> dict[str, int]:
    """Write days that no file holds yet; if `is_all`, one fresh segment holds everything that was judged."""
    counts = {}
    for segment in fresh:
        for table in MONTH_TABLES:
            query = queries[table.name]
            if not is_all:
                query = f"from ({query}) where {segment.condition} order by {', '.join(table.primary_key)}"
            path = segment.path(judgement.home, table, judgement.restatement_id)
            staged = journal.stage(path)
            counts[table.name] = lake.write_query(con, query, table, staged)
            if table in _VERDICTS:
                con.execute(
                    "insert into restated select distinct meter_id, usage_date "
                    f"from read_parquet('{lake.quoted(staged)}', hive_partitioning = false)"
                )
    return counts


def _replace(con: duckdb.DuckDBPyConnection, journal: Journal, judgement: Judgement, segment: Segment) -> int:
    """Replace the files of a segment that hold what is judged otherwise now.

    Returns:
        Number of beliefs that are held no longer.
    """
    home, version_count = judgement.home, 0
    for table in MONTH_TABLES:
        present = segment.files(home, table)
        empty = lake.table_folder(home, table) / lake.EMPTY_FILE
        listed = ", ".join(f"'{lake.quoted(path)}'" for path in (empty, *present))
        con.execute(f"create or replace temp view held as from read_parquet([{listed}], hive_partitioning = false)")
        con.execute(
            "create or replace temp table old_rows as select h.* from held as h inner join windows as w "
            "on h.meter_id = w.meter_id and h.usage_date between w.first_date and w.last_date"
        )
        con.execute(f"create or replace temp table new_rows as from judged_{table.name} where {segment.condition}")
        con.execute(f"create or replace temp table changed as {versions.changed_days(table)}")
        if not _count(con, "changed"):
            continue
        new = "from new_rows"
        if table is EDITED_INTERVAL_READS:
            con.execute(f"create or replace temp table dated_rows as {versions.kept_where_equal()}")
            new = "from dated_rows"
            version_count = _write_versions(con, journal, judgement, segment)
        if table in _VERDICTS:
            con.execute(f"insert into restated {versions.restated_days(table)}")
        merged = (
            "select * from held anti join changed using (meter_id, usage_date) "
            f"union all by name select * from ({new}) semi join changed using (meter_id, usage_date) "
            f"order by {', '.join(table.primary_key)}"
        )
        path = segment.path(home, table, judgement.restatement_id)
        lake.write_query(con, merged, table, journal.stage(path))
        journal.remove(present)
    return version_count


def _write_versions(con: duckdb.DuckDBPyConnection, journal: Journal, judgement: Judgement, segment: Segment) -> int:
    con.execute(f"create or replace temp table superseded_versions as {versions.superseded()}")
    if not _count(con, "superseded_versions"):
        return 0
    path = segment.path(judgement.home, READ_VERSIONS, judgement.restatement_id)
    return lake.write_query(con, "from superseded_versions", READ_VERSIONS, journal.stage(path))


def _write_restatements(con: duckdb.DuckDBPyConnection, journal: Journal, judgement: Judgement, month: str) -> None:
    number = "getvariable('restatement_id') as restatement_id"
    query = f"select distinct {number}, meter_id, usage_date from restated order by all"
    path = lake.partition_folder(judgement.home, RESTATEMENTS, month) / f"{judgement.restatement_id:08d}.parquet"
    lake.write_query(con, query, RESTATEMENTS, journal.stage(path))


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(con.execute(f"select count(*) from {relation}").fetchall()[0][0])
