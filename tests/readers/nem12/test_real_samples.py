"""180 public NEM12 and NEM13 files, against the package nemreader."""

import contextlib
import io
import tarfile
import zipfile
from collections import Counter

import polars as pl
import pytest
from nemreader.nem_reader import NEMFile

from pipelines.readers.options import UnreadableFile
from tests.readers.nem12.parsed import parse, reasons

UNITS = {0: "wh", 3: "kwh", 6: "mwh"}
WRAPPED = "nem12/NEM12#Scenario10#ETSAMDP#NEMMCO.zip"
"""Its last 300 row is broken over three lines (27 to 29). nemreader skips them and puts the two 400 rows below, which
belong to that day, on the day before: it reads 24 values of 12 January as E52, where the day's own flag is A."""


@pytest.fixture(scope="module")
def samples(real_data):
    """Content of every sample by name."""
    found = {}
    with tarfile.open(real_data / "nem12_samples" / "original.tar.gz") as archive:
        for member in archive.getmembers():
            name = member.name.removeprefix("original/examples/")
            if not member.isfile() or not name.lower().endswith((".csv", ".zip")):
                continue
            content = archive.extractfile(member).read()
            if name.lower().endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(content)) as packed:
                    (inner,) = packed.namelist()
                    content = packed.read(inner)
            found[name] = content
    assert len(found) == 180
    return found


@pytest.fixture(scope="module")
def good(samples, tmp_path_factory):
    """Values, register reads and events of every sample that is not under invalid/."""
    path = tmp_path_factory.mktemp("samples") / "reads.csv"
    return {name: parse(path, content) for name, content in samples.items() if not name.startswith("invalid/")}


def theirs(content):
    return NEMFile("sample").parse_nem_file(content.decode().splitlines())


def flat(readings):
    return [
        (nmi, suffix, reading)
        for nmi, streams in readings.items()
        for suffix, found in streams.items()
        for reading in found
    ]


def their_values(content):
    return sorted(
        (nmi, suffix, read.t_start, read.t_end, read.read_value, read.uom.lower() or "unknown", read.quality_method)
        for nmi, suffix, read in flat(theirs(content).readings)
    )


def our_values(values):
    loaded = values.filter(pl.col("reason").is_null())
    unit = pl.coalesce("unit_code", pl.col("power_of_ten").replace_strict(UNITS, return_dtype=pl.String))
    table = loaded.select(
        pl.col("meter_id").str.split("/").list.first(),
        "stream_code",
        "wall",
        (pl.col("wall") + pl.duration(minutes="minutes")).alias("end"),
        pl.col("value").cast(pl.Float64),
        unit.str.to_lowercase().alias("unit"),
        "quality",
    )
    return sorted(table.rows())


def is_interval_data(content):
    return b"NEM13" not in content[:20]


@pytest.mark.long
def test_every_value_of_every_interval_file(samples, good):
    names = [name for name in good if is_interval_data(samples[name])]
    values = {name: our_values(good[name][0]) for name in names}
    differing = [name for name in names if values[name] != their_values(samples[name])]
    assert differing == [WRAPPED]
    assert sum(map(len, values.values())) == 129_168 - 768
    assert sum(bool(found) for found in values.values()) == 112 - 6
    kinds = Counter(value[-1] for found in values.values() for value in found)
    assert "V" not in kinds
    assert kinds["N"] == 72
    channels = pl.concat(good[name][0] for name in names).group_by("channel_code", "unit_code").len()
    assert set(channels["channel_code"]) == {"delivered", "received", None}


def test_what_nemreader_makes_of_all_samples(samples):
    counts, meters = {}, set()
    for name, content in samples.items():
        if is_interval_data(content):
            with contextlib.suppress(ValueError):
                found = theirs(content).readings
                counts[name] = len(flat(found))
                meters |= set(found) if counts[name] else set()
    assert sum(counts.values()) == 129_168
    assert sum(count > 0 for count in counts.values()) == 112
    assert len(meters) == 191
    assert sum(count for name, count in counts.items() if name.startswith("invalid/")) == 768


def test_the_wrapped_row(samples, good):
    values, _, _ = good[WRAPPED]
    ours, other = our_values(values), their_values(samples[WRAPPED])
    assert [value[:-1] for value in ours] == [value[:-1] for value in other]
    pairs = Counter((a[1], f"{a[2]:%Y%m%d}", a[-1], b[-1]) for a, b in zip(ours, other, strict=True) if a != b)
    assert pairs == {("B2", "20050112", "A", "E52"): 24}
    kinds = "is not of the kinds 100, 200, 250, 300, 400, 500, 550, 900"
    assert reasons(values) == [
        (27, "the row holds 0 values and a day of 30-minute intervals has 48", 1),
        (28, f'a line that begins with "11" {kinds}', 1),
        (29, f'a line that begins with "37" {kinds}', 1),
    ]


def test_nothing_else_is_refused(good):
    refused = {
        name: frame.height
        for name, frames in good.items()
        for frame in [pl.concat(frame.select("reason") for frame in frames).drop_nulls()]
        if frame.height
    }
    assert refused == {WRAPPED: 3}


def test_every_read_of_every_accumulation_file(samples, good):
    names = [name for name in good if not is_interval_data(samples[name])]
    assert len(names) == 63
    count = 0
    for name in names:
        values, registers, _ = good[name]
        assert values.is_empty()
        rows = registers.sort("row_number", "value_position").partition_by("value_position")
        previous, current = rows
        count += current.height
        ours = zip(
            current["meter_id"], current["register_code"], previous["wall"], current["wall"],
            previous["value"].cast(pl.Float64), current["value"].cast(pl.Float64),
            current["consumption"].cast(pl.Float64), current["quality"], strict=True,
        )  # fmt: skip
        other = [
            (nmi, suffix, read.t_start, read.t_end, read.val_start, read.val_end, read.read_value, read.quality_method)
            for nmi, suffix, read in flat(theirs(samples[name]).readings)
        ]
        assert sorted(ours) == sorted(other)
        assert set(registers["power_of_ten"]) == {3}
        directions = registers.select(pl.col("stream_code").str.slice(1) == "2", "channel_code").unique().rows()
        assert set(directions) <= {(True, "received"), (False, "delivered")}
    assert count == 123


def kind_of_rows(content, kind):
    return [row for row, line in enumerate(content.split(b"\n"), 1) if line.startswith(kind)]


def test_every_service_order(samples, good):
    total = 0
    for name, (_, registers, events) in good.items():
        orders = flat(theirs(samples[name]).transactions)
        fields = [order for nmi, suffix, order in orders]
        rows = events.filter(pl.col("row_number").is_in(kind_of_rows(samples[name], b"500")))
        codes = rows.select("event_code", "event_text").fill_null("").rows()
        if is_interval_data(samples[name]):
            assert Counter(codes) == Counter((order[0], order[1]) for order in fields)
            index_reads = Counter(order[3] for order in fields if order[3])
            assert Counter(registers["value"].to_list()) == index_reads
        else:
            rows = events.filter(pl.col("row_number").is_in(kind_of_rows(samples[name], b"550")))
            codes = rows.select("event_code", "event_text").fill_null("").rows()
            due = Counter((order[k], order[k + 1]) for order in fields for k in (0, 2))
            assert Counter(codes) == due
        total += len(fields)
    assert total == 52 + 70


def test_every_reason(samples, good):
    seen = 0
    for name, (values, _, events) in good.items():
        if not is_interval_data(samples[name]) or name == WRAPPED:
            continue
        rows = kind_of_rows(samples[name], b"300") + kind_of_rows(samples[name], b"400")
        found = events.filter(pl.col("row_number").is_in(rows))
        times = values.select("meter_id", at="wall").unique()
        ours = found.join_where(
            times.rename({"meter_id": "meter"}),
            pl.col("meter_id") == pl.col("meter"),
            pl.col("at") >= pl.col("wall"),
            pl.col("at") < pl.col("end_wall"),
        )
        ours = ours.select(
            pl.col("meter_id").str.split("/").list.first(), "at", pl.col("event_code", "event_text").fill_null("")
        )
        other = {
            (nmi, read.t_start, read.event_code, read.event_desc)
            for nmi, _, read in flat(theirs(samples[name]).readings)
            if read.event_code not in ("", "0") or read.event_desc
        }
        assert set(ours.rows()) == other
        seen += len(other)
    assert seen > 1_000


OTHER_LENGTH = "so quality and values do not belong together; correct the interval length or the ranges"
INVALID = {
    # 48 values under a 200 row of 15 minutes; nemreader refuses the file.
    "Example_NEM12_15min_200_30min_300.csv": (
        0, {(3, "the row holds 48 values and a day of 15-minute intervals has 96", 48)},
    ),
    # 96 values of 15 minutes with 400 rows for 48 intervals; nemreader loads it with the flags on the wrong hours.
    "Example_NEM12_15min_200_30min_400.csv": (
        0, {(3, f"the 400 rows end with interval 48 and a day of 15-minute intervals has 96, {OTHER_LENGTH}", 96)},
    ),
    # 96 values under a 200 row of 30 minutes; nemreader loads the first 48 of them, spread over the day.
    "Example_NEM12_30min_200_15min_300.csv": (
        0, {(3, "the row holds 96 values and a day of 30-minute intervals has 48", 96)},
    ),
    # The same, with 400 rows for 96 intervals; nemreader refuses the file.
    "Example_NEM12_30min_200_15min_400.csv": (
        0,
        {
            (3, "the row holds 96 values and a day of 30-minute intervals has 48", 96),
            (5, "intervals 49 to 96 do not lie within the 48 intervals of the day", 1),
        },
    ),
    # A day without values among three good ones; nemreader skips it too.
    "Example_NEM12_incomplete_interval.csv": (
        144, {(3, "the row holds 0 values and a day of 30-minute intervals has 48", 1)},
    ),
    # No 100 row: the kinds of the lines say enough, and nemreader reads it too.
    "Example_NEM12_missing_header.csv": (96, set()),
    # Two groups without 100 rows, each after a blank line; nemreader reads them too.
    "Example_NEM12_powercor.csv": (192, set()),
    "Example_NEM12_powercor.csv.zip": (192, set()),
    # The same, with lines that end after the quality flag; all values are there, and nemreader refuses the file.
    "Example_NEM12_powercor_missing_fields.csv": (192, set()),
    # Header and end alone, and nothing at all: nemreader finds no reads.
    "Example_NEM12_empty.csv": "the file holds no reads",
    "Example_empty_file.csv": "the file holds no reads: it is empty",
}  # fmt: skip


@pytest.mark.parametrize("name", INVALID)
def test_malformed_files(samples, tmp_path, name):
    content, expected = samples[f"invalid/{name}"], INVALID[name]
    if isinstance(expected, str):
        with pytest.raises(UnreadableFile) as refusal:
            parse(tmp_path / "reads.csv", content)
        assert str(refusal.value) == expected
        return
    values, registers, events = parse(tmp_path / "reads.csv", content)
    loaded = our_values(values)
    assert (len(loaded), {*reasons(values), *reasons(events)}) == expected
    assert registers.is_empty()
    if loaded and "missing_fields" not in name:
        assert loaded == their_values(content)


def test_the_malformed_files_are_all_there(samples):
    assert {name for name in samples if name.startswith("invalid/")} == {f"invalid/{name}" for name in INVALID}
