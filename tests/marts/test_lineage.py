"""What the marts rest on, from the graph that dbt compiles: usage reaches people after validation alone."""

from collections.abc import Mapping
from typing import Any

import pytest

from pipelines.assets.warehouse import manifest

RAW_READS = {
    "raw.interval_reads", "raw.register_reads", "raw.auxiliary_reads", "raw.meter_events", "raw.file_channels",
    "raw.quarantined_rows",
}  # fmt: skip
RECONCILIATION = {"fct_file_reconciliation"}
"""Marts about files as they were sent; the others know nothing of raw."""
READS_AFTER_VEE = {
    "vee.interval_reads",
    "vee.meter_day_profiles",
    "analytics.usage_week_cells",
    "analytics.event_window_usage",
}
"""The last two are gathered from the first."""


@pytest.fixture(scope="module")
def graph() -> dict[str, Any]:
    loaded: dict[str, Any] = manifest()
    return loaded


def sources_of(graph: Mapping[str, Any], node: str) -> set[str]:
    """Names of all sources, layer and table, that a model reads, however far upstream."""
    if node.startswith("source."):
        source = graph["sources"][node]
        return {f"{source['source_name']}.{source['name']}"}
    return {name for parent in graph["nodes"][node]["depends_on"]["nodes"] for name in sources_of(graph, parent)}


def marts(graph: Mapping[str, Any]) -> dict[str, set[str]]:
    return {
        node["name"]: sources_of(graph, key)
        for key, node in graph["nodes"].items()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }


@pytest.mark.req("BR-01", part="data")
def test_no_mart_reads_what_has_not_been_validated(graph: dict[str, Any]) -> None:
    raw = {name: {source for source in found if source.startswith("raw.")} for name, found in marts(graph).items()}
    assert {name for name, found in raw.items() if found} == RECONCILIATION
    assert not any(found & RAW_READS for found in raw.values())


@pytest.mark.req("BR-01", part="data")
def test_every_usage_mart_rests_on_reads_after_validation(graph: dict[str, Any]) -> None:
    usage = {name: found for name, found in marts(graph).items() if "usage" in name}
    assert usage.keys() >= {
        "fct_interval_usage", "fct_daily_usage", "fct_monthly_usage", "fct_account_interval_usage",
        "fct_account_daily_usage", "fct_account_monthly_usage", "mart_usage_history",
    }  # fmt: skip
    for name, found in usage.items():
        assert found & READS_AFTER_VEE, name


def test_no_model_names_a_file_of_the_lake(graph: dict[str, Any]) -> None:
    """By construction: a model reaches data through sources and refs, which the graph sees, or not at all."""
    for node in graph["nodes"].values():
        if node["resource_type"] == "model":
            assert "read_parquet" not in node["raw_code"], node["name"]
            assert "lake/" not in node["raw_code"], node["name"]


def test_the_search_for_sources_sees_through_views() -> None:
    graph = {
        "sources": {"source.raw": {"source_name": "raw", "name": "interval_reads"}},
        "nodes": {
            "model.staged": {"depends_on": {"nodes": ["source.raw"]}},
            "model.mart": {"depends_on": {"nodes": ["model.staged"]}},
        },
    }
    assert sources_of(graph, "model.mart") == {"raw.interval_reads"}
