"""What the published generation says about intervals that somebody wants to edit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from models.tables import Table
from models.tables.vee import EDITED_INTERVAL_READS
from pipelines import lake
from pipelines.home import Home
from pipelines.months import months_between

_ZONE_MARGIN = timedelta(days=1)


@dataclass(frozen=True)
class Meter:
    """A published meter.

    Attributes:
        meter_id: Meter.
        time_zone: IANA zone.
        interval_minutes: Nominal interval length in minutes.
        customer_class: Selects the largest possible energy.
        has_received_channel: Whether it counts energy to the grid.
    """

    meter_id: str
    time_zone: str
    interval_minutes: int
    customer_class: str
    has_received_channel: bool


@dataclass(frozen=True)
class Span:
    """Intervals of a meter's channel, [start, end) in naive UTC."""

    meter_id: str
    channel_code: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Believed:
    """An interval as it is published.

    Attributes:
        span_no: Which of the spans asked for it belongs to, from 0.
        interval_start_utc: Start, naive UTC.
        interval_minutes: Length in minutes.
        reported_wh: What was reported in Wh; None where nothing was.
        final_wh: What is believed in Wh; None where it is unknown.
        quality_code: Its quality; None where the channel reports nothing at that time.
        edit_id: Edit in force, if any.
    """

    span_no: int
    interval_start_utc: datetime
    interval_minutes: int
    reported_wh: int | None
    final_wh: int | None
    quality_code: str | None
    edit_id: str | None


def clock(con: duckdb.DuckDBPyConnection, now: datetime) -> datetime:
    """The moment at which a decision is taken, naive UTC: now, or in a simulated home a second after its last receipt.

    A simulated home lives in a time of its own, and what happens there must not be dated after what it will receive.
    """
    found = con.execute(
        "select b.is_synthetic, max(f.received_at_utc) from meta_build as b cross join fct_file_reconciliation as f "
        "group by all"
    ).fetchone()
    if found is None or not found[0]:
        return now
    latest: datetime = found[1]
    return latest.replace(microsecond=0) + timedelta(seconds=1)


def meters(con: duckdb.DuckDBPyConnection, meter_ids: Iterable[str]) -> dict[str, Meter]:
    """Published meters with reads, of those asked for."""
    rows = con.execute(
        "select distinct meter_id, time_zone, interval_minutes, customer_class, has_received_channel from dim_meters "
        "where meter_id in (select unnest($ids)) and last_interval_start_utc is not null",
        {"ids": sorted(set(meter_ids))},
    ).fetchall()
    return {row[0]: Meter(*row) for row in rows}


def believed(home: Home, con: duckdb.DuckDBPyConnection, spans: list[Span]) -> list[Believed]:
    """Intervals that begin within spans, in the order of spans and time."""
    wanted = pl.DataFrame(
        [(number, s.meter_id, s.channel_code, s.start, s.end) for number, s in enumerate(spans)],
        schema={
            "span_no": pl.Int64,
            "meter_id": pl.String,
            "channel_code": pl.String,
            "span_start": pl.Datetime("us"),
            "span_end": pl.Datetime("us"),
        },
        orient="row",
    )
    first, last = min(s.start for s in spans), max(s.end for s in spans)
    months = months_between((first - _ZONE_MARGIN).date(), (last + _ZONE_MARGIN).date())
    con.register("wanted", wanted.to_arrow())
    final, adjustment, quality = (
        f"if(w.channel_code = 'delivered', r.delivered_{name}, r.received_{name})"
        for name in ("wh", "adjustment_wh", "quality_code")
    )
    rows = con.execute(
        f"select w.span_no, r.interval_start_utc, r.interval_minutes, coalesce({final}, 0) - {adjustment}, {final}, "
        f"{quality}, e.edit_id "
        f"from wanted as w inner join ({_files(home, EDITED_INTERVAL_READS, months, spans)}) as r "
        "on w.meter_id = r.meter_id and r.interval_start_utc >= w.span_start and r.interval_start_utc < w.span_end "
        "left join (from fct_read_edits where is_in_force) as e on w.meter_id = e.meter_id "
        "and w.channel_code = e.channel_code and r.interval_start_utc = e.interval_start_utc "
        "order by w.span_no, r.interval_start_utc"
    ).fetchall()
    return [Believed(*row) for row in rows]


def life(home: Home, con: duckdb.DuckDBPyConnection, span: Span) -> tuple[datetime, datetime] | None:
    """Start of the first and end of the last interval that a channel of a meter has, naive UTC; None without any."""
    row = con.execute(
        "select min(interval_start_utc), max(interval_start_utc + to_minutes(interval_minutes)) "
        f"from ({_files(home, EDITED_INTERVAL_READS, None, [span])}) where {span.channel_code}_quality_code is not null"
    ).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def _files(home: Home, table: Table, months: list[str] | None, spans: list[Span]) -> str:
    """Query for the rows of some meters in the generation's own files of a lake table."""
    folder = home.current.resolve() / "lake" / table.layer / table.name
    folders = [folder] if months is None else [folder / f"read_month={month}" for month in months]
    paths: list[Path] = [folder / lake.EMPTY_FILE]
    for one in folders:
        paths += sorted(path for path in one.rglob("*.parquet") if path.name != lake.EMPTY_FILE)
    listed = ", ".join(f"'{lake.quoted(path)}'" for path in paths)
    ids = ", ".join("'" + meter_id.replace("'", "''") + "'" for meter_id in sorted({s.meter_id for s in spans}))
    return f"select * from read_parquet([{listed}], hive_partitioning = false) where meter_id in ({ids})"
