from itertools import product

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.readers import portal
from pipelines.readers.batches import EVENTS, REGISTERS, VALUES
from pipelines.readers.opened import opened
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.portal import open_portal
from tests.readers.portal_written import (
    DIALECTS,
    HOUR,
    METER,
    PRIVATE,
    SCE_NOTES,
    both_directions,
    expected,
    opower_exclusive,
    pge,
    sce_blocks,
    sce_table,
    sdge,
)
from tests.readers.written import AUTUMN, SPRING, lines, local_days

PGE_NAMES = "TYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES"
PGE_NOTES = ("Name,JANE DOE", 'Address,"1 Main St, Oakland CA"', "Account Number,8012345678", "Service,9000000001")
PGE_ROW = "Electric usage,2016-07-01,00:00,00:14,0.1,kWh,$0.1,"
SCE_NAMES = "Energy consumption time period,Usage(Real energy in kilowatt-hours),Reading quality"
SDGE_NAMES = "Meter Number,Date,Start Time,Duration,Consumption,Generation,Net"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "download.csv"


@pytest.fixture
def parse(path):
    def parse_text(text, **options):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return open_portal(path, ReadOptions(**options))

    return parse_text


@pytest.fixture
def values(parse):
    def values_of(text, **options):
        return content(parse(text, **options))

    return values_of


def content(parsed):
    """The file's values; checks what holds for every file."""
    batches = list(parsed.batches())
    assert all(batch.registers.schema == REGISTERS and batch.registers.is_empty() for batch in batches)
    assert all(batch.events.schema == EVENTS and batch.events.is_empty() for batch in batches)
    whole = pl.concat([batch.values for batch in batches])
    assert whole.schema == VALUES
    assert not whole.select("row_number", "value_position").is_duplicated().any()
    assert whole["row_number"].is_sorted()
    return whole


def texts(parsed):
    """`row_number`, `reason` and text of the refused lines."""
    found = []
    for batch in parsed.batches():
        refused = batch.values.filter(pl.col("reason").is_not_null())
        found += zip(refused["row_number"], refused["reason"], batch.row_texts(refused), strict=True)
    return found


def said(whole):
    """Channel, local start and end, and Wh."""
    end = pl.coalesce("end_wall", pl.col("wall") + pl.duration(minutes="minutes"))
    return whole.select(
        channel=pl.col("channel_code").cast(pl.String),
        start="wall",
        end=end,
        wh=(pl.col("value").cast(pl.Float64) * 1000).round().cast(pl.Int64),
    ).sort("channel", "start", "wh")


def portal_text(*rows, notes=PGE_NOTES, names=PGE_NAMES):
    return lines(*notes, "", names, *rows)


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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "foo|bar\n1|2\n",
        "meter_id,interval_start_utc,delivered_kwh,interval_minutes\nM1,2016-01-01 00:00,1,15\n",
        "Meter ID;Start Time;Usage (kWh)\nM1;2016-01-01 00:00;1\n",
        "timestamp,consumption_kwh,generation\n2016-01-01 00:00,1,2\n",
        "meter_id,date," + ",".join(f"v{k}" for k in range(1, 25)) + "\n",
        "meter_id,ts_start,kw\nM,2016-01-01,1\n",
        "name,address\nJANE DOE,1 Main St\n",
        "100,NEM12,200405011135,MDA1,Ret1\n",
        "MEPMD01,20080519,A,,B,,200807080812,M1,OK,E,KWH,1,00000015,1,200801010015,R,1\n",
        b"\xff\xfet\x00",
        b"\x00\x01\x02",
    ],
)
def test_other_texts_are_no_downloads(parse, text):
    assert parse(text) is None


def test_a_table_that_only_portals_write_needs_no_notes(values):
    for text in (sce_table, sdge, pge, opower_exclusive):
        reads = both_directions(local_days("2016-07-01", 1, 60))
        whole = text(reads, 60).replace("\r", "").split("\n")
        first = next(index for index, line in enumerate(whole) if "date," in line.lower())
        found = values("\n".join(whole[first:]), meter_id="M1", unit="kwh")
        assert said(found).equals(expected(reads, 60))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (portal_text(), "a heading and no reads"),
        (lines(*PGE_NOTES), "names columns of interval reads"),
        (lines(*PGE_NOTES, PGE_ROW), "names columns of interval reads"),
        (lines(*SCE_NOTES), "names columns of interval reads"),
        (portal_text(names="TYPE,START DATE,END DATE,USAGE (kWh),COST,NOTES"), "names columns of interval reads"),
        (
            portal_text(PGE_ROW, "Interval Ending,USAGE (kWh)", "2016-07-01 00:15,1"),
            "the heading above line 9 names local end times and the first one local start times",
        ),
        (portal_text() + "x" * (21 << 20), "line 7 is longer than 16 MiB"),
    ],
)
def test_downloads_that_are_refused_as_a_whole(parse, text, words):
    with pytest.raises(UnreadableFile, match=words) as refusal:
        parse(text)
    assert "JANE" not in str(refusal.value)


def test_a_download_of_many_years_is_refused(parse, monkeypatch):
    monkeypatch.setattr(portal, "_LARGEST_BYTES", 100)
    with pytest.raises(UnreadableFile, match="download shorter periods"):
        parse(portal_text(PGE_ROW))


def test_a_file_of_ever_new_headings_is_refused(parse):
    headings = (
        text for k in range(60) for text in (",".join(["Date", *["x"] * k, "kWh"]), "2016-07-01" + "," * k + ",1")
    )
    with pytest.raises(UnreadableFile, match="no download has more than 50"):
        parse(lines(*PGE_NOTES, *headings))


def test_blocks_of_a_portal_below_an_ordinary_header(values):
    row = "2018-01-01 00:00:00 to 2018-01-01 01:00:00,0.610,"
    whole = values(lines("timestamp,kwh", "2018-01-01 01:00,1", SCE_NAMES, row), meter_id="M1")
    assert whole["row_number"].to_list() == [2, 4]


def test_refused_lines_become_rejects(parse):
    options = ReadOptions(meter_id="M1")
    text = portal_text(
        PGE_ROW, "Electric usage,2016-07-01", "JANE DOE", "Natural gas usage,2016-07-01,00:00,23:59,1,therms,,"
    )
    (part,) = opened(parse(text, meter_id="M1"), options).parts()
    assert (part.reads.height, part.rejects["row_number"].to_list(), part.sent_count) == (1, [8, 9, 10], 4)
    assert part.rejects["row_text"].to_list()[:2] == ["Electric usage,2016-07-01", None]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_pieces_do_not_matter(parse, monkeypatch, dialect):
    reads = both_directions(local_days(AUTUMN, 1, 30))
    text = DIALECTS[dialect](reads, 30)
    whole = parse(text, meter_id="M1")
    expected_values, expected_texts = content(whole), texts(whole)
    monkeypatch.setattr(portal, "_PIECE_BYTES", 300)
    in_pieces = parse(text, meter_id="M1")
    assert len(list(in_pieces.batches())) > 5
    assert content(in_pieces).equals(expected_values)
    assert texts(in_pieces) == expected_texts


def test_non_breaking_spaces_of_either_encoding(values):
    reads = both_directions(local_days("2016-07-01", 1, 60))
    truth = said(values(sce_blocks(reads, 60, space=" "), meter_id="M1"))
    text = sce_blocks(reads, 60)
    latin = text.encode("latin-1")
    mixed = text[:2000].encode() + text[2000:].encode("latin-1")
    for variant in (text.encode(), latin, mixed, latin.replace(b"DOE", b"DO\xc9")):
        assert said(values(variant, meter_id="M1")).equals(truth)
    broken = values(latin.replace(b"0.100", b"0.1\xe90"), meter_id="M1")
    assert broken.filter(pl.col("value").str.contains("\ufffd")).height == 1


def test_headings_again_blank_lines_and_extra_columns(values):
    row = "2018-01-01 00:00:00 to 2018-01-01 01:00:00,0.610,,,"
    whole = values(lines(SCE_NAMES, row, SCE_NAMES, SCE_NAMES.upper(), ",,", " ", '"",""', row + " ,"), meter_id="M1")
    assert whole["row_number"].to_list() == [2, 8]
    assert whole["reason"].null_count() == 2
    moved = values(
        portal_text(
            "Region 1,Electric usage,2016-07-01 00:00,2016-07-01 01:00,1,a", names="Region,Type,Start,End,kWh,Extra"
        )
    )
    assert said(moved).row(0)[3] == 1000


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_truncated_download(values, dialect):
    text = DIALECTS[dialect](both_directions(local_days("2016-07-01", 1, 60)), 60).rstrip("\n\r, \u00a0")
    options = {"meter_id": "M1", "unit": "kwh"}
    whole = values(text, **options)
    last = whole["row_number"].max()
    for cut in (1, 2, 5, 9, 20, 33):
        shorter = values(text[:-cut], **options)
        assert shorter.filter(pl.col("row_number") < last - 1).equals(whole.filter(pl.col("row_number") < last - 1))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([SCE_NAMES, PGE_NAMES, SDGE_NAMES, "Start Time,End Time,kWh"]),
    st.lists(st.text("M120,;\t\"':/-. to\r\n\u00a0\u00e9\x00", max_size=40), min_size=1, max_size=8),
)
def test_no_line_below_a_heading_is_lost(path, names, rows):
    body = "\n".join(rows)
    given_lines = {number for number, line in enumerate(body.split("\n"), 3) if line.strip(' ",;\t\r\u00a0')}
    path.write_text(f"Name,JANE DOE\n{names}\n{body}", newline="")
    options = ReadOptions(meter_id="M1", unit="kwh")
    if not given_lines:
        with pytest.raises(UnreadableFile, match="no reads"):
            open_portal(path, options)
        return
    assert set(content(open_portal(path, options))["row_number"]) == given_lines


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted(DIALECTS)), st.data())
def test_damage_is_survived(path, dialect, data):
    text = bytearray(DIALECTS[dialect](both_directions(local_days(AUTUMN, 1, 60)), 60).encode())
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6))
    path.write_bytes(text)
    try:
        parsed = open_portal(path, ReadOptions(meter_id="M1", unit="kwh"))
    except UnreadableFile:
        return
    if parsed is not None:
        content(parsed)
        texts(parsed)
