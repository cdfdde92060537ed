"""Public data sets outside the repository; totals as their READMEs state them."""

import os
import tarfile
from pathlib import Path

import polars as pl
import pytest

from pipelines.readers import ReadOptions
from tests.readers.whole import read_file

_ROOT = Path(__file__).resolve().parents[2]
_REAL = Path(os.environ.get("METERHOUSE_REAL_DATA", str(_ROOT / "../shared/data/real")))


def real(*parts):
    path = _REAL.joinpath(*parts)
    if not path.exists():
        pytest.skip("real data not found: set METERHOUSE_REAL_DATA")
    return path


def kwh(reads):
    return reads["reported_wh"].sum() / 1000


def assert_within_half_a_watt_hour(path, reads):
    rows = reads.select("row_number", "reported_wh", "reported_text").sort("row_number")
    source = pl.read_parquet(path, columns=["kwh"])["kwh"]
    assert (rows["reported_wh"] - source * 1000).abs().max() <= 0.5 + 1e-9
    exact = rows.select(pl.coalesce(pl.col("reported_text").cast(pl.Float64), pl.col("reported_wh") / 1000)).to_series()
    assert (exact - source).abs().max() < 1e-12
    return exact.sum()


def test_fontana_keeps_standard_time_all_year():
    path = real("citylearn_fontana", "interval.parquet")
    result = read_file(path, ReadOptions(clock_code="standard"))
    assert (result.reads.height, result.rejects.height) == (148_920, 0)
    assert result.reads["repeat_number"].max() == 0
    assert assert_within_half_a_watt_hour(path, result.reads) == pytest.approx(169_644.029, abs=5e-4)


def test_fontana_on_a_local_clock_is_refused_in_the_spring_gap_alone():
    result = read_file(real("citylearn_fontana", "interval.parquet"), ReadOptions(clock_code="local"))
    assert (result.reads.height, result.rejects.height) == (148_903, 17)
    assert result.rejects["reason"].str.contains("does not exist in America/Los_Angeles").all()
    assert {finding.code: finding.count for finding in result.findings} == {
        "repeated_hour_once": 17,
        "filled_missing_hour": 2,
        "missing_hour_with_energy": 15,
    }


def test_simbench_on_its_local_clock():
    path = real("simbench_15min", "interval.parquet")
    result = read_file(path, ReadOptions(time_zone="Europe/Berlin"))
    assert (result.clock_code, result.reads.height, result.rejects.height) == ("local", 1_862_208, 0)
    assert result.reads["repeat_number"].max() == 0
    assert assert_within_half_a_watt_hour(path, result.reads) == pytest.approx(11_271_464.7066, abs=5e-5)
    steps = result.reads.group_by("meter_id").agg(pl.col("interval_start_utc").diff().drop_nulls().unique().len())
    assert set(steps["interval_start_utc"]) == {1}


def test_green_button_originals(tmp_path):
    with tarfile.open(real("green_button_espi", "original_xml.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    results = {path.name: read_file(path, ReadOptions()) for path in sorted(tmp_path.glob("original/*.xml"))}
    assert len(results) == 10
    assert sum(result.reads.height for result in results.values()) == 70_740
    assert sum(result.rejects.height for result in results.values()) == 0
    assert sum(kwh(result.reads) for result in results.values()) == pytest.approx(60_109.493, abs=5e-4)
    for name, result in results.items():
        lines = (tmp_path / "original" / name).read_text().splitlines()
        assert all(lines[row - 1].strip() == "<IntervalReading>" for row in result.reads["row_number"])
        assert result.time_zone == ("America/New_York" if name.startswith("Test") else "America/Los_Angeles")
    same = [result.reads["reported_wh"] for name, result in results.items() if name.startswith("Coastal_Multi")]
    assert len(same) == 3
    assert same[0].equals(same[1])
    assert same[0].equals(same[2])
    daily = next(result for name, result in results.items() if "DailyBinnedMonthly" in name)
    assert set(daily.reads["nominal_minutes"]) == {1440}
    assert set(daily.reads["interval_minutes"]) == {1380, 1440, 1500}
