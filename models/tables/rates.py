"""Tables of the analytics layer that bills and the comparison of rates rest on."""

import dataframely as dy

from models.columns import code, count, local_date, minutes, watt_hours
from models.rates.reasons import CAUSES, COMPARISONS, FORECAST_CODES, NO_CHANGE_CODES, REASON_CODES
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


def _cents(description: str, *, nullable: bool = False) -> dy.Int64:
    return dy.Int64(nullable=nullable, description=description, metadata={"unit": "cent"})


class RepricedBills(dy.Schema):
    """Bills of the customer system, priced once more from the reads at the prices of their dates."""

    bill_id = dy.String(primary_key=True, description="The customer system's bill.")
    account_id = dy.String(description="Account.")
    bill_start_date = local_date("First local date of the bill.")
    bill_end_date = local_date("Local date after its last one.")
    issued_date = local_date("Date of the bill.")
    day_count = count("Days of the bill.")
    rate_code = dy.String(nullable=True, description="Rate schedule that the bill names.")
    is_estimated = dy.Bool(nullable=True, description="True where the bill says that it rests on estimates.")
    billed_cents = _cents("Amount billed.")
    repriced_cents = _cents("Amount priced once more; null where that cannot be done.", nullable=True)
    billed_delivered_wh = watt_hours("Energy delivered that the bill names.", nullable=True)
    billed_received_wh = watt_hours("Energy received that the bill names.", nullable=True)
    delivered_wh = watt_hours("Energy delivered by the reads; null without any.", nullable=True)
    received_wh = watt_hours("Energy received by the reads; null without any.", nullable=True)
    interval_count = dy.Int32(nullable=True, description="Intervals known.", metadata={"unit": "count"})
    expected_interval_count = dy.Int32(
        nullable=True,
        description="Intervals of its days, clock changes not regarded.",
        metadata={"unit": "count"},
    )
    estimated_interval_count = dy.Int32(nullable=True, description="Known ones that are estimated.",
                                        metadata={"unit": "count"})  # fmt: skip
    is_prorated = dy.Bool(nullable=True, description="True where a price or the season changes inside the bill.")
    closing_credit_cents = _cents("Net metering credit with which the next bill opens.", nullable=True)
    reason_code = code(REASON_CODES, "Why it differs or is not priced; null where it is alike.", nullable=True)


class RepricedLines(dy.Schema):
    """Lines of the bills as priced once more; they add up to the bill."""

    bill_id = dy.String(primary_key=True, description="The customer system's bill.")
    line_number = dy.Int16(primary_key=True, min=1, description="Place on the bill.")
    line_code = dy.String(description="Kind of line, as the customer system names it.")
    charge_code = dy.String(description="Kind of charge, finer than the line code.")
    season = dy.String(nullable=True, description="Season priced; null where the charge does not depend on it.")
    period_code = dy.String(nullable=True, description="Time-of-use period priced; null likewise.")
    first_date = local_date("First local date that the line is about.")
    last_date = local_date("Last one, included.")
    quantity_milli = dy.Int64(description="Quantity in thousandths of the unit.")
    unit = dy.String(description="kWh, kW, day, month or usd.")
    price = dy.Int64(description="Price in 1e-5 $ per unit.", metadata={"unit": "1e-5 $"})
    amount_cents = _cents("Amount.")


class BillChanges(dy.Schema):
    """By how much each cause makes a bill differ from an earlier one; the causes add up."""

    bill_id = dy.String(primary_key=True, description="The customer system's bill.")
    comparison_code = code(COMPARISONS, "Earlier bill: the one before, or the one a year before.", primary_key=True)
    cause_code = code(CAUSES, "Cause.", primary_key=True)
    earlier_bill_id = dy.String(nullable=True, description="The earlier bill; null where there is none.")
    amount_cents = _cents("What the cause adds to what was billed; null where it is unknown.", nullable=True)
    reason_code = code(NO_CHANGE_CODES, "Why it is unknown; null where it is known.", nullable=True)


class BillForecasts(dy.Schema):
    """Bills under way: what they come to so far, and what they are going to be."""

    account_id = dy.String(primary_key=True, description="Account that is served.")
    bill_start_date = local_date("First local date of the bill under way.")
    bill_end_date = local_date("Local date after its last one, by the billing cycle.")
    as_of_date = local_date("Local date after the last one with reads.")
    elapsed_day_count = count("Days so far.")
    day_count = count("Days of the bill.")
    to_date_cents = _cents("The bill if it ended now; null where it cannot be priced.", nullable=True)
    projected_cents = _cents("What it is going to be; null where that cannot be told.", nullable=True)
    projected_cents_low = _cents("10 % quantile; null likewise.", nullable=True)
    projected_cents_high = _cents("90 % quantile; null likewise.", nullable=True)
    delivered_wh = watt_hours("Energy delivered so far.", nullable=True, minimum=0)
    projected_wh = watt_hours("Energy delivered by its end.", nullable=True, minimum=0)
    reason_code = code(FORECAST_CODES, "Why something is unknown; null where all is known.", nullable=True)


BILL_CHANGES = Table("analytics", "bill_changes", "one row per bill, earlier bill and cause", BillChanges)
BILL_FORECASTS = Table("analytics", "bill_forecasts", "one row per account with a bill under way", BillForecasts)
REPRICED_BILLS = Table("analytics", "repriced_bills", "one row per bill of the customer system", RepricedBills)
REPRICED_LINES = Table("analytics", "repriced_lines", "one row per bill and line", RepricedLines)
BILLING_PERIODS = Table("analytics", "billing_periods", "one row per account and billing period", BillingPeriods)
USAGE_WEEK_CELLS = Table(
    "analytics", "usage_week_cells",
    "one row per account, bill segment, week, weekday or weekend, and local hour", UsageWeekCells, is_partitioned=True,
)  # fmt: skip
RATE_TABLES = (BILLING_PERIODS, USAGE_WEEK_CELLS, REPRICED_BILLS, REPRICED_LINES, BILL_CHANGES, BILL_FORECASTS)
