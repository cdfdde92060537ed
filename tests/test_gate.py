"""The gates: what breaks a declared table stops the run and names the rows."""

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
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


@pytest.mark.filterwarnings("ignore")
def test_keys_are_unique_in_whatever_order_and_across_files(home: Home, validate: Validate) -> None:
    def written(name: str, *keys: tuple[str, int]) -> str:
        start = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC, as in the lake
        frame = EDITED_INTERVAL_READS.empty().clear(len(keys)).with_columns(
            meter_id=pl.Series([meter for meter, _ in keys]),
            interval_start_utc=pl.Series([start + timedelta(hours=hour) for _, hour in keys]),
            interval_minutes=pl.lit(60, pl.Int16), usage_date=pl.lit(start.date()), known_at_utc=pl.lit(start),
            utc_offset_minutes=pl.lit(0, pl.Int16),
        )  # fmt: skip
        path = lake.partition_folder(home, EDITED_INTERVAL_READS, "2026-01") / f"{name}.parquet"
        lake.write_frame(frame, EDITED_INTERVAL_READS, path)
        return str(path)

    def is_unique(*files: str) -> bool:
        breaches, _ = validate(EDITED_INTERVAL_READS, list(files))
        assert all("unique" in breach.expectation for breach in breaches)
        return not breaches

    in_order = written("in_order", ("a", 0), ("a", 1), ("b", 0))
    out_of_order = written("out_of_order", ("b", 3), ("a", 3), ("a", 2))
    assert is_unique(in_order, out_of_order, written("between", ("b", 1), ("b", 2)))
    assert is_unique(in_order, written("around", ("b", -1), ("b", 1)))
    assert not is_unique(in_order, written("again", ("a", 1), ("a", 2)))
    assert not is_unique(out_of_order, written("again", ("a", 1), ("a", 2)))
    assert not is_unique(written("twice", ("a", 1), ("a", 1)))


@pytest.mark.long
def test_a_breach_stops_the_run_before_dbt_and_keeps_what_was_published(
    copy_of_tiny: Home, meterhouse: Meterhouse
) -> None:
    before = content_hashes(copy_of_tiny.marts)
    generation = copy_of_tiny.current.resolve()
    file = Path(lake.table_files(copy_of_tiny, EDITED_INTERVAL_READS, ["2026-03"])[-1])
    (meters,) = zip(*duckdb.execute(f"select distinct meter_id from '{file}'").fetchall(), strict=True)
    _spoil(file, "(-1)::int as delivered_wh")
    result = meterhouse("run")
    assert result.returncode == 1
    assert "check gate of vee/interval_reads failed" in result.stderr
    assert "expect_column_values_to_be_between(delivered_wh)" in result.stderr
    assert any(f"meter_id={meter}," in result.stderr for meter in meters)
    assert "what was published before is unchanged" in result.stderr
    assert "Traceback" not in result.stderr
    assert copy_of_tiny.current.resolve() == generation
    assert content_hashes(copy_of_tiny.marts) == before
