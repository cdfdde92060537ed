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

from models.render import Expectation, expectations
from models.tables import Table

SHOWN_ROWS = 5
UNIQUE_KEY = "expect_compound_columns_to_be_unique"


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
    source = context.data_sources.add_duckdb(name="lake", connection_string="duckdb:///:memory:")
    batch = _batch(source, table.name, _rows(files))
    wanted = expectations(table)
    others = [expectation for expectation in wanted if expectation[0] != UNIQUE_KEY]
    configs = [row.expectation_config for row in _results(context, batch, others) if not row.success]
    failed = {(config.type, config.kwargs.get("column")) for config in configs}
    broken = [(name, arguments) for name, arguments in others if (name, arguments.get("column")) in failed]
    if len(others) < len(wanted) and not _is_unique(context, source, table, files):
        broken += [expectation for expectation in wanted if expectation[0] == UNIQUE_KEY]
    # Finding the offending rows costs queries for each expectation, so it is done for those that do not hold.
    return [_breach(row, table) for row in _results(context, batch, broken, table)], len(wanted)


def _batch(source: Any, name: str, query: str) -> Any:
    return source.add_query_asset(name=name, query=query).add_batch_definition_whole_table("whole")


def _is_unique(context: Any, source: Any, table: Table, files: list[str]) -> bool:
    """Whether no key occurs twice; aggregates, since the framework's own window over all rows takes much longer.

    Files whose rows rise strictly along the key are proved by one pass and by the spans of their keys, at a fraction of
    the time of counting every key.
    """

    def holds(name: str, query: str) -> bool:
        (result,) = _results(context, _batch(source, name, query), [("expect_table_row_count_to_equal", {"value": 0})])
        return bool(result.success)

    is_in_order = len(table.primary_key) == 2 and all(
        holds(f"keys in order {number}", _fallen([file], table)) for number, file in enumerate(files)
    )
    if is_in_order and holds("spans of keys", _overlapping(files, table)):
        return True
    keys = ", ".join(table.primary_key)
    repeated = f"select {keys} from ({_rows(files)}) group by {keys} having count(*) > 1"
    return holds("repeated keys", repeated)


def _fallen(files: list[str], table: Table) -> str:
    """Rows of a file whose key does not rise."""
    keys = ", ".join(table.primary_key)
    compared = f"select ({keys}) <= lag(({keys})) over () as is_fallen from ({_rows(files)})"
    return f"select is_fallen from ({compared}) where is_fallen"


def _overlapping(files: list[str], table: Table) -> str:
    """Pairs of files that hold the same first part of the key with overlapping second parts."""
    first, second = table.primary_key
    spans = " union all ".join(
        f"select {n} as file_no, {first}, min({second}) as low, max({second}) as high from ({_rows([file])}) group by 2"
        for n, file in enumerate(files)
    )
    return (
        f"select a.{first} from (with spans as ({spans}) select a.{first} from spans as a inner join spans as b "
        f"on a.{first} = b.{first} and a.file_no < b.file_no and a.low <= b.high and b.low <= a.high) as a"
    )


def _rows(files: list[str]) -> str:
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"select * from read_parquet([{listed}], hive_partitioning = false)"


def _results(context: Any, batch: Any, wanted: list[Expectation], table: Table | None = None) -> list[Any]:
    """Results of expectations; with the offending rows of a table where one is given."""
    if not wanted:
        return []
    suite = ExpectationSuite(name=f"suite {len(list(context.suites.all()))}")
    for name, arguments in wanted:
        suite.add_expectation(get_expectation_impl(name)(**arguments))
    definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=context.suites.add(suite))
    context.validation_definitions.add(definition)
    result_format: dict[str, Any] = {"result_format": "BOOLEAN_ONLY"}
    if table is not None:
        result_format = {
            "result_format": "COMPLETE",
            "unexpected_index_column_names": table.primary_key,
            "partial_unexpected_count": SHOWN_ROWS,
            "return_unexpected_index_query": False,
        }
    return list(definition.run(result_format=result_format).results)


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
