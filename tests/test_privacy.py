"""No name, address, telephone number or e-mail address of anybody lies below a home but in landing/ and the vault."""

import csv
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from models.extracts import SYSTEMS
from pipelines.home import Home

Meterhouse = Callable[..., subprocess.CompletedProcess[str]]
WORD = re.compile(rb"[\w\x80-\xff]+")
EXPECTED = {"given_name", "family_name", "phone_number", "email_address", "postal_address", "street_address",
            "account_name", "mailing_address", "city"}  # fmt: skip


def personal_values(home: Home) -> dict[str, set[bytes]]:
    """Values of the contracts' personal columns by column, from every file of landing, refused ones included."""
    found: dict[str, set[bytes]] = {}
    for system in SYSTEMS:
        personal = {extract.name: extract.personal_columns for extract in system.extracts}
        for path in (home.landing / system.code.lower()).glob("*.csv"):
            wanted: tuple[str, ...] = ()
            header: list[str] | None = None
            for row in csv.reader(path.read_text(encoding="utf-8").splitlines()):
                if row[0] == "TABLE":
                    wanted, header = personal[row[1]], None
                elif header is None:
                    header = row
                elif wanted:
                    for name, value in zip(header, row, strict=False):
                        if name in wanted and value:
                            found.setdefault(name, set()).add(value.encode())
    return found


def texts(path: Path) -> Iterator[bytes]:
    """What a file says: every text of a Parquet or DuckDB file once, else its bytes."""
    if path.suffix == ".parquet":
        for column in pl.read_parquet(path, hive_partitioning=False):
            assert not column.dtype.is_nested(), f"{path}: how to search {column.name}?"
            if column.dtype in (pl.String, pl.Categorical, pl.Enum):
                yield "\n".join(column.unique().drop_nulls()).encode()
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            for schema, table in con.execute("select schema_name, table_name from duckdb_tables()").fetchall():
                for name, kind, *_ in con.execute(f'describe "{schema}"."{table}"').fetchall():
                    if "VARCHAR" in kind or "ENUM" in kind:
                        values = con.execute(f'select distinct "{name}"::varchar from "{schema}"."{table}"').fetchall()
                        yield "\n".join(value for (value,) in values if value is not None).encode()
    else:
        yield path.read_bytes()


def leaks(home: Home, values: dict[str, set[bytes]]) -> list[tuple[str, bytes]]:
    """Files below a home and the personal values that they hold in whole words; not in landing/, truth/, the vault."""
    words = {value: set(WORD.findall(value)) for of_column in values.values() for value in of_column}
    allowed = (home.landing, home.truth, home.lake / "vault")
    found = []
    for path in sorted(home.root.rglob("*")):
        if path.is_symlink() or not path.is_file() or any(path.is_relative_to(folder) for folder in allowed):
            continue
        for text in texts(path):
            known = set(WORD.findall(text))
            suspects = (value for value, parts in words.items() if parts <= known)
            found += [(str(path.relative_to(home.root)), value) for value in suspects if value in text]
    return found


@pytest.mark.req("FR-07", "FR-08", part="data")
def test_no_personal_value_lies_outside_landing_and_the_vault(tiny_home: Home) -> None:
    values = personal_values(tiny_home)
    assert set(values) == EXPECTED
    assert sum(map(len, values.values())) > 400
    assert leaks(tiny_home, values) == []


@pytest.mark.req("FR-07", "FR-08", part="data")
def test_parts_of_extracts_that_are_loaded_by_hand(copy_of_tiny: Home, tmp_path: Path, meterhouse: Meterhouse) -> None:
    values = personal_values(copy_of_tiny)
    folder = tmp_path / "parts"
    folder.mkdir()
    parts = []
    for path in sorted(copy_of_tiny.landing.glob("c[rs][ms]/*.csv"), key=lambda path: path.stat().st_size)[-4:]:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        parts += ["".join(lines[3:99]), "".join(lines[1:]), "".join(lines).replace(",", ";")]
    for number, text in enumerate(parts):
        (folder / f"part_{number}.csv").write_text(text, encoding="utf-8")
    told = meterhouse("ingest", folder)
    assert told.returncode == 3
    assert told.stderr.count("looks like a part of a system's extract") == len(parts)
    words = set(WORD.findall((told.stdout + told.stderr).encode()))
    assert not any(set(WORD.findall(value)) <= words for value in values["phone_number"] | values["email_address"])
    assert leaks(copy_of_tiny, values) == []


def test_the_vault_holds_the_same_values(tiny_home: Home) -> None:
    values = personal_values(tiny_home)
    kept: dict[str, set[bytes]] = {}
    for path in (tiny_home.lake / "vault").rglob("*.parquet"):
        frame = pl.read_parquet(path)
        for name in EXPECTED & set(frame.columns):
            kept.setdefault(name, set()).update(value.encode() for value in frame[name].drop_nulls())
    assert kept.keys() == EXPECTED
    for name, of_column in kept.items():
        assert of_column <= values[name]


@pytest.mark.parametrize("place", ["lake/raw/a.parquet", "warehouse/b.duckdb", "quarantine/c.csv", ".dagster/d.log"])
def test_the_search_finds_what_it_looks_for(home: Home, place: str) -> None:
    values = {"account_name": {"Zoë Öz".encode()}, "phone_number": {b"(310) 555-0143"}, "given_name": {b"Art"}}
    path = home.root / place
    path.parent.mkdir(parents=True)
    said = ["Articles of Art", "call (310) 555-0143", "Zoë Öz, 1 Elm"]
    frame = pl.DataFrame({"number": [1, 2, 3], "note": said})
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path)) as con:
            con.register("frame", frame.to_arrow())
            con.execute("create table notes as from frame")
    else:
        path.write_text("\n".join(said), encoding="utf-8")
    assert sorted(value.decode() for _, value in leaks(home, values)) == ["(310) 555-0143", "Art", "Zoë Öz"]
    assert leaks(home, {"given_name": {b"Arti", b"555-014", b"Zo"}}) == []
