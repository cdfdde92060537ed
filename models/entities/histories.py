"""Rows of extracts into validity periods, latest states and records that hold."""

from collections.abc import Sequence

import polars as pl

from models.extracts import Extract
from models.extracts.current import current_rows


def standing(extract: Extract, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of an extract that hold.

    Args:
        extract: The contract of the rows.
        rows: Rows of its raw table, with `sent_at_utc` of their file.

    Returns:
        Rows that no later one replaces: one per key, and for state per key and effective date.
    """
    return current_rows(extract, rows).filter(~pl.col("is_superseded")).drop("is_superseded")


def periods(rows: pl.DataFrame, key: Sequence[str], attributes: Sequence[str]) -> pl.DataFrame:
    """Validity periods of states: each holds until the next one of the same key that differs.

    Args:
        rows: One row per key and `effective_date`.
        key: Columns that name the thing.
        attributes: Columns whose change begins a new period.

    Returns:
        Key, attributes, `valid_from_date`, `valid_to_date` (exclusive, null while open) and `is_current`, sorted by key
        and date.
    """
    is_first = pl.int_range(pl.len()).over(key) == 0
    differs = [pl.col(name).ne_missing(pl.col(name).shift(1).over(key)) for name in attributes]
    return (
        rows.sort(*key, "effective_date")
        .filter(pl.any_horizontal(is_first, *differs))
        .select(*key, *attributes, valid_from_date="effective_date")
        .with_columns(valid_to_date=pl.col("valid_from_date").shift(-1).over(key))
        .with_columns(is_current=pl.col("valid_to_date").is_null())
    )


def latest(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The state of each key that begins last.

    Args:
        rows: One row per key and `effective_date`.
        key: Columns that name the thing.

    Returns:
        The rows, sorted by key.
    """
    return rows.sort(*key, "effective_date").group_by(key, maintain_order=True).last()
