"""What is told late about people and meters changes the account of past days, and no more."""

from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.content import content_hashes
from pipelines.home import Home
from pipelines.query import open_marts
from tests.entities.extracts import SENT, raw_rows
from tests.marts.building import build_marts, write_extracts
from tests.marts.conftest import load_reads
from tests.marts.streets import GAP_UTC, day

LATER = SENT + timedelta(hours=1)
NOT_COMPARED = ("meta_build", "fct_file_reconciliation")


def _late_extracts() -> dict[str, pl.DataFrame]:
    """A2 moved in two days earlier, A7's old meter was taken off a day earlier, M5 serves A3 from 4 November on."""
    points = [
        {"service_point_id": "SP1", "premise_id": "P1", "account_id": "A2", "effective_date": day("11-01")},
        {"service_point_id": "SP4", "premise_id": "P3", "account_id": "A3", "effective_date": day("11-04")},
    ]
    meters = [
        {"meter_id": "X1", "installed_date": day("01-01"), "removed_date": day("10-31"), "service_point_id": "SP7",
         "interval_minutes": 60, "effective_date": day("11-01")},
        {"meter_id": "M5", "installed_date": day("01-01"), "removed_date": day("11-03"), "service_point_id": "SP3",
         "interval_minutes": 60, "effective_date": day("11-04")},
        {"meter_id": "M5", "installed_date": day("11-04"), "service_point_id": "SP4", "interval_minutes": 60,
         "effective_date": day("11-04")},
    ]  # fmt: skip
    late = {"css_service_points": points, "css_meters": meters}
    return raw_rows({name: [row | {"changed_at_utc": LATER} for row in rows] for name, rows in late.items()})


def _gap_reads() -> pl.DataFrame:
    starts = pl.datetime_range(GAP_UTC, GAP_UTC + timedelta(hours=3), "15m", closed="left", eager=True, time_unit="us")
    return pl.DataFrame({"interval_start_utc": starts}).select(
        pl.lit("M4").alias("meter_id"), pl.lit("delivered").alias("channel_code"), "interval_start_utc",
        pl.lit(15, dtype=pl.Int16).alias("interval_minutes"), pl.lit(400, dtype=pl.Int64).alias("wh"),
    )  # fmt: skip


@pytest.mark.long
@pytest.mark.req("NFR-10", part="data")
def test_building_on_what_was_there_equals_building_anew(copy_of_streets: Home, tmp_path: Path) -> None:
    before = content_hashes(copy_of_streets.marts)
    load_reads(copy_of_streets, tmp_path, _gap_reads())
    write_extracts(copy_of_streets, _late_extracts(), "00000000000b")
    build_marts(copy_of_streets)
    incremental = content_hashes(copy_of_streets.marts)
    with open_marts(copy_of_streets) as con:
        days = con.execute(
            "select min(usage_date), max(usage_date) from fct_account_daily_usage where account_id = 'A2'"
        )
        assert days.fetchone() == (day("11-01"), day("11-05"))
        hours = "select count(*) from fct_account_daily_usage where account_id = 'A3' and meter_count = 2"
        assert con.execute(hours).fetchone() == (3,)
    build_marts(copy_of_streets, "--full-refresh")
    anew = content_hashes(copy_of_streets.marts)
    changed = {name for name in anew if before[name] != anew[name]}
    assert {"fct_interval_usage", "fct_daily_usage", "fct_account_daily_usage", "fct_account_monthly_usage"} <= changed
    differing = {name for name in anew if incremental[name] != anew[name]} - set(NOT_COMPARED)
    assert not differing


def test_a_move_told_late_computes_no_meter_day_again(copy_of_streets: Home) -> None:
    def runs() -> list[tuple[int, int]]:
        with duckdb.connect(str(copy_of_streets.build_database), read_only=True) as con:
            counted = (
                "select restatement_id, count(*) from intermediate.int_meter_days_aggregated group by 1 order by 1"
            )
            return con.execute(counted).fetchall()

    before = runs()
    write_extracts(copy_of_streets, _late_extracts(), "00000000000b")
    build_marts(copy_of_streets)
    assert runs() == before
