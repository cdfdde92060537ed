"""What the customer service (billing) system sends."""

import dataframely as dy

from models.columns import code, interval_length, local_date
from models.customer_types import CUSTOMER_TYPES, TENURE_TYPES
from models.extracts.base import Extract, RecordRow, RowKind, StateRow, System, identifier, kwh, personal, price, usd
from models.extracts.devices import DEVICE_RULES, DeviceReports
from models.extracts.rules import RowRule, after, distinct, given_where, in_order

BUSINESS_TYPES = ("restaurant", "office", "shop")
BILLING_OPTIONS = ("paper", "electronic", "level_pay")
PAYMENT_OPTIONS = ("mail", "online", "automatic", "cash")
PREMISE_TYPES = ("single_family", "multi_family", "mobile_home", "commercial")
ACCOUNT_STATUSES = ("active", "closed")
ENROLLMENT_STATUSES = ("pending", "active", "left")
BILL_LINE_CODES = (
    "energy", "baseline_credit", "basic_charge", "demand_flat", "demand_tou", "minimum", "discount", "export_credit",
    "program_credit", "surcharge", "tax",
)  # fmt: skip


def _rate(description: str) -> dy.String:
    """A rate schedule by its code."""
    return dy.String(min_length=1, description=f"{description}, by its file in data/reference/tariffs; not checked.")


class Premises(StateRow):
    """Places with electric service."""

    premise_id = identifier("Premise.")
    street_address = personal("Street, number and unit.")
    city = personal("City.")
    zip_code = dy.String(regex=r"^\d{5}$", description="Five-digit ZIP code.")
    climate_zone = dy.String(
        min_length=1, description="Climate zone of the territory, named as in the observations of WEATHER; not checked."
    )
    baseline_region = dy.String(
        min_length=1,
        description="Baseline region of the tariffs, one of data/reference/tariffs/baseline.yml; not checked.",
    )
    premise_type = code(PREMISE_TYPES, "Kind of building.")
    floor_area_sqft = dy.Int32(nullable=True, min=1, description="Floor area.", metadata={"unit": "sq ft"})
    built_year = dy.Int16(nullable=True, min=1800, description="Year of construction.")


class Accounts(StateRow):
    """Contracts for service at a premise."""

    account_id = identifier("Account; a customer who moves gets a new one.")
    premise_id = identifier("Premise that is served.")
    account_status = code(ACCOUNT_STATUSES, "active, or closed from the effective date on.")
    account_name = personal("Name on the bill.")
    mailing_address = personal("Where paper bills go.")
    customer_type = code(CUSTOMER_TYPES, "Class of customer.")
    business_type = code(BUSINESS_TYPES, "Line of business; blank for residential customers.", nullable=True)
    tenure_type = code(TENURE_TYPES, "Whether the customer owns or rents the premise.")
    landlord_person_id = identifier("Owner of a rented premise, where known.", nullable=True)
    rate_code = _rate("Rate schedule")
    billing_option = code(BILLING_OPTIONS, "How the bill is sent and levelled.")
    payment_option = code(PAYMENT_OPTIONS, "How the bill is paid.")
    billing_cycle = dy.Int16(min=1, max=31, description="Meter reading cycle.")
    is_all_electric = dy.Bool(description="True where heating is electric, which sets the baseline allocation.")
    is_care = dy.Bool(description="True with the CARE discount for low income.")
    is_fera = dy.Bool(description="True with the FERA discount for large families.")
    is_medical_baseline = dy.Bool(description="True with additional baseline allocation for medical equipment.")
    has_net_metering = dy.Bool(description="True where energy to the grid is credited.")


class ServicePoints(StateRow):
    """Who is served at a point of delivery."""

    service_point_id = identifier("Point of delivery.")
    premise_id = identifier("Premise that it belongs to.")
    account_id = identifier("Account that takes service; blank while vacant.", nullable=True)
    service_voltage = dy.Int16(min=100, description="Nominal voltage.", metadata={"unit": "V"})
    service_amps = dy.Int16(min=1, description="Rating of the service.", metadata={"unit": "A"})
    phase_count = dy.Int16(min=1, max=3, description="Phases.", metadata={"unit": "count"})


class MeterInstallations(StateRow):
    """Meters at points of delivery; the effective date is that of installation, or of removal."""

    meter_id = identifier("Meter.")
    installed_date = local_date("Local date of installation.")
    removed_date = local_date("Local date of removal; blank while installed.", nullable=True)
    service_point_id = identifier("Point of delivery.")
    parent_meter_id = identifier("Meter behind which this one measures a part; blank for main meters.", nullable=True)
    interval_minutes = interval_length(
        "Length of its intervals; blank for a meter without interval data.", nullable=True
    )
    has_received_channel = dy.Bool(description="True where it counts energy to the grid apart.")
    register_digits = dy.Int16(min=4, max=9, description="Digits of the kWh register before it rolls over.")
    meter_multiplier = dy.Decimal(10, 3, description="Factor from register to energy.", metadata={"unit": "1"})
    feeder_id = identifier("Feeder that supplies it.", nullable=True)


class Enrollments(StateRow):
    """Participation of accounts in programs."""

    enrollment_id = identifier("Enrolment.")
    account_id = identifier("Account.")
    program_id = identifier("Program.")
    enrollment_status = code(ENROLLMENT_STATUSES, "State from the effective date on.")
    enrolled_date = local_date("Local date of sign-up.")
    left_date = local_date("First local date out of the program; blank while in it.", nullable=True)
    application_id = identifier("Application that led to it, where there is one.", nullable=True)
    campaign_id = identifier("Campaign that led to it, where there is one.", nullable=True)


class Bills(RecordRow):
    """Bills."""

    bill_id = identifier("Bill.")
    account_id = identifier("Account.")
    bill_start_date = local_date("First local date of the period.")
    bill_end_date = local_date("Local date after the last one of the period.")
    issued_date = local_date("Date of the bill.")
    rate_code = _rate("Rate schedule at the end of the period")
    delivered_kwh = kwh("Energy delivered in the period.")
    received_kwh = kwh("Energy received in the period.")
    is_estimated = dy.Bool(description="True where a part of the energy was estimated when the bill was made.")
    billed_usd = usd("Amount of the bill.")


class BillLines(RecordRow):
    """Lines of bills; they add up to the bill."""

    bill_id = identifier("Bill.")
    line_number = dy.Int16(min=1, description="Position on the bill.")
    line_code = code(BILL_LINE_CODES, "Kind of charge or credit.")
    line_text = dy.String(min_length=1, description="What the customer reads.")
    quantity = dy.Decimal(14, 3, description="Quantity priced.")
    unit = dy.String(description="Unit of the quantity: kWh, kW, day, usd.")
    price_usd = price("Price per unit.")
    amount_usd = usd("Amount.")


class Interactions(RecordRow):
    """Contacts with customers."""

    interaction_id = identifier("Interaction.")
    account_id = identifier("Account, where there is one.", nullable=True)
    person_id = identifier("Person, where known.", nullable=True)
    interaction_type = dy.String(min_length=1, description="What it was about.")
    action_taken = dy.String(nullable=True, description="What was done.")
    program_id = identifier("Program that it was about.", nullable=True)
    campaign_id = identifier("Campaign that it answers.", nullable=True)
    channel = dy.String(nullable=True, description="How the contact was made.")
    interaction_at_utc = dy.Datetime(time_unit="us", description="When.", metadata={"unit": "UTC"})


def _state(name: str, grain: str, key: tuple[str, ...], schema: type[dy.Schema], *rules: RowRule) -> Extract:
    return Extract("CSS", name, RowKind.STATE, grain, key, schema, rules)


def _record(name: str, grain: str, key: tuple[str, ...], schema: type[dy.Schema], *rules: RowRule) -> Extract:
    return Extract("CSS", name, RowKind.RECORD, grain, key, schema, rules)


CSS = System(
    "CSS",
    "customer service system",
    limit_days=1,
    extracts=(
        _state("premises", "one row per premise and date of change", ("premise_id",), Premises),
        _state("accounts", "one row per account and date of change", ("account_id",), Accounts),
        _state(
            "service_points", "one row per point of delivery and date of change", ("service_point_id",), ServicePoints
        ),
        _state(
            "meters", "one row per meter installation and date of change", ("meter_id", "installed_date"),
            MeterInstallations, in_order("installed_date", "removed_date"), distinct("meter_id", "parent_meter_id"),
        ),
        _state(
            "enrollments", "one row per enrolment and date of change", ("enrollment_id",), Enrollments,
            given_where("left_date", "enrollment_status", "left"), in_order("enrolled_date", "left_date"),
        ),
        _state(
            "devices", "one row per device reported to the CSS and date of change",
            ("device_id", "reported_by"), DeviceReports, *DEVICE_RULES,
        ),
        _record("bills", "one row per bill", ("bill_id",), Bills, after("bill_start_date", "bill_end_date")),
        _record("bill_lines", "one row per line of a bill", ("bill_id", "line_number"), BillLines),
        _record("interactions", "one row per contact", ("interaction_id",), Interactions),
    ),
)  # fmt: skip
