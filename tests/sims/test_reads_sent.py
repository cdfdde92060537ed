"""What is sent: the truth but for what is labelled, each file in its time, the same however it was played."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from sims.meters.kinds import LASTING
from sims.meters.reading import play_reads
from sims.world.frames import TIME_ZONE
from tests.sims.sent import KEY, Played, autumn, events, parts, play, reads, registers
from tests.sims.worlds import FIRST, make_world

FIRST_SENDING = "mdms/reads_*.cmep"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return autumn(tmp_path_factory.mktemp("autumn"))


def local(column: str) -> pl.Expr:
    return pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE)


def test_workers_make_no_difference(tmp_path: Path) -> None:
    world = make_world(260, last=FIRST + timedelta(days=5))
    begin = FIRST + timedelta(days=4)
    one = play(tmp_path / "one", world, daily_from=begin)
    two = play(tmp_path / "two", world, daily_from=begin, workers=2)
    assert {name for name in one.hashes() if "c001" in name}
    assert one.hashes() == two.hashes()
    assert one.sent == two.sent


def test_a_world_that_was_advanced_has_sent_what_one_played_at_once_has(played: Played, tmp_path: Path) -> None:
    daily_from = date(2025, 11, 24)
    now = played.world
    early = replace(
        now, last_date=date(2025, 11, 25), behaviours=now.behaviours.filter(pl.col("start_date") <= date(2025, 11, 25))
    )
    first = play(tmp_path, early, last=date(2025, 11, 25), daily_from=daily_from)
    assert not first.files("mdms/reads_2025-11-26.cmep")
    before = first.hashes()
    play(tmp_path, now, first=date(2025, 11, 26), last=date(2025, 11, 27), daily_from=date(2025, 11, 26))
    assert not first.files("mdms/reads_2025-11-26.cmep")
    second = play(tmp_path, now, first=date(2025, 11, 28), daily_from=date(2025, 11, 28))
    assert second.hashes() == played.hashes()
    kept = {name: found for name, found in second.hashes().items() if name in before}
    assert kept == {name: found for name, found in before.items() if not name.startswith("truth/state/")}


def test_history_is_played_from_its_beginning(tmp_path: Path) -> None:
    world = make_world(12)
    with pytest.raises(ValueError, match="2025-10-20 is neither the world's first date 2025-10-01"):
        play_reads(
            world, "U", tmp_path, tmp_path, date(2025, 10, 20), date(2025, 10, 30), daily_from=date(2025, 10, 25)
        )


def test_sent_reads_are_true_but_for_the_labelled_ones(played: Played) -> None:
    sent = reads(played.files(FIRST_SENDING))
    true = played.true_reads().filter(pl.col("mdms_wh").is_not_null())
    both = true.join(sent, on=KEY, how="full", coalesce=True)
    assert both["true_wh"].null_count() == 0
    assert both.height == true.height
    odd = both.filter(pl.col("reported_wh").ne_missing(pl.col("true_wh")))
    unexplained = odd.join(played.cells(), on=KEY, how="anti")
    assert unexplained.is_empty()
    kinds = odd.join(played.cells(), on=KEY)["defect_type"].unique().to_list()
    assert set(kinds) >= {"gap_short", "gap_long", "gap_days", "spike", "stuck", "negative", "late", *LASTING}


def test_sub_metered_reads_are_true_but_for_the_labelled_ones(played: Played) -> None:
    sent = reads(played.files("submeters/*.csv"))
    true = played.true_reads().filter(pl.col("meter_id").str.starts_with("SUB"))
    cells = played.cells()
    window = cells.filter(defect_type="wrong_stamp")
    shifted = pl.concat([window, window.with_columns(pl.col("interval_start_utc") - timedelta(minutes=15))])
    labelled = pl.concat([shifted, cells])
    both = true.join(sent, on=KEY, how="full", coalesce=True)
    odd = both.filter(pl.col("reported_wh").ne_missing(pl.col("true_wh")) | (pl.col("repeat_number") > 0))
    assert odd.join(labelled, on=KEY, how="anti").is_empty()
    assert window.join(odd, on=KEY, how="semi").height > 500
    early = sent.join(window.select(KEY).unique(), on=KEY, how="semi").with_columns(
        interval_start_utc=pl.col("interval_start_utc") + timedelta(minutes=15)
    )
    put_right = early.join(true, on=KEY).join(cells.filter(pl.col("defect_type") != "wrong_stamp"), on=KEY, how="anti")
    assert put_right.height > 1_000
    assert (put_right["reported_wh"] == put_right["true_wh"]).all()


@pytest.mark.req("SYS-NMS", part="simulated utility")
def test_late_reads_are_sent_once_when_they_arrive(played: Played) -> None:
    late = reads(played.files("mdms/late_*.cmep"))
    marked = played.cells().filter(pl.col("defect_type").is_in(["late", "very_late"]))
    assert late.join(marked, on=KEY, how="anti").is_empty()
    assert late.select(KEY).is_duplicated().sum() == 0
    assert reads(played.files(FIRST_SENDING)).join(marked, on=KEY, how="semi").is_empty()
    pending = pl.read_parquet(played.folder / "truth/state/2025-11-30/pending/reads.parquet")
    assert pending["arrival_date"].min() > date(2025, 12, 1)
    assert late.height + pending.filter(file_kind="late").height == marked.height
    compared = late.join(played.true_reads(), on=KEY)
    assert (compared["reported_wh"] == compared["true_wh"]).all()
    assert (compared["source_quality_code"] == "R").all()


def test_repeats_are_identical_and_corrections_true(played: Played) -> None:
    resent = reads(played.files("mdms/resend_*.cmep")).join(played.cells(), on=KEY)
    first = reads(played.files(FIRST_SENDING)).select(*KEY, first_wh="reported_wh")
    compared = resent.join(first, on=KEY).join(played.true_reads(), on=KEY)
    identical, corrected = (compared.filter(defect_type=kind) for kind in ("duplicate", "conflict"))
    assert identical.height > 0 < corrected.height
    assert (identical["reported_wh"] == identical["first_wh"]).all()
    assert (corrected["reported_wh"] == corrected["true_wh"]).all()
    assert (corrected["reported_wh"] != corrected["first_wh"]).all()
    assert compared.height == resent.height


@pytest.mark.req("NFR-09", part="simulated utility")
def test_days_of_clock_change_are_whole_in_both_clocks(played: Played) -> None:
    for pattern in ("mdms/reads_2025-11_c000.cmep", "submeters/submeters_2025-11.csv"):
        sent = reads(played.files(pattern)).filter(interval_minutes=15, channel_code="delivered", repeat_number=0)
        odd = played.cells().select("meter_id", local("interval_start_utc").dt.date().alias("day")).unique()
        per_day = sent.group_by("meter_id", local("interval_start_utc").dt.date().alias("day")).len()
        clean = per_day.join(odd, on=["meter_id", "day"], how="anti")
        if "cmep" in pattern:
            assert set(clean.filter(pl.col("day") == date(2025, 11, 2))["len"]) == {100}
        assert set(clean.filter(pl.col("day") > date(2025, 11, 11))["len"]) == {96}
    lines = played.files("submeters/submeters_2025-11.csv")[0].read_text().splitlines()
    changed = [line for line in lines if line.startswith("SUB00002,2025-11-02")]
    assert len(changed) == 100
    assert sum(",2025-11-02 01:15," in line for line in changed) == 2


def test_a_spring_day_has_92_quarters_in_local_files(tmp_path: Path) -> None:
    days = date(2026, 3, 7), date(2026, 3, 9)
    world = make_world(12, first=days[0], last=days[1])
    spring = play(tmp_path, world, daily_from=days[0])
    lines = spring.files("submeters/submeters_2026-03-08.csv")[0].read_text().splitlines()
    changed = pl.col("interval_start_utc").is_between(datetime(2026, 3, 8, 8), datetime(2026, 3, 9, 6, 45))  # noqa: DTZ001
    lost = spring.cells().filter(changed, pl.col("defect_type").str.starts_with("gap"), meter_id="SUB00003")
    assert sum(line.startswith("SUB00003") for line in lines) == 92 - lost.height
    assert not any(" 02:" in line for line in lines)
    found = reads(spring.files("submeters/submeters_2026-03-08.csv")).filter(meter_id="SUB00003")
    compared = found.join(spring.true_reads(), on=KEY)
    assert compared.height == found.height == 92 - lost.height
    assert (compared["reported_wh"] == compared["true_wh"]).all()


def test_registers_agree_with_the_true_reads_where_no_drop_is_labelled(played: Played) -> None:
    faces = registers(played.files(FIRST_SENDING)).sort("meter_id", "channel_code", "read_at_utc")
    pairs = faces.with_columns(
        begin=pl.col("read_at_utc").shift().over("meter_id", "channel_code"),
        used=pl.col("reported_wh").diff().over("meter_id", "channel_code"),
    ).filter(pl.col("begin").is_not_null())
    energy = (
        pairs.with_row_index("pair")
        .join(played.true_reads().select(*KEY, "true_wh"), on=["meter_id", "channel_code"])
        .filter(
            (pl.col("interval_start_utc") >= pl.col("begin")) & (pl.col("interval_start_utc") < pl.col("read_at_utc"))
        )
        .group_by("pair", "meter_id", "channel_code", "read_at_utc", "used")
        .agg(pl.col("true_wh").sum())
    )
    drops = played.truth("defects").filter(pl.col("defect_type").str.starts_with("register"))
    fallen = energy.filter(pl.col("used") != pl.col("true_wh")).sort("meter_id", "channel_code")
    assert energy.height == pairs.height
    assert fallen.height == drops.height > 0
    keys = ["meter_id", "channel_code", "true_wh", "sent_wh"]
    assert fallen.rename({"used": "sent_wh"}).select(keys).sort(keys).equals(drops.select(keys).sort(keys))


def test_components_add_up_to_the_reads_of_a_main_meter(played: Played) -> None:
    hours = played.truth("components")
    net = hours.select("premise_number", "hour_start_utc", net=pl.sum_horizontal(pl.selectors.ends_with("_wh")))
    whole = played.world.meters.filter(pl.col("load_share") == "all", pl.col("premise_number") != 4).select(
        "meter_number", "premise_number"
    )
    metered = (
        played.truth("reads")
        .join(whole, on="meter_number")
        .filter(pl.col("true_received_wh").is_not_null() | (pl.col("premise_number") % 6 != 3))
        .group_by("premise_number", pl.col("interval_start_utc").dt.truncate("1h").alias("hour_start_utc"))
        .agg(metered=pl.col("true_delivered_wh").sum() - pl.col("true_received_wh").fill_null(0).sum())
    )
    compared = net.join(metered, on=["premise_number", "hour_start_utc"])
    assert compared["premise_number"].n_unique() == 21
    assert compared.filter(pl.col("net") != pl.col("metered")).is_empty()
    assert hours.null_count().sum_horizontal().item() == 0


def test_the_truth_has_every_interval_of_every_meter_once(played: Played) -> None:
    truth = played.truth("reads")
    assert truth.select("meter_id", "interval_start_utc").is_duplicated().sum() == 0
    quarters = truth.group_by("meter_id", "interval_minutes").len()
    full = quarters.filter(~pl.col("meter_id").is_in(["OLD00004", "NEW00004"]))
    assert set(full["len"] * full["interval_minutes"] // 15) == {61 * 96 + 4}
    exchanged = quarters.filter(pl.col("meter_id").is_in(["OLD00004", "NEW00004"]))
    assert exchanged["len"].sum() == 61 * 96 + 4
    for path in (played.folder / "truth/reads").iterdir():
        month = pl.read_parquet(path)
        assert month.equals(month.sort("meter_number", "interval_start_utc"))


@pytest.mark.req("SYS-MDMS", part="simulated utility")
def test_the_mdms_flags_most_of_what_is_wrong_and_little_else(played: Played) -> None:
    sent = reads(played.files(FIRST_SENDING))
    true = played.true_reads()
    assert set(sent["source_quality_code"]) <= {"R", "R1", "R2", "R4", "R8", "E1", "E2", "N0"}
    compared = sent.join(true, on=KEY)
    assert (compared["source_quality_code"] == compared["mdms_flag"]).all()
    assert (
        compared.filter(source_quality_code="N0")["reported_wh"].null_count()
        == compared.filter(source_quality_code="N0").height
    )
    spoilt = played.cells().filter(pl.col("defect_type").is_in([*LASTING, "negative", "spike", "false_zero"]))
    clean = compared.join(played.cells(), on=KEY, how="anti")
    false_alarms = clean.filter(pl.col("source_quality_code") != "R")
    assert false_alarms.height < 0.0001 * clean.height + 20
    found = compared.join(spoilt, on=KEY)
    huge = found.filter(pl.col("defect_type") == "wrong_unit", pl.col("reported_wh") > 50_000, interval_minutes=15)
    assert huge.height > 0
    assert huge["source_quality_code"].is_in(["R1", "R8"]).mean() > 0.7
    billed = true.filter(pl.col("mdms_wh").is_not_null())
    plain = billed.filter(~pl.col("is_mdms_estimated")).join(played.cells(), on=KEY, how="anti")
    assert (plain["mdms_wh"] == plain["true_wh"]).all()
    assert billed.filter("is_mdms_estimated").height > 100
    estimated = sent.filter(pl.col("source_quality_code").str.starts_with("E")).join(true, on=KEY)
    assert (estimated["reported_wh"] == estimated["mdms_wh"]).all()


@pytest.mark.req("NAR-03", part="simulated utility")
def test_outages_are_true_zeros_and_meters_tell_of_them(played: Played) -> None:
    outages = played.truth("outages")
    meters = played.world.meters.filter(pl.col("sender") == "mdms").select("meter_id", "premise_number")
    dark = outages.join(meters, on="premise_number").join(played.truth("reads"), on="meter_id")
    inside = (pl.col("interval_start_utc") >= pl.col("outage_start_utc")) & (
        pl.col("interval_start_utc") + pl.duration(minutes="interval_minutes") <= pl.col("outage_end_utc")
    )
    assert dark.filter(inside)["true_delivered_wh"].sum() == 0
    assert dark.filter(inside).height > 0
    told = events(played.files("nms/*.csv"))
    down, up = (told.filter(source_event_code=code) for code in ("POWER_DOWN", "POWER_UP"))
    affected = outages.join(meters, on="premise_number")
    near = down.join(affected, on="meter_id").filter(
        (pl.col("event_start_utc") - pl.col("outage_start_utc")).is_between(timedelta(0), timedelta(minutes=1))
    )
    assert near.height == down.height > 0.5 * affected.height
    assert up.height > 0.7 * affected.height
    assert told.filter(source_event_code="TIME_SYNC").height > 0


@pytest.mark.req("NAR-01", part="simulated utility")
def test_files_have_their_names_and_times(played: Played) -> None:
    assert [path.name for path in played.files("mdms/reads_2025-1?_c*.cmep")] == [
        "reads_2025-10_c000.cmep", "reads_2025-11_c000.cmep",
    ]  # fmt: skip
    assert [path.name for path in played.files("mdms/reads_2025-11-??.cmep")] == [
        f"reads_2025-11-{day}.cmep" for day in range(24, 31)
    ]
    assert len(played.files("submeters/*.csv")) == len(played.files("nms/*.csv")) == 9
    for feed in ("mdms", "submeters", "nms"):
        text = (played.folder / "landing" / feed / "feed.yml").read_text()
        assert text == "time_zone: America/Los_Angeles\nis_synthetic: true\nreceived_at: modified\n"
    sent = {path.name: datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in played.files("*/*_*")}
    assert sent["reads_2025-10_c000.cmep"] == datetime(2025, 11, 1, 12, tzinfo=UTC)
    assert sent["reads_2025-11_c000.cmep"] == datetime(2025, 11, 24, 13, tzinfo=UTC)
    assert sent["reads_2025-11-25.cmep"] == datetime(2025, 11, 26, 13, tzinfo=UTC)
    unordered = played.truth("file_defects").filter(defect_type="out_of_order")
    assert "reads_2025-11-26.cmep" in unordered["file_name"]
    assert sent["reads_2025-11-26.cmep"] > sent["reads_2025-11-27.cmep"]
    for path in played.files("mdms/late_*"):
        assert f"late_{sent[path.name]:%Y-%m-%d}.cmep" == path.name


def test_what_was_sent_is_counted(played: Played) -> None:
    files = [path for path in played.files("*/*") if path.suffix != ".yml"]
    assert played.sent.file_count == len(files)
    values = sum(part.reads.height for path in files for part in parts(path))
    assert played.sent.read_count == values
