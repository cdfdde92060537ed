from datetime import timedelta

import polars as pl
import pytest

from models.columns import ALLOWED_MINUTES
from pipelines.readers.mdff.nem12 import open_nem12
from pipelines.readers.options import ReadOptions
from tests.readers.nem12.parsed import B1, E1, END, HEADER, NEXT, START, day, reasons, text_of


def test_positions_become_times_of_the_market_clock(read):
    values, registers, events = read(HEADER, E1, day(), END)
    assert values.height == 48
    assert registers.is_empty()
    assert events.is_empty()
    assert values["wall"].to_list() == [START + timedelta(minutes=30 * k) for k in range(48)]
    assert values["value_position"].to_list() == list(range(48))
    assert values["value"].to_list() == [f"{k}.5" for k in range(48)]
    constant = values.drop("value_position", "wall", "value").unique()
    assert constant.rows(named=True) == [
        {
            "row_number": 3,
            "meter_id": "6001234567",
            "label": "20260105",
            "offset_minutes": 600,
            "end_wall": None,
            "end_offset_minutes": None,
            "reason": None,
            "channel_code": "delivered",
            "stream_code": "E1",
            "unit_code": None,
            "power_of_ten": 3,
            "multiplier": None,
            "quality": "A",
            "minutes": 30,
        }
    ]


def test_what_the_file_says_of_itself(tmp_path):
    path = tmp_path / "reads.csv"
    path.write_text(text_of(HEADER, E1, day(), END))
    parsed = open_nem12(path, ReadOptions())
    assert (parsed.format_code, parsed.time_zone, parsed.clock_code) == ("nem12", "Australia/Brisbane", "standard")
    assert (parsed.label_code, parsed.is_label_known, parsed.is_explicit) == ("start", True, True)
    assert [batch.values.height for batch in parsed.batches()] == [batch.values.height for batch in parsed.batches()]


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        (None, 600),
        ("Australia/Sydney", 600),
        ("Australia/Adelaide", 600),
        ("Australia/Broken_Hill", 600),
        ("Australia/NSW", 600),
        ("Australia/Perth", None),
        ("America/Los_Angeles", None),
    ],
)
def test_the_market_clock_holds_in_the_market_alone(read, zone, offset):
    values, registers, events = read(
        HEADER, E1, day(flag="A,79,Power outage"), "500,N,SO1,20260105101500,12", END, time_zone=zone
    )
    for frame in (values, registers, events):
        assert set(frame["offset_minutes"]) == {offset}
    assert events["end_offset_minutes"].to_list() == [offset, None]


@pytest.mark.parametrize(
    ("suffix", "unit", "expected"),
    [
        ("E1", "kWh", ("N", "delivered", None, 3)),
        ("E1", "KWH", ("N", "delivered", None, 3)),
        ("e1", "wh", ("N", "delivered", None, 0)),
        ("B1", "MWh", ("N", "received", None, 6)),
        ("E2", "kWh", ("N/2", "delivered", None, 3)),
        ("BA", "kWh", ("N/A", "received", None, 3)),
        ("Q1", "kVArh", ("N", None, "kVArh", None)),
        ("K2", "KVARH", ("N/2", None, "KVARH", None)),
        ("E1", "kW", ("N", None, "kW", None)),
        ("E1", "", ("N", None, "unknown", None)),
        ("V1", "", ("N", None, "unknown", None)),
        ("C1", "kWh", ("N", None, "kWh", None)),
        ("D1", "kWh", ("N", None, "kWh", None)),
        ("N1", "kWh", ("N", None, "kWh", None)),
        ("E", "kWh", ("N", None, "kWh", None)),
        ("E12", "kWh", ("N", None, "kWh", None)),
    ],
)
def test_streams(read, suffix, unit, expected):
    values, _, _ = read(HEADER, f"200,N,{suffix},1,{suffix},N1,S,{unit},30,", day(), END)
    assert values.height == 48
    found = values.select("meter_id", "channel_code", "unit_code", "power_of_ten", "stream_code").unique()
    assert found.rows() == [(*expected, suffix)]


@pytest.mark.parametrize("minutes", ALLOWED_MINUTES)
def test_interval_lengths(read, minutes):
    count = 1440 // minutes
    values, _, _ = read(HEADER, f"200,N,E1,1,E1,N1,S,kWh,{minutes},", day(count=count), END)
    assert values.height == count
    assert values["minutes"].unique().to_list() == [minutes]
    assert values["wall"][-1] == NEXT - timedelta(minutes=minutes)
    assert values["reason"].null_count() == count


def test_ranges_give_qualities(read):
    values, _, events = read(
        HEADER, E1, day(flag="V,,"), "400,1,20,F14,76,", "400,21,24,A,,", "400,25,48,S14,0,Free, text", END
    )
    assert values["quality"].to_list() == ["F14"] * 20 + ["A"] * 4 + ["S14"] * 24
    columns = ["row_number", "wall", "end_wall", "event_code", "event_text", "reason", "label"]
    assert events.select(columns).rows() == [
        (4, START, START + timedelta(hours=10), "76", None, None, "20260105"),
        (6, START + timedelta(hours=12), NEXT, "0", "Free", None, "20260105"),
    ]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([], ["V"] * 48),
        (["400,1,10,A,,"], ["A"] * 10 + ["V"] * 38),
        (["400,1,48,A,,", "400,3,4,S14,,"], ["A"] * 2 + ["S14"] * 2 + ["A"] * 44),
        (["400,3,4,S14,,", "400,1,48,A,,"], ["A"] * 48),
        (["400,1,48,,79,"], ["V"] * 48),
        (["400,1,2,A,,", "400,0,3,S,,", "400,x,3,S,,", "400,9,8,S,,", "400,47,49,S,,"], ["A"] * 2 + ["V"] * 46),
    ],
)
def test_ranges_that_overlap_or_leave_gaps(read, ranges, expected):
    values, _, _ = read(HEADER, E1, day(flag="V,,"), *ranges, END)
    assert values["quality"].to_list() == expected
    assert values["reason"].null_count() == 48


def test_ranges_apply_to_days_with_one_flag_too(read):
    values, _, events = read(HEADER, E1, day(), "400,3,4,A,79,Power outage", END)
    assert values["quality"].to_list() == ["A"] * 48
    assert events.select("event_code", "event_text", "wall").rows() == [
        ("79", "Power outage", START + timedelta(hours=1))
    ]


def test_ranges_that_cannot_be_are_refused_by_themselves(read):
    _, _, events = read(
        HEADER, "400,1,2,A,,", E1, day(flag="V,,"), "400,0,3,S,,", "400,x,3,S,,", "400,9,8,S,,", "400,47,49,S,,", END
    )
    assert reasons(events) == [
        (2, "the 400 row stands below no 300 row", 1),
        (5, "intervals 0 to 3 do not lie within the 48 intervals of the day", 1),
        (6, 'intervals "x" to "3" are not two numbers', 1),
        (7, "the range of intervals 9 to 8 ends before it starts", 1),
        (8, "intervals 47 to 49 do not lie within the 48 intervals of the day", 1),
    ]


@pytest.mark.parametrize(
    ("flag", "ranges", "last"),
    [
        ("V,,", ["400,1,20,A,,", "400,21,96,N,,"], 96),
        ("A,,", ["400,1,96,N,,"], 96),
        ("V,,", ["400,1,48,A,,", "400,49,288,N,,"], 288),
    ],
)
def test_ranges_of_another_interval_length_refuse_the_day(read, flag, ranges, last):
    values, _, _ = read(HEADER, E1, day(flag=flag), *ranges, END)
    assert reasons(values) == [
        (
            3,
            f"the 400 rows end with interval {last} and a day of 30-minute intervals has 48, so quality and values do "
            "not belong together; correct the interval length or the ranges",
            48,
        )
    ]
    assert values["wall"].null_count() == 48


def test_ranges_that_end_where_a_shorter_day_would(read):
    stream = "200,N,E1,1,E1,N1,S,kWh,15,"
    values, _, _ = read(HEADER, stream, day(flag="V,,", count=96), "400,1,24,A,,", "400,25,48,N,,", END)
    assert reasons(values)[0][2] == 96
    values, _, _ = read(HEADER, stream, day(count=96), "400,1,48,A,79,", END)
    assert values["reason"].null_count() == 96


@pytest.mark.parametrize(
    ("line", "count", "reason"),
    [
        (day(count=47), 47, "the row holds 47 values and a day of 30-minute intervals has 48"),
        (day(count=96), 96, "the row holds 96 values and a day of 30-minute intervals has 48"),
        ("300,20260105,V,,,20260106000000,", 1, "the row holds 0 values and a day of 30-minute intervals has 48"),
        ("300,20260105,", 1, "the row holds 0 values and a day of 30-minute intervals has 48"),
        ("300", 1, 'date "" cannot be read; write it like 20160312'),
        (day(date="20260230"), 48, 'date "20260230" cannot be read; write it like 20160312'),
        (day(date="2026-01-05"), 48, 'date "2026-01-05" cannot be read; write it like 20160312'),
        (day(date="202601050000"), 48, 'date "202601050000" cannot be read; write it like 20160312'),
        (
            "300,20260105," + ",".join("1" * 48),
            48,
            "the row ends before its quality flag, so it may be cut off; ask the sender for it again",
        ),
        ("300,20260105," + ",".join("1" * 9), 9, "the row holds 9 values and a day of 30-minute intervals has 48"),
        ("300,20260105" + "," * 2000, 1, "the row has over 1500 fields, more than a day can have"),
    ],
)
def test_days_that_cannot_be_told_apart_are_refused_whole(read, line, count, reason):
    values, _, _ = read(HEADER, E1, line, day("20260106"), END)
    assert reasons(values) == [(3, reason, count)]
    assert values.height == count + 48
    assert values.filter(pl.col("row_number") == 3)["value_position"].to_list() == list(range(count))


def test_values_that_are_no_numbers_are_handed_over_as_they_are(read):
    texts = ["abc", "", " 1.5 ", "-1", "1e3", "\x00", "N", *["1"] * 41]
    values, _, _ = read(HEADER, E1, day(values=texts), END)
    assert values["value"].to_list() == texts
    assert values["reason"].null_count() == 48


def test_a_day_needs_a_data_stream(read):
    values, _, _ = read(HEADER, day(), E1, day(), END, day(), HEADER, day(), "250,short", day(), END)
    assert reasons(values) == [(line, "the 300 row stands below no 200 row", 48) for line in (2, 6, 8, 10)]
    assert values.height == 5 * 48


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ("200,,E1,1,E1,N1,S,kWh,30,", "the 200 row names no NMI"),
        ("200,N,E1,1,,N1,S,kWh,30,", "the 200 row names no NMI suffix"),
        ("200,N,E1,1,E1,N1,S,kWh,,", 'interval length "" is not 5, 10, 15, 30, 60 or 1440 minutes'),
        ("200,N,E1,1,E1,N1,S,kWh,0,", 'interval length "0" is not 5, 10, 15, 30, 60 or 1440 minutes'),
        ("200,N,E1,1,E1,N1,S,kWh,7,", 'interval length "7" is not 5, 10, 15, 30, 60 or 1440 minutes'),
        ("200", "the 200 row names no NMI"),
    ],
)
def test_a_data_stream_that_cannot_be_is_refused_with_its_days(read, stream, reason):
    values, _, events = read(HEADER, stream, day(), "400,1,2,A,79,", "500,N,,,", END)
    below = "the 200 row in line 2, to which the row belongs, is refused"
    assert reasons(values) == [(2, reason, 1), (3, below, 48)]
    assert reasons(events) == [(4, "the 300 row in line 3, to which the row belongs, is refused", 1), (5, below, 1)]


def test_lines_of_other_kinds_are_refused(read):
    values, _, _ = read(HEADER, E1, day(), "11,33,21", "abc", "3000,1", "100,NEM01,2026", "900 ,", END)
    kinds = "is not of the kinds 100, 200, 250, 300, 400, 500, 550, 900"
    assert reasons(values) == [
        (4, f'a line that begins with "11" {kinds}', 1),
        (5, f'a line that begins with "abc" {kinds}', 1),
        (6, f'a line that begins with "3000" {kinds}', 1),
        (7, 'version "NEM01" is not NEM12 or NEM13', 1),
    ]


def test_reasons_for_a_day_are_events(read):
    _, _, events = read(
        HEADER,
        E1,
        day(flag="S14,79,Power outage"),
        day(flag="S14,0,"),
        day(flag="S14,0,said in words"),
        day(flag="A,,words alone"),
        day(flag="A,89,", count=40),
        END,
    )
    columns = ["row_number", "value_position", "meter_id", "wall", "end_wall", "event_code", "event_text"]
    assert events.select(columns).rows() == [
        (3, 48, "6001234567", START, NEXT, "79", "Power outage"),
        (5, 48, "6001234567", START, NEXT, "0", "said in words"),
        (6, 48, "6001234567", START, NEXT, None, "words alone"),
        (7, 40, "6001234567", None, None, "89", None),
    ]
    assert reasons(events) == [(7, "the row holds 40 values and a day of 30-minute intervals has 48", 1)]


def test_service_orders(read):
    _, registers, events = read(
        HEADER,
        E1,
        day(),
        "500,N,SO1,20260105101530,001123.5",
        "500,E,,,",
        "500,N,SO2,202601051015,",
        "500,N,SO3,2026010510,77",
        "500,N,SO4,,78",
        B1.replace(",2,B1", ",,B1"),
        "500,N,SO5,,",
        "500,A,SO6,20260106,5",
        END,
        "500,A,SO7,20260106,6",
    )
    at = START.replace(hour=10, minute=15, second=30)
    unreadable = 'time "2026010510" cannot be read; write it like 20031220154500'
    unplaced = "the 500 row states no read time and stands below no 300 row with a date"
    columns = ["row_number", "label", "wall", "end_wall", "event_code", "event_text", "reason"]
    assert events.select(columns).rows() == [
        (4, "20260105101530", at, None, "N", "SO1", None),
        (5, "20260105", START, NEXT, "E", None, None),
        (6, "202601051015", at.replace(second=0), None, "N", "SO2", None),
        (7, "2026010510", None, None, "N", "SO3", unreadable),
        (8, "20260105", START, NEXT, "N", "SO4", None),
        (10, None, None, None, "N", "SO5", unplaced),
        (11, "20260106", NEXT, None, "A", "SO6", None),
        (13, "20260106", None, None, "A", "SO7", "the 500 row stands below no 200 row"),
    ]
    columns = ["row_number", "register_code", "channel_code", "power_of_ten", "wall", "value", "quality", "reason"]
    assert registers.select(columns).rows() == [
        (4, "1", "delivered", 3, at, "001123.5", "", None),
        (7, "1", "delivered", 3, None, "77", "", unreadable),
        (8, "1", "delivered", 3, None, "78", "", "the index read has no read time"),
        (11, "B1", "received", 3, NEXT, "5", "", None),
        (13, None, None, None, None, "6", "", "the 500 row stands below no 200 row"),
    ]
