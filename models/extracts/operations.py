"""What the home's own operations store hands over: decisions of staff, in the file format of every other system.

It is no outside system. Nobody is asked for its files, it is not stale for lack of them, and a decision that has been
taken in survives the loss of the store.
"""

import dataframely as dy

from models.columns import CHANNELS, EDIT_ACTIONS, LARGEST_EDIT_WH, code, utc, watt_hours
from models.extracts.base import Extract, RecordRow, RowKind, System, identifier
from models.extracts.rules import given_where


class ReadEdits(RecordRow):
    """Manual edits of reads; a later one of the same meter, channel and interval replaces an earlier one."""

    edit_id = identifier("Edit; of edits recorded at the same moment the one with the larger id is the later.")
    actor = dy.String(min_length=1, description="Who decided: a user name of the utility's staff.")
    meter_id = dy.String(min_length=1, description="Meter as named by the reads.")
    channel_code = code(CHANNELS, "Direction of energy.")
    interval_start_utc = utc("Start of the interval.")
    action_code = code(
        EDIT_ACTIONS,
        "edit sets another value, verify lets the reported value stand whatever rule failed, withdraw ends both.",
    )
    edited_wh = watt_hours("Value set; blank where none is.", nullable=True, minimum=0, maximum=LARGEST_EDIT_WH)
    reported_wh = watt_hours(
        "Value reported by the meter when the decision was taken; blank where there was none.",
        nullable=True,
        minimum=-LARGEST_EDIT_WH,
        maximum=LARGEST_EDIT_WH,
    )
    reason = dy.String(min_length=1, description="Why, in the words of who decided.")


OPERATIONS = System(
    "OPERATIONS",
    "operations store",
    limit_days=0,
    extracts=(
        Extract(
            "OPERATIONS", "read_edits", RowKind.RECORD, "one row per manual edit of a read", ("edit_id",), ReadEdits,
            (
                given_where("edited_wh", "action_code", "edit"),
                given_where("reported_wh", "action_code", "verify"),
            ),
        ),
    ),
)  # fmt: skip
