"""Files that are refused as a whole: one sentence with line, reason and what to do, and nothing of them is loaded."""

import gzip
import os
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from models.tables.extracts import RAW_EXTRACTS, VAULT_EXTRACTS
from pipelines import lake
from pipelines.contract import check
from pipelines.extracts.envelope import LONGEST_LINE, is_extract, read_envelope
from pipelines.feeds import FeedSettings
from pipelines.freshness import freshness
from pipelines.home import Home
from pipelines.ingest import ingest, ingest_landing
from tests.extracts.reading import files, sent
from tests.extracts.written import PERSON, PERSONAL_VALUES, good, sealed

CSS = good("CSS")
WHOLE = CSS.text()
HEADER, BODY = CSS.header, CSS.body
RECEIVED = datetime.fromisoformat("2026-08-26T05:00:00")
NEXT = ("send", "set utility_code", "known are")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WHOLE[: WHOLE.index("TRAILER")], "line 10: the file ends without a trailer, so it is cut off"),
        (WHOLE[: len(WHOLE) // 2], "the file ends without a trailer"),
        (WHOLE[:-20], "the trailer must read TRAILER, number of rows, SHA-256"),
        (HEADER, "the file ends without a trailer"),
        (replace(CSS, count=4).text(), "the trailer states 4 rows and the file holds 3"),
        (replace(CSS, sha256="0" * 64).text(), "line 11: the content has another SHA-256 than the trailer states"),
        (WHOLE.replace("A000001", "A000002"), "another SHA-256"),
        (WHOLE.replace("\n", "\r\n"), "another SHA-256"),
        (HEADER + BODY[::-1] + WHOLE[WHOLE.index("TRAILER") :], "rows stand before the first TABLE line"),
        (WHOLE + "TABLE,premises\n", "line 12: lines follow the trailer in line 11"),
        (WHOLE + WHOLE, "line 12: lines follow the trailer"),
        (sealed(HEADER, BODY + HEADER, 3), "line 11: a second header"),
        (sealed(HEADER, "loose,row\n" + BODY, 3), "line 2: rows stand before the first TABLE line"),
        (replace(CSS, system="ERP").text(), 'line 1: system "ERP" is unknown; known are CSS, CRM, DMS, WEATHER'),
        (replace(CSS, utility="OTHER").text(), 'utility "OTHER" and this home takes those of "SIMUTIL"'),
        (replace(CSS, kind="weekly").text(), '"weekly" is neither history nor daily'),
        (replace(CSS, first="2026-08-26").text(), "the first date 2026-08-26 is later than the last one 2026-08-25"),
        (replace(CSS, last="9999-12-31").text(), '"9999-12-31" is no date between 1900-01-01 and 2199-12-31'),
        (replace(CSS, first="25/08/2026").text(), '"25/08/2026" is no date'),
        (replace(CSS, first="2026-02-30").text(), '"2026-02-30" is no date'),
        (replace(CSS, sent="2026-08-26 05:00").text(), 'time of sending "2026-08-26 05:00" is no instant'),
        (replace(CSS, sent="2026-08-20T05:00:00Z").text(), "before its last business date 2026-08-25"),
        (WHOLE.replace("HEADER,CSS,", "HEADER,CSS,,"), "line 1: the header must hold HEADER, system, utility"),
        ("HEADER,CSS\n", "line 1: the header must hold"),
        ("HEADER," + "x" * 10**6 + "\n", "line 1: the header must hold"),
        ("premise_id,city\nP1,Here\n", "line 1: the file does not begin with HEADER"),
        ("", "line 1: the file does not begin with HEADER"),
    ],
)
def test_refused_with_one_sentence(home: Home, text: str, words: str) -> None:
    outcome = sent(home, text)
    assert outcome.status_code == "quarantined"
    assert words in outcome.message
    assert any(advice in outcome.message for advice in NEXT)
    assert "\n" not in outcome.message
    assert len(outcome.message) < 400
    assert not any(value in outcome.message for value in PERSONAL_VALUES)
    for table in (*RAW_EXTRACTS.values(), *VAULT_EXTRACTS.values()):
        assert not [path for path in lake.table_folder(home, table).glob("*.parquet") if path.name != lake.EMPTY_FILE]
    (reasons,) = home.quarantine.iterdir()
    assert reasons.name.endswith(".reasons.csv"), "the file itself stays in landing/"


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(days=1), None),
        (
            timedelta(days=1, seconds=1),
            "sent at 2026-08-26T05:00:00Z, more than a day after its receipt (2026-08-25 0",
        ),
        (timedelta(days=1300), "correct the header and send the file again"),
    ],
)
def test_files_from_the_future(home: Home, late: timedelta, words: str | None) -> None:
    settings = FeedSettings(received_at_utc=RECEIVED - late)
    path = CSS.write(home.root / "outside")
    (outcome,) = ingest(home, [path], "css", settings, lambda _: None)
    (report,) = check(path, settings, "css")
    (row,) = files(home).iter_rows(named=True)
    if words is None:
        assert (outcome.status_code, report["status_code"]) == ("loaded", "loaded")
        return
    assert words in outcome.message
    assert report["reason"] == row["reason"]
    assert (row["business_date"], row["sent_at_utc"]) == (None, None), "no date from the future counts"
    assert freshness(home).is_empty()


@pytest.mark.parametrize("last", ["2026-08-27", "2026-08-28"])
def test_business_dates_after_the_date_of_sending(home: Home, last: str) -> None:
    outcome = sent(home, replace(CSS, last=last))
    assert (outcome.status_code == "loaded") == (last == "2026-08-27"), outcome.message


def test_a_file_from_the_future_makes_no_other_feed_stale(home: Home) -> None:
    sent(home, good("CRM"))
    sent(home, replace(CSS, first="2030-04-01", last="2030-04-01", sent="2030-04-02T12:05:00Z"))
    (feed,) = freshness(home).iter_rows(named=True)
    assert (feed["feed"], feed["is_fresh"], f"{feed['as_of_date']}") == ("crm", True, "2026-08-25")


def test_a_file_is_received_when_its_feed_says(home: Home) -> None:
    file = replace(CSS, first="2030-04-01", last="2030-04-01", sent="2030-04-02T12:05:00Z")
    path = file.write(home.landing / "css")
    (home.landing / "css" / "feed.yml").write_text("received_at: modified\n")
    moment = datetime.fromisoformat("2030-04-02T12:05:00+00:00").timestamp()
    os.utime(path, (moment, moment))
    (outcome,) = ingest_landing(home, lambda _: None)
    assert outcome.status_code == "loaded", outcome.message


def test_text_that_is_not_utf8(home: Home) -> None:
    outcome = sent(home, WHOLE.replace("Zanzaville", "Zañzaville").encode("latin-1"))
    assert "line 4: the text is not UTF-8" in outcome.message


def test_the_ledger_knows_what_a_refused_file_says_of_itself(home: Home) -> None:
    sent(home, replace(CSS, count=9))
    (row,) = files(home).iter_rows(named=True)
    assert (row["system_code"], row["status_code"], row["sent_count"]) == ("CSS", "quarantined", None)
    assert f"{row['business_date']} {row['sent_at_utc']}" == "2026-08-25 2026-08-26 05:00:00"


@pytest.mark.parametrize("change", ["\ufeff" + WHOLE, WHOLE + "\n\n", WHOLE.replace("TABLE,bills", "\nTABLE,bills")])
def test_harmless_oddities(home: Home, change: str) -> None:
    if "\n\nTABLE" in change:
        change = sealed(HEADER, change[len(HEADER) : change.index("TRAILER")], 3)
    assert sent(home, change).status_code == "loaded"


def test_line_ends_of_another_system(home: Home) -> None:
    body = BODY.replace("\n", "\r\n")
    assert sent(home, sealed(HEADER.replace("\n", "\r\n"), body, 3)).status_code == "loaded"
    accounts = lake.read_frame(home, RAW_EXTRACTS["css_accounts"])
    assert accounts["has_net_metering"].to_list() == [True]


def test_another_utility_may_be_named_for_a_feed(home: Home) -> None:
    folder = home.landing / "css"
    folder.mkdir(parents=True)
    (folder / "feed.yml").write_text("utility_code: OTHER\n")
    assert sent(home, replace(CSS, utility="OTHER")).status_code == "loaded"


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_packed_files(home: Home, packing: str) -> None:
    path = CSS.write(home.root / "outside")
    target = home.landing / "css" / f"css.{packing}"
    target.parent.mkdir(parents=True)
    if packing == "gzip":
        target.write_bytes(gzip.compress(path.read_bytes()))
    else:
        with zipfile.ZipFile(target, "w") as archive:
            archive.write(path, path.name)
    outcomes = ingest_landing(home, lambda _: None)
    assert [outcome.status_code for outcome in outcomes] == ["loaded", "unpacked"]


def test_a_damaged_container_of_a_system_is_not_copied(home: Home) -> None:
    packed = gzip.compress(good("CRM").text().encode())
    outcome = sent(home, packed[:-10], "crm.csv.gz", feed="crm")
    assert outcome.status_code == "quarantined"
    assert [path.name.endswith(".reasons.csv") for path in home.quarantine.iterdir()] == [True]


def test_long_lines_take_no_memory_and_cost_their_row_only(home: Home) -> None:
    crm = good("CRM")
    crm.tables[0] = ("persons", [PERSON, {**PERSON, "postal_address": "n" * 10**6}, PERSON])
    outcome = sent(home, crm)
    assert (outcome.loaded_count, outcome.quarantined_count) == (3, 1)
    assert f"the line is longer than {LONGEST_LINE:,} bytes" in outcome.message


def test_reading_the_envelope_of_a_file_that_holds(home: Home) -> None:
    path = CSS.write(home.root)
    assert is_extract(path)
    envelope = read_envelope(path, "SIMUTIL", RECEIVED)
    assert [section.name for section in envelope.sections] == ["premises", "accounts", "bills"]
    assert [section.first_line for section in envelope.sections] == [2, 5, 8]
    assert envelope.row_count == 3
