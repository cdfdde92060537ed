"""Rows that cannot be, though each value could: refused one by one, with table, columns and what must hold."""

import json

import pytest

from models.extracts import SYSTEMS, Extract
from pipelines.extracts.example import example_text
from pipelines.extracts.shown import contract_document, contract_text
from pipelines.home import Home
from tests.extracts.reading import refusals, sent
from tests.extracts.written import BILL, CONSENT, DEVICE, OBSERVATION, STAMP, Written

STATE = {"changed_at_utc": STAMP, "effective_date": "2026-08-25"}
METER = STATE | {
    "meter_id": "M1",
    "installed_date": "2026-08-25",
    "removed_date": "",
    "service_point_id": "S1",
    "parent_meter_id": "",
    "interval_minutes": "15",
    "has_received_channel": "false",
    "register_digits": "5",
    "meter_multiplier": "1",
    "feeder_id": "",
}
ENROLLMENT = STATE | {
    "enrollment_id": "E1",
    "account_id": "A1",
    "program_id": "PTR",
    "enrollment_status": "active",
    "enrolled_date": "2026-08-01",
    "left_date": "",
    "application_id": "",
    "campaign_id": "",
}
MEMBER = STATE | {
    "account_id": "A1",
    "person_id": "N1",
    "role": "household_member",
    "start_date": "2026-08-01",
    "end_date": "",
}
EQUIPMENT = STATE | {
    "equipment_id": "Q1",
    "premise_id": "P1",
    "person_id": "",
    "equipment_type": "central_ac",
    "rated_kw": "3.5",
    "installed_date": "2026-08-01",
    "removed_date": "",
}
LAWFUL = [
    ("CSS", "meters", METER, {}),
    ("CSS", "meters", METER, {"removed_date": "2026-08-25"}),
    ("CSS", "meters", METER, {"parent_meter_id": "M2", "interval_minutes": ""}),
    ("CSS", "meters", METER, {"interval_minutes": "1440"}),
    ("CSS", "enrollments", ENROLLMENT, {}),
    ("CSS", "enrollments", ENROLLMENT, {"enrollment_status": "left", "left_date": "2026-08-01"}),
    ("CSS", "bills", BILL, {"bill_end_date": "2026-07-13"}),
    ("CRM", "account_persons", MEMBER, {"end_date": "2026-08-01"}),
    ("CRM", "equipment", EQUIPMENT, {"removed_date": "2026-08-01"}),
    ("CRM", "equipment", EQUIPMENT, {"premise_id": "", "person_id": "N1", "installed_date": "", "removed_date": ""}),
    ("CRM", "consents", CONSENT, {"valid_to_utc": "2026-08-24T23:00:00Z"}),
    ("CRM", "consents", CONSENT, {"valid_to_utc": "2020-01-01T00:00:00Z", "consent_status": "revoked"}),
    ("DMS", "devices", DEVICE, {"removed_at_utc": STAMP}),
    ("WEATHER", "observations", OBSERVATION, {"observed_hour_start_utc": STAMP}),
]
BROKEN = [
    ("CSS", "meters", METER, {"removed_date": "2026-08-24"}, "removed_date must not lie before installed_date"),
    ("CSS", "meters", METER, {"parent_meter_id": "M1"}, "parent_meter_id must name another than meter_id"),
    ("CSS", "meters", METER, {"interval_minutes": "7"}, "it must be one of 5, 10, 15, 30, 60, 1440"),
    (
        "CSS", "meters", METER, {"removed_date": "2026-08-24", "parent_meter_id": "M1"},
        "removed_date must not lie before installed_date, and parent_meter_id must name another than meter_id",
    ),
    (
        "CSS", "enrollments", ENROLLMENT, {"enrollment_status": "left"},
        "left_date must be given where enrollment_status is left",
    ),
    (
        "CSS", "enrollments", ENROLLMENT, {"enrollment_status": "left", "left_date": "2026-07-31"},
        "left_date must not lie before enrolled_date",
    ),
    ("CSS", "bills", BILL, {"bill_end_date": BILL["bill_start_date"]}, "bill_end_date must lie after bill_start_date"),
    ("CRM", "account_persons", MEMBER, {"end_date": "2026-07-31"}, "end_date must not lie before start_date"),
    ("CRM", "equipment", EQUIPMENT, {"removed_date": "2026-07-31"}, "removed_date must not lie before installed_date"),
    ("CRM", "equipment", EQUIPMENT, {"premise_id": ""}, "premise_id or person_id must be given"),
    (
        "CRM", "consents", CONSENT, {"valid_to_utc": "2026-08-23T23:59:59Z"},
        "valid_to_utc must not lie before effective_date where consent_status is granted",
    ),
    *(
        (
            system, "devices", DEVICE, {"removed_at_utc": "2026-08-25T17:59:59Z"},
            "removed_at_utc must not lie before registered_at_utc",
        )
        for system in ("CSS", "CRM", "DMS")
    ),
    (
        "WEATHER", "observations", OBSERVATION, {"observed_hour_start_utc": "2026-08-25T17:30:00Z"},
        "observed_hour_start_utc must be the start of an hour",
    ),
    (
        "WEATHER", "observations", OBSERVATION, {"observed_hour_start_utc": "2026-08-25T19:00:00Z"},
        "changed_at_utc must not lie before observed_hour_start_utc",
    ),
]  # fmt: skip
RULED = [extract for system in SYSTEMS for extract in system.extracts if extract.rules]


@pytest.mark.req("FR-04")
@pytest.mark.parametrize(("system", "table", "row", "change", "why"), BROKEN)
def test_a_row_that_cannot_be_is_refused(
    home: Home, system: str, table: str, row: dict[str, str], change: dict[str, str], why: str
) -> None:
    outcome = sent(home, Written(system, [(table, [row, row | change, row])]))
    assert (outcome.loaded_count, outcome.quarantined_count) == (2, 1)
    ((line, reason, text),) = refusals(home)
    assert line == 5
    assert reason.startswith(f"table {table}")
    assert reason.endswith(why)
    assert text is not None


@pytest.mark.parametrize(("system", "table", "row", "change"), LAWFUL)
def test_a_row_at_the_edge_of_a_rule_stands(
    home: Home, system: str, table: str, row: dict[str, str], change: dict[str, str]
) -> None:
    assert sent(home, Written(system, [(table, [row | change])])).status_code == "loaded", refusals(home)


def test_every_rule_is_broken_here() -> None:
    broken = {(system, table, why) for system, table, _, _, why in BROKEN}
    for extract in RULED:
        for rule in extract.rules:
            assert (extract.system_code, extract.name, rule.text) in broken


def test_a_value_that_no_column_accepts_is_told_first(home: Home) -> None:
    row = METER | {"removed_date": "2026-08-24", "meter_multiplier": "one"}
    sent(home, Written("CSS", [("meters", [row])]))
    ((_, reason, _),) = refusals(home)
    assert 'column meter_multiplier holds "one"' in reason


@pytest.mark.parametrize("extract", RULED, ids=lambda extract: extract.raw_name)
def test_the_contract_tells_its_rules(extract: Extract) -> None:
    (system,) = (one for one in SYSTEMS if one.code == extract.system_code)
    section = contract_text(system).split(f"TABLE,{extract.name}\n")[1].split("\n\n")[0]
    (table,) = (one for one in contract_document(system)["tables"] if one["name"] == extract.name)
    assert json.loads(json.dumps(table["rules"])) == [
        {"columns": list(rule.columns), "text": rule.text} for rule in extract.rules
    ]
    for rule in extract.rules:
        assert set(rule.columns) <= set(extract.columns)
        assert all(column in rule.text for column in rule.columns)
        assert rule.text in section


def test_no_example_is_needed_for_what_no_contract_has() -> None:
    from pipelines.extracts.example import VALUES

    known = {name for system in SYSTEMS for extract in system.extracts for name in extract.columns}
    known |= {f"{extract.name}.{name}" for system in SYSTEMS for extract in system.extracts for name in extract.columns}
    assert set(VALUES) <= known
    assert all(example_text(system) for system in SYSTEMS)
