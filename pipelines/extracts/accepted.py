"""What a column of an extract accepts, in words: for refusals, for the contract as shown, for the documentation."""

import dataframely as dy

from models.extracts.base import identifier
from pipelines.extracts.envelope import EARLIEST, LATEST

_IDENTIFIER = identifier("").regex
INTEGER_BITS: dict[type[dy.Column], int] = {dy.Int16: 15, dy.Int32: 31, dy.Int64: 63}
"""Bits of the whole numbers that an extract can hold, without the sign."""
_PATTERNS = {
    _IDENTIFIER: "1 to 40 letters, digits, hyphens, underscores and dots",
    r"^\d{5}$": "five digits",
}


def accepted(column: dy.Column) -> str:
    """What a value of a column must be, as the end of "it must be ...".

    Raises:
        TypeError: Columns of this type cannot be sent in an extract.
    """
    if isinstance(column, dy.Enum):
        return f"one of {', '.join(column.categories)}"
    if isinstance(column, dy.Bool):
        return "true or false"
    if isinstance(column, dy.Date):
        return f"a date from {EARLIEST} to {LATEST} as YYYY-MM-DD"
    if isinstance(column, dy.Datetime):
        return f"an instant in UTC from {EARLIEST} to {LATEST} as YYYY-MM-DDTHH:MM:SSZ"
    if isinstance(column, dy.Decimal):
        whole = int(column.precision or 38) - int(column.scale)
        return f"a number with up to {whole} digits before and {column.scale} behind the point"
    if isinstance(column, dy.String):
        if column.regex is not None:
            return _PATTERNS.get(column.regex, f"text that matches {column.regex}")
        return "text"
    allowed = getattr(column, "is_in", None)
    if allowed is not None:
        return f"one of {', '.join(map(str, allowed))}"
    if type(column) in INTEGER_BITS:
        return f"a whole number {_range(column)}"
    raise TypeError(f"an extract cannot hold a column of type {type(column).__name__}")


def _range(column: dy.Column) -> str:
    bits = INTEGER_BITS[type(column)]
    lowest, highest = getattr(column, "min", None), getattr(column, "max", None)
    return f"from {-(1 << bits) if lowest is None else lowest} to {(1 << bits) - 1 if highest is None else highest}"
