"""Writes a landing file's parts into the raw tables, after a last look at each row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path

import polars as pl

from models.calendar import FIRST_DATE, FUTURE_TOLERANCE
from models.tables import Table
from models.tables.base import LARGEST_READ_WH
from models.tables.raw import (
    AUXILIARY_READS,
    FILE_CHANNELS,
    FILE_FINDINGS,
    INTERVAL_READS,
    METER_EVENTS,
    QUARANTINED_ROWS,
    REGISTER_READS,
)
from pipelines import lake
from pipelines.home import Home
from pipelines.readers import Finding, Part
from pipelines.readers.refusals import check_refusals
from pipelines.readers.times.gathered import Gathered

EARLIEST = datetime.combine(FIRST_DATE, time())
_PART_TABLES = {
    "reads": INTERVAL_READS,
    "auxiliary_reads": AUXILIARY_READS,
    "register_reads": REGISTER_READS,
    "meter_events": METER_EVENTS,
}
_MOMENT = {
    INTERVAL_READS: "interval_start_utc",
    AUXILIARY_READS: "interval_start_utc",
    REGISTER_READS: "read_at_utc",
    METER_EVENTS: "event_start_utc",
}
_SAME_IN_A_PART = ("file_id", "part_number")
_CHANNEL_KEYS = ["file_id", "meter_id", "channel_code", "interval_minutes"]
_ENERGY = pl.when(pl.col("reported_wh").count() > 0).then(pl.col("reported_wh").sum())
_MERGED = (
    pl.col("read_count").sum(),
    _ENERGY,
    pl.col("meter_multiplier").first(),
    pl.col("first_interval_start_utc").min(),
    pl.col("last_interval_start_utc").max(),
)
_REJECT = ["row_number", "value_position", "reason", "row_text"]


@dataclass
class Totals:
    """What a file came to.

    Attributes:
        interval_read_count: Interval reads taken, auxiliary ones included.
        register_read_count: Register reads taken.
        meter_event_count: Meter events taken.
        quarantined_count: Values set aside.
        first_reason: Line and reason of the first of these.
        first_start: Start of the earliest interval.
        last_start: Start of the latest interval.
    """

    interval_read_count: int = 0
    register_read_count: int = 0
    meter_event_count: int = 0
    quarantined_count: int = 0
    first_reason: str | None = None
    first_start: datetime | None = None
    last_start: datetime | None = None

    @property
    def loaded_count(self) -> int:
        """Everything taken into the raw tables."""
        return self.interval_read_count + self.register_read_count + self.meter_event_count

    @property
    def sent_count(self) -> int:
        """Everything that the file holds."""
        return self.loaded_count + self.quarantined_count


@dataclass
class RawWriter:
    """Writes one file into raw, part by part.

    Attributes:
        home: Home folder.
        file_id: The file.
        received_at: When it was received, naive UTC.
        totals: What was written so far.
    """

    home: Home
    file_id: str
    received_at: datetime
    totals: Totals = field(default_factory=Totals)
    _part_number: int = 0
    _channels: Gathered = field(default_factory=lambda: Gathered(FILE_CHANNELS.empty().schema, _CHANNEL_KEYS, _MERGED))

    def add(self, part: Part) -> None:
        """Write one part: the rows that stand, and those that do not with their reasons.

        Raises:
            UnreadableFile: Most of a large file is refused.
        """
        rejects = [part.rejects.select(_REJECT)]
        for name, table in _PART_TABLES.items():
            rows: pl.DataFrame = getattr(part, name)
            if rows.is_empty():
                continue
            rows = rows.with_columns(file_id=pl.lit(self.file_id))
            if table is INTERVAL_READS:
                rows = rows.with_columns(part_number=pl.lit(self._part_number, pl.Int32))
            rows, refused = _judge(rows, table, self.received_at)
            rejects += refused
            if rows.height:
                self._write(rows, table)
        self._set_aside(pl.concat(rejects, how="vertical_relaxed").sort("row_number", "value_position"))
        self._part_number += 1

    def finish(self, findings: Iterable[Finding]) -> None:
        """Write what is known only at the end.

        Raises:
            UnreadableFile: There are more meters than a file may have.
        """
        channels = self._channels.rows()
        if channels.height:
            rows = channels.sort(_CHANNEL_KEYS).select(list(FILE_CHANNELS.columns))
            lake.write_frame(rows, FILE_CHANNELS, self._path(FILE_CHANNELS))
        noted = [(self.file_id, finding.code, finding.count, finding.text) for finding in findings]
        if noted:
            frame = pl.DataFrame(noted, schema=FILE_FINDINGS.empty().schema, orient="row")
            lake.write_frame(frame, FILE_FINDINGS, self._path(FILE_FINDINGS))

    def discard(self) -> None:
        """Take back everything that is written of the file; nothing counts before the file is in the ledger."""
        for table in (*_PART_TABLES.values(), FILE_CHANNELS, FILE_FINDINGS, QUARANTINED_ROWS):
            folder = lake.table_folder(self.home, table)
            for path in folder.glob(f"{'read_month=*/' if table.is_partitioned else ''}{self.file_id}*.parquet"):
                path.unlink()

    def _path(self, table: Table, month: str | None = None) -> Path:
        folder = (
            lake.table_folder(self.home, table) if month is None else lake.partition_folder(self.home, table, month)
        )
        return folder / f"{self.file_id}-{self._part_number:05d}.parquet"

    def _write(self, rows: pl.DataFrame, table: Table) -> None:
        totals = self.totals
        if table is REGISTER_READS:
            totals.register_read_count += rows.height
        elif table is METER_EVENTS:
            totals.meter_event_count += rows.height
        else:
            totals.interval_read_count += rows.height
            bounds = rows.select(first=pl.col("interval_start_utc").min(), last=pl.col("interval_start_utc").max())
            first, last = bounds.row(0)
            totals.first_start = min(totals.first_start or first, first)
            totals.last_start = max(totals.last_start or last, last)
        if not table.is_partitioned:
            lake.write_frame(rows.select(list(table.columns)), table, self._path(table))
            return
        if table is INTERVAL_READS:
            self._channels.add(_channels(rows))
        own = [pl.lit(self.file_id).alias("file_id")]
        if table is INTERVAL_READS:
            own.append(pl.lit(self._part_number, pl.Int32).alias("part_number"))
        for month, part in _by_month(rows.select([n for n in table.columns if n not in _SAME_IN_A_PART]), first, last):
            part = part.with_columns(own).select(list(table.columns))
            lake.write_frame(part, table, self._path(table, f"{month:%Y-%m}"))

    def _set_aside(self, rejects: pl.DataFrame) -> None:
        if rejects.is_empty():
            return
        if self.totals.first_reason is None:
            self.totals.first_reason = f"line {rejects['row_number'][0]}: {rejects['reason'][0]}"
        self.totals.quarantined_count += rejects.height
        check_refusals(self.totals.quarantined_count, self.totals.loaded_count, self.totals.first_reason)
        received = pl.lit(self.received_at).dt.date().alias("received_date")
        rows = rejects.with_columns(pl.lit(self.file_id).alias("file_id"), received)
        lake.write_frame(rows.select(list(QUARANTINED_ROWS.columns)), QUARANTINED_ROWS, self._path(QUARANTINED_ROWS))


def _judge(rows: pl.DataFrame, table: Table, received_at: datetime) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Split rows into those that stand and the refused: impossible times, and what breaks the registry's rules."""
    start, label = pl.col(_MOMENT[table]), pl.col("source_label")
    what = "starts" if table.is_partitioned else "lies"
    stamped = pl.format('time label "{}"', label)
    since = pl.lit(f" {what} after the file was received ({received_at:%Y-%m-%d %H:%M} UTC)")
    until = pl.lit(f" {what} before {EARLIEST:%Y-%m-%d}, the first date that is kept")
    impossible = [(start > received_at + FUTURE_TOLERANCE, stamped + since), (start < EARLIEST, stamped + until)]
    if table is INTERVAL_READS:
        energy = pl.col("reported_wh")
        too_much = pl.format("a value of {} Wh in one interval cannot be", energy)
        impossible.append((energy.abs() > LARGEST_READ_WH, too_much))
    lawful = [
        rule.fill_null(value=True)
        for name, column in table.columns.items()
        for rule in column.validation_rules(pl.col(name)).values()
    ]
    sound = [~condition.fill_null(value=False) for condition, _ in impossible]
    if rows.select(pl.all_horizontal(*lawful, *sound).all()).item():
        return rows, []
    rejects = []
    for condition, reason in impossible:
        found = rows.filter(condition)
        if found.height:
            rejects.append(
                found.select("row_number", "value_position", reason.alias("reason"), label.alias("row_text"))
            )
            rows = rows.filter(~condition.fill_null(value=False))
    good, failure = table.schema.filter(rows.select(list(table.columns)), cast=True)
    if good.height < rows.height:
        broken = rows.join(good, on=table.primary_key, how="anti")
        rules = pl.lit(f"breaks the rules of {table.layer}.{table.name}: {', '.join(sorted(failure.counts()))}")
        rejects.append(broken.select("row_number", "value_position", rules.alias("reason"), label.alias("row_text")))
        rows = rows.join(good, on=table.primary_key, how="semi")
    return rows, rejects


def _by_month(rows: pl.DataFrame, first: datetime, last: datetime) -> Iterator[tuple[datetime, pl.DataFrame]]:
    """Rows by UTC month of their start, in the order of rows."""
    start = pl.col("interval_start_utc")
    if (first.year, first.month) == (last.year, last.month):
        yield first, rows
        return
    keyed = rows.with_columns(read_month=start.dt.year().cast(pl.Int32) * 12 + start.dt.month())
    for part in keyed.partition_by("read_month", maintain_order=True, include_key=False):
        yield part["interval_start_utc"][0], part


def _channels(reads: pl.DataFrame) -> pl.DataFrame:
    return (
        reads.with_columns(interval_minutes="nominal_minutes")
        .group_by(_CHANNEL_KEYS)
        .agg(
            pl.len().cast(pl.Int32).alias("read_count"),
            _ENERGY,
            pl.col("meter_multiplier").first(),
            pl.col("interval_start_utc").min().alias("first_interval_start_utc"),
            pl.col("interval_start_utc").max().alias("last_interval_start_utc"),
        )
        .select(list(FILE_CHANNELS.columns))
    )
