"""What is typed is understood exactly, or refused in one sentence that says what to do."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.columns import LARGEST_EDIT_WH
from pipelines.operations.editing import kwh
from pipelines.operations.requests import EditError, Moment, read_file, reason_of, wh_of

PACIFIC = "America/Los_Angeles"
HEADER = "meter_id,interval_start_utc,channel_code,edited_wh,reason"
GOOD = "M1,2026-02-10T20:00:00Z,delivered,250,stuck display"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-10T12:00", "2026-02-10T20:00"),
        ("2026-08-10T12:00", "2026-08-10T19:00"),
        ("2026-02-10 12:15:00", "2026-02-10T20:15"),
        ("2026-02-10", "2026-02-10T08:00"),
        ("2026-02-10T20:00Z", "2026-02-10T20:00"),
        ("2026-02-10T22:00+02:00", "2026-02-10T20:00"),
        ("2025-11-02T01:30-07:00", "2025-11-02T08:30"),
        ("2025-11-02T01:30-08:00", "2025-11-02T09:30"),
    ],
)
def test_a_time_is_the_meters_unless_it_says_otherwise(text: str, expected: str) -> None:
    assert Moment.parse(text).in_utc(PACIFIC) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "2025-11-02T01:30",
            "comes twice in America/Los_Angeles; write it in UTC, as 2025-11-02T08:30Z or 2025-11-02T09",
        ),
        ("2026-03-08T02:30", "does not exist in America/Los_Angeles"),
        ("yesterday", "is no time of a read; write it as"),
        ("", "nothing is no time of a read"),
        ("2026-13-01T00:00", "is no time of a read"),
        ("0001-01-01T00:00+14:00", "is no time of a read"),
        ("9999-12-31T23:59-12:00", "is no time of a read"),
    ],
)
def test_a_time_that_is_none_is_refused(text: str, told: str) -> None:
    with pytest.raises(EditError, match=told):
        Moment.parse(text).in_utc(PACIFIC)


@given(st.integers(0, LARGEST_EDIT_WH))
def test_kilowatt_hours_are_exact(wh: int) -> None:
    assert wh_of(kwh(wh), 1000) == wh_of(str(wh), 1) == wh


@pytest.mark.parametrize(
    ("text", "unit", "told"),
    [
        ("-0.5", 1000, "is negative; energy to the grid is a positive value of the received channel"),
        ("1.0005", 1000, "is no whole number of watt-hours"),
        ("0.5", 1, "is no whole number of watt-hours"),
        ("2147483.648", 1000, "is larger than any read"),
        ("1e3", 1, "is no number"),
        ("nan", 1, "is no number"),
        ("1_000", 1, "is no number"),
        ("١", 1, "is no number"),
        ("", 1, "nothing is no number"),
    ],
)
def test_a_value_that_cannot_be_is_refused(text: str, unit: int, told: str) -> None:
    with pytest.raises(EditError, match=told):
        wh_of(text, unit)


@pytest.mark.parametrize("text", [None, "", "  ", "\t", "two\nlines", "a\x1fb", "x" * 501])
def test_a_reason_is_one_line_of_words(text: str | None) -> None:
    with pytest.raises(EditError, match="reason"):
        reason_of(text)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "edits.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_file_of_edits_is_read_in_its_order(tmp_path: Path) -> None:
    second = 'M2,2026-02-10 20:15:00,received,0,"torn, ""burnt"""'
    one, other = read_file(written(tmp_path, HEADER, GOOD, second))
    assert (one.meter_id, one.channel_code, one.edited_wh, one.reason) == ("M1", "delivered", 250, "stuck display")
    assert one.start.in_utc(PACIFIC) == datetime.fromisoformat("2026-02-10T20:00")
    assert (other.channel_code, other.edited_wh, other.reason) == ("received", 0, 'torn, "burnt"')
    assert other.start.in_utc(PACIFIC) == datetime.fromisoformat("2026-02-10T20:15"), "the column is UTC"
    assert other.place.endswith("line 3: ")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((), "must have the columns"),
        (("meter_id,reason", "M1,x"), "must have the columns meter_id, interval_start_utc"),
        ((HEADER,), "holds no edits"),
        ((HEADER, GOOD, "M1,2026-02-10T20:15Z,delivered,5"), "line 3: the line does not have 5 fields"),
        ((HEADER, GOOD + ",more"), "line 2: the line does not have 5 fields"),
        ((HEADER, GOOD.replace("delivered", "net")), "line 2: channel_code must be one of delivered, received"),
        ((HEADER, GOOD.replace("250", "-1")), "line 2: -1 is negative"),
        ((HEADER, GOOD.replace("stuck display", " ")), "line 2: a reason is missing"),
        ((HEADER, GOOD.replace("2026-02-10T20:00:00Z", "noon")), "line 2: noon is no time of a read"),
        ((HEADER, GOOD, GOOD.replace("20:00:00Z", "12:00:00-08:00")), "line 3: the interval stands in the file before"),
        ((HEADER, 'M1,"2026'), "is no CSV file in UTF-8"),
    ],
)
def test_a_file_with_a_fault_names_its_line(tmp_path: Path, lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(EditError, match=told):
        read_file(written(tmp_path, *lines))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edits.csv"
    path.write_bytes(f"{HEADER}\n{GOOD}ç\n".encode("latin-1"))
    with pytest.raises(EditError, match="is no CSV file in UTF-8"):
        read_file(path)
