"""Broken lines cost themselves; a line without an end costs the file."""

from collections.abc import Callable

import pytest

from tests.hostile.conftest import Send
from tests.hostile.seeds import cmep, long_csv, nem12

Build = Callable[[], bytes | str]
LONG = long_csv()
MANY = LONG + LONG.split("\n", 1)[1] * 24
"""Long enough for what comes behind it not to be looked at where a file's format is found out."""
ROWS = LONG.count("\n") - 1


LINES: dict[str, tuple[Build, int, str]] = {
    "a mark in the middle": (lambda: LONG.replace("M1", "\ufeffM1", 1), 0, ""),
    "nul in the middle": (lambda: MANY + "M1,2025-11-02 00:00,60,0.\0,A\n", 1, 'value "0.?" is not a number'),
    "nul in a meter": (lambda: MANY + "M\0001,2025-11-02 00:00,60,1,A\n", 1, "the meter id holds a control character"),
    "nul at the end": (lambda: MANY + "\0", 1, "line 202: the line has 1 fields and the header 5"),
    "end of transmission": (lambda: LONG + "\x1a", 1, "line 10: the line has 1 fields"),
    "ten million fields": (
        lambda: LONG + "," * 10_000_000 + "\n", 1, "line 10: the line has 10000001 fields and the header 5",
    ),
    "a header again": (lambda: LONG + LONG, 1, 'line 10: time label "interval_start_local" cannot be read'),
    "an open quotation mark": (
        lambda: LONG.replace("M1", '"M1', 1), 1, "line 3: the line has a quotation mark that does not close",
    ),
    "a quotation over lines": (lambda: LONG.replace("A\nM1", '"A\nM1"', 1), 2, "line 2: the line has a quotation mark"),
    "quotation marks within a field": (
        lambda: LONG.replace("M1", '"M"1', 1), 1, "line 3: the line has a quotation mark within a field",
    ),
    "all quotation marks": (lambda: LONG + '"' * 400 + "\n", 1, "line 10: the line has 1 fields"),
    "mixed line ends": (lambda: LONG.replace("\n", "\r\n", 4), 0, ""),
    "a short line": (lambda: LONG + "M1\n", 1, "line 10: the line has 1 fields and the header 5"),
    "a long line": (lambda: LONG + "M1,,,,,,,\n", 1, "line 10: the line has 8 fields and the header 5"),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_broken_line_costs_that_line(send: Send, name: str) -> None:
    build, count, words = LINES[name]
    found = send(build())
    assert found.refused.height == count
    assert found.ledger["loaded_count"] == found.ledger["sent_count"] - count >= ROWS - 2
    assert words in (found.ledger["reason"] or "")


ENDLESS: dict[str, tuple[Build, str]] = {
    "a line without end": (lambda: LONG.encode() + b"x" * 100_000_000, "line 10 is longer than 16 MiB"),
    "a header without end": (lambda: b"x" * 100_000_000, "line 1 is longer than 16 MiB"),
    "a record without end": (lambda: cmep().encode() + b"," * 100_000_000, "line 5 is longer than 16 MiB"),
    "a day without end": (lambda: nem12().encode() + b"," * 100_000_000, "is longer than 16 MiB"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_line_without_an_end_costs_the_file(send: Send, name: str) -> None:
    build, words = ENDLESS[name]
    found = send(build())
    assert found.outcome.status_code == "quarantined"
    assert words in found.ledger["reason"], found.ledger["reason"]


def test_blanks_of_a_line_that_names_its_channel_are_missing_reads(send: Send) -> None:
    rows = ["M1,2025-11-03 00:00,1,delivered", "M1,2025-11-03 00:00,,received", "M1,2025-11-03 01:00,2,delivered"]
    found = send("\n".join(["meter_id,interval_start_local,delivered_kwh,channel", *rows]))
    assert found.reads.sort("row_number")["reported_wh"].to_list() == [1000, None, 2000]
