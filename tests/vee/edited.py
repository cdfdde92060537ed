"""Manual edits for tests of VEE, put into raw as the loader leaves them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from models.tables.edits import EDITS_IN_FORCE
from models.tables.extracts import RAW_EXTRACTS
from pipelines import lake
from pipelines.ledger import Ledger
from tests.vee.conftest import Warehouse
from tests.vee.worlds import file_id

TABLE = RAW_EXTRACTS["operations_read_edits"]


@dataclass(frozen=True)
class Edit:
    edit_id: str
    recorded_at: datetime
    meter_id: str
    start: datetime
    action: str = "edit"
    wh: int | None = None
    seen: int | None = None
    channel: str = "delivered"


def deliver(warehouse: Warehouse, edits: Iterable[Edit], name: str = "") -> None:
    """Load edits as one file, received when the last of them was recorded."""
    rows = list(edits)
    identity = file_id(name or " ".join(one.edit_id for one in rows))
    lake.prepare(warehouse.home)
    frame = pl.DataFrame(
        [
            {
                "file_id": identity,
                "row_number": number,
                "changed_at_utc": one.recorded_at,
                "edit_id": one.edit_id,
                "actor": "jane",
                "meter_id": one.meter_id,
                "channel_code": one.channel,
                "interval_start_utc": one.start,
                "action_code": one.action,
                "edited_wh": one.wh,
                "reported_wh": one.seen,
                "reason": "a reason",
            }
            for number, one in enumerate(rows, start=4)
        ],
        schema=TABLE.empty().schema,
    )
    lake.write_frame(frame, TABLE, lake.table_folder(warehouse.home, TABLE) / f"{identity}-00000.parquet")
    received = max(one.recorded_at for one in rows)
    Ledger(warehouse.home).add(
        {
            "file_id": identity,
            "sha256": identity.ljust(64, "0"),
            "file_name": f"operations/{identity}",
            "feed": "operations",
            "format_code": "extract",
            "status_code": "loaded",
            "size_bytes": 0,
            "received_at_utc": received,
            "sent_at_utc": received,
            "system_code": "OPERATIONS",
            "customer_class": "unclassified",
            "is_synthetic": True,
            "sent_count": len(rows),
            "loaded_count": len(rows),
            "quarantined_count": 0,
        }
    )


def in_force(warehouse: Warehouse) -> list[dict[str, Any]]:
    return warehouse.table(EDITS_IN_FORCE).rows(named=True)
