"""The segments of bills under one rate: runs of days in which neither its prices nor the season change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from models.rates.lines import Booleans, Integers
from models.rates.periods_of_use import PeriodUsage, cells_by_period
from models.tariffs import PERIODS, SEASONS, Baseline, Prices, Tariff, TariffBook

ACCOUNT_TERMS = ("customer_type", "rate_code", "is_all_electric", "is_care", "is_fera", "is_medical_baseline",
                  "has_net_metering")  # fmt: skip
"""Columns of accounts that decide prices."""
_EPOCH = date(1970, 1, 1)
_LAST_DAY = 10**7


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


@dataclass(frozen=True)
class Terms:
    """Facts about account and premise that decide the prices of bills, by bill; they hold for the whole bill.

    Attributes:
        baseline_region: Position in `regions`; -1 where the tariffs have no such region.
        is_multi_family: True in multi-family buildings.
        is_all_electric: True where electricity heats.
        is_care: True with the CARE discount.
        is_fera: True with the FERA discount; CARE goes before it.
        is_medical_baseline: True with one medical baseline allowance.
        has_net_metering: True where energy to the grid is credited.
        phase_count: 1 or 3; 0 for the usual service of the schedule, with neither adder nor credit.
    """

    baseline_region: Integers
    is_multi_family: Booleans
    is_all_electric: Booleans
    is_care: Booleans
    is_fera: Booleans
    is_medical_baseline: Booleans
    has_net_metering: Booleans
    phase_count: Integers


def regions(book: TariffBook) -> list[str]:
    """All baseline regions of the tariffs, sorted."""
    return sorted({region for version in book.baseline.versions for region in version.content.regions})


def terms_of(book: TariffBook, bills: pl.DataFrame) -> Terms:
    """Terms of bills from the columns of the same names; baseline_region by name, phase_count null for the usual."""
    places = {region: place for place, region in enumerate(regions(book))}
    named = bills["baseline_region"].replace_strict(places, default=-1, return_dtype=pl.Int64)
    flags = {
        name: bills[name].fill_null(value=False).to_numpy()
        for name in (
            "is_multi_family", "is_all_electric", "is_care", "is_fera", "is_medical_baseline", "has_net_metering",
        )
    }  # fmt: skip
    phases = bills["phase_count"].fill_null(0).cast(pl.Int64).to_numpy()
    return Terms(baseline_region=named.to_numpy(), phase_count=phases, **flags)


def price_boundaries(book: TariffBook) -> list[int]:
    """Local dates on which the prices of any rate change, in days since 1970-01-01, ascending."""
    dates = {
        later.effective_date
        for tariff in book.tariffs.values()
        for earlier, later in zip(tariff.history.versions, tariff.history.versions[1:], strict=False)
        if earlier.prices_date != later.prices_date
    }
    return sorted(day_number(day) for day in dates)


@dataclass(frozen=True)
class RatedSegments:
    """Segments of bills under one rate.

    Attributes:
        tariff: The rate schedule.
        bill: Bill of each segment, as a position; ascending.
        first_day: First local date, in days since 1970-01-01.
        day_count: Days.
        version: Version of the rate that holds, as a position in its history.
        season: Position in `SEASONS`.
        allocation_wh: Baseline allocation of its days.
        used_wh: Priced energy, shape (segments, `PERIODS`).
        import_wh: Energy that no export offsets.
        weekday_peak_wh: Largest import of an interval on weekdays, shape (segments, `PERIODS`).
        peak_wh: Largest import of an interval.
    """

    tariff: Tariff
    bill: Integers
    first_day: Integers
    day_count: Integers
    version: Integers
    season: Integers
    allocation_wh: Integers
    used_wh: Integers
    import_wh: Integers
    weekday_peak_wh: Integers
    peak_wh: Integers

    @cached_property
    def total_wh(self) -> Integers:
        """Priced energy of each segment."""
        total: Integers = self.used_wh.sum(axis=1)
        return total

    @property
    def last_day(self) -> Integers:
        """Last local date of each segment."""
        return self.first_day + self.day_count - 1

    @cached_property
    def groups(self) -> list[tuple[Prices, str, Integers]]:
        """Prices, season and positions of the segments that have them."""
        keys = self.version * len(SEASONS) + self.season
        return [
            (self.tariff.history.versions[key // len(SEASONS)].content, SEASONS[key % len(SEASONS)],
             np.flatnonzero(keys == key))
            for key in np.unique(keys).tolist()
        ]  # fmt: skip

    def period_wh(self, season: str, rows: Integers) -> dict[str, Integers]:
        """Priced energy of some segments of a season by period."""
        return {PERIODS[place]: self.used_wh[rows, place] for place in cells_by_period(self.tariff, season)}

    def period_peak_wh(self, period: str, rows: Integers) -> Integers:
        """Largest import of an interval in a period on weekdays, zero where the season has no such hours."""
        peaks: Integers = self.weekday_peak_wh[rows, PERIODS.index(period)]
        return peaks


def rated_segments(
    book: TariffBook, tariff: Tariff, usage: PeriodUsage, terms: Terms, priced_on: date | None
) -> RatedSegments:
    """Bring the segments of bills together where a rate's prices and season are the same.

    Args:
        book: Tariff data; calendar and baseline allocations are used.
        tariff: The rate schedule.
        usage: Energy of the segments of the bills by the periods of this rate.
        terms: Of the bills.
        priced_on: The date whose prices and allocations hold throughout; None for those of each date.

    Raises:
        ValueError: A bill lies before the first version, or its region is unknown while the rate needs it.
    """
    priced_day = usage.first_day if priced_on is None else np.full_like(usage.first_day, day_number(priced_on))
    version = _version_on([v.effective_date for v in tariff.history.versions], priced_day)
    prices = np.array([day_number(v.prices_date) for v in tariff.history.versions], dtype=np.int64)[version]
    is_new = np.ones(len(usage.bill), dtype=bool)
    is_new[1:] = (np.diff(usage.bill) != 0) | (np.diff(prices) != 0) | (np.diff(usage.season) != 0)
    start = np.flatnonzero(is_new)
    merged = usage.merged(start)
    return RatedSegments(
        tariff=tariff,
        bill=merged.bill,
        first_day=merged.first_day,
        day_count=merged.day_count,
        version=version[start],
        season=merged.season,
        allocation_wh=_sums(_allocation(book, usage, terms, priced_on), start),
        used_wh=merged.used_wh,
        import_wh=merged.import_wh,
        weekday_peak_wh=merged.weekday_peak_wh,
        peak_wh=merged.peak_wh,
    )


def _version_on(effective: Sequence[date], day: Integers) -> Integers:
    starts = np.array([day_number(first) for first in effective], dtype=np.int64)
    place: Integers = np.searchsorted(starts, day, side="right").astype(np.int64) - 1
    if (place < 0).any():
        raise ValueError(f"a bill begins before the first version, which holds from {effective[0]}")
    return place


def _allocation(book: TariffBook, usage: PeriodUsage, terms: Terms, priced_on: date | None) -> Integers:
    """Baseline allocation of segments in watt-hours: that of each day's version, or of the version on one date."""
    region, total = terms.baseline_region[usage.bill], np.zeros(len(usage.bill), dtype=np.int64)
    heating, medical = terms.is_all_electric[usage.bill].astype(np.int64), terms.is_medical_baseline[usage.bill]
    versions = book.baseline.versions if priced_on is None else (book.baseline.on(priced_on),)
    starts = [day_number(v.effective_date) if priced_on is None else -_LAST_DAY for v in versions]
    for version, begin, end in zip(versions, starts, [*starts[1:], _LAST_DAY], strict=True):
        days = np.minimum(usage.first_day + usage.day_count, end) - np.maximum(usage.first_day, begin)
        table = _per_day(regions(book), version.content)
        total += np.maximum(days, 0) * (table[region, heating, usage.season] + version.content.medical * medical)
    return total


def _per_day(names: Sequence[str], baseline: Baseline) -> Integers:
    """Allocation per day by region, kind of heating and season; the last row, of unknown regions, is zero."""
    table = np.zeros((len(names) + 1, 2, len(SEASONS)), dtype=np.int64)
    for place, name in enumerate(names):
        if name in baseline.regions:
            region = baseline.regions[name]
            table[place] = [[kind[season] for season in SEASONS] for kind in (region.basic, region.all_electric)]
    return table


def _sums(values: Integers, start: Integers) -> Integers:
    if not len(start):
        return values[:0]
    sums: Integers = np.add.reduceat(values, start, axis=0)
    return sums
