"""The year that is compared: the latest whole bills of accounts, under the terms that hold now."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.options.settings import ComparisonSettings
from models.rates.lines import Integers
from models.rates.pricing import BillBatch, bill_batch
from models.rates.segments import ACCOUNT_TERMS, price_boundaries
from models.rates.usage import SEGMENT_KEY, SegmentUsage, segment_usage
from models.tariffs import TariffBook

COMPARABILITY_CODES = (
    "comparable", "provisional", "short_history", "no_interval_data", "rate_unknown", "region_unknown",
)  # fmt: skip
"""Whether an account can be compared; the first two can."""
LONGEST_INTERVAL_MINUTES = 60
_DAY_KEY = 10**6
_WEEK = 7
_FIRST_MONDAY = 4
_PREMISE_TERMS = ("baseline_region", "is_multi_family")
_ACTUAL_MINUTES_OF_DAY = 1440


@dataclass(frozen=True)
class Year:
    """Bills of accounts of one class, to be priced under any option.

    Attributes:
        accounts: Accounts, sorted; their order gives the positions.
        bills: One row per bill, sorted by account and date; columns as `comparison_bills` returns.
        batch: The same as columns of numbers, with net metering counted from the first of these bills.
        usage: Cells of their segments.
        weeks: The same by week; None where no years are to be drawn.
        start_day: First local date of each bill, in days since 1970-01-01.
    """

    accounts: list[str]
    bills: pl.DataFrame
    batch: BillBatch
    usage: SegmentUsage
    weeks: SegmentUsage | None
    start_day: Integers

    def bills_on(self, day: int) -> Integers:
        """Bill of each account that has a local date; -1 where there is none."""
        keys = self.batch.account * _DAY_KEY + self.start_day
        found = np.searchsorted(keys, np.arange(len(self.accounts)) * _DAY_KEY + day, side="right") - 1
        safe = np.maximum(found, 0)
        is_there = (found >= 0) & (self.batch.account[safe] == np.arange(len(self.accounts)))
        return np.where(is_there & (day < self.batch.end_day[safe]), found, -1)

    def by_account(self, values: Integers) -> Integers:
        """Sums over the bills of each account."""
        totals = np.zeros(len(self.accounts), dtype=np.int64)
        np.add.at(totals, self.batch.account, values)
        return totals


def year_of(book: TariffBook, bills: pl.DataFrame, cells: pl.DataFrame) -> Year:
    """Gather the bills of some accounts.

    Args:
        book: Tariff data.
        bills: Rows of `comparison_bills`.
        cells: Cells of these accounts: rows of `analytics.usage_week_cells`, or the same without weeks.
    """
    bills = bills.sort("account_id", "bill_start_date")
    starts = bills["bill_start_date"].to_physical().to_numpy().astype(np.int64)
    boundaries = price_boundaries(book)
    numbered = bills.with_columns(
        net_metering_number=pl.when("has_net_metering").then(pl.int_range(pl.len()).over("account_id")),
        opening_credit_cents=pl.lit(0),
        phase_count=pl.lit(None, dtype=pl.Int64),
    )
    return Year(
        accounts=bills["account_id"].unique(maintain_order=True).to_list(),
        bills=bills,
        batch=bill_batch(book, numbered),
        usage=segment_usage(bills, boundaries, cells.select(*SEGMENT_KEY, *_CELL_COLUMNS)),
        weeks=_weeks(bills, boundaries, cells) if "week_start_date" in cells.columns else None,
        start_day=starts,
    )


def _weeks(bills: pl.DataFrame, boundaries: list[int], cells: pl.DataFrame) -> SegmentUsage:
    first, last = (bills[name].to_physical() for name in ("bill_start_date", "bill_end_date"))
    days = range(int(first.min()), int(last.max()))  # type: ignore[arg-type]
    mondays = [day for day in days if (day - _FIRST_MONDAY) % _WEEK == 0]
    weekly = cells.with_columns(segment_start_date=pl.max_horizontal("segment_start_date", "week_start_date"))
    return segment_usage(bills, sorted({*boundaries, *mondays}), weekly.select(*SEGMENT_KEY, *_CELL_COLUMNS))


_CELL_COLUMNS = (
    "is_weekend", "local_hour", "delivered_wh", "received_wh", "net_import_wh", "peak_wh", "net_peak_wh",
)  # fmt: skip


def comparison_bills(periods: pl.DataFrame, accounts: pl.DataFrame, settings: ComparisonSettings) -> pl.DataFrame:
    """The latest whole bills of every account that is still served.

    Args:
        periods: Rows of `analytics.billing_periods`.
        accounts: Rows of `entities.accounts`.
        settings: How many bills are taken.

    Returns:
        Columns of periods; the terms are those of the account's latest period on every row.
    """
    served = accounts.filter("is_current", pl.col("service_end_date").is_null()).select("account_id")
    present = (
        periods.join(served, on="account_id", how="semi")
        .sort("account_id", "bill_start_date")
        .group_by("account_id", maintain_order=True)
        .last()
        .select("account_id", *ACCOUNT_TERMS, *_PREMISE_TERMS)
    )
    return (
        periods.filter(pl.col("bill_id").is_not_null())
        .sort("account_id", "bill_start_date")
        .group_by("account_id", maintain_order=True)
        .tail(settings.history.bill_count)
        .drop(*ACCOUNT_TERMS, *_PREMISE_TERMS)
        .join(present, on="account_id")
        .sort("account_id", "bill_start_date")
    )


def comparison_accounts(
    book: TariffBook, bills: pl.DataFrame, accounts: pl.DataFrame, cells: pl.DataFrame, settings: ComparisonSettings
) -> pl.DataFrame:
    """Whether each served account can be compared, and over which time.

    Args:
        book: Tariff data.
        bills: As `comparison_bills` returns.
        accounts: Rows of `entities.accounts`.
        cells: Rows of `analytics.usage_week_cells` of these bills.
        settings: Thresholds.

    Returns:
        account_id, customer_type, rate_code, first_date, end_date, bill_count, day_count, known and actual share of
        intervals, peak_wh and interval_minutes, comparability_code.
    """
    served = accounts.filter("is_current", pl.col("service_end_date").is_null()).select(
        "account_id", "customer_type", "rate_code"
    )
    spans = bills.group_by("account_id").agg(
        first_date=pl.col("bill_start_date").min(),
        end_date=pl.col("bill_end_date").max(),
        bill_count=pl.len().cast(pl.Int32),
        day_count=(pl.col("bill_end_date") - pl.col("bill_start_date")).dt.total_days().sum().cast(pl.Int32),
        interval_minutes=pl.col("interval_minutes").max(),
        has_gap=pl.col("interval_minutes").is_null().any(),
        is_region_known=pl.col("baseline_region").is_in(sorted(_current_regions(book))).all(),
    )
    return (
        served.join(spans, on="account_id", how="left")
        .join(_quality(bills, cells), on="account_id", how="left")
        .with_columns(pl.col("bill_count", "day_count").fill_null(0))
        .with_columns(comparability_code=_comparability(book, settings))
        .drop("has_gap", "is_region_known")
        .sort("account_id")
    )


def _comparability(book: TariffBook, settings: ComparisonSettings) -> pl.Expr:
    history, is_residential = settings.history, pl.col("customer_type") == "residential"
    no_intervals = pl.col("interval_minutes").is_null() | pl.col("has_gap")
    actual = pl.col("actual_ratio").fill_null(0) >= history.minimum_actual_ratio
    return (
        pl.when(~pl.col("rate_code").is_in(list(book.tariffs)).fill_null(value=False))
        .then(pl.lit("rate_unknown"))
        .when(pl.col("bill_count") == 0)
        .then(pl.lit("short_history"))
        .when(no_intervals | (pl.col("interval_minutes") > LONGEST_INTERVAL_MINUTES))
        .then(pl.lit("no_interval_data"))
        .when(is_residential & ~pl.col("is_region_known").fill_null(value=False))
        .then(pl.lit("region_unknown"))
        .when(pl.col("day_count") < history.provisional_day_count)
        .then(pl.lit("short_history"))
        .when((pl.col("day_count") < history.firm_day_count) | ~actual)
        .then(pl.lit("provisional"))
        .otherwise(pl.lit("comparable"))
    )


def _quality(bills: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Least share of actual intervals over the seasons of each account, and its highest interval."""
    summer = pl.col("usage_month").str.slice(5, 2).is_in(["06", "07", "08", "09"])
    days = (
        bills.select("account_id", "bill_start_date", "bill_end_date", "interval_minutes")
        .with_columns(day=pl.date_ranges("bill_start_date", pl.col("bill_end_date").dt.offset_by("-1d")))
        .explode("day")
        .group_by("account_id", is_summer=pl.col("day").dt.month().is_between(6, 9))
        .agg(expected=(_ACTUAL_MINUTES_OF_DAY / pl.col("interval_minutes")).sum())
    )
    found = (
        cells.join(bills.select("account_id", "bill_start_date"), on=["account_id", "bill_start_date"], how="semi")
        .group_by("account_id", is_summer=summer)
        .agg(
            actual=(pl.col("interval_count").cast(pl.Int64) - pl.col("estimated_count")).sum(),
            peak_wh=pl.col("peak_wh").max(),
        )
    )
    return (
        days.join(found, on=["account_id", "is_summer"], how="left")
        .group_by("account_id")
        .agg(
            actual_ratio=(pl.col("actual").fill_null(0) / pl.col("expected")).clip(0, 1).min(),
            peak_wh=pl.col("peak_wh").max(),
        )
    )


def _current_regions(book: TariffBook) -> set[str]:
    return set(book.baseline.versions[-1].content.regions)
