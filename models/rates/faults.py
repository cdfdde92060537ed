"""What went wrong with a bill whose energy is right: the same bill priced as if a known mistake had been made."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from models.rates.lines import Integers
from models.rates.pricing import BillBatch, price_bills
from models.rates.usage import SegmentUsage
from models.tariffs import TariffBook

_EXPORT_CREDIT = "export_credit"


@dataclass(frozen=True)
class Alternatives:
    """Bills that can be priced in other ways than theirs.

    Attributes:
        book: Tariff data.
        bills: One row per bill, with rate_code and bill_start_date.
        batch: The bills, each with the credit with which it opens.
        usage: Their segments.
    """

    book: TariffBook
    bills: pl.DataFrame
    batch: BillBatch
    usage: SegmentUsage

    def cents(self, rows: Integers, priced_on: date | None = None, *, has_baseline: bool = True) -> Integers:
        """Amounts of some bills, each priced by itself.

        Args:
            rows: Their positions, ascending.
            priced_on: Date whose prices hold; None for those of each bill's own dates.
            has_baseline: False to price them without any baseline allocation.
        """
        terms = self.batch.terms
        if not has_baseline:
            nowhere, none = np.full_like(terms.baseline_region, -1), np.zeros_like(terms.is_medical_baseline)
            terms = replace(terms, baseline_region=nowhere, is_medical_baseline=none)
        batch = replace(self.batch, terms=terms, account=np.arange(len(self.batch.account)))
        rates = self.bills["rate_code"].to_numpy()[rows]
        amounts = np.zeros(len(rows), dtype=np.int64)
        for rate in np.unique(rates):
            these = np.flatnonzero(rates == rate)
            wanted = rows[these]
            part, usage = batch.of_bills(wanted), self.usage.of_bills(wanted)
            amounts[these] = price_bills(self.book, str(rate), part, usage, priced_on).cents
        return amounts

    def earlier_price_dates(self, row: int) -> list[date]:
        """Dates before a bill on which other prices of its rate began."""
        rate, start = self.bills.select("rate_code", "bill_start_date").row(row)
        versions = self.book.tariffs[rate].history.versions
        return [version.effective_date for version in versions if version.effective_date <= start]


def faults(
    alternatives: Alternatives, bills: pl.DataFrame, billed_lines: pl.DataFrame, priced_lines: pl.DataFrame
) -> pl.DataFrame:
    """Which mistake explains the amount that was billed, to the cent.

    Args:
        alternatives: All bills that were priced.
        bills: Those to be explained: bill_id, place (position in `alternatives`), billed_cents, repriced_cents; sorted
            by place.
        billed_lines: Rows of `entities.bill_lines`.
        priced_lines: Lines as priced, bill being the position.

    Returns:
        bill_id, fault_code; null where none of the mistakes gives the amount.
    """
    rows, billed = bills["place"].to_numpy(), bills["billed_cents"].to_numpy()
    codes: list[str | None] = [None] * len(rows)
    if len(rows):
        twice = _is_line_twice(bills, priced_lines)
        without = alternatives.cents(rows, has_baseline=False) == billed
        credit = _is_credit_alone(bills, billed_lines, priced_lines)
        for place in range(len(rows)):
            if twice[place]:
                codes[place] = "line_twice"
            elif without[place]:
                codes[place] = "missed_baseline"
            elif _is_earlier(alternatives, int(rows[place]), int(billed[place])):
                codes[place] = "earlier_prices"
            elif credit[place]:
                codes[place] = "carried_credit"
    return bills.select("bill_id", pl.Series("fault_code", codes, dtype=pl.String))


def _is_earlier(alternatives: Alternatives, row: int, billed: int) -> bool:
    wanted = np.array([row], dtype=np.int64)
    dates = alternatives.earlier_price_dates(row)
    return any(int(alternatives.cents(wanted, day)[0]) == billed for day in dates)


def _is_line_twice(bills: pl.DataFrame, priced_lines: pl.DataFrame) -> list[bool]:
    """Whether what was billed is a line more than what was priced."""
    lines = priced_lines.group_by("bill").agg(pl.col("amount_cents"))
    found = bills.join(lines, left_on="place", right_on="bill", how="left", maintain_order="left")
    more = pl.col("billed_cents") - pl.col("repriced_cents")
    is_line = found.select(twice=pl.col("amount_cents").list.contains(more).fill_null(value=False))
    return is_line["twice"].to_list()


def _is_credit_alone(bills: pl.DataFrame, billed_lines: pl.DataFrame, priced_lines: pl.DataFrame) -> list[bool]:
    """Whether all but the net metering credit is alike."""
    billed = (
        billed_lines.filter(pl.col("line_code").cast(pl.String) != _EXPORT_CREDIT)
        .group_by("bill_id")
        .agg(billed=(pl.col("amount_usd").sum() * 100).cast(pl.Int64))
    )
    priced = (
        priced_lines.filter(pl.col("line_code") != _EXPORT_CREDIT)
        .group_by("bill")
        .agg(priced=pl.col("amount_cents").sum())
    )
    found = bills.join(billed, on="bill_id", how="left", maintain_order="left").join(
        priced, left_on="place", right_on="bill", how="left", maintain_order="left"
    )
    return found.select((pl.col("billed") == pl.col("priced")).fill_null(value=False))["billed"].to_list()
