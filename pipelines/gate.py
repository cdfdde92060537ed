"""The gate: Great Expectations over Parquet, pushed down to DuckDB.

Great Expectations 1.24 has no DuckDB source, and its SQL engine closes the connection before it fetches. This module
registers a datasource whose engine keeps one connection open. It is imported inside the checks, because importing the
framework takes seconds.
"""

import builtins
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import great_expectations as gx
from great_expectations.core import ExpectationSuite
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.registry import get_expectation_impl

from models.render import expectations
from models.tables import Table

SHOWN_ROWS = 5


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """An SQL engine that keeps its one connection open."""

    @contextmanager
    def get_connection(self) -> Generator[Any, None, None]:
        """The open connection, made on first use."""
        if not self._connection:
            self._connection = self.engine.connect()
        yield self._connection


class DuckDBDatasource(SQLDatasource):
    """A fluent datasource on DuckDB."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine above."""
        return DuckDBExecutionEngine


@dataclass(frozen=True)
class Breach:
    """One expectation that does not hold.

    Attributes:
        expectation: Its type and the column, for people.
        unexpected_count: Rows that break it; None where the framework gives no count.
        rows: The first offending rows, as key=value text.
    """

    expectation: str
    unexpected_count: int | None
    rows: tuple[str, ...]


def validate(table: Table, files: list[str]) -> tuple[list[Breach], int]:
    """Check Parquet files against the expectations that the registry renders for their table.

    Args:
        table: The declared table.
        files: Parquet files.

    Returns:
        The breaches and the number of expectations checked.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    source = context.data_sources.add_duckdb(name="lake", connection_string="duckdb:///:memory:")
    asset = source.add_query_asset(
        name=table.name, query=f"select * from read_parquet([{listed}], hive_partitioning = false)"
    )
    batch = asset.add_batch_definition_whole_table("whole")
    suite = ExpectationSuite(name=f"{table.layer}.{table.name}")
    for name, arguments in expectations(table):
        suite.add_expectation(get_expectation_impl(name)(**arguments))
    definition = gx.ValidationDefinition(name="gate", data=batch, suite=context.suites.add(suite))
    context.validation_definitions.add(definition)
    result = definition.run(
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": table.primary_key,
            "partial_unexpected_count": SHOWN_ROWS,
            "return_unexpected_index_query": False,
        }
    )
    return [_breach(row, table) for row in result.results if not row.success], len(result.results)


def _breach(row: Any, table: Table) -> Breach:
    config = row.expectation_config
    about = config.kwargs.get("column") or ", ".join(config.kwargs.get("column_list", []))
    found = row.result or {}
    offenders = (found.get("unexpected_index_list") or found.get("partial_unexpected_list") or [])[:SHOWN_ROWS]
    texts = tuple(_row_text(offender, table) for offender in offenders)
    if row.exception_info and row.exception_info.get("exception_message"):
        texts = (str(row.exception_info["exception_message"]),)
    return Breach(f"{config.type}({about})", found.get("unexpected_count"), texts)


def _row_text(offender: Any, table: Table) -> str:
    if isinstance(offender, dict):
        return ", ".join(f"{name}={value}" for name, value in offender.items())
    return str(offender)
