"""Tables of the entities layer: what reads are about, built from raw by pure functions."""

from models.tables.base import Table
from models.tables.entities.calendar import BUILDS, DATES, DAY_TYPES, INTERVALS, SEASONS
from models.tables.entities.customers import (
    ACCOUNT_PERSONS,
    ACCOUNTS,
    BILL_LINES,
    BILLS,
    CONSENTS,
    DEVICES,
    ENROLLMENTS,
    EQUIPMENT,
    HOUSEHOLDS,
    INTERACTIONS,
    PERSONS,
    PREMISES,
    SURVEY_ANSWERS,
)
from models.tables.entities.edits import READ_EDITS
from models.tables.entities.meters import (
    METER_CHANNELS,
    METER_INSTALLATIONS,
    METER_OCCUPANCY,
    METERS,
    SERVICE_POINTS,
)
from models.tables.entities.programs import PROGRAM_GOALS, PROGRAMS
from models.tables.entities.weather import DAILY_WEATHER, WEATHER

CUSTOMER_TABLES: tuple[Table, ...] = (
    PREMISES,
    ACCOUNTS,
    SERVICE_POINTS,
    METER_INSTALLATIONS,
    METER_OCCUPANCY,
    PERSONS,
    ACCOUNT_PERSONS,
    CONSENTS,
    HOUSEHOLDS,
    EQUIPMENT,
    DEVICES,
    ENROLLMENTS,
    INTERACTIONS,
    SURVEY_ANSWERS,
    BILLS,
    BILL_LINES,
    WEATHER,
    DAILY_WEATHER,
    READ_EDITS,
)
"""Tables that rest on the extracts of outside systems."""

ENTITY_TABLES: tuple[Table, ...] = (
    BUILDS,
    DATES,
    INTERVALS,
    METERS,
    METER_CHANNELS,
    *CUSTOMER_TABLES,
    PROGRAMS,
    PROGRAM_GOALS,
)
"""Every table of the layer that `pipelines.entities` writes."""

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_PERSONS",
    "BILLS",
    "BILL_LINES",
    "BUILDS",
    "CONSENTS",
    "CUSTOMER_TABLES",
    "DAILY_WEATHER",
    "DATES",
    "DAY_TYPES",
    "DEVICES",
    "ENROLLMENTS",
    "ENTITY_TABLES",
    "EQUIPMENT",
    "HOUSEHOLDS",
    "INTERACTIONS",
    "INTERVALS",
    "METERS",
    "METER_CHANNELS",
    "METER_INSTALLATIONS",
    "METER_OCCUPANCY",
    "PERSONS",
    "PREMISES",
    "PROGRAMS",
    "PROGRAM_GOALS",
    "READ_EDITS",
    "SEASONS",
    "SERVICE_POINTS",
    "SURVEY_ANSWERS",
    "WEATHER",
]
