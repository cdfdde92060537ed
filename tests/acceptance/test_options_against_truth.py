"""Shadow billing, recommendations and forecasts of a whole utility, and of the year after."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from docs.plots.look import save
from docs.plots.recommendations import RECORD, draw_followed
from pipelines.home import HOME_VARIABLE, REPOSITORY, Home
from pipelines.offers import comparison_settings, tariffs
from sims.utility import MONTHS
from tests.acceptance.audit_scores import audit_score
from tests.acceptance.option_scores import choices, followed, forecast_coverage, shadow_shares
from tests.acceptance.record import record
from tests.conftest import METERHOUSE

pytestmark = pytest.mark.acceptance

SCALE = os.environ.get("METERHOUSE_ACCEPT_SCALE", "demo")
HISTORY_MONTHS = os.environ.get("METERHOUSE_ACCEPT_MONTHS", str(MONTHS))
YEAR, MOST_ACCOUNTS = 365, 1000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home built by `meterhouse demo`."""
    built = Home(tmp_path_factory.mktemp("options") / "home")
    _call(built, "demo", "--scale", SCALE, "--months", HISTORY_MONTHS)
    return built


@pytest.fixture(scope="module")
def first_year(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of the opening history, kept while the home goes on."""
    kept = tmp_path_factory.mktemp("generation") / "marts.duckdb"
    shutil.copy(home.marts.resolve(), kept)
    with duckdb.connect(str(kept), read_only=True) as con:
        yield con


@pytest.fixture(scope="module")
def second_year(home: Home, first_year: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts a year later."""
    assert first_year is not None
    _call(home, "simulate", "--advance", str(YEAR))
    _call(home, "run")
    with duckdb.connect(str(home.marts.resolve()), read_only=True) as con:
        yield con


def _call(home: Home, *words: str) -> None:
    result = subprocess.run(
        [METERHOUSE, *words],
        cwd=REPOSITORY,
        env={**os.environ, HOME_VARIABLE: str(home.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode in (0, 3), result.stderr


def test_clean_bills_are_alike_to_the_cent(home: Home, first_year: duckdb.DuckDBPyConnection) -> None:
    shares = shadow_shares(first_year, home.root / "truth")
    record(
        "shadow billing: clean bills of all", shares.clean_count / shares.bill_count, 0, "share", SCALE, is_minimum=True
    )
    kept = [
        record("shadow billing: clean bills alike to the cent", shares.alike_count / shares.clean_count, 1.0, "share",
               SCALE, is_minimum=True),
        record("shadow billing: differences without a reason", shares.unreasoned_count, 0, "bills", SCALE),
        record("shadow billing: faults named where energy is alike", shares.named_count / max(shares.fault_count, 1),
               1.0, "share", SCALE, is_minimum=True),
    ]  # fmt: skip
    assert all(kept), shares


def test_the_first_recommendation_is_the_cheapest_by_truth(home: Home, first_year: duckdb.DuckDBPyConnection) -> None:
    tie = comparison_settings().recommendation.tie_cents / 100
    found = choices(first_year, home, tariffs(), tie, MOST_ACCOUNTS)
    told = dict(
        first_year.sql(
            "select reason_code, count(distinct account_id) from mart_recommendations group by all"
        ).fetchall()
    )
    compared = sum(told.values()) - told.get("cannot_compare", 0)
    for code in ("option_saves", "plan_is_best", "no_clear_winner"):
        record(
            f"recommendation: {code}",
            told.get(code, 0) / compared,
            0,
            "share of accounts compared",
            SCALE,
            is_minimum=True,
        )
    record("recommendation: the very cheapest by truth", found.strictly_count / found.account_count, 0, "share", SCALE,
           is_minimum=True)  # fmt: skip
    share = found.cheapest_count / found.account_count
    assert record(
        "recommendation: cheapest by truth, ties of 5 USD counted", share, 0.99, "share", SCALE, is_minimum=True
    )


@pytest.mark.parametrize("code", ["high_base_load", "oversized_cooling"])
def test_audit_findings_are_true(home: Home, first_year: duckdb.DuckDBPyConnection, code: str) -> None:
    score = audit_score(first_year, home.root / "truth", code)
    kept = [
        record(f"audit, {code}: found that truly exceed their peers by a quarter", score.precision, 0.9, "share", SCALE,
               is_minimum=True),
        record(f"audit, {code}: found of those with twice their peers' use", score.recall, 0.85, "share", SCALE,
               is_minimum=True),
        record(f"audit, {code}: evidence with the true figure", score.correlation, 0.9, "correlation", SCALE,
               is_minimum=True),
    ]  # fmt: skip
    assert all(kept), score


def test_who_follows_is_hardly_ever_worse_off_a_year_later(
    first_year: duckdb.DuckDBPyConnection, second_year: duckdb.DuckDBPyConnection
) -> None:
    found = followed(first_year, second_year)
    worse = found.filter(pl.col("realised_usd") < 0).height / found.height
    found.select("predicted_usd", "realised_usd", "is_illustrative").sort(pl.all()).write_csv(RECORD)
    save(RECORD.with_suffix(".svg"), draw_followed(pl.read_csv(RECORD)))
    ratio = float(found["realised_usd"].sum()) / float(found["predicted_usd"].sum())
    record("recommendation: realised over predicted saving, a year later", ratio, 0, "ratio", SCALE, is_minimum=True)
    assert record("recommendation: followers worse off a year later", worse, 0.05, "share", SCALE)


def test_forecasts_hold_what_they_promise(home: Home, second_year: duckdb.DuckDBPyConnection) -> None:
    assert second_year is not None
    coverage, error = forecast_coverage(home)
    record("bill forecast: median error with half of the bill to come", error, 0.15, "share of the bill", SCALE)
    assert record("bill forecast: bills within the 80 % range", coverage, 0.7, "share", SCALE, is_minimum=True)
