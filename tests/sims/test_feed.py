"""The simulator is deterministic, its labels reconcile what it sends with the truth, its homes are plausible."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from sims.feed import FAULTS, SCALES, SETTINGS, TIME_ZONE, Scale, SimulatedFiles, simulate

KEY = ["meter_id", "interval_start_utc", "interval_minutes"]
ENERGY = {"delivered": "delivered_wh", "received": "received_wh"}


@dataclass(frozen=True)
class World:
    folder: Path
    files: SimulatedFiles

    @property
    def truth(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "truth/reads/*.parquet").sort(KEY)

    @property
    def faults(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "truth/faults.parquet")

    def delivered(self, kind: str) -> pl.DataFrame:
        """Rows of the files of a kind (reads, resend, late), daily files turned back to UTC start labels and Wh."""
        frames = []
        for path in self.files.paths:
            if path.name.startswith(kind):
                frames.append(read_daily(path) if path.suffix == ".csv" else pl.read_parquet(path))
        return pl.concat(frames)

    def hashes(self) -> dict[str, str]:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {str(p.relative_to(self.folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def read_daily(path: Path) -> pl.DataFrame:
    reads = pl.read_csv(path, schema_overrides={"interval_minutes": pl.Int16, "received_kwh": pl.Float64})
    end = pl.col("interval_end_local").str.to_datetime("%Y-%m-%d %H:%M", time_unit="us")
    end_utc = end.dt.replace_time_zone(TIME_ZONE).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return reads.select(
        "meter_id",
        (end_utc - pl.duration(minutes="interval_minutes")).alias("interval_start_utc"),
        "interval_minutes",
        *((pl.col(f"{c}_kwh") * 1000).round().cast(pl.Int64).alias(f"{c}_wh") for c in ENERGY),
    )


def build(folder: Path, scale: Scale, seed: int = 7) -> World:
    return World(folder, simulate(folder / "landing", folder / "truth", scale, seed))


def labelled(world: World, *kinds: str, channel: str = "delivered") -> pl.DataFrame:
    """Keys of the true reads under the labels of some fault types."""
    faults = world.faults.filter(pl.col("fault_type").is_in(kinds), channel_code=channel)
    return (
        world.truth.select(KEY)
        .join(faults.rename({"interval_start_utc": "first"}), on="meter_id")
        .filter(pl.col("interval_start_utc").is_between("first", "interval_end_utc", closed="left"))
        .select(KEY)
        .sort(KEY)
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("tiny"), SCALES["tiny"])


def test_same_seed_gives_same_bytes_and_send_times(world: World, tmp_path: Path) -> None:
    again = build(tmp_path, SCALES["tiny"])
    assert again.hashes() == world.hashes()
    sent = [path.stat().st_mtime for path in world.files.paths]
    assert [path.stat().st_mtime for path in again.files.paths] == sent


def test_other_seed_gives_other_reads(world: World, tmp_path: Path) -> None:
    other = build(tmp_path, SCALES["tiny"], seed=8)
    assert not other.truth.equals(world.truth)
    assert not other.faults.equals(world.faults)


def test_meters_of_a_chunk_do_not_depend_on_later_chunks(tmp_path: Path) -> None:
    short = replace(SCALES["tiny"], first_date=date(2026, 1, 25), last_date=date(2026, 2, 14))
    one = build(tmp_path / "one", replace(short, meter_count=1_000))
    two = build(tmp_path / "two", replace(short, meter_count=1_002))
    shared = {name: digest for name, digest in one.hashes().items() if "_c000" in name}
    assert shared.items() <= two.hashes().items()
    assert two.truth["meter_id"].n_unique() == 1_002


def test_every_fault_type_is_present_and_labelled(world: World) -> None:
    faults = world.faults
    meters_by_type = faults.group_by("fault_type").agg(pl.struct("meter_id", "interval_start_utc").n_unique())
    counts = dict(meters_by_type.iter_rows())
    assert set(counts) == set(FAULTS)
    assert min(counts.values()) >= 2
    assert world.files.fault_counts == dict(faults["fault_type"].value_counts().iter_rows())


def test_faults_have_the_length_that_their_type_says(world: World) -> None:
    hours = (pl.col("interval_end_utc") - pl.col("interval_start_utc")).dt.total_minutes() / 60
    span = world.faults.group_by("fault_type").agg(hours.min().alias("low"), hours.max().alias("high"))
    bounds = {kind: (low, high) for kind, low, high in span.iter_rows()}
    assert 0.25 <= bounds["gap_short"][0] <= bounds["gap_short"][1] <= 2
    assert 2 < bounds["gap_long"][0] <= bounds["gap_long"][1] < 24
    assert 47 <= bounds["gap_days"][0] <= bounds["gap_days"][1] <= 73
    assert bounds["spike"][1] <= 1
    assert bounds["negative"][1] <= 1


def test_faults_never_share_a_meter_day(world: World) -> None:
    local = pl.col("interval_start_utc").dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE).dt.date()
    last = pl.col("interval_end_utc") - timedelta(minutes=15)
    local_last = last.dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE).dt.date()
    days = (
        world.faults.select("meter_id", "fault_type", pl.date_ranges(local, local_last).alias("day"))
        .unique()
        .explode("day")
    )
    assert days.select("meter_id", "day").is_duplicated().sum() == 0


def test_labels_hold_the_true_energy(world: World) -> None:
    true = world.truth.unpivot(index=KEY, on=list(ENERGY.values()), value_name="wh").with_columns(
        channel_code=pl.col("variable").str.strip_suffix("_wh")
    )
    summed = (
        world.faults.rename({"interval_start_utc": "first"})
        .join(true, on=["meter_id", "channel_code"])
        .filter(pl.col("interval_start_utc").is_between("first", "interval_end_utc", closed="left"))
        .group_by("meter_id", "channel_code", "first", "true_wh")
        .agg(pl.col("wh").sum())
    )
    assert summed.height == world.faults.height
    assert summed["wh"].equals(summed["true_wh"].alias("wh"))


def test_files_reconcile_with_truth_once_labelled_faults_are_undone(world: World) -> None:
    truth = world.truth
    first, resent, late = (world.delivered(kind) for kind in ("reads", "resend", "late"))
    assert world.files.read_count == first.height + resent.height + late.height

    lost = labelled(world, "gap_short", "gap_long", "gap_days")
    delivered = pl.concat([first, late]).sort(KEY)
    assert delivered.select(KEY).equals(truth.join(lost, on=KEY, how="anti").sort(KEY).select(KEY))
    assert late.select(KEY).sort(KEY).equals(labelled(world, "late"))
    assert resent.select(KEY).sort(KEY).equals(labelled(world, "duplicate", "conflict"))

    for repeat in (late, resent):
        assert repeat.sort(KEY).equals(truth.join(repeat, on=KEY, how="semi").sort(KEY))
    compared = delivered.join(truth, on=KEY, suffix="_true")
    for channel, column in ENERGY.items():
        wrong = compared.filter(pl.col(column).ne_missing(pl.col(f"{column}_true"))).select(KEY).sort(KEY)
        assert wrong.equals(labelled(world, "spike", "negative", "conflict", channel=channel))


def test_spikes_are_impossible_negatives_are_flipped_and_truth_is_neither(world: World) -> None:
    limit = 13_200 * (pl.col("interval_minutes").cast(pl.Int64) // 15)
    compared = world.delivered("reads").join(world.truth, on=KEY, suffix="_true")
    spikes = compared.filter(pl.col("delivered_wh") > limit)
    assert spikes.select(KEY).sort(KEY).equals(labelled(world, "spike"))
    negatives = compared.filter(pl.col("delivered_wh") < 0)
    assert negatives.select(KEY).sort(KEY).equals(labelled(world, "negative"))
    assert (negatives["delivered_wh"] == -negatives["delivered_wh_true"]).all()
    assert world.truth.filter(~pl.col("delivered_wh").is_between(0, limit)).is_empty()


def test_days_of_clock_change_have_92_and_100_quarter_hours(world: World) -> None:
    local = pl.col("interval_start_utc").dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE).dt.date()
    per_day = world.truth.filter(interval_minutes=15).group_by("meter_id", local.alias("day")).len()
    lengths = {
        day: set(per_day.filter(day=day)["len"]) for day in (date(2025, 11, 2), date(2026, 3, 8), date(2026, 1, 1))
    }
    assert lengths == {date(2025, 11, 2): {100}, date(2026, 3, 8): {92}, date(2026, 1, 1): {96}}


def test_feed_is_sent_through_two_doors(world: World) -> None:
    feed = world.folder / "landing/sim_mdms"
    assert (feed / "feed.yml").read_text() == SETTINGS
    daily = sorted(path.name for path in feed.glob("*.csv"))
    assert daily == [f"reads_2026-03-{day}_c000.csv" for day in range(14, 21)]
    header, first, *_ = (feed / daily[0]).read_text().splitlines()
    assert header == "meter_id,interval_end_local,interval_minutes,delivered_kwh,received_kwh"
    assert first.startswith("SIM-00001,2026-03-14 00:15,15,")
    assert first.endswith(",")
    march = pl.read_parquet(feed / "reads_2026-03_c000.parquet")
    assert march.schema == pl.Schema(
        {
            "meter_id": pl.String,
            "interval_start_utc": pl.Datetime("us"),
            "interval_minutes": pl.Int16,
            "delivered_wh": pl.Int64,
            "received_wh": pl.Int64,
        }
    )
    assert march.select(KEY).equals(march.select(KEY).sort("meter_id", "interval_start_utc"))
    assert march["interval_start_utc"].max() == datetime(2026, 3, 14, 6, 45)  # noqa: DTZ001 - UTC by contract


def test_files_are_dated_when_they_were_sent(world: World) -> None:
    sent = {path.name: path.stat().st_mtime for path in world.files.paths}
    day = 86_400
    assert sent["reads_2026-03-20_c000.csv"] == datetime(2026, 3, 21, 12, tzinfo=UTC).timestamp()
    assert sent["resend_2025-12_c000.parquet"] - sent["reads_2025-12_c000.parquet"] == 3 * day
    assert sent["late_2025-12_c000.parquet"] - sent["reads_2025-12_c000.parquet"] == 5 * day


def test_files_name_meters_and_no_person(world: World) -> None:
    allowed = {*KEY, *ENERGY.values(), "interval_end_local", "delivered_kwh", "received_kwh"}
    for path in world.files.paths:
        columns = pl.read_csv(path).columns if path.suffix == ".csv" else pl.read_parquet_schema(path)
        assert set(columns) <= allowed
    assert set(world.truth["meter_id"]) == {f"SIM-{n:05}" for n in range(1, 13)}


def test_a_clock_change_in_the_last_week_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the clock changes"):
        build(tmp_path, replace(SCALES["tiny"], last_date=date(2026, 3, 10)))


def test_a_period_too_short_for_every_fault_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too short"):
        build(tmp_path, Scale("week", 1, date(2026, 1, 5), date(2026, 1, 11)))


def test_homes_use_what_californian_homes_use(tmp_path: Path) -> None:
    world = build(tmp_path, Scale("year", 60, date(2025, 1, 1), date(2025, 12, 31)))
    year = world.truth.group_by("meter_id").agg(
        (pl.col("delivered_wh").sum() / 1000).alias("kwh"), pl.col("received_wh").sum() / 1000, pl.len()
    )
    hourly = year.filter(pl.col("len") == 365 * 24)
    assert hourly.height == 6
    solar = year.filter(pl.col("received_wh") > 0)
    assert solar.height == 9
    assert solar["received_wh"].is_between(500, 12_000).all()
    homes = year.filter(~pl.col("meter_id").is_in(solar["meter_id"].implode()))["kwh"]
    low, middle, high = (homes.quantile(q) for q in (0.1, 0.5, 0.9))
    assert low is not None
    assert middle is not None
    assert high is not None
    assert 3_200 < low < 5_500
    assert 5_500 < middle < 8_500
    assert 8_500 < high < 14_500

    local = pl.col("interval_start_utc").dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE).dt
    load = (
        world.truth.filter(pl.col("received_wh").is_null(), pl.col("interval_minutes") == 15)
        .group_by(local.month().alias("month"), local.hour().alias("hour"))
        .agg(pl.col("delivered_wh").mean())
    )
    august, january = (load.filter(month=month).sort("delivered_wh") for month in (8, 1))
    assert august["hour"][-1] in range(17, 21)
    assert january["hour"][0] in range(4)
    assert august["delivered_wh"].sum() > 1.3 * january["delivered_wh"].sum()
    at_night = world.truth.filter(local.hour().is_in([22, 23, 0, 1, 2]))
    assert at_night["received_wh"].sum() == 0
