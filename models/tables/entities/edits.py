"""Decisions of staff about reads."""

from models.extracts.operations import OPERATIONS
from models.tables.base import local_date, utc
from models.tables.entities.contracts import contract, record_table

READ_EDITS = record_table(
    "read_edits",
    contract(OPERATIONS, "read_edits"),
    added={
        "recorded_at_utc": utc("When the decision was recorded."),
        "usage_date": local_date(
            "Civil date of the interval's start at the meter; null where the meter is not known.", nullable=True
        ),
    },
)
