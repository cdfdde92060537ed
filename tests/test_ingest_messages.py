"""What `meterhouse ingest` says of files: one line each, then what was noticed about times, once per kind."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.home import Home

AUTUMN = "2025-11-02"
HEADER = "meter_id,interval_start_local,delivered_kwh\n"


def hourly(meter: str) -> str:
    labels = [f"{AUTUMN} {hour:02d}:00" for hour in (0, 1, 1, 2, 3)]
    return HEADER + "".join(f"{meter},{label},1\n" for label in labels)


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    folder = tmp_path / "sent"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"day{number}.csv").write_text(hourly(f"M{number}"))
    (folder / "once.csv").write_text(HEADER + "M4,2025-11-02 00:00,1\nM4,2025-11-02 01:00,1\n")
    (folder / "plain.csv").write_text(HEADER + "M5,2025-12-01 00:00,1\nM5,2025-12-01 01:00,x\n")
    return folder


def test_findings_are_told_once_in_a_sentence(home: Home, sent: Path) -> None:
    result = CliRunner().invoke(app, ["ingest", str(sent)])
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        *(f"manual/day{n}.csv: 5 reads loaded (csv, America/Los_Angeles by default, local clock)" for n in (1, 2, 3)),
        "manual/once.csv: 2 reads loaded (csv, America/Los_Angeles by default, local clock)",
        'manual/plain.csv, line 3: value "x" is not a number; 1 of 2 values set aside with reasons in '
        "quarantine/, 1 loaded",
        "noticed in manual/day1.csv and 2 other files, 6 reads: labels of the repeated hour come twice; the file runs "
        "in order of time, so the second of two is standard time (repeated_hour_in_order)",
        "noticed in manual/once.csv, 1 read: labels of the repeated hour come once and are read as daylight time, the "
        "first of the two hours (repeated_hour_once)",
    ]
    assert result.stdout.startswith("5 files, 18 values loaded; 1 file has something in ")


def test_findings_stand_in_the_json(home: Home, sent: Path) -> None:
    result = CliRunner().invoke(app, ["ingest", str(sent / "once.csv"), "--json"])
    (outcome,) = json.loads(result.stdout)
    (finding,) = outcome["findings"]
    assert (finding["code"], finding["count"]) == ("repeated_hour_once", 1)
    assert "daylight time" in finding["text"]


def test_one_is_one(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("meter_id,interval_start_utc,interval_minutes,kwh\nM1,2026-01-01 00:00,15,1\n")
    result = CliRunner().invoke(app, ["ingest", str(file)])
    assert "one.csv: 1 read loaded" in result.stderr
    assert result.stdout.startswith("1 file, 1 value loaded;")
