"""Bills, options and recommendations as they are published: sums, eligibility, and the same numbers by every way."""

import json
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.home import Home
from pipelines.query import open_marts

SHARES = {
    "reduce_10": ("--reduce", "0.1"),
    "reduce_on_peak_10": ("--reduce-peak", "0.1"),
    "shift_on_peak_20": ("--shift-peak", "0.2"),
    "participate_typical": ("--participate", "typical"),
    "add_ev": ("--scenario", "add_ev"),
    "as_is": (),
}


def rows(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with open_marts(home) as con:
        return con.sql(sql).fetchall()


def answer(home: Home, monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, Any]:
    monkeypatch.setenv("METERHOUSE_HOME", str(home.root))
    result = CliRunner().invoke(app, ["rates", *words, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_lines_add_up_to_their_bill(tiny_home: Home) -> None:
    wrong = rows(
        tiny_home,
        """
        select bill_id, line_origin
        from (select bill_id, line_origin, sum(amount_usd) as usd from fct_bill_lines group by all) as lines
        join fct_bills using (bill_id)
        where usd <> case line_origin when 'billed' then billed_usd else repriced_usd end
        """,
    )
    assert wrong == []
    assert rows(tiny_home, "select count(*) from fct_bills where repriced_usd is not null")[0][0] > 100


def test_every_difference_has_a_reason_and_no_other_bill_has(tiny_home: Home) -> None:
    differs = "difference_usd is null or difference_usd <> 0"
    assert rows(tiny_home, f"select count(*) from fct_bills where ({differs}) <> (reason_code is not null)") == [(0,)]
    assert rows(tiny_home, "select count(*) from fct_bills where reason_code = 'unexplained'") == [(0,)]


def test_cells_are_the_energy_of_bills(tiny_home: Home) -> None:
    wrong = rows(
        tiny_home,
        """
        select bill_id from fct_bills
        join (
            select account_id, bill_start_date, sum(delivered_kwh) as cell_kwh from fct_usage_cells group by all
        ) using (account_id, bill_start_date)
        where reason_code is distinct from 'replaced' and cell_kwh <> delivered_kwh
        """,
    )
    assert wrong == []


def test_causes_add_up_to_the_difference_of_two_bills(tiny_home: Home) -> None:
    sums = rows(
        tiny_home,
        """
        select sum(amount_usd) - any_value(billed_usd - earlier_billed_usd), count(*) from mart_bill_changes
        where reason_code is null group by bill_id, comparison_code
        """,
    )
    assert len(sums) > 50
    assert {(difference, count) for difference, count in sums} == {(Decimal(0), 5)}


def test_recommended_options_are_eligible_and_have_a_cost(tiny_home: Home) -> None:
    wrong = "select 1 from mart_recommendations r join mart_rate_comparison c using (account_id, option_id) " \
            "where not c.is_eligible or c.annual_cost_usd is null"  # fmt: skip
    assert rows(tiny_home, wrong) == []
    served = rows(tiny_home, "select count(*) from mart_comparison_accounts")[0][0]
    assert rows(tiny_home, "select count(distinct account_id) from mart_recommendations") == [(served,)]
    assert rows(tiny_home, "select count(*) from mart_recommendations where priority = 1") == [(served,)]


def test_income_is_asked_for_not_assumed(tiny_home: Home) -> None:
    codes = rows(
        tiny_home,
        "select distinct c.eligibility_code from mart_rate_comparison as c join dim_options using (option_id) "
        "where discount_code is not null",
    )
    assert ("eligible",) not in codes
    asked = (
        "select count(*) from mart_rate_comparison where reason_code = 'income' and eligibility_code = 'needs_answer'"
    )
    assert rows(tiny_home, asked)[0][0] > 100


def test_ranks_are_those_of_costs(tiny_home: Home) -> None:
    wrong = rows(
        tiny_home,
        """
        select a.account_id from mart_rate_comparison as a join mart_rate_comparison as b
        using (account_id, scenario_id) where a.rank < b.rank and a.annual_cost_usd > b.annual_cost_usd
        """,
    )
    assert wrong == []


def test_a_short_history_is_provisional_and_says_so(tiny_home: Home) -> None:
    codes = dict(rows(tiny_home, "select comparability_code, count(*) from mart_comparison_accounts group by all"))
    assert codes["provisional"] > 20
    told = rows(
        tiny_home, "select distinct explanation like '%Provisional%' from mart_recommendations where is_provisional"
    )
    assert told == [(True,)]


@pytest.mark.parametrize("scenario_id", list(SHARES))
def test_the_answer_for_an_account_has_the_numbers_of_the_marts(
    tiny_home: Home, monkeypatch: pytest.MonkeyPatch, scenario_id: str
) -> None:
    accounts = rows(
        tiny_home,
        "select account_id from mart_comparison_accounts where is_comparable order by hash(account_id) limit 6",
    )
    for (account_id,) in accounts:
        found = answer(tiny_home, monkeypatch, account_id, *SHARES[scenario_id])
        published = {
            row[0]: row[1:]
            for row in rows(
                tiny_home,
                "select option_id, annual_cost_usd, saving_usd, highest_month_usd, annual_delivered_kwh, "
                "eligibility_code from mart_rate_comparison "
                f"where account_id = '{account_id}' and scenario_id = '{scenario_id}'",
            )
        }
        told = {
            option["option_id"]: (
                *(
                    None if option[name] is None else Decimal(option[name])
                    for name in ("annual_cost_usd", "saving_usd", "highest_month_usd", "annual_delivered_kwh")
                ),
                option["eligibility_code"],
            )
            for option in found["options"]
        }
        assert told == published


def test_behaviours_can_be_joined_and_read_from_a_file(
    tiny_home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    account_id = rows(tiny_home, "select min(account_id) from mart_comparison_accounts where is_comparable")[0][0]
    joined = answer(tiny_home, monkeypatch, account_id, "--reduce", "0.1", "--shift-peak", "0.2")
    file = tmp_path / "mine.yml"
    file.write_text(
        "scenarios:\n"
        "  - {scenario_id: less, scenario_name: Less, kind: reduce, ratio: '0.1'}\n"
        "  - {scenario_id: later, scenario_name: Later, kind: shift_on_peak, ratio: '0.2'}\n"
        "  - {scenario_id: both, scenario_name: Both, kind: combined, scenario_ids: [less, later]}\n"
    )
    told = answer(tiny_home, monkeypatch, account_id, "--scenario", str(file))
    costs = [[option["annual_cost_usd"] for option in found["options"]] for found in (joined, told)]
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("NOBODY",), "there is no account NOBODY"),
        (("A1", "--reduce", "1.5"), "--reduce is a share from 0 to 1, not 1.5"),
        (("A1", "--participate", "much"), "--participate is low, typical or high, not much"),
        (("A1", "--scenario", "nap"), "there is neither a behaviour nor a file nap"),
    ],
)
def test_wrong_questions_are_answered_in_a_sentence(
    tiny_home: Home, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.setenv("METERHOUSE_HOME", str(tiny_home.root))
    result = CliRunner().invoke(app, ["rates", *words])
    assert result.exit_code in (1, 2)
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_an_ended_account_says_when_it_ended(tiny_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = rows(tiny_home, "select account_id from dim_accounts where service_end_date is not null limit 1")[0][0]
    monkeypatch.setenv("METERHOUSE_HOME", str(tiny_home.root))
    result = CliRunner().invoke(app, ["rates", ended])
    assert result.exit_code == 1
    assert "is not served any more; its service ended on" in result.output
