"""Hand-made raw rows of extracts: what a test does not say is filled with a plain value."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dataframely as dy
import polars as pl

from models.entities import extract_entities
from models.entities.reads import OF_READS
from models.tables import Table
from models.tables.entities import METERS
from models.tables.extracts import RAW_EXTRACTS

ZONE = "America/Los_Angeles"
Rows = Mapping[str, Any]
"""Rows by raw table: lists of mappings from column to value."""
SENT = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def day(text: str) -> date:
    """A date of 2026 from MM-DD, or any from YYYY-MM-DD."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def raw_rows(rows: Rows) -> dict[str, pl.DataFrame]:
    """Rows of every raw table, with the time of sending; row numbers run on within a table."""
    return {name: _frame(name, table, list(rows.get(name, ()))) for name, table in RAW_EXTRACTS.items()}


def build(rows: Rows, of_reads: pl.DataFrame | None = None) -> dict[Table, pl.DataFrame]:
    """Entities out of hand-made rows."""
    return build_frames(raw_rows(rows), of_reads)


def build_frames(frames: Mapping[str, pl.DataFrame], of_reads: pl.DataFrame | None = None) -> dict[Table, pl.DataFrame]:
    """Entities out of the rows of every raw table."""
    reads = METERS.empty().select(OF_READS) if of_reads is None else of_reads
    return extract_entities(frames, reads, ZONE, is_synthetic=True)


def _frame(name: str, table: Table, rows: list[Mapping[str, Any]]) -> pl.DataFrame:
    columns = table.columns
    filled = [
        {column: row.get(column, _plain(declared, column, number)) for column, declared in columns.items()}
        | {"sent_at_utc": row.get("sent_at_utc", SENT)}
        for number, row in enumerate(rows, start=1)
    ]
    unknown = {key for row in rows for key in row} - set(columns) - {"sent_at_utc"}
    assert not unknown, f"{name} has no {unknown}"
    schema = {**table.empty().schema, "sent_at_utc": pl.Datetime("us")}
    return pl.DataFrame(filled, schema=schema)


def _plain(column: dy.Column, name: str, number: int) -> Any:
    if name in ("file_id", "row_number"):
        return "000000000001" if name == "file_id" else number
    if name == "changed_at_utc":
        return SENT - timedelta(days=30) + timedelta(seconds=number)
    if name == "effective_date":
        return day("01-01")
    if column.nullable:
        return None
    match column:
        case dy.Enum():
            return column.categories[0]
        case dy.Bool():
            return False
        case dy.String():
            return "X" if column.regex is None else "90001"
        case dy.Date():
            return day("01-01")
        case dy.Datetime():
            return SENT
        case _:
            return getattr(column, "min", None) or 1
