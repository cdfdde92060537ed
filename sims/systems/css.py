"""The customer service system: premises, accounts, meters, enrolments, bills, and devices as it heard of them."""

import polars as pl

from models.extracts.css import CSS
from sims.systems.tables import Tables, as_sent, stamped
from sims.world.frames import ZONES
from sims.world.society import Society

_REPORTERS = ("CSS", "WEB")
"""The web site hands what customers register to this system."""


def css_tables(society: Society, bills: pl.DataFrame, bill_lines: pl.DataFrame) -> Tables:
    """Everything that the customer service system writes down up to the world's last date.

    Args:
        society: The people and their contracts.
        bills: Bills in the columns of the contract.
        bill_lines: Their lines, likewise.
    """
    rows = {
        "premises": _premises(society),
        "accounts": _accounts(society),
        "service_points": stamped(society.service_points),
        "meters": _meters(society),
        "enrollments": stamped(society.enrollments),
        "devices": stamped(society.device_reports).filter(pl.col("reported_by").is_in(_REPORTERS)),
        "bills": bills,
        "bill_lines": bill_lines,
        "interactions": stamped(society.interactions).filter(pl.col("recorded_by") == "CSS"),
    }
    return {extract.name: as_sent(extract, rows[extract.name]) for extract in CSS.extracts}


def _premises(society: Society) -> pl.DataFrame:
    zone = pl.col("zone_number").replace_strict(dict(enumerate(ZONES)), return_dtype=pl.String)
    places = society.world.premises.with_columns(climate_zone=zone)
    return stamped(society.addresses).join(places, on="premise_id")


def _accounts(society: Society) -> pl.DataFrame:
    """Accounts; the landlord is named where the utility knows one."""
    status = pl.when("is_active").then(pl.lit("active")).otherwise(pl.lit("closed"))
    premises = society.world.premises.select("premise_number", "premise_id")
    return (
        stamped(society.account_records)
        .join(society.world.accounts, on=["account_id", "effective_date"])
        .join(society.account_names, on="account_id")
        .join(premises, on="premise_number")
        .with_columns(account_status=status)
    )


def _meters(society: Society) -> pl.DataFrame:
    """Meters as installed, and once more as removed."""
    installations = society.world.meters.drop("removed_date")
    return (
        stamped(society.meter_records)
        .join(installations, on=["meter_id", "installed_date"])
        .with_columns(meter_multiplier=pl.lit(1))
    )
