"""What must hold between the columns of one row, beyond what each column accepts by itself.

Declared with the contract, told by `meterhouse contract show`, and enforced row by row when a file is taken in. Whether
a key names something that another system knows is no rule: that system may send later.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl


@dataclass(frozen=True)
class RowRule:
    """One rule; it holds where a blank column leaves it open.

    Attributes:
        columns: Columns that it is about.
        text: What must hold, in words that name them and quote no value.
        holds: Boolean expression over a row's columns in the contract's types, codes being text; null holds.
    """

    columns: tuple[str, ...]
    text: str
    holds: pl.Expr = field(compare=False)


def in_order(earlier: str, later: str) -> RowRule:
    """A date or instant may be equal to another, and not before it."""
    return RowRule((earlier, later), f"{later} must not lie before {earlier}", pl.col(later) >= pl.col(earlier))


def after(earlier: str, later: str) -> RowRule:
    """A date or instant lies after another."""
    return RowRule((earlier, later), f"{later} must lie after {earlier}", pl.col(later) > pl.col(earlier))


def distinct(first: str, second: str) -> RowRule:
    """Two keys name different things."""
    return RowRule((first, second), f"{second} must name another than {first}", pl.col(first) != pl.col(second))


def given_where(column: str, code_column: str, code: str) -> RowRule:
    """A column is not blank where another holds a code."""
    holds = (pl.col(code_column) != code) | pl.col(column).is_not_null()
    return RowRule((code_column, column), f"{column} must be given where {code_column} is {code}", holds)


def lasting_where(first_date: str, until_utc: str, code_column: str, code: str) -> RowRule:
    """Where a column holds a code, an instant does not lie before a local date in any time zone."""
    ends_before = pl.col(until_utc).dt.date() < pl.col(first_date) - timedelta(days=1)
    text = f"{until_utc} must not lie before {first_date} where {code_column} is {code}"
    return RowRule((code_column, first_date, until_utc), text, (pl.col(code_column) != code) | ~ends_before)


def any_given(*columns: str) -> RowRule:
    """One of the columns at least is not blank."""
    holds = pl.any_horizontal(pl.col(column).is_not_null() for column in columns)
    return RowRule(columns, f"{' or '.join(columns)} must be given", holds)


def whole_hour(column: str) -> RowRule:
    """An instant is the start of an hour."""
    holds = pl.col(column).dt.truncate("1h") == pl.col(column)
    return RowRule((column,), f"{column} must be the start of an hour", holds)
