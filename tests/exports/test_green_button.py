"""Green Button export: what is written is read back equal, stands as the standard wants, and repeats to the byte."""

import datetime as dt
import json
from collections import Counter
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.exports import espi_writer, green_button
from pipelines.exports.espi_local_time import local_time
from pipelines.exports.espi_writer import FeedWriter, UsagePoint
from pipelines.exports.green_button import ExportError, export_green_button
from pipelines.home import Home
from pipelines.readers import ReadOptions
from tests.exports.feeds import (
    ATOM,
    BUILT,
    ESPI,
    ZONE,
    assert_read_back,
    entries,
    facts,
    filled,
    intervals_of,
    links,
    long,
    published,
)
from tests.readers.whole import read_file

SPRING, AUTUMN = dt.date(2026, 3, 8), dt.date(2025, 11, 2)
STRANGE = ["a b/c", "Zähler ü", 'x&y<z>"q"', "it's 100 %", "../up", "end/", "#?;=+", "電力", "\uffff", "\u200b"]


@pytest.fixture(scope="module")
def usage(tiny_home: Home) -> pl.DataFrame:
    """Meters of the tiny home: four of each interval length, with and without a received channel, all days."""
    chosen = facts(
        tiny_home,
        "meter_id in (select meter_id from dim_meters where last_interval_start_utc is not null and is_current "
        "qualify row_number() over (partition by interval_minutes, has_received_channel order by meter_id) <= 4)",
    )
    assert chosen["meter_id"].n_unique() == 12
    return chosen


@pytest.fixture(scope="module")
def whole_export(tiny_home: Home, usage: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All days of these meters."""
    out = tmp_path_factory.mktemp("export") / "all.xml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(green_button, "FETCHED_INTERVALS", 30_000)
        export_green_button(tiny_home, usage["meter_id"].unique().to_list(), out)
    return out


@pytest.fixture(scope="module")
def pair(usage: pl.DataFrame) -> tuple[str, str]:
    """Two of them with quarter hours, the first without and the second with a received channel."""
    quarters = usage.filter(interval_minutes=15)
    prosumers = quarters.drop_nulls("received_wh")["meter_id"]
    return quarters.filter(~pl.col("meter_id").is_in(prosumers.implode()))["meter_id"].min(), prosumers.min()


def test_meters_of_the_tiny_home_are_read_back_equal(usage: pl.DataFrame, whole_export: Path) -> None:
    found = read_file(whole_export, ReadOptions())
    assert (found.time_zone, found.clock_code, found.label_code) == (ZONE, "utc", "start")
    assert_read_back(found, usage)
    assert set(usage["quality_code"]) >= {"A", "E"}
    assert set(usage["estimate_method"].drop_nulls()) >= {"E0", "E1R", "E2R"}
    assert set(found.reads["channel_code"]) == {"delivered", "received"}
    assert set(found.reads["nominal_minutes"]) == {15, 60}


def test_a_block_is_a_local_day_of_92_96_or_100_quarter_hours(whole_export: Path, pair: tuple[str, str]) -> None:
    _, meter = pair
    sizes = {}
    for entry in entries(whole_export)["IntervalBlock"]:
        block = entry.find(f"{ATOM}content")[0]
        sizes[links(entry, "self")[0]] = (
            len(block.findall(f"{ESPI}IntervalReading")),
            int(block.findtext(f"{ESPI}interval/{ESPI}duration")),
        )
    days = {href: size for href, size in sizes.items() if meter in href}
    assert {href for href in days if days[href] == (92, 23 * 3600)} == {
        f"/espi/1_1/resource/UsagePoint/{meter}/MeterReading/{channel}/IntervalBlock/{SPRING}"
        for channel in ("delivered", "received")
    }
    assert {href for href in days if days[href] == (100, 25 * 3600)} == {
        f"/espi/1_1/resource/UsagePoint/{meter}/MeterReading/{channel}/IntervalBlock/{AUTUMN}"
        for channel in ("delivered", "received")
    }
    assert set(days.values()) == {(92, 82_800), (96, 86_400), (100, 90_000)}


def test_the_feed_stands_as_the_certification_tests_want(usage: pl.DataFrame, whole_export: Path) -> None:
    found = entries(whole_export)
    channels = long(usage).select("meter_id", "channel_code", "interval_minutes").unique()
    assert {kind: len(found[kind]) for kind in found if kind != "IntervalBlock"} == {
        "LocalTimeParameters": 1,
        "ReadingType": channels.select("channel_code", "interval_minutes").n_unique(),
        "UsagePoint": channels["meter_id"].n_unique(),
        "MeterReading": channels.height,
    }
    every = [entry for kind in found.values() for entry in kind]
    for name in ("id", "title", "published", "updated"):
        assert all(entry.findtext(f"{ATOM}{name}") for entry in every)
    for value in ([entry.findtext(f"{ATOM}id") for entry in every], [links(entry, "self") for entry in every]):
        assert len({str(text) for text in value}) == len(every)
    assert all(len(links(entry, rel)) == 1 for entry in every for rel in ("self", "up"))

    related = {kind: Counter(href for entry in found[kind] for href in links(entry, "related")) for kind in found}
    of_clock = {links(entry, "self")[0] for entry in found["LocalTimeParameters"]}
    of_type = {links(entry, "self")[0] for entry in found["ReadingType"]}
    assert all(len(of_clock.intersection(links(entry, "related"))) == 1 for entry in found["UsagePoint"])
    assert all(len(of_type.intersection(links(entry, "related"))) == 1 for entry in found["MeterReading"])
    assert of_type <= set(related["MeterReading"])
    assert all(related["UsagePoint"][links(entry, "up")[0]] == 1 for entry in found["MeterReading"])
    assert all(related["MeterReading"][links(entry, "up")[0]] == 1 for entry in found["IntervalBlock"])
    for entry in found["IntervalBlock"]:
        block = entry.find(f"{ATOM}content")[0]
        assert [child.tag for child in block[:2]] == [f"{ESPI}interval", f"{ESPI}IntervalReading"]
        assert block.findtext(f"{ESPI}interval/{ESPI}start") == block[1].findtext(f"{ESPI}timePeriod/{ESPI}start")


def test_fields_are_in_the_order_of_the_schema(whole_export: Path) -> None:
    found = entries(whole_export)

    def names(kind: str, path: str = "") -> list[str]:
        content = found[kind][0].find(f"{ATOM}content")[0]
        at = content.find(path) if path else content
        return [child.tag.removeprefix(ESPI) for child in at]

    assert names("LocalTimeParameters") == ["dstEndRule", "dstOffset", "dstStartRule", "tzOffset"]
    assert names("ReadingType") == [
        "accumulationBehaviour", "commodity", "dataQualifier", "flowDirection", "intervalLength", "kind", "phase",
        "powerOfTenMultiplier", "timeAttribute", "uom",
    ]  # fmt: skip
    assert names("IntervalBlock", f"{ESPI}interval") == ["duration", "start"]
    assert names("IntervalBlock", f"{ESPI}IntervalReading") == ["ReadingQuality", "timePeriod", "value"]
    assert names("IntervalBlock", f"{ESPI}IntervalReading/{ESPI}timePeriod") == ["duration", "start"]


def test_the_same_export_again_gives_the_same_bytes(tiny_home: Home, pair: tuple[str, str], tmp_path: Path) -> None:
    consumer, prosumer = pair
    first, second = tmp_path / "1.xml", tmp_path / "2.xml"
    export_green_button(tiny_home, [consumer, prosumer], first, AUTUMN, AUTUMN)
    export_green_button(tiny_home, [prosumer, consumer, prosumer], second, AUTUMN, AUTUMN)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_the_verb_writes_the_days_asked_for(
    tiny_home: Home, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("METERHOUSE_HOME", str(tiny_home.root))
    out = tmp_path / "usage.xml"
    arguments = ["export", "green-button", *pair, "--out", str(out)]
    dates = ["--from", "2025-11-01", "--to", "2025-11-02"]
    result = CliRunner().invoke(app, [*arguments, *dates])
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}: 2 meters, 588 readings; 0 intervals without a value left out\n"
    where = f"meter_id in {pair} and usage_date between '2025-11-01' and '2025-11-02'"
    assert_read_back(read_file(out, ReadOptions()), facts(tiny_home, where))
    document = json.loads(CliRunner().invoke(app, [*arguments, *dates, "--json"]).stdout)
    assert (document["meter_count"], document["reading_count"], document["out"]) == (2, 588, str(out))

    for given_dates in (["--from", "soon"], ["--from", "2026-01-02", "--to", "2026-01-01"]):
        assert CliRunner().invoke(app, [*arguments, *given_dates]).exit_code == 2


def test_the_verb_refuses_in_one_sentence(
    tiny_home: Home, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    meter, _ = pair
    out = tmp_path / "usage.xml"
    cases = [
        (["NOPE", meter, "--out", str(out)], "there is no meter NOPE in the published marts"),
        ([meter, "--from", "2031-01-01", "--out", str(out)], f"there is no reading of meter {meter}"),
        ([meter, "--out", str(tmp_path)], "is a folder"),
        ([meter, "--out", str(tmp_path / "no" / "usage.xml")], "there is no folder"),
    ]
    monkeypatch.setenv("METERHOUSE_HOME", str(tiny_home.root))
    for arguments, sentence in cases:
        result = CliRunner().invoke(app, ["export", "green-button", *arguments])
        assert result.exit_code == 1
        assert sentence in result.stderr
        assert result.stderr.count("\n") == 1
    monkeypatch.setenv("METERHOUSE_HOME", str(tmp_path / "empty"))
    result = CliRunner().invoke(app, ["export", "green-button", meter, "--out", str(out)])
    assert result.exit_code == 1
    assert "has no published marts" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_the_file_in_its_way(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(home, filled(intervals_of("M1", SPRING, 1, 60), 1, ("delivered",)))
    out = tmp_path / "usage.xml"
    out.write_text("before")

    def fail(writer: FeedWriter) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FeedWriter, "end", fail)
    with pytest.raises(ExportError, match=r"usage.xml cannot be written: No space left on device"):
        export_green_button(home, ["M1"], out)
    assert out.read_text() == "before"
    assert sorted(tmp_path.iterdir()) == [home.root, out]


def test_marts_that_cannot_be_read_are_told(home: Home, tmp_path: Path) -> None:
    published(home, filled(intervals_of("M1", SPRING, 1, 60), 1, ("delivered",)))
    with duckdb.connect(str(home.marts)) as con:
        con.execute("drop table fct_interval_usage")
    with pytest.raises(ExportError, match=r"^the published marts cannot be read \(.*\); see `meterhouse doctor`$"):
        export_green_button(home, ["M1"], tmp_path / "usage.xml")


def test_strange_meter_ids_survive(home: Home, tmp_path: Path) -> None:
    usage = pl.concat(
        filled(intervals_of(meter_id, SPRING, 1, 30), seed, ("delivered", "received"))
        for seed, meter_id in enumerate(sorted(STRANGE))
    )
    out = tmp_path / "usage.xml"
    exported = export_green_button(published(home, usage), STRANGE, out)
    assert exported.meter_count == len(STRANGE)
    assert_read_back(read_file(out, ReadOptions()), usage)
    titles = {entry.findtext(f"{ATOM}title") for entry in entries(out)["UsagePoint"]}
    assert titles == {meter_id.replace("\uffff", "\ufffd") for meter_id in STRANGE}


def test_unknown_values_are_left_out_and_counted(home: Home, tmp_path: Path) -> None:
    day = intervals_of("M1", SPRING, 1, 60).with_row_index("hour")
    usage = day.select(
        pl.exclude("hour"),
        delivered_wh=pl.when(pl.col("hour") >= 2).then(100).cast(pl.Int64),
        received_wh=pl.when(~pl.col("hour").is_in([2, 20])).then(7).cast(pl.Int64),
        quality_code=pl.when(pl.col("hour") <= 2).then(pl.lit("N")).when(pl.col("hour") == 20).then(pl.lit("A"))
        .otherwise(pl.lit("V")),
        estimate_method=pl.lit(None, pl.String),
    )  # fmt: skip
    consumer = usage.with_columns(meter_id=pl.lit("M2"), received_wh=pl.lit(None, pl.Int64)).filter(
        pl.col("quality_code") != "N"
    )
    silent = consumer.with_columns(meter_id=pl.lit("M3"), delivered_wh=pl.lit(None, pl.Int64), quality_code=pl.lit("Q"))
    published(home, pl.concat([usage, consumer, silent]))
    out = tmp_path / "usage.xml"
    exported = export_green_button(home, ["M1", "M2", "M3"], out)
    assert (exported.meter_count, exported.reading_count) == (2, 21 + 21 + 20)
    assert exported.unknown_interval_count == 3 + 0 + 20
    assert exported.meters_without_readings == ("M3",)
    assert str(exported).endswith("23 intervals without a value left out; no reading of M3")
    assert_read_back(read_file(out, ReadOptions()), pl.concat([usage, consumer]))
    assert len(entries(out)["UsagePoint"]) == 2


def test_meters_of_several_zones_have_clocks_of_their_own(home: Home, tmp_path: Path) -> None:
    zones = {"A": "America/New_York", "B": "America/Phoenix", "C": "Europe/Berlin"}
    usage = pl.concat(
        filled(intervals_of(meter_id, AUTUMN, 1, 60, zone), 5, ("delivered",)) for meter_id, zone in zones.items()
    )
    out = tmp_path / "usage.xml"
    export_green_button(published(home, usage, zones), list(zones), out)
    assert_read_back(read_file(out, ReadOptions(time_zone="America/New_York")), usage)
    clocks = {
        entry.findtext(f"{ATOM}title"): entry.find(f"{ATOM}content")[0].findtext(f"{ESPI}tzOffset")
        for entry in entries(out)["LocalTimeParameters"]
    }
    assert clocks == {"America/New_York": "-18000", "America/Phoenix": "-25200", "Europe/Berlin": "3600"}


def test_a_meter_whose_zone_has_no_rule_is_refused(home: Home, tmp_path: Path) -> None:
    usage = filled(intervals_of("M1", AUTUMN, 1, 60, "Asia/Jerusalem"), 5, ("delivered",))
    published(home, usage, {"M1": "Asia/Jerusalem"})
    with pytest.raises(ExportError, match=r"meter M1 cannot be exported: .* clock changes of Asia/Jerusalem"):
        export_green_button(home, ["M1"], tmp_path / "usage.xml")


CLOCKS = {
    "America/Los_Angeles": "America/Los_Angeles", "America/New_York": "America/New_York",
    "America/St_Johns": "America/St_Johns", "America/Phoenix": "Etc/GMT+7", "UTC": "Etc/UTC",
}  # fmt: skip
clock_of = cache(local_time)
meters = st.lists(
    st.tuples(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
        st.sampled_from([5, 10, 15, 30, 60, 1440]),
        st.sampled_from([("delivered",), ("received",), ("delivered", "received")]),
        st.sampled_from([SPRING, AUTUMN, dt.date(2024, 2, 28), dt.date(2025, 12, 31)]),
        st.integers(1, 3),
        st.sampled_from([0.0, 0.1, 0.9]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda meter: meter[0],
)


@settings(max_examples=60, deadline=None)
@given(
    meters=meters, zone=st.sampled_from(list(CLOCKS)), seed=st.integers(0, 2**32), piece=st.sampled_from([1, 70, 10**5])
)
def test_whatever_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, meters, zone: str, seed: int, piece: int
) -> None:
    usage = pl.concat(
        filled(intervals_of(meter_id, first, days, minutes, zone), seed + number, channels, gaps)
        for number, (meter_id, minutes, channels, first, days, gaps) in enumerate(sorted(meters))
    )
    assume(long(usage).height)
    out = tmp_path_factory.mktemp("feed") / "usage.xml"
    points = [UsagePoint(meter_id, zone, minutes, channels) for meter_id, minutes, channels, *_ in sorted(meters)]
    with pytest.MonkeyPatch.context() as patch, out.open("wb") as file:
        patch.setattr(espi_writer, "WRITTEN_INTERVALS", piece)
        writer = FeedWriter(file, BUILT)
        writer.begin(points, {zone: clock_of(zone, 2025)})
        assert writer.readings(usage) == long(usage).height
        writer.end()
    found = read_file(out, ReadOptions())
    assert found.time_zone == CLOCKS[zone]
    assert_read_back(found, usage)
    blocks = entries(out)["IntervalBlock"]
    assert len(blocks) == len({links(entry, "self")[0] for entry in blocks})
    assert len(blocks) == sum(
        usage.drop_nulls(f"{channel}_wh").select("meter_id", "usage_date").n_unique()
        for channel in ("delivered", "received")
    )
