"""Ingest: bad input gets one sentence and loses nothing; every read of a file is accounted for."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from models.tables.raw import FILES, INTERVAL_READS, QUARANTINED_ROWS
from pipelines import lake
from pipelines.cli import app
from pipelines.feeds import FeedError, FeedSettings, read_feed
from pipelines.home import Home
from pipelines.ingest import ingest, ingest_landing, pending_files

Meterhouse = Callable[..., subprocess.CompletedProcess[str]]
GOOD = "meter_id,interval_start_utc,delivered_kwh\n" + "".join(
    f"M1,2026-01-01 {hour:02d}:{minute:02d}:00,0.{minute:02d}5\n" for hour in range(24) for minute in (0, 15, 30, 45)
)
ESPI = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<entry><link rel="self" href="https://example.org/resource/RetailCustomer/1/UsagePoint/1"/>
<content><UsagePoint xmlns="http://naesb.org/espi"><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint></content>
</entry>
<entry><content><IntervalBlock xmlns="http://naesb.org/espi"><IntervalReading>
"""


@pytest.fixture
def bad_files(tmp_path: Path) -> Path:
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "good.csv").write_text(GOOD)
    (folder / "letters.csv").write_text(GOOD.replace("M1", "M2").replace("0.155", "abc", 1))
    (folder / "truncated.xml").write_text(ESPI)
    (folder / "empty.csv").write_bytes(b"")
    return folder


@pytest.mark.req("NFR-10", part="data")
def test_bad_files_get_one_sentence_each_and_everything_else_is_loaded(
    home: Home, bad_files: Path, meterhouse: Meterhouse
) -> None:
    result = meterhouse("ingest", bad_files)
    assert result.returncode == 3
    lines = {name: [line for line in result.stderr.splitlines() if line.startswith(f"manual/{name}")]
             for name in ("letters.csv", "truncated.xml", "empty.csv", "good.csv")}  # fmt: skip
    assert all(len(sentences) == 1 for sentences in lines.values()), result.stderr
    assert 'line 3: value "abc" is not a number' in lines["letters.csv"][0]
    assert "line 7" in lines["truncated.xml"][0]
    assert "truncated" in lines["truncated.xml"][0]
    assert "the file is empty" in lines["empty.csv"][0]
    assert "96 reads loaded" in lines["good.csv"][0]

    kept = {path.name.split("_", 1)[1] for path in home.quarantine.iterdir()}
    for name in ("letters.csv", "truncated.xml", "empty.csv"):
        assert {name, f"{name}.reasons.csv"} <= kept
    assert "good.csv" not in kept

    reads = lake.read_frame(home, INTERVAL_READS)
    assert dict(reads.group_by("meter_id").len().iter_rows()) == {"M1": 96, "M2": 95}
    refused = lake.read_frame(home, QUARANTINED_ROWS)
    assert refused.select("row_number", "row_text").rows() == [(3, "M2,2026-01-01 00:15:00,abc")]
    for row in lake.read_frame(home, FILES).iter_rows(named=True):
        if row["sent_count"] is not None:
            assert row["sent_count"] == row["loaded_count"] + row["quarantined_count"]
        else:
            assert row["reason"]


def test_json_output_is_json(home: Home, bad_files: Path, meterhouse: Meterhouse) -> None:
    result = meterhouse("ingest", bad_files, "--json")
    assert result.returncode == 3
    outcomes = {Path(outcome["file_name"]).name: outcome["status_code"] for outcome in json.loads(result.stdout)}
    assert outcomes == {
        "good.csv": "loaded",
        "letters.csv": "loaded_in_part",
        "truncated.xml": "quarantined",
        "empty.csv": "quarantined",
    }


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["/no/such/file.csv"], 1, "does not exist"),
        ([""], 2, "a path is empty"),
        (["{good}", ""], 2, "a path is empty"),
        (["{good}", "--time-zone", "Mars/Olympus"], 2, "not an IANA time zone"),
        (["{good}", "--time-zone", "posixrules"], 2, "not an IANA time zone"),
        (["{good}", "--clock", "sundial"], 2, "clock is 'sundial'"),
        (["{good}", "--label", "middle"], 2, "label is 'middle'"),
        (["{good}", "--unit", "therms"], 2, "unit is 'therms'"),
        (["{good}", "--format", "docx"], 2, "format is 'docx'"),
        (["{good}", "--interval-minutes", "7"], 2, "interval_minutes is 7"),
        (["{good}", "--meter-id", " "], 2, "meter_id is empty"),
        (["{good}", "--customer-class", "giant"], 2, "customer_class is 'giant'"),
        (["{good}", "--feed", "../../leak"], 2, "is not a folder name"),
    ],
)
def test_wrong_options_are_refused_in_one_sentence(
    home: Home, bad_files: Path, arguments: list[str], code: int, sentence: str
) -> None:
    given = [a.replace("{good}", str(bad_files / "good.csv")) for a in arguments]
    result = CliRunner().invoke(app, ["ingest", *given])
    assert result.exit_code == code
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not home.landing.exists()


def test_wrong_settings_of_a_feed_are_a_failure_and_no_wrong_usage(home: Home, bad_files: Path) -> None:
    (home.landing / "ami").mkdir(parents=True)
    (home.landing / "ami" / "feed.yml").write_text("clock: sundial\n")
    result = CliRunner().invoke(app, ["ingest", str(bad_files / "good.csv"), "--feed", "ami"])
    assert result.exit_code == 1
    assert "feed.yml: clock is 'sundial'" in result.stderr


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00random\x9c", b"[" * 5000, b"- a\n- b\n", b"meter_id: [1, 2]\ntime_zone: 3\n", b"clock: {a: b}\n"],
)
def test_settings_of_a_feed_in_any_bytes_are_one_sentence(home: Home, bad_files: Path, content: bytes) -> None:
    (home.landing / "ami").mkdir(parents=True)
    (home.landing / "ami" / "feed.yml").write_bytes(content)
    result = CliRunner().invoke(app, ["ingest", str(bad_files / "good.csv"), "--feed", "ami"])
    assert result.exit_code == 1
    assert "feed.yml: " in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_refused_file_can_be_given_again_with_better_options(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "bare.csv"
    file.write_text("meter_id,interval_start_utc,value\nM1,2026-01-01 00:00:00,5\nM1,2026-01-01 00:15:00,6\n")
    first = ingest(home, [file], "manual", FeedSettings(), print)
    assert first[0].status_code == "quarantined"
    assert "--unit" in first[0].message
    second = ingest(home, [file], "manual", FeedSettings(unit="wh"), print)
    assert second[0].status_code == "loaded"
    assert lake.read_frame(home, INTERVAL_READS)["reported_wh"].to_list() == [5, 6]
    assert not list(home.quarantine.iterdir())


def test_two_files_of_one_name_are_both_kept(home: Home, tmp_path: Path) -> None:
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "day.csv").write_text(GOOD.replace("2026-01-01", f"2026-01-0{number + 1}"))
    ingest(home, [tmp_path / "a", tmp_path / "b"], "manual", FeedSettings(), print)
    assert len(list(home.landing.rglob("day*.csv"))) == 2
    assert lake.read_frame(home, INTERVAL_READS).height == 192


def test_a_feed_folder_is_swept_with_its_own_settings(home: Home) -> None:
    feed = home.landing / "ami"
    feed.mkdir(parents=True)
    (feed / "feed.yml").write_text("time_zone: Europe/Berlin\nunit: wh\ncustomer_class: small_commercial\n")
    (feed / "day.csv").write_text("meter_id,time,value\nM1,2026-01-01 00:00,5\nM1,2026-01-01 00:15,6\n")
    assert [path.name for path in pending_files(home)] == ["day.csv"]
    ingest_landing(home, print)
    assert pending_files(home) == []
    row = lake.read_frame(home, FILES).row(0, named=True)
    assert (row["time_zone"], row["customer_class"], row["feed"]) == ("Europe/Berlin", "small_commercial", "ami")
    first = lake.read_frame(home, INTERVAL_READS)["interval_start_utc"].min()
    assert str(first) == "2025-12-31 23:00:00"


@pytest.mark.parametrize("text", ["colour: blue", "clock: sundial", "- a list", "time_zone: [", "time_zone: Mars/X"])
def test_wrong_feed_settings_name_the_file(home: Home, text: str) -> None:
    folder = home.landing / "ami"
    folder.mkdir(parents=True)
    (folder / "feed.yml").write_text(text)
    with pytest.raises(FeedError, match=r"feed\.yml"):
        read_feed(home, "ami")


def test_an_interrupted_load_is_simply_done_again(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "good.csv"
    file.write_text(GOOD)
    write = lake.write_frame

    def fail_at_ledger(frame: pl.DataFrame, table: object, path: Path) -> None:
        if table is FILES:
            raise KeyboardInterrupt
        write(frame, table, path)  # type: ignore[arg-type]

    monkeypatch.setattr(lake, "write_frame", fail_at_ledger)
    with pytest.raises(KeyboardInterrupt):
        ingest(home, [file], "manual", FeedSettings(), print)
    monkeypatch.undo()
    assert lake.read_frame(home, FILES).is_empty()
    assert pending_files(home) == []
    ingest(home, [file], "manual", FeedSettings(), print)
    assert lake.read_frame(home, FILES).height == 1
    assert lake.read_frame(home, INTERVAL_READS).height == 96


def test_values_finer_than_a_watt_hour_keep_their_text(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "fine.csv"
    file.write_text(
        "meter_id,interval_start_utc,delivered_kwh\nM1,2026-01-01 00:00:00,0.12345\nM1,2026-01-01 00:15:00,0.120\n"
    )
    ingest(home, [file], "manual", FeedSettings(), print)
    rows = lake.read_frame(home, INTERVAL_READS).select("reported_wh", "reported_text", "source_label").rows()
    assert rows == [(123, "0.12345", "2026-01-01 00:00:00"), (120, None, "2026-01-01 00:15:00")]


def test_parquet_files_are_delta_encoded(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "good.csv"
    file.write_text(GOOD)
    ingest(home, [file], "manual", FeedSettings(), print)
    written = next(path for path in home.lake.rglob("read_month=*/*.parquet"))
    encodings = dict(duckdb.sql(f"select path_in_schema, encodings from parquet_metadata('{written}')").fetchall())
    assert "DELTA_BINARY_PACKED" in encodings["interval_start_utc"]
    assert "DELTA_BINARY_PACKED" in encodings["reported_wh"]


def test_a_loaded_file_asked_for_with_other_settings_is_refused(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "good.csv"
    file.write_text(GOOD)
    ingest(home, [file], "manual", FeedSettings(time_zone="Europe/Berlin"), print)
    (same,) = ingest(home, [file], "manual", FeedSettings(time_zone="Europe/Berlin"), print)
    assert (same.status_code, same.is_quarantined) == ("known", False)
    (other,) = ingest(home, [file], "manual", FeedSettings(time_zone="America/Denver"), print)
    assert other.is_quarantined
    assert "already loaded as manual/good.csv with time zone Europe/Berlin" in other.message
    (other,) = ingest(home, [file], "manual", FeedSettings(customer_class="residential"), print)
    assert "with customer class unclassified" in other.message


@pytest.mark.parametrize(
    ("start", "value", "reason"),
    [
        ("2199-01-01 00:00:00", "1", "starts after the file was received"),
        ("1970-01-01 00:00:00", "1", "starts before 2000-01-01"),
        ("2026-01-01 00:00:00", "9999999999999", "a value of 9999999999999000 Wh in one interval cannot be"),
    ],
)
def test_impossible_times_and_values_are_set_aside(
    home: Home, tmp_path: Path, start: str, value: str, reason: str
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text(f"{GOOD}M1,{start},{value}\n")
    (outcome,) = ingest(home, [file], "manual", FeedSettings(), print)
    assert (outcome.loaded_count, outcome.quarantined_count) == (96, 1)
    assert "line 98: " in outcome.message
    assert reason in outcome.message
