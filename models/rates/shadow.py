"""Shadow billing: the customer system's bills priced once more from the reads, and why they differ."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from models.rates.faults import Alternatives, faults
from models.rates.lines import LINE_SCHEMA, Booleans, Integers
from models.rates.priceable import unpriced_code
from models.rates.pricing import BillBatch, PricedBills, bill_batch, price_bills
from models.rates.segments import price_boundaries
from models.rates.usage import SegmentUsage, segment_usage
from models.tariffs import TariffBook

_MINUTES_PER_DAY = 1440


@dataclass(frozen=True)
class Repriced:
    """Rows of `analytics.repriced_bills` and `analytics.repriced_lines`."""

    bills: pl.DataFrame
    lines: pl.DataFrame


def repriced(
    book: TariffBook, bills: pl.DataFrame, lines: pl.DataFrame, periods: pl.DataFrame, cells: pl.DataFrame
) -> Repriced:
    """Price every bill at the prices of its own dates.

    Args:
        book: Tariff data.
        bills: Rows of `entities.bills`.
        lines: Rows of `entities.bill_lines`.
        periods: Rows of `analytics.billing_periods`; bills that are not among them were billed anew.
        cells: Rows of `analytics.usage_week_cells`, of whole bills.
    """
    known = _with_terms(book, bills, periods)
    priceable = known.filter(pl.col("unpriced_code").is_null())
    usage = segment_usage(priceable, price_boundaries(book), cells)
    cents, closing, prorated, found = _in_order(book, priceable, bill_batch(book, priceable), usage)
    batch = replace(bill_batch(book, priceable), opening_credit_cents=_opening(priceable, closing))
    totals = priceable.select("bill_id").with_columns(
        pl.Series("repriced_cents", cents),
        pl.Series("closing_credit_cents", closing),
        pl.Series("is_prorated", prorated),
    )
    counted = known.join(totals, on="bill_id", how="left").join(_energy(cells), on=_BILL, how="left")
    judged = counted.join(
        _difference_codes(book, counted, priceable, batch, usage, lines, found), on="bill_id", how="left"
    ).with_columns(reason_code=pl.coalesce("unpriced_code", "difference_code"))
    numbered = priceable.select("bill_id").with_row_index("bill").cast({"bill": pl.Int64})
    return Repriced(
        judged.sort("account_id", "bill_start_date", "bill_id"),
        found.join(numbered, on="bill").sort("bill_id", "line_number"),
    )


_BILL = ["account_id", "bill_start_date"]


def _with_terms(book: TariffBook, bills: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Bills with the terms of their period, and why they cannot be priced."""
    terms = periods.filter(pl.col("bill_id").is_not_null()).drop(
        "account_id", "bill_start_date", "bill_end_date", "issued_date", "rate_code"
    )
    days = (pl.col("bill_end_date") - pl.col("bill_start_date")).dt.total_days()
    stands = pl.col("bill_id").is_in(terms["bill_id"].to_list())
    return (
        bills.join(terms, on="bill_id", how="left")
        .sort("account_id", "bill_start_date", "bill_id")
        .with_columns(
            opening_credit_cents=pl.lit(0, dtype=pl.Int64),
            phase_count=pl.lit(None, dtype=pl.Int64),
            day_count=days.cast(pl.Int32),
            billed_cents=(pl.col("billed_usd") * 100).cast(pl.Int64),
            billed_delivered_wh=(pl.col("delivered_kwh") * 1000).cast(pl.Int64),
            billed_received_wh=(pl.col("received_kwh") * 1000).cast(pl.Int64),
            expected_interval_count=(days * _MINUTES_PER_DAY // pl.col("interval_minutes")).cast(pl.Int32),
            unpriced_code=pl.when(~stands).then(pl.lit("replaced")).otherwise(unpriced_code(book)),
        )
    )


def _in_order(
    book: TariffBook, bills: pl.DataFrame, batch: BillBatch, usage: SegmentUsage
) -> tuple[Integers, Integers, Booleans, pl.DataFrame]:
    """Price runs of an account's bills under one rate, one run after the other, so that credits go with the account."""
    count = bills.height
    cents, closing, prorated = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, dtype=bool)
    if not count:
        return cents, closing, prorated, pl.DataFrame(schema=LINE_SCHEMA)
    turn = bills.select(pl.col("rate_code").rle_id().over("account_id"))["rate_code"].to_numpy()
    rates = bills["rate_code"].to_numpy()
    frames = []
    for number in range(int(turn.max()) + 1):
        opening = _opening(bills, closing) if number else batch.opening_credit_cents
        for rate in np.unique(rates[turn == number]):
            rows = np.flatnonzero((turn == number) & (rates == rate))
            part = replace(batch, opening_credit_cents=opening).of_bills(rows)
            priced = price_bills(book, str(rate), part, usage.of_bills(rows))
            cents[rows], closing[rows], prorated[rows] = priced.cents, priced.closing_credit_cents, priced.is_prorated
            frames.append(_renumbered(priced, rows))
    return cents, closing, prorated, pl.concat(frames)


def _opening(bills: pl.DataFrame, closing: Integers) -> Integers:
    """Credit with which a bill opens, where it follows the account's previous one without a gap."""
    before = bills.with_columns(pl.Series("closing", closing)).select(
        pl.when(pl.col("bill_end_date").shift(1).over("account_id") == pl.col("bill_start_date"))
        .then(pl.col("closing").shift(1).over("account_id"))
        .fill_null(0)
        .alias("opening")
    )
    return before["opening"].cast(pl.Int64).to_numpy()


def _renumbered(priced: PricedBills, rows: Integers) -> pl.DataFrame:
    lines = priced.frame()
    return lines.with_columns(pl.Series("bill", rows[lines["bill"].to_numpy()], dtype=pl.Int64))


def _energy(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.group_by(_BILL).agg(
        delivered_wh=pl.col("delivered_wh").sum(),
        received_wh=pl.col("received_wh").sum(),
        interval_count=pl.col("interval_count").sum().cast(pl.Int32),
        estimated_interval_count=pl.col("estimated_count").sum().cast(pl.Int32),
    )


def _difference_codes(
    book: TariffBook,
    bills: pl.DataFrame,
    priceable: pl.DataFrame,
    batch: BillBatch,
    usage: SegmentUsage,
    billed_lines: pl.DataFrame,
    priced_lines: pl.DataFrame,
) -> pl.DataFrame:
    """bill_id and difference_code of the bills that were priced and differ."""
    differing = bills.filter(pl.col("repriced_cents") != pl.col("billed_cents"))
    same_energy = (pl.col("delivered_wh").fill_null(0) == pl.col("billed_delivered_wh")) & (
        pl.col("received_wh").fill_null(0) == pl.col("billed_received_wh")
    )
    lacking = pl.col("interval_count").fill_null(0) < pl.col("expected_interval_count") - _CLOCK_CHANGE
    doubtful = (pl.col("estimated_interval_count").fill_null(0) > 0) | lacking
    places = priceable.select("bill_id").with_row_index("place").cast({"place": pl.Int64})
    alike = differing.filter(same_energy).join(places, on="bill_id").sort("place")
    explained = faults(Alternatives(book, priceable, batch, usage), alike, billed_lines, priced_lines)
    return (
        differing.join(explained, on="bill_id", how="left")
        .select(
            "bill_id",
            difference_code=pl.when(~same_energy & pl.col("is_estimated"))
            .then(pl.lit("estimated_by_css"))
            .when(~same_energy & doubtful)
            .then(pl.lit("reads_estimated"))
            .when(~same_energy)
            .then(pl.lit("reads_changed"))
            .when(pl.col("fault_code").is_not_null())
            .then(pl.col("fault_code"))
            .when(pl.col("is_estimated"))
            .then(pl.lit("estimated_by_css"))
            .when(doubtful)
            .then(pl.lit("reads_estimated"))
            .otherwise(pl.lit("unexplained")),
        )
        .cast({"difference_code": pl.String})
    )


_CLOCK_CHANGE = 4
"""Quarter-hours that a bill may have fewer than its days say."""
