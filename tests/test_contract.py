"""The contract report says of a file what ingest would do with it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from models.tables.raw import FILES, QUARANTINED_ROWS
from pipelines import lake
from pipelines.contract import check
from pipelines.contract_text import report_text
from pipelines.feeds import FeedSettings
from pipelines.home import Home

Meterhouse = Callable[..., subprocess.CompletedProcess[str]]

CSV = """meter_id,timestamp,kwh,quality
M1,2026-01-01 00:15,0.5,A
M1,2026-01-01 00:30,0.25,A
M1,2026-01-01 00:30,0.25,E
M1,2026-01-01 00:30,0.75,E
M1,2026-01-01 01:30,-1,weird
M1,2026-01-01 01:45,,A
M1,2026-01-01 02:00,abc,A
M1,2026-01-01 02:15,1e309,A
M1,2026-01-02 00:00,0,A
M2,2026-01-01 00:15,1,A
M2,2026-01-02 00:00,1,A
"""
SETTINGS = {"interval_minutes": 15}


def written(tmp_path: Path, text: str | bytes = CSV, name: str = "sent.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_everything_that_there_is_to_say(tmp_path: Path) -> None:
    (report,) = check(written(tmp_path), FeedSettings(interval_minutes=15))
    assert (report["format_code"], report["status_code"]) == ("csv", "loaded_in_part")
    assert (report["sent_count"], report["loaded_count"], report["quarantined_count"]) == (11, 9, 2)
    assert (report["time_zone"], report["time_zone_source_code"]) == ("America/Los_Angeles", "default")
    assert (report["clock_code"], report["label_code"]) == ("local", "end")
    assert [row["finding_code"] for row in report["time_findings"]] == ["labels_at_end_by_day_bounds"]
    assert report["meters"] == {"meter_count": 2, "first_meters": ["M1", "M2"]}
    (channel,) = report["channels"]
    assert (channel["channel_code"], channel["interval_minutes"], channel["read_count"]) == ("delivered", 15, 9)
    assert channel["kwh"] == pytest.approx(2.75)
    assert f"{channel['first_interval_start_utc']:%Y-%m-%d %H:%M}" == "2026-01-01 08:00"
    assert f"{channel['last_interval_start_utc']:%Y-%m-%d %H:%M}" == "2026-01-02 07:45"
    quality = {
        (row["source_quality_code"], row["reported_quality_code"]): row["read_count"] for row in report["quality"]
    }
    assert quality == {("A", "A"): 6, ("E", "E"): 2, ("weird", None): 1}
    assert report["values"] == {"blank_count": 1, "zero_count": 1, "negative_count": 1, "largest_kwh": 1.0}
    assert (report["duplicates"]["identical_count"], report["duplicates"]["conflicting_count"]) == (0, 2)
    assert report["gaps"]["gap_count"] == 3
    assert report["gaps"]["missing_count"] == 3 + 88 + 94
    assert report["gaps"]["longest"][0]["meter_id"] == "M2"
    assert [(row["value_count"], row["first_line"]) for row in report["refusals"]] == [(1, 8), (1, 9)]


def test_the_report_is_what_ingest_does(home: Home, tmp_path: Path, meterhouse: Meterhouse) -> None:
    path = written(tmp_path)
    checked = meterhouse("contract", "check", path, "--interval-minutes", "15", "--json")
    assert checked.returncode == 3
    (report,) = json.loads(checked.stdout)
    assert not home.root.exists()
    assert meterhouse("ingest", path, "--interval-minutes", "15").returncode == 3
    (file,) = lake.read_frame(home, FILES).iter_rows(named=True)
    for name in (
        "format_code",
        "status_code",
        "sent_count",
        "loaded_count",
        "quarantined_count",
        "time_zone",
        "label_code",
    ):
        assert report[name] == file[name], name
    refused = lake.read_frame(home, QUARANTINED_ROWS)["reason"].to_list()
    assert [row["first_reason"] for row in report["refusals"]] == refused


def test_the_words_for_people(tmp_path: Path) -> None:
    text = report_text(check(written(tmp_path), FeedSettings(interval_minutes=15)))
    for words in (
        "sent.csv: csv,",
        "11 sent = 9 loaded + 2 refused",
        "2: M1, M2",
        "America/Los_Angeles (assumed: the file names none); labels are wall-clock time, naming the end",
        "185 intervals missing in 3 gaps",
        "0 with the same value, 2 with another; first M1 at 2026-01-01 08:15 UTC",
        '"weird" (unknown): 1 read',
        '1 × line 8: value "abc" is not a number',
        '1 × line 9: value "1e309" is too large to hold in watt-hours',
    ):
        assert words in text, text


def test_a_file_that_cannot_be_read_and_one_that_is_not_there(tmp_path: Path, meterhouse: Meterhouse) -> None:
    result = meterhouse("contract", "check", written(tmp_path, b"\x00\x01\x02"))
    assert result.returncode == 3
    assert "would be quarantined as a whole" in result.stdout
    missing = meterhouse("contract", "check", tmp_path / "none.csv")
    assert missing.returncode == 1
    assert missing.stderr.strip().endswith("none.csv does not exist")
    zone = meterhouse("contract", "check", written(tmp_path), "--time-zone", "Mars/Olympus")
    assert zone.returncode == 2
    assert "not an IANA time zone" in zone.stderr
    empty = meterhouse("contract", "check", "")
    assert empty.returncode == 2
    assert "a path is empty" in empty.stderr


def test_daily_reads_have_no_gap_at_clock_changes(tmp_path: Path) -> None:
    days = [f"M1,2025-{month:02d}-{day:02d},1" for month in (3, 11) for day in range(1, 31)]
    text = "meter_id,date,kwh\n" + "\n".join(days) + "\n"
    (report,) = check(written(tmp_path, text), FeedSettings(interval_minutes=1440))
    assert report["gaps"]["gap_count"] == 1
    assert report["gaps"]["missing_count"] == 1 + 30 + 31 + 30 + 31 + 31 + 30 + 31
