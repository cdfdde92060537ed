"""Import rules, who may see the answer key, and SQL that a second engine can read."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot

from pipelines.home import REPOSITORY, Home

LINE_LIMIT = 400
SLOW_TO_IMPORT = {"altair", "dagster", "dbt", "great_expectations", "jinja2", "pandas", "vl_convert"}
NAME_THE_ANSWER_KEY = {"pipelines/home.py", "pipelines/simulation.py"}
TESTS_AGAINST_THE_ANSWER_KEY = {
    "tests/test_advance.py",
    "tests/test_architecture.py",
    "tests/test_end_to_end.py",
    "tests/test_files_of_the_utility.py",
    "tests/test_people_against_truth.py",
    "tests/test_privacy.py",
}


def test_import_rules() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "verb",
    [
        ("tables",),
        ("query", "select 1"),
        ("explain", "fct_daily_usage", "SMU0000002", "2026-03-01", "delivered_kwh"),
    ],
)
def test_answering_verbs_do_not_load_orchestration(verb: tuple[str, ...], tiny_home: Home) -> None:
    program = (
        "import sys\n"
        "from pipelines.cli import app\n"
        f"try:\n    app({list(verb)!r})\nexcept SystemExit as stop:\n    assert stop.code == 0, stop.code\n"
        f"print(sorted({SLOW_TO_IMPORT} & set(sys.modules)))"
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


def _names_the_answer_key(source: str) -> bool:
    """Whether code takes a home's `truth` or goes into a folder of that name, documentation aside."""
    tree = ast.parse(source)
    documentation = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "truth")
        or (isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value == "truth")
        or (isinstance(node, ast.Constant) and node not in documentation and "truth/" in str(node.value))
        for node in ast.walk(tree)
    )


def test_only_acceptance_tests_and_benchmarks_read_the_answer_key() -> None:
    named = {
        str(path.relative_to(REPOSITORY))
        for room in ("models", "pipelines", "tests")
        for path in (REPOSITORY / room).rglob("*.py")
        if not path.is_relative_to(REPOSITORY / "tests" / "acceptance")
        and not path.is_relative_to(REPOSITORY / "tests" / "sims")
        and _names_the_answer_key(path.read_text(encoding="utf-8"))
    }
    assert named == NAME_THE_ANSWER_KEY | TESTS_AGAINST_THE_ANSWER_KEY
    for room in ("macros", "models", "tests"):
        for path in (REPOSITORY / "dbt_project" / room).rglob("*.sql"):
            assert "truth" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("home.truth", True),
        ("read(root / 'truth')", True),
        ("read(f'{root}/truth/reads/*.parquet')", True),
        ("def f():\n    'Tells the truth/'", False),
        ("say('the truth about it')", False),
    ],
)
def test_the_search_for_readers_of_the_answer_key_can_fail(source: str, expected: bool) -> None:
    assert _names_the_answer_key(source) is expected


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(REPOSITORY)): count
        for room in ("models", "pipelines", "sims", "dbt_project/models", "dbt_project/macros")
        for path in (REPOSITORY / room).rglob("*")
        if path.suffix in (".py", ".sql") and (count := len(path.read_text(encoding="utf-8").splitlines())) > LINE_LIMIT
    }
    assert not long
