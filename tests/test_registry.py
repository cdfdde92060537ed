"""The registry is the one place of declaration: every other form of it agrees, both ways."""

import pyarrow.parquet as pq
import pytest
import yaml

from models.render import expectations
from models.tables import TABLES, Table
from models.tables.extracts import VAULT_EXTRACTS
from pipelines import lake
from pipelines.generate import SOURCES_FILE, rendered
from pipelines.generate import contracts as contracts_of_marts
from pipelines.home import Home
from pipelines.query import open_marts

NOT_OF_A_SOUND_CSV_FEED = (
    "quarantined_rows",
    "file_findings",
    "auxiliary_reads",
    "register_reads",
    "meter_events",
    "operations_read_edits",
    "read_versions",
)
BY_NAME = pytest.mark.parametrize("table", TABLES, ids=lambda table: "/".join(table.key))


def test_generated_files_equal_a_fresh_render() -> None:
    for path, text in rendered().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: run `make docs`"


@BY_NAME
def test_every_column_is_described_and_every_table_has_a_key(table: Table) -> None:
    assert table.primary_key
    for name, column in table.columns.items():
        assert column.description, f"{table.key}: {name} has no description"


@BY_NAME
def test_names_end_in_their_unit(table: Table) -> None:
    units = {
        "_wh": "Wh",
        "_utc": "UTC",
        "_minutes": "min",
        "_count": "count",
        "_date": "local date",
        "_local": "local time",
    }
    for name, column in table.columns.items():
        for suffix, unit in units.items():
            if name.endswith(suffix):
                assert (column.metadata or {}).get("unit") == unit, f"{table.key}: {name} is not in {unit}"


@BY_NAME
def test_expectations_follow_the_declaration(table: Table) -> None:
    rendered_expectations = expectations(table)
    not_null = {a["column"] for kind, a in rendered_expectations if kind == "expect_column_values_to_not_be_null"}
    assert not_null == {name for name, column in table.columns.items() if not column.nullable}


@BY_NAME
def test_parquet_files_have_the_declared_columns_and_types(table: Table, tiny_home: Home) -> None:
    declared = table.arrow_schema()
    files = lake.table_files(tiny_home, table)
    assert len(files) > 1 or table.name in NOT_OF_A_SOUND_CSV_FEED, f"{table.key} was never written"
    for file in files:
        written = pq.read_schema(file)
        assert written.names == declared.names, file
        assert [field.type for field in written] == [field.type for field in declared], file


@BY_NAME
def test_rows_obey_the_declaration(table: Table, tiny_home: Home) -> None:
    frame = lake.read_frame(tiny_home, table)
    table.schema.validate(frame, cast=True)


def test_no_file_of_the_lake_is_undeclared(tiny_home: Home) -> None:
    declared = {lake.table_folder(tiny_home, table) for table in (*TABLES, *VAULT_EXTRACTS.values())}
    for file in tiny_home.lake.rglob("*.parquet"):
        assert any(folder in file.parents for folder in declared), file


def test_sources_name_exactly_the_declared_tables() -> None:
    sources = yaml.safe_load(SOURCES_FILE.read_text(encoding="utf-8"))["sources"]
    named = {(source["name"], table["name"]) for source in sources for table in source["tables"]}
    assert named == {table.key for table in TABLES}


def test_published_columns_equal_the_contracts_and_are_described(tiny_home: Home) -> None:
    contracts = {model["name"]: [column["name"] for column in model["columns"]] for model in contracts_of_marts()}
    published: dict[str, list[str]] = {}
    with open_marts(tiny_home) as con:
        rows = con.execute(
            "select table_name, column_name, comment from duckdb_columns() where not internal order by all"
        ).fetchall()
        order = con.execute(
            "select table_name, column_name from duckdb_columns() where not internal order by table_name, column_index"
        ).fetchall()
    for table, column in order:
        published.setdefault(table, []).append(column)
    assert published == contracts
    assert not [(table, column) for table, column, comment in rows if not comment]
