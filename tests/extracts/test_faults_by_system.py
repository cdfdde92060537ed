"""One broken row, broken file, missing day, re-sent file and file of another utility per system: the load goes on."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from models.tables.extracts import RAW_EXTRACTS
from models.tables.feeds import FEED_FRESHNESS
from pipelines import lake
from pipelines.freshness import freshness, stale_feeds, superseded_rows
from pipelines.home import Home
from pipelines.ingest import ingest_landing
from pipelines.query import open_marts
from tests.extracts.reading import files, refusals
from tests.extracts.test_vault import leaks
from tests.extracts.written import Written, good
from tests.marts.building import build_marts

Meterhouse = Callable[..., subprocess.CompletedProcess[str]]
SYSTEMS = ("CSS", "CRM", "DMS", "WEATHER")
LAST = date(2026, 8, 25)
ROWS = {"CSS": 3, "CRM": 2, "DMS": 1, "WEATHER": 1}


def of_day(system: str, day: date) -> Written:
    """The good file of a day: every row recorded on that day, and in force from it on."""
    file = good(system)
    stamps = {
        "changed_at_utc": f"{day}T18:00:00Z",
        "effective_date": f"{day}",
        "observed_hour_start_utc": "2026-08-20T17:00:00Z",
    }
    file.tables = [
        (name, [{column: stamps.get(column, value) for column, value in row.items()} for row in rows])
        for name, rows in file.tables
    ]
    return replace(file, first=f"{day}", last=f"{day}", sent=f"{day + timedelta(days=1)}T05:00:00Z")


def with_a_broken_row(file: Written) -> Written:
    name, rows = file.tables[0]
    return replace(file, tables=[(name, [*rows, {**rows[0], "changed_at_utc": "yesterday"}]), *file.tables[1:]])


def week_of_faults(home: Home, system: str) -> None:
    """Six days before LAST: good, broken row, broken file, nothing, another utility's, good and sent twice."""
    folder = home.landing / system.lower()
    days = [of_day(system, LAST - timedelta(days=back)) for back in range(5, -1, -1)]
    days[0].write(folder)
    with_a_broken_row(days[1]).write(folder)
    (folder / f"cut_off_{days[2].last}.csv").write_text(days[2].text()[:-80])
    replace(days[4], utility="OTHER").write(folder)
    days[5].write(folder)
    days[5].write(folder, "sent_again.csv")


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_load_goes_on_and_says_why(home: Home, system: str) -> None:
    week_of_faults(home, system)
    outcomes = {outcome.status_code: outcome.message for outcome in ingest_landing(home, lambda _: None)}
    ledger = files(home)
    count = ROWS[system]
    assert ledger["status_code"].value_counts().sort("status_code").rows() == [
        ("loaded", 2), ("loaded_in_part", 1), ("quarantined", 2),
    ]  # fmt: skip
    assert "set aside with reasons in quarantine/" in outcomes["loaded_in_part"]
    (broken,) = refusals(home)
    assert 'column changed_at_utc holds "yesterday"' in broken[1] or "holds a value that is not shown" in broken[1]
    reasons = " ".join(ledger["reason"].drop_nulls())
    assert "the file ends without a trailer" in reasons or "the trailer must read" in reasons
    assert "belongs to utility" in reasons
    assert ledger["loaded_count"].sum() == 3 * count
    state = {row["feed"]: row for row in freshness(home).iter_rows(named=True)}[system.lower()]
    assert (state["last_good_date"], state["is_fresh"]) == (LAST, True)
    assert (state["missing_date_count"], state["first_missing_date"]) == (3, LAST - timedelta(days=3))
    assert leaks(home) == []


@pytest.mark.req("NFR-10")
@pytest.mark.parametrize("system", SYSTEMS)
def test_rows_sent_later_replace_earlier_ones_once(home: Home, system: str) -> None:
    folder = home.landing / system.lower()
    first = of_day(system, LAST)
    first.write(folder)
    replace(first, sent=f"{LAST + timedelta(days=2)}T05:00:00Z").write(folder, "sent_with_another_header.csv")
    ingest_landing(home, lambda _: None)
    rows = superseded_rows(home)
    assert rows["superseded_count"].sum() == ROWS[system]
    earlier = files(home).sort("sent_at_utc")["file_id"][0]
    assert set(rows["file_id"]) == {earlier}


@pytest.mark.long
@pytest.mark.req("NFR-07", "NFR-08")
def test_the_marts_are_published_and_say_which_feed_is_stale(home: Home, meterhouse: Meterhouse) -> None:
    for system in ("CRM", "WEATHER"):
        week_of_faults(home, system)
    of_day("DMS", LAST - timedelta(days=2)).write(home.landing / "dms")
    _reads(home.landing / "mdms" / "reads.csv", LAST - timedelta(days=20), LAST - timedelta(days=8))
    ingest_landing(home, lambda _: None)
    build_marts(home)
    sentences = stale_feeds(lake.read_frame(home, FEED_FRESHNESS))
    assert len(sentences) == 2
    assert "feed dms is stale since 2026-08-23" in sentences[0]
    assert "feed usage is stale since 2026-08-17" in sentences[1]
    _check_marts(home)
    assert leaks(home) == []
    doctor = meterhouse("doctor")
    assert doctor.returncode == 1
    lines = [line for line in doctor.stdout.splitlines() if line.startswith(("mend", "note")) and "feeds" in line]
    assert sum("mend" in line for line in lines) == 2
    assert sum("lacks 3 dates" in line for line in lines) == 2


def _check_marts(home: Home) -> None:
    with open_marts(home) as con:
        told = con.sql("select * from fct_feed_freshness").pl()
        odd = con.sql(
            "select file_name from fct_file_reconciliation "
            "where sent_count <> accepted_count + superseded_count + quarantined_count"
        ).fetchall()
        by_system = con.sql(
            "select system_code, sum(sent_count), sum(accepted_count), sum(superseded_count), sum(quarantined_count) "
            "from fct_file_reconciliation where system_code is not null group by all order by all"
        ).fetchall()
    assert odd == []
    assert told.sort("feed").to_dicts() == lake.read_frame(home, FEED_FRESHNESS).sort("feed").to_dicts()
    assert dict(told.select("feed", "is_fresh").rows()) == {
        "crm": True, "dms": False, "usage": False, "weather": True,
    }  # fmt: skip
    assert [tuple(row) for row in by_system] == [("CRM", 7, 6, 0, 1), ("DMS", 1, 1, 0, 0), ("WEATHER", 4, 1, 2, 1)]
    observations = lake.read_frame(home, RAW_EXTRACTS["weather_observations"])
    assert observations.height == 3, "raw keeps every row"


def _reads(path: Path, first: date, last: date) -> None:
    start = datetime.fromisoformat(f"{first}T07:00:00")
    stamps = (start + timedelta(hours=hours) for hours in range(24 * ((last - first).days + 1)))
    frame = pl.DataFrame([(f"{stamp.isoformat()}Z", 60, 0.5) for stamp in stamps], orient="row")
    frame.columns = ["interval_start_utc", "interval_minutes", "delivered_kwh"]
    path.parent.mkdir(parents=True)
    frame.select(pl.lit("M1").alias("meter_id"), pl.all()).write_csv(path)
