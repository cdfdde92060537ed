"""The bill under way: what it comes to so far, and what it is going to be.

The days to come are taken to be like those of the account's latest weeks, weekdays and weekends apart. How uncertain
that is for an account is seen by drawing these weeks anew; how far off such forecasts really are is seen in bills of
the last months, which are forecast as they would have been then. Weather to come is not in it but for that.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from models.rates.lines import Integers
from models.rates.pricing import BillBatch, bill_batch, price_bills
from models.rates.segments import day_number, price_boundaries
from models.rates.usage import CELLS, ENERGIES, HOURS, PEAKS, SegmentUsage, segment_usage
from models.tariffs import TariffBook, TariffCalendar

_WEEK = 7
_LOW, _HIGH = 0.1, 0.9
_LEAST_SPREAD = 0.01
"""Of the projected amount, and as much of it as there are days to come: what no forecast is surer of."""


@dataclass(frozen=True)
class ForecastSettings:
    """How days to come are told from days that were.

    Attributes:
        week_count: Latest weeks that days to come are taken to be like.
        least_day_count: Days that must be known of them.
        draw_count: Times that they are drawn anew.
    """

    week_count: int = 6
    least_day_count: int = 14
    draw_count: int = 40


def bill_forecasts(
    book: TariffBook, bills: pl.DataFrame, cells: pl.DataFrame, known_until: date, settings: ForecastSettings
) -> pl.DataFrame:
    """Price bills of which a part is still to come.

    Args:
        book: Tariff data.
        bills: account_id, bill_start_date, bill_end_date (as expected), and what `bill_batch` needs; one row per
            account, sorted by account; all of them can be priced and begin before `known_until`.
        cells: Weekly cells of these accounts, of the bill and of the weeks before; none of later dates.
        known_until: Local date after the last one with reads.
        settings: Which days count.

    Returns:
        account_id, bill_start_date, bill_end_date, elapsed_day_count, day_count, to_date_cents, projected_cents,
        spread_cents (standard deviation over the draws), delivered_wh (so far), projected_wh; projections are null
        where too few days are known.
    """
    if bills.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    bills = bills.sort("account_id")
    batch, boundaries = bill_batch(book, bills), price_boundaries(book)
    usage = segment_usage(bills, boundaries, cells)
    until = np.full(bills.height, day_number(known_until), dtype=np.int64)
    to_come = _days_to_come(usage, until, book.calendar)
    weeks = _Weeks.of(bills["account_id"].to_list(), cells, known_until, book.calendar, settings)
    so_far = _so_far(book, bills, batch, cells, known_until)
    mean = weeks.profile(np.ones((bills.height, settings.week_count)))
    projected = _priced(book, bills, batch, _completed(usage, to_come, mean, weeks))
    drawn = np.empty((settings.draw_count, bills.height), dtype=np.int64)
    for draw, counts in enumerate(_counts(bills["account_id"].to_list(), settings)):
        drawn[draw] = _priced(book, bills, batch, _completed(usage, to_come, weeks.profile(counts), weeks))
    starts = bills["bill_start_date"].to_physical().to_numpy().astype(np.int64)
    enough = pl.Series(weeks.day_count.sum(axis=(1, 2)) >= settings.least_day_count)
    energy = _by_bill(usage, usage.delivered_wh.sum(axis=1))
    more = _by_bill(usage, _energy(to_come, mean["delivered_wh"][usage.bill]).sum(axis=1))
    return bills.select(
        "account_id",
        "bill_start_date",
        "bill_end_date",
        elapsed_day_count=pl.Series(until - starts, dtype=pl.Int32),
        day_count=pl.Series(batch.end_day - starts, dtype=pl.Int32),
        to_date_cents=pl.Series(so_far),
        projected_cents=pl.when(enough).then(pl.Series(projected)),
        spread_cents=pl.when(enough).then(pl.Series(drawn.std(axis=0))),
        delivered_wh=pl.Series(energy),
        projected_wh=pl.when(enough).then(pl.Series(energy + more)),
    )


_SCHEMA = {
    "account_id": pl.String, "bill_start_date": pl.Date, "bill_end_date": pl.Date, "elapsed_day_count": pl.Int32,
    "day_count": pl.Int32, "to_date_cents": pl.Int64, "projected_cents": pl.Int64, "spread_cents": pl.Float64,
    "delivered_wh": pl.Int64, "projected_wh": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class _Weeks:
    """The latest weeks of accounts: energy by cell, and days, by account and week.

    Attributes:
        energy: By kind of energy, shape (accounts, weeks, cells).
        day_count: Weekdays and weekend days, shape (accounts, weeks, 2).
        peaks: By kind of peak, shape (accounts, cells).
    """

    energy: dict[str, np.ndarray]
    day_count: np.ndarray
    peaks: dict[str, Integers]

    @classmethod
    def of(
        cls, accounts: list[str], cells: pl.DataFrame, until: date, calendar: TariffCalendar, settings: ForecastSettings
    ) -> "_Weeks":
        places = pl.DataFrame({"account_id": accounts}).with_row_index("account")
        age = (pl.lit(until) - pl.col("week_start_date")).dt.total_days() - 1
        rows = (
            cells.join(places, on="account_id")
            .with_columns(week=age // _WEEK)
            .filter(pl.col("week").is_between(0, settings.week_count - 1))
        )
        shape = (len(accounts), settings.week_count, CELLS)
        place = (rows["account"].cast(pl.Int64) * settings.week_count + rows["week"]) * CELLS + (
            rows["is_weekend"].cast(pl.Int64) * HOURS + rows["local_hour"]
        )
        flat = place.to_numpy()
        energy = {
            name: np.bincount(flat, weights=rows[name].to_numpy(), minlength=int(np.prod(shape))).reshape(shape)
            for name in ENERGIES
        }
        known = np.bincount(flat, weights=rows["interval_count"].to_numpy(), minlength=int(np.prod(shape)))
        per_hour = np.maximum(known.reshape(shape).max(axis=(1, 2)) / 5, 1)
        days = known.reshape(*shape[:2], 2, HOURS).max(axis=3) / np.rint(per_hour)[:, np.newaxis, np.newaxis]
        peaks = {}
        for name in PEAKS:
            most = np.zeros(shape[0] * CELLS, dtype=np.int64)
            np.maximum.at(
                most, (place % CELLS + rows["account"].cast(pl.Int64) * CELLS).to_numpy(), rows[name].to_numpy()
            )
            peaks[name] = most.reshape(shape[0], CELLS)
        return cls(energy, days, peaks)

    def profile(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Energy of a day by cell, each week counted so often; shape (accounts, cells)."""
        days = np.einsum("aw,awk->ak", counts, self.day_count)
        safe = np.repeat(np.maximum(days, 1e-9), HOURS, axis=1)
        return {name: np.einsum("aw,awc->ac", counts, energy) / safe for name, energy in self.energy.items()}


def _counts(accounts: list[str], settings: ForecastSettings) -> list[np.ndarray]:
    """How often each week is drawn, by draw; an account's draws do not depend on the other accounts."""
    found = np.empty((settings.draw_count, len(accounts), settings.week_count))
    even = np.full(settings.week_count, 1 / settings.week_count)
    for place, account in enumerate(accounts):
        seed = int.from_bytes(hashlib.sha256(f"forecast/{account}".encode()).digest()[:8], "big")
        generator = np.random.Generator(np.random.Philox(key=seed))
        found[:, place] = generator.multinomial(settings.week_count, even, settings.draw_count)
    return list(found)


def _days_to_come(usage: SegmentUsage, until: Integers, calendar: TariffCalendar) -> Integers:
    """Weekdays and weekend days of segments that are still to come, shape (segments, 2)."""
    first: Integers = np.maximum(usage.first_day, until[usage.bill])
    length = np.maximum(usage.first_day + usage.day_count - first, 0)
    begin, end = int(first.min()), int((first + length).max()) + 1
    days = np.arange(begin, end).astype("datetime64[D]").tolist()
    before = np.concatenate([[0], np.cumsum([calendar.is_weekend(day) for day in days])])
    weekend = before[first + length - begin] - before[first - begin]
    return np.column_stack([length - weekend, weekend])


def _energy(days: Integers, profile: np.ndarray) -> Integers:
    energy: Integers = np.rint(np.repeat(days, HOURS, axis=1) * profile).astype(np.int64)
    return energy


def _completed(usage: SegmentUsage, days: Integers, profile: dict[str, np.ndarray], weeks: _Weeks) -> SegmentUsage:
    """Usage of whole bills: what is known, and the days to come after a profile."""
    energy = {name: getattr(usage, name) + _energy(days, profile[name][usage.bill]) for name in ENERGIES}
    is_there = np.repeat(days > 0, HOURS, axis=1)
    peaks = {
        name: np.where(is_there, np.maximum(getattr(usage, name), weeks.peaks[name][usage.bill]), getattr(usage, name))
        for name in PEAKS
    }
    return replace(usage, **energy, **peaks)


def _so_far(book: TariffBook, bills: pl.DataFrame, batch: BillBatch, cells: pl.DataFrame, until: date) -> Integers:
    """The bill if it ended with the last day known."""
    ended = bills.with_columns(bill_end_date=pl.lit(until))
    usage = segment_usage(ended, price_boundaries(book), cells)
    end = np.full(len(batch.end_day), day_number(until), dtype=np.int64)
    return _priced(book, ended, replace(batch, end_day=end), usage)


def _priced(book: TariffBook, bills: pl.DataFrame, batch: BillBatch, usage: SegmentUsage) -> Integers:
    rates = bills["rate_code"].to_numpy()
    amounts = np.zeros(len(rates), dtype=np.int64)
    for rate in np.unique(rates):
        rows = np.flatnonzero(rates == rate)
        amounts[rows] = price_bills(book, str(rate), batch.of_bills(rows), usage.of_bills(rows)).cents
    return amounts


def _by_bill(usage: SegmentUsage, values: Integers) -> Integers:
    totals: Integers = np.zeros(int(usage.bill.max()) + 1, dtype=np.int64)
    np.add.at(totals, usage.bill, values)
    return totals


def errors_of(forecasts: pl.DataFrame, actual: pl.DataFrame) -> pl.Series:
    """How far off forecasts of ended bills were, in spreads.

    Args:
        forecasts: As `bill_forecasts` returns.
        actual: account_id, bill_start_date, repriced_cents.
    """
    found = forecasts.join(actual, on=["account_id", "bill_start_date"]).filter(
        pl.col("projected_cents").is_not_null(), pl.col("repriced_cents").is_not_null()
    )
    off = pl.col("repriced_cents") - pl.col("projected_cents")
    return found.select((off / _scale()).alias("error"))["error"]


def with_ranges(forecasts: pl.DataFrame, errors: pl.Series) -> pl.DataFrame:
    """Forecasts with the 10 and 90 % quantiles of what bills come to, null where no earlier forecast tells.

    Args:
        forecasts: As `bill_forecasts` returns.
        errors: Of earlier forecasts, as `errors_of` returns.
    """
    ends = [errors.quantile(share, interpolation="nearest") for share in (_LOW, _HIGH)]
    low, high = (pl.col("projected_cents") + _scale() * pl.lit(end, dtype=pl.Float64) for end in ends)
    least = pl.col("to_date_cents")
    is_told = pl.lit(len(errors) > 0) & pl.col("projected_cents").is_not_null()
    ranged = forecasts.with_columns(
        projected_cents_low=pl.max_horizontal(low.round().cast(pl.Int64), pl.min_horizontal(least, "projected_cents")),
        projected_cents_high=high.round().cast(pl.Int64),
    )
    return ranged.with_columns(pl.when(is_told).then(pl.col("projected_cents_low", "projected_cents_high")))


def _scale() -> pl.Expr:
    to_come = (pl.col("day_count") - pl.col("elapsed_day_count")) / pl.col("day_count")
    return pl.col("spread_cents") + _LEAST_SPREAD * pl.col("projected_cents").abs() * to_come + 1
