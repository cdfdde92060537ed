"""Bills, lines, costs and recommendations explained: random cells come out exactly, a wrong one is told."""

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.explain.bills import amount
from pipelines.doctor import relocate_views
from pipelines.explain.explanation import ExplainError, WrongQuestionError
from pipelines.home import Home
from pipelines.query import open_marts
from tests.explain.asking import ask, is_exact, rows

KEYS = {
    "fct_bills": (("bill_id",), ("repriced_usd", "billed_usd", "difference_usd")),
    "fct_bill_lines": (("bill_id", "line_origin", "line_number"), ("amount_usd",)),
    "mart_rate_comparison": (
        ("account_id", "option_id", "scenario_id"), ("annual_cost_usd", "current_annual_cost_usd", "saving_usd"),
    ),
    "mart_recommendations": (("account_id", "priority"), ("saving_usd",)),
}  # fmt: skip


def cells(home: Home, table: str, count: int) -> list[tuple[Any, ...]]:
    names = ", ".join(KEYS[table][0])
    with open_marts(home) as con:
        return con.sql(f"select {names} from {table} order by hash(concat_ws('/', {names})) limit {count}").fetchall()


@pytest.mark.parametrize("table", list(KEYS))
def test_random_cells_come_out_exactly(tiny_home: Home, table: str) -> None:
    for key in cells(tiny_home, table, 12):
        for column in KEYS[table][1]:
            assert is_exact(ask(tiny_home, table, *key, column)), (key, column)


def test_a_bill_shows_lines_and_days_and_where_to_ask_on(tiny_home: Home) -> None:
    with open_marts(tiny_home) as con:
        found = con.sql(
            "select bill_id, day_count from fct_bills where repriced_usd > 0 order by all limit 1"
        ).fetchall()
    (bill_id, day_count) = found[0]
    told = ask(tiny_home, "fct_bills", bill_id, "repriced_usd")
    assert rows(told, "repriced_lines")
    assert rows(told, "billed_lines")
    assert len(rows(told, "days")) == day_count
    assert "meterhouse explain fct_account_daily_usage" in str(told.sections[-1].note)


def test_a_published_number_that_is_wrong_is_told(tiny_home: Home, tmp_path: Path) -> None:
    copy = Home(tmp_path / "home")
    shutil.copytree(tiny_home.root, copy.root, symlinks=True)
    relocate_views(copy, None)
    with duckdb.connect(str(copy.marts.resolve())) as con:
        bill_id = con.execute("select min(bill_id) from fct_bill_lines where line_origin = 'repriced'").fetchall()[0][0]
        con.execute(
            "update fct_bill_lines set quantity = quantity + 1 where bill_id = $b and charge_code like 'energy%'",
            {"b": bill_id},
        )
    told = ask(copy, "fct_bills", bill_id, "repriced_usd")
    assert told.recomputed.is_equal is False
    assert "by the intervals" in told.recomputed.sentence


@pytest.mark.parametrize(
    ("words", "error", "sentence"),
    [
        (("fct_bills", "B-NONE", "repriced_usd"), ExplainError, "fct_bills knows no bill_id B-NONE; list them with"),
        (
            ("fct_bill_lines", "B", "billed", "one", "amount_usd"),
            WrongQuestionError,
            '"one" is no line_number; write it',
        ),
        (("fct_bills", "B", "day_count"), WrongQuestionError, "day_count of fct_bills cannot be explained yet"),
        (("mart_recommendations", "A0", "1", "saving_usd"), ExplainError, "knows no account_id A0"),
    ],
)
def test_wrong_questions(tiny_home: Home, words: tuple[str, ...], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error) as refused:
        ask(tiny_home, *words)
    assert sentence in str(refused.value)


def test_halves_go_away_from_zero() -> None:
    assert amount(Decimal("0.5"), Decimal("0.01")) == Decimal("0.01")
    assert amount(Decimal("-0.5"), Decimal("0.01")) == Decimal("-0.01")
