"""The files that the simulated utility sent: each is accounted for, and what went wrong with it shows."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.tables.raw import FILES, QUARANTINED_ROWS
from pipelines import lake
from pipelines.home import Home
from pipelines.query import open_marts
from sims.systems.mishaps import (
    BROKEN_ROW,
    CUT_OFF,
    DUPLICATE_ROW,
    FILE_RATES,
    LATE,
    MISSING,
    RESENT_IDENTICAL,
    RESENT_NEWER,
    WRONG_HASH,
    WRONG_UTILITY,
)

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def mishaps(tiny_home: Home) -> pl.DataFrame:
    return pl.read_parquet(tiny_home.truth / "mishaps" / "*.parquet").with_columns(
        landed=pl.col("system_code").str.to_lowercase() + "/" + pl.col("file_name"),
        follower=pl.col("system_code").str.to_lowercase() + "/" + pl.col("detail").str.extract(r"^(\S+) follows on"),
        follower_date=pl.col("detail").str.extract(r"follows on (\S+)$").str.to_date(),
    )


@pytest.fixture(scope="module")
def files(tiny_home: Home) -> Rows:
    """Rows of the reconciliation by name of the file."""
    with open_marts(tiny_home) as con:
        frame = con.sql("from fct_file_reconciliation").pl()
    return {row["file_name"]: row for row in frame.iter_rows(named=True)}


@pytest.mark.req("NFR-10", part="data")
def test_every_file_adds_up(files: Rows) -> None:
    for name, row in files.items():
        if row["sent_count"] is None:
            assert (row["status_code"], bool(row["reason"])) == ("quarantined", True), name
        else:
            taken = row["accepted_count"] + row["superseded_count"] + row["quarantined_count"]
            assert row["sent_count"] == taken, name


def test_every_file_of_landing_is_in_the_reconciliation_or_equal_to_one(tiny_home: Home, files: Rows) -> None:
    hashes = {row["sha256"] for row in files.values()}
    sent = [path for path in tiny_home.landing.rglob("*") if path.is_file() and path.name != "feed.yml"]
    names = {str(path.relative_to(tiny_home.landing)) for path in sent}
    assert set(files) <= names
    for path in sent:
        if str(path.relative_to(tiny_home.landing)) not in files:
            assert _hash(path) in hashes, path


@pytest.mark.parametrize("kind", [*FILE_RATES, BROKEN_ROW, DUPLICATE_ROW])
def test_each_system_had_every_mishap(mishaps: pl.DataFrame, kind: str) -> None:
    """Half a year of history has no month for late files and wrong hashes: one system has each in its last days."""
    systems = set(mishaps.filter(mishap_kind=kind)["system_code"])
    assert systems == {LATE: {"WEATHER"}, WRONG_HASH: {"CRM"}}.get(kind, {"CRM", "CSS", "DMS", "WEATHER"})


def test_broken_rows_are_in_quarantine_and_no_others(tiny_home: Home, mishaps: pl.DataFrame, files: Rows) -> None:
    refused_whole = {name for name, row in files.items() if row["status_code"] == "quarantined"}
    broken = mishaps.filter(pl.col("mishap_kind") == BROKEN_ROW, ~pl.col("landed").is_in(refused_whole))
    extracts = lake.read_frame(tiny_home, FILES).filter(pl.col("system_code").is_not_null())
    rows = lake.read_frame(tiny_home, QUARANTINED_ROWS).join(extracts, on="file_id").filter(pl.col("row_number") > 0)
    found = {(row["file_name"], row["row_number"]): row["reason"] for row in rows.iter_rows(named=True)}
    wanted = {(row["landed"], row["line_number"]): row for row in broken.iter_rows(named=True)}
    resent = {(name.replace("_r1.", "."), line) for name, line in found.keys() - wanted.keys()}
    assert resent <= set(mishaps.filter(mishap_kind=BROKEN_ROW).select("landed", "line_number").rows())
    assert wanted.keys() <= found.keys()
    for place, label in wanted.items():
        column = label["detail"].partition(" ")[2]
        assert f"table {label['table_name']}" in found[place]
        assert (column or "fields") in found[place]


def _is_refused(files: Rows, row: dict[str, Any], why: str) -> bool:
    refused = files[row["landed"]]
    return refused["status_code"] == "quarantined" and why in refused["reason"]


def _is_followed(files: Rows, row: dict[str, Any]) -> bool:
    follower = files[row["follower"]]
    is_whole = follower["status_code"] in ("loaded", "loaded_in_part") and follower["business_date"]
    return is_whole == row["business_date"] and follower["received_at_utc"].date() >= row["follower_date"]


def _is_superseded(files: Rows, row: dict[str, Any]) -> bool:
    first, second = files[row["landed"]], files[row["follower"]]
    return (
        first["superseded_count"] == first["sent_count"]
        and second["accepted_count"] + second["quarantined_count"] == second["sent_count"] >= first["sent_count"]
    )


SHOWS: dict[str, Callable[[Rows, dict[str, Any]], bool]] = {
    CUT_OFF: lambda files, row: _is_refused(files, row, "cut off") and _is_followed(files, row),
    WRONG_HASH: lambda files, row: _is_refused(files, row, "SHA-256") and _is_followed(files, row),
    WRONG_UTILITY: lambda files, row: _is_refused(files, row, f'utility "{row["detail"]}"'),
    MISSING: lambda files, row: row["landed"] not in files and _is_followed(files, row),
    LATE: _is_followed,
    RESENT_NEWER: lambda files, row: _is_followed(files, row) and _is_superseded(files, row),
    RESENT_IDENTICAL: lambda files, row: row["landed"] in files and row["follower"] not in files,
    DUPLICATE_ROW: lambda files, row: files[row["landed"]]["superseded_count"] >= 1,
}


@pytest.mark.parametrize("kind", SHOWS)
def test_the_mishap_shows_in_the_reconciliation(mishaps: pl.DataFrame, files: Rows, kind: str) -> None:
    rows = mishaps.filter(mishap_kind=kind)
    assert rows.height
    assert [row for row in rows.iter_rows(named=True) if not SHOWS[kind](files, row)] == []


def test_files_sent_again_unchanged_are_the_same_bytes(tiny_home: Home, mishaps: pl.DataFrame) -> None:
    for row in mishaps.filter(mishap_kind=RESENT_IDENTICAL).iter_rows(named=True):
        assert _hash(tiny_home.landing / row["landed"]) == _hash(tiny_home.landing / row["follower"])


@pytest.mark.req("NFR-08", part="data")
def test_feeds_are_whole_in_the_end(tiny_home: Home) -> None:
    with open_marts(tiny_home) as con:
        rows = con.execute(
            "select feed, last_good_date, missing_date_count, is_fresh from fct_feed_freshness order by feed"
        ).fetchall()
    last = date(2026, 3, 31)
    assert rows == [(feed, last, 0, True) for feed in ("crm", "css", "dms", "usage", "weather")]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
