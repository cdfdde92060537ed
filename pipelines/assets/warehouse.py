"""dbt models, their tests as asset checks, and the published generation."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from pipelines.home import HOME_VARIABLE
from pipelines.progress import say
from pipelines.publish import publish
from pipelines.resources import DBT_EXECUTABLE, HomeResource, dbt_project

GENERATION = dg.AssetKey(["warehouse", "generation"])


def manifest() -> Path:
    """The dbt manifest, parsed anew where the project has changed since."""
    path = dbt_project.manifest_path
    folder = dbt_project.project_dir
    sources = [file for name in ("models", "macros", "tests") for file in (folder / name).rglob("*.*")]
    newest = max(file.stat().st_mtime for file in [*sources, folder / "dbt_project.yml", folder / "profiles.yml"])
    if not path.exists() or path.stat().st_mtime < newest:
        subprocess.run(
            [DBT_EXECUTABLE, "--quiet", "parse", "--project-dir", str(folder), "--profiles-dir", str(folder)],
            check=True,
        )
        path.touch()
    return path


class Translator(DagsterDbtTranslator):
    """Asset group = layer."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Group of a model: its schema."""
        schema = dbt_resource_props.get("config", {}).get("schema")
        return str(schema) if schema else super().get_group_name(dbt_resource_props)


def dbt_models() -> dg.AssetsDefinition:
    """The dbt project as assets; one invocation builds and tests all of it."""

    @dbt_assets(manifest=manifest(), project=dbt_project, dagster_dbt_translator=Translator(), name="dbt")
    def dbt(context: dg.AssetExecutionContext, home: HomeResource, dbt: DbtCliResource) -> Iterator[Any]:
        place = home.get()
        place.warehouse.mkdir(parents=True, exist_ok=True)
        os.environ[HOME_VARIABLE] = str(place.root)
        say("dbt: building and testing the marts")
        # A target folder per home keeps what dbt has parsed: the paths of the home are part of it.
        target = place.warehouse / ".dbt"
        target.mkdir(exist_ok=True)
        yield from dbt.cli(
            ["build", "--exclude-resource-type", "unit_test"], context=context, target_path=target
        ).stream()

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
