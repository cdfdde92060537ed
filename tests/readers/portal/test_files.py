import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.readers.opened import opened
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.portal import reads as portal
from pipelines.readers.portal.reads import open_portal
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
    SCE_NOTES,
    both_directions,
    expected,
    opower_exclusive,
    pge,
    sce_blocks,
    sce_table,
    sdge,
)
from tests.readers.written import AUTUMN, lines, local_days


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
