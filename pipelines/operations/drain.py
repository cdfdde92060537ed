"""Hands what was recorded over to landing/operations/, as extracts that the ordinary loader takes in.

Which rows make up a file is recorded before the file is written, and a file that is not there is written: whenever the
process dies, the next drain finishes with the same rows under the same name in the same bytes, which the ledger of
files knows.
"""

import csv
import hashlib
import io
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from models.extracts import Extract
from models.extracts.operations import OPERATIONS
from pipelines.feeds import FEED_FILE, read_feed
from pipelines.home import Home
from pipelines.operations import store
from pipelines.reference import territory

FEED = OPERATIONS.code.lower()
FEED_SETTINGS = "received_at: modified\n"
"""A file is received when the latest of its decisions was recorded."""
HANDED_OVER = {extract.name: extract for extract in OPERATIONS.extracts}


def drain(home: Home) -> list[Path]:
    """Hand over what has been recorded since the last time.

    Returns:
        The files that were written.

    Raises:
        StoreError: The store cannot be used.
        FeedError: The feed's settings cannot be understood.
    """
    if not store.exists(home):
        return []
    with store.open_store(home) as con:
        for name in HANDED_OVER:
            _plan(con, store.METADATA.tables[name])
    with store.open_store(home) as con:
        drains = con.execute(sa.select(store.DRAINS).order_by(store.DRAINS.c.last_sequence)).mappings().all()
        missing = [row for row in drains if not (home.landing / FEED / row["file_name"]).exists()]
        return [_write(home, row["file_name"], *_content(home, con, dict(row))) for row in missing]


def waiting_count(home: Home) -> int:
    """Recorded rows that no run has taken in yet.

    Raises:
        StoreError: The store cannot be used.
    """
    if not store.exists(home):
        return 0
    with store.open_store(home) as con:
        tables = [store.METADATA.tables[name] for name in HANDED_OVER]
        counts = [
            con.scalar(sa.select(sa.func.count()).select_from(one).where(one.c.sequence > store.watermark(con, one)))
            for one in tables
        ]
    return sum(int(count or 0) for count in counts)


def _plan(con: sa.Connection, table: sa.Table) -> None:
    """Note which rows the next file of a table is to hold, where there are any."""
    seen = store.watermark(con, table)
    identifier = HANDED_OVER[table.name].key[0]
    last = con.execute(
        sa.select(table.c.sequence, table.c[identifier])
        .where(table.c.sequence > seen)
        .order_by(table.c.sequence.desc())
        .limit(1)
    ).first()
    if last is not None:
        # The id keeps the names of two stores apart, should one be lost and begun anew.
        row = {"table_name": table.name, "first_sequence": seen + 1, "last_sequence": last[0]}
        con.execute(sa.insert(store.DRAINS), row | {"file_name": f"{table.name}_{last[1]}.csv"})


def _content(home: Home, con: sa.Connection, planned: Mapping[str, Any]) -> tuple[str, datetime]:
    """Text of a file and the moment of its latest row."""
    table = store.METADATA.tables[planned["table_name"]]
    span = table.c.sequence.between(planned["first_sequence"], planned["last_sequence"])
    rows = con.execute(sa.select(table).where(span).order_by(table.c.sequence)).mappings().all()
    moments = [row["recorded_at_utc"] for row in rows]
    utility = read_feed(home, FEED).utility_code or territory().utility_code
    dates = f"{min(moments):%Y-%m-%d},{max(moments):%Y-%m-%d}"
    header = f"HEADER,{OPERATIONS.code},{utility},daily,{dates},{_instant(max(moments))}\n"
    body = _section(HANDED_OVER[table.name], [dict(row) for row in rows])
    return f"{header}{body}TRAILER,{len(rows)},{hashlib.sha256(body.encode()).hexdigest()}\n", max(moments)


def _section(extract: Extract, rows: list[dict[str, Any]]) -> str:
    out = io.StringIO(newline="")
    out.write(f"TABLE,{extract.name}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(extract.columns)
    for row in rows:
        sent = row | {"changed_at_utc": row["recorded_at_utc"]}
        writer.writerow([_cell(sent[name]) for name in extract.columns])
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return _instant(value)
    return "" if value is None else str(value)


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _write(home: Home, name: str, text: str, recorded_at: datetime) -> Path:
    folder = home.landing / FEED
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / FEED_FILE
    if not settings.exists():
        settings.write_text(FEED_SETTINGS, encoding="utf-8")
    temporary = folder / f".{name}.{os.getpid()}"
    temporary.write_text(text, encoding="utf-8", newline="")
    seconds = recorded_at.replace(tzinfo=UTC).timestamp()
    os.utime(temporary, (seconds, seconds))
    temporary.replace(folder / name)
    return folder / name
