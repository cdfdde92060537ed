"""Customers, people and devices after all broken, late and repeated files: those of the simulated utility's truth."""

from collections.abc import Sequence

import polars as pl
import pytest

from models.tables import Table
from models.tables.entities import (
    ACCOUNT_PERSONS,
    ACCOUNTS,
    CONSENTS,
    DEVICES,
    EQUIPMENT,
    HOUSEHOLDS,
    METER_INSTALLATIONS,
    PERSONS,
    SURVEY_ANSWERS,
)
from pipelines import lake
from pipelines.home import Home
from pipelines.query import open_marts

HOUSEHOLD = ("household_size", "has_children", "income_band", "is_home_on_weekdays", "employee_count")


def true(home: Home, name: str) -> pl.DataFrame:
    return pl.read_parquet(home.truth / "people" / f"{name}.parquet")


def when_known(column: str, known: str) -> pl.Expr:
    return pl.when(known).then(column).alias(column)


def periods(rows: pl.DataFrame, key: Sequence[str], attributes: Sequence[str]) -> pl.DataFrame:
    """States with `valid_from_date` and `valid_to_date`: of equal neighbours the first, of a date the last word."""
    states = rows.sort(*key, "effective_date", "recorded_at_utc").unique(
        [*key, "effective_date"], keep="last", maintain_order=True
    )
    changed = pl.struct(attributes).ne_missing(pl.struct(attributes).shift(1)).over(key)
    is_first = pl.int_range(pl.len()).over(key) == 0
    return (
        states.filter(is_first | changed)
        .with_columns(valid_to_date=pl.col("effective_date").shift(-1).over(key))
        .select(*key, *attributes, pl.col("effective_date").alias("valid_from_date"), "valid_to_date")
    )


def assert_equal_rows(home: Home, table: Table, expected: pl.DataFrame) -> None:
    found = (
        lake.read_frame(home, table)
        .select(expected.columns)
        .with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    )
    assert expected.height
    missing, surplus = (set(one.rows()) - set(other.rows()) for one, other in ((expected, found), (found, expected)))
    assert (sorted(map(str, missing)), sorted(map(str, surplus))) == ([], [])
    assert found.height == expected.height


@pytest.mark.req("FR-07", "FR-08", part="data")
def test_persons_are_those_of_the_truth(tiny_home: Home) -> None:
    rows = true(tiny_home, "persons").with_columns(
        when_known("age_band", "knows_age"), when_known("education_band", "knows_education")
    )
    attributes = [
        "language_code", "preferred_channel", "is_marketing_opt_out", "uses_my_account", "age_band", "education_band",
    ]  # fmt: skip
    assert_equal_rows(tiny_home, PERSONS, periods(rows, ["person_id"], attributes))


@pytest.mark.req("FR-07", part="data")
def test_consents_are_those_of_the_truth(tiny_home: Home) -> None:
    attributes = ["consent_status", "evidence_code", "valid_to_utc"]
    expected = periods(true(tiny_home, "consents"), ["person_id", "purpose", "recipient"], attributes)
    assert_equal_rows(tiny_home, CONSENTS, expected)


@pytest.mark.req("FR-10", part="data")
def test_memberships_are_those_of_the_truth(tiny_home: Home) -> None:
    rows = true(tiny_home, "memberships").sort("recorded_at_utc")
    key = ["account_id", "person_id", "role", "start_date"]
    last = rows.unique(key, keep="last").rename({"start_date": "valid_from_date", "end_date": "valid_to_date"})
    expected = last.select("account_id", "person_id", "role", "valid_from_date", "valid_to_date")
    assert_equal_rows(tiny_home, ACCOUNT_PERSONS, expected)


@pytest.mark.req("FR-07", part="data")
def test_households_are_those_of_the_truth_as_far_as_told(tiny_home: Home) -> None:
    known = pl.col("known_attributes")
    rows = true(tiny_home, "households").with_columns(
        pl.when(known.list.contains(name)).then(name).alias(name) for name in HOUSEHOLD
    )
    assert_equal_rows(tiny_home, HOUSEHOLDS, periods(rows, ["account_id"], HOUSEHOLD))


@pytest.mark.req("FR-07", "FR-09", part="data")
def test_equipment_is_that_of_the_truth_as_far_as_told(tiny_home: Home) -> None:
    rows = true(tiny_home, "equipment").filter("is_known").sort("recorded_at_utc")
    last = rows.unique("equipment_id", keep="last").with_columns(
        when_known("installed_date", "knows_date"), rated_kw=pl.col("rated_kw").cast(pl.Decimal(8, 2))
    )
    columns = [
        "equipment_id",
        "premise_id",
        "person_id",
        "equipment_type",
        "rated_kw",
        "installed_date",
        "removed_date",
    ]
    assert_equal_rows(tiny_home, EQUIPMENT, last.select(columns))


@pytest.mark.req("FR-07", part="data")
def test_survey_answers_are_those_given(tiny_home: Home) -> None:
    columns = ["survey_id", "question_code", "person_id", "account_id", "survey_origin", "answer_code"]
    assert_equal_rows(tiny_home, SURVEY_ANSWERS, true(tiny_home, "survey_answers").select(columns))


@pytest.mark.req("FR-04", "T1-04", part="data")
def test_accounts_are_those_of_the_truth(tiny_home: Home) -> None:
    premises = true(tiny_home, "premises").select("premise_number", "premise_id")
    rows = true(tiny_home, "accounts").join(premises, on="premise_number").join(
        true(tiny_home, "account_names").select("account_id", "landlord_person_id"), on="account_id"
    ).with_columns(recorded_at_utc=pl.lit(0))  # fmt: skip
    attributes = [
        "premise_id", "customer_type", "business_type", "tenure_type", "landlord_person_id", "rate_code",
        "billing_option", "payment_option", "billing_cycle", "is_all_electric", "is_care", "is_fera",
        "is_medical_baseline", "has_net_metering",
    ]  # fmt: skip
    states = periods(rows, ["account_id"], ["is_active", *attributes])
    assert_equal_rows(tiny_home, ACCOUNTS, states.filter("is_active").drop("is_active"))


@pytest.mark.req("NAR-01", part="data")
def test_meters_are_those_of_the_truth(tiny_home: Home) -> None:
    columns = [
        "meter_id", "installed_date", "removed_date", "service_point_id", "parent_meter_id", "interval_minutes",
        "has_received_channel", "register_digits",
    ]  # fmt: skip
    assert_equal_rows(tiny_home, METER_INSTALLATIONS, true(tiny_home, "meters").select(columns))


@pytest.mark.req("FR-28", "FR-09", part="data")
def test_devices_in_the_registry_are_true_whatever_other_systems_say(tiny_home: Home) -> None:
    reports = true(tiny_home, "device_reports")
    found = lake.read_frame(tiny_home, DEVICES)
    assert set(found["device_id"]) == set(reports["device_id"])
    contradicted = reports.filter(pl.col("is_contradiction"), pl.col("reported_by") != "DMS")["device_id"]
    registered = reports.filter(reported_by="DMS")["device_id"].unique()
    assert set(contradicted) & set(registered)
    last = true(tiny_home, "devices").sort("recorded_at_utc").unique("device_id", keep="last")
    columns = ["device_id", "premise_id", "device_type", "can_display_text", "removed_at_utc"]
    compared = [
        set(
            frame.filter(pl.col("device_id").is_in(registered.implode()))
            .select(columns)
            .cast({"device_type": pl.String})
            .rows()
        )
        for frame in (found, last)
    ]
    assert compared[0] == compared[1]


@pytest.mark.req("FR-08", part="data")
def test_a_mover_keeps_person_language_channel_and_consents(tiny_home: Home) -> None:
    moves = true(tiny_home, "moves").drop_nulls(["from_account_id", "to_account_id"])
    assert moves.height
    with open_marts(tiny_home) as con:
        for before, after, moved_out, moved_in in moves.select(
            "from_account_id", "to_account_id", "moved_out_date", "moved_in_date"
        ).iter_rows():
            of = "select person_id from bridge_account_persons where account_id = ? and role <> 'landlord' order by 1"
            people = con.execute(of, [before]).fetchall()
            assert people
            assert con.execute(of, [after]).fetchall() == people
            known_on = (
                "select person_id, language_code, preferred_channel from dim_persons join bridge_account_persons b "
                "using (person_id) where account_id = ? and ? >= dim_persons.valid_from_date "
                "and coalesce(? < dim_persons.valid_to_date, true) order by 1"
            )
            assert (
                con.execute(known_on, [before, moved_out, moved_out]).fetchall()
                == con.execute(known_on, [after, moved_in, moved_in]).fetchall()
            )
    movers = true(tiny_home, "memberships").filter(pl.col("account_id").is_in(moves["to_account_id"].implode()))
    held = lake.read_frame(tiny_home, CONSENTS).filter(pl.col("person_id").is_in(movers["person_id"].implode()))
    assert held.height
    assert not set(held["valid_to_date"]) & set(moves["moved_out_date"])


@pytest.mark.req("FR-09", part="data")
def test_newcomers_inherit_devices_and_neither_people_consents_nor_usage(tiny_home: Home) -> None:
    moves = true(tiny_home, "moves")
    left = moves.drop_nulls("from_account_id").select("from_account_id", premise_id="from_premise_id")
    come = moves.drop_nulls("to_account_id").select("to_account_id", "moved_in_date", premise_id="to_premise_id")
    pairs = left.join(come, on="premise_id")
    assert pairs.height > 1
    consents = lake.read_frame(tiny_home, CONSENTS)
    inherited = left_behind = 0
    with open_marts(tiny_home) as con:
        for former, premise, new, moved_in in pairs.iter_rows():
            of = "select distinct person_id from bridge_account_persons where account_id = ? and role <> 'landlord'"
            people = {name for (name,) in con.execute(of, [former]).fetchall()}
            newcomers = {name for (name,) in con.execute(of, [new]).fetchall()}
            assert people
            assert newcomers
            assert not people & newcomers
            left_behind += consents.filter(pl.col("person_id").is_in(people)).height
            usage = con.execute(
                "select min(usage_date), count(*) from fct_account_daily_usage where account_id = ?", [new]
            ).fetchone()
            assert usage is not None
            assert usage[0] == moved_in
            meters = con.execute(
                "select min(valid_from_date) from bridge_meter_accounts where account_id = ?", [new]
            ).fetchone()
            assert meters == (moved_in,)
            devices = con.execute("select account_id from dim_devices where premise_id = ?", [premise]).fetchall()
            assert {account for (account,) in devices} <= {new}
            inherited += len(devices)
    assert inherited
    assert left_behind
