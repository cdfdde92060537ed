"""The contract report warns of what will not pass validation, and tells of register reads and events."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.contract import check
from pipelines.contract_text import report_text
from pipelines.feeds import FeedSettings


def report_of(tmp_path: Path, text: str, **settings: Any) -> dict[str, Any]:
    path = tmp_path / "sent.csv"
    path.write_text(text)
    (report,) = check(path, FeedSettings(**settings))
    return report


def test_a_meter_with_reads_of_two_lengths(tmp_path: Path) -> None:
    report = report_of(
        tmp_path,
        "meter_id,timestamp,minutes,kwh\n"
        "M1,2026-01-01 00:00,15,1\nM1,2026-01-01 00:15,15,1\nM1,2026-01-01 01:00,60,1\nM2,2026-01-01 00:00,60,1\n",
    )
    lengths = [
        {"channel_code": "delivered", "interval_minutes": 15, "read_count": 2},
        {"channel_code": "delivered", "interval_minutes": 60, "read_count": 1},
    ]
    assert report["mixed_lengths"] == {"meter_count": 1, "examples": [{"meter_id": "M1", "lengths": lengths}]}
    assert report["off_grid"]["read_count"] == 0
    text = report_text([report])
    assert "1 meter with reads of several lengths" in text
    assert "M1: 2 delivered reads of 15 min, 1 delivered read of 60 min" in text
    assert "off the grid" not in text


def test_reads_off_the_grid_of_their_length(tmp_path: Path) -> None:
    rows = [f"M{meter},2026-01-01 {hour:02d}:{7 if meter < 5 else 0:02d},1" for meter in range(1, 6) for hour in (3, 4)]
    report = report_of(tmp_path, "meter_id,timestamp,kwh\n" + "\n".join(rows) + "\n", interval_minutes=60)
    assert (report["off_grid"]["read_count"], report["off_grid"]["meter_count"]) == (8, 4)
    first = report["off_grid"]["examples"][0]
    assert (first["meter_id"], first["read_count"], first["first_label"]) == ("M1", 2, "2026-01-01 03:07")
    text = report_text([report])
    assert "8 reads of 4 meters; an interval begins on a multiple of its length" in text
    assert 'M3, delivered: 2 reads of 60 min, first label "2026-01-01 03:07"' in text
    assert "M4, delivered" not in text
    assert "lengths" not in text


@pytest.mark.parametrize(
    ("zone", "label", "minutes", "count"),
    [
        ("Asia/Kolkata", "2026-01-01 03:00", 60, 0),
        ("Asia/Kolkata", "2026-01-01 03:30", 60, 1),
        ("America/Los_Angeles", "2026-03-09", 1440, 0),
        ("America/Los_Angeles", "2026-03-08", 1440, 0),
        ("America/Los_Angeles", "2026-03-08 06:00", 1440, 1),
        ("America/Havana", "2026-03-08 01:00", 1440, 0),
        ("America/Havana", "2026-07-01 01:00", 1440, 1),
    ],
)
def test_the_grid_is_that_of_local_days(tmp_path: Path, zone: str, label: str, minutes: int, count: int) -> None:
    text = f"meter_id,interval_start_local,kwh\nM1,{label},1\n"
    report = report_of(tmp_path, text, interval_minutes=minutes, time_zone=zone)
    assert (report["loaded_count"], report["off_grid"]["read_count"]) == (1, count)


def test_register_reads_have_a_period_and_duplicates(tmp_path: Path) -> None:
    report = report_of(
        tmp_path,
        "meter_id,read_at_utc,register_kwh,register_id\n"
        "M1,2026-01-01 00:00,100,A\nM1,2026-01-01 00:00,100,A\n"
        "M1,2026-01-02 00:00,110,A\nM1,2026-01-02 00:00,111,A\nM1,2026-01-02 00:00,111,B\n",
    )
    assert [(row["register_code"], f"{row['first_read_at_utc']:%d}", f"{row['last_read_at_utc']:%d}")
            for row in report["register_reads"]] == [("A", "01", "02"), ("B", "02", "02")]  # fmt: skip
    found = report["register_duplicates"]
    assert (found["identical_count"], found["conflicting_count"], found["first_meter_id"]) == (1, 1, "M1")
    text = report_text([report])
    assert "register A: 4 reads of 1 meter, 2026-01-01 00:00 to 2026-01-02 00:00 UTC" in text
    assert "register B: 1 read of 1 meter" in text
    assert "register duplicates: 1 with the same value, 1 with another; first M1 at 2026-01-01 00:00 UTC" in text
    assert "gaps" not in text


def test_events_have_a_period_and_duplicates(tmp_path: Path) -> None:
    report = report_of(
        tmp_path,
        "meter_id,event_start_utc,event_end_utc,event_code\n"
        "M1,2026-01-01 00:00,2026-01-01 01:00,12\nM1,2026-01-01 00:00,2026-01-01 01:00,12\n"
        "M2,2026-01-03 00:00,,12\nM2,2026-01-03 00:00,2026-01-03 02:00,12\n",
    )
    (row,) = report["meter_events"]
    assert (row["event_count"], row["meter_count"]) == (4, 2)
    assert (f"{row['first_event_start_utc']:%d}", f"{row['last_event_start_utc']:%d}") == ("01", "03")
    assert (report["event_duplicates"]["identical_count"], report["event_duplicates"]["conflicting_count"]) == (1, 1)
    text = report_text([report])
    assert "event 12: 4 times of 2 meters, 2026-01-01 00:00 to 2026-01-03 00:00 UTC" in text
    assert "event duplicates: 1 with the same end, 1 with another; first M1 at 2026-01-01 00:00 UTC" in text


def test_the_time_of_receipt_decides_what_is_too_late_to_be_a_read(tmp_path: Path) -> None:
    text = "meter_id,interval_start_utc,interval_minutes,kwh\nM1,2026-01-01 00:00,15,1\n"
    given = datetime(2025, 6, 1)  # noqa: DTZ001 - naive UTC
    assert report_of(tmp_path, text)["loaded_count"] == 1
    report = report_of(tmp_path, text, received_at_utc=given)
    assert "starts after the file was received" in report["refusals"][0]["first_reason"]
