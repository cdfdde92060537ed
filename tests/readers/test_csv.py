from datetime import date
from decimal import Context, Decimal
from itertools import product

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.tables.raw import INTERVAL_READS
from pipelines.readers import UnreadableFile
from pipelines.readers.values.quantities import to_watt_hours
from tests.readers.written import (
    AUTUMN,
    SPRING,
    first_occurrences,
    found,
    lines,
    local_days,
    long_csv,
    truth,
    wide_csv,
)

HEADER = "meter_id,interval_start_utc,delivered_kwh,interval_minutes"


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize(("clock", "label"), list(product(["utc", "local", "standard"], ["start", "end"])))
def test_every_layout_gives_the_same_reads(read, day, minutes, clock, label):
    reads = truth(local_days(day, 2, minutes))
    for convention in ("instant", "length"):
        result = read(long_csv(reads, clock, label, minutes, convention), clock_code=clock)
        assert (result.clock_code, result.label_code) == (clock, label)
        assert result.rejects.is_empty()
        assert found(result.reads).equals(reads)
        assert set(result.reads["nominal_minutes"]) == {minutes}
    wide = read(wide_csv(reads, clock, label, minutes), clock_code=clock, unit="kwh")
    assert (wide.clock_code, wide.label_code) == (clock, label)
    assert wide.rejects.is_empty()
    expected = first_occurrences(reads) if clock == "local" else reads
    assert found(wide.reads).equals(expected)


@pytest.mark.parametrize(("day", "count"), [(SPRING, 92), (AUTUMN, 100)])
def test_quarter_hours_of_the_days_on_which_the_clock_changes(read, day, count):
    reads = truth(local_days(day, 1, 15))
    for clock, label in product(["utc", "local", "standard"], ["start", "end"]):
        result = read(long_csv(reads, clock, label, 15), clock_code=clock)
        assert result.reads.height == count
        assert result.reads["repeat_number"].max() == 0


def test_reads_have_the_declared_types(read):
    result = read(lines(HEADER, "M1,2016-01-01 00:00,0.1,15"))
    declared = INTERVAL_READS.empty().drop("file_id", "part_number").schema
    assert result.reads.drop("nominal_minutes", "meter_multiplier").schema == declared
    assert result.reads.schema["nominal_minutes"] == pl.Int16
    assert result.rejects.schema == {
        "row_number": pl.Int64,
        "value_position": declared["value_position"],
        "reason": pl.String,
        "row_text": pl.String,
    }


@pytest.mark.parametrize(
    ("text", "wh", "kept"),
    [
        ("0.123", 123, None),
        ("1.50", 1500, None),
        ("0.0005", 1, "0.0005"),
        ("-0.0005", -1, "-0.0005"),
        ("1.0005", 1001, "1.0005"),
        ("0.0004", 0, "0.0004"),
        ("-0.00001", 0, "-0.00001"),
        ("-0", 0, None),
        ("-0.000", 0, None),
        ("1e-3", 1, None),
        ("1E-4", 0, "1E-4"),
        (" 2.5 ", 2500, None),
        ("+.5", 500, None),
        ("0.00000000000000001", 0, "0.00000000000000001"),
        ("9223372036854775.807", 2**63 - 1, None),
        ("-12", -12000, None),
        ("0." + "0" * 40, 0, None),
    ],
)
def test_values_become_whole_watt_hours(read, text, wh, kept):
    reads = read(lines(HEADER, f"M1,2016-01-01 00:00,{text},15")).reads
    assert reads.select("reported_wh", "reported_text").row(0) == (wh, kept)


@pytest.mark.parametrize("text", ["abc", "inf", "-Infinity", "1.2.3", "0x10", "1_000", "--1", "1 2", "٣"])
def test_texts_that_are_no_numbers_are_refused(read, text):
    result = read(lines(HEADER, "M1,2016-01-01 00:00,1,15", f"M1,2016-01-01 00:15,{text},15"))
    assert result.rejects.row(0) == (3, 0, f'value "{text}" is not a number', f"M1,2016-01-01 00:15,{text},15")
    assert result.reads.height == 1


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("NaN", "leave it empty where there is no value"),
        ("n/a", "leave it empty where there is no value"),
        ("-", "leave it empty where there is no value"),
        ("1,234.5", "write it without thousands separators, with a point before decimals"),
        ("1.234,5", "write it without thousands separators, with a point before decimals"),
        ("1 234.5", "write it without thousands separators, with a point before decimals"),
        ("0,5", "write it without thousands separators, with a point before decimals"),
    ],
)
def test_how_to_write_what_is_no_number_is_told(read, text, advice):
    result = read(lines(HEADER, "M1,2016-01-01 00:00,1,15", f'M1,2016-01-01 00:15,"{text}",15'))
    assert result.rejects["reason"].to_list() == [f'value "{text}" is not a number; {advice}']


@pytest.mark.parametrize("text", ["9223372036854775.808", "1e300", "9" * 30, "9" * 400])
def test_values_past_64_bits_are_refused(read, text):
    result = read(lines(HEADER, f"M1,2016-01-01 00:00,{text},15"))
    assert "too large" in result.rejects["reason"][0]


def test_a_blank_value_is_a_missing_read(read):
    result = read(lines(HEADER, "M1,2016-01-01 00:00,,15", "M1,2016-01-01 00:15,  ,15"))
    assert result.reads["reported_wh"].to_list() == [None, None]
    assert result.rejects.is_empty()


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
    st.sampled_from([-3, 0, 3, 6]),
)
def test_watt_hours_are_exact_to_the_half(number, power):
    row = to_watt_hours(pl.Series([str(number)]), power).row(0, named=True)
    exact = number.scaleb(power, Context(prec=100))
    assert row["reason"] is None
    assert abs(row["reported_wh"] - exact) <= Decimal("0.5")
    assert (row["reported_text"] is None) == (row["reported_wh"] == exact)
    mirrored = to_watt_hours(pl.Series([str(-number)]), power).row(0, named=True)
    assert mirrored["reported_wh"] == -row["reported_wh"]


@pytest.mark.parametrize(
    ("label", "hour"),
    [
        ("2016-07-01 05:00", 5),
        ("2016-07-01T05:00:00", 5),
        ("2016-07-01T05:00:00.000", 5),
        ("2016/07/01 05:00", 5),
        ("20160701 0500", 5),
        ("201607010500", 5),
        ("20160701T050000", 5),
        ("07/01/2016 5:00 AM", 5),
        ("07/01/2016 05:00 PM", 17),
        ("07/01/2016 12:00 am", 0),
        ("01.07.2016 05:00", 5),
        ("2016-07-01", 0),
        ("2016-06-30 24:00", 0),
        ("1-Jul-2016 05:00", 5),
        ("2016-07-01T07:00+02:00", 5),
        ("2016-07-01 05:00Z", 5),
        ("2016-07-01T00:00:00-0500", 5),
        ("2016-07-01 08:00 +03", 5),
        ("07/13/2016 05:00", 5),
    ],
)
def test_time_labels(read, label, hour):
    reads = read(lines(HEADER, f"M1,{label},1,15")).reads
    assert reads["interval_start_utc"][0].hour == hour
    assert reads["source_label"][0] == label


def test_slashed_dates_are_day_first_only_where_month_first_cannot_be(read):
    result = read(lines(HEADER, "M1,13/02/2016 00:00,1,60", "M1,03/02/2016 00:00,1,60"))
    assert sorted(str(i)[:10] for i in result.reads["interval_start_utc"]) == ["2016-02-03", "2016-02-13"]


@pytest.mark.parametrize(
    "label",
    [
        "2016-01-01T00:00+99:99",
        "yesterday",
        "",
        "2016-13-01 00:00",
        "2016-01-01 25:00",
        "01:00",
        "2016-01-01 00:00 CET",
    ],
)
def test_unreadable_labels_are_refused(read, label):
    result = read(lines(HEADER, f"M1,{label},1,15"))
    assert result.rejects["reason"][0].startswith(f'time label "{label}" cannot be read')


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",2016-01-01 00:00,1,15", "meter id is missing"),
        ("M1,2016-01-01 00:00,1,20", "20 minutes is not 5, 10, 15, 30, 60"),
        ("M1,2016-01-01 00:00,1,quarter", 'interval length "quarter"'),
        ("M1,2016-01-01 00:00:30,1,15", "whole minute"),
        ("M1,0216-01-01 00:00,1,15", "outside the years"),
        ("M1,-5000-01-01 00:00,1,15", "outside the years"),
        ("M1,+262142-01-01 00:00,1,15", "outside the years"),
        ("M1,2016-01-01 00:00,1,", "cannot be determined"),
        ("M1,2016-01-01 00:00,1", "3 fields and the header 4"),
        ("M1,2016-01-01 00:00,1,15,x", "5 fields and the header 4"),
        ('M1,"2016-01-01 00:00,1,15', "quotation mark"),
        (HEADER, "cannot be read"),
    ],
)
def test_bad_rows_are_refused_with_line_and_reason(read, row, words):
    result = read(lines(HEADER, row))
    assert result.reads.is_empty()
    assert result.rejects.height == result.sent_count == 1
    assert words in result.rejects["reason"][0]
    assert result.rejects.select("row_number", "row_text").row(0) == (2, row)


def test_nothing_is_dropped_among_ragged_and_blank_lines(read):
    text = "\n" + lines(HEADER, "M1,2016-01-01 00:00,1,15", "", "M1,2016-01-01", ",,,", "M1,2016-01-01 00:15,2,15,")
    result = read(text + '"M1","2016-01-01 00:30","3","15"\r\n"M,2",2016-01-01 00:45,4,15')
    assert result.rejects["row_number"].to_list() == [5, 6, 7]
    assert result.reads.select("row_number", "meter_id", "reported_wh").rows() == [
        (9, "M,2", 4000),
        (3, "M1", 1000),
        (8, "M1", 3000),
    ]


def test_short_and_long_lines_do_not_cancel(read):
    result = read(lines(HEADER, "M1,2016-01-01 00:00,1", "M1,2016-01-01 00:15,1,15,9", "M1,2016-01-01 00:30,1,15"))
    assert (result.reads.height, result.rejects["row_number"].to_list()) == (1, [2, 3])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        (HEADER + "\n", "header and no reads"),
        (HEADER, "header and no reads"),
        ("foo~bar\n1~2\n", "line 1 does not look like a header: it has 1 cell with data or with names"),
        ("meter_id,when,kwh\nM,2016-01-01,1\n", "no time column; columns seen: meter_id, when, kwh"),
        ("meter_id,ts_start,kw\nM,2016-01-01,1\n", "no value column"),
        ("meter_id,ts_start,usage\nM,2016-01-01,1\n", "give --unit"),
        ("ts_start,kwh\n2016-01-01,1\n", "--meter-id"),
        ("meter_id,ts_start,kwh,usage_kwh\nM,2016-01-01,1,1\n", "several columns"),
        (b"meter_id,ts_start,kwh\nM\xff,2016-01-01,1\n", "line 2: the text is not UTF-8"),
        (b"a\x00b", "binary"),
        (b"\x1f\x8b123", "compressed"),
        (b"\xff\xfem\x00", "UTF-16"),
        (b"PK\x03\x04xx", "ZIP"),
    ],
)
def test_files_that_are_refused_as_a_whole(read, text, words):
    with pytest.raises(UnreadableFile, match=words.replace("|", r"\|")):
        read(text)


def test_meter_by_option(read):
    assert (
        read(lines("timestamp,kwh", "2016-01-01 00:00,1", "2016-01-01 01:00,1"), meter_id="H").reads["meter_id"][0]
        == "H"
    )
    with pytest.raises(UnreadableFile, match="holds 2 meters"):
        read(lines("meter_id,timestamp,kwh", "A,2016-01-01 00:00,1", "B,2016-01-01 01:00,1"), meter_id="H")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_boms_and_line_ends(read, delimiter, bom, end):
    rows = [["Meter ID", "Start Time", "Usage (kWh)"], ["M1", "2016-01-01 00:00", "1"], ["M1", "2016-01-01 00:30", "2"]]
    result = read(bom + end.join(delimiter.join(row) for row in rows).encode())
    assert result.reads["reported_wh"].to_list() == [1000, 2000]
    assert set(result.reads["interval_minutes"]) == {30}
    assert str(result.reads["interval_start_utc"][0]) == "2016-01-01 08:00:00"


@pytest.mark.parametrize(("unit", "wh"), [("wh", 2), ("kwh", 2000), ("mwh", 2_000_000)])
def test_units(read, unit, wh):
    row = "M1,2016-01-01 00:00,2,15"
    assert read(lines(f"meter_id,ts_start,delivered_{unit},interval_minutes", row)).reads["reported_wh"][0] == wh
    assert read(lines("meter_id,ts_start,usage,interval_minutes", row), unit=unit).reads["reported_wh"][0] == wh
    assert read(lines("meter_id,ts_start,value,interval_minutes,uom", row + f",{unit}")).reads["reported_wh"][0] == wh


def test_two_channels_and_quality(read):
    header = "meter_id,interval_start_utc,delivered_kwh,received_kwh,quality_code"
    reads = read(lines(header, "M1,2016-01-01 00:00,1,x,A", "M1,2016-01-01 00:15,2,3,E"))
    assert reads.reads.select("channel_code", "value_position", "reported_wh", "source_quality_code").rows() == [
        ("delivered", 0, 1000, "A"),
        ("delivered", 0, 2000, "E"),
        ("received", 1, 3000, "E"),
    ]
    assert reads.rejects.row(0)[:2] == (2, 1)
    assert reads.sent_count == 4
    by_column = read(
        lines("meter_id,ts_start,kwh,channel,interval_minutes", "M1,2016-01-01,1,Export,15", "M1,2016-01-01,1,up,15")
    )
    assert by_column.reads["channel_code"].to_list() == ["received"]
    assert "delivered or received" in by_column.rejects["reason"][0]


def test_repeats_are_numbered_in_file_order(read):
    stamp = "2016-07-01 00:00"
    reads = read(lines(HEADER, f"M1,{stamp},1,15", f"M2,{stamp},2,15", f"M1,{stamp},3,15", f"M1,{stamp},4,15")).reads
    assert reads.select("meter_id", "row_number", "repeat_number").rows() == [
        ("M1", 2, 0),
        ("M1", 4, 1),
        ("M1", 5, 2),
        ("M2", 3, 0),
    ]


def test_lengths_by_start_and_end_label_hold_across_the_changes_of_the_clock(read):
    text = lines(
        "meter_id,start_time,end_time,kwh",
        "M1,2017-03-12 01:45,2017-03-12 03:00,1",
        "M1,2016-11-06 01:45,2016-11-06 01:00,1",
        "M1,2017-06-01 00:00,2017-06-01 00:45,1",
        "M1,2017-03-12 00:00,2017-03-13 00:00,1",
    )
    result = read(text)
    assert result.reads.select("row_number", "interval_minutes", "nominal_minutes").sort("row_number").rows() == [
        (2, 15, 15),
        (3, 15, 15),
        (5, 1440, 1440),
    ]
    assert "45 minutes" in result.rejects["reason"][0]


def test_daily_reads_keep_their_nominal_length(read):
    text = lines("meter_id,date,kwh", "M1,2016-11-05,1", "M1,2016-11-06,1", "M1,2017-03-12,1", "M1,2017-03-13,1")
    reads = read(text).reads
    assert reads["interval_minutes"].to_list() == [1440, 1500, 1380, 1440]
    assert set(reads["nominal_minutes"]) == {1440}


def test_date_and_time_columns_of_a_utility_download(read):
    text = lines(
        "TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST",
        "Electric,2016-07-01,00:00,00:14,0.1,$1",
        "Electric,2016-07-01,00:15,00:29,0.2,$1",
    )
    reads = read(text, meter_id="home").reads
    assert reads["source_label"].to_list() == ["2016-07-01 00:00", "2016-07-01 00:15"]
    assert set(reads["interval_minutes"]) == {15}


def test_labels_with_offsets_make_the_clock_utc(read):
    result = read(lines("meter_id,timestamp,kwh", "M,2016-11-06T01:00-07:00,1", "M,2016-11-06T01:00-08:00,1"))
    assert result.clock_code == "utc"
    assert [i.hour for i in result.reads["interval_start_utc"]] == [8, 9]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text("M1,;\t\"'0.-: \n\rTZé", max_size=30), min_size=1, max_size=8))
def test_any_text_below_a_header_is_read_or_refused_and_never_lost(read, rows):
    body = "\n".join(rows)
    count = sum(1 for line in body.split("\n") if line.strip())
    if not count:
        with pytest.raises(UnreadableFile):
            read(HEADER + "\n" + body)
        return
    assert read(HEADER + "\n" + body).sent_count == count


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dates(min_value=date(2010, 1, 1), max_value=date(2030, 1, 1)),
    st.sampled_from([15, 30, 60]),
    st.sampled_from(["utc", "local", "standard"]),
    st.sampled_from(["start", "end"]),
)
def test_any_two_days_round_trip(read, day, minutes, clock, label):
    reads = truth(local_days(day.isoformat(), 2, minutes))
    result = read(long_csv(reads, clock, label, minutes), clock_code=clock)
    assert found(result.reads).equals(reads)
