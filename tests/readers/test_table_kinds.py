"""Tables of register reads and of meter events, recognised by their columns."""

from datetime import datetime

import polars as pl
import pytest

from pipelines.readers import UnreadableFile
from tests.readers.written import lines


def at(text):
    return datetime.fromisoformat(text)


def test_register_reads(read):
    result = read(
        lines(
            "meter_id,read_at_utc,register_kwh,register_id,channel,multiplier,consumption_kwh,quality",
            "M1,2026-01-01 08:00:00,00123.4,1.8.0,delivered,1,,A",
            "M1,2026-02-01 08:00:00,00223.4005,1.8.0,delivered,1,100.0,E",
            "M2,2026-02-01 08:00:00,10,2.8.0,received,40,,",
            "M3,2026-02-01 08:00:00,,,,,,",
        )
    )
    rows = result.register_reads
    assert result.reads.is_empty()
    assert result.rejects.is_empty()
    assert rows["read_at_utc"].to_list() == [at("2026-01-01 08:00")] + [at("2026-02-01 08:00")] * 3
    assert rows["reported_wh"].to_list() == [123_400, 223_401, 400_000, None]
    assert rows["reported_text"].to_list() == ["00123.4", "00223.4005", "10", None]
    assert rows["stated_consumption_wh"].to_list() == [None, 100_000, None, None]
    assert rows["meter_multiplier"].to_list() == [1.0, 1.0, 40.0, None]
    assert rows["channel_code"].to_list() == ["delivered", "delivered", "received", "delivered"]
    assert rows["register_code"].to_list() == ["1.8.0", "1.8.0", "2.8.0", None]
    assert rows["reported_quality_code"].to_list() == ["A", "E", None, None]
    assert rows["row_number"].to_list() == [2, 3, 4, 5]


def test_bad_register_reads_are_refused_one_by_one(read):
    result = read(
        lines(
            "meter_id,read_at_local,register_kwh,direction",
            "M1,2017-03-12 02:30,1,",
            "M1,2017-03-12 03:30,abc,",
            "M1,yesterday,1,",
            ",2017-03-12 04:30,1,",
            "M1,2017-03-12 05:30,1,sideways",
            "M1,2017-03-12 05:30,1,delivered,more",
            "M1,2017-03-12 05:30,1,delivered",
        )
    )
    assert result.register_reads["read_at_utc"].to_list() == [at("2017-03-12 12:30")]
    assert result.rejects["row_number"].to_list() == [2, 3, 4, 5, 6, 7]
    words = ["does not exist", "not a number", "cannot be read", "meter id", "sideways", "5 fields"]
    for reason, word in zip(result.rejects["reason"], words, strict=True):
        assert word in reason
    assert result.sent_count == 7


def test_events(read):
    result = read(
        lines(
            "meter_id,event_start_local,event_end_local,event_code,event_text",
            'M1,2017-07-01 10:00:00,2017-07-01 10:30:00,3.26.0.85,"Power down, feeder 12"',
            "M1,2017-07-01 11:00:00,,3.26.0.216,",
            "M1,2017-07-01 11:00:00,later,3.26.0.216,",
        )
    )
    rows = result.meter_events
    assert rows["event_start_utc"].to_list() == [at("2017-07-01 17:00"), at("2017-07-01 18:00")]
    assert rows["event_end_utc"].to_list() == [at("2017-07-01 17:30"), None]
    assert rows["source_event_code"].to_list() == ["3.26.0.85", "3.26.0.216"]
    assert rows["source_event_text"].to_list() == ["Power down, feeder 12", None]
    assert 'end "later" cannot be read' in result.rejects["reason"].item()


def test_tables_of_other_things_are_what_they_were(read):
    result = read(lines("meter_id,timestamp,kwh,event", "M1,2026-01-01 00:00,1,x", "M1,2026-01-01 00:15,1,"))
    assert (result.reads.height, result.meter_events.height) == (2, 0)
    result = read(lines("meter_id,interval_start_utc,kwh,status", "M1,2026-01-01 00:00,1,x", "M1,2026-01-01 00:15,1,"))
    assert result.reads.height == 2


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("read_at_utc,register_kwh", "--meter-id"),
        ("meter_id,read_at_utc,register_read", "give --unit"),
        ("meter_id,read_at_utc,register_kwh,index_read_kwh", "several columns could hold register reads"),
        ("event_time,event_code", "--meter-id"),
    ],
)
def test_register_and_event_tables_that_are_refused(read, header, words):
    with pytest.raises(UnreadableFile, match=words):
        read(lines(header, ",".join("1" for _ in header.split(","))))


def test_parquet_of_register_reads(tmp_path):
    from pipelines.readers import ReadOptions
    from tests.readers.whole import read_file

    frame = pl.DataFrame(
        {"meter_id": ["M1"], "read_at_utc": [at("2026-01-01 08:00")], "register_wh": [123_456], "channel": ["received"]}
    )
    frame.write_parquet(tmp_path / "registers.parquet")
    rows = read_file(tmp_path / "registers.parquet", ReadOptions()).register_reads
    assert rows.select("reported_wh", "channel_code", "read_at_utc").row(0) == (
        123_456,
        "received",
        at("2026-01-01 08:00"),
    )
