"""Strange numbers, times and names of meters: read for what they are, or refused one by one."""

import pytest

from tests.hostile.conftest import Send

HEADER = "meter_id,interval_start_utc,interval_minutes,delivered_kwh"
FIRST = "M1,2025-11-02 00:00,60,1"
NO_NUMBER = "is not a number"

Faults = dict[str, tuple[str, str]]
"""Texts that cannot be, by name, and words of the sentence that refuses each."""


def check_faults(send: Send, header: str, sound: str, line: str, faults: Faults) -> None:
    """Send a sound line and then one line for each text, in the place of `{}`; each costs its own line and no more."""
    found = send("\n".join([header, sound, *(line.replace("{}", text) for text, _ in faults.values())]))
    assert (found.ledger["loaded_count"], found.ledger["quarantined_count"]) == (1, len(faults))
    reasons = dict(found.refused.select("row_number", "reason").iter_rows())
    told = {name: (reasons[number], words) for number, (name, (_, words)) in enumerate(faults.items(), start=3)}
    assert {name: reason for name, (reason, words) in told.items() if words not in reason} == {}
    assert max(map(len, reasons.values())) < 500


NUMBERS: dict[str, tuple[str, int | None]] = {
    "minus nothing": ("-0", 0),
    "minus nothing with decimals": ("-0.0", 0),
    "plus": ("+1.5", 1500),
    "no digit before the point": (".5", 500),
    "no digit behind the point": ("5.", 5000),
    "leading zeros": ("0" * 90 + "1", 1000),
    "spaces around": ("  2 ", 2000),
    "an exponent": ("1e-3", 1),
    "a spreadsheet's exponent": ("1.5E+00", 1500),
    "next to nothing": ("1e-400", 0),
    "nothing at all": ("0e999999", 0),
    "many digits": ("0." + "1" * 400, 111),
    "half a watt-hour": ("0.0005", 1),
    "blank": ("", None),
    "empty quotation marks": ('""', None),
    "spaces": ("   ", None),
}
"""A number as a file has it, and its watt-hours."""


def test_numbers_are_read_exactly(send: Send) -> None:
    rows = [f"M{place},2025-11-02 01:00,60,{text}" for place, (text, _) in enumerate(NUMBERS.values(), start=100)]
    found = send("\n".join([HEADER, *rows]))
    energies = zip(NUMBERS, found.reads.sort("meter_id")["reported_wh"], strict=True)
    assert dict(energies) == {name: wh for name, (_, wh) in NUMBERS.items()}


NO_NUMBERS: Faults = {
    "past every float": ("1e309", "is too large"),
    "minus that": ("-1e309", "is too large"),
    "past every decimal": ("1e999999", "is too large"),
    "an exponent without bound": ("1e" + "9" * 30, NO_NUMBER),
    "400 digits": ("9" * 400, "is too large"),
    "the least integer": ("-9223372036854775808", "is too large"),
    "not a number": ("NaN", NO_NUMBER),
    "infinite": ("inf", NO_NUMBER),
    "infinite in full": ("-Infinity", NO_NUMBER),
    "thousands in quotation marks": ('"1,234.5"', NO_NUMBER),
    "thousands": ("1,234.5", "5 fields and the header 4"),
    "continental": ('"1 234,5"', NO_NUMBER),
    "hexadecimal": ("0x1F", NO_NUMBER),
    "underscores": ("1_000", NO_NUMBER),
    "full-width digits": ("１２", NO_NUMBER),
    "arabic digits": ("١٢", NO_NUMBER),
    "a fraction": ("½", NO_NUMBER),
    "two signs": ("--1", NO_NUMBER),
    "a typographic minus": ("−1", NO_NUMBER),
    "a sign": ("+", NO_NUMBER),
    "a point": (".", NO_NUMBER),
    "two points": ("1.2.3", NO_NUMBER),
    "an exponent alone": ("e5", NO_NUMBER),
    "half an exponent": ("1e", NO_NUMBER),
    "a unit": ("1 kWh", NO_NUMBER),
    "a formula": ("=1+1", NO_NUMBER),
    "an accountant's minus": ("(5)", NO_NUMBER),
    "a percentage": ("5%", NO_NUMBER),
    "a spreadsheet's fault": ("#DIV/0!", NO_NUMBER),
    "a null": ("NULL", NO_NUMBER),
    "a word of 100 kB": ("x" * 100_000, NO_NUMBER),
    "an invisible mark": ("\u200b1", NO_NUMBER),
    "a text written backward": ("\u202e1", NO_NUMBER),
}


def test_texts_that_are_no_numbers_are_refused_with_their_line(send: Send) -> None:
    check_faults(send, HEADER, FIRST, "M1,2025-11-02 01:00,60,{}", NO_NUMBERS)


LABELS: Faults = {
    "year 0": ("0000-01-01 00:00", "outside the years"),
    "year 1": ("0001-01-01 00:00", "outside the years"),
    "year 9999": ("9999-12-31 23:00", "outside the years"),
    "year 275760": ("275760-09-13 00:00", "cannot be read"),
    "year 262143": ("+262142-12-31 23:00", "outside the years"),
    "before the file's time": ("1999-12-31 23:00", "starts before 2000-01-01"),
    "behind the file's time": ("2190-01-01 00:00", "starts after the file was received"),
    "February 30": ("2025-02-30 00:00", "cannot be read"),
    "February 29 of no leap year": ("2025-02-29 00:00", "cannot be read"),
    "month 13": ("2025-13-01 00:00", "cannot be read"),
    "24:01": ("2025-11-02 24:01", "cannot be read"),
    "25:00": ("2025-11-02 25:00", "cannot be read"),
    "a leap second": ("2016-12-31 23:59:60", "cannot be read"),
    "a second": ("2025-11-02 01:00:01", "not on a whole minute"),
    "a nanosecond": ("2025-11-02 01:00:00.000000001", "not on a whole minute"),
    "an offset of 99 hours": ("2025-11-02 01:00+99:00", "cannot be read"),
    "a number of seconds": ("1762045200", "cannot be read"),
    "a spreadsheet's day": ("45963.0416666667", "cannot be read"),
    "full-width digits": ("２０２５-11-02 01:00", "cannot be read"),
    "blank": ("", "cannot be read"),
    "a null": ("NULL", "cannot be read"),
    "a template": ("{{ now() }}", "cannot be read"),
    "100 kB": ("2025-11-02 01:00" + " " * 100_000 + "x", "cannot be read"),
    "a format": ("%Y-%m-%d %n%n%n", "cannot be read"),
}


def test_impossible_times_are_refused_with_their_line(send: Send) -> None:
    check_faults(send, HEADER, FIRST, "M1,{},60,2", LABELS)


ENDS: Faults = {
    "year 0": ("0000-01-01 00:00", "the end of the event lies outside the years"),
    "year 9999": ("9999-12-31 23:00", "the end of the event lies outside the years"),
    "before the beginning": ("2025-11-01 00:00", "the event ends before it begins"),
    "an hour that does not exist": ("2026-03-08 02:30", "does not exist"),
    "February 30": ("2026-02-30 00:00", "cannot be read"),
}


def test_impossible_ends_of_events_are_refused_with_their_line(send: Send) -> None:
    header = "meter_id,event_time,event_end,event_code"
    check_faults(send, header, "M1,2025-11-02 00:00,,E1", "M1,2025-11-02 01:45,{},E2", ENDS)


def test_an_event_may_end_in_the_second_of_the_repeated_hours(send: Send) -> None:
    found = send("meter_id,event_time,event_end,event_code\nM1,2025-11-02 01:45,2025-11-02 01:15,E2\n")
    assert found.outcome.status_code == "loaded"


@pytest.mark.parametrize("clock", ["standard", "local"])
@pytest.mark.parametrize("flag", ["dst", "tz"])
def test_a_year_0_spoils_no_line_but_its_own(send: Send, clock: str, flag: str) -> None:
    text = f"meter_id,interval_start_local,delivered_kwh,{flag}\nM1,0000-01-01 00:00,1,N\nM1,2025-01-01 00:00,1,\n"
    found = send(text, clock=clock, interval_minutes=60)
    assert found.refused["row_number"].to_list() == [2]


LENGTHS: Faults = {
    name: (text, "interval length")
    for name, text in {
        "none": "0", "negative": "-60", "odd": "17", "a fraction": "15.5", "not a number": "NaN", "infinite": "inf",
        "a million": "1000000", "a float's bound": "1e308", "400 digits": "9" * 400, "a word": "hour",
        "full-width digits": "６０",
    }.items()
}  # fmt: skip


def test_impossible_lengths_are_refused_with_their_line(send: Send) -> None:
    check_faults(send, HEADER, FIRST, "M1,2025-11-02 01:00,{},2", LENGTHS)


METERS = {
    "parts of a path": "../../../etc/passwd",
    "an absolute path": "/etc/passwd",
    "a drive": "C:\\reads",
    "SQL": "'; drop table files; --",
    "HTML": "<script>alert(1)</script>",
    "a formula": "=cmd|' /C calc'!A0",
    "a template": "{{ 1 + 1 }}",
    "braces": "{}",
    "a wild card": "*",
    "a null": "NULL",
    "not a number": "NaN",
    "a word in another script": "счётчик-电表-🔌",
    "invisible": "\u200b",
    "a text written backward": "\u202eabc",
    "accents apart": "e\u0301",
    "200 bytes": "M" * 200,
    "leading zeros": "007",
    "dots": "..",
}
"""Names of meters that are strange and harmless."""


def test_any_name_of_a_meter_is_kept_as_it_is(send: Send) -> None:
    found = send("\n".join([HEADER, *(f"{meter},2025-11-02 00:00,60,1" for meter in METERS.values())]))
    assert sorted(found.reads["meter_id"]) == sorted(METERS.values())


NO_METERS: Faults = {
    "blank": ("", "the meter id is missing"),
    "spaces": ("  \u00a0 ", "the meter id is missing"),
    "a bell": ("M\a1", "the meter id holds a control character"),
    "an escape sequence": ("\x1b[2J", "the meter id holds a control character"),
    "a delete": ("M\x7f1", "the meter id holds a control character"),
    "a next line": ("M\u00851", "the meter id holds a control character"),
    "201 bytes": ("M" * 201, "the meter id is longer than 200 bytes"),
    "100 kB": ("M" * 100_000, "the meter id is longer than 200 bytes"),
    "few signs of many bytes": ("🔌" * 51, "the meter id is longer than 200 bytes"),
}


def test_names_that_cannot_be_shown_are_refused_with_their_line(send: Send) -> None:
    check_faults(send, HEADER, FIRST, "{},2025-11-02 01:00,60,1", NO_METERS)
