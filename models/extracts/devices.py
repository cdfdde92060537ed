"""What several systems report about customers' devices, and what the device registry sends."""

import dataframely as dy

from models.columns import code, utc
from models.customer_types import DEVICE_TYPES
from models.extracts.base import Extract, RowKind, StateRow, System, identifier
from models.extracts.rules import in_order

REPORTERS = ("DMS", "CSS", "WEB", "CRM")


class DeviceReports(StateRow):
    """What a source says about a device in a customer's home area network."""

    device_id = identifier("Device.")
    reported_by = code(REPORTERS, "Source of the report.")
    premise_id = identifier("Premise where it is installed; devices stay when people move.")
    device_type = code(DEVICE_TYPES, "Kind of device.")
    device_model = dy.String(nullable=True, description="Make and model.")
    can_display_text = dy.Bool(nullable=True, description="Whether it shows messages of the utility; blank if unknown.")
    is_controllable = dy.Bool(nullable=True, description="Whether it obeys load control; blank if unknown.")
    registered_at_utc = utc("When it was registered with the source.")
    removed_at_utc = utc("When it was removed; blank while installed.", nullable=True)


DEVICE_RULES = (in_order("registered_at_utc", "removed_at_utc"),)

DMS = System(
    "DMS",
    "device management system",
    limit_days=1,
    extracts=(
        Extract(
            "DMS", "devices", RowKind.STATE, "one row per registered device and date of change",
            ("device_id", "reported_by"), DeviceReports, DEVICE_RULES,
        ),
    ),
)  # fmt: skip
