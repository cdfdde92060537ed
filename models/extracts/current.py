"""Which row of an extract holds: the one rule by which later rows replace earlier ones."""

import polars as pl

from models.extracts.base import Extract, RowKind

ORDER = ("changed_at_utc", "sent_at_utc", "file_id", "row_number")
"""Of rows about the same thing and date, the last one in this order holds."""


def subject(extract: Extract) -> tuple[str, ...]:
    """Columns that name what a row is about: the key, and for state the date from which on it holds."""
    return (*extract.key, "effective_date") if extract.kind is RowKind.STATE else extract.key


def current_rows(extract: Extract, rows: pl.DataFrame) -> pl.DataFrame:
    """Tell the rows that hold from those that a later one replaces.

    A row is superseded where another row of the same extract is about the same thing (the key, and for state the
    effective date) and was recorded later; of rows recorded at the same moment, the one in the file sent later holds,
    then the one in the file with the larger id, then the one further down. Any order of the same rows gives the same
    answer.

    Args:
        extract: The contract of the rows.
        rows: Rows of its raw table, with `sent_at_utc` of their file from `raw.files`.

    Returns:
        The rows as given, in the order given, with `is_superseded`.
    """
    about, order = subject(extract), list(ORDER)
    return (
        rows.with_row_index("position_")
        .sort(order)
        .with_columns(is_superseded=~pl.struct(about).is_last_distinct())
        .sort("position_")
        .drop("position_")
    )
