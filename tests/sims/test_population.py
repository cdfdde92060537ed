"""A population is well formed, as large and as mixed as intended, and a later last date changes nothing of it."""

import re
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sims.world.build import build_society
from sims.world.draws import Dice, apportion, chosen
from sims.world.frames import ACCOUNTS, BEHAVIOURS, METERS, PREMISES, SCALES, VACATIONS, Scale
from sims.world.society import SCHEMAS
from sims.world.streams import stream
from tests.sims.population import FIRST, SEED, frames, last_rows, society

SCALE_NAMES = ("tiny", "demo")
WORLD = {"premises": PREMISES, "behaviours": BEHAVIOURS, "accounts": ACCOUNTS, "vacations": VACATIONS, "meters": METERS}
KEYS = {
    "persons": ["person_id", "effective_date"],
    "memberships": ["account_id", "person_id", "role", "effective_date"],
    "consents": ["person_id", "purpose", "recipient", "effective_date"],
    "households": ["account_id", "effective_date"],
    "addresses": ["premise_id", "effective_date"],
    "account_names": ["account_id"],
    "account_records": ["account_id", "effective_date"],
    "service_points": ["service_point_id", "effective_date"],
    "meter_records": ["meter_id", "installed_date", "effective_date"],
    "enrollments": ["enrollment_id", "effective_date"],
    "equipment": ["equipment_id", "effective_date"],
    "devices": ["device_id", "effective_date"],
    "device_reports": ["device_id", "reported_by", "effective_date"],
    "survey_answers": ["survey_id", "question_code"],
    "interactions": ["interaction_id"],
    "moves": ["occupant_number", "effective_date"],
    "world.premises": ["premise_number"],
    "world.behaviours": ["premise_number", "start_date"],
    "world.accounts": ["account_id", "effective_date"],
    "world.vacations": ["premise_number", "start_date"],
    "world.meters": ["meter_number"],
}


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_frames_have_their_schemas_keys_and_order(scale: str) -> None:
    found = frames(society(scale))
    assert set(found) == set(KEYS) == {*SCHEMAS, *(f"world.{name}" for name in WORLD)}
    for name, frame in found.items():
        schema = SCHEMAS.get(name) or WORLD[name.removeprefix("world.")]
        assert frame.schema == schema, name
        assert not frame.is_empty(), name
        assert not frame.select(KEYS[name]).is_duplicated().any(), name
        assert frame.equals(frame.sort(KEYS[name], maintain_order=True)), name


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_nothing_happens_after_the_last_date_or_is_written_down_before_it_happens(scale: str) -> None:
    last = society(scale).world.last_date
    for name, frame in frames(society(scale)).items():
        for column in ("effective_date", "start_date", "installed_date", "removed_date", "pv_since_date"):
            if column in frame.columns:
                latest = frame[column].max()
                assert latest is None or latest <= last, (name, column)
        if "recorded_at_utc" in frame.columns:
            local = pl.col("recorded_at_utc").dt.replace_time_zone("UTC").dt.convert_time_zone("America/Los_Angeles")
            assert frame.filter(local.dt.date() < pl.col("effective_date")).is_empty(), name
            opening = frame.filter(pl.col("effective_date") < FIRST[scale])
            assert opening.filter(local.dt.date() >= FIRST[scale]).is_empty(), name


@settings(max_examples=6, deadline=None)
@given(days=st.integers(0, 420), more=st.integers(1, 120), seed=st.integers(0, 10_000))
def test_a_later_last_date_adds_history_and_changes_none(days: int, more: int, seed: int) -> None:
    scale, first = SCALES["tiny"], FIRST["tiny"]
    earlier_end = first + timedelta(days=days)
    earlier = frames(build_society(scale, seed, first, earlier_end))
    later = frames(build_society(scale, seed, first, earlier_end + timedelta(days=more)))
    for name, frame in later.items():
        happened = frame
        for column in ("effective_date", "start_date"):
            if column in frame.columns and name != "memberships":
                happened = frame.filter(pl.col(column) <= earlier_end)
        if name == "memberships":
            happened = frame.filter(pl.col("effective_date") <= earlier_end)
        if name == "account_names":
            happened = frame.join(earlier[name], on="account_id", how="semi")
        if name == "world.meters":
            happened = _as_of(frame.filter(pl.col("installed_date") <= earlier_end), earlier_end)
        if name == "world.premises":
            unknown = pl.col("pv_since_date").fill_null(date.max) > earlier_end
            blank = [pl.when(~unknown).then(c).alias(c) for c in ("pv_since_date",)]
            happened = frame.with_columns(pl.when(unknown).then(0.0).otherwise("pv_kw").alias("pv_kw"), *blank)
            happened = happened.drop("has_thermostat")
            earlier[name] = earlier[name].drop("has_thermostat")
        assert happened.equals(earlier[name].cast(dict(happened.schema))), name


def _as_of(meters: pl.DataFrame, day: date) -> pl.DataFrame:
    is_there = pl.col("removed_date") > day
    return meters.with_columns(
        pl.when(~is_there).then(name).alias(name) for name in ("removed_quarter", "removed_date")
    ).select(meters.columns)


def test_the_same_seed_gives_the_same_society_and_another_seed_another() -> None:
    again = frames(build_society(SCALES["tiny"], SEED, FIRST["tiny"], SCALES["tiny"].last_date))
    other = frames(society("tiny", seed=SEED + 1))
    for name, frame in frames(society("tiny")).items():
        assert frame.equals(again[name]), name
    assert not other["persons"].equals(again["persons"])


@pytest.mark.req("T1-01", "T1-02", "T1-03", "T1-05", part="simulated utility")
def test_shares_are_as_intended() -> None:
    world = society("demo").world
    homes = world.premises.filter(~pl.col("is_business"))
    zones = world.premises.group_by("zone_number").agg(pl.len(), (pl.col("cooling_kw") > 0).mean()).sort("zone_number")
    assert zones["len"].to_list() == [350, 300, 250, 100]
    assert zones["cooling_kw"].to_list() == pytest.approx([0.35, 0.75, 0.90, 0.97], abs=0.08)
    assert world.premises["is_business"].mean() == pytest.approx(0.08)
    opening = homes.filter(pl.col("pv_since_date") < world.first_date)
    assert opening.height / homes.height == pytest.approx(0.15, abs=0.002)
    assert (homes["pool_kw"] > 0).mean() == pytest.approx(0.10, abs=0.002)
    assert (homes["water_heater_kw"] > 0).mean() == pytest.approx(0.12, abs=0.002)
    first = world.behaviours.filter(pl.col("start_date") < world.first_date)
    assert (first["ev_kw"] > 0).mean() == pytest.approx(0.10 * 0.92, abs=0.002)
    now = last_rows(world.accounts, "account_id").filter("is_active")
    residential = now.filter(customer_type="residential")
    assert residential["is_care"].mean() == pytest.approx(0.25, abs=0.05)
    assert residential["is_medical_baseline"].mean() == pytest.approx(0.03, abs=0.02)
    assert set(now["business_type"].drop_nulls()) == {"restaurant", "office", "shop"}
    assert 0.35 < (now["tenure_type"] == "tenant").mean() < 0.6
    assert now["billing_option"].n_unique() == 3
    assert now["payment_option"].n_unique() == 4


def test_attributes_go_together() -> None:
    world = society("demo").world
    homes = world.premises.filter(~pl.col("is_business"))
    is_house = homes["premise_type"] == "single_family"
    assert homes.filter(is_house)["pv_kw"].gt(0).mean() > 5 * homes.filter(~is_house)["pv_kw"].gt(0).mean()
    assert set(homes.filter(pl.col("pool_kw") > 0)["premise_type"]) == {"single_family"}
    assert set(homes.filter("has_thermostat")["cooling_kind"]) <= {"central_ac", "heat_pump"}
    assert homes.filter((pl.col("cooling_kind") == "heat_pump") != (pl.col("heating_kind") == "heat_pump")).is_empty()
    regions = {0: {"6", "8"}, 1: {"9", "10"}, 2: {"13", "14"}, 3: {"15"}}
    found = homes.group_by("zone_number").agg(pl.col("baseline_region").unique())
    assert {zone: set(names) for zone, names in found.iter_rows()} == regions
    assert homes["zip_code"].str.contains(r"^9[0-3]\d{3}$").all()
    assert world.premises.group_by("feeder_id").len()["len"].max() == 60
    electric = homes.select("premise_number", is_electric=pl.col("heating_kind") != "gas")
    accounts = world.accounts.filter(customer_type="residential").join(electric, on="premise_number")
    assert (accounts["is_electric"] == accounts["is_all_electric"]).all()


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_rates_suit_their_accounts(scale: str) -> None:
    accounts = society(scale).world.accounts
    business = pl.col("customer_type") == "small_business"
    assert (business == pl.col("rate_code").str.starts_with("TOU-GS")).pipe(lambda e: accounts.select(e.all()).item())
    assert accounts.filter(pl.col("has_net_metering"), rate_code="D").is_empty()
    assert accounts.filter(pl.col("is_care") & pl.col("is_fera")).is_empty()
    assert accounts.filter(pl.col("rate_code").n_unique().over("account_id") > 1).height > 0
    pv = society(scale).world.premises.select("premise_number", "pv_since_date")
    has_pv = (pl.col("pv_since_date") <= pl.col("effective_date")).fill_null(value=False)
    assert accounts.join(pv, on="premise_number").filter(has_pv != pl.col("has_net_metering")).is_empty()


def test_personal_data_are_invented_and_safe() -> None:
    persons = society("demo").persons
    assert persons["phone_number"].str.contains(r"^\(\d{3}\) 555-01\d\d$").all()
    assert persons["email_address"].str.contains(r"^[a-z]+\.[a-z]+\d+@example\.(com|org|net)$").all()
    assert persons.select("person_id", "email_address").unique().height == persons["person_id"].n_unique()
    assert persons["email_address"].n_unique() == persons["person_id"].n_unique()
    assert all(re.fullmatch(r"[A-Z][a-z]{3,}", name) for name in (*persons["given_name"], *persons["family_name"]))
    assert society("demo").addresses["street_address"].n_unique() == 1_000
    assert set(persons["language_code"]) == {"en", "es", "zh", "ko", "vi"}


@settings(max_examples=50)
@given(count=st.integers(0, 300), shares=st.lists(st.floats(0.01, 1), min_size=1, max_size=6))
def test_apportioned_numbers_follow_the_shares(count: int, shares: list[float]) -> None:
    found = apportion(stream(1, "test"), count, shares)
    assert len(found) == count
    for place, share in enumerate(shares):
        exact = share / sum(shares) * count
        assert abs(int((found == place).sum()) - exact) < len(shares)
        assert (found == place).any() or count < len(shares) or exact == 0


def test_dice_and_choices_are_fair() -> None:
    dice = Dice(1, "test")
    assert sum(dice.chance(0.3) for _ in range(4_000)) == pytest.approx(1_200, abs=120)
    picked = [dice.pick({"a": 1.0, "b": 3.0}) for _ in range(4_000)]
    assert picked.count("b") == pytest.approx(3_000, abs=120)
    assert {dice.integer(1, 3) for _ in range(200)} == {1, 2, 3}
    values = [dice.normal(5, 2) for _ in range(4_000)]
    assert sum(values) / 4_000 == pytest.approx(5, abs=0.15)
    weights = np.array([0.0, 1.0, 1.0, 8.0])
    drawn = sum(chosen(stream(2, "test", n), weights, 2) for n in range(300))
    assert drawn[0] == 0
    assert drawn[3] > 250
    assert drawn.sum() == 600


def test_scales_below_tiny_work_too() -> None:
    few = build_society(Scale("few", 25, date(2025, 4, 30)), 1, date(2025, 1, 1), date(2025, 4, 30))
    assert few.world.premises.height == 25
