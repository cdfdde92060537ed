"""What an explanation holds, whatever it explains, and how it becomes a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]


class ExplainError(RuntimeError):
    """A number that cannot be explained; the message says why and what to do."""


class WrongQuestionError(ExplainError):
    """A table, key or column that cannot be asked for; the message says what can."""


@dataclass(frozen=True)
class Section:
    """One table of evidence.

    Attributes:
        code: Its name in the document.
        title: Its name for people.
        rows: All rows, by column name.
        shown: Rows for people where these are others, else None.
        note: A sentence below the rows.
    """

    code: str
    title: str
    rows: Sequence[Row]
    shown: Sequence[Row] | None = None
    note: str | None = None


@dataclass(frozen=True)
class Recomputation:
    """The number computed once more.

    Attributes:
        value: What came out, None where it is unknown.
        is_equal: Whether it is the published one exactly; None where some of it could not be recomputed.
        sentence: The outcome in one sentence.
        problems: A sentence for each value that could not be recomputed or came out otherwise.
    """

    value: Decimal | int | None
    is_equal: bool | None
    sentence: str
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Explanation:
    """A published number, how it is computed, the evidence, and the number computed once more.

    Attributes:
        table: Published table.
        column: Column that is explained.
        keys: Key of the row, by column.
        value: The published number, None where it is unknown.
        unit: Its unit.
        build: The build that published it, a row of `meta_build`.
        formula: How it is computed.
        sections: The evidence.
        recomputed: The number computed once more.
        notes: Sentences about what stands in the way of understanding it.
    """

    table: str
    column: str
    keys: Mapping[str, Any]
    value: Decimal | int | None
    unit: str
    build: Row
    formula: str
    sections: Sequence[Section]
    recomputed: Recomputation
    notes: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """Everything as JSON takes it: decimals as text, instants in UTC with a Z."""
        return {
            "table": self.table,
            "column": self.column,
            "keys": _plain(self.keys),
            "value": _plain(self.value),
            "unit": self.unit,
            "build": _plain(self.build),
            "formula": self.formula,
            "notes": list(self.notes),
            **{section.code: _plain(section.rows) for section in self.sections},
            "recomputed": {
                "value": _plain(self.recomputed.value),
                "is_equal": self.recomputed.is_equal,
                "sentence": self.recomputed.sentence,
                "problems": list(self.recomputed.problems),
            },
        }


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat() + ("Z" if value.tzinfo is None else "")
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return value
