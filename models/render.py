"""Renders the table registry into the other forms that need it: expectations, dbt sources, the data dictionary.

Text and plain data only; who writes a file or talks to a framework is elsewhere.
"""

from collections.abc import Iterable
from typing import Any

import dataframely as dy

from models.tables.base import Table, unit_of

GENERATED = "generated from models/tables by `make docs`; do not edit"

Expectation = tuple[str, dict[str, Any]]


def expectations(table: Table) -> list[Expectation]:
    """Great Expectations of a table as (expectation type, arguments), from types, keys, ranges and code lists."""
    result: list[Expectation] = [
        ("expect_table_columns_to_match_ordered_list", {"column_list": list(table.columns)}),
    ]
    if len(table.primary_key) > 1:
        result.append(("expect_compound_columns_to_be_unique", {"column_list": table.primary_key}))
    else:
        result.append(("expect_column_values_to_be_unique", {"column": table.primary_key[0]}))
    for name, column in table.columns.items():
        if not column.nullable:
            result.append(("expect_column_values_to_not_be_null", {"column": name}))
        if isinstance(column, dy.Enum):
            result.append(("expect_column_values_to_be_in_set", {"column": name, "value_set": list(column.categories)}))
        is_in = getattr(column, "is_in", None)
        if is_in is not None:
            result.append(("expect_column_values_to_be_in_set", {"column": name, "value_set": list(is_in)}))
        minimum = getattr(column, "min", None)
        maximum = getattr(column, "max", None)
        if minimum is not None or maximum is not None:
            bounds = {"column": name, "min_value": minimum, "max_value": maximum}
            result.append(("expect_column_values_to_be_between", bounds))
        regex = getattr(column, "regex", None)
        if regex is not None:
            result.append(("expect_column_values_to_match_regex", {"column": name, "regex": regex}))
    return result


def dbt_sources(tables: Iterable[Table]) -> dict[str, Any]:
    """Content of the dbt sources file: a source per layer, a table per declared table."""
    layers: dict[str, list[dict[str, Any]]] = {}
    for table in tables:
        types = table.sql_types()
        columns = [
            {"name": name, "description": described(column), "data_type": types[name]}
            for name, column in table.columns.items()
        ]
        layers.setdefault(table.layer, []).append(
            {"name": table.name, "description": _sentence(table.grain), "columns": columns}
        )
    location = "read_parquet('lake/{schema}/{name}/**/*.parquet')"
    return {
        "version": 2,
        "sources": [
            {
                "name": layer,
                "schema": layer,
                "description": f"Python-built tables of the {layer} layer.",
                "config": {"meta": {"external_location": location.replace("{schema}", layer)}},
                "tables": rows,
            }
            for layer, rows in layers.items()
        ],
    }


def dictionary_section(table: Table) -> str:
    """Markdown section of the data dictionary for a Python-built table."""
    types = table.sql_types()
    rows = (
        (name, types[name], unit_of(column), key_mark(column), column.description or "")
        for name, column in table.columns.items()
    )
    return "\n".join([f"### {table.layer}.{table.name}", "", _sentence(table.grain), "", *column_table(rows), ""])


def column_table(rows: Iterable[tuple[str, str, str, str, str]]) -> list[str]:
    """Markdown table of columns: name, type, unit, key, description."""
    lines = ["| column | type | unit | key | description |", "|---|---|---|---|---|"]
    return lines + [f"| `{name}` | {kind} | {unit} | {key} | {text} |" for name, kind, unit, key, text in rows]


def key_mark(column: dy.Column) -> str:
    """`key` for a key column, `null` for one that may be unknown, else nothing."""
    return "key" if column.primary_key else "null" if column.nullable else ""


def described(column: dy.Column) -> str:
    """Description of a column with its unit."""
    unit = unit_of(column)
    return f"{column.description} [{unit}]" if unit else str(column.description)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
