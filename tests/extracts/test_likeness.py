"""What is left of an extract is treated as one wherever it comes by; files of reads are not mistaken for one."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from models.extracts import SYSTEMS, Extract
from pipelines.contract import check
from pipelines.extracts.example import example_text
from pipelines.extracts.likeness import resembles_extract
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest
from tests.extracts.reading import files
from tests.extracts.test_vault import leaks
from tests.extracts.written import PERSON, PERSONAL_VALUES, Written
from tests.hostile.seeds import (
    cmep,
    espi,
    event_csv,
    long_csv,
    nem12,
    nem13,
    parquet_bytes,
    parquet_columns,
    portal_csv,
    quoted_csv,
    register_csv,
    wide_csv,
)

FLAT = {name: value.replace("\n", " ") for name, value in PERSON.items()}
WHOLE = Written("CRM", [("persons", [FLAT] * 3), ("consents", [])]).text()
LINES = WHOLE.splitlines(keepends=True)
MANY = Written("CRM", [("persons", [FLAT] * 2000)]).text().splitlines(keepends=True)
LEFT: dict[str, Callable[[], str | bytes]] = {
    "cut in front": lambda: "".join(LINES[3:]),
    "cut in front and behind": lambda: "".join(LINES[3:5]),
    "cut in front, and long": lambda: "".join(MANY[3:]),
    "a row": lambda: LINES[4],
    "without header": lambda: "".join(LINES[1:]),
    "without header and table": lambda: "".join(LINES[2:]),
    "column names and a row": lambda: "".join(LINES[2:4]),
    "quoted column names and a row": lambda: '"' + LINES[2].strip().replace(",", '","') + '"\n' + LINES[3],
    "semicolons": lambda: WHOLE.replace(",", ";"),
    "tabs": lambda: WHOLE.replace(",", "\t"),
    "semicolons without header": lambda: "".join(LINES[1:]).replace(",", ";"),
    "a row with semicolons": lambda: LINES[3].replace(",", ";"),
    "every field quoted": lambda: "".join(f'"{line.strip()}"\n'.replace(",", '","') for line in LINES),
    "blank lines before": lambda: "\n\n" + WHOLE,
    "another line before": lambda: "Persons of today\n" + WHOLE,
    "old line ends": lambda: WHOLE.replace("\n", "\r") + "\n",
    "old line ends without header": lambda: "".join(LINES[1:]).replace("\n", "\r") + "\n",
    "utf-16": lambda: WHOLE.encode("utf-16"),
    "utf-16 without mark or header": lambda: "".join(LINES[1:]).encode("utf-16-be"),
    "packed": lambda: gzip.compress("".join(LINES[1:]).encode()),
    "upper rows only": lambda: "".join(LINES[:2]),
    "cut off": lambda: WHOLE[:-90],
}
READS: dict[str, Callable[[], str | bytes]] = {
    "long csv": long_csv, "quoted csv": quoted_csv, "wide csv": wide_csv, "register csv": register_csv,
    "event csv": event_csv, "portal": portal_csv, "cmep": cmep, "nem12": nem12, "nem13": nem13, "espi": espi,
    "parquet": lambda: parquet_bytes(parquet_columns()),
    "instants first": lambda: "interval_start_utc,meter_id,kwh\n2026-08-25T18:00:00Z,M1,1\n",
    "seven columns, no header": lambda: "M1,2026-08-25T18:00:00Z,2026-08-25T19:00:00Z,60,1,0,A\n",
    "a column of headers": lambda: "header_id,meter_id,interval_start_utc,kwh\nTABLEAU,M1,2026-08-25T18:00:00Z,1\n",
}  # fmt: skip


@pytest.mark.req("FR-07", "FR-08")
@pytest.mark.parametrize("feed", ["manual", "mdms"])
@pytest.mark.parametrize("name", LEFT)
def test_a_part_of_an_extract_leaves_nothing_behind(home: Home, tmp_path: Path, name: str, feed: str) -> None:
    data = LEFT[name]()
    path = tmp_path / "cut.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    said: list[str] = []
    first, *_ = ingest(home, [path], feed, FeedSettings(), said.append)
    assert first.status_code == "quarantined"
    assert "send" in first.message
    assert len(first.message) < 400
    (report, *_) = (one for one in check(path, FeedSettings(), feed) if one["status_code"] != "unpacked")
    reasons = files(home)["reason"].drop_nulls().to_list()
    assert report["reason"] in reasons
    assert leaks(home) == []
    assert not any(value in text for value in PERSONAL_VALUES for text in (*said, *reasons))
    (kept,) = home.quarantine.iterdir()
    assert kept.name.endswith(".reasons.csv"), "the file itself stays in landing/"


@pytest.mark.parametrize(
    "extract", [one for system in SYSTEMS for one in system.extracts], ids=lambda one: one.raw_name
)
def test_every_table_is_known_by_its_columns_and_by_its_rows(tmp_path: Path, extract: Extract) -> None:
    (system,) = (one for one in SYSTEMS if one.code == extract.system_code)
    columns, *rows = example_text(system).split(f"TABLE,{extract.name}\n")[1].splitlines()[:3]
    for text in (f"{columns}\n", ",".join(reversed(columns.split(","))), *rows):
        path = tmp_path / "part.csv"
        path.write_text(text)
        assert resembles_extract(path), text


@pytest.mark.parametrize("name", READS)
def test_files_of_reads_are_not_mistaken(tmp_path: Path, name: str) -> None:
    data = READS[name]()
    path = tmp_path / "reads.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    assert not resembles_extract(path)
