"""Defects are planned by meter and day alone, every kind occurs, and each does what its name says."""

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sims.loads.chunk import chunk_of
from sims.meters.kinds import DEFECTS, LASTING, PASSING
from sims.meters.passing import OVERFLOW_WH, extent
from sims.meters.planning import Placement, Plan, forced_placements
from sims.world.calendar import Calendar
from sims.world.frames import Scale
from tests.sims.sent import KEY, Played, autumn
from tests.sims.worlds import FIRST, make_world

WORLD = make_world(24)
AUTUMN = Calendar(FIRST, date(2025, 11, 30))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return autumn(tmp_path_factory.mktemp("autumn"))


@lru_cache(maxsize=4)
def plan(scale: str = "tiny") -> Plan:
    return Plan(chunk_of(WORLD, 0), scale, WORLD.first_date, forced_placements(WORLD))


def begins(calendar: Calendar, scale: str = "tiny") -> set[Placement]:
    """Passing defects that begin within a span."""
    return {found for found in plan(scale).passing(calendar) if found.ordinal >= calendar.ordinals[0]}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 400), st.integers(1, 30), st.integers(1, 30))
def test_the_plan_of_a_span_is_that_of_its_parts(offset: int, one: int, two: int) -> None:
    first = FIRST + timedelta(days=offset)
    cut, last = first + timedelta(days=one), first + timedelta(days=one + two)
    whole = begins(Calendar(first, last))
    assert begins(Calendar(first, cut - timedelta(days=1))) | begins(Calendar(cut, last)) == whole
    carried = {found for found in plan().passing(Calendar(cut, last)) if found.ordinal < cut.toordinal()}
    assert carried <= set(plan().passing(Calendar(first - timedelta(days=4), last)))


def test_a_meter_has_one_defect_at_a_time() -> None:
    busy: set[tuple[int, int]] = set()
    for found in plan().passing(Calendar(FIRST, FIRST + timedelta(days=730))):
        days = {(found.meter_number, found.ordinal + day) for day in range(found.days)}
        assert not days & busy
        busy |= days


def test_defects_begin_at_their_rates() -> None:
    world = make_world(250, seed=11)
    days = Calendar(FIRST, FIRST + timedelta(days=364))
    found = Plan(chunk_of(world, 0), "demo", FIRST, []).passing(days)
    meter_days = 365 * chunk_of(world, 0).meters.height
    for kind in ("gap_short", "gap_long", "duplicate", "late", "very_late"):
        expected = PASSING[kind].rate("demo") * meter_days
        count = sum(placement.kind == kind for placement in found)
        assert abs(count - expected) < 4 * expected**0.5 + 0.06 * expected


@pytest.mark.parametrize("name", ["tiny", "demo", "full"])
@pytest.mark.parametrize("seed", range(5))
def test_every_kind_is_forced_once_at_every_scale(name: str, seed: int) -> None:
    world = replace(make_world(24, seed=seed), scale=Scale(name, 24, WORLD.last_date))
    forced = forced_placements(world)
    assert {found.kind for found in forced} == {*PASSING, *LASTING}
    later = replace(world, meters=make_world(24, seed=seed).meters, last_date=date(2027, 1, 1))
    assert forced_placements(later) == forced


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(PASSING)), st.integers(-3, 60), st.floats(0, 1, exclude_max=True),
    st.floats(0, 1, exclude_max=True), st.sampled_from([1, 4]),
)  # fmt: skip
@example("gap_long", 32, 0.0, 0.984375, 1)  # on the day of 25 hours
def test_a_defect_takes_as_long_as_its_name_says(kind: str, day: int, place: float, length: float, slots: int) -> None:
    found = Placement(kind, 0, FIRST.toordinal() + day, place, length, 0.5)
    first, end = extent(found, AUTUMN, slots)
    midnight = AUTUMN.slot_at(FIRST + timedelta(days=day), 0) if day >= 0 else 96 * day
    assert first % slots == end % slots == 0
    assert midnight <= first < end
    hours = (end - first) / 4
    bounds = {
        "gap_short": (0.25, 2), "gap_long": (2.25, 24), "gap_days": (47, 73), "spike": (0.25, 1), "negative": (0.25, 1),
        "stuck": (6, 48), "false_zero": (1, 25),
    }.get(kind, (23, 25))  # fmt: skip
    is_cut = day > 57 and kind in ("gap_days", "stuck")
    assert hours <= bounds[1]
    assert is_cut or hours >= bounds[0]
    assert end <= midnight + 4 * 25 * found.days


def sent_as(played: Played, kind: str) -> pl.DataFrame:
    """Labels of a kind."""
    return played.truth("defects").filter(defect_type=kind)


def test_every_kind_is_labelled(played: Played) -> None:
    found = played.truth("defects")["defect_type"].value_counts()
    assert set(found["defect_type"]) == set(DEFECTS)
    assert set(played.sent.defect_counts) == set(DEFECTS)


def test_a_defect_of_several_pieces_and_channels_counts_once(played: Played) -> None:
    labels = played.truth("defects")
    for kind in LASTING:
        meters = labels.filter(defect_type=kind)["meter_id"]
        assert len(meters) > meters.n_unique() == played.sent.defect_counts[kind]
    both = labels.filter(defect_type="reversed_channels")["channel_code"]
    assert set(both) == {"delivered", "received"}
    one_day = labels.filter(pl.col("defect_type").is_in(["late", "duplicate"])).unique(
        ["meter_id", "interval_start_utc"]
    )
    assert one_day.height == played.sent.defect_counts["late"] + played.sent.defect_counts["duplicate"]


@pytest.mark.parametrize("kind", sorted(PASSING))
def test_a_defect_touches_as_many_days_as_its_rate_reckons_with(kind: str) -> None:
    days = Calendar(FIRST, FIRST + timedelta(days=20))
    touched = []
    for place, length in np.random.default_rng(5).random((2_000, 2)).tolist():
        first, end = extent(Placement(kind, 0, FIRST.toordinal() + 5, place, length, 0.5), days, 1)
        touched.append(int(days.day[end - 1] - days.day[first]) + 1)
    assert np.mean(touched) == pytest.approx(PASSING[kind].mean_days, rel=0.04)


def test_lasting_defects_befall_several_meters_of_a_demo_world() -> None:
    assert all(share * 1_000 >= 3 for kind, share in LASTING.items() if kind != "reversed_channels")
    assert LASTING["reversed_channels"] * 0.13 * 1_000 >= 2


def test_labels_tell_what_each_kind_does(played: Played) -> None:
    for row in sent_as(played, "spike").iter_rows(named=True):
        assert row["sent_wh"] == OVERFLOW_WH or row["sent_wh"] >= 10 * row["true_wh"]
    for row in sent_as(played, "negative").iter_rows(named=True):
        assert row["sent_wh"] == -row["true_wh"] < 0
    for row in sent_as(played, "false_zero").iter_rows(named=True):
        assert row["sent_wh"] == 0 < row["true_wh"] + (row["channel_code"] == "received")
    for row in sent_as(played, "wrong_multiplier").iter_rows(named=True):
        assert row["sent_wh"] == 10 * row["true_wh"]
    for row in sent_as(played, "wrong_unit").iter_rows(named=True):
        assert row["sent_wh"] == 1_000 * row["true_wh"]
    for kind in ("late", "very_late", "duplicate", "wrong_stamp"):
        assert (sent_as(played, kind)["sent_wh"] == sent_as(played, kind)["true_wh"]).all()
    assert (sent_as(played, "conflict")["sent_wh"] > sent_as(played, "conflict")["true_wh"]).all()
    assert sent_as(played, "gap_days")["sent_wh"].null_count() == sent_as(played, "gap_days").height
    drifted = sent_as(played, "clock_drift")
    assert (drifted["sent_wh"] - drifted["true_wh"]).abs().sum() < 0.01 * drifted["true_wh"].sum()


def test_directions_are_exchanged_and_registers_are_not(played: Played) -> None:
    both = sent_as(played, "reversed_channels")
    swapped = both.select(
        "interval_start_utc",
        channel_code=pl.when(pl.col("channel_code") == "delivered")
        .then(pl.lit("received"))
        .otherwise(pl.lit("delivered")),
        true_wh="sent_wh",
        sent_wh="true_wh",
    )
    keys = ["interval_start_utc", "channel_code"]
    assert both.select(swapped.columns).sort(keys).equals(swapped.sort(keys))


def test_true_energy_of_a_label_is_that_of_its_reads(played: Played) -> None:
    true = played.true_reads().select(*KEY, "true_wh").rename({"true_wh": "wh", "interval_start_utc": "at"})
    labels = played.truth("defects").filter(~pl.col("defect_type").str.starts_with("register"))
    summed = (
        labels.with_row_index("label")
        .join(true, on=["meter_id", "channel_code"], how="left")
        .filter(pl.col("at").is_between("interval_start_utc", "interval_end_utc", closed="left"))
        .group_by("label", "true_wh")
        .agg(pl.col("wh").sum())
    )
    assert summed.height == labels.height - sent_as(played, "meter_exchange").height
    assert (summed["wh"] == summed["true_wh"]).all()


def test_labels_of_passing_defects_never_share_a_read(played: Played) -> None:
    passing = played.cells().filter(pl.col("defect_type").is_in(list(PASSING)))
    assert passing.select(KEY).is_duplicated().sum() == 0
    assert np.isin(passing["defect_type"].unique().to_numpy(), list(PASSING)).all()
