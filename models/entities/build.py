"""All entities that rest on the extracts of outside systems, built together."""

from collections.abc import Mapping

import polars as pl

from models.entities import contacts, customers, devices, edits, meters, supply, weather
from models.entities.histories import latest, standing
from models.extracts import SENDERS
from models.tables import entities as tables
from models.tables.base import Table

HISTORIES = {
    "css_premises": tables.PREMISES,
    "css_service_points": tables.SERVICE_POINTS,
    "crm_persons": tables.PERSONS,
    "crm_consents": tables.CONSENTS,
    "crm_households": tables.HOUSEHOLDS,
}
"""Extracts whose rows become validity periods as they are."""
RECORDS = {
    "crm_survey_answers": tables.SURVEY_ANSWERS,
    "css_bills": tables.BILLS,
    "css_bill_lines": tables.BILL_LINES,
}
"""Extracts whose records become entities as they are."""
DEVICE_REPORTS = ("dms_devices", "css_devices", "crm_devices")


def extract_entities(
    raw: Mapping[str, pl.DataFrame], of_reads: pl.DataFrame, time_zone: str, *, is_synthetic: bool
) -> dict[Table, pl.DataFrame]:
    """Entities out of the extracts' rows, and the meters of reads and extracts together.

    Args:
        raw: Rows of the raw table of every extract by raw name, each with `sent_at_utc` of its file.
        of_reads: Meters known from reads, as `meters_of_reads` returns.
        time_zone: IANA zone of meters without reads.
        is_synthetic: True where the customer system is simulated.

    Returns:
        Rows by table: `entities.meters` and the tables of `CUSTOMER_TABLES`.
    """
    rows = {
        extract.raw_name: standing(extract, raw[extract.raw_name]) for system in SENDERS for extract in system.extracts
    }
    accounts = customers.accounts(rows["css_accounts"])
    registered = supply.installations(rows["css_meters"])
    tenancy = supply.tenancy(registered, rows["css_service_points"])
    premises = customers.history(tables.PREMISES, rows["css_premises"])
    all_meters = meters.meters(
        of_reads,
        registered,
        meters.classes(tenancy, accounts),
        meters.zones(tenancy, premises),
        time_zone,
        is_synthetic=is_synthetic,
    )
    hours = weather.weather(rows["weather_observations"])
    return {
        **{table: customers.history(table, rows[name]) for name, table in HISTORIES.items()},
        **{table: _records(table, rows[name]) for name, table in RECORDS.items()},
        tables.ACCOUNTS: accounts,
        tables.METERS: all_meters,
        tables.METER_INSTALLATIONS: registered,
        tables.METER_OCCUPANCY: supply.occupancy(tenancy, all_meters),
        tables.ACCOUNT_PERSONS: customers.account_persons(rows["crm_account_persons"]),
        tables.ENROLLMENTS: customers.enrollments(rows["css_enrollments"]),
        tables.EQUIPMENT: _latest(tables.EQUIPMENT, rows["crm_equipment"]),
        tables.DEVICES: devices.devices(_device_reports(raw)),
        tables.INTERACTIONS: contacts.interactions(rows["css_interactions"], rows["crm_interactions"]),
        tables.READ_EDITS: edits.read_edits(rows["operations_read_edits"], all_meters),
        tables.WEATHER: hours,
        tables.DAILY_WEATHER: weather.daily_weather(hours, time_zone),
    }


def _device_reports(raw: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Reports that hold, whichever system passed them on: a source may report to several."""
    contract = next(
        extract for system in SENDERS for extract in system.extracts if extract.raw_name == DEVICE_REPORTS[0]
    )
    return standing(contract, pl.concat(raw[name] for name in DEVICE_REPORTS))


def _latest(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    return latest(rows, table.primary_key).select(table.columns.keys())


def _records(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(table.columns.keys()).sort(table.primary_key)
