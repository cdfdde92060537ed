"""Contract report: what a file holds, how it would be read, and what would be quarantined and why.

The file is loaded into an empty home of its own by the very code that ingests it, so the report cannot differ from
what `meterhouse ingest` would do.
"""

import tempfile
from pathlib import Path
from typing import Any

import duckdb

from models.clock import are_on_grid
from models.tables.raw import (
    AUXILIARY_READS,
    EXTRACT_FORMAT,
    FILE_CHANNELS,
    FILE_FINDINGS,
    FILES,
    INTERVAL_READS,
    METER_EVENTS,
    QUARANTINED_ROWS,
    REGISTER_READS,
)
from pipelines import contract_queries as queries
from pipelines import lake
from pipelines.arrivals import Arrival
from pipelines.extracts.report import extract_report
from pipelines.feeds import MANUAL_FEED, FeedSettings
from pipelines.home import Home
from pipelines.ingest import take
from pipelines.ledger import Ledger, sha256_of
from pipelines.names import shown_name

_TABLES = (
    FILES, FILE_CHANNELS, FILE_FINDINGS, INTERVAL_READS, AUXILIARY_READS, REGISTER_READS, METER_EVENTS,
    QUARANTINED_ROWS,
)  # fmt: skip


def check(path: Path, settings: FeedSettings, feed: str = MANUAL_FEED) -> list[dict[str, Any]]:
    """Look at a file, or at every file in a container.

    Args:
        path: The file; nothing is written beside it.
        settings: How to read it, as for ingest; what is None is detected.
        feed: Feed that it comes by.

    Returns:
        One report per file, the container's own first. Counts are of values, times are UTC, energy is kWh.

    Raises:
        OSError: The file cannot be opened.
    """
    with tempfile.TemporaryDirectory(prefix="meterhouse-check-") as folder:
        home = Home(Path(folder))
        home.lake.mkdir(parents=True)
        lake.prepare(home)
        arrival = Arrival(path, sha256_of(path), shown_name(path.name), feed, settings.receipt_of(path))
        for _ in take(home, Ledger(home), arrival, settings):
            pass
        with lake.connect(home) as con:
            for table in _TABLES:
                lake.create_view(con, home, table, table.name)
            return [_report(con, home, head) for head in _rows(con, queries.HEAD)]


def _report(con: duckdb.DuckDBPyConnection, home: Home, head: dict[str, Any]) -> dict[str, Any]:
    file = head.pop("file_id")
    if head["reason"] is not None or head["status_code"] == "unpacked":
        return head
    if head["format_code"] == EXTRACT_FORMAT:
        return head | extract_report(con, home, file) | {"refusals": _rows(con, queries.REFUSALS, file)}
    return head | {
        "time_findings": _rows(con, queries.FINDINGS, file),
        "meters": _rows(con, queries.METERS, file)[0],
        "channels": _rows(con, queries.CHANNELS, file),
        "mixed_lengths": _rows(con, queries.LENGTHS, file)[0],
        "off_grid": _off_grid(con, file, head["time_zone"]),
        "quality": _rows(con, queries.QUALITY, file),
        "values": _rows(con, queries.VALUES, file)[0],
        "duplicates": _rows(con, queries.DUPLICATES, file)[0],
        "gaps": _rows(con, queries.GAPS, file)[0],
        "auxiliary_reads": _rows(con, queries.AUXILIARY, file),
        "register_reads": _rows(con, queries.REGISTERS, file),
        "register_duplicates": _rows(con, queries.REGISTER_DUPLICATES, file)[0],
        "meter_events": _rows(con, queries.EVENTS, file),
        "event_duplicates": _rows(con, queries.EVENT_DUPLICATES, file)[0],
        "refusals": _rows(con, queries.REFUSALS, file),
    }


def _off_grid(con: duckdb.DuckDBPyConnection, file: str, time_zone: str) -> dict[str, Any]:
    """Reads that begin where the calendar expects no interval of their length."""
    starts = con.sql(queries.STARTS, params={"file": file}).pl()
    is_stray = ~are_on_grid(starts["interval_start_utc"], starts["nominal_minutes"], time_zone)
    con.register("off_grid_starts", starts.filter(is_stray).to_arrow())
    return _rows(con, queries.OFF_GRID, file)[0]


def _rows(con: duckdb.DuckDBPyConnection, sql: str, file: str | None = None) -> list[dict[str, Any]]:
    result = con.execute(sql, {} if file is None else {"file": file})
    names = [str(column[0]) for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
