"""An example file of a system, made from its contract: two rows a table, about nobody, and such as could be sent."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta

import dataframely as dy

from models.extracts import Extract, System
from models.extracts.base import identifier, is_personal
from pipelines.reference import territory

BUSINESS_DATE = date(2026, 8, 25)
_SENT_AT = datetime.combine(BUSINESS_DATE + timedelta(days=1), time(5), UTC)
_ROWS = 2
_BEGINNINGS = ("start", "enrolled")
_A_MONTH = timedelta(days=30)
_BLANK = ("", "")
_IDENTIFIER = identifier("").regex
VALUES: dict[str, tuple[str, str]] = {
    "account_status": ("active", "active"),
    "action_taken": ("explained", ""),
    "age_band": ("35-44", ""),
    "amount_usd": ("189.83", "0.93"),
    "answer_code": ("3", "gas"),
    "baseline_region": ("8", "10"),
    "bill_lines.bill_id": ("bill-1", "bill-1"),
    "billed_usd": ("190.76", "512.90"),
    "billing_cycle": ("4", "17"),
    "billing_option": ("electronic", "paper"),
    "built_year": ("1978", "1996"),
    "business_type": ("", "shop"),
    "campaign_id": _BLANK,
    "can_display_text": ("true", "false"),
    "channel": ("phone", "web"),
    "climate_zone": ("coast", "inland"),
    "consent_status": ("granted", "denied"),
    "customer_type": ("residential", "small_business"),
    "delivered_kwh": ("612.345", "1480.200"),
    "device_model": _BLANK,
    "device_type": ("pct", "ev_charger"),
    "dew_point_degc": ("14.2", "12.8"),
    "education_band": ("college", ""),
    "employee_count": ("", "6"),
    "enrollment_status": ("active", "left"),
    "equipment.person_id": ("", "person-2"),
    "equipment.premise_id": ("premise-1", ""),
    "equipment_type": ("central_ac", "electric_vehicle"),
    "evidence_code": ("web", "phone"),
    "floor_area_sqft": ("1650", "2400"),
    "has_children": ("true", ""),
    "has_net_metering": ("false", "false"),
    "has_received_channel": ("false", "false"),
    "household_size": ("3", ""),
    "income_band": ("75k_to_150k", ""),
    "interaction_type": ("billing", "move"),
    "interval_minutes": ("60", "15"),
    "irradiance_w_per_m2": ("0", "0"),
    "is_all_electric": ("false", "false"),
    "is_care": ("false", "false"),
    "is_controllable": ("true", "true"),
    "is_estimated": ("false", "false"),
    "is_fera": ("false", "false"),
    "is_home_on_weekdays": ("false", ""),
    "is_marketing_opt_out": ("false", "false"),
    "is_medical_baseline": ("false", "false"),
    "landlord_person_id": ("", "person-2"),
    "language_code": ("en", "es"),
    "left_date": ("", f"{BUSINESS_DATE}"),
    "line_code": ("energy", "basic_charge"),
    "line_number": ("1", "2"),
    "line_text": ("Energy", "Basic charge"),
    "meter_multiplier": ("1", "40"),
    "observed_hour_start_utc": (f"{BUSINESS_DATE}T08:00:00Z", f"{BUSINESS_DATE}T08:00:00Z"),
    "parent_meter_id": _BLANK,
    "payment_option": ("automatic", "mail"),
    "phase_count": ("1", "3"),
    "preferred_channel": ("email", "phone"),
    "premise_type": ("single_family", "commercial"),
    "price_usd": ("0.31000", "0.03100"),
    "program_id": ("PTR", "SDP"),
    "purpose": ("marketing", "third_party_sharing"),
    "quantity": ("612.345", "30"),
    "question_code": ("household_size", "heating"),
    "rate_code": ("D", "TOU-GS-1-E"),
    "rated_kw": ("3.5", "7.2"),
    "received_kwh": ("0", "0"),
    "recipient": ("utility", "utility"),
    "recorded_by": ("CSR", "WEB"),
    "register_digits": ("5", "6"),
    "role": ("customer_of_record", "household_member"),
    "service_amps": ("200", "400"),
    "service_voltage": ("240", "208"),
    "survey_origin": ("my_account", "energy_audit"),
    "temperature_degc": ("18.6", "22.4"),
    "tenure_type": ("owner", "tenant"),
    "unit": ("kWh", "day"),
    "uses_my_account": ("true", "false"),
    "zip_code": ("90001", "90002"),
}
"""What the two rows hold in columns of a name, in every table or in one, where it does not follow from the type."""


def example_text(system: System) -> str:
    """A daily file of a system that keeps the contract; nothing in it is about anybody.

    Raises:
        LookupError: No example is known for a column.
    """
    dates = f"{BUSINESS_DATE},{BUSINESS_DATE},{_instant(_SENT_AT)}"
    header = f"HEADER,{system.code},{territory().utility_code},daily,{dates}\n"
    body = "".join(_table(extract) for extract in system.extracts)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"{header}{body}TRAILER,{_ROWS * len(system.extracts)},{digest}\n"


def _table(extract: Extract) -> str:
    lines = [f"TABLE,{extract.name}", ",".join(extract.columns)]
    for number in range(1, _ROWS + 1):
        lines.append(",".join(_value(extract, name, column, number) for name, column in extract.columns.items()))
    return "".join(f"{line}\n" for line in lines)


def _value(extract: Extract, name: str, column: dy.Column, number: int) -> str:
    chosen = VALUES.get(f"{extract.name}.{name}") or VALUES.get(name)
    if chosen is not None:
        return chosen[number - 1]
    if name == "reported_by":
        return extract.system_code
    if is_personal(column):
        return f"({name.replace('_', ' ')} {number})"
    if isinstance(column, dy.String) and column.regex == _IDENTIFIER:
        return f"{name.removesuffix('_id')}-{number}"
    if isinstance(column, dy.Date | dy.Datetime) and column.nullable:
        return ""
    if isinstance(column, dy.Date):
        is_first = any(word in name for word in _BEGINNINGS)
        return (BUSINESS_DATE - (_A_MONTH if is_first else timedelta())).isoformat()
    if isinstance(column, dy.Datetime):
        return _instant(datetime.combine(BUSINESS_DATE, time(8 + number), UTC))
    raise LookupError(f"no example is known for column {name} of table {extract.name}")


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
