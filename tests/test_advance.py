"""`meterhouse simulate --advance`: two more days, one feed held back, and everything that was known before."""

import subprocess
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from pipelines.home import Home
from pipelines.query import open_marts
from sims.systems.mishaps import CUT_OFF, LATE, MISSING, WRONG_HASH

Meterhouse = Callable[..., subprocess.CompletedProcess[str]]
BEFORE, AFTER = date(2026, 3, 31), date(2026, 4, 2)
CHANGED = """
-- rows of a fact up to the earlier business date that differ, but for the meter-days that the run restated
select count(*) from (
    (select {columns} from now.{table} where usage_date <= $before
        except select {columns} from before.{table} where usage_date <= $before)
    union all
    (select {columns} from before.{table} where usage_date <= $before
        except select {columns} from now.{table} where usage_date <= $before)
) as odd
anti join (
    select {key}, usage_date from now.fct_daily_usage
    where restatement_id > (select max(restatement_id) from before.fct_daily_usage)
) using ({key}, usage_date)
"""
FACTS = {
    "fct_interval_usage": "meter_id, interval_start_utc, usage_date, delivered_kwh, received_kwh, quality_code, "
    "account_id, temperature_degc",
    "fct_daily_usage": "meter_id, account_id, usage_date, delivered_kwh, received_kwh, expected_interval_count",
    "fct_account_daily_usage": "account_id, usage_date, delivered_kwh, received_kwh, expected_interval_count",
}
LOST = """
-- periods that ended before and are no longer there as they were
select count(*) from (
    select {columns} from before.{table} where valid_to_date <= $before
    except
    select {columns} from now.{table}
)
"""
HISTORIES = {
    "dim_accounts": "account_id, premise_id, rate_code, valid_from_date, valid_to_date",
    "dim_persons": "person_id, language_code, preferred_channel, valid_from_date, valid_to_date",
    "bridge_account_persons": "account_id, person_id, role, valid_from_date, valid_to_date",
    "bridge_meter_accounts": "meter_id, account_id, premise_id, valid_from_date, valid_to_date",
}


@pytest.mark.long
@pytest.mark.req("NFR-07", "NFR-08", "NFR-10", part="data")
def test_two_more_days_keep_what_was_known_and_a_feed_held_back_is_named(
    copy_of_tiny: Home, tiny_home: Home, meterhouse: Meterhouse
) -> None:
    files_before = {path.name for path in copy_of_tiny.landing.rglob("*")}
    played = meterhouse("simulate", "--advance", 2)
    assert played.returncode == 0, played.stderr
    arrived = {path.name for path in copy_of_tiny.landing.rglob("*")} - files_before
    held_back = {f"crm_{day}.csv" for day in (date(2026, 4, 1), AFTER)}
    assert held_back <= arrived
    for name in held_back:
        (copy_of_tiny.landing / "crm" / name).unlink()

    result = meterhouse("run")
    assert result.returncode == 4, result.stderr
    assert f"feed crm is stale since {BEFORE}" in result.stderr
    with open_marts(copy_of_tiny) as con:
        (business_date,) = con.execute("select business_date from meta_build").fetchone() or ("",)
        fresh = dict(con.execute("select feed, is_fresh from fct_feed_freshness").fetchall())
        last = dict(con.execute("select feed, last_good_date from fct_feed_freshness").fetchall())
    assert business_date == AFTER
    assert fresh == {"crm": False, "css": True, "dms": True, "usage": True, "weather": True}
    assert last == dict.fromkeys(fresh, AFTER) | _late(copy_of_tiny) | {"crm": BEFORE}
    doctor = meterhouse("doctor")
    assert doctor.returncode == 1
    assert "feed crm is stale" in " ".join(doctor.stdout.split())
    _assert_known_before(tiny_home, copy_of_tiny)


def _late(home: Home) -> dict[str, date]:
    """Feeds whose file of the last date did not come in order, as the truth says, and the date before it."""
    kinds = [CUT_OFF, WRONG_HASH, MISSING, LATE]
    labels = pl.read_parquet(home.truth / "mishaps" / f"{AFTER}.parquet").filter(pl.col("mishap_kind").is_in(kinds))
    return {code.lower(): AFTER - timedelta(days=1) for code in labels["system_code"]}


def _assert_known_before(before: Home, now: Home) -> None:
    """Facts of earlier dates but for restated meter-days, and periods that had ended, are as they were."""
    with duckdb.connect() as con:
        for name, home in (("before", before), ("now", now)):
            con.execute(f"attach '{home.marts.resolve()}' as {name} (read_only)")
        restated = con.execute(
            "select count(*) from now.fct_daily_usage where usage_date <= $1 and restatement_id > "
            "(select max(restatement_id) from before.fct_daily_usage)",
            [BEFORE],
        ).fetchone()
        assert restated is not None
        assert 0 < restated[0] < 100
        for table, columns in FACTS.items():
            key = columns.split(",")[0]
            query = CHANGED.format(table=table, columns=columns, key=key)
            assert con.execute(query, {"before": BEFORE}).fetchone() == (0,), table
        for table, columns in HISTORIES.items():
            query = LOST.format(table=table, columns=columns)
            assert con.execute(query, {"before": BEFORE}).fetchone() == (0,), table
            counted = con.execute(f"select count(*) from before.{table} where valid_to_date <= $1", [BEFORE]).fetchone()
            assert counted is not None
            assert counted[0] > 0, table
