"""Questions that cannot be answered: one sentence, the right exit code, and what to ask instead."""

import json
from datetime import date

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.explain.registry import EXPLAINERS
from pipelines.home import Home
from pipelines.query import open_marts

DAY = ("fct_daily_usage", "M1", "2025-11-03")
USAGE, FAILED = 2, 1


@pytest.fixture
def named(streets: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("METERHOUSE_HOME", str(streets.root))
    return streets


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("fct_dayly_usage", "M1", "2025-11-03", "delivered_kwh"), USAGE, "fct_dayly_usage cannot be explained yet"),
        (("dim_meters", "M1", "time_zone"), USAGE, "fct_daily_usage (delivered_kwh, received_kwh"),
        (("'; drop table x; --", "M1", "x"), USAGE, "cannot be explained yet"),
        ((*DAY, "delivered_wh"), USAGE, "what can, after METER_ID USAGE_DATE: delivered_kwh"),
        ((*DAY, ""), USAGE, '"" of fct_daily_usage cannot be explained yet'),
        (("fct_daily_usage", "M1", "delivered_kwh"), USAGE, "explain fct_daily_usage METER_ID USAGE_DATE COLUMN"),
        ((*DAY, "peak_kw", "delivered_kwh"), USAGE, "asked for by 3 words, not 4"),
        (("fct_daily_usage", "M1", "3.11.2025", "peak_kw"), USAGE, '"3.11.2025" is no usage_date; write it as 2026'),
        (("fct_daily_usage", "M1", "2025-02-30", "peak_kw"), USAGE, '"2025-02-30" is no usage_date'),
        (("fct_daily_usage", " ", "2025-11-03", "peak_kw"), USAGE, '" " is no meter_id'),
        (("fct_daily_usage", "M\x1b[31m1", "2025-11-03", "peak_kw"), USAGE, '"M?[31m1" is no meter_id'),
        (("fct_account_monthly_usage", "A1", "2025-13", "peak_kw"), USAGE, '"2025-13" is no usage_month'),
        (("fct_interval_usage", "M1", "noon", "avg_kw"), USAGE, '"noon" is no interval_start_utc'),
        (("fct_interval_usage", "M1", "0001-01-01T00:00+23:00", "avg_kw"), USAGE, "is no interval_start_utc"),
        (("fct_daily_usage", "M1' or '1'='1", "2025-11-03", "peak_kw"), FAILED, "knows no meter_id M1' or '1'='1"),
        (("fct_daily_usage", "M1", "2031-01-01", "peak_kw"), FAILED, "its rows go from 2025-10-29 to 2025-11-05"),
        (("fct_interval_usage", "M1", "2025-11-03T08:07Z", "avg_kw"), FAILED, "has no row of meter_id M1"),
        (("fct_account_daily_usage", "A1", "2025-11-05", "peak_kw"), FAILED, "go from 2025-10-29 to 2025-10-30"),
    ],
)
def test_a_wrong_question_gets_one_sentence(named: Home, words: tuple[str, ...], code: int, sentence: str) -> None:
    result = CliRunner().invoke(app, ["explain", *words])
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("meterhouse: ")
    assert sentence in result.stderr


def test_a_column_that_the_build_lacks_is_told(copy_of_streets: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERHOUSE_HOME", str(copy_of_streets.root))
    with duckdb.connect(str(copy_of_streets.marts.resolve())) as con:
        con.execute("alter table fct_daily_usage drop column peak_kw")
    result = CliRunner().invoke(app, ["explain", *DAY, "peak_kw"])
    assert (result.exit_code, "has no column peak_kw in this build" in result.stderr) == (FAILED, True)


def test_files_that_are_gone_are_told(copy_of_streets: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERHOUSE_HOME", str(copy_of_streets.root))
    (copy_of_streets.lake / "vee" / "failures" / "_empty.parquet").unlink()
    result = CliRunner().invoke(app, ["explain", *DAY, "peak_kw"])
    assert (result.exit_code, "ask again when the present run has ended" in result.stderr) == (FAILED, True)


def test_a_home_without_marts_says_how_to_make_them(home: Home) -> None:
    result = CliRunner().invoke(app, ["explain", *DAY, "peak_kw"])
    assert (result.exit_code, "has no published marts" in result.stderr) == (FAILED, True)


def test_the_verb_prints_text_and_json(named: Home) -> None:
    text = CliRunner().invoke(app, ["explain", *DAY, "delivered_kwh"])
    assert text.exit_code == 0, text.output
    with open_marts(named) as con:
        (kwh,) = con.execute(
            "select delivered_kwh from fct_daily_usage where meter_id = 'M1' and usage_date = '2025-11-03'"
        ).fetchall()[0]
    lines = text.stdout.splitlines()
    assert lines[:2] == ["fct_daily_usage · meter_id M1 · usage_date 2025-11-03", f"delivered_kwh = {kwh} kWh"]
    assert lines[-1] == f"{kwh} kWh from 96 raw values: exactly the published value."
    document = json.loads(CliRunner().invoke(app, ["explain", *DAY, "delivered_kwh", "--json"]).stdout)
    assert (document["value"], document["recomputed"]["is_equal"]) == (str(kwh), True)


def test_every_explainer_is_of_a_published_table_and_its_columns(streets: Home) -> None:
    with open_marts(streets) as con:
        found = con.execute("select table_name, column_name from duckdb_columns() where not internal").fetchall()
    for explainer in EXPLAINERS.values():
        present = {column for table, column in found if table == explainer.table}
        assert set(explainer.keys) <= present
        is_usage = explainer.table.endswith("_usage")
        explained = {"delivered_kwh", "received_kwh"} if is_usage else set(explainer.columns)
        assert explained <= set(explainer.columns) & present


def test_an_instant_may_be_written_in_any_offset(streets: Home) -> None:
    kinds = EXPLAINERS["fct_interval_usage"].keys
    parse = kinds["interval_start_utc"].parse
    assert parse("2025-11-03T08:00Z") == parse("2025-11-03 00:00-08:00") == parse("2025-11-03T08:00")
    assert EXPLAINERS["fct_daily_usage"].keys["usage_date"].parse("2025-11-03") == date(2025, 11, 3)
