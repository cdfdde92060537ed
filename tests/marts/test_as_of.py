"""The usage marts of an earlier day can be had again, whatever came later."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.as_of import USAGE_TABLES, AsOfError, end_of, write_as_of
from pipelines.home import Home, HomeBusyError
from tests.marts.building import build_marts
from tests.marts.conftest import load_reads
from tests.marts.streets import GAP_UTC, day


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of the usage tables; the number of the run that computed a row is not part of what was known."""
    with duckdb.connect(str(path), read_only=True) as con:
        return {
            name: con.execute(
                f"select columns(lambda name: name <> 'restatement_id') from {name} order by all"
            ).fetchall()
            for name in USAGE_TABLES
        }


def _late_reads() -> pl.DataFrame:
    starts = pl.datetime_range(GAP_UTC, GAP_UTC + timedelta(hours=3), "15m", closed="left", eager=True, time_unit="us")
    return pl.DataFrame({"interval_start_utc": starts}).select(
        pl.lit("M4").alias("meter_id"), pl.lit("delivered").alias("channel_code"), "interval_start_utc",
        pl.lit(15, dtype=pl.Int16).alias("interval_minutes"), pl.lit(400, dtype=pl.Int64).alias("wh"),
    )  # fmt: skip


@pytest.mark.req("FR-23", part="data")
def test_what_came_later_counts_for_nothing(copy_of_streets: Home, tmp_path: Path) -> None:
    archive = rows_of(copy_of_streets.marts)
    then = datetime.now(UTC).replace(tzinfo=None)
    load_reads(copy_of_streets, tmp_path, _late_reads())
    build_marts(copy_of_streets)
    now = rows_of(copy_of_streets.marts)
    assert all(now[name] != archive[name] for name in USAGE_TABLES), "every table knows the late reads"

    state = write_as_of(copy_of_streets, then, tmp_path / "then.duckdb")
    for name, rows in rows_of(state.path).items():
        assert rows == archive[name], name
        assert state.row_counts[name] == len(rows)
    present = write_as_of(copy_of_streets, datetime.now(UTC).replace(tzinfo=None), tmp_path / "now.duckdb")
    assert rows_of(present.path) == now
    assert [path.name for path in copy_of_streets.warehouse.glob(".as-of*")] == []


@pytest.mark.req("FR-23", part="data")
def test_sql_over_the_published_tables_gives_the_same(copy_of_streets: Home, tmp_path: Path) -> None:
    then = datetime.now(UTC).replace(tzinfo=None)
    load_reads(copy_of_streets, tmp_path, _late_reads())
    build_marts(copy_of_streets)
    state = write_as_of(copy_of_streets, then, tmp_path / "then.duckdb")
    by_hand = f"""
        select meter_id, interval_start_utc, delivered_kwh, received_kwh, quality_code, estimate_method
        from fct_interval_usage where known_at_utc <= timestamp '{then}'
        union all
        select meter_id, interval_start_utc, delivered_kwh, received_kwh, quality_code, estimate_method
        from fct_read_versions
        where believed_from_utc <= timestamp '{then}' and believed_to_utc > timestamp '{then}'
        order by all
    """
    published = "select meter_id, interval_start_utc, delivered_kwh, received_kwh, quality_code, estimate_method"
    with duckdb.connect(str(copy_of_streets.marts), read_only=True) as con:
        asked = con.execute(by_hand).fetchall()
    with duckdb.connect(str(state.path), read_only=True) as con:
        assert asked == con.execute(f"{published} from fct_interval_usage order by all").fetchall()


def test_it_refuses_with_a_sentence(streets: Home, copy_of_streets: Home, tmp_path: Path) -> None:
    taken = tmp_path / "taken.duckdb"
    taken.touch()
    with pytest.raises(AsOfError, match=r"taken\.duckdb exists already; name another file"):
        write_as_of(streets, end_of(day("11-05")), taken)
    with pytest.raises(AsOfError, match="no folder"):
        write_as_of(streets, end_of(day("11-05")), tmp_path / "nowhere" / "x.duckdb")
    with pytest.raises(
        AsOfError, match=r"nothing was known at 2025-11-06 07:59:59 UTC yet; the first reads were received"
    ):
        write_as_of(copy_of_streets, end_of(day("11-05")), tmp_path / "x.duckdb")
    with pytest.raises(AsOfError, match="holds no reads after validation"):
        write_as_of(Home(tmp_path / "no home"), end_of(day("11-05")), tmp_path / "x.duckdb")
    with copy_of_streets.lock(), pytest.raises(HomeBusyError):
        write_as_of(copy_of_streets, end_of(day("11-05")), tmp_path / "x.duckdb")
    assert [path.name for path in tmp_path.glob("*.duckdb*")] == ["taken.duckdb"]
