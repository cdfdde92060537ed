"""The gates: what breaks a declared table stops the run and names the rows."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.tables import Table
from models.tables.raw import INTERVAL_READS
from models.tables.vee import EDITED_INTERVAL_READS
from pipelines import lake
from pipelines.content import content_hashes
from pipelines.home import Home

Meterhouse = Callable[..., subprocess.CompletedProcess[str]]
Validate = Callable[[Table, list[str]], tuple[list[Any], int]]


@pytest.fixture
def validate() -> Validate:
    """The gate; imported late, because the framework warns and takes seconds."""
    from pipelines.gate import validate

    return validate


def _spoil(file: Path, change: str) -> None:
    duckdb.execute(f"copy (select * replace ({change}) from '{file}') to '{file}.spoilt' (format parquet)")
    Path(f"{file}.spoilt").replace(file)


@pytest.mark.filterwarnings("ignore")  # the framework's own deprecations
def test_sound_tables_pass_every_expectation(tiny_home: Home, validate: Validate) -> None:
    for table in (INTERVAL_READS, EDITED_INTERVAL_READS):
        breaches, count = validate(table, lake.table_files(tiny_home, table))
        assert breaches == []
        assert count > 10


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("change", "expectation"),
    [
        ("null::timestamp as interval_start_utc", "expect_column_values_to_not_be_null(interval_start_utc)"),
        ("'sideways' as channel_code", "expect_column_values_to_be_in_set(channel_code)"),
        ("(-5)::smallint as interval_minutes", "expect_column_values_to_be_between(interval_minutes)"),
        ("7::bigint as row_number", "expect_compound_columns_to_be_unique(file_id, row_number, value_position)"),
    ],
)
def test_offending_rows_are_named(copy_of_tiny: Home, validate: Validate, change: str, expectation: str) -> None:
    file = Path(lake.table_files(copy_of_tiny, INTERVAL_READS, ["2026-01"])[-1])
    _spoil(file, change)
    breaches, _ = validate(INTERVAL_READS, [str(file)])
    by_name = {breach.expectation: breach for breach in breaches}
    assert expectation in by_name
    assert by_name[expectation].unexpected_count
    assert "file_id=" in by_name[expectation].rows[0]
    assert "row_number=" in by_name[expectation].rows[0]


def test_a_breach_stops_the_run_before_dbt_and_keeps_what_was_published(
    copy_of_tiny: Home, meterhouse: Meterhouse
) -> None:
    before = content_hashes(copy_of_tiny.marts)
    generation = copy_of_tiny.current.resolve()
    file = Path(lake.table_files(copy_of_tiny, EDITED_INTERVAL_READS, ["2026-03"])[-1])
    _spoil(file, "(-1)::int as delivered_wh")
    result = meterhouse("run")
    assert result.returncode == 1
    assert "check gate of vee/interval_reads failed" in result.stderr
    assert "expect_column_values_to_be_between(delivered_wh)" in result.stderr
    assert "meter_id=SIM-00001" in result.stderr
    assert "what was published before is unchanged" in result.stderr
    assert "Traceback" not in result.stderr
    assert copy_of_tiny.current.resolve() == generation
    assert content_hashes(copy_of_tiny.marts) == before
