"""Billing periods of accounts: those of their bills, and the time before, between and after them."""

from datetime import date

import polars as pl

from models.rates.segments import ACCOUNT_TERMS
from models.tables.rates import BILLING_PERIODS

_FAR = date(9999, 12, 31)


def standing_bills(bills: pl.DataFrame) -> pl.DataFrame:
    """Bills of which no day was billed anew by a later bill of the account.

    Args:
        bills: Rows of `entities.bills`.

    Returns:
        The rows that stand, sorted by account and start; their periods do not overlap.
    """
    ranked = bills.sort("account_id", "issued_date", "bill_id").with_columns(place=pl.int_range(pl.len()))
    pairs = ranked.join(
        ranked.select("account_id", start="bill_start_date", end="bill_end_date", later="place"), on="account_id"
    ).filter(
        pl.col("later") > pl.col("place"),
        pl.col("start") < pl.col("bill_end_date"),
        pl.col("end") > pl.col("bill_start_date"),
    )
    return (
        ranked.join(pairs.select("bill_id"), on="bill_id", how="anti")
        .drop("place")
        .sort("account_id", "bill_start_date")
    )


def billing_periods(
    bills: pl.DataFrame, accounts: pl.DataFrame, premises: pl.DataFrame, occupancy: pl.DataFrame
) -> pl.DataFrame:
    """Cut the service of every account into billing periods.

    Args:
        bills: Rows of `entities.bills`.
        accounts: Rows of `entities.accounts`.
        premises: Rows of `entities.premises`.
        occupancy: Rows of `entities.meter_occupancy`.

    Returns:
        Rows of `analytics.billing_periods`, sorted by account and date. An account begins with its service, or with its
        first bill where that is earlier. Terms are those of the last date, of the latest one for the period under way.
    """
    billed = standing_bills(bills).select("account_id", "bill_start_date", "bill_end_date", "bill_id", "issued_date")
    periods = pl.concat([billed, _unbilled(billed, accounts)], how="diagonal").sort("account_id", "bill_start_date")
    last = pl.coalesce(pl.col("bill_end_date").dt.offset_by("-1d"), pl.lit(_FAR)).alias("last_date")
    states = accounts.select("account_id", "valid_from_date", "premise_id", *ACCOUNT_TERMS).sort("valid_from_date")
    places = premises.select(
        "premise_id", "valid_from_date", "baseline_region",
        is_multi_family=pl.col("premise_type").cast(pl.String) == "multi_family",
    ).sort("valid_from_date")  # fmt: skip
    termed = (
        periods.with_columns(last)
        .sort("last_date")
        .join_asof(states, left_on="last_date", right_on="valid_from_date", by="account_id", check_sortedness=False)
        .join_asof(places, left_on="last_date", right_on="valid_from_date", by="premise_id", check_sortedness=False)
        .join(_interval_minutes(periods, occupancy), on=["account_id", "bill_start_date"], how="left")
        .sort("account_id", "bill_start_date")
    )
    return termed.with_columns(net_metering_number=_net_metering_number()).select(BILLING_PERIODS.columns.keys())


def _unbilled(billed: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Time of service before the first bill, between bills and after the last one."""
    service = accounts.group_by("account_id").agg(
        begin=pl.col("service_start_date").min(), end=pl.col("service_end_date").max()
    )
    bounds = pl.concat(
        [
            service.select("account_id", bill_start_date="begin", bill_end_date="begin"),
            billed.select("account_id", "bill_start_date", "bill_end_date"),
        ]
    ).sort("account_id", "bill_start_date", "bill_end_date")
    gaps = bounds.select(
        "account_id",
        start="bill_end_date",
        until=pl.col("bill_start_date").shift(-1).over("account_id"),
    ).join(service, on="account_id", how="left")
    until = pl.coalesce("until", "end")
    return gaps.select("account_id", bill_start_date="start", bill_end_date=until.cast(pl.Date)).filter(
        pl.col("bill_end_date").is_null() | (pl.col("bill_start_date") < pl.col("bill_end_date"))
    )


def _interval_minutes(periods: pl.DataFrame, occupancy: pl.DataFrame) -> pl.DataFrame:
    """Length of the intervals of each period: that of the coarsest main meter."""
    meters = occupancy.filter(pl.col("account_interval_minutes").is_not_null()).select(
        "account_id", "account_interval_minutes", begin="valid_from_date", end="valid_to_date"
    )
    return (
        periods.select("account_id", "bill_start_date", "bill_end_date")
        .join(meters, on="account_id")
        .filter(
            pl.col("begin") < pl.col("bill_end_date").fill_null(_FAR),
            pl.col("end").fill_null(_FAR) > pl.col("bill_start_date"),
        )
        .group_by("account_id", "bill_start_date")
        .agg(interval_minutes=pl.col("account_interval_minutes").max())
    )


def _net_metering_number() -> pl.Expr:
    """How many billed periods with net metering came before, without one that had none between."""
    is_net = pl.col("has_net_metering").fill_null(value=False)
    is_billed = pl.col("bill_id").is_not_null()
    run = is_net.rle_id().over("account_id")
    before = is_billed.cast(pl.Int32).cum_sum().over("account_id", run) - is_billed.cast(pl.Int32)
    return pl.when(is_net).then(before).cast(pl.Int32)
