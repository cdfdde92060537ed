"""Premises, accounts and people: what the customer system and the relationship system say, over time."""

import polars as pl

from models.entities.histories import latest, periods
from models.tables.base import Table
from models.tables.entities import ACCOUNT_PERSONS, ACCOUNTS, ENROLLMENTS

VALIDITY = ("valid_from_date", "valid_to_date", "is_current")
ACTIVE = "active"


def history(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Validity periods of a state extract in the columns of its entity table.

    Args:
        table: Entity table whose key is the extract's key and `valid_from_date`.
        rows: Rows that hold, one per key and effective date.
    """
    key = [name for name in table.primary_key if name not in VALIDITY]
    attributes = [name for name in table.columns if name not in (*key, *VALIDITY)]
    return periods(rows, key, attributes).select(table.columns.keys())


def accounts(rows: pl.DataFrame) -> pl.DataFrame:
    """Periods of service of accounts, each with one set of attributes.

    A closed account has no open period: its last one ends on the date of closing, which is `service_end_date`.

    Args:
        rows: Rows of `css_accounts` that hold.

    Returns:
        Rows of `entities.accounts`, sorted by account and date.
    """
    derived = (*VALIDITY, "service_start_date", "service_end_date")
    attributes = [name for name in ACCOUNTS.columns if name not in (*derived, "account_id")]
    return (
        periods(rows, ["account_id"], ["account_status", *attributes])
        .filter(pl.col("account_status").cast(pl.String) == ACTIVE)
        .with_columns(
            service_start_date=pl.col("valid_from_date").min().over("account_id"),
            service_end_date=pl.col("valid_to_date").last().over("account_id"),
        )
        .select(ACCOUNTS.columns.keys())
    )


def account_persons(rows: pl.DataFrame) -> pl.DataFrame:
    """When who belonged to which account, as the latest row about each beginning says.

    A membership that begins anew ends the one before it, should that one still be open.

    Args:
        rows: Rows of `crm_account_persons` that hold.

    Returns:
        Rows of `entities.account_persons`, sorted by key; a membership that ended before it began is left out.
    """
    key = ["account_id", "person_id", "role"]
    next_start = pl.col("start_date").shift(-1).over(key)
    return (
        latest(rows, [*key, "start_date"])
        .with_columns(valid_to_date=pl.min_horizontal("end_date", next_start))
        .filter(pl.col("valid_to_date").is_null() | (pl.col("valid_to_date") > pl.col("start_date")))
        .with_columns(is_current=pl.col("valid_to_date").is_null())
        .rename({"start_date": "valid_from_date"})
        .select(ACCOUNT_PERSONS.columns.keys())
    )


def enrollments(rows: pl.DataFrame) -> pl.DataFrame:
    """Enrolments with their latest status.

    Args:
        rows: Rows of `css_enrollments` that hold.

    Returns:
        Rows of `entities.enrollments`, sorted by enrolment. `status_since_date` is the effective date from which on the
        status has not changed.
    """
    key = ["enrollment_id"]
    since = periods(rows, key, ["enrollment_status"]).filter("is_current")
    return (
        latest(rows, key)
        .join(since.select(*key, status_since_date="valid_from_date"), on=key)
        .select(ENROLLMENTS.columns.keys())
        .sort(key)
    )
