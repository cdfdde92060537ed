import re
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.tables.base import CHANNELS
from pipelines.readers.options import UnreadableFile
from sims.interchange.cmep import write_cmep
from tests.readers.test_cmep import TWO, parse, record
from tests.readers.written import AUTUMN, SPRING, local_days

CREATED = datetime.fromisoformat("2026-01-02 08:30")
READS = {
    "meter_id": pl.String, "channel_code": pl.Enum(CHANNELS), "interval_start_utc": pl.Datetime("us"),
    "interval_minutes": pl.Int16, "wh": pl.Int64, "quality": pl.String,
}  # fmt: skip
REGISTERS = {
    "meter_id": pl.String, "channel_code": pl.Enum(CHANNELS), "read_at_utc": pl.Datetime("us"), "wh": pl.Int64,
    "quality": pl.String,
}  # fmt: skip
WATT_HOURS = st.none() | st.integers(-(10**12), 10**12) | st.integers(0, 3000)
FLAGS = st.sampled_from([None, "R", "R0", "E16", "N", "A"])
FUZZ = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
PARTS = st.sampled_from(
    ["MEPMD01", "MEPMD02", ",", ",", ",", "\n", "\r", " ", "\t", "0", "1", "2", "202601010015", "00000015", "01000000",
     "E", "KWH", "KWHREG", "N", "é", "-1.5", "9" * 12, "\x85", "H01F9", ",,,R,", record(*TWO), record(count=1) + ","]
)  # fmt: skip


@pytest.fixture
def read(tmp_path):
    return lambda content, **options: parse(tmp_path / "reads.cmep", content, **options)


@st.composite
def series(draw):
    """Reads of one meter's channel: whole days around a change of the clock, with gaps."""
    minutes = draw(st.sampled_from([5, 10, 15, 30, 60]))
    starts = local_days(draw(st.sampled_from([SPRING, AUTUMN, "2016-12-31"])), draw(st.integers(1, 2)), minutes)
    lost = draw(st.sets(st.integers(0, len(starts) - 1), max_size=20))
    kept = [start for place, start in enumerate(starts) if place not in lost]
    few = draw(st.lists(st.tuples(WATT_HOURS, FLAGS), min_size=1, max_size=30))
    meter, channel = (
        draw(st.sampled_from(["M1", "M2", "A meter with a long name", "é"])),
        draw(st.sampled_from(CHANNELS)),
    )
    return [(meter, channel, start, minutes, *few[k % len(few)]) for k, start in enumerate(kept)]


def watt_hours(values):
    kwh = [Decimal(text) * 1000 if text else None for text in values["value"]]
    assert set(values["power_of_ten"]) <= {3}
    return pl.Series("wh", [None if number is None else int(number) for number in kwh], dtype=pl.Int64)


@FUZZ
@given(st.lists(series(), min_size=1, max_size=4), st.sampled_from([1, 7, 96, 500]), st.randoms())
def test_what_is_written_is_read_back(tmp_path, groups, record_values, random):
    rows = {row[:4]: row for group in groups for row in group}
    shuffled = list(rows.values())
    random.shuffle(shuffled)
    path = tmp_path / "written.cmep"
    write_cmep(
        path,
        pl.DataFrame(shuffled, READS, orient="row"),
        created_utc=CREATED,
        sender="SIMUTIL",
        record_values=record_values,
    )
    values, registers = parse(path, path.read_bytes())
    assert registers.is_empty()
    assert values["reason"].null_count() == values.height
    found = values.select(
        "meter_id",
        "channel_code",
        interval_start_utc=pl.col("wall") - pl.duration(minutes="minutes"),
        interval_minutes=pl.col("minutes").cast(pl.Int16),
        wh=watt_hours(values),
        quality=pl.when(pl.col("quality") != "").then("quality"),
    )
    sent = pl.DataFrame(list(rows.values()), READS, orient="row")
    keys = ["meter_id", "channel_code", "interval_minutes", "interval_start_utc"]
    assert found.sort(keys).equals(sent.sort(keys))


@FUZZ
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["M1", "M2"]), st.sampled_from(CHANNELS), st.integers(0, 10**6)),
        st.tuples(WATT_HOURS, FLAGS),
        min_size=1,
        max_size=30,
    )
)
def test_register_readings_are_read_back(tmp_path, faces):
    rows = [(meter, channel, CREATED + timedelta(minutes=k), *face) for (meter, channel, k), face in faces.items()]
    sent = pl.DataFrame(rows, REGISTERS, orient="row")
    path = tmp_path / "written.cmep"
    write_cmep(path, pl.DataFrame(schema=READS), sent, created_utc=CREATED, sender="SIMUTIL", record_values=4)
    values, registers = parse(path, path.read_bytes())
    assert values.is_empty()
    assert registers["reason"].null_count() == registers.height
    found = registers.select(
        "meter_id",
        "channel_code",
        read_at_utc="wall",
        wh=watt_hours(registers),
        quality=pl.when(pl.col("quality") != "").then("quality"),
    )
    keys = ["meter_id", "channel_code", "read_at_utc"]
    assert found.sort(keys).equals(sent.sort(keys))


def test_stamps_are_written_only_where_they_say_something(tmp_path):
    starts = [CREATED + timedelta(minutes=15 * k) for k in (0, 1, 2, 5, 6)]
    rows = [("M1", "received", start, 15, 1250, "R") for start in starts]
    path = tmp_path / "written.cmep"
    write_cmep(path, pl.DataFrame(rows, READS, orient="row"), created_utc=CREATED, sender="SIMUTIL", record_values=4)
    head = "MEPMD01,19970819,SIMUTIL,,METERHOUSE,,202601020830,M1,OK,E,GKWH,1,00000015"
    assert path.read_bytes().decode() == (
        f"{head},4,202601020845,R,1.250,,R,1.250,,R,1.250,202601021000,R,1.250\r\n{head},1,202601021015,R,1.250\r\n"
    )


def values_of(line):
    """Values that a line holds, counted the slow way; a line without quotation marks."""
    fields = [field.strip(" \t") for field in line.strip().split(",")]
    if fields[0] != "MEPMD01" or len(fields) < 15 or not re.fullmatch("[0-9]{1,7}", fields[13]):
        return 1
    tail = ",".join(fields[14 + 3 * int(fields[13]) :])
    is_sane = len(fields) >= 14 + 3 * int(fields[13]) and re.fullmatch(r"[\s,]*(H[0-9A-Fa-f]{4})?", tail)
    return max(1, int(fields[13])) if is_sane else 1


@FUZZ
@given(st.lists(PARTS, max_size=60).map("".join), st.integers(0, 3))
def test_any_text_is_read_or_refused_and_never_lost(read, text, copies):
    content = (record(*TWO) + "\n") * copies + text
    held = [line for line in content.split("\n") if line.strip()]
    if not held:
        with pytest.raises(UnreadableFile):
            read(content)
        return
    values, registers = read(content)
    assert values.height + registers.height == sum(map(values_of, held))


@FUZZ
@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["", ",", '"', "\n", "9", " ", "X"])), max_size=4))
@example([(0, '"')])
def test_a_damaged_file_keeps_one_place_for_every_value(read, edits):
    content = "\r\n".join([record(*TWO), record(*TWO, units="KWHREG"), record(*TWO, meter='"A,B"')])
    for place, text in edits:
        place = min(place, len(content))
        content = content[:place] + text + content[place + 1 :]
    values, registers = read(content)
    places = pl.concat([frame.select("row_number", "value_position") for frame in (values, registers)])
    lines = {number for number, line in enumerate(content.split("\n"), 1) if line.strip()}
    assert set(places["row_number"]) == lines
    assert not places.is_duplicated().any()
    for frame in (values, registers):
        order = frame.select("row_number", "value_position")
        assert order.equals(order.sort(pl.all()))


@FUZZ
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(read, content):
    try:
        values, registers = read(content)
    except UnreadableFile:
        return
    assert values.height + registers.height > 0
