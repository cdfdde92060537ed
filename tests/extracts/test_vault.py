"""No personal value lies anywhere below a home but in landing/ and the vault."""

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from models.tables.extracts import RAW_EXTRACTS, VAULT_EXTRACTS
from pipelines import lake
from pipelines.home import Home
from tests.extracts.reading import everything_below, refusals, sent
from tests.extracts.written import ACCOUNT, PERSON, PERSONAL_VALUES, PREMISE, Written, good, sealed

DAMAGE: dict[str, Callable[[str], str]] = {
    "sound": lambda line: line,
    "one field less": lambda line: line.replace(",", "", 1),
    "one field more": lambda line: f"x,{line}",
    "fields turned by one": lambda line: ",".join(line.split(",")[1:] + line.split(",")[:1]),
    "fields turned by three": lambda line: ",".join(line.split(",")[3:] + line.split(",")[:3]),
    "backwards": lambda line: ",".join(reversed(line.split(","))),
    "quotation lost": lambda line: '"' + line.replace(",", '","'),
    "semicolons": lambda line: line.replace(",", ";"),
    "control character": lambda line: line.replace(",", ",\x07", 4),
    "quotation marks": lambda line: line.replace(",", '","', 5),
}
TABLES = {"CRM": ("persons", PERSON), "CSS": ("accounts", ACCOUNT)}


def leaks(home: Home) -> list[tuple[str, str]]:
    """Files with a personal value in them, as text or in a Parquet column."""
    found = []
    for path in everything_below(home.root):
        if path.is_relative_to(home.landing) or path.is_relative_to(home.lake / "vault"):
            continue
        text = str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else _text(path)
        found += [(str(path.relative_to(home.root)), value) for value in PERSONAL_VALUES if value in text]
    return found


def _text(path: Path) -> str:
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            names = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            return str([con.execute(f"select * from {schema}.{name}").fetchall() for schema, name in names])
    return path.read_bytes().decode("utf-8", errors="replace")


@pytest.mark.req("FR-07")
@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("system", TABLES)
def test_damaged_rows_leave_nothing_behind(home: Home, system: str, damage: str) -> None:
    name, row = TABLES[system]
    flat = {column: value.replace("\n", " ") for column, value in row.items()}
    lines = Written(system, [(name, [flat])]).body.splitlines()
    body = "\n".join([*lines[:2], DAMAGE[damage](lines[2]), lines[2]]) + "\n"
    outcome = sent(home, sealed(good(system).header, body, 2), feed=system.lower())
    assert outcome.loaded_count == (2 if damage == "sound" else 1)
    assert leaks(home) == []
    assert not any(value in outcome.message for value in PERSONAL_VALUES)


@pytest.mark.parametrize(
    "file",
    [
        replace(good("CRM"), count=7),
        replace(good("CRM"), utility="OTHER"),
        replace(good("CRM"), tables=[("customers", [PERSON])]),
        replace(good("CRM"), tables=[("persons", [{k: v for k, v in PERSON.items() if k != "age_band"}])]),
        replace(good("CSS"), tables=[("premises", [{**PREMISE, "zip_code": PREMISE["city"]}])]),
    ],
    ids=["whole", "utility", "unknown table", "column missing", "personal value elsewhere"],
)
def test_refused_files_leave_nothing_behind(home: Home, file: Written) -> None:
    sent(home, file)
    assert leaks(home) == []


def test_a_file_that_is_no_extract_in_the_folder_of_a_system(home: Home) -> None:
    sent(home, good("CRM").body, feed="crm")
    assert leaks(home) == []


def test_the_search_finds_what_it_looks_for(home: Home) -> None:
    sent(home, good("CRM"))
    (vault,) = lake.table_folder(home, VAULT_EXTRACTS["crm_persons"]).glob("*.parquet")
    copy = home.lake / "raw" / "crm_persons" / "leak.parquet"
    copy.write_bytes(vault.read_bytes())
    (home.root / "notes.log").write_text(PERSON["email_address"])
    assert {path for path, _ in leaks(home)} == {"lake/raw/crm_persons/leak.parquet", "notes.log"}


def test_the_vault_holds_them_under_the_key_and_for_the_owner_only(home: Home) -> None:
    sent(home, good("CRM"))
    table = VAULT_EXTRACTS["crm_persons"]
    (path,) = lake.table_folder(home, table).glob("*.parquet")
    (row,) = pq.read_table(path).to_pylist()
    assert list(row) == [
        "file_id", "row_number", "person_id", "effective_date", "changed_at_utc",
        "given_name", "family_name", "phone_number", "email_address", "postal_address",
    ]  # fmt: skip
    assert row["postal_address"] == PERSON["postal_address"]
    assert not set(PERSON) - set(row) - set(RAW_EXTRACTS["crm_persons"].columns)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_raw_table_declares_a_personal_column() -> None:
    for name, vault in VAULT_EXTRACTS.items():
        personal = set(vault.columns) - set(RAW_EXTRACTS[name].columns)
        assert personal, name
    assert set(VAULT_EXTRACTS) == {"css_premises", "css_accounts", "crm_persons"}


def test_a_row_with_one_fault_shows_the_rest_without_the_person(home: Home) -> None:
    sent(home, Written("CRM", [("persons", [{**PERSON, "language_code": "xx"}])]))
    ((_, why, text),) = refusals(home)
    assert why.endswith("column language_code holds a value that is not shown; it must be one of en, es, zh, ko, vi")
    assert text == (
        "2026-08-25T18:00:00Z,2026-08-25,N000001,[vault],[vault],[vault],[vault],[vault],[withheld],email,false,true,"
        "35-44,"
    )
