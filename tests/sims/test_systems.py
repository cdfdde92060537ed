"""Meters, devices, programs and what the systems know of people: complete, exclusive, contradictory where intended."""

from datetime import timedelta

import polars as pl
import pytest

from models.extracts.crm import CHANNELS_OF_CONTACT
from sims.systems.crm import crm_tables
from sims.systems.css import css_tables
from sims.systems.dms import dms_tables
from sims.systems.weather_station import weather_tables
from sims.world.enrolments import EXCLUSIVE, PROGRAMS
from sims.world.surveys import QUESTIONS
from sims.world.territory import STATIONS
from sims.world.weather import observations
from tests.sims.bills_of_nobody import no_bills, no_lines
from tests.sims.population import last_rows, society

SCALE_NAMES = ("tiny", "demo")


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_every_premise_has_its_meters_without_gap_or_overlap(scale: str) -> None:
    world = society(scale).world
    main = world.meters.filter(pl.col("parent_meter_id").is_null()).sort("service_point_id", "installed_date")
    assert main["meter_number"].n_unique() == main.height
    following = main.with_columns(
        next_date=pl.col("installed_date").shift(-1).over("service_point_id"),
        next_quarter=pl.col("installed_quarter").shift(-1).over("service_point_id"),
    )
    exchanged = following.drop_nulls("next_date")
    assert not exchanged.is_empty()
    assert (exchanged["removed_date"] == exchanged["next_date"]).all()
    assert (exchanged["removed_quarter"] == exchanged["next_quarter"]).all()
    assert (
        following.filter(pl.col("next_date").is_null())["removed_date"].null_count()
        == main["service_point_id"].n_unique()
    )
    shares = main.filter(pl.col("removed_date").is_null()).group_by("premise_number").agg(pl.col("load_share").sort())
    assert {tuple(found) for found in shares["load_share"]} == {("all",), ("main", "pool_ev")}
    assert shares.height == world.premises.height
    assert main.filter(pl.col("register_start_wh") >= 10.0 ** pl.col("register_digits") * 1_000).is_empty()
    assert world.meters["meter_number"].to_list() == list(range(world.meters.height))


@pytest.mark.req("BR-02", "NAR-01", part="simulated utility")
@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_every_scale_has_each_kind_of_meter(scale: str) -> None:
    world = society(scale).world
    meters = world.meters
    assert set(meters["interval_minutes"]) == {15, 60, None}
    assert set(meters["sender"]) == {"mdms", "submeters", "none"}
    assert (meters["sender"] == "none").equals(meters["interval_minutes"].is_null())
    assert (meters["sender"] == "submeters").equals(meters["parent_meter_id"].is_not_null())
    pairs = (
        meters.filter(pl.col("removed_date").is_null(), pl.col("parent_meter_id").is_null())
        .group_by("premise_number")
        .agg("interval_minutes")
    )
    assert [15, 60] in [
        sorted(pair) for pair in pairs.filter(pl.col("interval_minutes").list.len() == 2)["interval_minutes"]
    ]
    subs = meters.filter(pl.col("parent_meter_id").is_not_null())
    parents = subs.join(meters, left_on="parent_meter_id", right_on="meter_id", suffix="_parent")
    assert parents.height == subs.height
    assert (parents["premise_number"] == parents["premise_number_parent"]).all()
    assert parents["removed_date_parent"].null_count() == parents.height
    pv = world.premises.select("premise_number", "pv_since_date")
    now = (
        meters.filter(pl.col("removed_date").is_null())
        .filter(pl.col("load_share").is_in(["all", "main"]))
        .join(pv, on="premise_number")
    )
    assert (now["has_received_channel"] == now["pv_since_date"].is_not_null()).all()
    bought = now.filter(pl.col("pv_since_date") >= world.first_date)
    assert (bought["installed_date"] >= bought["pv_since_date"] - timedelta(days=1)).all()


@pytest.mark.req("FR-04", "T1-04", "T1-06", part="simulated utility")
@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_enrolments_exclude_each_other_and_end_with_the_account(scale: str) -> None:
    people = society(scale)
    enrollments = last_rows(people.enrollments, "enrollment_id")
    assert set(enrollments["program_id"]) <= set(PROGRAMS)
    assert set(people.enrollments["enrollment_status"]) == {"pending", "active", "left"}
    assert (enrollments["left_date"].is_not_null()).equals(enrollments["enrollment_status"] == "left")
    far = people.world.last_date + timedelta(days=1)
    spans = enrollments.select("account_id", "program_id", "enrolled_date", end=pl.col("left_date").fill_null(far))
    both = spans.join(spans, on="account_id").filter(
        pl.col("program_id").replace_strict(EXCLUSIVE, default=None) == pl.col("program_id_right"),
        pl.col("enrolled_date") < pl.col("end_right"),
        pl.col("enrolled_date_right") < pl.col("end"),
    )
    assert both.is_empty()
    closed = people.world.accounts.filter(~pl.col("is_active")).select("account_id", closed="effective_date")
    ended = enrollments.join(closed, on="account_id")
    assert ended.filter(pl.col("left_date").fill_null(far) > pl.col("closed")).is_empty()
    assert enrollments.filter(pl.col("left_date") < people.world.first_date).height > 0
    orders = (
        people.enrollments.sort("enrollment_id", "effective_date").group_by("enrollment_id").agg("enrollment_status")
    )
    assert {tuple(states) for states in orders["enrollment_status"]} <= {
        ("active",), ("active", "left"), ("pending", "active"), ("pending", "active", "left"), ("pending",),
    }  # fmt: skip


@pytest.mark.req("FR-28", "T1-07", part="simulated utility")
def test_devices_suit_their_premises_and_reports_contradict_the_registry_at_times() -> None:
    people = society("demo")
    assert {"ihd", "ems", "pct", "load_control_switch"} <= set(people.devices["device_type"])
    thermostats = people.devices.filter(device_type="pct").join(people.world.premises, on="premise_id")
    assert thermostats["has_thermostat"].all()
    assert thermostats.n_unique("premise_id") == people.world.premises["has_thermostat"].sum()
    facts = ["device_type", "can_display_text", "is_controllable", "premise_id"]
    reports = people.device_reports.join(people.devices.unique("device_id"), on="device_id", suffix="_true")
    differs = pl.any_horizontal(~pl.col(name).eq_missing(pl.col(f"{name}_true")) for name in facts)
    assert reports.filter(differs != pl.col("is_contradiction")).is_empty()
    assert not reports.filter("is_contradiction", reported_by="DMS").height
    heard = reports.filter(pl.col("reported_by") != "DMS")
    assert 0.05 < heard["is_contradiction"].mean() < 0.35
    assert heard["can_display_text"].null_count() > 0


@pytest.mark.req("T1-14", part="simulated utility")
@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_only_people_with_a_text_display_prefer_it(scale: str) -> None:
    people = society(scale)
    assert set(people.persons["preferred_channel"]) <= set(CHANNELS_OF_CONTACT)
    prefer = people.persons.filter(pl.col("preferred_channel").is_in(["ihd", "ems"]))
    served = people.service_points.drop_nulls("account_id").select("account_id", "premise_id").unique()
    homes = people.memberships.select("person_id", "account_id").unique().join(served, on="account_id")
    shows = people.devices.filter("can_display_text").select("premise_id", "device_type").unique()
    reached = (
        prefer.select("person_id", "preferred_channel")
        .join(homes, on="person_id")
        .join(shows, left_on=["premise_id", "preferred_channel"], right_on=["premise_id", "device_type"], how="semi")
    )
    assert set(reached["person_id"]) == set(prefer["person_id"])
    assert scale == "tiny" or not prefer.is_empty()


@pytest.mark.req("T1-10", "T1-11", "FR-07", part="simulated utility")
def test_surveys_tell_the_truth_with_errors_and_gaps() -> None:
    answers = society("demo").survey_answers
    assert set(answers["survey_origin"]) == {"my_account", "energy_audit"}
    for question, allowed in QUESTIONS.items():
        found = answers.filter(question_code=question)
        assert set(found["answer_code"].drop_nulls()) <= set(allowed)
        assert set(found["true_answer_code"]) <= set(allowed)
    assert 0.05 < answers["answer_code"].null_count() / answers.height < 0.2
    given = answers.drop_nulls("answer_code")
    assert 0.9 < (given["answer_code"] == given["true_answer_code"]).mean() < 0.99


def test_systems_blank_what_nobody_told_them() -> None:
    people = society("demo")
    crm = crm_tables(people)
    persons, truth = crm["persons"], people.persons
    assert 0.3 < persons["age_band"].null_count() / persons.height < 0.5
    assert truth["age_band"].null_count() == 0
    known = persons.join(truth, on=["person_id", "effective_date"], suffix="_true").drop_nulls("age_band")
    assert (known["age_band"].cast(pl.String) == known["age_band_true"]).all()
    assert crm["equipment"].n_unique("equipment_id") < people.equipment.n_unique("equipment_id")
    panels = crm["equipment"].filter(pl.col("equipment_type") == "solar_pv")
    assert panels.n_unique("premise_id") == people.world.premises["pv_since_date"].count()


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_every_fact_of_the_society_is_in_one_system(scale: str) -> None:
    people = society(scale)
    css, crm, dms = css_tables(people, no_bills(), no_lines()), crm_tables(people), dms_tables(people)
    assert css["accounts"].height == people.world.accounts.height
    assert css["premises"].height == people.world.premises.height
    assert css["meters"].n_unique("meter_id") == people.world.meters.height
    assert css["interactions"].height + crm["interactions"].height == people.interactions.height
    assert css["devices"].height + crm["devices"].height + dms["devices"].height == people.device_reports.height
    landlords = set(css["accounts"]["landlord_person_id"].drop_nulls())
    known = crm["account_persons"].filter(pl.col("role") == "landlord")
    assert landlords == set(known["person_id"])
    assert landlords <= set(crm["persons"]["person_id"])
    assert set(crm["account_persons"]["person_id"]) <= set(crm["persons"]["person_id"])


@pytest.mark.req("NAR-03", part="simulated utility")
def test_weather_stations_lose_some_hours_and_change_none() -> None:
    world = society("tiny").world
    sent = observations(world, world.first_date, world.last_date)
    table = weather_tables(world.seed, sent)["observations"]
    assert set(table["station_id"]) == set(STATIONS)
    lost = sent.height - table.height
    assert 0.0005 < lost / sent.height < 0.005
    assert 0 < table["temperature_degc"].null_count() < 0.005 * table.height
    key = ["climate_zone", "observed_hour_start_utc"]
    both = table.join(sent.rename({"hour_start_utc": "observed_hour_start_utc"}), on=key, suffix="_true")
    assert both.height == table.height
    told = both.drop_nulls("temperature_degc")
    assert (told["temperature_degc"].cast(pl.Float64) - told["temperature_degc_true"]).abs().max() < 1e-9
    part = weather_tables(world.seed, observations(world, world.last_date, world.last_date))["observations"]
    assert part.equals(table.filter(pl.col("_business_date") == world.last_date))
