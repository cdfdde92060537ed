"""Intervals of a load, and what a tariff of URDB's form needs to know of them: sums and maxima by month and period."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rates.periods import Periods, cells_of, is_weekend
from models.rates.urdb.ladders import Floats
from models.rates.urdb.record import UrdbTariff

Months = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Intervals:
    """A load without gaps, in any order.

    Attributes:
        start_local: Starts on the local wall clock, to the minute; the hour that a clock change repeats stands twice.
        import_kwh: Energy from the grid in each interval, zero or more.
        export_kwh: Energy to the grid in each interval, zero or more. One meter has one of the two in an interval; a
            load and a generation metered apart may have both.
        minutes: Length of all intervals.
    """

    start_local: NDArray[np.datetime64]
    import_kwh: Floats
    export_kwh: Floats
    minutes: int

    @classmethod
    def of_one_meter(cls, start_local: NDArray[np.datetime64], net_kwh: Floats, minutes: int) -> "Intervals":
        """Intervals of a meter that reports the import as positive and the export as negative."""
        start = start_local.astype("datetime64[m]")
        return cls(start, np.maximum(net_kwh, 0.0), np.maximum(-net_kwh, 0.0), minutes)

    @property
    def has_exports(self) -> bool:
        """Whether any energy went to the grid."""
        return bool(np.any(self.export_kwh > 0))


@dataclass(frozen=True, eq=False)
class Determinants:
    """What is billed, by month of the load (M) and period (P).

    Attributes:
        months: The months, in order.
        days: Local dates of each month that have intervals.
        is_whole: Whether the load covers the whole month.
        import_kwh: M × P, by energy period.
        export_kwh: M × P.
        peak_kw: Highest import of an interval in each month, as mean power.
        tou_peak_kw: The same by demand period, M × demand periods; of no columns without demand prices.
    """

    months: Months
    days: NDArray[np.int64]
    is_whole: NDArray[np.bool_]
    import_kwh: Floats
    export_kwh: Floats
    peak_kw: Floats
    tou_peak_kw: Floats

    @property
    def month_of_year(self) -> NDArray[np.int64]:
        """0 to 11."""
        return np.asarray(self.months.astype(np.int64) % 12)


def determinants(tariff: UrdbTariff, intervals: Intervals) -> Determinants:
    """Sums and maxima of a load by the months and periods of a tariff."""
    starts = intervals.start_local
    months, month = np.unique(starts.astype("datetime64[M]"), return_inverse=True)
    cells = cells_of(starts, is_weekend(starts, tariff.holidays))
    period = tariff.energy_periods.ravel()[cells]
    kw = intervals.import_kwh * (60 / intervals.minutes)
    count, periods = len(months), tariff.energy.period_count
    return Determinants(
        months=months,
        days=_days(starts),
        is_whole=_is_whole(months, starts, intervals.minutes),
        import_kwh=_sums(intervals.import_kwh, month, period, (count, periods)),
        export_kwh=_sums(intervals.export_kwh, month, period, (count, periods)),
        peak_kw=_maxima(kw, month, np.zeros_like(month), (count, 1))[:, 0],
        tou_peak_kw=_tou_peaks(tariff, kw, month, cells, count),
    )


def _tou_peaks(
    tariff: UrdbTariff, kw: Floats, month: NDArray[np.int64], cells: NDArray[np.int64], count: int
) -> Floats:
    if tariff.tou_demand is None:
        return np.zeros((count, 0))
    periods: Periods = tariff.tou_demand_periods.ravel()[cells]
    return _maxima(kw, month, periods, (count, tariff.tou_demand.period_count))


def _sums(values: Floats, month: NDArray[np.int64], period: NDArray[np.int64], shape: tuple[int, int]) -> Floats:
    summed = np.bincount(month * shape[1] + period, values, shape[0] * shape[1])
    return np.asarray(summed, np.float64).reshape(shape)


def _maxima(values: Floats, month: NDArray[np.int64], period: NDArray[np.int64], shape: tuple[int, int]) -> Floats:
    largest = np.zeros(shape[0] * shape[1])
    np.maximum.at(largest, month * shape[1] + period, values)
    return largest.reshape(shape)


def _days(starts: NDArray[np.datetime64]) -> NDArray[np.int64]:
    dates = np.unique(starts.astype("datetime64[D]"))
    return np.asarray(np.unique(dates.astype("datetime64[M]"), return_counts=True)[1], np.int64)


def _is_whole(months: Months, starts: NDArray[np.datetime64], minutes: int) -> NDArray[np.bool_]:
    """Only the first and the last month of a load without gaps can be cut."""
    first, end = starts.min(), starts.max() + np.timedelta64(minutes, "m")
    return np.asarray((months.astype("datetime64[m]") >= first) & ((months + 1).astype("datetime64[m]") <= end))
