# ruff: noqa: DTZ001 - naive UTC and wall-clock times are the subject here
from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest

from pipelines.readers import ReadOptions, UnreadableFile
from tests.readers.whole import read_file
from tests.readers.written import AUTUMN, SPRING, found, local_days, on_clock, truth


@pytest.fixture
def read(tmp_path):
    def read_frame(frame, **options):
        path = tmp_path / "reads [1].bin"
        frame.write_parquet(path)
        return read_file(path, ReadOptions(**options))

    return read_frame


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("unit", ["us", "ns", "ms"])
def test_typed_timestamps_of_every_clock_agree(read, day, unit):
    reads = truth(local_days(day, 2, 15))
    starts = reads["interval_start_utc"]
    table = pl.DataFrame({"meter_id": reads["meter_id"], "delivered_kwh": reads["reported_wh"] / 1000})
    columns = {
        "interval_start_utc": starts,
        "ts_start": pl.Series([on_clock(s, "local") for s in starts]),
        "timestamp": starts.dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo"),
    }
    for name, column in columns.items():
        zone = column.dtype.time_zone
        result = read(table.with_columns(column.cast(pl.Datetime(unit, zone)).alias(name)))
        assert result.clock_code == ("local" if name == "ts_start" else "utc")
        assert found(result.reads).equals(reads)
        assert result.reads["row_number"].to_list() == list(range(1, reads.height + 1))
    result = read(
        table.with_columns(ts_start=pl.Series([on_clock(s, "standard") for s in starts])), clock_code="standard"
    )
    assert found(result.reads).equals(reads)


def test_numbers_of_every_type_and_ignored_columns(read):
    times = pl.Series([datetime(2016, 1, 1, hour) for hour in range(3)])
    frame = pl.DataFrame({"meter_id": [1, 1, 1], "interval_start_utc": times, "pv_kwh": [9.0] * 3})
    for column in (pl.Series([1, 2, None]), pl.Series([1.0, 2.0, None]), pl.Series([Decimal("1"), Decimal("2"), None])):
        reads = read(frame.with_columns(kwh=column)).reads
        assert reads["reported_wh"].to_list() == [1000, 2000, None]
        assert reads["reported_text"].null_count() == 3
        assert set(reads["meter_id"]) == {"1"}
    fine = read(frame.with_columns(kwh=pl.Series([1e-7, -1e-5, 0.1 + 0.2]))).reads
    assert fine["reported_wh"].to_list() == [0, 0, 300]
    assert fine["reported_text"].to_list() == ["1e-7", "-0.00001", "0.30000000000000004"]


def test_rejects_name_the_row(read):
    frame = pl.DataFrame(
        {
            "meter_id": ["M", None, "M"],
            "ts_start": [datetime(2017, 3, 12, 2), datetime(2017, 3, 12), datetime(2017, 3, 12)],
            "kwh": [1.0, 1.0, float("nan")],
            "interval_minutes": [15, 15, 15],
        }
    )
    result = read(frame)
    assert result.rejects["row_number"].to_list() == [1, 2, 3]
    assert [reason.split()[0] for reason in result.rejects["reason"]] == ["local", "the", "value"]
    assert result.rejects["row_text"][2] == "M,2017-03-12 00:00:00.000000,NaN,15"


def test_daily_dates(read):
    frame = pl.DataFrame(
        {"meter_id": ["M"] * 2, "date": [datetime(2017, 3, 11).date(), datetime(2017, 3, 12).date()], "kwh": [1, 2]}
    )
    reads = read(frame).reads
    assert reads["interval_minutes"].to_list() == [1440, 1380]
    assert reads["nominal_minutes"].to_list() == [1440, 1440]


def test_damaged_and_empty_files(tmp_path, read):
    frame = pl.DataFrame({"meter_id": ["M"] * 50, "ts_start": [datetime(2016, 1, 1)] * 50, "kwh": [1.0] * 50})
    whole = tmp_path / "whole"
    frame.write_parquet(whole)
    data = whole.read_bytes()
    for part in (
        data[:-1],
        data[: len(data) // 2],
        b"PAR1",
        b"PAR1" + b"x" * 50 + b"PAR1",
        data[:4] + b"\0" * 300 + data[304:],
    ):
        path = tmp_path / "part"
        path.write_bytes(part)
        with pytest.raises(UnreadableFile):
            read_file(path, ReadOptions())
    with pytest.raises(UnreadableFile, match="no reads"):
        read(frame.clear())
    with pytest.raises(UnreadableFile, match="no time column"):
        read(frame.select("kwh"))


def test_columns_that_cannot_hold_reads(read):
    frame = pl.DataFrame(
        {"meter_id": [b"M"], "ts_start": [datetime(2016, 1, 1)], "kwh": [1.0], "interval_minutes": [15]}
    )
    with pytest.raises(UnreadableFile, match='column "meter_id" holds large_binary'):
        read(frame)
    extreme = frame.with_columns(meter_id=pl.lit("M"), ts_start=pl.lit(2**62).cast(pl.Datetime("us")))
    assert "lies outside the years" in read(extreme).rejects["reason"][0]
