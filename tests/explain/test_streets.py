"""Accounts of the hand-made streets: which meters count in their numbers, and the numbers computed once more."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from pipelines.entities import build_entities
from pipelines.explain.text import as_text
from pipelines.home import Home
from pipelines.reference import vee_settings
from pipelines.validate import stale_months, validate_months
from tests.explain.asking import ask, is_exact, rows
from tests.marts.conftest import load_reads
from tests.marts.streets import GAP_UTC, ZONE, reads, served
from tests.marts.test_late_news import _gap_reads


def _local_date(start: datetime) -> date:
    return start.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE)).date()


def _energy(account: str, of_month: str) -> dict[date, int]:
    """Delivered watt-hours of an account by date, straight from the reads and the list of who lived where."""
    sums: dict[date, int] = defaultdict(int)
    for meter, channel, start, _, wh in reads().iter_rows():
        on = _local_date(start)
        if channel == "delivered" and meter != "S1" and served(meter, on) == account and f"{on:%Y-%m}" == of_month:
            sums[on] += wh
    return dict(sums)


def _reasons(home: Home, account: str, day: str) -> dict[str, tuple[bool, str]]:
    told = ask(home, "fct_account_daily_usage", account, day, "delivered_kwh")
    assert is_exact(told)
    return {row["meter_id"]: (row["counts"], row["reason"]) for row in rows(told, "meters")}


@pytest.mark.parametrize("account", ["A1", "A2", "A3", "A4", "A6", "A7", "A8"])
def test_a_month_of_an_account_is_explained_from_its_own_reads(streets: Home, account: str) -> None:
    month = "2025-10" if account == "A1" else "2025-11"
    told = ask(streets, "fct_account_monthly_usage", account, month, "delivered_kwh")
    assert is_exact(told)
    expected = _energy(account, month)
    assert told.value == Decimal(sum(expected.values())) / 1000
    by_date: dict[str, int] = defaultdict(int)
    for row in rows(told, "raw_reads"):
        by_date[row["interval_start_utc"]] += row["reported_wh"]
    assert sum(by_date.values()) == sum(expected.values())
    for column in ("received_kwh", "peak_kw", "interval_count", "expected_interval_count", "estimated_interval_count"):
        assert is_exact(ask(streets, "fct_account_monthly_usage", account, month, column)), column


@pytest.mark.parametrize(("meter", "month"), [("M1", "2025-10"), ("M1", "2025-11"), ("M4", "2025-10")])
def test_a_month_of_a_meter_is_explained_whomever_it_served(streets: Home, meter: str, month: str) -> None:
    for column in ("delivered_kwh", "peak_kw", "on_peak_kwh", "interval_count", "estimated_interval_count"):
        told = ask(streets, "fct_monthly_usage", meter, month, column)
        assert is_exact(told), column
        assert [row["meter_id"] for row in rows(told, "meters")] == [meter]


def test_a_sub_meter_does_not_count_and_says_in_what_it_lies(streets: Home) -> None:
    reasons = _reasons(streets, "A4", "2025-11-04")
    together = "one of 2 top-level meters, added up in intervals of 60 minutes"
    assert reasons == {
        "M4": (True, together),
        "M5": (True, together),
        "S1": (False, "sub-meter: what it measures lies within M4"),
    }


def test_an_exchange_names_both_meters_and_the_day(streets: Home) -> None:
    reasons = _reasons(streets, "A3", "2025-11-01")
    assert {meter: counts for meter, (counts, _) in reasons.items()} == {"M2": True, "M3": True}
    assert reasons["M2"][1].endswith("taken off on 2025-11-01")
    assert reasons["M3"][1].endswith("installed on 2025-11-01")
    after = _reasons(streets, "A3", "2025-11-02")
    assert after["M2"] == (False, "exchanged or removed: taken off on 2025-11-01")
    assert after["M3"] == (True, "the account's only top-level meter")
    assert _reasons(streets, "A3", "2025-10-30")["M3"] == (False, "serves the account from a later date on")


def test_a_mover_does_not_get_the_former_occupants_dates(streets: Home) -> None:
    told = ask(streets, "fct_account_monthly_usage", "A2", "2025-11", "delivered_kwh")
    periods = [(row["first_date"], row["last_date"], row["counts"], row["reason"]) for row in rows(told, "meters")]
    assert periods == [
        ("2025-11-01", "2025-11-02", False, "served nobody: the place was vacant"),
        ("2025-11-03", "2025-11-30", True, "the account's only top-level meter"),
    ]
    former = ask(streets, "fct_account_monthly_usage", "A1", "2025-10", "delivered_kwh")
    assert [row["reason"] for row in rows(former, "meters")] == [
        "the account's only top-level meter",
        "served nobody: the place was vacant",
    ]


def test_the_day_of_the_autumn_change_has_100_intervals(streets: Home) -> None:
    told = ask(streets, "fct_daily_usage", "M1", "2025-11-02", "delivered_kwh")
    assert is_exact(told)
    starts = [row["interval_start_local"] for row in rows(told, "intervals")]
    assert len(starts) == len(set(starts)) == 100
    assert [start for start in starts if "T01:15" in start] == [
        "2025-11-02T01:15:00-07:00",
        "2025-11-02T01:15:00-08:00",
    ]


def test_meters_together_are_told_in_their_common_interval(streets: Home) -> None:
    told = ask(streets, "fct_account_interval_usage", "A4", GAP_UTC, "avg_kw")
    assert (told.value, told.recomputed.value, is_exact(told)) == (None, None, True)
    (hour,) = rows(told, "told_intervals")
    assert (hour["interval_minutes"], hour["is_known"], hour["meters"]) == (60, False, "M4, M5")
    known = ask(streets, "fct_account_interval_usage", "A4", GAP_UTC, "delivered_kwh")
    m5 = sum(wh for meter, channel, start, _, wh in reads().iter_rows()
             if (meter, channel, start) == ("M5", "delivered", GAP_UTC))  # fmt: skip
    assert (known.value, is_exact(known)) == (Decimal(m5) / 1000, True)


def test_a_peak_names_the_intervals_that_reach_it(streets: Home) -> None:
    told = ask(streets, "fct_account_daily_usage", "A8", "2025-11-03", "peak_kw")
    assert is_exact(told)
    sections = {section.code: section for section in told.sections}
    reached = sections["told_intervals"].shown
    assert reached
    assert {row["avg_kw"] for row in reached} == {told.value}
    assert max(row["avg_kw"] for row in sections["told_intervals"].rows) == told.value


def test_a_read_leads_to_its_line_in_the_landing_file(streets: Home) -> None:
    told = ask(streets, "fct_daily_usage", "M1", "2025-10-30", "delivered_kwh")
    (landing_file,) = rows(told, "files")
    lines = (streets.landing / landing_file["file_name"]).read_text(encoding="utf-8").splitlines()
    read_rows = rows(told, "raw_reads")
    assert len(read_rows) == 96
    for row in read_rows:
        meter, channel, label, _, wh = lines[row["row_number"] - 1].split(",")
        assert (meter, channel, label, int(wh)) == ("M1", "delivered", row["source_label"], row["reported_wh"])


def test_a_meter_that_no_system_knows_is_explained_too(streets: Home) -> None:
    told = ask(streets, "fct_daily_usage", "U1", "2025-11-03", "peak_kw")
    assert is_exact(told)
    assert rows(told, "meters")[0]["reason"] == "served no account, and no system names its place"


def test_a_changed_number_is_found_out(copy_of_streets: Home) -> None:
    with duckdb.connect(str(copy_of_streets.marts.resolve())) as con:
        con.execute("update fct_daily_usage set delivered_kwh = delivered_kwh + 0.001 where meter_id = 'M1'")
    told = ask(copy_of_streets, "fct_daily_usage", "M1", "2025-11-03", "delivered_kwh")
    assert not is_exact(told)
    assert told.recomputed.sentence.endswith(f"not the published {told.value}")


def test_a_changed_read_is_found_out(copy_of_streets: Home) -> None:
    (path, *_) = copy_of_streets.lake.glob("raw/interval_reads/read_month=2025-11/*.parquet")
    altered = path.with_suffix(".new")
    with duckdb.connect() as con:
        con.execute(
            f"copy (select * replace (if(meter_id = 'M1', reported_wh + 1, reported_wh) as reported_wh) from '{path}') "
            f"to '{altered}' (format parquet)"
        )
    altered.replace(path)
    told = ask(copy_of_streets, "fct_daily_usage", "M1", "2025-11-03", "delivered_kwh")
    assert not is_exact(told)
    assert len(told.recomputed.problems) == 96
    assert "recorded" in told.recomputed.sentence


def test_reads_that_were_loaded_since_the_build_do_not_disturb_it(copy_of_streets: Home, tmp_path: Path) -> None:
    before = ask(copy_of_streets, "fct_daily_usage", "M4", "2025-10-29", "delivered_kwh").document()
    load_reads(copy_of_streets, tmp_path, _gap_reads())
    after = ask(copy_of_streets, "fct_daily_usage", "M4", "2025-10-29", "delivered_kwh").document()
    assert before == after


def test_a_day_that_was_judged_since_the_build_is_noted(copy_of_streets: Home, tmp_path: Path) -> None:
    load_reads(copy_of_streets, tmp_path, _gap_reads())
    build_entities(copy_of_streets)
    validate_months(copy_of_streets, vee_settings(), stale_months(copy_of_streets, vee_settings()), lambda _: None)
    told = ask(copy_of_streets, "fct_daily_usage", "M4", "2025-10-29", "delivered_kwh")
    assert is_exact(told)
    assert told.notes == [
        "M4 has been judged anew on 1 of these dates since this build; `meterhouse run` publishes the outcome"
    ]
    assert "Note: M4 has been judged anew" in as_text(told, None)


def test_the_document_is_plain_data(streets: Home) -> None:
    def leaves(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [leaf for one in value.values() for leaf in leaves(one)]
        return [leaf for one in value for leaf in leaves(one)] if isinstance(value, list) else [value]

    document = ask(streets, "fct_account_daily_usage", "A4", "2025-10-30", "interval_count").document()
    assert {type(leaf) for leaf in leaves(document)} <= {str, int, bool, type(None)}
