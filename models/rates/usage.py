"""Usage of bills as arrays of cells: segment × weekday or weekend × local hour."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.rates.lines import Booleans, Integers

HOURS = 24
WEEKDAY, WEEKEND = 0, 1
CELLS = 2 * HOURS
"""Cells of a segment: the hours of weekdays, then those of weekends and holidays."""
ENERGIES = ("delivered_wh", "received_wh", "net_import_wh")
PEAKS = ("peak_wh", "net_peak_wh")
SEGMENT_KEY = ("account_id", "bill_start_date", "segment_start_date")


@dataclass(frozen=True)
class SegmentUsage:
    """Energy of the segments of bills.

    A segment is a run of days of one bill within one month and one version of every price.

    Attributes:
        bill: Bill of each segment, as a position; ascending.
        first_day: First local date of each segment, in days since 1970-01-01; ascending within a bill.
        day_count: Days of each segment.
        delivered_wh: Energy from the grid, shape (segments, `CELLS`).
        received_wh: Energy to the grid.
        net_import_wh: What each interval takes on balance, summed.
        peak_wh: Largest energy from the grid in an interval.
        net_peak_wh: Largest balance of an interval.
    """

    bill: Integers
    first_day: Integers
    day_count: Integers
    delivered_wh: Integers
    received_wh: Integers
    net_import_wh: Integers
    peak_wh: Integers
    net_peak_wh: Integers

    def of_bills(self, wanted: Integers) -> "SegmentUsage":
        """Segments of some bills, which are numbered anew in the order given.

        Args:
            wanted: Positions of bills, ascending.
        """
        place = np.full(int(max(self.bill.max(initial=0), wanted.max(initial=0))) + 1, -1, dtype=np.int64)
        place[wanted] = np.arange(len(wanted))
        kept = place[self.bill] >= 0
        taken = {name: getattr(self, name)[kept] for name in ("first_day", "day_count", *ENERGIES, *PEAKS)}
        return replace(self, bill=place[self.bill[kept]], **taken)


@dataclass(frozen=True)
class PricedUsage:
    """Energy as it is priced, by segment.

    Attributes:
        used_wh: Delivered energy; with net metering delivered less received. Shape (segments, `CELLS`).
        import_wh: Energy that no export offsets, by segment.
        peak_wh: Largest import of an interval, shape (segments, `CELLS`).
    """

    used_wh: Integers
    import_wh: Integers
    peak_wh: Integers


def priced_usage(usage: SegmentUsage, has_net_metering: Booleans) -> PricedUsage:
    """What of the energy is priced.

    Args:
        usage: Cells of segments.
        has_net_metering: By bill.
    """
    is_net = has_net_metering[usage.bill]
    if not is_net.any():
        return PricedUsage(usage.delivered_wh, usage.delivered_wh.sum(axis=1), usage.peak_wh)
    rows = is_net[:, np.newaxis]
    return PricedUsage(
        used_wh=np.where(rows, usage.delivered_wh - usage.received_wh, usage.delivered_wh),
        import_wh=np.where(is_net, usage.net_import_wh.sum(axis=1), usage.delivered_wh.sum(axis=1)),
        peak_wh=np.where(rows, usage.net_peak_wh, usage.peak_wh),
    )


def segment_usage(bills: pl.DataFrame, boundaries: list[int], cells: pl.DataFrame) -> SegmentUsage:
    """Cells as dense arrays.

    Args:
        bills: account_id, bill_start_date, bill_end_date (the day after the last one), one row per bill; its order
            gives the positions.
        boundaries: Local dates on which a price of any rate changes, in days since 1970-01-01, ascending.
        cells: `SEGMENT_KEY`, is_weekend, local_hour, `ENERGIES`, `PEAKS`; cells without usage may lack, weeks may
            stand apart.

    Returns:
        The segments of all bills, those without any usage too.
    """
    segments = bill_segments(bills, boundaries)
    count = segments.height
    place = segments.with_row_index("segment").select("segment", *SEGMENT_KEY)
    found = cells.join(place, on=SEGMENT_KEY, how="inner")
    cell = found["segment"].to_numpy().astype(np.int64) * CELLS + (
        found["is_weekend"].cast(pl.Int64) * HOURS + found["local_hour"]
    ).to_numpy().astype(np.int64)
    energies = {name: _added(found[name], cell, count) for name in ENERGIES}
    peaks = {name: _largest(found[name], cell, count) for name in PEAKS}
    return SegmentUsage(
        bill=segments["bill"].to_numpy().astype(np.int64),
        first_day=segments["first_day"].to_numpy().astype(np.int64),
        day_count=segments["day_count"].to_numpy().astype(np.int64),
        **energies,
        **peaks,
    )


def bill_segments(bills: pl.DataFrame, boundaries: list[int]) -> pl.DataFrame:
    """Segments of bills: cut at each first of a month and at each change of a price.

    Args:
        bills: As for `segment_usage`.
        boundaries: As for `segment_usage`.

    Returns:
        bill (position), `SEGMENT_KEY`, first_day (days since 1970-01-01), day_count; by bill and time.
    """
    starts = bills["bill_start_date"].to_physical().to_numpy().astype(np.int64)
    ends = bills["bill_end_date"].to_physical().to_numpy().astype(np.int64)
    cuts = np.union1d(_month_starts(starts, ends), np.asarray(boundaries, dtype=np.int64))
    first_cut, end_cut = np.searchsorted(cuts, starts, side="right"), np.searchsorted(cuts, ends, side="left")
    counts = np.maximum(end_cut - first_cut, 0) + 1
    bill = np.repeat(np.arange(len(starts), dtype=np.int64), counts)
    within = np.arange(len(bill)) - np.repeat(np.cumsum(counts) - counts, counts)
    inner = cuts[np.minimum(np.repeat(first_cut, counts) + within - 1, len(cuts) - 1)] if len(cuts) else bill
    first = np.where(within == 0, starts[bill], inner)
    last = np.append(first[1:], 0)
    is_final = np.append(bill[1:] != bill[:-1], True)
    length = np.where(is_final, ends[bill], last) - first
    keys = bills.select("account_id", "bill_start_date")[bill]
    return keys.with_columns(
        pl.Series("bill", bill),
        pl.Series("first_day", first),
        pl.Series("segment_start_date", first.astype(np.int32)).cast(pl.Date),
        pl.Series("day_count", length),
    )


def _month_starts(starts: Integers, ends: Integers) -> Integers:
    if not len(starts):
        return np.empty(0, dtype=np.int64)
    first, last = np.array([starts.min(), ends.max()]).astype("datetime64[D]").astype("datetime64[M]")
    months = np.arange(first, last + np.timedelta64(1, "M"))
    return months.astype("datetime64[D]").astype(np.int64)


def _added(values: pl.Series, cell: NDArray[np.int64], segments: int) -> Integers:
    sums = np.bincount(cell, weights=values.fill_null(0).to_numpy(), minlength=segments * CELLS)
    return sums.astype(np.int64).reshape(segments, CELLS)


def _largest(values: pl.Series, cell: NDArray[np.int64], segments: int) -> Integers:
    peaks = np.zeros(segments * CELLS, dtype=np.int64)
    np.maximum.at(peaks, cell, values.fill_null(0).to_numpy())
    return peaks.reshape(segments, CELLS)
