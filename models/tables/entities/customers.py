"""Who takes service where: premises, accounts, people, their equipment, and their contacts with the utility."""

import dataframely as dy

from models.columns import code, count, local_date, utc
from models.customer_types import DEVICE_TYPES
from models.extracts.crm import CRM, ROLES, SOURCES_OF_INTERACTIONS
from models.extracts.css import CSS
from models.extracts.devices import REPORTERS
from models.tables.base import Table
from models.tables.entities.contracts import contract, history_table, latest_table, record_table

INTERACTION_SOURCES = ("CSS", *SOURCES_OF_INTERACTIONS)


class AccountPersons(dy.Schema):
    """Who belongs to an account, as what, and when."""

    account_id = dy.String(primary_key=True, description="Account.")
    person_id = dy.String(primary_key=True, description="Person.")
    role = code(ROLES, "Part that the person plays for the account.", primary_key=True)
    valid_from_date = local_date("First local date.", primary_key=True)
    valid_to_date = local_date("Local date after the last one; null while it lasts.", nullable=True)
    is_current = dy.Bool(description="True while it lasts.")


class Devices(dy.Schema):
    """Devices in customers' home area networks, as the source that ranks first tells of them."""

    device_id = dy.String(primary_key=True, description="Device.")
    premise_id = dy.String(description="Premise where it is installed; it stays when people move.")
    device_type = code(DEVICE_TYPES, "Kind of device.")
    device_model = dy.String(nullable=True, description="Make and model; null where no source says.")
    can_display_text = dy.Bool(description="Whether it shows messages of the utility; false where no source says.")
    is_display_known = dy.Bool(description="True where a source says whether it shows messages.")
    is_controllable = dy.Bool(nullable=True, description="Whether it obeys load control; null where no source says.")
    registered_at_utc = utc("When it was registered with the source that ranks first.")
    removed_at_utc = utc("When that source says it was removed; null while installed.", nullable=True)
    source_system = code(REPORTERS, "Source that ranks first among those that know the device.")
    source_count = count("Sources that know the device.")
    conflict_count = count("Values of other sources that differ from the ones given here.")


PREMISES = history_table("premises", contract(CSS, "premises"))
ACCOUNTS = history_table(
    "accounts",
    contract(CSS, "accounts"),
    dropped=("account_status",),
    added={
        "service_start_date": local_date("First local date of the account's service."),
        "service_end_date": local_date("First local date without service; null while it is served.", nullable=True),
    },
)
PERSONS = history_table("persons", contract(CRM, "persons"))
ACCOUNT_PERSONS = Table(
    "entities", "account_persons", "one row per account, person, role and validity period", AccountPersons
)
CONSENTS = history_table("consents", contract(CRM, "consents"))
HOUSEHOLDS = history_table("households", contract(CRM, "households"))
EQUIPMENT = latest_table("equipment", contract(CRM, "equipment"), "one row per piece of equipment")
DEVICES = Table("entities", "devices", "one row per device", Devices)
ENROLLMENTS = latest_table(
    "enrollments",
    contract(CSS, "enrollments"),
    "one row per enrolment: account, program and period",
    added={"status_since_date": local_date("Local date since which the enrolment has its present status.")},
)
INTERACTIONS = record_table(
    "interactions",
    contract(CSS, "interactions"),
    added={"source_system": code(INTERACTION_SOURCES, "Who wrote the contact into the log.", primary_key=True)},
)
SURVEY_ANSWERS = record_table("survey_answers", contract(CRM, "survey_answers"))
BILLS = record_table("bills", contract(CSS, "bills"))
BILL_LINES = record_table("bill_lines", contract(CSS, "bill_lines"))
