"""Rows that break their contract are set aside one by one, with table, column and what is allowed."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from models.tables.extracts import FILE_EXTRACTS, RAW_EXTRACTS
from pipelines import lake
from pipelines.home import Home
from tests.extracts.reading import files, refusals, sent
from tests.extracts.written import ACCOUNT, BILL, CONSENT, OBSERVATION, PERSON, PREMISE, STAMP, Written, good, sealed


def one_table(system: str, name: str, *rows: Mapping[str, str]) -> Written:
    return Written(system, [(name, rows)])


@pytest.mark.parametrize(
    ("row", "change", "reason"),
    [
        (BILL, {"issued_date": "2026-8-14"}, 'issued_date holds "2026-8-14"; it must be a date from 1900-01-01'),
        (BILL, {"issued_date": "2026-02-30"}, 'issued_date holds "2026-02-30"; it must be a date'),
        (BILL, {"issued_date": "9999-12-31"}, 'issued_date holds "9999-12-31"; it must be a date from 1900-01-01 to 2'),
        (BILL, {"changed_at_utc": "2026-08-25T18:00:00"}, "it must be an instant in UTC"),
        (BILL, {"changed_at_utc": "2026-08-25T18:00:00+02:00"}, "it must be an instant in UTC"),
        (BILL, {"changed_at_utc": "2190-01-01T00:00:00Z"}, "it must be an instant before the file was sent (2026"),
        (BILL, {"billed_usd": "204.175"}, 'billed_usd holds "204.175"; it must be a number with up to 10 digits'),
        (BILL, {"billed_usd": "1e3"}, "billed_usd"),
        (BILL, {"billed_usd": "12345678901.00"}, "up to 10 digits before and 2 behind the point"),
        (BILL, {"billed_usd": "NaN"}, "billed_usd"),
        (BILL, {"is_estimated": "TRUE"}, 'is_estimated holds "TRUE"; it must be true or false'),
        (BILL, {"bill_id": ""}, "bill_id is blank; it must be 1 to 40 letters, digits, hyphens"),
        (BILL, {"bill_id": "B 1"}, 'bill_id holds "B 1"; it must be 1 to 40 letters'),
        (BILL, {"bill_id": "B" * 41}, "bill_id holds"),
        (BILL, {"rate_code": ""}, "rate_code is blank; it must be text"),
        (BILL, {"rate_code": "D\x00"}, "a field holds a control character"),
        (BILL, {"billed_usd": "x", "bill_id": ""}, "wrong as well: billed_usd"),
    ],
)  # fmt: skip
def test_bills(home: Home, row: Mapping[str, str], change: Mapping[str, str], reason: str) -> None:
    outcome = sent(home, one_table("CSS", "bills", row, {**row, **change}, row))
    assert (outcome.sent_count, outcome.loaded_count, outcome.quarantined_count) == (3, 2, 1)
    ((line, why, _),) = refusals(home)
    assert line == 5
    assert why.startswith("table bills")
    assert reason in why


@pytest.mark.parametrize(
    ("system", "table", "row", "change", "reason"),
    [
        ("WEATHER", "observations", OBSERVATION, {"irradiance_w_per_m2": "1501"}, "a whole number from 0 to 1500"),
        ("WEATHER", "observations", OBSERVATION, {"irradiance_w_per_m2": "-1"}, "a whole number from 0 to 1500"),
        ("WEATHER", "observations", OBSERVATION, {"temperature_degc": "33.45"}, "1 behind the point"),
        ("CRM", "consents", CONSENT, {"purpose": "everything"}, "one of marketing, third_party_sharing"),
        ("CSS", "premises", PREMISE, {"zip_code": "9233"}, "it must be five digits"),
        ("CSS", "premises", PREMISE, {"built_year": "99999"}, "a whole number from 1800 to 32767"),
        ("CSS", "accounts", ACCOUNT, {"billing_cycle": "32"}, "a whole number from 1 to 31"),
    ],
)
def test_other_tables(
    home: Home, system: str, table: str, row: Mapping[str, str], change: Mapping[str, str], reason: str
) -> None:
    outcome = sent(home, one_table(system, table, {**row, **change}, row))
    assert (outcome.loaded_count, outcome.quarantined_count) == (1, 1)
    assert reason in refusals(home)[0][1]


def test_fields_that_cannot_be_told_apart_leave_no_text(home: Home) -> None:
    whole = one_table("CRM", "persons", PERSON)
    lines = ['a,"b', "only,three,fields", 'x"y"', '"q"z' + "," * 13]
    body = whole.body + "".join(f"{line}\n" for line in lines)
    outcome = sent(home, sealed(whole.header, body, 1 + len(lines)), feed="crm")
    assert (outcome.loaded_count, outcome.quarantined_count) == (1, 4)
    found = refusals(home)
    assert [text for _, _, text in found] == [None] * 4
    assert found[0][1] == "table persons: a quotation is not closed, or text follows its end"
    assert found[1][1] == "table persons: the row has 3 fields where the table has 14 columns"


def test_a_lost_quotation_mark_costs_one_row(home: Home) -> None:
    table = one_table("CSS", "premises", *(PREMISE for _ in range(9)))
    broken = table.body.replace('Unit 7"', "Unit 7", 1)
    outcome = sent(home, sealed(table.header, broken, 9))
    assert (outcome.loaded_count, outcome.quarantined_count) == (8, 1)


def test_columns_in_any_order_and_columns_that_nobody_asked_for(home: Home) -> None:
    turned = dict(reversed([*BILL.items(), ("clerk_name", "Ottoline")]))
    outcome = sent(home, one_table("CSS", "bills", turned, {**turned, "billed_usd": "?"}))
    assert (outcome.loaded_count, outcome.quarantined_count) == (1, 1)
    bills = lake.read_frame(home, RAW_EXTRACTS["css_bills"])
    assert str(bills["billed_usd"][0]) == "204.17"
    noted = lake.read_frame(home, FILE_EXTRACTS).row(0, named=True)
    assert (noted["extra_columns"], noted["missing_columns"]) == ("clerk_name", None)
    assert "[ignored]" in str(refusals(home)[0][2])


def test_a_table_without_a_column_and_an_unknown_one(home: Home) -> None:
    short = {name: value for name, value in BILL.items() if name != "billed_usd"}
    file = Written("CSS", [("bills", [short, short]), ("secrets", [PERSON]), ("accounts", [ACCOUNT])])
    outcome = sent(home, file)
    assert (outcome.sent_count, outcome.loaded_count, outcome.quarantined_count) == (4, 1, 3)
    found = refusals(home)
    assert found[0][1] == "table bills lacks billed_usd; every column of the contract must be there"
    assert found[2][1].startswith("table secrets is unknown; the tables of CSS are premises, accounts")
    assert [text for _, _, text in found] == [None] * 3
    noted = {row["extract_name"]: row for row in lake.read_frame(home, FILE_EXTRACTS).iter_rows(named=True)}
    assert noted["bills"]["missing_columns"] == "billed_usd"
    assert {name: row["sent_count"] for name, row in noted.items()} == {"bills": 2, "secrets": 1, "accounts": 1}


def test_a_column_twice(home: Home) -> None:
    table = one_table("CSS", "bills", BILL)
    body = table.body.replace("received_kwh", "delivered_kwh")
    sent(home, sealed(table.header, body, 1))
    assert "lacks received_kwh" in refusals(home)[0][1]
    again = table.body.replace("billed_usd\n", "billed_usd,bill_id\n").replace("204.17\n", "204.17,B1\n")
    sent(home, sealed(table.header, again, 1), "again.csv")
    assert "table bills has column bill_id twice; send it once" in {why for _, why, _ in refusals(home)}


def test_a_table_in_two_parts(home: Home) -> None:
    file = Written("CSS", [("bills", [BILL]), ("accounts", [ACCOUNT]), ("bills", [{**BILL, "bill_id": "B2"}])])
    assert sent(home, file).loaded_count == 3
    assert lake.read_frame(home, RAW_EXTRACTS["css_bills"])["bill_id"].sort().to_list() == ["B1", "B2"]


def test_empty_tables_and_an_empty_file(home: Home) -> None:
    assert sent(home, Written("CSS", [("bills", []), ("accounts", [ACCOUNT])])).loaded_count == 1
    empty = Written("DMS", [])
    assert sent(home, empty).status_code == "loaded"
    assert files(home)["loaded_count"].sort().to_list() == [0, 1]


def test_a_file_is_known_again_and_rows_keep_their_place(home: Home) -> None:
    assert sent(home, good("CRM")).status_code == "loaded"
    from pipelines.ingest import ingest_landing

    good("CRM").write(home.landing / "crm", "again.csv")
    assert ingest_landing(home, lambda _: None) == []
    row = lake.read_frame(home, RAW_EXTRACTS["crm_persons"]).row(0, named=True)
    assert row["row_number"] == 4
    assert f"{row['changed_at_utc']:%Y-%m-%dT%H:%M:%SZ}" == STAMP
    assert files(home)["received_at_utc"].to_list() == files(home)["sent_at_utc"].to_list()


def test_all_rows_broken_is_a_quarantined_file(home: Home) -> None:
    outcome = sent(home, replace(one_table("CSS", "bills", {**BILL, "bill_id": ""})))
    assert (outcome.status_code, outcome.sent_count, outcome.quarantined_count) == ("quarantined", 1, 1)
