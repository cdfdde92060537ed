"""The customer relationship management system: persons, preferences, surveys, equipment, contacts.

What nobody told the utility is left out or blank, whatever the truth.
"""

import polars as pl

from models.extracts.crm import CRM
from sims.systems.tables import Tables, as_sent, stamped
from sims.world.society import Society

_HOUSEHOLD = ("household_size", "has_children", "income_band", "is_home_on_weekdays", "employee_count")


def crm_tables(society: Society) -> Tables:
    """Everything that the CRM writes down up to the world's last date."""
    rows = {
        "persons": _persons(society),
        "account_persons": stamped(society.memberships),
        "consents": stamped(society.consents),
        "households": _households(society),
        "equipment": _equipment(society),
        "devices": stamped(society.device_reports).filter(pl.col("reported_by") == "CRM"),
        "survey_answers": stamped(society.survey_answers),
        "interactions": stamped(society.interactions).filter(pl.col("recorded_by") != "CSS"),
    }
    return {extract.name: as_sent(extract, rows[extract.name]) for extract in CRM.extracts}


def _persons(society: Society) -> pl.DataFrame:
    return stamped(society.persons).with_columns(
        pl.when("knows_age").then("age_band").alias("age_band"),
        pl.when("knows_education").then("education_band").alias("education_band"),
    )


def _households(society: Society) -> pl.DataFrame:
    known = pl.col("known_attributes")
    return stamped(society.households).with_columns(
        pl.when(known.list.contains(name)).then(name).alias(name) for name in _HOUSEHOLD
    )


def _equipment(society: Society) -> pl.DataFrame:
    return (
        stamped(society.equipment)
        .filter("is_known")
        .with_columns(
            pl.when("knows_date").then("installed_date").alias("installed_date"),
            pl.col("rated_kw").cast(pl.Decimal(8, 2)),
        )
    )
