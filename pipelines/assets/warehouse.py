"""dbt models, their tests as asset checks, and the published generation."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from pipelines.dbt_build import DATA_ONLY, NodeResult, build, failure, manifest
from pipelines.progress import say
from pipelines.publish import publish
from pipelines.resources import HomeResource

GENERATION = dg.AssetKey(["warehouse", "generation"])


class Translator(DagsterDbtTranslator):
    """Asset group = layer."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Group of a model: its schema."""
        schema = dbt_resource_props.get("config", {}).get("schema")
        return str(schema) if schema else super().get_group_name(dbt_resource_props)


def dbt_models() -> dg.AssetsDefinition:
    """The dbt project as assets; one invocation builds and tests all of it."""
    parsed, translator = manifest(), Translator()

    def event(row: NodeResult) -> dg.MaterializeResult[None] | dg.AssetCheckResult:
        metadata: dict[str, dg.RawMetadataValue] = {"status": row.status, "Execution Duration": row.seconds}
        if row.failed_row_count is None:
            key = translator.get_asset_spec(parsed, row.unique_id, None).key
            return dg.MaterializeResult(asset_key=key, metadata=metadata)
        check = get_asset_check_key_for_test(parsed, translator, row.unique_id, None)
        if check is None:
            raise dg.Failure(
                f"dbt_project.yml does not say which model's check {row.name} is; name one under data_tests"
            )
        return dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=row.status == "pass",
            severity=dg.AssetCheckSeverity.WARN if row.status == "warn" else dg.AssetCheckSeverity.ERROR,
            description=row.message,
            metadata=metadata | {"dagster_dbt/failed_row_count": row.failed_row_count},
        )

    @dbt_assets(manifest=parsed, dagster_dbt_translator=translator, name="dbt")
    def dbt(home: HomeResource) -> Iterator[Any]:
        place = home.get()
        place.warehouse.mkdir(parents=True, exist_ok=True)
        say("dbt: building and testing the marts")
        results = build(place, *DATA_ONLY)
        yield from (event(row) for row in results if row.is_made)
        if reason := failure(place, results):
            raise dg.Failure(reason)

    return dbt


def generation(marts: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published generation, made once every mart is built and its blocking checks have passed."""

    @dg.asset(
        key=GENERATION,
        deps=marts,
        group_name="publish",
        kinds={"duckdb", "parquet"},
        description="A whole build under warehouse/current: marts.duckdb and a Parquet file per table.",
    )
    def warehouse_generation(home: HomeResource) -> dg.MaterializeResult[None]:
        target = publish(home.get())
        say(f"published: {target}")
        return dg.MaterializeResult(
            metadata={
                "generation": dg.MetadataValue.path(str(target)),
                "marts": dg.MetadataValue.path(str(home.get().marts)),
            }
        )

    return warehouse_generation
