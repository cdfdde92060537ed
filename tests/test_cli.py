"""The verbs that answer: what they print, write and refuse."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.content import content_hashes
from pipelines.home import REPOSITORY, Home
from pipelines.query import open_marts

METERS = 12
SQL = (
    f"select meter_id, sum(delivered_kwh) as delivered_kwh from fct_daily_usage group by all order by 1 limit {METERS}"
)


@pytest.fixture
def named(tiny_home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("METERHOUSE_HOME", str(tiny_home.root))
    return tiny_home


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_query_prints_a_table_or_json(named: Home, tmp_path: Path) -> None:
    text = _run("query", SQL)
    assert text.splitlines()[0].split() == ["meter_id", "delivered_kwh"]
    assert len(text.splitlines()) == 2 + METERS
    file = tmp_path / "usage.sql"
    file.write_text(SQL)
    rows = json.loads(_run("query", str(file), "--json"))
    with open_marts(named) as con:
        assert [tuple(row) for row in con.execute(SQL).fetchall()] == [
            (row["meter_id"], Decimal(str(row["delivered_kwh"]))) for row in rows
        ]
    assert "more than 40 rows" in _run("query", "select * from dim_dates")
    assert "(no rows)" in _run("query", "select * from dim_dates where false")


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_query_writes_files(named: Home, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"usage.{ending}"
    assert _run("query", SQL, "--out", str(out)).strip() == str(out)
    if ending == "xlsx":
        assert out.read_bytes()[:2] == b"PK"
    else:
        assert duckdb.execute(f"select count(*) from '{out}'").fetchall() == [(METERS,)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["query", "selec 1"], "syntax error"),
        (["query", "select * from nowhere"], "nowhere"),
        (["query", "drop table dim_dates"], "read-only"),
        (["query", SQL, "--out", "x.docx"], "x.csv, x.xlsx or x.parquet"),
        (["query", "no such file.sql"], "no such file.sql"),
        (["tables", "nowhere"], "there is no table nowhere"),
    ],
)
def test_what_cannot_be_answered_is_refused(named: Home, arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stderr.startswith("meterhouse: ")


def test_tables_are_listed_and_described(named: Home) -> None:
    rows = {row["table"]: row for row in json.loads(_run("tables", "--json"))}
    assert {"dim_meters", "fct_interval_usage", "fct_daily_usage", "mart_vee_daily", "meta_build"} <= set(rows)
    assert all("one row" in row["description"] for row in rows.values())
    assert "[kWh]" in _run("tables", "fct_daily_usage")
    hashes = {row["table"]: row["content_hash"] for row in json.loads(_run("tables", "--hashes", "--json"))}
    assert hashes == content_hashes(named.marts)


def test_an_empty_home_says_what_to_do(home: Home) -> None:
    assert "is empty" in _run("doctor")
    for verb in (["tables"], ["query", "select 1"], ["run"]):
        result = CliRunner().invoke(app, verb)
        assert result.exit_code == 1
        assert "meterhouse demo" in result.stderr


def test_dates_are_dates(home: Home) -> None:
    result = CliRunner().invoke(app, ["run", "--from", "yesterday"])
    assert result.exit_code == 2
    assert "is not a date" in result.stderr
    result = CliRunner().invoke(app, ["run", "--from", "2026-03-02", "--to", "2026-03-01"])
    assert result.exit_code == 2
    assert "is later than" in result.stderr


def test_the_version_is_shown() -> None:
    assert _run("--version").startswith("meterhouse ")


def test_every_verb_has_help() -> None:
    for verb in ("demo", "ingest", "contract check", "run", "query", "tables", "export green-button", "doctor"):
        assert "Usage" in _run(*verb.split(), "--help")


def test_the_export_says_whose_quality_it_writes() -> None:
    text = " ".join(_run("export", "green-button", "--help").split())
    assert "Meterhouse's own validation; the quality flags that a feed sent stay in the raw layer" in text


def test_exit_codes_are_documented() -> None:
    for code, meaning in {0: "done", 1: "failed", 2: "wrong usage", 3: "done, but some of the input"}.items():
        assert f"| {code} | {meaning}" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_content_hashes_see_every_value(tmp_path: Path) -> None:
    frame = pl.DataFrame({"meter_id": ["a", "b"], "kwh": [1, 2], "known_at_utc": [1, 2]})

    def hash_of(rows: pl.DataFrame, name: str) -> str:
        with duckdb.connect(str(tmp_path / name)) as con:
            con.register("rows_", rows.to_arrow())
            con.execute("create table t as select * from rows_")
        return content_hashes(tmp_path / name)["t"]

    same = hash_of(frame, "a.duckdb")
    assert hash_of(frame.reverse(), "b.duckdb") == same
    assert hash_of(frame.with_columns(known_at_utc=pl.lit(9)), "c.duckdb") == same
    assert hash_of(frame.with_columns(kwh=pl.lit(1)), "d.duckdb") != same
    assert hash_of(pl.concat([frame, frame]), "e.duckdb") != same
