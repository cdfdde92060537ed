"""Contract report: what a file holds, how it would be read, and what would be quarantined and why.

The file is loaded into an empty home of its own by the very code that ingests it, so the report cannot differ from
what `meterhouse ingest` would do.
"""

import tempfile
from pathlib import Path
from typing import Any

import duckdb

from models.tables.raw import (
    AUXILIARY_READS,
    FILE_CHANNELS,
    FILE_FINDINGS,
    FILES,
    INTERVAL_READS,
    METER_EVENTS,
    QUARANTINED_ROWS,
    REGISTER_READS,
)
from pipelines import lake
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import take
from pipelines.ledger import Ledger, sha256_of
from pipelines.load import Arrival
from pipelines.names import shown_name

_TABLES = (
    FILES, FILE_CHANNELS, FILE_FINDINGS, INTERVAL_READS, AUXILIARY_READS, REGISTER_READS, METER_EVENTS,
    QUARANTINED_ROWS,
)  # fmt: skip
_SHOWN = 10

_HEAD = """
select
    file_id,
    file_name,
    format_code,
    status_code,
    size_bytes,
    sent_count,
    loaded_count,
    quarantined_count,
    time_zone,
    time_zone_source_code,
    clock_code,
    label_code,
    if(format_code is null or sent_count is null, reason, null) as reason
from files
order by container_file_id is not null, file_name
"""

_METERS = f"""
select count(distinct meter_id) as meter_count, (list(distinct meter_id order by meter_id))[1:{_SHOWN}] as first_meters
from (
    select meter_id from file_channels where file_id = $file
    union select meter_id from register_reads where file_id = $file
    union select meter_id from meter_events where file_id = $file
    union select meter_id from auxiliary_reads where file_id = $file
)
"""

_CHANNELS = """
select
    channel_code,
    interval_minutes,
    count(distinct meter_id) as meter_count,
    sum(read_count)::bigint as read_count,
    sum(reported_wh)::double / 1000 as kwh,
    min(first_interval_start_utc) as first_interval_start_utc,
    max(last_interval_start_utc) as last_interval_start_utc
from file_channels
where file_id = $file
group by all
order by all
"""

_QUALITY = """
select source_quality_code, reported_quality_code, count(*) as read_count
from interval_reads
where file_id = $file
group by all
order by read_count desc, source_quality_code
"""

_VALUES = """
select
    count(*) filter (where reported_wh is null) as blank_count,
    count(*) filter (where reported_wh = 0) as zero_count,
    count(*) filter (where reported_wh < 0) as negative_count,
    max(reported_wh)::double / 1000 as largest_kwh
from interval_reads
where file_id = $file
"""

_DUPLICATES = """
with repeated as (
    select
        meter_id,
        channel_code,
        interval_start_utc,
        count(*) - 1 as extra_count,
        count(distinct coalesce(reported_wh, -9223372036854775808)) = 1 as is_identical
    from interval_reads
    where file_id = $file
    group by all
    having count(*) > 1
)
select
    coalesce(sum(extra_count) filter (where is_identical), 0)::bigint as identical_count,
    coalesce(sum(extra_count) filter (where not is_identical), 0)::bigint as conflicting_count,
    first(meter_id order by meter_id, interval_start_utc) as first_meter_id,
    first(interval_start_utc order by meter_id, interval_start_utc) as first_interval_start_utc
from repeated
"""

_GAPS = f"""
with starts as (
    select distinct r.meter_id, r.channel_code, r.interval_start_utc, m.interval_minutes
    from interval_reads as r
    inner join (
        select meter_id, channel_code, arg_max(interval_minutes, read_count) as interval_minutes
        from file_channels
        where file_id = $file
        group by all
    ) as m using (meter_id, channel_code)
    where r.file_id = $file
),
steps as (
    select
        *,
        lag(interval_start_utc) over (partition by meter_id, channel_code order by interval_start_utc) as previous,
        if(interval_minutes = 1440, 60, 0) as slack_minutes
    from starts
),
gaps as (
    select
        meter_id,
        channel_code,
        previous + to_minutes(interval_minutes::bigint) as from_utc,
        interval_start_utc as until_utc,
        (date_diff('minute', previous, interval_start_utc) + slack_minutes) // interval_minutes - 1 as interval_count
    from steps
    where date_diff('minute', previous, interval_start_utc) > interval_minutes + slack_minutes
)
select
    count(*) as gap_count,
    coalesce(sum(interval_count), 0)::bigint as missing_count,
    (list(struct_pack(meter_id, channel_code, from_utc, until_utc, interval_count)
        order by interval_count desc, meter_id, from_utc))[1:{_SHOWN}] as longest
from gaps
"""

_AUXILIARY = """
select unit_code, stream_code, count(distinct meter_id) as meter_count, count(*) as value_count
from auxiliary_reads
where file_id = $file
group by all
order by all
"""

_REGISTERS = """
select register_code, channel_code, unit_code, count(distinct meter_id) as meter_count, count(*) as read_count
from register_reads
where file_id = $file
group by all
order by all
"""

_EVENTS = """
select source_event_code, source_event_text, count(*) as event_count
from meter_events
where file_id = $file
group by all
order by event_count desc, source_event_code, source_event_text
limit 50
"""

_FINDINGS = """
select finding_code, occurrence_count, finding_text from file_findings where file_id = $file order by finding_code
"""

_REFUSALS = r"""
select
    count(*) as value_count,
    min(row_number) as first_line,
    arg_min(reason, (row_number, value_position)) as first_reason
from quarantined_rows
where file_id = $file
group by regexp_replace(regexp_replace(reason, '"[^"]*"', '"…"', 'g'), '[0-9][0-9:.,-]*', '#', 'g')
order by value_count desc, first_line
limit 50
"""


def check(path: Path, settings: FeedSettings) -> list[dict[str, Any]]:
    """Look at a file, or at every file in a container.

    Args:
        path: The file; nothing is written beside it.
        settings: How to read it, as for ingest; what is None is detected.

    Returns:
        One report per file, the container's own first. Counts are of values, times are UTC, energy is kWh.

    Raises:
        OSError: The file cannot be opened.
    """
    with tempfile.TemporaryDirectory(prefix="meterhouse-check-") as folder:
        home = Home(Path(folder))
        home.lake.mkdir(parents=True)
        lake.prepare(home)
        arrival = Arrival(path, sha256_of(path), shown_name(path.name), "check", settings.receipt_of(path))
        for _ in take(home, Ledger(home), arrival, settings):
            pass
        with lake.connect(home) as con:
            for table in _TABLES:
                lake.create_view(con, home, table, table.name)
            return [_report(con, head) for head in _rows(con, _HEAD)]


def _report(con: duckdb.DuckDBPyConnection, head: dict[str, Any]) -> dict[str, Any]:
    file = head.pop("file_id")
    if head["reason"] is not None or head["status_code"] == "unpacked":
        return head
    return head | {
        "time_findings": _rows(con, _FINDINGS, file),
        "meters": _rows(con, _METERS, file)[0],
        "channels": _rows(con, _CHANNELS, file),
        "quality": _rows(con, _QUALITY, file),
        "values": _rows(con, _VALUES, file)[0],
        "duplicates": _rows(con, _DUPLICATES, file)[0],
        "gaps": _rows(con, _GAPS, file)[0],
        "auxiliary_reads": _rows(con, _AUXILIARY, file),
        "register_reads": _rows(con, _REGISTERS, file),
        "meter_events": _rows(con, _EVENTS, file),
        "refusals": _rows(con, _REFUSALS, file),
    }


def _rows(con: duckdb.DuckDBPyConnection, sql: str, file: str | None = None) -> list[dict[str, Any]]:
    result = con.execute(sql, {} if file is None else {"file": file})
    names = [str(column[0]) for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
