"""Society: the people of a world and what systems know of them, as frames.

Every row says on which local date it became true (`effective_date`) and when the system that keeps it wrote it down
(`recorded_at_utc`, naive UTC, on that local date or later). Personal data stand in `persons`, `addresses` and
`account_names` only.
"""

from dataclasses import dataclass

import polars as pl

from sims.world.frames import World

_UTC = pl.Datetime("us")
_STATE: dict[str, pl.DataType | type[pl.DataType]] = {"effective_date": pl.Date, "recorded_at_utc": _UTC}

SCHEMAS: dict[str, pl.Schema] = {
    "persons": pl.Schema(
        {
            "person_id": pl.String,
            **_STATE,
            "given_name": pl.String,
            "family_name": pl.String,
            "phone_number": pl.String,
            "email_address": pl.String,
            "postal_address": pl.String,
            "language_code": pl.String,
            "preferred_channel": pl.String,
            "is_marketing_opt_out": pl.Boolean,
            "uses_my_account": pl.Boolean,
            "age_band": pl.String,
            "education_band": pl.String,
            "knows_age": pl.Boolean,
            "knows_education": pl.Boolean,
        }
    ),
    "memberships": pl.Schema(
        {
            "account_id": pl.String,
            "person_id": pl.String,
            "role": pl.String,
            **_STATE,
            "start_date": pl.Date,
            "end_date": pl.Date,
        }
    ),
    "consents": pl.Schema(
        {
            "person_id": pl.String,
            "purpose": pl.String,
            "recipient": pl.String,
            **_STATE,
            "consent_status": pl.String,
            "evidence_code": pl.String,
            "valid_to_utc": _UTC,
        }
    ),
    "households": pl.Schema(
        {
            "account_id": pl.String,
            **_STATE,
            "occupant_number": pl.Int32,
            "household_size": pl.Int16,
            "has_children": pl.Boolean,
            "income_band": pl.String,
            "is_home_on_weekdays": pl.Boolean,
            "employee_count": pl.Int16,
            "known_attributes": pl.List(pl.String),  # columns that the utility knows
        }
    ),
    "addresses": pl.Schema(
        {
            "premise_id": pl.String,
            **_STATE,
            "street_address": pl.String,
            "city": pl.String,
            "owner_person_id": pl.String,
        }
    ),
    "account_names": pl.Schema(
        {
            "account_id": pl.String,
            "account_name": pl.String,
            "mailing_address": pl.String,
            "landlord_person_id": pl.String,  # null where the utility does not know the landlord, or there is none
        }
    ),
    "account_records": pl.Schema({"account_id": pl.String, **_STATE}),  # one for each row of ACCOUNTS
    "service_points": pl.Schema(
        {
            "service_point_id": pl.String,
            **_STATE,
            "premise_id": pl.String,
            "account_id": pl.String,
            "service_voltage": pl.Int16,
            "service_amps": pl.Int16,
            "phase_count": pl.Int16,
        }
    ),
    "meter_records": pl.Schema({"meter_id": pl.String, "installed_date": pl.Date, **_STATE, "removed_date": pl.Date}),
    "enrollments": pl.Schema(
        {
            "enrollment_id": pl.String,
            **_STATE,
            "account_id": pl.String,
            "program_id": pl.String,
            "enrollment_status": pl.String,
            "enrolled_date": pl.Date,
            "left_date": pl.Date,
            "application_id": pl.String,
            "campaign_id": pl.String,
        }
    ),
    "equipment": pl.Schema(
        {
            "equipment_id": pl.String,
            **_STATE,
            "premise_id": pl.String,
            "person_id": pl.String,
            "equipment_type": pl.String,
            "rated_kw": pl.Float64,
            "installed_date": pl.Date,
            "removed_date": pl.Date,
            "is_known": pl.Boolean,  # false for what nobody told the utility
            "knows_date": pl.Boolean,
        }
    ),
    "devices": pl.Schema(
        {
            "device_id": pl.String,
            **_STATE,
            "premise_id": pl.String,
            "device_type": pl.String,
            "device_model": pl.String,
            "can_display_text": pl.Boolean,
            "is_controllable": pl.Boolean,
            "registered_at_utc": _UTC,
            "removed_at_utc": _UTC,
        }
    ),
    "device_reports": pl.Schema(
        {
            "device_id": pl.String,
            "reported_by": pl.String,
            **_STATE,
            "premise_id": pl.String,
            "device_type": pl.String,
            "device_model": pl.String,
            "can_display_text": pl.Boolean,
            "is_controllable": pl.Boolean,
            "registered_at_utc": _UTC,
            "removed_at_utc": _UTC,
            "is_contradiction": pl.Boolean,  # true where it says other than the truth
        }
    ),
    "survey_answers": pl.Schema(
        {
            "survey_id": pl.String,
            "question_code": pl.String,
            **_STATE,
            "person_id": pl.String,
            "account_id": pl.String,
            "survey_origin": pl.String,
            "answer_code": pl.String,
            "answered_at_utc": _UTC,
            "true_answer_code": pl.String,
        }
    ),
    "interactions": pl.Schema(
        {
            "interaction_id": pl.String,
            **_STATE,
            "account_id": pl.String,
            "person_id": pl.String,
            "interaction_type": pl.String,
            "action_taken": pl.String,
            "program_id": pl.String,
            "campaign_id": pl.String,
            "channel": pl.String,
            "interaction_at_utc": _UTC,
            "recorded_by": pl.String,  # CSS, or who wrote it into the CRM's log
        }
    ),
    "moves": pl.Schema(
        {
            "occupant_number": pl.Int32,
            "effective_date": pl.Date,  # of moving out, or of moving in for newcomers
            "from_account_id": pl.String,  # null for newcomers
            "from_premise_id": pl.String,
            "to_account_id": pl.String,  # null for those who leave the territory
            "to_premise_id": pl.String,
            "moved_out_date": pl.Date,
            "moved_in_date": pl.Date,
        }
    ),
}
"""Columns of the frames by name."""


@dataclass(frozen=True)
class Society:
    """The people of a world up to its last date; each frame as `SCHEMAS` says.

    Attributes:
        world: The world that they live in.
    """

    world: World
    persons: pl.DataFrame
    memberships: pl.DataFrame
    consents: pl.DataFrame
    households: pl.DataFrame
    addresses: pl.DataFrame
    account_names: pl.DataFrame
    account_records: pl.DataFrame
    service_points: pl.DataFrame
    meter_records: pl.DataFrame
    enrollments: pl.DataFrame
    equipment: pl.DataFrame
    devices: pl.DataFrame
    device_reports: pl.DataFrame
    survey_answers: pl.DataFrame
    interactions: pl.DataFrame
    moves: pl.DataFrame
