"""Why a bill differs from an earlier one: days, weather, usage, prices and estimates, adding up to the cent.

The earlier bill is changed into the later one step by step, and priced at each step at the earlier bill's prices and
without net metering credit of other bills: first it gets as many days, then the weather (by the account's weather
model), then the usage by hour. What remains to the later bill as priced once more is the price: versions, season, terms
and credits. What was billed beyond the bills as priced once more is the estimate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from models.rates.lines import Integers, half_away
from models.rates.pricing import BillBatch, bill_batch, price_bills
from models.rates.reasons import CAUSES, COMPARISONS
from models.rates.segments import price_boundaries
from models.rates.usage import CELLS, ENERGIES, PEAKS, SegmentUsage, segment_usage
from models.tariffs import TariffBook

_YEAR_DAYS, _NEAR_DAYS = 365, 15
_PARTS = 10**6
_DRAWN = ("delivered_wh", "net_import_wh")


def bill_changes(
    book: TariffBook, bills: pl.DataFrame, periods: pl.DataFrame, cells: pl.DataFrame, weather_wh: pl.DataFrame
) -> pl.DataFrame:
    """Set every bill against the one before it and the one a year before.

    Args:
        book: Tariff data.
        bills: Rows of `analytics.repriced_bills`.
        periods: Rows of `analytics.billing_periods`.
        cells: Rows of `analytics.usage_week_cells`.
        weather_wh: bill_id, weather_wh: energy that the account's weather model sets down to heating and cooling; null
            without a model.

    Returns:
        Rows of `analytics.bill_changes`, sorted by bill, comparison and cause.
    """
    pairs = _pairs(bills).join(weather_wh, on="bill_id", how="left").join(
        weather_wh.rename({"bill_id": "earlier_bill_id", "weather_wh": "earlier_weather_wh"}),
        on="earlier_bill_id", how="left",
    )  # fmt: skip
    is_told = pl.col("repriced_cents").is_not_null() & pl.col("earlier_repriced_cents").is_not_null()
    told = pairs.filter(is_told).sort("account_id", "earlier_bill_start_date", "comparison_code")
    causes = _causes(book, told, periods, cells)
    untold = pairs.filter(~is_told.fill_null(value=False)).select(
        "bill_id", "comparison_code", "earlier_bill_id",
        reason_code=pl.when(pl.col("earlier_bill_id").is_null())
        .then(pl.lit("no_earlier_bill"))
        .otherwise(pl.lit("not_priced")),
    )  # fmt: skip
    named = pl.DataFrame({"cause_code": CAUSES})
    return pl.concat(
        [
            causes.with_columns(reason_code=pl.lit(None, dtype=pl.String)),
            untold.join(named, how="cross").with_columns(amount_cents=pl.lit(None, dtype=pl.Int64)),
        ],
        how="diagonal",
    ).sort("bill_id", "comparison_code", "cause_code")


def _pairs(bills: pl.DataFrame) -> pl.DataFrame:
    """Every bill that stands with its earlier bill, by comparison; without one where there is none."""
    stand = bills.filter(pl.col("reason_code").cast(pl.String).fill_null("") != "replaced").select(
        "bill_id", "account_id", "bill_start_date", "bill_end_date", "day_count", "billed_cents", "repriced_cents"
    )
    earlier = stand.rename({name: f"earlier_{name}" for name in stand.columns if name != "account_id"})
    month = stand.join(
        earlier, left_on=["account_id", "bill_start_date"], right_on=["account_id", "earlier_bill_end_date"], how="left"
    )
    distance = ((pl.col("bill_start_date") - pl.col("earlier_bill_start_date")).dt.total_days() - _YEAR_DAYS).abs()
    near = (
        stand.join(earlier, on="account_id")
        .with_columns(distance=distance)
        .filter(pl.col("distance") <= _NEAR_DAYS)
        .sort("bill_id", "distance", "earlier_bill_id")
        .group_by("bill_id", maintain_order=True)
        .first()
        .select("bill_id", *(name for name in earlier.columns if name != "account_id"))
    )
    year = stand.join(near, on="bill_id", how="left")
    named = [
        frame.with_columns(comparison_code=pl.lit(code)) for code, frame in zip(COMPARISONS, (month, year), strict=True)
    ]
    return pl.concat(named, how="diagonal")


@dataclass(frozen=True)
class _Step:
    """Earlier bills on the way to the later ones: their energy and their days."""

    usage: SegmentUsage
    end_day: Integers


def _causes(book: TariffBook, pairs: pl.DataFrame, periods: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    keys = pairs.select("bill_id", "comparison_code", "earlier_bill_id")
    if pairs.is_empty():
        return keys.with_columns(cause_code=pl.lit("", dtype=pl.String), amount_cents=pl.lit(0, dtype=pl.Int64))
    earlier, later = (_usage(book, pairs, periods, cells, name) for name in ("earlier_bill_id", "bill_id"))
    bills, usage, batch = earlier
    days = pairs["day_count"].to_numpy().astype(np.int64)
    first = _Step(usage, batch.end_day)
    longer = _with_days(first, days)
    changed = _weather_change(pairs)
    warmer = replace(longer, usage=_scaled(longer.usage, changed))
    used = replace(longer, usage=_with_profile(longer.usage, later[1]))
    amounts = [_priced(book, bills, batch, step) for step in (first, longer, warmer, used)]
    total = (pairs["repriced_cents"] - pairs["earlier_repriced_cents"]).to_numpy()
    billed = (pairs["billed_cents"] - pairs["earlier_billed_cents"]).to_numpy()
    parts = {
        "days": amounts[1] - amounts[0],
        "weather": amounts[2] - amounts[1],
        "usage": amounts[3] - amounts[2],
        "price": total - (amounts[3] - amounts[0]),
        "estimate": billed - total,
    }
    rows = [
        keys.with_columns(pl.lit(cause).alias("cause_code"), pl.Series("amount_cents", cents))
        for cause, cents in parts.items()
    ]
    return pl.concat(rows)


def _usage(
    book: TariffBook, pairs: pl.DataFrame, periods: pl.DataFrame, cells: pl.DataFrame, name: str
) -> tuple[pl.DataFrame, SegmentUsage, BillBatch]:
    """One side of all pairs as bills, each by itself: an account may stand in several pairs."""
    found = (
        pairs.select(pl.col(name).alias("bill_id"), "comparison_code")
        .with_row_index("pair")
        .join(periods, on="bill_id", how="left", maintain_order="left")
        .with_columns(
            real_account_id="account_id",
            account_id=pl.format("{}/{}", "account_id", "pair"),
            opening_credit_cents=pl.lit(0, dtype=pl.Int64),
            phase_count=pl.lit(None, dtype=pl.Int64),
        )
    )
    named = found.select("account_id", "real_account_id", "bill_start_date")
    theirs = (
        cells.lazy()
        .group_by("account_id", "bill_start_date", "segment_start_date", "is_weekend", "local_hour")
        .agg(*(pl.col(energy).sum() for energy in ENERGIES), *(pl.col(peak).max() for peak in PEAKS))
        .rename({"account_id": "real_account_id"})
        .join(named.lazy(), on=["real_account_id", "bill_start_date"])
        .collect()
    )
    usage = segment_usage(found, price_boundaries(book), theirs)
    return found, usage, bill_batch(book, found)


def _priced(book: TariffBook, bills: pl.DataFrame, batch: BillBatch, step: _Step) -> Integers:
    """Amounts at the earlier bills' prices, without credit of other bills."""
    rates = bills["rate_code"].to_numpy()
    amounts = np.zeros(len(rates), dtype=np.int64)
    for rate in np.unique(rates):
        rows = np.flatnonzero(rates == rate)
        part = replace(batch, end_day=step.end_day).of_bills(rows)
        amounts[rows] = price_bills(book, str(rate), part, step.usage.of_bills(rows)).cents
    return amounts


def _with_days(step: _Step, days: Integers) -> _Step:
    """The same use per day over another number of days, the last segment being longer or shorter."""
    usage = step.usage
    had = np.bincount(usage.bill, weights=usage.day_count, minlength=len(days)).astype(np.int64)
    scaled = _in_ratio(usage, ENERGIES, days[usage.bill], had[usage.bill])
    lengths = half_away(usage.day_count * days[usage.bill], had[usage.bill])
    got = np.bincount(usage.bill, weights=lengths, minlength=len(days)).astype(np.int64)
    last = np.flatnonzero(np.append(np.diff(usage.bill) != 0, True))
    lengths[last] += (days - got)[usage.bill[last]]
    return _Step(replace(scaled, day_count=np.maximum(lengths, 1)), step.end_day)


def _weather_change(pairs: pl.DataFrame) -> Integers:
    """By how much the weather makes the earlier bill's use larger over the later one's days, in watt-hours."""
    days, had = pairs["day_count"].to_numpy(), pairs["earlier_day_count"].to_numpy()
    later, earlier = pairs["weather_wh"].to_numpy(), pairs["earlier_weather_wh"].to_numpy()
    change = later - earlier * days / np.maximum(had, 1)
    return np.where(np.isfinite(change), change, 0).round().astype(np.int64)


def _scaled(usage: SegmentUsage, change: Integers) -> SegmentUsage:
    """Delivered energy larger or smaller by amounts per bill, in proportion in all cells."""
    delivered = np.bincount(usage.bill, weights=usage.delivered_wh.sum(axis=1), minlength=len(change)).astype(np.int64)
    safe = np.maximum(delivered, 1)
    parts = half_away(np.maximum(delivered + change, 0) * _PARTS, safe)
    return _in_ratio(usage, _DRAWN, parts[usage.bill], np.full_like(usage.bill, _PARTS))


def _in_ratio(usage: SegmentUsage, names: Sequence[str], numerator: Integers, denominator: Integers) -> SegmentUsage:
    above, below = numerator[:, np.newaxis], denominator[:, np.newaxis]
    return replace(usage, **{name: half_away(getattr(usage, name) * above, below) for name in names})


def _with_profile(usage: SegmentUsage, other: SegmentUsage) -> SegmentUsage:
    """The energy of other bills, hour by hour and kind of day, spread over the segments as their days are."""
    count = int(usage.bill.max(initial=-1)) + 1
    days = np.bincount(usage.bill, weights=usage.day_count, minlength=count).astype(np.int64)
    before = np.cumsum(usage.day_count) - usage.day_count
    first = np.flatnonzero(np.append(True, np.diff(usage.bill) != 0))
    begin = before - before[first][np.cumsum(np.append(False, np.diff(usage.bill) != 0))]
    end = begin + usage.day_count
    changed = {}
    for name in ENERGIES:
        total = np.zeros((count, CELLS), dtype=np.int64)
        np.add.at(total, other.bill, getattr(other, name))
        rows, length = total[usage.bill], days[usage.bill][:, np.newaxis]
        changed[name] = rows * end[:, np.newaxis] // length - rows * begin[:, np.newaxis] // length
    for name in PEAKS:
        most = np.zeros((count, CELLS), dtype=np.int64)
        np.maximum.at(most, other.bill, getattr(other, name))
        changed[name] = most[usage.bill]
    return replace(usage, **changed)
