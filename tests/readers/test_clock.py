# ruff: noqa: DTZ001 - naive UTC and wall-clock times are the subject here
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clock import Clock, interval_starts, local_day_minutes, possible_instants, standard_offset_minutes
from tests.readers.written import AUTUMN, SPRING, ZONE, label_of, local_days, on_clock


def frame(walls, minutes=15, meters=None, offsets=None):
    return pl.DataFrame(
        {
            "meter_id": meters or ["M1"] * len(walls),
            "channel_code": ["delivered"] * len(walls),
            "wall": pl.Series(walls, dtype=pl.Datetime("us")),
            "offset_minutes": pl.Series(offsets or [None] * len(walls), dtype=pl.Int32),
            "minutes": pl.Series([minutes] * len(walls), dtype=pl.Int64),
        }
    )


@pytest.mark.parametrize("zone", [ZONE, "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata"])
@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
@pytest.mark.parametrize("label", ["start", "end"])
@pytest.mark.parametrize("clock", ["utc", "local", "standard"])
@pytest.mark.parametrize("day", ["2016-03-26", "2016-10-29", "2016-10-01", "2016-04-02", SPRING, AUTUMN])
def test_labels_of_every_clock_come_back_as_their_starts(zone, minutes, label, clock, day):
    starts = local_days(day, 2, minutes, zone)
    for convention in ("instant", "length"):
        at = [
            on_clock(s, clock, zone)
            if label == "start"
            else on_clock(s + timedelta(minutes=minutes), clock, zone)
            if convention == "instant"
            else on_clock(s, clock, zone) + timedelta(minutes=minutes)
            for s in starts
        ]
        result = interval_starts(frame(at, minutes), Clock(zone, clock, label))
        assert result["reason"].null_count() == len(starts)
        assert result["interval_start_utc"].to_list() == starts


def test_a_label_in_the_spring_gap_is_refused_and_says_how_to_mend_it():
    result = interval_starts(frame([datetime(2017, 3, 12, 2)]), Clock(ZONE, "local", "start"))
    assert result.row(0) == (
        None,
        "local time 2017-03-12 02:00 does not exist in America/Los_Angeles; "
        "if the file keeps standard time all year, give --clock standard",
    )


def test_repeated_hour_goes_by_order_within_meter_and_channel():
    one = datetime(2016, 11, 6, 1)
    result = interval_starts(
        frame([one, one, one, one], meters=["M1", "M2", "M1", "M1"]), Clock(ZONE, "local", "start")
    )
    hours = [instant.hour for instant in result["interval_start_utc"]]
    assert hours == [8, 8, 9, 9]  # first daylight, second standard, third repeats the second; M2 is on its own


def test_offset_in_the_label_wins_over_the_clock():
    walls = [datetime(2016, 11, 6, 1), datetime(2016, 11, 6, 1), datetime(2017, 3, 12, 2)]
    for clock in ("utc", "local", "standard"):
        result = interval_starts(frame(walls, offsets=[-480, -420, 0]), Clock(ZONE, clock, "start"))
        assert [i.hour for i in result["interval_start_utc"]] == [9, 8, 2]
        assert result["reason"].null_count() == 3


def test_daily_end_label_names_the_midnight_after_the_day():
    walls = [datetime(2017, 3, 12), datetime(2017, 3, 13), datetime(2017, 3, 14)]
    result = interval_starts(frame(walls, 1440), Clock(ZONE, "local", "end"))
    assert [str(i) for i in result["interval_start_utc"]] == [
        "2017-03-11 08:00:00",
        "2017-03-12 08:00:00",
        "2017-03-13 07:00:00",
    ]
    zoned = interval_starts(frame([walls[1]], 1440, offsets=[-420]), Clock(ZONE, "local", "end"))
    assert str(zoned["interval_start_utc"][0]) == "2017-03-12 08:00:00"


def test_slots_take_the_first_occurrence_on_every_line():
    labels = frame([datetime(2016, 11, 6, 1)] * 2).with_columns(has_value=True)
    result = interval_starts(labels, Clock(ZONE, "local", "start"), are_slots=True)
    assert [i.hour for i in result["interval_start_utc"]] == [8, 8]


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [(ZONE, -480), ("Europe/Dublin", 0), ("Australia/Sydney", 600), ("Asia/Kolkata", 330), ("America/Phoenix", -420)],
)
def test_standard_time(zone, minutes):
    assert standard_offset_minutes(zone, 2024) == minutes


def test_local_days_are_23_24_or_25_hours():
    starts = pl.Series([datetime(2017, 3, 12, 8), datetime(2016, 11, 6, 7), datetime(2016, 7, 1, 7)])
    assert local_day_minutes(starts, ZONE).to_list() == [1380, 1500, 1440]
    assert [len(local_days(day, 1, 15)) for day in (SPRING, AUTUMN, "2016-07-01")] == [92, 100, 96]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Mars/Olympus", "local", "start"), "Mars/Olympus"),
        ((ZONE, "gmt", "start"), "utc, local, standard"),
        ((ZONE, "local", "middle"), "start, end"),
    ],
)
def test_impossible_clocks(arguments, words):
    with pytest.raises(ValueError, match=words):
        Clock(*arguments)


instants = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31)).map(
    lambda moment: moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
)
zones = st.sampled_from([ZONE, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])


@given(zones, instants)
def test_an_instant_is_one_of_the_readings_of_its_wall_clock(zone, instant):
    both = possible_instants(pl.Series([on_clock(instant, "local", zone)]), zone).row(0)
    assert instant in both
    assert both[0] <= both[1]


@given(zones, instants, st.integers(1, 400))
def test_a_whole_series_in_local_time_round_trips(zone, first, count):
    """As long as the series does not begin inside a repeated hour, whose first half it then lacks."""
    starts = [first + timedelta(minutes=15 * k) for k in range(count)]
    walls = [on_clock(s, "local", zone) for s in starts]
    possible = possible_instants(pl.Series(walls), zone)
    result = interval_starts(frame(walls), Clock(zone, "local", "start"))
    assert result["interval_start_utc"].null_count() == 0
    if possible["latest"][0] == possible["earliest"][0]:
        assert result["interval_start_utc"].to_list() == starts


@given(st.dates(date(2000, 1, 1), date(2036, 1, 1)))
def test_the_standard_clock_is_a_uniform_grid(day):
    walls = [datetime(day.year, day.month, day.day) + timedelta(hours=h) for h in range(48)]
    result = interval_starts(frame(walls, 60), Clock(ZONE, "standard", "end"))["interval_start_utc"]
    assert set(result.diff().drop_nulls().to_list()) == {timedelta(hours=1)}
    assert result[0] == walls[0] + timedelta(hours=7)


def test_labels_written_here_agree_with_the_clock():
    assert str(label_of(datetime(2016, 11, 6, 8, 45), "local", "end", 15)) == "2016-11-06 01:00:00"
