"""Real sets with faults of their own: natural gaps and repeats, malformed files, told by report and by ledger."""

import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from models.tables.raw import AUXILIARY_READS, FILES, INTERVAL_READS, METER_EVENTS, QUARANTINED_ROWS, REGISTER_READS
from pipelines import lake
from pipelines.contract import check
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest

# Counts, energy, missing and repeated intervals as the README of the set states them.
UK_HOMES = {
    "0": {"reads": 23_508, "missing": 0, "repeated": 0},
    "1": {"reads": 22_536, "missing": 52, "repeated": 15},
    "2": {"reads": 35_468, "missing": 15_676, "repeated": 24},
}
UK_KWH = 23_452.545
IL_READS = 38_834


def report_of(path: Path, **settings: Any) -> dict[str, Any]:
    *_, report = check(path, FeedSettings(**settings))
    return report


@pytest.mark.req("FR-01", "NFR-09", part="data")
def test_natural_gaps_and_repeats_of_the_uk_homes(real_data: Path) -> None:
    originals = real_data / "opendsm_samples" / "original"
    energy = 0.0
    for name, expected in UK_HOMES.items():
        path = originals / f"uk-electricity-hdd-only-hourly-sample-{name}.csv.gz"
        report = report_of(path, meter_id=f"UK{name}", unit="kwh", time_zone="Europe/London")
        found = {
            "reads": report["channels"][0]["read_count"],
            "missing": report["gaps"]["missing_count"],
            "repeated": report["duplicates"]["identical_count"],
        }
        assert found == expected, name
        assert report["duplicates"]["conflicting_count"] == 0
        assert report["sent_count"] == report["loaded_count"]
        energy += report["channels"][0]["kwh"]
    assert energy == pytest.approx(UK_KWH, abs=0.0005 * 81_512)
    whole = report_of(real_data / "opendsm_samples" / "interval_uk_real.parquet", time_zone="Europe/London")
    assert whole["sent_count"] == whole["loaded_count"] == sum(home["reads"] for home in UK_HOMES.values())
    assert whole["gaps"]["missing_count"] == sum(home["missing"] for home in UK_HOMES.values())
    assert {row["interval_minutes"]: row["meter_count"] for row in whole["channels"]} == {30: 2, 60: 1}


def test_meters_with_a_known_saving(real_data: Path) -> None:
    folder = real_data / "opendsm_samples"
    report = report_of(folder / "interval_il_synthetic_known_savings.parquet", clock="utc")
    assert report["sent_count"] == report["loaded_count"] == IL_READS
    assert report["gaps"]["gap_count"] == 0
    hourly = report_of(folder / "original" / "il-electricity-cdd-hdd-hourly.csv.gz", meter_id="IL", unit="kwh",
                       time_zone="America/Chicago")  # fmt: skip
    assert (hourly["clock_code"], hourly["loaded_count"], hourly["gaps"]["gap_count"]) == ("utc", IL_READS // 2, 0)
    assert hourly["time_findings"] == []


def test_what_is_no_interval_data_is_refused_with_a_reason(real_data: Path) -> None:
    originals = real_data / "opendsm_samples" / "original"
    bills = report_of(originals / "il-electricity-cdd-hdd-billing_monthly.csv.gz", meter_id="IL", unit="kwh")
    assert (bills["sent_count"], bills["loaded_count"]) == (27, 0)
    assert "is not 5, 10, 15, 30, 60 minutes or one day" in bills["refusals"][0]["first_reason"]
    temperatures = report_of(originals / "uk-tempC-sample-0.csv.gz", meter_id="UK", unit="kwh")
    assert "does not look like a header" in temperatures["reason"]


@pytest.mark.long
@pytest.mark.req("FR-01", "NFR-10", part="data")
def test_every_nem12_sample_is_loaded_or_quarantined_with_reasons(home: Home, real_data: Path, tmp_path: Path) -> None:
    with tarfile.open(real_data / "nem12_samples" / "original.tar.gz") as archive:
        archive.extractall(tmp_path / "sent", filter="data")
    samples = [path for path in (tmp_path / "sent" / "original" / "examples").rglob("*") if path.is_file()]
    assert len(samples) == 180
    outcomes = ingest(home, samples, "nem12", FeedSettings(), lambda _: None)
    files = lake.read_frame(home, FILES)
    for row in files.filter(files["sent_count"].is_not_null()).iter_rows(named=True):
        assert row["sent_count"] == row["loaded_count"] + row["quarantined_count"], row["file_name"]
    counts = {
        table.name: lake.read_frame(home, table).height
        for table in (INTERVAL_READS, AUXILIARY_READS, REGISTER_READS, METER_EVENTS, QUARANTINED_ROWS)
    }
    assert counts == {
        # 128,400 values of the good interval files and 816 of the malformed ones: the reader's own tests compare them
        # with nemreader, which reads 768 of the latter otherwise.
        "interval_reads": 116_160,
        "auxiliary_reads": 13_056,
        "register_reads": 277,
        "meter_events": 354,
        "quarantined_rows": 341,
    }
    assert files["loaded_count"].sum() == sum(counts.values()) - counts["quarantined_rows"]
    assert Counter(outcome.status_code for outcome in outcomes) == {
        "loaded": 172,
        "unpacked": 158,
        "quarantined": 6,
        "loaded_in_part": 2,
    }
    refused = {Path(name).name: reason for name, reason in files.select("file_name", "reason").iter_rows() if reason}
    assert "the row holds 48 values" in refused["Example_NEM12_15min_200_30min_300.csv"]
    assert "holds no reads" in refused["Example_NEM12_empty.csv"]
    assert "empty" in refused["Example_empty_file.csv"]
    kept = {path.name.split("_", 1)[1] for path in home.quarantine.iterdir()}
    assert {"Example_NEM12_15min_200_30min_300.csv", "Example_NEM12_15min_200_30min_300.csv.reasons.csv"} <= kept
