"""The published generation that is explained, and the lake behind it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines import lake
from pipelines.explain.explanation import ExplainError
from pipelines.home import Home
from pipelines.query import open_marts


@dataclass(frozen=True)
class Published:
    """One published generation and the lake, open for reading.

    Attributes:
        home: Home folder.
        generation: The generation's folder, whose own lake files are those that its views read.
        marts: Connection to its marts.
        lake: Connection in which files are read.
    """

    home: Home
    generation: Home
    marts: duckdb.DuckDBPyConnection
    lake: duckdb.DuckDBPyConnection

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of a query on the marts."""
        return records(self.marts, sql, parameters)


@contextmanager
def open_published(home: Home) -> Iterator[Published]:
    """The present generation.

    Raises:
        QueryError: Nothing is published.
        ExplainError: Files are not where they should be.
    """
    with open_marts(home) as marts, lake.connect(home) as con:
        try:
            yield Published(home, Home(home.current.resolve()), marts, con)
        except duckdb.IOException as error:
            raise ExplainError(
                f"{str(error).strip().splitlines()[0]}; ask again when the present run has ended, and after moving or "
                "copying a home run `meterhouse doctor --relocate`"
            ) from None


def records(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Rows of a query by column name."""
    result = con.execute(sql, parameters)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
