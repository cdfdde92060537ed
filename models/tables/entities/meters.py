"""Meters, where they hang and whom they serve."""

import dataframely as dy

from models.extracts.css import CSS
from models.tables.base import CHANNELS, Table, code, count, local_date, minutes, utc
from models.tables.entities.contracts import contract, history_table, latest_table


class Meters(dy.Schema):
    """Meters known from their reads or from the customer system."""

    meter_id = dy.String(primary_key=True, description="Meter as named by the feed.")
    time_zone = dy.String(description="IANA zone whose calendar the meter's days follow.")
    interval_minutes = minutes(
        "Nominal interval length: that of most reads, else the one stated; null without interval data.", nullable=True
    )
    customer_class = dy.String(
        description="Class that selects VEE limits: that of the customer served, else the one given with the reads; "
        "unclassified where neither is known."
    )
    climate_zone = dy.String(
        nullable=True,
        description="Climate zone of the premise where it hangs, or hung last; null where no system names one.",
    )
    register_digits = dy.Int16(
        nullable=True, min=1, max=18, description="Digits of the kWh register before it rolls over, where on record."
    )
    meter_multiplier = dy.Float64(
        nullable=True, description="Factor from register to energy of the asset record.", metadata={"unit": "1"}
    )
    installed_date = local_date("Local date of the first installation on record.", nullable=True)
    removed_date = local_date(
        "Local date of the last removal on record; null while installed or without a record.", nullable=True
    )
    is_synthetic = dy.Bool(description="True for a meter of the simulator.")
    first_read_date = local_date("Local date of the first read; null where none came.", nullable=True)
    last_read_date = local_date(
        "Local date of the latest read, of whatever length; null where none came.", nullable=True
    )
    has_received_channel = dy.Bool(
        description="True where the meter has reported energy to the grid or is stated to count it apart."
    )


class MeterChannels(dy.Schema):
    """Meter channels and the span in which reads are expected of them."""

    meter_id = dy.String(primary_key=True, description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.", primary_key=True)
    interval_minutes = minutes("Nominal interval length of the channel.")
    first_interval_start_utc = utc("First interval ever reported.")
    last_interval_start_utc = utc("Last interval reported so far.")
    first_usage_date = local_date("Local date of the first interval.")
    last_usage_date = local_date("Local date of the last interval.")
    file_count = count("Files that hold reads of the channel.")


class MeterOccupancy(dy.Schema):
    """Whom a meter serves, and beside which other meters of the same account.

    A period ends where the meter, the account or the set of the account's top-level meters changes; periods of a meter
    never overlap. The day of removal still counts, since the meter measured until some hour of it.
    """

    meter_id = dy.String(primary_key=True, description="Meter.")
    valid_from_date = local_date("First local date.", primary_key=True)
    valid_to_date = local_date("Local date after the last one; null while it lasts.", nullable=True)
    is_current = dy.Bool(description="True while it lasts.")
    premise_id = dy.String(description="Premise where the meter hangs.")
    account_id = dy.String(nullable=True, description="Account that is served; null while the place is vacant.")
    is_top_level = dy.Bool(description="False for a meter that measures a part of what another one measures.")
    account_meter_count = dy.Int32(
        nullable=True,
        min=1,
        description="Top-level meters with interval data that serve the account in the period, this one among them; "
        "null for a meter that does not count in the account's usage.",
        metadata={"unit": "count"},
    )
    account_interval_minutes = minutes(
        "Interval length in which these meters can be added up: the shortest that every one of theirs divides.",
        nullable=True,
    )


METERS = Table("entities", "meters", "one row per meter", Meters)
METER_CHANNELS = Table("entities", "meter_channels", "one row per meter and channel", MeterChannels)
SERVICE_POINTS = history_table("service_points", contract(CSS, "service_points"))
METER_INSTALLATIONS = latest_table("meter_installations", contract(CSS, "meters"), "one row per meter and installation")
METER_OCCUPANCY = Table("entities", "meter_occupancy", "one row per meter and validity period", MeterOccupancy)
