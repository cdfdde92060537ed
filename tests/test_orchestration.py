"""Dagster: the graph reads like the design, and its partitions and schedule do what they say."""

import datetime as dt

import dagster as dg
import pytest

from pipelines.definitions import build_defs
from pipelines.home import Home
from pipelines.partitions import months_of_run, range_tags
from pipelines.resources import HomeResource

pytestmark = pytest.mark.filterwarnings("ignore")  # the orchestrator's own deprecations

ORDER = ["landing", "raw", "entities", "vee", "analytics", "staging", "intermediate", "marts", "publish"]


@pytest.fixture(scope="module")
def graph() -> dg.RepositoryDefinition:
    return build_defs().get_repository_def()


def test_the_graph_reads_from_landing_to_publish(graph: dg.RepositoryDefinition) -> None:
    assets = graph.asset_graph
    group = {key: assets.get(key).group_name for key in assets.get_all_asset_keys()}
    assert set(group.values()) == set(ORDER)
    for key, name in group.items():
        parents = {group[parent] for parent in assets.get(key).parent_keys}
        assert all(ORDER.index(parent) <= ORDER.index(name) for parent in parents), key
        assert parents or name == "landing", f"{key} hangs in the air"


def test_asset_keys_are_layer_and_table(graph: dg.RepositoryDefinition) -> None:
    keys = {tuple(key.path) for key in graph.asset_graph.get_all_asset_keys()}
    assert {("raw", "interval_reads"), ("vee", "interval_reads"), ("marts", "fct_daily_usage")} <= keys
    assert all(len(key) == 2 for key in keys)


def test_read_assets_have_month_partitions_and_nothing_else_has(graph: dg.RepositoryDefinition) -> None:
    for key in graph.asset_graph.get_all_asset_keys():
        partitioned = graph.asset_graph.get(key).partitions_def is not None
        assert partitioned == (key.path[1] == "interval_reads"), key


def test_gates_block_and_dbt_tests_arrive_as_checks(graph: dg.RepositoryDefinition) -> None:
    checks = {(tuple(key.asset_key.path), key.name) for key in graph.asset_graph.asset_check_keys}
    assert {(("raw", "interval_reads"), "gate"), (("vee", "interval_reads"), "gate")} <= checks
    assert len([name for asset, name in checks if asset[0] == "marts"]) > 15
    for layer in ("raw", "vee"):
        key = dg.AssetCheckKey(dg.AssetKey([layer, "interval_reads"]), "gate")
        assert graph.asset_graph.get(key).blocking


def test_every_asset_is_described(graph: dg.RepositoryDefinition) -> None:
    assert not [key for key in graph.asset_graph.get_all_asset_keys() if not graph.asset_graph.get(key).description]


def test_the_schedule_asks_for_the_months_that_changed(home: Home) -> None:
    defs = build_defs(HomeResource(root=str(home.root)))
    schedule = defs.resolve_schedule_def("daily_schedule")
    context = dg.build_schedule_context(
        scheduled_execution_time=dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC),
        resources={"home": HomeResource(root=str(home.root))},
    )
    request = schedule(context)
    assert isinstance(request, dg.RunRequest)
    assert months_of_run(request.tags) == ["2026-11"]


def test_a_run_without_partitions_is_told_to_name_them() -> None:
    with pytest.raises(ValueError, match="choose the months"):
        months_of_run({})
    assert months_of_run(range_tags("2025-11", "2026-02")) == ["2025-11", "2025-12", "2026-01", "2026-02"]
