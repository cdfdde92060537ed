"""Files that keep standard time all year are recognised by labels that a wall clock cannot have."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipelines.readers import ReadOptions
from tests.readers.whole import WholeFile, read_file

SPRING, AUTUMN = datetime(2026, 3, 8), datetime(2026, 11, 1)  # noqa: DTZ001 - wall clocks


def _read(tmp_path: Path, column: str, minutes: int, in_gap: str = "0.5", clock: str | None = None) -> WholeFile:
    lines = [f"meter_id,{column},interval_minutes,delivered_kwh"]
    for day in (SPRING, AUTUMN):
        for step in range(24 * 60 // minutes):
            start = day + timedelta(minutes=step * minutes)
            label = start + timedelta(minutes=minutes) if "end" in column else start
            value = in_gap if day is SPRING and start.hour == 2 else "0.5"
            lines.append(f"M,{label:%Y-%m-%d %H:%M},{minutes},{value}")
    path = tmp_path / "reads.csv"
    path.write_text("\n".join(lines) + "\n")
    return read_file(path, ReadOptions(time_zone="America/Los_Angeles", clock_code=clock))


@pytest.mark.parametrize(("column", "minutes"), [
    ("interval_start_local", 15), ("interval_start_local", 60), ("interval_end_local", 15), ("interval_end_local", 30),
])  # fmt: skip
def test_a_uniform_grid_is_standard_time(tmp_path: Path, column: str, minutes: int) -> None:
    parsed = _read(tmp_path, column, minutes)
    assert parsed.clock_code == "standard"
    assert parsed.rejects.is_empty()
    assert parsed.reads.height == 2 * 24 * 60 // minutes
    assert parsed.reads["repeat_number"].max() == 0
    assert parsed.reads["interval_start_utc"].min() == SPRING + timedelta(hours=8)


@pytest.mark.parametrize("filler", ["0", "0.000", ""])
def test_a_skipped_hour_filled_with_zeros_proves_nothing(tmp_path: Path, filler: str) -> None:
    parsed = _read(tmp_path, "interval_start_local", 15, in_gap=filler)
    assert parsed.clock_code == "local"
    assert parsed.rejects.height == 4


def test_a_clock_that_is_given_is_kept(tmp_path: Path) -> None:
    assert _read(tmp_path, "interval_start_local", 15, clock="local").rejects.height == 4


def test_hourly_end_labels_leave_both_conventions_open(tmp_path: Path) -> None:
    assert _read(tmp_path, "interval_end_local", 60).clock_code == "local"
