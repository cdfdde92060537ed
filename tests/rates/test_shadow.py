"""Bills priced once more: every bill that can be is, every other one says why, every known mistake is recognised."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from models.extracts.css import BILL_LINE_CODES
from models.rates.bill_changes import CAUSES, bill_changes
from models.rates.shadow import Repriced, repriced
from models.tables.entities import BILL_LINES
from models.tables.rates import BILLING_PERIODS, REPRICED_BILLS
from pipelines.offers import tariffs
from tests.options.years import bills as made_bills
from tests.options.years import cells as made_cells

BOOK = tariffs()
HOURLY = dict.fromkeys("ABCDEFG", 700)
TERMS: dict[str, dict[str, object]] = {
    "A": {},
    "B": {"rate_code": "NOBODY-KNOWS"},
    "C": {"baseline_region": "99"},
    "D": {"interval_minutes": None},
    "E": {"rate_code": "TOU-D-PRIME", "baseline_region": None},
    "F": {"rate_code": "TOU-D-4-9PM"},
}


def world(
    names: str, amounts: dict[str, int] | None = None, first: date = date(2025, 9, 1), count: int = 4
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Bills, lines, periods and cells of accounts; bills are right unless amounts in cents are given by id."""
    periods = made_bills({name: TERMS[name] for name in names}, count, first).with_columns(
        issued_date=pl.col("bill_end_date"), net_metering_number=pl.lit(None, dtype=pl.Int32)
    )
    cells = made_cells(BOOK, periods, HOURLY)
    energy = cells.group_by("account_id", "bill_start_date").agg(pl.col("delivered_wh").sum())
    bills = periods.join(energy, on=["account_id", "bill_start_date"]).select(
        "bill_id", "account_id", "bill_start_date", "bill_end_date", "issued_date", "rate_code",
        delivered_kwh=(pl.col("delivered_wh").cast(pl.Decimal(18, 3)) / 1000).cast(pl.Decimal(14, 3)),
        received_kwh=pl.lit(Decimal(0)).cast(pl.Decimal(14, 3)),
        is_estimated=pl.lit(value=False),
        billed_usd=pl.lit(Decimal(0)).cast(pl.Decimal(12, 2)),
    )  # fmt: skip
    lines, typed = BILL_LINES.empty(), periods.select(BILLING_PERIODS.columns.keys())
    cells = cells.with_columns(interval_count=pl.lit(4) * 7, estimated_count=pl.lit(0))
    found = repriced(BOOK, bills, lines, typed, cells).bills.select("bill_id", "repriced_cents")
    right = found.with_columns(
        cents=pl.col("bill_id").replace_strict(amounts or {}, default=None, return_dtype=pl.Int64)
    ).select(
        "bill_id", usd=(pl.coalesce("cents", "repriced_cents").cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(12, 2))
    )
    billed = bills.join(right, on="bill_id", maintain_order="left").with_columns(
        billed_usd=pl.col("usd").fill_null(Decimal(0))
    )
    return billed.drop("usd"), lines, typed, cells


def codes(found: Repriced) -> dict[str, set[str | None]]:
    by_account: dict[str, set[str | None]] = {}
    for account, code in found.bills.select("account_id", "reason_code").iter_rows():
        by_account.setdefault(account, set()).add(code)
    return by_account


def test_what_cannot_be_priced_says_why_and_the_rest_is_priced() -> None:
    found = codes(repriced(BOOK, *world("ABCDEF")))
    assert found == {
        "A": {None}, "B": {"rate_unknown"}, "C": {"region_unknown"}, "D": {"no_interval_data"}, "E": {None},
        "F": {None},
    }  # fmt: skip


def test_bills_before_the_first_version_are_not_priced() -> None:
    found = repriced(BOOK, *world("AF", first=date(2019, 11, 1)))
    told = dict(found.bills.filter(account_id="F").select("bill_start_date", "reason_code").iter_rows())
    assert told[date(2019, 11, 1)] == told[date(2019, 12, 1)] == "before_first_version"
    assert told[date(2020, 1, 1)] is None


def test_a_bill_that_was_billed_anew_is_replaced() -> None:
    bills, lines, periods, cells = world("A")
    again = bills.head(1).with_columns(
        bill_id=pl.lit("A/earlier"), billed_usd=pl.lit(Decimal("9.99")).cast(pl.Decimal(12, 2))
    )
    found = repriced(BOOK, pl.concat([bills, again]), lines, periods, cells).bills
    told = dict(found.select("bill_id", "reason_code").iter_rows())
    assert told.pop("A/earlier") == "replaced"
    assert set(told.values()) == {None}


def amounts_of(found: Repriced, bill_id: str) -> list[int]:
    return found.lines.filter(bill_id=bill_id)["amount_cents"].to_list()


@pytest.mark.parametrize("account", ["A", "F"])
def test_a_line_twice_is_recognised(account: str) -> None:
    first = repriced(BOOK, *world(account))
    bill_id = f"{account}/2025-10-01"
    lines = amounts_of(first, bill_id)
    wrong = {bill_id: sum(lines) + max(lines)}
    found = repriced(BOOK, *world(account, wrong)).bills
    assert dict(found.select("bill_id", "reason_code").iter_rows())[bill_id] == "line_twice"
    assert found["reason_code"].null_count() == found.height - 1


def test_a_bill_without_allocation_is_recognised() -> None:
    bills, lines, periods, cells = world("A")
    nowhere = periods.with_columns(baseline_region=pl.lit("6"), is_medical_baseline=pl.lit(value=False))
    energy = int(cells.filter(bill_start_date=date(2025, 10, 1))["delivered_wh"].sum())
    prices = BOOK.tariffs["D"].version_on(date(2025, 10, 1)).content.energy["winter"]["all_day"]
    above = energy * (prices.above_baseline + prices.generation)
    found = repriced(BOOK, bills, lines, nowhere, cells).lines.filter(bill_id="A/2025-10-01")
    others = int(found.filter(pl.col("line_code") != "energy")["amount_cents"].sum())
    wrong = {"A/2025-10-01": others + round(above / 10**6)}
    told = repriced(BOOK, *world("A", wrong)).bills
    assert dict(told.select("bill_id", "reason_code").iter_rows())["A/2025-10-01"] == "missed_baseline"


def test_other_energy_is_told_apart_from_other_prices() -> None:
    bills, lines, periods, cells = world("A", {"A/2025-10-01": 12345})
    is_one = pl.col("bill_id") == "A/2025-10-01"
    energy = pl.when(is_one).then(pl.lit(Decimal("1.5"))).otherwise("delivered_kwh").cast(pl.Decimal(14, 3))
    other = bills.with_columns(delivered_kwh=energy)
    told = dict(repriced(BOOK, bills, lines, periods, cells).bills.select("bill_id", "reason_code").iter_rows())
    assert told["A/2025-10-01"] == "unexplained"
    told = dict(repriced(BOOK, other, lines, periods, cells).bills.select("bill_id", "reason_code").iter_rows())
    assert told["A/2025-10-01"] in ("reads_changed", "reads_estimated")


def test_lines_add_up_and_no_line_is_of_an_unknown_kind() -> None:
    found = repriced(BOOK, *world("AEF"))
    sums = found.lines.group_by("bill_id").agg(pl.col("amount_cents").sum())
    joined = found.bills.join(sums, on="bill_id")
    assert joined.height == 12
    assert (joined["amount_cents"] == joined["repriced_cents"]).all()
    assert set(found.lines["line_code"]) <= set(BILL_LINE_CODES)


def test_causes_of_a_change_add_up_and_a_first_bill_has_none() -> None:
    bills, lines, periods, cells = world("AF", {"A/2025-11-01": 50_000}, count=13)
    found = repriced(BOOK, bills, lines, periods, cells).bills.select(REPRICED_BILLS.columns.keys())
    weather = found.select("bill_id", weather_wh=pl.lit(1000.0))
    changes = bill_changes(BOOK, found, periods, cells, weather)
    amounts = {row["bill_id"]: row["billed_cents"] for row in found.iter_rows(named=True)}
    told = changes.filter(pl.col("reason_code").is_null())
    for key, rows in told.group_by("bill_id", "comparison_code", "earlier_bill_id"):
        bill, _, earlier = (str(part) for part in key)
        assert rows["amount_cents"].sum() == amounts[bill] - amounts[earlier]
        assert sorted(rows["cause_code"].to_list()) == sorted(CAUSES)
    first = changes.filter(pl.col("bill_id") == "A/2025-09-01", pl.col("comparison_code") == "last_month")
    assert first["reason_code"].unique().to_list() == ["no_earlier_bill"]
    year = changes.filter(pl.col("bill_id") == "A/2026-09-01", pl.col("comparison_code") == "last_year")
    assert year["earlier_bill_id"].unique().to_list() == ["A/2025-09-01"]
    estimate = told.filter(
        pl.col("bill_id") == "A/2025-11-01",
        pl.col("cause_code") == "estimate",
        pl.col("comparison_code") == "last_month",
    )
    repriced_cents: dict[str, Any] = dict(found.select("bill_id", "repriced_cents").iter_rows())
    assert estimate["amount_cents"].to_list() == [50_000 - repriced_cents["A/2025-11-01"]]


def test_more_days_of_the_same_use_are_days() -> None:
    bills, lines, periods, cells = world("F", count=4, first=date(2026, 1, 1))
    flat = cells.with_columns(delivered_wh=pl.lit(1000), net_import_wh=pl.lit(1000))
    found = repriced(BOOK, bills, lines, periods, flat).bills.select(REPRICED_BILLS.columns.keys())
    changes = bill_changes(
        BOOK, found, periods, flat, found.select("bill_id", weather_wh=pl.lit(None, dtype=pl.Float64))
    )
    march = dict(
        changes.filter(pl.col("bill_id") == "F/2026-03-01", pl.col("comparison_code") == "last_month")
        .select("cause_code", "amount_cents").iter_rows()
    )  # fmt: skip
    assert march["days"] > 0
    assert march["weather"] == 0
