"""What the customer relationship management system sends."""

import dataframely as dy

from models.columns import code, local_date, utc
from models.customer_types import EQUIPMENT_TYPES
from models.extracts.base import Extract, RecordRow, RowKind, StateRow, System, identifier, personal
from models.extracts.css import Interactions
from models.extracts.devices import DEVICE_RULES, DeviceReports
from models.extracts.rules import RowRule, any_given, in_order, lasting_where

LANGUAGES = ("en", "es", "zh", "ko", "vi")
CHANNELS_OF_CONTACT = ("email", "phone", "pager", "sms", "mail", "ihd", "ems")
ROLES = ("customer_of_record", "household_member", "business_contact", "landlord")
SOURCES_OF_INTERACTIONS = ("CSR", "WEB", "CRM")
CONSENT_PURPOSES = ("marketing", "third_party_sharing")
CONSENT_STATUSES = ("granted", "denied", "revoked")
SURVEY_ORIGINS = ("my_account", "energy_audit")
INCOME_BANDS = ("under_35k", "35k_to_75k", "75k_to_150k", "over_150k")
EDUCATION_BANDS = ("school", "college", "graduate")


class Persons(StateRow):
    """People whom the utility knows."""

    person_id = identifier("Person; keeps it wherever the person lives.")
    given_name = personal("Given name.")
    family_name = personal("Family name.")
    phone_number = personal("Telephone number.")
    email_address = personal("E-mail address.")
    postal_address = personal("Postal address.")
    language_code = code(LANGUAGES, "Preferred language.")
    preferred_channel = code(CHANNELS_OF_CONTACT, "Preferred way to be contacted.")
    is_marketing_opt_out = dy.Bool(description="True where the person wants no marketing.")
    uses_my_account = dy.Bool(description="True where the person uses My Account on the web site.")
    age_band = dy.String(nullable=True, description="Age band; blank where unknown.")
    education_band = code(EDUCATION_BANDS, "Education; blank where unknown.", nullable=True)


class AccountPersons(StateRow):
    """Who belongs to an account, and as what."""

    account_id = identifier("Account.")
    person_id = identifier("Person.")
    role = code(ROLES, "Part that the person plays for the account.")
    start_date = local_date("First local date.")
    end_date = local_date("Local date after the last one; blank while it lasts.", nullable=True)


class Consents(StateRow):
    """What a person agreed to."""

    person_id = identifier("Person.")
    purpose = code(CONSENT_PURPOSES, "What the consent is for.")
    recipient = dy.String(min_length=1, description="Who may use the data: utility, or the name of a third party.")
    consent_status = code(CONSENT_STATUSES, "State from the effective date on.")
    evidence_code = dy.String(min_length=1, description="How the decision was recorded: web, phone, form.")
    valid_to_utc = utc("When it expires; blank for no end.", nullable=True)


class HouseholdAttributes(StateRow):
    """Demographics and load types of an account, as far as known."""

    account_id = identifier("Account.")
    household_size = dy.Int16(nullable=True, min=1, description="People living there; blank where unknown.")
    has_children = dy.Bool(nullable=True, description="Whether children live there; blank where unknown.")
    income_band = code(INCOME_BANDS, "Yearly household income in US dollars; blank where unknown.", nullable=True)
    is_home_on_weekdays = dy.Bool(nullable=True, description="Whether somebody is at home by day; blank if unknown.")
    employee_count = dy.Int16(
        nullable=True, min=0, description="Employees of a business; blank for homes.", metadata={"unit": "count"}
    )


class Equipment(StateRow):
    """Large appliances and generation, as told by customers, auditors and installers."""

    equipment_id = identifier("Piece of equipment.")
    premise_id = identifier("Premise where it stands; blank for a vehicle.", nullable=True)
    person_id = identifier("Person whom a vehicle follows; blank for what belongs to a premise.", nullable=True)
    equipment_type = code(EQUIPMENT_TYPES, "Kind of equipment.")
    rated_kw = dy.Decimal(8, 2, nullable=True, description="Rating; blank where unknown.", metadata={"unit": "kW"})
    installed_date = local_date("Date of installation; blank where unknown.", nullable=True)
    removed_date = local_date("Date of removal; blank while in place.", nullable=True)


class SurveyAnswers(RecordRow):
    """Answers to surveys in My Account or in an energy audit."""

    survey_id = identifier("Survey filled in by one person.")
    question_code = dy.String(min_length=1, description="Question.")
    person_id = identifier("Person who answered.")
    account_id = identifier("Account that the answers are about.", nullable=True)
    survey_origin = code(SURVEY_ORIGINS, "Where the survey was taken.")
    answer_code = dy.String(nullable=True, description="Answer; blank where the question was skipped.")
    answered_at_utc = utc("When.")


class CrmInteractions(Interactions):
    """Contacts with customers through service representatives, the web site and campaigns."""

    recorded_by = code(SOURCES_OF_INTERACTIONS, "Who wrote the contact into the log.")


def _state(name: str, grain: str, key: tuple[str, ...], schema: type[dy.Schema], *rules: RowRule) -> Extract:
    return Extract("CRM", name, RowKind.STATE, grain, key, schema, rules)


CRM = System(
    "CRM",
    "customer relationship management system",
    limit_days=1,
    extracts=(
        _state("persons", "one row per person and date of change", ("person_id",), Persons),
        _state(
            "account_persons", "one row per account, person, role and date of change",
            ("account_id", "person_id", "role"), AccountPersons, in_order("start_date", "end_date"),
        ),
        _state(
            "consents", "one row per person, purpose, recipient and date of change",
            ("person_id", "purpose", "recipient"), Consents,
            lasting_where("effective_date", "valid_to_utc", "consent_status", "granted"),
        ),
        _state("households", "one row per account and date of change", ("account_id",), HouseholdAttributes),
        _state(
            "equipment", "one row per piece of equipment and date of change", ("equipment_id",), Equipment,
            any_given("premise_id", "person_id"), in_order("installed_date", "removed_date"),
        ),
        _state(
            "devices", "one row per device reported to the CRM and date of change",
            ("device_id", "reported_by"), DeviceReports, *DEVICE_RULES,
        ),
        Extract(
            "CRM", "survey_answers", RowKind.RECORD, "one row per survey and question", ("survey_id", "question_code"),
            SurveyAnswers,
        ),
        Extract("CRM", "interactions", RowKind.RECORD, "one row per contact", ("interaction_id",), CrmInteractions),
    ),
)  # fmt: skip
