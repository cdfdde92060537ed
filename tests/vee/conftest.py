"""Homes written straight into raw, so that tests of VEE depend on no file format."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.tables import Table
from models.tables.entities import DAILY_WEATHER, METER_CHANNELS, METERS
from models.tables.raw import AUXILIARY_READS, INTERVAL_READS, METER_EVENTS, QUARANTINED_ROWS, REGISTER_READS
from models.tables.vee import RESTATEMENTS
from pipelines import lake
from pipelines.entities import build_entities
from pipelines.home import Home
from pipelines.ledger import Ledger
from pipelines.raw_writer import RawWriter
from pipelines.readers import Part
from pipelines.reference import territory, vee_settings
from pipelines.validate import MonthResult, stale_months, validate_months
from pipelines.vee.judge import MONTH_TABLES
from tests.vee.facts import Asset, Climate, File, Row, Tables
from tests.vee.oracle import expected_tables

HOLIDAYS = set(territory().holidays(date(2025, 1, 1), date(2027, 1, 1)))
SCREENED = {"clean", "screened"}
# (columns dropped, in the oracle's order otherwise)
_COMPARED = {
    "interval_reads": ["known_at_utc"],
    "meter_day_profiles": [],
    "failures": ["severity_code", "action_code"],
    "superseded_reads": [],
    "estimate_references": [],
}
"""The oracle knows no flags; tests/vee/test_agreement.py has an oracle of its own for them."""


def quiet(_line: str) -> None:
    return None


@dataclass(frozen=True)
class Warehouse:
    """A home whose raw layer is written by ingest's own writers."""

    home: Home
    climate: Climate = field(default_factory=Climate)
    assets: dict[str, Asset] = field(default_factory=dict)

    def deliver(self, files: Iterable[File]) -> None:
        """Load files into raw as ingest does once a reader has understood them."""
        lake.prepare(self.home)
        ledger = Ledger(self.home)
        for file in files:
            reads = _frame(file)
            writer = RawWriter(self.home, file.file_id, file.received_at)
            registers, events = _registers(file), _events(file)
            writer.add(_part(reads, registers, events))
            writer.finish(())
            assert not writer.totals.quarantined_count
            ledger.add(
                {
                    "file_id": file.file_id,
                    "sha256": file.file_id.ljust(64, "0"),
                    "file_name": f"test/{file.file_id}",
                    "feed": "test",
                    "format_code": "csv",
                    "status_code": "loaded",
                    "size_bytes": 0,
                    "received_at_utc": file.received_at,
                    "time_zone": file.time_zone,
                    "clock_code": "utc",
                    "label_code": "start",
                    "customer_class": file.customer_class,
                    "is_synthetic": True,
                    "sent_count": reads.height + registers.height + events.height,
                    "loaded_count": reads.height + registers.height + events.height,
                    "quarantined_count": 0,
                    "first_interval_start_utc": reads["interval_start_utc"].min(),
                    "last_interval_start_utc": reads["interval_start_utc"].max(),
                }
            )

    def run(self) -> list[MonthResult]:
        """Entities, then every month whose inputs changed."""
        self.build_entities()
        return validate_months(self.home, vee_settings(), stale_months(self.home, vee_settings()), quiet)

    def build_entities(self) -> None:
        """Entities out of raw, and the climate, which here comes by no extract."""
        build_entities(self.home)
        zone = pl.col("meter_id").replace_strict(self.climate.zones, default=None, return_dtype=pl.String)
        meters = lake.read_frame(self.home, METERS).with_columns(climate_zone=zone)
        recorded = {"register_digits": "digits", "meter_multiplier": "multiplier"}
        recorded |= {"installed_date": "installed", "removed_date": "removed"}
        for column, name in recorded.items():
            values = [getattr(self.assets.get(meter), name, None) for meter in meters["meter_id"]]
            meters = meters.with_columns(pl.Series(column, values, dtype=meters.schema[column]))
        self._write(METERS, meters)
        degrees = DAILY_WEATHER.empty().schema["max_temperature_degc"]
        rows = [
            {"climate_zone": place, "usage_date": day, "max_temperature_degc": high and Decimal(high) / 10}
            for (place, day), high in self.climate.highs.items()
        ]
        days = pl.DataFrame(rows, schema=DAILY_WEATHER.empty().schema).with_columns(
            min_temperature_degc=pl.lit(None, degrees),
            mean_temperature_degc=pl.lit(None, degrees),
            hour_count=pl.lit(24),
        )
        self._write(DAILY_WEATHER, days.sort("climate_zone", "usage_date"))

    def _write(self, table: Table, frame: pl.DataFrame) -> None:
        lake.write_frame(frame, table, lake.table_folder(self.home, table) / "part-0.parquet")

    def table(self, table: Table) -> pl.DataFrame:
        files = lake.table_files(self.home, table)
        return table.schema.cast(pl.concat(pl.read_parquet(file, hive_partitioning=False) for file in files))

    def tables(self) -> Tables:
        """The vee layer as sets of rows, in the oracle's shape."""
        sets: dict[str, set[Row]] = {}
        for table in (one for one in MONTH_TABLES if one.name in _COMPARED):
            frame = self.table(table).drop(_COMPARED[table.name])
            rows = frame.rows()
            sets[table.name] = set(rows)
            assert len(sets[table.name]) == len(rows), f"{table.name} repeats rows"
            assert not frame.select(table.primary_key).is_duplicated().any(), f"{table.name} repeats keys"
        profiles = sets["meter_day_profiles"]
        sets["meter_day_profiles"] = {(*row[:-1], "complete" if row[-1] in SCREENED else row[-1]) for row in profiles}
        return Tables(**sets)

    def restated(self, restatement_id: int) -> set[Row]:
        rows = self.table(RESTATEMENTS).filter(restatement_id=restatement_id)
        return set(rows.select("meter_id", "usage_date").rows())

    def interval(self, meter_id: str, start: datetime) -> dict[str, Any]:
        """The one row of an interval."""
        return self.table(MONTH_TABLES[0]).row(
            by_predicate=(pl.col("meter_id") == meter_id) & (pl.col("interval_start_utc") == start), named=True
        )


def _part(reads: pl.DataFrame, registers: pl.DataFrame, events: pl.DataFrame) -> Part:
    """Reads, register readings and events, and nothing else."""
    rejects = QUARANTINED_ROWS.empty().drop("file_id", "received_date")
    return Part(reads, AUXILIARY_READS.empty(), registers, events, rejects)


def _registers(file: File) -> pl.DataFrame:
    schema = REGISTER_READS.empty().drop("file_id").schema
    rows = [
        dict.fromkeys(schema)
        | {
            "row_number": r.row_number,
            "value_position": 0,
            "meter_id": r.meter_id,
            "register_code": r.code,
            "channel_code": r.channel,
            "read_at_utc": r.at,
            "reported_wh": r.wh,
            "source_label": f"{r.at}",
            "reported_quality_code": r.quality,
            "meter_multiplier": r.multiplier,
        }
        for r in file.registers
    ]
    return pl.DataFrame(rows, schema=schema)


def _events(file: File) -> pl.DataFrame:
    schema = METER_EVENTS.empty().drop("file_id").schema
    rows = [
        dict.fromkeys(schema)
        | {
            "row_number": n,
            "value_position": 0,
            "meter_id": e.meter_id,
            "source_event_code": e.code,
            "source_event_text": e.text,
            "event_start_utc": e.at,
            "source_label": f"{e.at}",
        }
        for n, e in enumerate(file.events, start=1)
    ]
    return pl.DataFrame(rows, schema=schema)


def _frame(file: File) -> pl.DataFrame:
    schema = INTERVAL_READS.empty().schema
    reads = pl.DataFrame(
        {
            "row_number": [r.row_number for r in file.reads],
            "value_position": [r.value_position for r in file.reads],
            "meter_id": [r.meter_id for r in file.reads],
            "channel_code": [r.channel for r in file.reads],
            "interval_start_utc": [r.start for r in file.reads],
            "interval_minutes": [r.minutes for r in file.reads],
            "reported_wh": pl.Series([r.wh for r in file.reads], dtype=pl.Int64),
            "nominal_minutes": pl.Series([r.nominal for r in file.reads], dtype=pl.Int16),
        },
        schema_overrides={
            name: schema[name] for name in ("row_number", "value_position", "channel_code", "interval_minutes")
        },
    )
    keys = ["meter_id", "channel_code", "interval_start_utc"]
    return reads.sort(*keys, "row_number", "value_position").with_columns(
        pl.lit(None, pl.String).alias("reported_text"),
        pl.col("interval_start_utc").cast(pl.String).alias("source_label"),
        pl.lit(None, pl.String).alias("source_quality_code"),
        pl.lit(None, schema["reported_quality_code"]).alias("reported_quality_code"),
        pl.lit(None, pl.Float64).alias("meter_multiplier"),
        (pl.col("row_number").cum_count().over(keys) - 1).cast(pl.Int16).alias("repeat_number"),
    )


def differences(actual: Tables, expected: Tables) -> str:
    """The first few rows in which two vee layers differ, or an empty string."""
    lines = []
    for name in _COMPARED:
        ours, theirs = getattr(actual, name), getattr(expected, name)
        lines += [f"{name}: only in the warehouse {row}" for row in sorted(ours - theirs, key=str)[:4]]
        lines += [f"{name}: only expected {row}" for row in sorted(theirs - ours, key=str)[:4]]
    return "\n".join(lines)


def assert_as_expected(warehouse: Warehouse, files: Iterable[File]) -> Tables:
    """The warehouse agrees with the oracle in every table."""
    tables, expected = warehouse.tables(), expected_tables(list(files), HOLIDAYS, warehouse.climate, warehouse.assets)
    days = days_of_lives(warehouse)
    for side in (tables, expected):
        # Outside every life the calendar may end; see test_reads_outside_every_life_are_counted.
        side.failures = {row for row in side.failures if row[2] in days}
    found = differences(tables, expected)
    assert not found, found
    return tables


def days_of_lives(warehouse: Warehouse) -> set[object]:
    """Civil dates on which some channel is expected to report."""
    spans = warehouse.table(METER_CHANNELS).select("first_usage_date", "last_usage_date").unique()
    return {first + timedelta(days=n) for first, last in spans.iter_rows() for n in range((last - first).days + 1)}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse."""
    return Warehouse(Home(tmp_path / "home"))


@contextmanager
def fresh_warehouse(climate: Climate | None = None) -> Iterator[Warehouse]:
    """An empty warehouse, for properties that need one per example."""
    with tempfile.TemporaryDirectory(prefix="meterhouse-vee-") as folder:
        yield Warehouse(Home(Path(folder) / "home"), climate or Climate())
