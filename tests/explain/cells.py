"""Cells of a published home that can be explained."""

from dataclasses import dataclass
from random import Random
from typing import Any

from pipelines.explain.registry import EXPLAINERS
from pipelines.home import Home
from pipelines.query import open_marts

Cell = tuple[Any, ...]
"""Table, key, column, as they are asked for."""
_PER_TABLE = 400
# What is rare and must not be missed: repaired meter-days, and accounts with several meters.
_SPECIAL = {
    "fct_daily_usage": "estimated_interval_count > 0 or interval_count < expected_interval_count",
    "fct_account_daily_usage": "meter_count > 1",
    "fct_account_monthly_usage": "estimated_interval_count > 0",
    "fct_monthly_usage": "estimated_interval_count > 0",
    "fct_interval_usage": "estimate_method is not null",
}


@dataclass(frozen=True)
class Choice:
    """Rows of one table that cells are drawn from, and its columns."""

    table: str
    keys: list[tuple[Any, ...]]
    columns: list[str]


def choices(home: Home) -> list[Choice]:
    """Rows of every explained table, at random by a fixed seed; half of them rare ones where there are such."""
    found = []
    with open_marts(home) as con:
        for table, explainer in EXPLAINERS.items():
            names = con.execute(
                "select column_name from duckdb_columns() where table_name = ? and not internal", [table]
            ).fetchall()
            columns = [column for column in explainer.columns if (column,) in names]
            keys = ", ".join(explainer.keys)
            for condition in {"true", _SPECIAL.get(table, "true")}:
                rows = con.execute(
                    f"select {keys} from {table} where {condition} "
                    f"order by hash({keys.replace(', ', ' || ')}), {keys} limit {_PER_TABLE}"
                ).fetchall()
                if rows:
                    found.append(Choice(table, sorted(rows), columns))
    return sorted(found, key=lambda choice: (choice.table, choice.keys))


def random_cells(home: Home, count: int, seed: int) -> list[Cell]:
    """Cells at random, the same for the same home and seed."""
    random, drawn_from = Random(seed), choices(home)
    drawn = []
    for number in range(count):
        choice = drawn_from[number % len(drawn_from)]
        drawn.append((choice.table, *random.choice(choice.keys), random.choice(choice.columns)))
    return drawn
