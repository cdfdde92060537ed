"""Import rules, and SQL that a second engine can read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot

from pipelines.home import REPOSITORY, Home

LINE_LIMIT = 400


def test_import_rules() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("verb", [("tables",), ("query", "select 1")])
def test_answering_verbs_do_not_load_orchestration(verb: tuple[str, ...], tiny_home: Home) -> None:
    program = (
        "import sys\n"
        "from pipelines.cli import app\n"
        f"try:\n    app({list(verb)!r})\nexcept SystemExit as stop:\n    assert stop.code == 0, stop.code\n"
        "print(sorted({'dagster', 'dbt', 'great_expectations', 'pandas'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env={"METERHOUSE_HOME": str(tiny_home.root)},
    )  # fmt: skip
    assert result.stdout.splitlines()[-1] == "[]", result.stdout


def test_every_compiled_model_parses_as_spark_sql(tiny_home: Home) -> None:
    manifest = json.loads((tiny_home.warehouse / ".dbt" / "manifest.json").read_text(encoding="utf-8"))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert models
    for model in models:
        transpiled = sqlglot.transpile(model["compiled_code"], read="duckdb", write="spark")[0]
        sqlglot.parse_one(transpiled, read="spark")


def test_layers_are_not_skipped_upwards(tiny_home: Home) -> None:
    manifest = json.loads((tiny_home.warehouse / ".dbt" / "manifest.json").read_text(encoding="utf-8"))
    allowed = {"staging": {"source"}, "intermediate": {"staging", "intermediate"},
               "marts": {"staging", "intermediate", "marts"}, "reports": {"marts", "reports"}}  # fmt: skip
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        for parent in node["depends_on"]["nodes"]:
            layer = "source" if parent.startswith("source.") else manifest["nodes"][parent]["schema"]
            assert layer in allowed[node["schema"]], f"{node['name']} reads {parent}"


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(REPOSITORY)): count
        for room in ("models", "pipelines", "sims", "dbt_project/models", "dbt_project/macros")
        for path in (REPOSITORY / room).rglob("*")
        if path.suffix in (".py", ".sql") and (count := len(path.read_text(encoding="utf-8").splitlines())) > LINE_LIMIT
    }
    assert not long
