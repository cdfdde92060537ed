"""Real meter files through the whole house: counts and energy as their owners state them."""

import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from models.tables.vee import EDITED_INTERVAL_READS, SUPERSEDED_READS
from pipelines import lake
from pipelines.entities import build_entities
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.query import open_marts
from pipelines.reference import vee_settings
from pipelines.validate import stale_months, validate_months
from tests.marts.building import build_marts

Meterhouse = Callable[..., subprocess.CompletedProcess[str]]

FONTANA = {"meters": 17, "reads": 148_920, "kwh": 169_644.029}
SIMBENCH = {"meters": 53, "reads": 1_862_208, "kwh": 11_271_464.7066}
GREEN_BUTTON = {"meters": 10, "reads": 70_740, "kwh": 60_109.493}
# The files of RetailCustomer 3, 4 and 5 hold the readings of one home in blocks of 12 hours, a day and a month.
COASTAL = ("*12hr*", "*_Daily_*", "Coastal_Multi_Family_Jan*")
COASTAL_HOME = {"reads": 8_760, "kwh": 4_425.305}


@pytest.fixture
def green_button(real_data: Path, tmp_path: Path) -> Path:
    with tarfile.open(real_data / "green_button_espi" / "original_xml.tar.gz") as archive:
        archive.extractall(tmp_path / "green_button", filter="data")
    return tmp_path / "green_button" / "original"


def _ok(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def _load(home: Home, path: Path, settings: FeedSettings) -> None:
    assert [outcome.status_code for outcome in ingest(home, [path], "manual", settings, print)] == ["loaded"]


def _near(con: duckdb.DuckDBPyConnection, expected: dict[str, float], condition: str) -> None:
    """Counts exactly; energy within half a watt-hour per read."""
    row = con.execute(
        "select count(distinct meter_id), count(*) filter (where quality_code = 'A'), "
        "sum(delivered_kwh) filter (where quality_code = 'A'), count(*) from fct_interval_usage "
        f"join dim_meters using (meter_id) where {condition}"
    ).fetchone()
    assert row is not None
    meters, reads, energy, intervals = row
    assert meters == expected["meters"]
    assert reads == expected["reads"]
    assert intervals == reads, "nothing was missing, so nothing is estimated"
    assert abs(float(energy) - expected["kwh"]) <= 0.0005 * reads


@pytest.mark.long
@pytest.mark.req("FR-01", "NFR-01", "NFR-09", "NFR-10", part="data")
def test_real_files_give_the_counts_and_energy_of_their_readmes(
    home: Home, real_data: Path, green_button: Path, meterhouse: Meterhouse
) -> None:
    fontana = real_data / "citylearn_fontana" / "interval.parquet"
    simbench = real_data / "simbench_15min" / "interval.parquet"
    # Local labels on a uniform grid of 8,760 hours: the wall clock's two changes are missing, so it is standard time.
    _load(home, fontana, FeedSettings(clock="standard", time_zone="America/Los_Angeles"))
    _load(home, simbench, FeedSettings(clock="local", time_zone="Europe/Berlin"))
    _ok(meterhouse("ingest", green_button))
    build_marts(home)
    with open_marts(home) as con:
        _near(con, FONTANA, "meter_id like 'FONTANA%'")
        _near(con, SIMBENCH, "meter_id like 'SB_%'")
        _near(con, GREEN_BUTTON, "meter_id like 'RetailCustomer/%'")
        files = con.execute(
            "select sum(sent_count), sum(accepted_count), sum(superseded_count), sum(quarantined_count) "
            "from fct_file_reconciliation"
        ).fetchone()
        total = sum(int(data["reads"]) for data in (FONTANA, SIMBENCH, GREEN_BUTTON))
        assert files == (total, total, 0, 0)
        berlin = con.execute(
            "select usage_date::varchar, expected_interval_count, count(*) from fct_daily_usage "
            "where meter_id like 'SB_%' and expected_interval_count <> 96 group by all order by all"
        ).fetchall()
        assert berlin == [("2016-03-27", 92, 53), ("2016-10-30", 100, 53)]
        daily = con.execute(
            "select distinct interval_minutes from fct_interval_usage where meter_id = 'RetailCustomer/1/UsagePoint/1'"
        ).fetchall()
        assert sorted(daily) == [(1380,), (1440,), (1500,)]
        errors = con.execute("select * from fct_vee_failures where severity = 'error'").fetchall()
        assert errors == []


def test_one_home_in_three_files_counts_once_and_is_reported(home: Home, green_button: Path) -> None:
    copies = [path for pattern in COASTAL for path in green_button.glob(pattern)]
    assert len(copies) == 3
    outcomes = ingest(home, copies, "manual", FeedSettings(meter_id="COASTAL"), print)
    assert [outcome.loaded_count for outcome in outcomes] == [COASTAL_HOME["reads"]] * 3
    build_entities(home)
    validate_months(home, vee_settings(), stale_months(home, vee_settings()), print)
    reads = lake.read_frame(home, EDITED_INTERVAL_READS)
    assert reads.height == COASTAL_HOME["reads"]
    assert abs(reads["delivered_wh"].cast(pl.Int64).sum() / 1000 - COASTAL_HOME["kwh"]) <= 0.0005 * reads.height
    superseded = lake.read_frame(home, SUPERSEDED_READS)
    assert superseded["is_identical"].all()
    assert sorted(superseded.group_by("file_id").len()["len"]) == [COASTAL_HOME["reads"]] * 2


def test_a_wall_clock_that_never_changes_is_recognised_as_standard_time(home: Home, real_data: Path) -> None:
    (outcome,) = ingest(home, [real_data / "citylearn_fontana" / "interval.parquet"], "manual", FeedSettings(), print)
    assert outcome.loaded_count == FONTANA["reads"]
    assert "standard clock" in outcome.message
    (outcome,) = ingest(
        Home(home.root / "told"),
        [real_data / "citylearn_fontana" / "interval.parquet"],
        "manual",
        FeedSettings(clock="local"),
        print,
    )
    assert outcome.quarantined_count == FONTANA["meters"]
    assert "2017-03-12 02:00 does not exist in America/Los_Angeles" in outcome.message
    assert "--clock standard" in outcome.message
