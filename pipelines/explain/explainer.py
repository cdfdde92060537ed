"""What an explainer is: a table, its key, the columns that it explains, and the function that does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.explain.explanation import Explanation
from pipelines.explain.keys import Kind
from pipelines.explain.published import Published


@dataclass(frozen=True)
class Explainer:
    """An explainer of one published table.

    Attributes:
        table: Published table.
        keys: Its key: columns in the order in which they are asked for, with their kind.
        columns: Columns that are explained.
        explain: Gives the explanation of a cell.
    """

    table: str
    keys: Mapping[str, Kind]
    columns: tuple[str, ...]
    explain: Callable[[Published, "Question"], Explanation]


@dataclass(frozen=True)
class Question:
    """A cell that is asked for.

    Attributes:
        explainer: Explainer of its table.
        key: Key of its row, by column.
        column: Column.
        row: The published row.
    """

    explainer: Explainer
    key: Mapping[str, Any]
    column: str
    row: Mapping[str, Any]
