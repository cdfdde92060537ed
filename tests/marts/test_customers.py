"""Published dimensions: the checks that the requirements ask of them."""

from datetime import date
from typing import Any

import pytest

from pipelines.home import Home
from pipelines.query import open_marts
from tests.marts.streets import day


def ask(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with open_marts(home) as con:
        return con.execute(sql).fetchall()


@pytest.mark.req("FR-04", "T1-01", "T1-03", "T1-05", part="data")
def test_every_customer_has_place_type_rate_options_and_tenure(streets: Home) -> None:
    lacking = (
        "select 1 from dim_accounts a left join dim_premises p using (premise_id) where p.zip_code is null or "
        "p.climate_zone is null or a.customer_type is null or a.rate_code is null or a.billing_option is null or "
        "a.payment_option is null or a.tenure_type is null or a.source_system <> 'CSS'"
    )
    assert ask(streets, lacking) == []
    assert ask(streets, "select count(distinct account_id) from dim_accounts") == [(9,)]
    assert ask(streets, "select customer_type, business_type from dim_accounts where account_id = 'A2'") == [
        ("small_business", "office")
    ]


@pytest.mark.req("T1-04", part="data")
def test_any_past_date_can_be_asked(streets: Home) -> None:
    def care(on: date) -> list[tuple[Any, ...]]:
        return ask(
            streets,
            f"select is_care, is_current from dim_accounts where account_id = 'A6' and valid_from_date <= '{on}' "
            f"and (valid_to_date is null or valid_to_date > '{on}')",
        )

    assert care(day("10-31")) == []
    assert care(day("11-03")) == [(False, False)]
    assert care(day("11-04")) == [(True, True)]
    assert ask(streets, "select is_current, service_end_date from dim_accounts where account_id = 'A1'") == [
        (False, day("10-31"))
    ]


@pytest.mark.req("FR-08", part="data")
def test_a_mover_is_one_person_with_one_language_at_two_premises(streets: Home) -> None:
    movers = (
        "select person_id from bridge_account_persons join dim_accounts using (account_id) group by 1 "
        "having count(distinct premise_id) > 1"
    )
    assert ask(streets, movers) == [("R1",)]
    assert ask(streets, "select language_code, preferred_channel from dim_persons where person_id = 'R1'") == [
        ("es", "sms")
    ]


@pytest.mark.req("FR-10", part="data")
def test_a_household_has_several_people_with_languages_of_their_own(streets: Home) -> None:
    rows = ask(
        streets,
        "select account_id, count(distinct person_id), count(distinct language_code) from bridge_account_persons "
        "join dim_persons using (person_id) group by 1 having count(distinct person_id) >= 3",
    )
    assert rows == [("A6", 3, 3)]


@pytest.mark.req("FR-28", "FR-09", "T1-07", part="data")
def test_devices_say_what_they_show_and_who_lives_with_them_now(streets: Home) -> None:
    assert ask(streets, "select 1 from dim_devices where can_display_text is null or source_system is null") == []
    rows = ask(
        streets,
        "select device_id, premise_id, account_id, device_type, can_display_text, is_display_known, source_system "
        "from dim_devices order by 1",
    )
    assert rows == [
        ("D1", "P1", "A2", "pct", True, True, "DMS"),
        ("D2", "P6", "A6", "load_control_switch", False, False, "DMS"),
        ("D3", "P1", None, "ems", False, False, "DMS"),
    ]


@pytest.mark.req("BR-02", part="data")
def test_a_meter_without_interval_data_is_listed_with_its_account(streets: Home) -> None:
    row = "select account_id, interval_minutes, last_interval_start_utc from dim_meters where meter_id = 'N1'"
    assert ask(streets, row) == [("A5", None, None)]


def test_a_meter_is_listed_with_whom_it_serves_now(streets: Home) -> None:
    rows = ask(streets, "select meter_id, account_id, premise_id, removed_date, is_current from dim_meters order by 1")
    found = {meter: rest for meter, *rest in rows}
    assert found["M1"] == ["A2", "P1", None, True]
    assert found["M2"] == [None, "P2", day("11-01"), False]
    assert found["S1"] == ["A4", "P3", None, True]
    assert found["U1"] == [None, None, None, True]
    assert ask(
        streets, "select meter_id, parent_meter_id from dim_meters where parent_meter_id is not null order by 1"
    ) == [
        ("S1", "M4"),
        ("T1", "K1"),
    ]


@pytest.mark.req("T1-06", part="data")
def test_an_enrolment_that_ended_says_since_when(streets: Home) -> None:
    columns = "program_id, enrollment_status, status_since_date, left_date, is_current"
    assert ask(streets, f"select {columns} from dim_enrollments") == [
        ("SEP", "left", day("11-02"), day("11-02"), False)
    ]


def test_contacts_name_their_source(streets: Home) -> None:
    assert ask(streets, "select interaction_id, source_system, account_id from fct_interactions") == [
        ("I1", "WEB", "A1")
    ]


def test_programs_and_goals_are_those_of_the_reference_data(streets: Home) -> None:
    assert ask(streets, "select program_id from dim_enrollments except select program_id from dim_programs") == []
    goals = ask(
        streets, "select program_id, count(distinct goal_type) from dim_program_goals group by 1 order by 2 desc"
    )
    assert goals[0][1] == 6
