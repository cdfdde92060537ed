"""People move and keep what is theirs; premises keep what is built in; nobody is served twice or by nobody."""

from datetime import date

import polars as pl
import pytest

from tests.sims.population import last_rows, society

SCALE_NAMES = ("tiny", "demo")
PERSONAL = ["language_code", "preferred_channel", "is_marketing_opt_out", "uses_my_account"]


def stays(scale: str) -> pl.DataFrame:
    """One row per account: premise, first date of service, and the date on which it ended or null."""
    accounts = society(scale).world.accounts
    ends = accounts.filter(~pl.col("is_active")).select("account_id", end="effective_date")
    starts = accounts.group_by("account_id").agg(pl.col("premise_number").first(), start=pl.col("effective_date").min())
    return starts.join(ends, on="account_id", how="left").sort("premise_number", "start")


def movers(scale: str) -> pl.DataFrame:
    """Households that moved from one premise of the territory to another."""
    return society(scale).moves.drop_nulls()


@pytest.mark.req("FR-08", part="simulated utility")
@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_a_mover_keeps_person_language_channel_and_vehicle(scale: str) -> None:
    people = society(scale)
    assert not movers(scale).is_empty()
    for move in movers(scale).iter_rows(named=True):
        there = people.memberships.filter(pl.col("end_date").is_null(), account_id=move["to_account_id"]).filter(
            pl.col("role") != "landlord", pl.col("start_date") == move["moved_in_date"]
        )
        left = people.memberships.filter(account_id=move["from_account_id"]).filter(
            pl.col("role") != "landlord", pl.col("end_date") == move["moved_out_date"]
        )
        assert set(there["person_id"].to_list()) == set(left["person_id"].to_list())
        for person_id in there["person_id"]:
            known = people.persons.filter(person_id=person_id)
            before = known.filter(pl.col("effective_date") < move["moved_in_date"]).tail(1)
            after = known.filter(effective_date=move["moved_in_date"])
            assert before.select(PERSONAL).equals(after.select(PERSONAL))
            assert before["postal_address"].item() != after["postal_address"].item()
        vehicles = [
            people.world.behaviours.filter(account_id=account).sort("start_date")["ev_kw"]
            for account in (move["from_account_id"], move["to_account_id"])
        ]
        assert vehicles[0][-1] == vehicles[1][0]


@pytest.mark.req("FR-08", "FR-09", part="simulated utility")
@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_every_history_has_a_mover_with_a_vehicle_consents_and_devices_left_behind(scale: str) -> None:
    people = society(scale)
    vehicles = people.world.behaviours.filter(pl.col("ev_kw") > 0)["account_id"].to_list()
    with_vehicle = movers(scale).filter(pl.col("to_account_id").is_in(vehicles))
    left_devices = with_vehicle.join(people.devices, left_on="from_premise_id", right_on="premise_id", how="semi")
    assert not left_devices.is_empty()
    customers = people.memberships.filter(role="customer_of_record").join(
        left_devices, left_on="account_id", right_on="to_account_id", how="semi"
    )
    granted = people.consents.filter(purpose="marketing", consent_status="granted")
    assert not customers.join(granted, on="person_id", how="semi").is_empty()


@pytest.mark.req("FR-09", part="simulated utility")
@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_devices_and_equipment_of_a_premise_stay(scale: str) -> None:
    people = society(scale)
    assert people.devices.group_by("device_id").agg(pl.col("premise_id").n_unique())["premise_id"].max() == 1
    assert people.equipment.filter(pl.col("premise_id").is_null() == pl.col("person_id").is_null()).is_empty()
    assert set(people.equipment.filter(pl.col("person_id").is_not_null())["equipment_type"]) == {"electric_vehicle"}
    out = people.moves.drop_nulls("from_premise_id").select("from_premise_id", "moved_out_date")
    removed = last_rows(people.devices, "device_id").with_columns(gone=pl.col("removed_at_utc").dt.date())
    at_moving = removed.join(out, left_on="premise_id", right_on="from_premise_id")
    assert at_moving.filter((pl.col("gone") - pl.col("moved_out_date")).dt.total_days().abs() <= 1).is_empty()


@pytest.mark.req("FR-09", part="simulated utility")
@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_newcomers_are_other_people_with_consents_of_their_own(scale: str) -> None:
    people = society(scale)
    new = people.moves.filter(pl.col("from_account_id").is_null())
    assert not new.is_empty()
    theirs = people.memberships.filter(pl.col("role") != "landlord")
    newcomers = theirs.join(new, left_on="account_id", right_on="to_account_id", how="inner")
    first_seen = people.persons.group_by("person_id").agg(first_seen=pl.col("effective_date").min())
    seen = newcomers.join(first_seen, on="person_id").filter(pl.col("start_date") == pl.col("moved_in_date"))
    assert (seen["first_seen"] == seen["moved_in_date"]).all()
    earliest = people.consents.group_by("person_id").agg(first_consent=pl.col("effective_date").min())
    decided = seen.join(earliest, on="person_id")
    assert decided.filter(pl.col("first_consent") < pl.col("moved_in_date")).is_empty()


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_no_two_accounts_are_active_at_one_premise(scale: str) -> None:
    ordered = stays(scale).with_columns(next_start=pl.col("start").shift(-1).over("premise_number"))
    followed = ordered.drop_nulls("next_start")
    assert not followed.is_empty()
    assert followed["end"].null_count() == 0
    vacant_days = (followed["next_start"] - followed["end"]).dt.total_days()
    assert vacant_days.min() >= 0
    assert vacant_days.max() <= 45


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_service_points_serve_the_account_of_their_premise_and_nobody_while_vacant(scale: str) -> None:
    people = society(scale)
    points = people.service_points.with_columns(
        until=pl.col("effective_date").shift(-1).over("service_point_id").fill_null(date.max)
    )
    served = points.drop_nulls("account_id").join(stays(scale), on="account_id")
    assert (served["effective_date"] == served["start"]).all()
    ends = served.select(end=pl.col("end").fill_null(date.max), until="until")
    assert (ends["end"] == ends["until"]).all()
    behaviours = people.world.behaviours.join(
        people.world.premises.select("premise_number", "premise_id"), on="premise_number"
    )
    vacant = behaviours.filter(pl.col("account_id").is_null()).select("premise_id", effective_date="start_date")
    unserved = points.filter(pl.col("account_id").is_null()).select("premise_id", "effective_date")
    assert set(vacant.iter_rows()) == set(unserved.iter_rows())


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_behaviours_name_the_account_that_is_there(scale: str) -> None:
    living = society(scale).world.behaviours.join(stays(scale), on="account_id")
    assert living.filter(pl.col("start_date") < pl.col("start")).is_empty()
    assert living.filter(pl.col("start_date") >= pl.col("end").fill_null(date.max)).is_empty()
    assert (living["premise_number"] == living["premise_number_right"]).all()
    first_rows = society(scale).world.behaviours.group_by("premise_number").agg(pl.col("start_date").min())
    assert first_rows["start_date"].max() < society(scale).world.first_date
    assert first_rows.height == society(scale).world.premises.height


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_vacations_fall_into_one_stay_and_do_not_overlap(scale: str) -> None:
    world = society(scale).world
    by_premise = world.vacations.with_columns(next_start=pl.col("start_date").shift(-1).over("premise_number"))
    assert by_premise.filter(pl.col("next_start") < pl.col("end_date")).is_empty()
    inside = world.vacations.join(stays(scale), on="premise_number").filter(
        pl.col("start") <= pl.col("start_date"), pl.col("end_date") <= pl.col("end").fill_null(date.max)
    )
    assert inside.height == world.vacations.height


@pytest.mark.req("FR-10", part="simulated utility")
@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_every_account_has_one_customer_of_record_at_any_time(scale: str) -> None:
    people = society(scale)
    records = people.memberships.filter(role="customer_of_record")
    open_rows = records.filter(pl.col("end_date").is_null()).join(stays(scale), on="account_id")
    assert open_rows.height == stays(scale).height
    assert (open_rows["start_date"] == open_rows["start"]).all()
    closed = records.drop_nulls("end_date").join(stays(scale), on="account_id")
    assert (closed["end_date"] == closed["end"]).all()
    assert closed.height == stays(scale)["end"].count()
    sizes = people.memberships.filter(pl.col("end_date").is_null()).group_by("account_id").len()
    assert sizes["len"].max() >= 3


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_moving_is_as_frequent_as_intended(scale: str) -> None:
    people = society(scale)
    left = people.moves.drop_nulls("from_account_id").join(
        last_rows(people.world.accounts, "account_id"), left_on="from_account_id", right_on="account_id"
    )
    tenants = (left["tenure_type"] == "tenant").sum()
    if scale == "demo":
        assert 25 <= tenants <= 85
        assert 8 <= left.height - tenants <= 45
        assert 0.15 < movers(scale).height / left.height < 0.5
