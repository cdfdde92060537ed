"""What follows a person, what stays with a premise, and whom to believe about a device."""

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.entities.devices import PRECEDENCE
from models.tables.entities import ACCOUNT_PERSONS, ACCOUNTS, CONSENTS, DEVICES, INTERACTIONS, PERSONS, WEATHER
from tests.entities.extracts import SENT, build, day
from tests.vee.worlds import EXAMPLES

MANY = settings(EXAMPLES, max_examples=EXAMPLES.max_examples * 8)
REPORT = st.fixed_dictionaries(
    {
        "reported_by": st.sampled_from(PRECEDENCE),
        "device_type": st.sampled_from(["ihd", "pct"]),
        "can_display_text": st.sampled_from([None, True, False]),
        "is_controllable": st.sampled_from([None, True, False]),
        "removed_at_utc": st.sampled_from([None, SENT]),
    }
)
REPORTS = st.lists(REPORT, min_size=1, max_size=4, unique_by=lambda report: report["reported_by"])


@MANY
@given(REPORTS)
@pytest.mark.req("FR-28", part="data")
def test_each_attribute_is_that_of_the_highest_source_that_says_something(reports: list[dict[str, Any]]) -> None:
    row = build({"dms_devices": [{"device_id": "d", **report} for report in reports]})[DEVICES].row(0, named=True)
    ranked = sorted(reports, key=lambda report: PRECEDENCE.index(report["reported_by"]))
    top = ranked[0]
    assert row["source_system"] == top["reported_by"]
    assert row["device_type"] == top["device_type"]
    assert row["removed_at_utc"] == top["removed_at_utc"]
    said = [report["can_display_text"] for report in ranked if report["can_display_text"] is not None]
    assert (row["can_display_text"], row["is_display_known"]) == (said[0] if said else False, bool(said))
    assert row["source_count"] == len(reports)
    alike = {(r["device_type"], r["can_display_text"], r["is_controllable"], r["removed_at_utc"]) for r in reports}
    if len(alike) == 1:
        assert row["conflict_count"] == 0
    types = sum(report["device_type"] != top["device_type"] for report in reports)
    assert row["conflict_count"] >= types


@pytest.mark.req("FR-28", part="data")
def test_a_device_that_sources_report_differently_is_resolved_and_its_conflicts_counted() -> None:
    reports = {
        "crm_devices": [{"device_id": "d", "reported_by": "CRM", "device_type": "ihd", "can_display_text": True,
                         "device_model": "said on the phone"}],
        "css_devices": [{"device_id": "d", "reported_by": "CSS", "device_type": "pct", "can_display_text": False}],
        "dms_devices": [{"device_id": "d", "reported_by": "DMS", "device_type": "pct"}],
    }  # fmt: skip
    row = build(reports)[DEVICES].row(0, named=True)
    assert (row["device_type"], row["can_display_text"], row["device_model"]) == ("pct", False, "said on the phone")
    assert (row["source_system"], row["source_count"], row["conflict_count"]) == ("DMS", 3, 2)


def test_a_source_may_report_through_any_system_and_its_last_word_counts() -> None:
    early = {"device_id": "d", "reported_by": "WEB", "can_display_text": True, "changed_at_utc": SENT}
    late = early | {"can_display_text": False, "changed_at_utc": SENT + timedelta(hours=1)}
    for first, second in itertools.permutations(["css_devices", "crm_devices"]):
        row = build({first: [early], second: [late]})[DEVICES].row(0, named=True)
        assert (row["can_display_text"], row["source_count"], row["conflict_count"]) == (False, 1, 0)


@pytest.mark.req("FR-08", "FR-09", part="data")
def test_a_mover_keeps_language_and_consents_and_the_device_stays() -> None:
    built = build(
        {
            "crm_persons": [{"person_id": "r", "language_code": "ko", "preferred_channel": "sms"}],
            "crm_consents": [{"person_id": "r", "purpose": "third_party_sharing", "consent_status": "granted"}],
            "crm_account_persons": [
                {"account_id": "a1", "person_id": "r", "start_date": day("01-01")},
                {"account_id": "a1", "person_id": "r", "start_date": day("01-01"), "end_date": day("02-01"),
                 "effective_date": day("02-01")},
                {"account_id": "a2", "person_id": "r", "start_date": day("02-01"), "effective_date": day("02-01")},
                {"account_id": "a3", "person_id": "newcomer", "start_date": day("02-05")},
            ],
            "css_accounts": [
                {"account_id": "a1", "premise_id": "p1"},
                {"account_id": "a1", "premise_id": "p1", "account_status": "closed", "effective_date": day("02-01")},
                {"account_id": "a2", "premise_id": "p2", "effective_date": day("02-01")},
                {"account_id": "a3", "premise_id": "p1", "effective_date": day("02-05")},
            ],
            "dms_devices": [{"device_id": "d", "reported_by": "DMS", "premise_id": "p1"}],
        }
    )  # fmt: skip
    assert built[PERSONS].select("person_id", "language_code", "preferred_channel").rows() == [("r", "ko", "sms")]
    columns = ["account_id", "person_id", "valid_from_date", "valid_to_date", "is_current"]
    assert built[ACCOUNT_PERSONS].select(columns).rows() == [
        ("a1", "r", day("01-01"), day("02-01"), False),
        ("a2", "r", day("02-01"), None, True),
        ("a3", "newcomer", day("02-05"), None, True),
    ]
    current = built[ACCOUNTS].filter("is_current")
    assert current.select("account_id", "premise_id").rows() == [("a2", "p2"), ("a3", "p1")]
    assert built[DEVICES]["premise_id"].to_list() == ["p1"]
    assert built[CONSENTS]["person_id"].to_list() == ["r"]


def test_who_comes_back_to_an_account_belongs_to_it_twice() -> None:
    stays = [(day("01-01"), day("01-05")), (day("01-10"), None)]
    rows = [
        {"account_id": "a", "person_id": "r", "start_date": start, "end_date": end, "effective_date": end or start}
        for start, end in stays
    ]
    found = build({"crm_account_persons": rows})[ACCOUNT_PERSONS]
    assert found.select("valid_from_date", "valid_to_date").rows() == stays


def test_one_log_of_contacts_names_who_wrote_each_row() -> None:
    found = build(
        {
            "css_interactions": [{"interaction_id": "i1", "interaction_at_utc": SENT}],
            "crm_interactions": [{"interaction_id": "i1", "recorded_by": "WEB"}, {"interaction_id": "i2"}],
        }
    )[INTERACTIONS]
    assert found.select("interaction_id", "source_system").rows() == [("i1", "CSS"), ("i1", "WEB"), ("i2", "CSR")]


@MANY
@given(st.lists(st.none() | st.integers(-400, 500), min_size=1, max_size=4))
@pytest.mark.req("NAR-03", part="data")
def test_the_weather_of_a_zone_is_the_mean_of_its_stations_rounded_half_up(tenths: list[int | None]) -> None:
    hour = datetime.fromisoformat("2026-01-01 05:00")
    rows = [
        {"station_id": f"w{number}", "climate_zone": "coast", "observed_hour_start_utc": hour,
         "temperature_degc": None if value is None else Decimal(value) / 10}
        for number, value in enumerate(tenths)
    ]  # fmt: skip
    row = build({"weather_observations": rows})[WEATHER].row(0, named=True)
    said = [value for value in tenths if value is not None]
    expected = Decimal((2 * sum(said) + len(said)) // (2 * len(said))) / 10 if said else None
    assert (row["temperature_degc"], row["station_count"]) == (expected, len(tenths))
