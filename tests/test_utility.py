"""The simulated utility's customers in the marts: what the requirements ask of them has an answer."""

from datetime import date

import duckdb
import pytest

from models.tables.entities import BILLS, CONSENTS, EQUIPMENT, SURVEY_ANSWERS
from pipelines import lake
from pipelines.home import Home
from pipelines.query import open_marts

NONE = {
    "customer attributes are complete and from the customer system": (
        "select 1 from dim_accounts a left join dim_premises p using (premise_id) where p.zip_code is null "
        "or p.climate_zone is null or a.customer_type is null or a.rate_code is null or a.billing_option is null "
        "or a.payment_option is null or a.tenure_type is null or a.source_system <> 'CSS'",
        ("FR-04",),
    ),
    "premises and persons say where they are from": (
        "select source_system from dim_premises where source_system is distinct from 'CSS' "
        "union all select source_system from dim_persons where source_system is distinct from 'CRM'",
        ("FR-04", "FR-07"),
    ),
    "every device says what it can display and who reported it": (
        "select 1 from dim_devices where can_display_text is null or source_system is null",
        ("FR-28",),
    ),
    "the temperature is known for every interval": (
        "select 1 from fct_interval_usage where temperature_degc is null",
        ("NAR-03",),
    ),
    "who prefers a display has one that shows messages": (
        "select person_id from dim_persons p join bridge_account_persons b using (person_id) "
        "where preferred_channel = 'ihd' and p.is_current and b.is_current and not exists (select 1 from dim_devices d "
        "where d.account_id = b.account_id and device_type = 'ihd' and can_display_text and removed_at_utc is null)",
        ("S1-PRE", "FR-28"),
    ),
    "every premise has a meter": (
        "select premise_id from dim_premises anti join dim_meters using (premise_id)",
        ("BR-02",),
    ),
    "no person without a language, a channel and a choice about marketing": (
        "select 1 from dim_persons where language_code is null or preferred_channel is null "
        "or is_marketing_opt_out is null",
        ("T1-13", "T1-14"),
    ),
    "periods of an account do not overlap": (
        "select 1 from (select valid_to_date, lead(valid_from_date) over (partition by account_id "
        "order by valid_from_date) as next_date from dim_accounts) "
        "where next_date < valid_to_date or (valid_to_date is null and next_date is not null)",
        ("T1-04",),
    ),
    "a person has one state at a time, whatever the accounts": (
        "select 1 from (select valid_to_date, lead(valid_from_date) over (partition by person_id "
        "order by valid_from_date) as next_date from dim_persons) "
        "where next_date < valid_to_date or (valid_to_date is null and next_date is not null)",
        ("FR-08",),
    ),
    "a new account has no usage from before it began": (
        "select 1 from fct_account_daily_usage u join (select account_id, min(service_start_date) as start_date "
        "from dim_accounts group by all) using (account_id) where u.usage_date < start_date",
        ("FR-09",),
    ),
    "every daily feed of attributes reaches the business date": (
        "select feed from fct_feed_freshness join meta_build on true "
        "where last_good_date is distinct from business_date or not is_fresh",
        ("NFR-08",),
    ),
    "a whole day of quarter hours is as long as its date": (
        "select 1 from fct_daily_usage join dim_meters using (meter_id) where interval_minutes = 15 "
        "and installed_date < usage_date and coalesce(removed_date > usage_date, true) and expected_interval_count <> "
        "case usage_date when date '2025-11-02' then 100 when date '2026-03-08' then 92 else 96 end",
        ("NFR-09",),
    ),
}
SOME = {
    "enrolments": ("from dim_enrollments", ("FR-04", "T1-04")),
    "active enrolments and those left": (
        "select 1 from dim_enrollments having count(distinct enrollment_status) > 1",
        ("FR-04",),
    ),
    "preferences": ("select 1 from dim_persons where preferred_channel is not null", ("FR-07",)),
    "languages": ("select 1 from dim_persons having count(distinct language_code) > 2", ("FR-07", "T1-13")),
    "contact log of both systems": (
        "select 1 from fct_interactions having count(distinct source_system) > 1",
        ("FR-07",),
    ),
    "net metering": ("select 1 from dim_accounts having count(distinct has_net_metering) = 2", ("FR-07", "SYS-CUST")),
    "a person at two premises": (
        "select person_id from bridge_account_persons join dim_accounts using (account_id) where role <> 'landlord' "
        "group by 1 having count(distinct premise_id) > 1",
        ("FR-08",),
    ),
    "a device at a premise with a move": (
        "select 1 from dim_devices d where d.account_id is not null and exists (select 1 from dim_accounts a "
        "where a.premise_id = d.premise_id and a.account_id <> d.account_id and a.service_end_date is not null)",
        ("FR-09",),
    ),
    "an account of three individuals": (
        "select account_id from bridge_account_persons where role <> 'landlord' group by 1 "
        "having count(distinct person_id) >= 3",
        ("FR-10",),
    ),
    "an account whose individuals speak different languages or prefer different channels": (
        "select account_id from bridge_account_persons join dim_persons using (person_id) group by 1 "
        "having count(distinct language_code) > 1",
        ("FR-10",),
    ),
    "a display": ("from dim_devices where device_type = 'ihd' and can_display_text", ("FR-28",)),
    "an energy management system": ("from dim_devices where device_type = 'ems'", ("FR-28",)),
    "a load control device": ("from dim_devices where is_controllable and not can_display_text", ("FR-28",)),
    "a device that several sources report, with a conflict": (
        "from dim_devices where source_count > 1 and conflict_count > 0 and source_system = 'DMS'",
        ("FR-28",),
    ),
    "meters of quarter hours": ("from dim_meters where interval_minutes = 15", ("NAR-01",)),
    "meters of hours": ("from dim_meters where interval_minutes = 60", ("NAR-01",)),
    "an account without interval meter, kept": (
        "select account_id from dim_accounts anti join (from dim_meters where interval_minutes is not null) "
        "using (account_id) where is_current",
        ("BR-02",),
    ),
    "both types of customer": ("select 1 from dim_accounts having count(distinct customer_type) = 2", ("SYS-CUST",)),
    "accounts with an enrolment": ("from dim_accounts semi join dim_enrollments using (account_id)", ("SYS-CUST",)),
    "accounts without an enrolment": ("from dim_accounts anti join dim_enrollments using (account_id)", ("SYS-CUST",)),
    "a restaurant": ("from dim_accounts where business_type = 'restaurant'", ("T1-02",)),
    "an office": ("from dim_accounts where business_type = 'office'", ("T1-02",)),
    "a home": ("from dim_accounts where customer_type = 'residential' and business_type is null", ("T1-02",)),
    "owners and tenants": ("select 1 from dim_accounts having count(distinct tenure_type) = 2", ("T1-03",)),
    "tenants whose landlord is known": (
        "from dim_accounts join dim_persons on landlord_person_id = person_id where tenure_type = 'tenant'",
        ("T1-03",),
    ),
    "an account that changed, with both periods": (
        "select account_id from dim_accounts where date '2020-01-01' >= valid_from_date and valid_to_date is not null",
        ("T1-04",),
    ),
    "billing options": ("select 1 from dim_accounts having count(distinct billing_option) > 1", ("T1-05",)),
    "payment options": ("select 1 from dim_accounts having count(distinct payment_option) > 1", ("T1-05",)),
    "web site used and not used": ("select 1 from dim_persons having count(distinct uses_my_account) = 2", ("T1-10",)),
    "opted out and not": ("select 1 from dim_persons having count(distinct is_marketing_opt_out) = 2", ("T1-14",)),
    "a person whom a display reaches": ("from dim_persons where preferred_channel = 'ihd'", ("S1-PRE",)),
}


def asked(questions: dict[str, tuple[str, tuple[str, ...]]]) -> list[object]:
    return [
        pytest.param(query, id=name, marks=pytest.mark.req(*ids, part="data"))
        for name, (query, ids) in questions.items()
    ]


@pytest.mark.parametrize("query", asked(NONE))
def test_no_row_breaks_what_is_asked(tiny_home: Home, query: str) -> None:
    with open_marts(tiny_home) as con:
        assert con.execute(query).fetchall() == []


@pytest.mark.parametrize("query", asked(SOME))
def test_there_are_rows_of_what_is_asked(tiny_home: Home, query: str) -> None:
    with open_marts(tiny_home) as con:
        assert con.execute(query).fetchone() is not None


@pytest.mark.req("NAR-01", part="data")
def test_every_date_has_a_delivery_of_reads(tiny_home: Home) -> None:
    with open_marts(tiny_home) as con:
        daily = con.execute(
            "select distinct first_interval_start_utc::date from fct_file_reconciliation where feed = 'mdms' "
            "and regexp_matches(file_name, 'reads_[0-9-]{10}[.]')"
        ).fetchall()
        history = con.execute(
            "select count(distinct usage_date) from fct_interval_usage where usage_date <= date '2026-03-24'"
        ).fetchone()
    assert {day for (day,) in daily} == {date(2026, 3, day) for day in range(25, 32)}
    assert history == ((date(2026, 3, 24) - date(2025, 10, 1)).days + 1,)


@pytest.mark.req("SYS-CSS", part="data")
def test_bills_have_an_amount_a_rate_and_lines_that_add_up(tiny_home: Home) -> None:
    bills = lake.read_frame(tiny_home, BILLS)
    with duckdb.connect() as con:
        folder = tiny_home.lake / "entities"
        odd = con.execute(
            f"select bill_id from '{folder}/bills/*.parquet' left join '{folder}/bill_lines/*.parquet' using (bill_id) "
            "group by bill_id, billed_usd having sum(amount_usd) is distinct from billed_usd"
        ).fetchall()
    assert bills.height > 100
    assert bills.select("billed_usd", "rate_code", "issued_date").null_count().row(0) == (0, 0, 0)
    assert odd == []


@pytest.mark.req("FR-07", part="data")
def test_survey_answers_equipment_and_consents_are_kept(tiny_home: Home) -> None:
    answers = lake.read_frame(tiny_home, SURVEY_ANSWERS)
    assert answers["survey_origin"].n_unique() == 2
    equipment = lake.read_frame(tiny_home, EQUIPMENT)
    assert equipment["person_id"].null_count() > 0
    assert {"solar_pv", "electric_vehicle"} <= set(equipment["equipment_type"])
    assert set(lake.read_frame(tiny_home, CONSENTS)["consent_status"]) >= {"granted", "denied"}
