"""The device management system: the registry of devices in home area networks."""

import polars as pl

from models.extracts.devices import DMS
from sims.systems.tables import Tables, as_sent, stamped
from sims.world.society import Society


def dms_tables(society: Society) -> Tables:
    """Everything that the registry writes down up to the world's last date."""
    rows = stamped(society.device_reports).filter(pl.col("reported_by") == "DMS")
    return {extract.name: as_sent(extract, rows) for extract in DMS.extracts}
