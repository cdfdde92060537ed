"""Builds with dbt in this process leave the process as they found it, and say what failed."""

import os
import signal
import threading
import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from models.tables.entities import METERS
from pipelines import lake
from pipelines.assets.warehouse import dbt_models
from pipelines.dbt_build import DIGEST_FILE, DbtError, build, failure, manifest
from pipelines.home import HOME_VARIABLE, Home
from pipelines.job_run import _explain
from pipelines.resources import HomeResource
from tests.marts.conftest import copy_of_streets, streets

__all__ = ["copy_of_streets", "streets"]

pytestmark = pytest.mark.filterwarnings("ignore")  # the orchestrator's own deprecations
ONE_MODEL = ("--select", "dim_programs")


def _spoil(home: Home, statement: str) -> None:
    """Rewrite the meters as a statement on `rows_` gives them."""
    (file,) = [file for file in lake.table_files(home, METERS) if not file.endswith(lake.EMPTY_FILE)]
    duckdb.execute(f"copy (with rows_ as (from '{file}') {statement}) to '{file}.spoilt' (format parquet)")
    Path(f"{file}.spoilt").replace(file)


def test_a_build_leaves_database_environment_and_folder_to_others(
    copy_of_streets: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, "elsewhere")
    folder = Path.cwd()
    for _ in range(2):
        (row,) = [row for row in build(copy_of_streets, *ONE_MODEL) if row.name == "dim_programs"]
        assert row.status == "success"
        with duckdb.connect(str(copy_of_streets.build_database), read_only=True) as con:
            assert con.execute("select count(*) > 0 from marts.dim_programs").fetchone() == (True,)
        with duckdb.connect(str(copy_of_streets.build_database)) as con:
            con.execute("delete from marts.dim_programs")
    assert os.environ[HOME_VARIABLE] == "elsewhere"
    assert Path.cwd() == folder
    assert "dim_programs" in (copy_of_streets.warehouse / ".dbt" / "dbt.log").read_text(encoding="utf-8")


def test_a_database_of_other_incremental_models_is_built_anew(copy_of_streets: Home) -> None:
    models = ("--resource-type", "model")
    with duckdb.connect(str(copy_of_streets.build_database)) as con:
        rows = con.execute("from intermediate.int_meter_days_aggregated order by all").fetchall()
        con.execute("alter table intermediate.int_meter_days_aggregated drop column peak_kw")
    assert failure(copy_of_streets, build(copy_of_streets, "--select", "int_meter_days_aggregated", *models))
    (copy_of_streets.warehouse / ".dbt" / DIGEST_FILE).write_text("of another release", encoding="utf-8")
    assert failure(copy_of_streets, build(copy_of_streets, *models)) is None
    with duckdb.connect(str(copy_of_streets.build_database), read_only=True) as con:
        assert con.execute("from intermediate.int_meter_days_aggregated order by all").fetchall() == rows


def test_an_interrupt_ends_a_build_at_once_and_closes_the_database(copy_of_streets: Home) -> None:
    def others(*_: object) -> None:
        raise AssertionError("dbt does not know other errors than its own")

    log = copy_of_streets.warehouse / ".dbt" / "dbt.log"
    log.write_bytes(b"")
    is_over = threading.Event()

    def interrupt() -> None:
        while b" 20 of " not in log.read_bytes() and not is_over.is_set():
            time.sleep(0.01)
        if not is_over.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    watcher = threading.Thread(target=interrupt)
    former = signal.signal(signal.SIGINT, others)
    try:
        watcher.start()
        with pytest.raises(KeyboardInterrupt):
            build(copy_of_streets)
        assert signal.getsignal(signal.SIGINT) is others
    finally:
        is_over.set()
        watcher.join()
        signal.signal(signal.SIGINT, former)
    with duckdb.connect(str(copy_of_streets.build_database), read_only=True) as con:
        assert con.execute("select count(*) from marts.meta_build").fetchone() == (1,)


def test_a_build_that_is_refused_says_why(copy_of_streets: Home) -> None:
    with pytest.raises(DbtError, match=r"no-such-option(.|\n)*dbt\.log"):
        build(copy_of_streets, "--no-such-option")


def test_a_model_that_fails_is_named_with_its_cause_and_what_rests_on_it_is_left_out(copy_of_streets: Home) -> None:
    _spoil(copy_of_streets, "select * exclude (meter_id) from rows_")
    results = {row.name: row for row in build(copy_of_streets, "--select", "dim_meters")}
    assert results["dim_meters"].status == "error"
    assert results["unique_grain_dim_meters_"].status == "skipped"
    reason = failure(copy_of_streets, list(results.values()))
    assert reason is not None
    assert reason.startswith("dim_meters: ")
    assert "meter_id" in reason
    with duckdb.connect(str(copy_of_streets.build_database), read_only=True) as con:
        assert con.execute("select count(*) > 0 from marts.dim_meters").fetchone() == (True,)


def test_a_failed_test_is_a_failed_check_with_its_count_and_stops_the_step(copy_of_streets: Home) -> None:
    _spoil(copy_of_streets, "from rows_ union all from rows_")
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [dbt_models()],
            resources={"home": HomeResource(root=str(copy_of_streets.root))},
            instance=instance,
            raise_on_error=False,
        )
    assert not result.success
    failed = {e.check_name: e for e in result.get_asset_check_evaluations() if not e.passed}
    grain = failed["unique_grain_stg_entities__meters_"]
    assert grain.asset_key == dg.AssetKey(["staging", "stg_entities__meters"])
    assert grain.severity is dg.AssetCheckSeverity.ERROR
    assert "Got " in (grain.description or "")
    reason = "check unique_grain_stg_entities__meters_ of staging/stg_entities__meters failed: Got "
    assert _explain(result).startswith(reason)
    assert [event.step_key for event in result.all_events if event.is_step_failure] == ["dbt"]
    assert dg.AssetKey(["marts", "dim_programs"]) in {
        m.asset_key for m in result.asset_materializations_for_node("dbt")
    }


def test_every_test_of_the_project_is_a_check() -> None:
    tests = {node["name"] for node in manifest()["nodes"].values() if node["resource_type"] == "test"}
    assert len(tests) > 80
    assert {key.name for key in dbt_models().check_keys} == tests
