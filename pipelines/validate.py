"""Brings the vee layer up to date, month by month, where its inputs have changed.

A month of the vee layer is a pure function of the reads of that month and of the days before it on which its like-day
estimates may rest. A fingerprint of those inputs is kept beside the month; equal fingerprint, nothing to do.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl

from models.entities.reads import RECORDED
from models.tables import Table
from models.tables.entities import DAILY_WEATHER, DATES, INTERVALS, METER_CHANNELS, METERS
from models.tables.raw import FILES, INTERVAL_READS, METER_EVENTS, REGISTER_READS
from models.tables.vee import (
    EDITED_INTERVAL_READS,
    ESTIMATE_REFERENCES,
    FAILURES,
    METER_DAY_PROFILES,
    RESTATEMENTS,
    RULES,
    SUPERSEDED_READS,
)
from models.vee.results import restated_days, validate_windows
from models.vee.settings import VeeSettings
from pipelines import lake
from pipelines.home import Home

MONTH_TABLES = (
    EDITED_INTERVAL_READS,
    METER_DAY_PROFILES,
    FAILURES,
    SUPERSEDED_READS,
    ESTIMATE_REFERENCES,
)
HALO = timedelta(days=1)
# A local date begins at most 14 hours before and ends at most 12 hours after the UTC date of the same name.
ZONE_MARGIN = timedelta(days=1)
UNSETTLED = "unsettled"


@dataclass(frozen=True)
class MonthResult:
    """What validating one month gave.

    Attributes:
        month: Local month, YYYY-MM.
        row_counts: Rows by table of the vee layer.
        restated_count: Meter-days whose values, quality or methods changed.
    """

    month: str
    row_counts: dict[str, int]
    restated_count: int


def month_of(day: date) -> str:
    """Month of a date, YYYY-MM."""
    return f"{day:%Y-%m}"


def month_dates(month: str) -> tuple[date, date]:
    """First and last date of a month."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_between(first: date, last: date) -> list[str]:
    """Months from one date to another, both included."""
    months = []
    day = first.replace(day=1)
    while day <= last:
        months.append(month_of(day))
        day = (day + timedelta(days=31)).replace(day=1)
    return months


def stale_months(home: Home, settings: VeeSettings) -> list[str]:
    """Local months whose vee layer does not rest on the present inputs, in order."""
    lake.prepare(home)
    inputs = _Inputs.read(home, settings)
    return [month for month in _known_months(home, inputs) if _state(home, month) != inputs.fingerprint(month)]


def validate_months(
    home: Home, settings: VeeSettings, months: list[str], report: Callable[[str], None]
) -> list[MonthResult]:
    """Validate the stale ones among the months given, oldest first.

    Args:
        home: Home folder; its raw and entities layers are read, its vee layer is written.
        settings: Thresholds.
        months: Local months, YYYY-MM.
        report: Receives a line per month.

    Returns:
        A result per month that was worked on.
    """
    inputs = _Inputs.read(home, settings)
    restatement_id = _next_restatement_id(home)
    results = []
    fingerprints = {month: inputs.fingerprint(month) for month in _known_months(home, inputs)}
    for month in sorted(set(months) & set(fingerprints)):
        if _state(home, month) == fingerprints[month]:
            continue
        result = _validate(home, settings, month, restatement_id)
        # What rests on months that were not among those asked for stays stale until they have been done.
        is_settled = all(
            _state(home, earlier) == fingerprints[earlier]
            for earlier in _earlier_months(month, settings)
            if earlier in fingerprints
        )
        _write_state(home, month, fingerprints[month] if is_settled else UNSETTLED)
        results.append(result)
        reads = result.row_counts[EDITED_INTERVAL_READS.name]
        report(f"vee {month}: {reads:,} interval reads, {result.restated_count:,} meter-days restated")
    return results


def write_rules(home: Home, settings: VeeSettings) -> None:
    """Write the rules in force as `vee.rules`."""
    rows = [
        {
            "rule_code": rule.rule_code,
            "rule_name": rule.rule_name,
            "severity_code": rule.severity_code,
            "action_code": rule.action_code,
            "rule_description": rule.description,
        }
        for rule in settings.rules
    ]
    frame = pl.DataFrame(rows, schema=RULES.empty().schema)
    lake.write_frame(frame, RULES, lake.table_folder(home, RULES) / "part-0.parquet")


def _known_months(home: Home, inputs: "_Inputs") -> list[str]:
    """Months with reads now or at an earlier run (a meter given another zone may have left one)."""
    earlier = {path.stem for path in _state_file(home, "*").parent.glob("*.json")}
    return sorted(earlier | set(inputs.months()))


def _earlier_months(month: str, settings: VeeSettings) -> list[str]:
    """Months before this one that hold days on which its estimates may rest."""
    first, _ = month_dates(month)
    return months_between(first - timedelta(days=settings.like_day_lookback_days), first - timedelta(days=1))


def _validate(home: Home, settings: VeeSettings, month: str, restatement_id: int) -> MonthResult:
    first, last = month_dates(month)
    with lake.connect(home) as con:
        raw_months = months_between(first - HALO - ZONE_MARGIN, last + HALO + ZONE_MARGIN)
        earlier_first = first - timedelta(days=settings.like_day_lookback_days)
        earlier_months = _earlier_months(month, settings)
        window = (
            f"interval_start_utc >= timestamp '{first - HALO - ZONE_MARGIN}' "
            f"and interval_start_utc < timestamp '{last + HALO + 2 * ZONE_MARGIN}'"
        )
        lake.create_view(con, home, FILES, "files")
        lake.create_view(con, home, INTERVAL_READS, "reads", raw_months, window)
        lake.create_view(con, home, REGISTER_READS, "registers", condition=window.replace("interval_start", "read_at"))
        lake.create_view(con, home, METER_EVENTS, "events")
        lake.create_view(con, home, METERS, "meters")
        con.execute(
            "create or replace temp view windows as "
            f"select meter_id, date '{first}' as first_date, date '{last}' as last_date from meters"
        )
        lake.create_view(con, home, METER_CHANNELS, "meter_channels")
        lake.create_view(con, home, DATES, "dates")
        lake.create_view(con, home, DAILY_WEATHER, "daily_weather")
        halo = f"usage_date between date '{first - 2 * HALO}' and date '{last + 2 * HALO}'"
        calendar = f"({halo}) or usage_date between date '{earlier_first}' and date '{last}'"
        lake.create_view(con, home, INTERVALS, "intervals", condition=calendar)
        since = f"usage_date >= date '{earlier_first}'"
        lake.create_view(con, home, METER_DAY_PROFILES, "earlier_profiles", earlier_months, since)
        lake.create_view(con, home, EDITED_INTERVAL_READS, "earlier_edited", earlier_months, since)
        con.execute(
            "create or replace temp view earlier_reads as "
            + " union all ".join(
                f"select meter_id, '{channel}' as channel_code, usage_date, interval_start_utc, "
                f"{channel}_wh as final_wh from earlier_edited where {channel}_wh is not null"
                for channel in ("delivered", "received")
            )
        )
        queries = validate_windows(con, settings)
        targets = {table.name: _month_file(home, table, month) for table in MONTH_TABLES}
        staged = {name: path.with_suffix(".staged") for name, path in targets.items()}
        counts = {
            table.name: lake.write_query(con, queries[table.name], table, staged[table.name]) for table in MONTH_TABLES
        }
        restated = _write_restatements(con, home, month, restatement_id, staged[EDITED_INTERVAL_READS.name])
    for name, path in targets.items():
        staged[name].replace(path)
    return MonthResult(month, counts, restated)


def _write_restatements(
    con: duckdb.DuckDBPyConnection, home: Home, month: str, restatement_id: int, staged: Path
) -> int:
    con.execute(
        "create or replace temp view edited_reads as "
        f"from read_parquet('{lake.quoted(staged)}', hive_partitioning = false)"
    )
    lake.create_view(con, home, EDITED_INTERVAL_READS, "previous_reads", [month])
    content = [name for name in EDITED_INTERVAL_READS.columns if name != "known_at_utc"]
    path = lake.partition_folder(home, RESTATEMENTS, month) / f"{restatement_id:08d}.parquet"
    con.execute(f"set variable restatement_id = {restatement_id}")
    count = lake.write_query(con, restated_days(content), RESTATEMENTS, path)
    if count == 0:
        path.unlink()
    return count


def _month_file(home: Home, table: Table, month: str) -> Path:
    return lake.partition_folder(home, table, month) / "part-0.parquet"


def _state_file(home: Home, month: str) -> Path:
    return home.lake / "vee" / "state" / f"{month}.json"


def _state(home: Home, month: str) -> str | None:
    path = _state_file(home, month)
    return str(json.loads(path.read_text(encoding="utf-8"))["fingerprint"]) if path.exists() else None


def _write_state(home: Home, month: str, fingerprint: str) -> None:
    path = _state_file(home, month)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps({"fingerprint": fingerprint}), encoding="utf-8")
    temporary.replace(path)


def _next_restatement_id(home: Home) -> int:
    folder = lake.table_folder(home, RESTATEMENTS)
    numbers = [int(path.stem) for path in folder.glob("read_month=*/*.parquet")]
    return max(numbers, default=0) + 1


@dataclass(frozen=True)
class _Inputs:
    """Everything that decides what a month of the vee layer holds."""

    settings: VeeSettings
    files: pl.DataFrame
    channels: pl.DataFrame
    holidays: pl.DataFrame
    weather: pl.DataFrame
    registers: pl.DataFrame
    events: pl.DataFrame

    @classmethod
    def read(cls, home: Home, settings: VeeSettings) -> "_Inputs":
        channels = lake.read_frame(home, METER_CHANNELS).join(lake.read_frame(home, METERS), on="meter_id")
        files = lake.read_frame(home, FILES).filter(pl.col("loaded_count") > 0)
        holidays = lake.read_frame(home, DATES).filter("is_holiday").select("usage_date").sort("usage_date")
        weather = lake.read_frame(home, DAILY_WEATHER).select("climate_zone", "usage_date", "max_temperature_degc")
        return cls(
            settings,
            files.sort("file_id"),
            channels.sort("meter_id", "channel_code"),
            holidays,
            weather,
            _hashes_by_date(home, REGISTER_READS, "read_at_utc", files),
            _hashes_by_date(home, METER_EVENTS, "event_start_utc", files),
        )

    def months(self) -> list[str]:
        spans = self.channels.select("first_read_date", "last_read_date").unique()
        return sorted({month for first, last in spans.iter_rows() for month in months_between(first, last)})

    def fingerprint(self, month: str) -> str:
        first, last = month_dates(month)
        begin = first - timedelta(days=self.settings.like_day_lookback_days) - HALO - ZONE_MARGIN
        end = last + HALO + 2 * ZONE_MARGIN
        # Only the part of a meter's span that the month can see counts: tomorrow's reads leave last spring as it is.
        clip = pl.col("first_interval_start_utc", "last_interval_start_utc").clip(begin, end)
        channels = self.channels.filter(
            (pl.col("last_interval_start_utc") >= begin) & (pl.col("first_interval_start_utc") < end)
        ).select(
            "meter_id",
            "channel_code",
            "interval_minutes",
            "time_zone",
            "customer_class",
            *RECORDED,
            clip,
        )
        files = self.files.filter(
            (pl.col("last_interval_start_utc") >= begin) & (pl.col("first_interval_start_utc") < end)
        ).select("file_id", "received_at_utc")
        digest = hashlib.sha256(self.settings.as_text().encode())
        digest.update(files.write_csv().encode())
        digest.update(channels.write_csv().encode())
        digest.update(self.registers.filter(pl.col("utc_date").is_between(begin, end)).write_csv().encode())
        # A disconnection lasts until its end, however long ago it began.
        digest.update(self.events.filter(pl.col("utc_date") <= end).write_csv().encode())
        digest.update(self.weather.filter(pl.col("usage_date").is_between(begin, last)).write_csv().encode())
        digest.update(self.holidays.filter(pl.col("usage_date").is_between(begin, last)).write_csv().encode())
        return digest.hexdigest()


def _hashes_by_date(home: Home, table: Table, instant: str, files: pl.DataFrame) -> pl.DataFrame:
    """A hash of a table's rows of each UTC date, and of when their files were received."""
    rows = lake.read_frame(home, table).join(files.select("file_id", "received_at_utc"), on="file_id")
    hashed = rows.select(utc_date=pl.col(instant).dt.date(), content_hash=rows.hash_rows())
    return hashed.group_by("utc_date").agg(pl.col("content_hash").sum()).sort("utc_date")
