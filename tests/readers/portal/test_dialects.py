from itertools import product

import polars as pl
import pytest

from pipelines.readers.opened import opened
from pipelines.readers.options import ReadOptions, UnreadableFile
from tests.readers.portal.parsed import (
    PGE_NAMES,
    PGE_NOTES,
    PGE_ROW,
    SCE_NAMES,
    SDGE_NAMES,
    content,
    portal_text,
    said,
    texts,
)
from tests.readers.portal.written import (
    DIALECTS,
    HOUR,
    METER,
    PRIVATE,
    both_directions,
    expected,
    sce_blocks,
)
from tests.readers.written import AUTUMN, SPRING, lines, local_days


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("day", "minutes"), list(product([SPRING, AUTUMN], [15, 30, 60])))
def test_every_dialect_says_the_same(parse, dialect, day, minutes):
    reads = both_directions(local_days(day, 2, minutes))
    options = {"meter_id": METER} if dialect.startswith("sce") else {}
    text = DIALECTS[dialect](reads, minutes)
    parsed = parse(text, **options)
    assert (parsed.format_code, parsed.clock_code, parsed.label_code) == ("csv", "local", "start")
    assert parsed.is_label_known
    assert not parsed.are_slots
    whole = content(parsed)
    assert whole["reason"].null_count() == whole.height
    assert set(whole["meter_id"]) == {METER}
    assert set(whole["power_of_ten"]) == {3}
    truth = expected(reads, minutes)
    assert said(whole).equals(truth)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_marks_and_line_ends_do_not_matter(values, dialect):
    reads = both_directions(local_days(AUTUMN, 1, 60))
    text = DIALECTS[dialect](reads, 60)
    ends = text.replace("\r", "").replace("\n", "\r\n")
    for variant in (b"\xef\xbb\xbf" + text.encode(), text.rstrip(), ends, ends.replace("\r\n", "\n", 20)):
        assert said(values(variant, meter_id="M1")).equals(expected(reads, 60))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_starts_in_utc_are_the_true_ones(parse, dialect, day):
    reads = both_directions(local_days(day, 2, 15))
    options = ReadOptions(meter_id="M1")
    file = opened(parse(DIALECTS[dialect](reads, 15), meter_id="M1"), options)
    parts = list(file.parts())
    assert sum(part.rejects.height for part in parts) == 0
    found = pl.concat([part.reads for part in parts])
    assert set(found["interval_minutes"]) == {15}
    for channel in ("delivered", "received"):
        one = found.filter(pl.col("channel_code") == channel).sort("interval_start_utc")
        assert one["interval_start_utc"].to_list() == reads["start"].to_list()
        assert one["reported_wh"].to_list() == reads[channel].to_list()


@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_a_portal_that_changes_its_clock_an_hour_late(parse, values, day, minutes):
    reads = both_directions(local_days(day, 1, minutes))
    late = sce_blocks(reads, minutes, late=HOUR)
    whole = values(late, meter_id="M1")
    on_time = values(sce_blocks(reads, minutes), meter_id="M1")
    assert whole.drop("label").equals(on_time.drop("label"))
    assert not whole["label"].equals(on_time["label"])
    stated = values(late, meter_id="M1", clock_code="utc")
    assert not stated["wall"].equals(on_time["wall"])


def test_a_plain_repeat_of_a_day_is_no_late_clock(values):
    reads = both_directions(local_days(AUTUMN, 1, 60))
    text = sce_blocks(reads, 60)
    twice = values(text + text, meter_id="M1")
    assert said(twice.unique(["channel_code", "wall", "value"])).equals(
        said(values(text, meter_id="M1").unique(["channel_code", "wall", "value"]))
    )
    hour_two = portal_text(*(f"Electric usage,{SPRING},{hour}:00,{hour}:59,0.0,kWh,," for hour in (1, 2, 4)))
    assert values(hour_two)["wall"].dt.hour().to_list() == [1, 2, 4]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_on_the_customer_is_taken_over(parse, dialect):
    text = DIALECTS[dialect](both_directions(local_days("2016-07-01", 1, 60)), 60)
    row = next(line for line in reversed(text.split("\n")) if "2016" in line or "/16" in line)
    hostile = [
        *PRIVATE,
        f"Name: {PRIVATE[0]}",
        f"{PRIVATE[1]},1,2,3,4,5,6,7,8,9",
        f'"{PRIVATE[0]}',
        row[:24],
        row.replace("0", "x"),
    ]
    parsed = parse(text + "\n" + lines(*hostile), meter_id="M1")
    seen = repr([batch.values.rows() for batch in parsed.batches()]) + repr(texts(parsed))
    assert not any(word in seen for word in PRIVATE)
    assert sum("text is not kept" in reason and text is None for _, reason, text in texts(parsed)) >= 4
    notes = text.split("\n")[
        : next(i for i, line in enumerate(text.lower().split("\n")) if "start time" in line or "time period" in line)
    ]
    for broken in ("\n".join(notes), text[:80]):
        with pytest.raises(UnreadableFile) as refusal:
            parse(broken)
        assert not any(word in str(refusal.value) for word in PRIVATE)


def test_lines_are_refused_with_a_reason_and_their_text(parse):
    good = PGE_ROW
    parsed = parse(
        portal_text(
            good,
            "Electric usage,2016-07-01,00:15",
            "Electric usage,2016-07-01,00:15,00:29,0.1,kWh,$1,234.00,x",
            'Electric usage,2016-07-01,00:15,00:29,"0.1,kWh,,',
            "Electric usage,2016-07-01,25:15,25:29,0.1,kWh,,",
            "Electric usage,2016-07-01,,00:29,0.1,kWh,,",
            "Electric usage,2016-07-01,00:30,soon,0.1,kWh,,",
            "Natural gas usage,2016-07-01,00:00,23:59,1.02,therms,$0.97,",
            "Water usage,2016-07-01,00:00,23:59,1.02,gal,,",
            "Electric usage,2016-07-01,00:45,00:59,0.1,kW,,",
            "Electric usage,2016-07-01,00:45,00:59,0.1,therms,,",
        )
    )
    reasons = [reason for _, reason, _ in texts(parsed)]
    assert reasons == [
        "the line has 3 fields and the heading 8",
        "the line has 9 fields and the heading 8",
        "the line has a quotation mark that does not close",
        'time label "2016-07-01 25:15" cannot be read; write it like 2016-03-12 00:15',
        'time label "2016-07-01 " cannot be read; write it like 2016-03-12 00:15',
        'the end "2016-07-01 soon" of the interval cannot be read; write it like 2016-03-12 00:15',
        "gas is not read; the warehouse holds electric energy",
        'type "Water usage" is not electric usage',
        'unit "kw" is not one of wh, kwh, mwh',
        "gas is not read; the warehouse holds electric energy",
    ]
    assert [line for line, _, _ in texts(parsed)] == list(range(8, 18))
    assert texts(parsed)[0][2] == "Electric usage,2016-07-01,00:15"
    whole = content(parsed)
    assert whole.height == 11
    assert whole.filter(pl.col("reason").is_not_null())["channel_code"].null_count() == 10


def test_a_broken_line_is_one_refused_value_and_a_whole_one_is_two(values):
    row = f"{METER},7/1/2016,12:00 AM,60"
    whole = values(lines(SDGE_NAMES, f"{row},1,2,-1", row, f"{row},x,", "??"), unit="kwh")
    places = [(2, 0), (2, 1), (3, 0), (4, 0), (4, 1), (5, 0)]
    assert whole.select("row_number", "value_position").rows() == places
    assert whole["value"].to_list() == ["1", "2", None, "x", "", None]


def test_gas_tables_are_refused_line_by_line(values):
    daily = values(portal_text("Natural gas usage,2016-07-01,1.04,$2", names="TYPE,DATE,USAGE (therms),COST,NOTES"))
    sdge_gas = ("Meter Number,051234567", "UOM,Therms")
    other = values(
        portal_text(
            '"051234567","7/1/2016","6:59 AM","Day","0.5"',
            notes=sdge_gas,
            names=SDGE_NAMES.replace(",Generation,Net", ""),
        )
    )
    for whole in (daily, other):
        assert whole["reason"].to_list() == ["gas is not read; the warehouse holds electric energy"]


def test_net_energy_alone_is_refused(values):
    names = "Meter Number,Date,Start Time,Duration,Net"
    whole = values(portal_text(f"{METER},7/1/2016,12:00 AM,60,-1.5", names=names, notes=("UOM,kWh",)))
    assert whole.height == 1
    assert "net energy" in whole["reason"][0]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("15", 15), ("60", 60), ("Hour", 60), ("1 Hour", 60), ("Day", 1440), ("15 Minutes", 15), ("30 min", 30),
        ("01:00:00", 60), ("0:15", 15), ("", None),
    ],
)  # fmt: skip
def test_durations(values, text, minutes):
    whole = values(lines(SDGE_NAMES, f"{METER},7/1/2016,12:00 AM,{text},1,,"), unit="kwh")
    assert whole["minutes"].to_list() == [minutes, minutes]
    assert whole["reason"].null_count() == 2


def test_an_unreadable_duration_is_refused(values):
    whole = values(lines(SDGE_NAMES, f"{METER},7/1/2016,12:00 AM,a while,1,,"), unit="kwh")
    assert set(whole["reason"]) == {'duration "a while" cannot be read; write it in minutes'}


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("00:00", "00:14", 15), ("00:00", "00:15", 15), ("23:45", "23:59", 15), ("23:45", "00:00", 15),
        ("23:00", "24:00", 60), ("11:00 PM", "11:59 PM", 60), ("0:00", "23:59", 1440), ("00:00", "00:00", 1440),
        ("00:00", "24:00", 1440), ("01:45", "01:00", -45), ("01:00", "01:00", 0), ("00:00", "00:04", 5),
        ("00:00", "", None),
    ],
)  # fmt: skip
def test_ends_of_a_date_and_two_times(values, start, end, minutes):
    whole = values(portal_text(f"Electric usage,2016-07-01,{start},{end},1,kWh,,"))
    length = whole.select((pl.col("end_wall") - pl.col("wall")).dt.total_minutes()).item()
    assert (length, whole["reason"][0]) == (minutes, None)


def test_the_meter(parse, values):
    text = portal_text(PGE_ROW)
    assert values(text)["meter_id"].to_list() == ["9000000001"]
    assert values(text, meter_id="home")["meter_id"].to_list() == ["home"]
    assert values(portal_text(PGE_ROW, *PGE_NOTES[:3], "Service,9000000002", PGE_NAMES, PGE_ROW))[
        "meter_id"
    ].to_list() == [
        "9000000001",
        "9000000002",
    ]
    for nameless in (PGE_NOTES[:3], (*PGE_NOTES[:3], "Service,Service 1")):
        with pytest.raises(UnreadableFile, match="name the meter with --meter-id"):
            parse(portal_text(PGE_ROW, notes=nameless))
    two = lines(SDGE_NAMES, "111,7/1/2016,12:00 AM,60,1,,", "222,7/1/2016,12:00 AM,60,1,,")
    assert values(two, unit="kwh")["meter_id"].to_list() == ["111", "111", "222", "222"]
    with pytest.raises(UnreadableFile, match="holds 2 meters and --meter-id names one"):
        parse(two, unit="kwh", meter_id="home")


def test_units(parse, values):
    names = "DATE,START TIME,END TIME,USAGE"
    row = "2016-07-01,00:00,00:14,1"
    with pytest.raises(UnreadableFile, match="does not state the unit"):
        parse(portal_text(row, names=names))
    assert values(portal_text(row, names=names), unit="wh")["power_of_ten"].to_list() == [0]
    assert values(portal_text(row, names=names, notes=(*PGE_NOTES, "UOM,MWh")))["power_of_ten"].to_list() == [6]
    assert values(portal_text(",,,(kWh)", row, names=names))["power_of_ten"].to_list() == [3]
    stated = values(portal_text(PGE_ROW, PGE_ROW.replace("kWh", "Wh"), PGE_ROW.replace("kWh", "")), unit="mwh")
    assert stated["power_of_ten"].to_list() == [3, 0, 6]


def test_quality_and_notes(values):
    estimated = PGE_ROW + "* This data was estimated"
    assert values(portal_text(PGE_ROW, estimated))["quality"].to_list() == ["", "* This data was estimated"]
    row = '"2018-01-01 00:00:00 to 2018-01-01 01:00:00","0.610","ESTIMATED"'
    whole = values(lines(SCE_NAMES, row), meter_id="M1")
    assert (whole["quality"][0], whole["label"][0]) == ("ESTIMATED", "2018-01-01 00:00:00 to 2018-01-01 01:00:00")


def test_offsets_beside_or_in_labels_are_kept(values):
    names = "Start Time,End Time,Time Zone,DST,Usage (kWh)"
    whole = values(
        portal_text(
            "2016-11-06 01:00,2016-11-06 01:15,PST,Y,1",
            "2016-11-06 01:00 PST,2016-11-06 01:15 PST,,,1",
            "2016-11-06 01:00,2016-11-06 01:15,,,1",
            names=names,
        )
    )
    assert whole["offset_minutes"].to_list() == [-420, -480, None]
    assert whole["end_offset_minutes"].to_list() == [-420, -480, None]
