"""The contract as shown, the example file, and the report on a file that is to be sent."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from models.extracts import SYSTEMS, System
from pipelines.contract import check
from pipelines.contract_text import report_text
from pipelines.extracts.example import example_text
from pipelines.extracts.shown import UnknownSystemError, chosen, contract_document, contract_text
from pipelines.feeds import FeedSettings
from pipelines.home import REFERENCE, Home
from tests.extracts.written import BILL, PERSON, PERSONAL_VALUES, good

TARIFFS, PROGRAMS = REFERENCE / "tariffs", REFERENCE / "programs"
Meterhouse = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.code)
def test_the_example_keeps_the_contract(tmp_path: Path, system: System) -> None:
    path = tmp_path / "example.csv"
    path.write_text(example_text(system), encoding="utf-8", newline="")
    (report,) = check(path, FeedSettings())
    assert (report["system_code"], report["status_code"], report["quarantined_count"]) == (system.code, "loaded", 0)
    assert {table["extract_name"] for table in report["tables"]} == {extract.name for extract in system.extracts}
    assert all(table["loaded_count"] == 2 for table in report["tables"])


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.code)
def test_every_table_and_column_is_told(system: System) -> None:
    text, document = contract_text(system), contract_document(system)
    for extract, table in zip(system.extracts, document["tables"], strict=True):
        assert f"TABLE,{extract.name}" in text
        assert [column["name"] for column in table["columns"]] == list(extract.columns)
        personal = tuple(column["name"] for column in table["columns"] if column["is_personal"])
        assert personal == extract.personal_columns
        assert all(column["accepts"] and column["description"] for column in table["columns"])
    assert json.loads(json.dumps(document)) == document


def test_what_the_report_says(tmp_path: Path) -> None:
    file = good("CSS")
    file.tables[2] = ("bills", [{**BILL, "clerk": "7"}, {**BILL, "clerk": "7", "issued_date": "soon"}])
    (report,) = check(file.write(tmp_path), FeedSettings())
    assert (report["sent_count"], report["loaded_count"], report["quarantined_count"]) == (4, 3, 1)
    assert (f"{report['first_business_date']}", f"{report['stale_after_date']}") == ("2026-08-25", "2026-08-26")
    words = report_text([report])
    for expected in (
        "CSS (customer service system) of SIMUTIL",
        "2026-08-25 to 2026-08-25, sent 2026-08-26 05:00 UTC; without a later file its data are stale after 2026-08-26",
        "4 sent = 3 loaded + 1 refused",
        "accounts: 1 row, recorded 2026-08-25 18:00 to 2026-08-25 18:00 UTC, in force from 2026-08-25 to 2026-08-25",
        "bills: 1 row, 1 refused",
        "not read: clerk",
        '1 × line 11: table bills, column issued_date holds "soon"; it must be a date',
    ):
        assert expected in words, words
    assert not any(value in words for value in PERSONAL_VALUES)


def test_a_file_that_would_be_refused(tmp_path: Path) -> None:
    file = replace(good("CRM"), tables=[("persons", [PERSON])], count=2)
    (report,) = check(file.write(tmp_path), FeedSettings())
    assert report["reason"].startswith("the trailer states 2 rows and the file holds 1")
    assert "would be quarantined as a whole" in report_text([report])


def test_the_verb(meterhouse: Meterhouse, tmp_path: Path) -> None:
    example = meterhouse("contract", "show", "crm", "--example")
    assert (example.returncode, example.stdout) == (0, example_text(chosen("CRM")[0]))
    documents = json.loads(meterhouse("contract", "show", "--json").stdout)
    assert [document["system_code"] for document in documents] == [system.code for system in SYSTEMS]
    unknown = meterhouse("contract", "show", "erp")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert 'no contract with a system "erp"; there are CSS, CRM, DMS, WEATHER' in unknown.stderr
    assert meterhouse("contract", "show", "--example").returncode == 2
    checked = meterhouse("contract", "check", good("CSS").write(tmp_path), "--json")
    assert checked.returncode == 0
    assert json.loads(checked.stdout)[0]["utility_code"] == "SIMUTIL"


def test_the_example_is_believable() -> None:
    tables: dict[str, list[dict[str, str]]] = {}
    for system in SYSTEMS:
        for part in example_text(system).split("TABLE,")[1:]:
            name, columns, *lines = part.splitlines()
            rows = [line for line in lines if not line.startswith("TRAILER")]
            tables[name] = [dict(zip(columns.split(","), row.split(","), strict=True)) for row in rows]
    regions = yaml.safe_load((TARIFFS / "baseline.yml").read_text())["versions"][-1]["regions"]
    assert all(row["baseline_region"] in regions for row in tables["premises"])
    zones = [[row["climate_zone"] for row in tables[name]] for name in ("premises", "observations")]
    assert zones[0] == zones[1]
    for row in (*tables["accounts"], *tables["bills"]):
        assert (TARIFFS / f"{row['rate_code']}.yml").is_file()
    for row in tables["enrollments"]:
        assert (PROGRAMS / f"{row['program_id']}.yml").is_file()
    for row in tables["accounts"]:
        assert (row["business_type"] == "") == (row["customer_type"] == "residential")
        assert (row["landlord_person_id"] == "") == (row["tenure_type"] == "owner")
    assert {row["service_voltage"] for row in tables["service_points"]} <= {"120", "208", "240", "277", "480"}
    bill, total = tables["bills"][0], sum(Decimal(row["amount_usd"]) for row in tables["bill_lines"])
    assert (bill["bill_id"], Decimal(bill["billed_usd"])) == (tables["bill_lines"][0]["bill_id"], total)
    for row in tables["bill_lines"]:
        assert (Decimal(row["quantity"]) * Decimal(row["price_usd"])).quantize(Decimal("0.01")) == Decimal(
            row["amount_usd"]
        )


def test_where_the_values_of_open_columns_come_from() -> None:
    css = contract_text(chosen("CSS")[0])
    assert "one of data/reference/tariffs/baseline.yml; not checked" in css
    assert css.count("by its file in data/reference/tariffs; not checked") == 2
    assert "named as in the observations of WEATHER; not checked" in css


@pytest.mark.parametrize("feed", ["css", "billing"])
def test_a_file_below_landing_is_read_as_its_feed_says(home: Home, meterhouse: Meterhouse, feed: str) -> None:
    folder = home.landing / feed
    path = replace(good("CSS"), utility="OTHER").write(folder)
    assert meterhouse("contract", "check", path).returncode == 3
    (folder / "feed.yml").write_text("utility_code: OTHER\nreceived_at_utc: 2026-08-20T00:00:00\n")
    checked = meterhouse("contract", "check", path)
    assert checked.returncode == 3
    assert "more than a day after its receipt (2026-08-20 00:00 UTC)" in checked.stdout
    assert meterhouse("contract", "check", path, "--received-at", "2026-08-26").returncode == 0


def test_a_file_in_the_folder_of_a_system_is_refused_by_the_report_as_by_the_run(
    home: Home, meterhouse: Meterhouse
) -> None:
    path = home.landing / "crm" / "reads.csv"
    path.parent.mkdir(parents=True)
    path.write_text("meter_id,interval_start_utc,interval_minutes,kwh\nM1,2026-08-20T00:00:00Z,60,1\n")
    checked = json.loads(meterhouse("contract", "check", path, "--json").stdout)
    assert checked[0]["reason"].startswith("line 1: the file does not begin with HEADER")
    path = path.rename(home.landing / "reads.csv")
    assert meterhouse("contract", "check", path).returncode == 0


def test_an_unknown_system() -> None:
    with pytest.raises(UnknownSystemError, match="there are CSS"):
        chosen("ERP")
