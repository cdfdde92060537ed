"""What manual edits do to the intervals that they are about."""

import dataframely as dy

from models.tables.base import CHANNELS, LARGEST_READ_WH, Table, code, local_date, utc, watt_hours


class EditsInForce(dy.Schema):
    """Intervals whose final value a manual edit decides: the latest of each interval, unless it withdraws."""

    meter_id = dy.String(primary_key=True, description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.", primary_key=True)
    interval_start_utc = utc("Start of the interval.", primary_key=True)
    usage_date = local_date("Civil date of the interval's start at the meter.")
    edit_id = dy.String(description="Edit in force.")
    final_wh = watt_hours("Value that the edit decides on.", minimum=0)
    reported_wh = watt_hours(
        "Value that stands as reported; null where nothing was reported.",
        nullable=True,
        minimum=-LARGEST_READ_WH,
        maximum=LARGEST_READ_WH,
    )
    reported_file_id = dy.String(
        nullable=True, description="File of the value that stands as reported; null where none came."
    )
    reported_at_utc = utc("Receipt of that file.", nullable=True)
    is_contested = dy.Bool(
        description="True where a value is reported that is neither the one seen when the decision was taken nor the "
        "one decided on."
    )


EDITS_IN_FORCE = Table(
    "vee",
    "edits_in_force",
    "one row per meter, channel and interval with an edit in force",
    EditsInForce,
    is_partitioned=True,
)
