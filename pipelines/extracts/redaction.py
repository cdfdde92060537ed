"""What may be said about a refused row, so that nothing about a person leaves the door by way of a complaint.

In tables with personal columns no refused value is quoted, and a row with several faults, whose values may stand in
wrong columns, is not quoted at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.extracts import Extract
from models.extracts.rules import RowRule
from pipelines.text import printable

VAULT, WITHHELD, IGNORED = "[vault]", "[withheld]", "[ignored]"
_LONGEST_VALUE = 60
_LONGEST_ROW = 1000


@dataclass(frozen=True)
class Fault:
    """A value that its column does not accept.

    Attributes:
        column: The column.
        value: What was sent; None where it is blank.
        allowed: What the column accepts, in words.
    """

    column: str
    value: object
    allowed: str


def reason(extract: Extract, faults: Sequence[Fault]) -> str:
    """Why a row is refused: table, column, what stands there where it may be said, what is allowed."""
    first, *others = faults
    if first.value is None:
        what = "is blank"
    elif extract.personal_columns:
        what = "holds a value that is not shown"
    else:
        what = f'holds "{printable(str(first.value), _LONGEST_VALUE)}"'
    text = f"table {extract.name}, column {first.column} {what}; it must be {first.allowed}"
    if others:
        text += f"; wrong as well: {', '.join(fault.column for fault in others)}"
    return text


def reason_of_rules(extract: Extract, rules: Sequence[RowRule]) -> str:
    """Why a row is refused whose values each column accepts: table, columns and what must hold between them."""
    return f"table {extract.name}: {', and '.join(rule.text for rule in rules)}"


def row_text(extract: Extract, fields: Mapping[str, object], faults: Sequence[Fault]) -> str | None:
    """Text of a refused row that may be kept: personal and unknown columns hidden, None where it may not be trusted.

    Args:
        extract: The contract.
        fields: Texts by column as sent, None where blank.
        faults: What is wrong with the row.
    """
    if extract.personal_columns and len(faults) > 1:
        return None
    faulty = {fault.column for fault in faults} if extract.personal_columns else set()
    shown = (_shown(extract, name, value, name in faulty) for name, value in fields.items())
    return printable(",".join(shown), _LONGEST_ROW)


def _shown(extract: Extract, name: str, value: object, is_withheld: bool) -> str:
    if name in extract.personal_columns:
        return VAULT
    if name not in extract.columns:
        return IGNORED
    if is_withheld and value is not None:
        return WITHHELD
    return "" if value is None else str(value)
