"""Devices: one row per device out of what several sources report."""

import polars as pl

from models.entities.histories import latest
from models.tables.entities import DEVICES

PRECEDENCE = ("DMS", "CSS", "WEB", "CRM")
"""Sources in the order in which they are believed: the registry talks to the device; the customer system holds what
staff recorded; the web site what customers typed in; the relationship system what was said in conversation."""
NEVER_BLANK = ("premise_id", "device_type", "registered_at_utc")
MAYBE_BLANK = ("device_model", "can_display_text", "is_controllable")


def devices(reports: pl.DataFrame) -> pl.DataFrame:
    """Resolve the reports about each device, attribute by attribute.

    Each attribute is that of the highest source that says something. Whether and when a device was removed is said by
    the highest source that knows the device: a blank there means that it is still installed.

    Args:
        reports: Rows of the device extracts of all systems that hold: one per device, source and effective date.

    Returns:
        Rows of `entities.devices`, sorted by device. `source_system` is the highest source; `conflict_count` counts the
        values of other sources that differ from those given.
    """
    ranked = (
        latest(reports, ["device_id", "reported_by"])
        .with_columns(rank=pl.col("reported_by").cast(pl.Enum(PRECEDENCE)).to_physical())
        .sort("device_id", "rank")
    )
    by_device = ranked.group_by("device_id", maintain_order=True)
    resolved = by_device.agg(
        pl.col(*NEVER_BLANK, "removed_at_utc").first(),
        pl.col(*MAYBE_BLANK).drop_nulls().first(),
        source_system=pl.col("reported_by").first(),
        source_count=pl.len().cast(pl.Int32),
    )
    return (
        resolved.join(_conflicts(ranked, resolved), on="device_id")
        .with_columns(is_display_known=pl.col("can_display_text").is_not_null())
        .with_columns(pl.col("can_display_text").fill_null(False))
        .select(DEVICES.columns.keys())
        .sort("device_id")
    )


def _conflicts(ranked: pl.DataFrame, resolved: pl.DataFrame) -> pl.DataFrame:
    compared = ("premise_id", "device_type", *MAYBE_BLANK)
    differing = (pl.col(name).is_not_null() & (pl.col(name) != pl.col(f"{name}_resolved")) for name in compared)
    is_removed = pl.col("removed_at_utc").is_null() != pl.col("removed_at_utc_resolved").is_null()
    return (
        ranked.join(resolved, on="device_id", suffix="_resolved")
        .select("device_id", conflicts=pl.sum_horizontal(*differing, is_removed))
        .group_by("device_id")
        .agg(conflict_count=pl.col("conflicts").sum().cast(pl.Int32))
    )
