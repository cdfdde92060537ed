"""Dagster's events of a home: what its own storage would hold, there for the next process."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.event_log import EventLog
from pipelines.job_run import INSTANCE_CONFIG

pytestmark = pytest.mark.filterwarnings("ignore")  # the orchestrator's own deprecations

CHECK = dg.AssetCheckSpec("is_whole", asset="reads")


@dg.multi_asset(specs=[dg.AssetSpec("reads")], check_specs=[CHECK])
def reads() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult(asset_key="reads", metadata={"rows": 3})
    yield dg.AssetCheckResult(asset_key="reads", check_name="is_whole", passed=False, description="two are missing")


def _types(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [record.dagster_event_type.value for record in instance.all_logs(run_id) if record.dagster_event_type]


def test_events_are_those_of_dagsters_own_storage_and_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(INSTANCE_CONFIG)
    with dg.instance_for_test() as stock:
        run_id = dg.materialize([reads], instance=stock).run_id
        expected = _types(stock, run_id)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert isinstance(instance.event_log_storage, EventLog)
        run_id = dg.materialize([reads], instance=instance).run_id
    with dg.DagsterInstance.from_config(str(tmp_path)) as later:
        assert _types(later, run_id) == expected
        assert "ASSET_CHECK_EVALUATION" in expected
        event = later.get_latest_materialization_event(dg.AssetKey("reads"))
        assert event is not None
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["rows"].value == 3
