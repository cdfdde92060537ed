import polars as pl
import pytest

from pipelines.readers.tables.columns import recognise_columns
from pipelines.readers.tables.labels import offset_minutes, parse_labels


def offsets(zones, flags=None):
    flags = None if flags is None else pl.Series(flags, dtype=pl.String)
    found = offset_minutes(pl.Series(zones, dtype=pl.String), flags)
    assert found.dtype == pl.Int32
    return found.to_list()


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("-08:00", -480), ("-0800", -480), ("-08", -480), ("-8", -480), (" -8 ", -480), ("8", 480), ("+5:30", 330),
        ("UTC-8", -480), ("GMT -08:00", -480), ("-8.0", -480), ("-3.5", -210), ("-480", -480), ("-420", -420),
        ("-300", -300), ("-800", -480), ("-930", -570), ("0", 0), ("Z", 0), ("utc", 0), ("GMT", 0), ("+14:00", 840),
        ("PST", -480), ("pdt", -420), ("MST", -420), ("MDT", -360), ("CST", -360), ("CDT", -300), ("EST", -300),
        ("EDT", -240), ("AKST", -540), ("AKDT", -480), ("HST", -600), ("HDT", -540), ("AST", -240), ("ADT", -180),
        ("NST", -210), ("NDT", -150),
    ],
)  # fmt: skip
def test_zone_texts(text, minutes):
    assert offsets([text]) == [minutes]


@pytest.mark.parametrize(
    "text",
    [None, "", " ", "CET", "PT", "Pacific", "-08:75", "+14:15", "-15", "-600", "890", "1401", "12345", "--8", "-8.01"],
)
def test_unknown_zone_texts_are_not_guessed(text):
    assert offsets([text]) == [None]


@pytest.mark.parametrize("flag", ["Y", "yes", "1", "TRUE", "t", "D", "DST", " daylight "])
def test_a_daylight_flag_moves_a_standard_time(flag):
    assert offsets(["PST", "PT", "PDT", "-08:00", "UTC", None], [flag] * 6) == [-420, -420, -420, -480, 0, None]


@pytest.mark.parametrize("flag", ["N", "no", "0", "False", "f", "S", "std", "Standard"])
def test_a_standard_flag_settles_a_zone_without_season(flag):
    assert offsets(["PST", "PT", "PDT", "-07:00"], [flag] * 4) == [-480, -480, -420, -420]


def test_blank_flags_say_nothing_and_unknown_ones_spoil_the_row():
    assert offsets(["PST", "PST", "PT", "PST", "-8"], ["", None, "", "?", "?"]) == [-480, -480, None, None, None]


def test_offsets_keep_the_order_of_the_rows():
    assert offsets(["PDT", "PST", "PDT", "PST"], ["Y", "N", "Y", "Y"]) == [-420, -480, -420, -420]
    assert offsets([]) == []


@pytest.mark.parametrize(
    ("label", "wall", "minutes"),
    [
        ("2016-11-06 01:15 PDT", "2016-11-06 01:15:00", -420),
        ("2016-11-06 01:15:00PST", "2016-11-06 01:15:00", -480),
        ("11/6/2016 1:15 AM pst", "2016-11-06 01:15:00", -480),
        ("11/06/2016 01:15PM AKST", "2016-11-06 13:15:00", -540),
        ("2016-11-06T01:15-0800", "2016-11-06 01:15:00", -480),
        ("7/1/16", "2016-07-01 00:00:00", None),
        ("7/1/16 0:15", "2016-07-01 00:15:00", None),
        ("12/31/99 11:45 PM", "2099-12-31 23:45:00", None),
        ("07/28/2025 12:00AM ", "2025-07-28 00:00:00", None),
        ("2016-06-30 24:00", "2016-07-01 00:00:00", None),
    ],
)
def test_labels(label, wall, minutes):
    row = parse_labels(pl.Series([label])).row(0, named=True)
    assert (row["label"], str(row["wall"]), row["offset_minutes"]) == (label, wall, minutes)


@pytest.mark.parametrize(
    "label", ["2016-01-01 00:00 CET", "2016-01-01 00:00 PT", "2016-01-01T00:00+99:99", "PST", "1,5"]
)
def test_labels_that_cannot_be_read(label):
    assert parse_labels(pl.Series([label]))["wall"].to_list() == [None]


def test_short_years_are_day_first_only_where_month_first_cannot_be():
    walls = parse_labels(pl.Series(["13/2/16", "3/2/16"]))["wall"]
    assert [str(wall)[:10] for wall in walls] == ["2016-02-13", "2016-02-03"]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("tz", "zone"), ("Time Zone", "zone"), ("timezone", "zone"), ("UTC Offset", "zone"), ("offset", "zone"),
        ("DST", "dst"), ("dst_flag", "dst"), ("Is DST", "dst"), ("Daylight", "dst"), ("daylight_saving", "dst"),
    ],
)  # fmt: skip
def test_columns_of_zones_and_of_daylight_saving(name, role):
    layout = recognise_columns(["meter_id", "timestamp", name, "kwh"])
    assert getattr(layout, role) == 2
    assert getattr(layout, {"zone": "dst", "dst": "zone"}[role]) is None
    assert (layout.start, [value.index for value in layout.values]) == (1, [3])


def test_tables_without_zones():
    layout = recognise_columns(["meter_id", "interval_start_utc", "kwh"])
    assert (layout.zone, layout.dst, layout.clock_code) == (None, None, "utc")
