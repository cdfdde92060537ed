"""What a file's times leave open is found, stated, and settled by a rule or refused."""

from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pipelines.readers.tables import csv_reads
from tests.readers.written import AUTUMN, SPRING, ZONE, found, kwh, label_of, local_days, long_csv, truth, wide_csv

EXACT = ["meter_id", "channel_code", "interval_start_utc", "interval_minutes", "reported_wh", "row_number"]


def codes(result):
    return {finding.code: finding.count for finding in result.findings}


def stamped(reads, label_of_start, header="meter_id,timestamp,delivered_kwh"):
    rows = reads.select("meter_id", "interval_start_utc", "reported_wh").iter_rows()
    return "\n".join([header, *(f"{m},{label_of_start(start)},{kwh(wh)}" for m, start, wh in rows)]) + "\n"


def local(start, minutes=0):
    aware = (start + timedelta(minutes=minutes)).replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE))
    return aware.strftime("%Y-%m-%d %H:%M")


@pytest.fixture
def small_pieces(monkeypatch):
    """CSV files in pieces of a few lines."""
    monkeypatch.setattr(csv_reads, "_LEAST_PIECE", 4_000)
    monkeypatch.setattr(csv_reads, "_LARGEST_PIECE", 4_000)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize(("clock", "label"), list(product(["utc", "local", "standard"], ["start", "end"])))
@pytest.mark.parametrize("minutes", [15, 60])
def test_a_file_read_in_pieces_gives_what_it_gives_whole(read, request, day, clock, label, minutes):
    texts = [long_csv(truth(local_days(day, 4, minutes)), clock, label, minutes, c) for c in ("instant", "length")]
    texts.append(wide_csv(truth(local_days(day, 4, minutes)), clock, label, minutes))
    whole = [read(text, clock_code=clock, unit="kwh") for text in texts]
    request.getfixturevalue("small_pieces")
    for text, one in zip(texts, whole, strict=True):
        pieces = read(text, clock_code=clock, unit="kwh")
        assert pieces.reads.select(EXACT).equals(one.reads.select(EXACT))
        assert pieces.rejects.equals(one.rejects)
        assert pieces.findings == one.findings


def test_the_repeated_hour_of_a_file_that_runs_forward(read):
    reads = truth(local_days(AUTUMN, 1, 15))
    result = read(long_csv(reads, "local", "start", 15))
    assert found(result.reads).equals(reads)
    assert codes(result) == {"repeated_hour_in_order": 8}


@pytest.mark.parametrize("label", ["start", "end"])
def test_the_repeated_hour_of_a_file_that_runs_backward(read, request, label):
    reads = truth(local_days(AUTUMN, 3, 15))
    text = long_csv(reads.reverse(), "local", label, 15)
    result = read(text)
    assert found(result.reads).equals(reads)
    assert codes(result)["repeated_hour_newest_first"] == 8
    request.getfixturevalue("small_pieces")
    assert found(read(text).reads).equals(reads)


def test_a_repeated_hour_that_comes_once_is_daylight_time(read):
    reads = truth(local_days(AUTUMN, 1, 15))
    kept = reads.with_columns(label=pl.Series([local(s) for s in reads["interval_start_utc"]])).unique(
        "label", keep="first", maintain_order=True
    )
    result = read(stamped(kept, local))
    assert found(result.reads).equals(kept.drop("label"))
    assert codes(result) == {"repeated_hour_once": 4}


def test_zeros_in_the_missing_hour_are_filling(read):
    reads = truth(local_days(SPRING, 1, 15))
    text = long_csv(reads, "local", "start", 15)
    for minute in (0, 15, 30, 45):
        text += f"M1,2017-03-12 02:{minute:02d},0.000\n"
    result = read(text)
    assert found(result.reads).equals(reads)
    assert codes(result) == {"filled_missing_hour": 4}
    assert result.rejects.height == 4
    assert result.rejects["reason"][0] == (
        "a zero at the local time 2017-03-12 02:00, which does not exist in America/Los_Angeles, is filling and no read"
    )


def test_energy_in_the_missing_hour_of_a_wall_clock_is_refused(read):
    reads = truth(local_days(SPRING, 1, 15))
    result = read(long_csv(reads, "local", "start", 15) + "M1,2017-03-12 02:15,0.400\n")
    assert found(result.reads).equals(reads)
    assert codes(result) == {"missing_hour_with_energy": 1}
    assert "give --clock standard" in result.rejects["reason"][0]


def test_labels_without_a_name_that_end_days_at_midnight_name_ends(read):
    reads = truth(local_days("2017-06-01", 3, 15))
    result = read(stamped(reads, lambda start: local(start, 15)))
    assert result.label_code == "end"
    assert found(result.reads).equals(reads)
    assert codes(result) == {"labels_at_end_by_day_bounds": reads.height}
    assert read(stamped(reads, local)).label_code == "start"


@pytest.mark.parametrize(("minutes", "given", "count"), [(60, 15, 24), (15, 60, 96), (1440, 60, 3)])
def test_a_given_length_that_is_not_the_step_of_the_labels_is_told(read, minutes, given, count):
    reads = truth(local_days("2017-06-01", 3 if minutes == 1440 else 1, minutes))
    text = long_csv(reads, "local", "start", minutes)
    result = read(text, interval_minutes=given)
    assert codes(result) == {"length_unlike_labels": count}
    assert f"mostly {minutes:,} minutes apart, and the interval length given is {given};" in result.findings[0].text
    assert result.reads["interval_minutes"].unique().to_list() == [given]
    assert read(text, interval_minutes=minutes).findings == ()
    assert read(text).findings == ()


def test_a_given_length_is_not_held_against_lengths_that_the_rows_state(read):
    text = "meter_id,timestamp,minutes,kwh\nM1,2017-06-01 00:00,60,1\nM1,2017-06-01 01:00,60,1\n"
    assert read(text, interval_minutes=15).findings == ()


def test_a_label_that_is_given_or_named_is_kept(read):
    reads = truth(local_days("2017-06-01", 3, 15))
    ends = stamped(reads, lambda start: local(start, 15))
    assert read(ends, label_code="start").label_code == "start"
    named = ends.replace("timestamp", "interval_start_local")
    assert read(named).label_code == "start"


def with_offset(start, flips_at=None, wall_flips_at=None):
    """Wall clock and UTC offset; the flag or the wall clock may change later than the zone's."""
    aware = start.replace(tzinfo=ZoneInfo("UTC"))
    offset = aware.astimezone(ZoneInfo(ZONE)).utcoffset()
    late = timedelta(hours=-7)
    flag = late if flips_at and start < flips_at else offset
    wall = late if wall_flips_at and start < wall_flips_at else offset
    return f"{(start + wall):%Y-%m-%d %H:%M}{int(flag.total_seconds()) // 3600:+03d}:00"


def test_an_offset_flag_that_flips_a_day_late_gives_way_to_the_wall_clock(read, request):
    reads = truth(local_days("2016-11-04", 6, 15))
    flips = datetime.fromisoformat("2016-11-07 08:00")
    text = stamped(reads, lambda start: with_offset(start, flips_at=flips))
    result = read(text)
    assert found(result.reads).equals(reads)
    assert set(codes(result)) == {"late_offset_change", "repeated_hour_in_order"}
    assert "the offsets are not used" in result.findings[0].text
    request.getfixturevalue("small_pieces")
    assert found(read(text).reads).equals(reads)


def test_a_meter_clock_that_changes_a_day_late_is_read_by_its_own_offsets(read):
    reads = truth(local_days("2016-11-04", 6, 15))
    flips = datetime.fromisoformat("2016-11-07 08:00")
    result = read(stamped(reads, lambda start: with_offset(start, flips_at=flips, wall_flips_at=flips)))
    assert found(result.reads).equals(reads)
    assert set(codes(result)) == {"late_clock_change"}


def test_offsets_of_another_zone_are_kept_and_told(read):
    reads = truth(local_days("2017-06-01", 2, 15))
    text = stamped(reads, lambda start: f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}+02:00")
    result = read(text)
    assert found(result.reads).equals(reads)
    assert codes(result) == {"offset_unlike_zone": reads.height}
    assert "+02:00" in result.findings[0].text
    assert read(text, time_zone="Europe/Berlin").findings == ()


def test_labels_at_both_conventions_of_end_are_told_apart(read):
    reads = truth(local_days(AUTUMN, 1, 60))
    for convention in ("instant", "length"):
        rows = [label_of(s, "local", "end", 60, convention) for s in reads["interval_start_utc"]]
        text = "meter_id,interval_end_local,delivered_kwh\n" + "".join(
            f"M1,{label:%Y-%m-%d %H:%M},{kwh(wh)}\n" for label, wh in zip(rows, reads["reported_wh"], strict=True)
        )
        assert found(read(text).reads).equals(reads)


@pytest.mark.parametrize(
    ("header", "daylight", "standard"),
    [
        ("timestamp,tz,delivered_kwh", "PDT", "PST"),
        ("timestamp,utc_offset,delivered_kwh", "-07:00", "-8"),
        ("timestamp,dst_flag,delivered_kwh", "Y", "N"),
        ("timestamp,is_dst,delivered_kwh", "1", "0"),
    ],
)
def test_columns_that_tell_the_repeated_hour_apart(read, header, daylight, standard):
    reads = truth(local_days(AUTUMN, 1, 15))
    change = datetime.fromisoformat("2016-11-06 09:00")
    text = stamped(
        reads.sample(fraction=1.0, shuffle=True, seed=1),
        lambda start: f"{local(start)},{daylight if start < change else standard}",
        header=f"meter_id,{header}",
    )
    result = read(text)
    assert found(result.reads).equals(reads)
    assert result.clock_code == "utc"
    assert result.findings == ()


def test_a_flag_column_that_flips_a_day_late_gives_way_to_the_wall_clock(read):
    reads = truth(local_days("2016-11-04", 6, 15))
    flips = datetime.fromisoformat("2016-11-07 08:00")
    text = stamped(
        reads, lambda start: f"{local(start)},{'Y' if start < flips else 'N'}", "meter_id,timestamp,dst,delivered_kwh"
    )
    result = read(text)
    assert found(result.reads).equals(reads)
    assert set(codes(result)) == {"late_offset_change", "repeated_hour_in_order"}


def test_flags_and_zones_that_say_nothing_known(read):
    text = (
        "meter_id,timestamp,tz,dst,delivered_kwh\n"
        "M1,2017-06-01 00:00,America/Los_Angeles,,1\n"
        "M1,2017-06-01 00:15,Mars,,1\n"
        "M1,2017-06-01 00:30,,,1\n"
        "M1,2017-06-01 00:45,PST,Y,1\n"
        "M1,2017-06-01 01:00,PST,maybe,1\n"
    )
    result = read(text)
    assert [f"{start:%H:%M}" for start in result.reads["interval_start_utc"]] == ["07:00", "07:30", "07:45"]
    assert result.rejects["row_number"].to_list() == [3, 6]
    assert 'time zone "Mars" is not understood' in result.rejects["reason"][0]
