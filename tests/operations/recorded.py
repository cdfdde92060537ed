"""Rows of the store for tests, without a published home to hold them against."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from models.extracts.operations import OPERATIONS
from models.tables.extracts import RAW_EXTRACTS
from pipelines import lake
from pipelines.home import Home
from pipelines.operations import store

MORNING = datetime(2026, 9, 1, 8, tzinfo=UTC).replace(tzinfo=None)


def row(number: int, **values: Any) -> dict[str, Any]:
    """A valid edit."""
    return {
        "edit_id": f"e{number:04}",
        "recorded_at_utc": MORNING + timedelta(minutes=number),
        "actor": "jane",
        "meter_id": "M1",
        "channel_code": "delivered",
        "interval_start_utc": MORNING + timedelta(minutes=15 * number),
        "action_code": "edit",
        "edited_wh": number,
        "reported_wh": None,
        "reason": "a reason",
    } | values


def record(home: Home, rows: Sequence[dict[str, Any]]) -> None:
    with store.open_store(home) as con:
        store.append(con, store.READ_EDITS, rows)


def stored(home: Home) -> list[dict[str, Any]]:
    with store.open_store(home) as con:
        return [dict(one) for one in con.execute(sa.select(store.READ_EDITS).order_by("sequence")).mappings()]


def in_raw(home: Home) -> list[dict[str, Any]]:
    """Edits that the loader has taken in, by id."""
    (extract,) = OPERATIONS.extracts
    return lake.read_frame(home, RAW_EXTRACTS[extract.raw_name]).sort("edit_id").rows(named=True)
