"""Tables of the analytics layer that bills and the comparison of rates rest on."""

import dataframely as dy

from models.columns import count, local_date, minutes, watt_hours
from models.tables.base import Table
from models.tables.entities import ACCOUNTS, PREMISES


def _terms(table: Table, name: str) -> dy.Column:
    column = table.columns[name]
    text = f"{(column.description or '').rstrip('.')}, on the last date of the period; null where it is unknown."
    return column.with_properties(primary_key=False, nullable=True, description=text)


class BillingPeriods(dy.Schema):
    """Billing periods of accounts, without gap or overlap, with what prices of the period depend on."""

    account_id = dy.String(primary_key=True, description="Account.")
    bill_start_date = local_date("First local date of the period.", primary_key=True)
    bill_end_date = local_date("Local date after the last one; null for the period under way.", nullable=True)
    bill_id = dy.String(
        nullable=True,
        description="The customer system's bill of the period; null for one that was not billed, or not yet.",
    )
    issued_date = local_date("Date of the bill; null without one.", nullable=True)
    interval_minutes = minutes(
        "Length of the account's intervals: of its coarsest main meter; null where none has intervals.", nullable=True
    )
    customer_type = _terms(ACCOUNTS, "customer_type")
    rate_code = _terms(ACCOUNTS, "rate_code")
    baseline_region = _terms(PREMISES, "baseline_region")
    is_multi_family = dy.Bool(
        nullable=True, description="True in multi-family buildings; null where the kind of building is unknown."
    )
    is_all_electric = _terms(ACCOUNTS, "is_all_electric")
    is_care = _terms(ACCOUNTS, "is_care")
    is_fera = _terms(ACCOUNTS, "is_fera")
    is_medical_baseline = _terms(ACCOUNTS, "is_medical_baseline")
    has_net_metering = _terms(ACCOUNTS, "has_net_metering")
    net_metering_number = dy.Int32(
        nullable=True,
        min=0,
        description="Billed periods with net metering that came before without a break; null without net metering.",
        metadata={"unit": "count"},
    )


class UsageWeekCells(dy.Schema):
    """Use of accounts by local hour, gathered by bill segment and week: what every rate can be priced from."""

    account_id = dy.String(primary_key=True, description="Account.")
    bill_start_date = local_date("First date of the billing period.", primary_key=True)
    segment_start_date = local_date(
        "First date of the segment: that of the period, of a month in it, or of a change of prices.", primary_key=True
    )
    week_start_date = local_date("Monday of the week.", primary_key=True)
    is_weekend = dy.Bool(primary_key=True, description="True on Saturdays, Sundays and holidays of the tariffs.")
    local_hour = dy.Int16(
        primary_key=True, min=0, max=23, description="Local hour in which intervals begin.", metadata={"unit": "h"}
    )
    usage_month = dy.String(regex=r"^\d{4}-\d{2}$", description="Local month, YYYY-MM.")
    delivered_wh = watt_hours("Energy delivered; unknown intervals add nothing.", minimum=0)
    received_wh = watt_hours("Energy received; unknown intervals add nothing.", minimum=0)
    net_import_wh = watt_hours("What intervals take on balance: delivered less received, where above zero.", minimum=0)
    peak_wh = watt_hours("Largest energy delivered in an interval.", minimum=0)
    net_peak_wh = watt_hours("Largest balance of an interval.", minimum=0)
    interval_count = count("Intervals of the account in which the delivered energy of all its meters is known.")
    estimated_count = count("Those of them that are estimated, in part or whole.")


BILLING_PERIODS = Table("analytics", "billing_periods", "one row per account and billing period", BillingPeriods)
USAGE_WEEK_CELLS = Table(
    "analytics", "usage_week_cells",
    "one row per account, bill segment, week, weekday or weekend, and local hour", UsageWeekCells, is_partitioned=True,
)  # fmt: skip
RATE_TABLES = (BILLING_PERIODS, USAGE_WEEK_CELLS)
