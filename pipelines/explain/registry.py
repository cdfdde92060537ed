"""Which published numbers can be explained, and by whom.

A capability that publishes further figures writes an `Explainer` for their table and adds it to `EXPLAINERS`.
"""

from collections.abc import Mapping
from typing import Any

from pipelines.explain import keys
from pipelines.explain.bills import BILL_EXPLAINERS
from pipelines.explain.explainer import Explainer, Question
from pipelines.explain.explanation import ExplainError, Explanation, WrongQuestionError
from pipelines.explain.options import OPTION_EXPLAINERS
from pipelines.explain.published import Published, open_published
from pipelines.explain.usage import USAGE_EXPLAINERS
from pipelines.home import Home
from pipelines.text import printable

_MOST_SHOWN = 60

EXPLAINERS: Mapping[str, Explainer] = {
    explainer.table: explainer for explainer in (*USAGE_EXPLAINERS, *BILL_EXPLAINERS, *OPTION_EXPLAINERS)
}


def explain(home: Home, table: str, words: list[str]) -> Explanation:
    """Where a published number comes from.

    Args:
        home: Home folder.
        table: Published table.
        words: The key of a row in the order of its columns, then the column to be explained.

    Raises:
        WrongQuestionError: There is no explainer, or the words are no key and column.
        ExplainError: There is no such row, or the evidence cannot be read.
        QueryError: Nothing is published.
    """
    explainer, key, column = _understood(table, words)
    with open_published(home) as published:
        present = {row["column_name"] for row in published.rows(_COLUMNS, {"table": table})}
        if column not in present:
            raise ExplainError(f"{table} has no column {column} in this build; run `meterhouse run` to publish anew")
        row = _row(published, explainer, key)
        return explainer.explain(published, Question(explainer, key, column, row))


_COLUMNS = "select column_name from duckdb_columns() where table_name = $table and not internal"


def _understood(table: str, words: list[str]) -> tuple[Explainer, dict[str, Any], str]:
    if table not in EXPLAINERS:
        known = "; ".join(f"{name} ({', '.join(explainer.columns)})" for name, explainer in EXPLAINERS.items())
        raise WrongQuestionError(f"{_shown(table)} cannot be explained yet; what can: {known}")
    explainer = EXPLAINERS[table]
    names = " ".join(name.upper() for name in explainer.keys)
    if len(words) != len(explainer.keys) + 1:
        raise WrongQuestionError(
            f"{table} is asked for by {len(explainer.keys) + 1} words, not {len(words)}: "
            f"meterhouse explain {table} {names} COLUMN"
        )
    *texts, column = words
    if column not in explainer.columns:
        raise WrongQuestionError(
            f"{_shown(column)} of {table} cannot be explained yet; what can, after {names}: "
            f"{', '.join(explainer.columns)}"
        )
    return explainer, keys.parse(explainer.keys, texts), column


def _row(published: Published, explainer: Explainer, key: Mapping[str, Any]) -> dict[str, Any]:
    conditions = " and ".join(f"{name} = ${name}" for name in key)
    rows = published.rows(f"select * from {explainer.table} where {conditions}", key)
    if rows:
        return rows[0]
    (first, value), *rest = list(key.items())
    if not rest:
        raise ExplainError(
            f"{explainer.table} knows no {first} {_shown(str(value))}; list them with "
            f'`meterhouse query "select {first} from {explainer.table}"`'
        )
    second, wanted = rest[0]
    span = published.rows(
        f"select min({second}) as earliest, max({second}) as latest from {explainer.table} where {first} = $value",
        {"value": value},
    )[0]
    if span["earliest"] is None:
        raise ExplainError(
            f"{explainer.table} knows no {first} {_shown(value)}; list them with "
            f'`meterhouse query "select distinct {first} from {explainer.table}"`'
        )
    raise ExplainError(
        f"{explainer.table} has no row of {first} {value} for {second} {wanted}; its rows go from "
        f"{span['earliest']} to {span['latest']}"
    )


def _shown(text: str) -> str:
    return printable(text, _MOST_SHOWN) or '""'
