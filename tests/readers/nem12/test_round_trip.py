"""NEM12 files from known reads come back as they were, and damaged files lose nothing."""

from datetime import date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.columns import ALLOWED_MINUTES
from pipelines.readers.mdff import records as mdff
from pipelines.readers.options import UnreadableFile
from sims.interchange.nem12 import write_nem12
from tests.readers.nem12.parsed import E1, END, HEADER, day, parse, text_of

MARKET, AUCKLAND = 600, 720
STREAMS = ["E1", "B1", "E2", "BA", "Q1", "K2"]
SENT = {
    "nmi": pl.String,
    "suffix": pl.String,
    "unit": pl.String,
    "interval_minutes": pl.Int64,
    "interval_start_utc": pl.Datetime("us"),
    "value": pl.String,
    "quality": pl.String,
}
numbers = st.decimals(0, 10**6, places=3).map(str)
qualities = st.sampled_from(["A", "A", "A", "S14", "F52", "E52", "N"])


@st.composite
def streams(draw):
    nmi = draw(st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=10, max_size=10))
    suffix = draw(st.sampled_from(STREAMS))
    unit = draw(st.sampled_from(["kWh", "WH", "MWh"])) if suffix[0] in "EB" else "kVArh"
    minutes = draw(st.sampled_from([5, 15, 30]))
    first = draw(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
    return nmi, suffix, unit, minutes, first


@st.composite
def sent_reads(draw, offset):
    rows = []
    for stream in draw(st.lists(streams(), min_size=1, max_size=4, unique_by=lambda stream: stream[:2])):
        nmi, suffix, unit, minutes, first = stream
        midnight = datetime.combine(first, time()) - timedelta(minutes=offset)
        slots = draw(st.lists(st.integers(0, 3 * 1440 // minutes - 1), min_size=1, max_size=12, unique=True))
        runs = draw(st.lists(st.tuples(st.integers(1, 60), numbers, qualities), min_size=1, max_size=5))
        if draw(st.booleans()):
            slots = range(1440 // minutes)
        flags = [(value, quality) for length, value, quality in runs for _ in range(length)]
        for k, slot in enumerate(slots):
            value, quality = flags[k % len(flags)]
            rows.append((nmi, suffix, unit, minutes, midnight + timedelta(minutes=slot * minutes), value, quality))
    return pl.DataFrame(draw(st.permutations(rows)) if len(rows) < 40 else rows, schema=SENT, orient="row")


def received(path, offset, **options):
    values, registers, events = parse(path, path.read_bytes(), **options)
    assert registers.is_empty()
    assert events.is_empty()
    assert values["reason"].null_count() == values.height
    units = {0: "wh", 3: "kwh", 6: "mwh"}
    return values.select(
        nmi=pl.col("meter_id").str.split("/").list.first(),
        suffix="stream_code",
        unit=pl.coalesce("unit_code", pl.col("power_of_ten").replace_strict(units, return_dtype=pl.String)),
        interval_minutes="minutes",
        interval_start_utc=pl.col("wall") - pl.duration(minutes=pl.col("offset_minutes").fill_null(offset)),
        value="value",
        quality="quality",
    )


@pytest.mark.parametrize(("offset", "options"), [(MARKET, {}), (AUCKLAND, {"time_zone": "Pacific/Auckland"})])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), line_end=st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read(tmp_path, offset, options, data, line_end):
    reads = data.draw(sent_reads(offset))
    path = tmp_path / "reads.csv"
    write_nem12(path, reads, utc_offset_minutes=offset, line_end=line_end)
    back = received(path, offset, **options)
    keys = ["nmi", "suffix", "interval_start_utc"]
    sent = reads.with_columns(
        unit=pl.when(pl.col("unit") == "kVArh").then("unit").otherwise(pl.col("unit").str.to_lowercase())
    )
    assert back.join(sent, on=keys, how="semi").sort(keys).equals(sent.sort(keys))
    filled = back.join(sent, on=keys, how="anti")
    assert set(filled.select("value", "quality").rows()) <= {("0", "N")}
    days = sent.select("nmi", "suffix", (pl.col("interval_start_utc").dt.offset_by(f"{offset}m")).dt.date()).unique()
    lengths = back.group_by("nmi", "suffix").agg(pl.col("interval_minutes").first())
    due = days.join(lengths, on=["nmi", "suffix"]).select((1440 // pl.col("interval_minutes")).sum()).item()
    assert back.height == due


def test_the_writer_takes_whole_numbers(tmp_path):
    starts = [datetime(2025, 12, 31, 14) + timedelta(minutes=30 * k) for k in range(48)]  # noqa: DTZ001 - naive UTC
    reads = pl.DataFrame(
        {
            "nmi": "N", "suffix": "E1", "unit": "Wh", "interval_minutes": 30, "interval_start_utc": starts,
            "value": range(48), "quality": ["A"] * 24 + ["S14"] * 24,
        }
    )  # fmt: skip
    path = tmp_path / "reads.csv"
    write_nem12(path, reads)
    lines = path.read_text().splitlines()
    assert lines[1] == "200,N,E1,,E1,,,Wh,30,"
    assert lines[2] == f"300,20260101,{','.join(map(str, range(48)))},V,,,20260101000000,"
    assert lines[3:] == ["400,1,24,A,,", "400,25,48,S14,,", "900"]


BASE = text_of(
    HEADER,
    E1,
    day(flag="V,,"),
    "400,1,20,F14,76,Meter Stopped",
    "400,21,48,A,,",
    "500,N,SO1,20260105101500,001123.5",
    "200,N2,E2Q1,,Q1,N1,S,kVArh,60,",
    day(count=24),
    "250,N3,11,1,11,11,S,E,00021.2,20251001103230,A,,,00534.5,20260201100030,E64,77,,343.5,kWh,,,",
    "550,N,,A,SO9",
    END,
).encode()
PIECES = [
    b"",
    b"\n",
    b"\r",
    b",",
    b"\x00",
    b'"',
    b"\xff",
    b"V",
    b"400,1,96,A,,\n",
    b"900\n",
    b"200,N,",
    b"\xef\xbb\xbf",
]
edits = st.lists(
    st.tuples(
        st.integers(0, len(BASE)), st.integers(0, 40), st.sampled_from(PIECES) | st.binary(max_size=6), st.booleans()
    ),
    max_size=6,
)


def mutated(changes):
    content = BASE
    for at, length, piece, is_copied in changes:
        cut = content[at : at + length]
        content = content[:at] + (cut + piece + cut if is_copied else piece) + content[at + length :]
    return content


# What the Unicode standard calls white space, and not the separators that Python counts in.
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace() and not 0x1C <= code <= 0x1F)


def is_flag(field):
    field = field.strip(SPACES)
    return field != "" and field[0] in "AEFNSVaefnsv" and len(field) < 4 and all(c in "0123456789" for c in field[1:])


def plain_count(content):
    """Values, index reads and unreadable lines of a file, counted line by line."""
    count, due, last_kind = 0, None, None
    lines = content.split(b"\n")
    is_cut = False
    for line in lines:
        text = mdff._QUOTED.sub(
            lambda found: found[1].replace('""', '"').replace(",", ";"), line.decode(errors="replace").strip(SPACES)
        ).removeprefix("\ufeff")
        fields = text.split(",")
        kind = fields[0].rstrip(SPACES)
        if kind not in mdff.KINDS or not kind.isascii():
            kind = None
        if kind is None and not text.strip(mdff._BLANK):
            continue
        is_utf_8 = line.decode(errors="ignore").encode() == line
        is_cut = line is lines[-1] and kind != "900"
        last_kind = kind or last_kind
        if kind is None:
            count += 1
        elif kind in ("100", "900", "250"):
            due = None
            is_other = kind == "100" and [*fields, ""][1].strip(SPACES).upper() not in ("NEM12", "NEM13")
            count += {"100": is_other or not is_utf_8 or is_cut, "900": 0, "250": 2 if len(fields) > 19 else 1}[kind]
        elif kind == "200":
            padded = [field.strip(SPACES) for field in fields] + [""] * 9
            nmi, suffix, length = padded[1], padded[4], padded[8]
            is_good = nmi and suffix and length.isascii() and length.isdigit() and len(length) < 5
            is_good = is_good and int(length) in ALLOWED_MINUTES
            due = 1440 // int(length) if is_good else None
            count += not (is_good and is_utf_8 and not is_cut)
        elif kind == "300":
            count += max(1, day_count(fields, due))
        elif kind == "500":
            count += [*fields, "", "", "", ""][4].strip(SPACES) != ""
    return count + (last_kind != "900" and not is_cut)


def day_count(fields, due):
    if len(fields) > 1_500:
        return 0
    if due is not None and len(fields) > due + 2 and is_flag(fields[due + 2]):
        return due
    rest = fields[2:]
    flags = [k for k, field in enumerate(rest) if is_flag(field)]
    filled = [k + 1 for k, field in enumerate(rest) if field.strip(SPACES)]
    return flags[0] if flags else max(filled, default=0)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=edits)
def test_no_damage_loses_a_value(tmp_path, changes):
    content = mutated(changes)
    try:
        values, registers, events = parse(tmp_path / "reads.csv", content)
    except UnreadableFile:
        return
    assert values.height + registers.height == plain_count(content)
    keys = ["row_number", "value_position"]
    rows = pl.concat([frame.select(keys) for frame in (values, registers, events)])
    assert rows.is_duplicated().sum() == 0
    assert values["row_number"].is_sorted()
    assert values.filter(pl.col("reason").is_null())["wall"].null_count() == 0


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(str.encode), is_begun=st.booleans())
def test_random_bytes_are_refused_or_read(tmp_path, content, is_begun):
    try:
        parse(tmp_path / "reads.csv", (BASE if is_begun else b"") + content)
    except UnreadableFile:
        return
