"""What is told late about people and meters changes the account of past days, and no more."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.content import content_hashes
from pipelines.home import Home
from pipelines.query import open_marts
from tests.entities.extracts import SENT, raw_rows
from tests.marts.building import MODELS, build_database, build_marts, write_extracts
from tests.marts.conftest import load_reads
from tests.marts.streets import FIRST, GAP_UTC, SPRING, day

LATER = SENT + timedelta(hours=1)
INCREMENTAL = (
    "int_meter_days_aggregated", "int_account_days_combined", "int_utility_hours_summed",
    "int_meter_peak_hours_aggregated",
)  # fmt: skip
NOT_COMPARED = ("meta_build", "fct_file_reconciliation")


def _late_extracts() -> dict[str, pl.DataFrame]:
    """A2 moved in and A7's old meter came off earlier, M5 serves A3 from 4 November on, Q2 hangs below Q1."""
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
        {"meter_id": "Q2", "installed_date": day("01-01"), "service_point_id": "SP8", "parent_meter_id": "Q1",
         "interval_minutes": 15, "effective_date": day("01-01")},
    ]  # fmt: skip
    late = {"css_service_points": points, "css_meters": meters}
    return raw_rows({name: [row | {"changed_at_utc": LATER} for row in rows] for name, rows in late.items()})


def _gap_reads() -> pl.DataFrame:
    starts = pl.datetime_range(GAP_UTC, GAP_UTC + timedelta(hours=3), "15m", closed="left", eager=True, time_unit="us")
    return pl.DataFrame({"interval_start_utc": starts}).select(
        pl.lit("M4").alias("meter_id"), pl.lit("delivered").alias("channel_code"), "interval_start_utc",
        pl.lit(15, dtype=pl.Int16).alias("interval_minutes"), pl.lit(400, dtype=pl.Int64).alias("wh"),
    )  # fmt: skip


def _incremental_tables(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of the private tables that are kept from build to build."""
    with duckdb.connect(str(home.build_database), read_only=True) as con:
        return {name: con.execute(f"select * from intermediate.{name} order by all").fetchall() for name in INCREMENTAL}


@pytest.mark.long
@pytest.mark.req("NFR-10", part="data")
def test_building_on_what_was_there_equals_building_anew(copy_of_streets: Home, tmp_path: Path) -> None:
    before = content_hashes(copy_of_streets.marts)
    load_reads(copy_of_streets, tmp_path, _gap_reads())
    write_extracts(copy_of_streets, _late_extracts(), "00000000000b")
    build_marts(copy_of_streets)
    incremental, kept = content_hashes(copy_of_streets.marts), _incremental_tables(copy_of_streets)
    with open_marts(copy_of_streets) as con:
        days = con.execute(
            "select min(usage_date), max(usage_date) from fct_account_daily_usage where account_id = 'A2'"
        )
        assert days.fetchone() == (day("11-01"), day("11-05"))
        hours = "select count(*) from fct_account_daily_usage where account_id = 'A3' and meter_count = 2"
        assert con.execute(hours).fetchone() == (3,)
    build_database(copy_of_streets, *MODELS, "--full-refresh")
    anew = content_hashes(copy_of_streets.marts)
    changed = {name for name in anew if before[name] != anew[name]}
    assert changed >= {
        "fct_interval_usage", "fct_daily_usage", "fct_monthly_usage", "fct_account_daily_usage",
        "fct_account_monthly_usage", "mart_usage_history",
    }  # fmt: skip
    differing = {name for name in anew if incremental[name] != anew[name]} - set(NOT_COMPARED)
    assert not differing
    assert kept == _incremental_tables(copy_of_streets)


MARK = 10**7
"""Added to figures of the private tables; where it is still there after a build, nothing was computed again."""
MARKED = {
    "int_meter_days_aggregated": "known_minutes",
    "int_account_days_combined": "known_minutes",
    "int_utility_hours_summed": "net_wh",
    "int_meter_peak_hours_aggregated": "delivered_kwh",
}


def test_a_move_told_late_computes_nothing_again_but_what_it_concerns(copy_of_streets: Home) -> None:
    def marked(key: str, table: str) -> set[tuple[Any, ...]]:
        with duckdb.connect(str(copy_of_streets.build_database), read_only=True) as con:
            rows = f"select {key} from intermediate.{table} where {MARKED[table]} >= {MARK}"
            return set(con.execute(rows).fetchall())

    with duckdb.connect(str(copy_of_streets.build_database)) as con:
        for table, column in MARKED.items():
            con.execute(f"update intermediate.{table} set {column} = {column} + {MARK}")
    meter_days = marked("meter_id, usage_date", "int_meter_days_aggregated")
    peaks = marked("meter_id, usage_date", "int_meter_peak_hours_aggregated")
    write_extracts(copy_of_streets, _late_extracts(), "00000000000b")
    build_marts(copy_of_streets)
    # On the day after its removal the meter still counted, which is another verdict (V14).
    judged_anew = {("X1", day("11-01"))}
    assert marked("meter_id, usage_date", "int_meter_days_aggregated") == meter_days - judged_anew
    spring = [day("03-08"), day("03-09"), day("03-10")]
    kept = {("A3", day("11-01")), *(("A9", on) for on in spring)}
    kept |= {("A4", FIRST + timedelta(days=number)) for number in range(6)}
    assert marked("account_id, usage_date", "int_account_days_combined") == kept
    # A meter that hangs below another since January leaves the utility's load on all of its days.
    assert marked("usage_date", "int_utility_hours_summed") == {(on,) for on in spring}
    assert {meter for meter, on in peaks if on in spring} == set(SPRING)
    assert {row for row in peaks if row[1] in spring} <= marked(
        "meter_id, usage_date", "int_meter_peak_hours_aggregated"
    )
