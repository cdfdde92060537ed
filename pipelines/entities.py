"""Writes the entities layer: what reads are about, calendar and clock, and the build that is being made."""

from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import polars as pl

from models import calendar, entities
from models.extracts.css import CSS
from models.programs import goal_rows, program_rows
from models.tables import Table
from models.tables.entities import BUILDS, DATES, INTERVALS, METER_CHANNELS, METERS, PROGRAM_GOALS, PROGRAMS
from models.tables.extracts import RAW_EXTRACTS
from models.tables.raw import FILE_CHANNELS, FILES
from pipelines import lake
from pipelines.home import Home
from pipelines.offers import programs
from pipelines.publish import last_generation
from pipelines.reference import territory

# A gap across midnight is looked at from both sides, and the calendar must know the days around the reads.
CALENDAR_MARGIN = timedelta(days=3)


def build_entities(home: Home) -> dict[str, int]:
    """Rebuild every table of the entities layer from raw.

    Returns:
        Rows by table.
    """
    lake.prepare(home)
    files = lake.read_frame(home, FILES)
    file_channels = lake.read_frame(home, FILE_CHANNELS)
    tables = entities.extract_entities(
        _extract_rows(home, files),
        entities.meters_of_reads(files, file_channels),
        territory().time_zone,
        is_synthetic=bool(files.filter(pl.col("system_code") == CSS.code)["is_synthetic"].any()),
    )
    meters = tables[METERS]
    channels = entities.meter_channels(meters, files, file_channels)
    tables |= {METER_CHANNELS: channels, BUILDS: _build(home, channels, files)}
    tables |= _calendar(meters) | _programs()
    for table, frame in tables.items():
        lake.write_frame(frame, table, lake.table_folder(home, table) / "part-0.parquet")
    return {table.name: frame.height for table, frame in tables.items()}


def _extract_rows(home: Home, files: pl.DataFrame) -> dict[str, pl.DataFrame]:
    sent = files.select("file_id", "sent_at_utc")
    return {name: lake.read_frame(home, table).join(sent, on="file_id") for name, table in RAW_EXTRACTS.items()}


def _programs() -> dict[Table, pl.DataFrame]:
    offered = programs().values()
    return {PROGRAMS: program_rows(offered), PROGRAM_GOALS: goal_rows(offered)}


def _calendar(meters: pl.DataFrame) -> dict[Table, pl.DataFrame]:
    with_reads = meters.drop_nulls("first_read_date")
    if with_reads.is_empty():
        return {DATES: DATES.empty(), INTERVALS: INTERVALS.empty()}
    spans = with_reads.select(pl.min("first_read_date"), pl.max("last_read_date")).row(0)
    first, last = spans[0] - CALENDAR_MARGIN, spans[1] + CALENDAR_MARGIN
    return {
        DATES: calendar.dates(first, last, territory().holidays(first, last)),
        INTERVALS: calendar.intervals(with_reads["time_zone"], first, last, entities.finest_step(with_reads)),
    }


def _build(home: Home, channels: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    previous = last_generation(home)
    row = {
        "build_id": (previous or 0) + 1,
        "previous_build_id": previous,
        "built_at_utc": datetime.now(UTC).replace(tzinfo=None),
        "business_date": channels["last_usage_date"].max(),
        "code_version": version("meterhouse"),
        "is_synthetic": bool(files["is_synthetic"].any()),
    }
    return pl.DataFrame([row], schema=BUILDS.empty().schema)
