"""Writes the entities layer: meters, channels, calendar and clock, and the build that is being made."""

from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import polars as pl

from models import calendar, entities
from models.tables.entities import BUILDS, DATES, INTERVALS, METER_CHANNELS, METERS
from models.tables.raw import FILE_CHANNELS, FILES
from pipelines import lake
from pipelines.home import Home
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
    meters = entities.meters(files, file_channels)
    channels = entities.meter_channels(meters, files, file_channels)
    tables = {METERS: meters, METER_CHANNELS: channels, BUILDS: _build(home, channels, files)}
    if meters.is_empty():
        tables |= {DATES: DATES.empty(), INTERVALS: INTERVALS.empty()}
    else:
        spans = meters.select(pl.min("installed_date"), pl.max("last_read_date")).row(0)
        first, last = spans[0] - CALENDAR_MARGIN, spans[1] + CALENDAR_MARGIN
        tables[DATES] = calendar.dates(first, last, territory().holidays(first, last))
        tables[INTERVALS] = calendar.intervals(meters["time_zone"], first, last, entities.finest_step(meters))
    for table, frame in tables.items():
        lake.write_frame(frame, table, lake.table_folder(home, table) / "part-0.parquet")
    return {table.name: frame.height for table, frame in tables.items()}


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
