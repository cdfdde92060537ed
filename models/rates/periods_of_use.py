"""Usage of bills by time-of-use period: what is left of the cells of segments once the hours of a rate are known."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from models.rates.lines import Booleans, Integers
from models.rates.usage import HOURS, SegmentUsage, priced_usage
from models.tariffs import DAY_KINDS, PERIODS, SEASONS, Tariff, TariffCalendar


@dataclass(frozen=True)
class PeriodUsage:
    """Priced energy of segments by period, each segment within one season.

    Attributes:
        bill: Bill of each segment, as a position; ascending.
        first_day: First local date of each segment, in days since 1970-01-01; ascending within a bill.
        day_count: Days of each segment.
        season: Position in `SEASONS`.
        used_wh: Delivered energy, with net metering less received; shape (segments, `PERIODS`).
        import_wh: Energy that no export offsets.
        weekday_peak_wh: Largest import of an interval on weekdays; shape (segments, `PERIODS`).
        peak_wh: Largest import of an interval.
    """

    bill: Integers
    first_day: Integers
    day_count: Integers
    season: Integers
    used_wh: Integers
    import_wh: Integers
    weekday_peak_wh: Integers
    peak_wh: Integers

    def merged(self, start: Integers) -> "PeriodUsage":
        """Put neighbouring segments of a bill and season together.

        Args:
            start: Positions of the first segment of each new one.
        """
        if len(start) == len(self.bill):
            return self
        return PeriodUsage(
            bill=self.bill[start],
            first_day=self.first_day[start],
            season=self.season[start],
            day_count=np.add.reduceat(self.day_count, start),
            used_wh=np.add.reduceat(self.used_wh, start, axis=0),
            import_wh=np.add.reduceat(self.import_wh, start),
            weekday_peak_wh=np.maximum.reduceat(self.weekday_peak_wh, start, axis=0),
            peak_wh=np.maximum.reduceat(self.peak_wh, start),
        )


def period_usage(
    tariff: Tariff, calendar: TariffCalendar, usage: SegmentUsage, has_net_metering: Booleans
) -> PeriodUsage:
    """Gather the cells of segments by the periods of a rate.

    Args:
        tariff: The rate schedule.
        calendar: Its seasons.
        usage: Cells of segments.
        has_net_metering: By bill.
    """
    energy, season = priced_usage(usage, has_net_metering), season_of(calendar, usage.first_day)
    count, has_demand = len(usage.bill), any(version.content.demand for version in tariff.history.versions)
    used, peaks = (np.zeros((count, len(PERIODS)), dtype=np.int64) for _ in range(2))
    peak = energy.peak_wh.max(axis=1, initial=0) if has_demand else np.zeros(count, dtype=np.int64)
    for place, name in enumerate(SEASONS):
        rows = np.flatnonzero(season == place)
        if not len(rows):
            continue
        within = energy.used_wh if len(rows) == count else energy.used_wh[rows]
        for column, cells in cells_by_period(tariff, name).items():
            used[rows, column] = within[:, cells].sum(axis=1)
            if has_demand:
                peaks[rows, column] = energy.peak_wh[np.ix_(rows, cells[cells < HOURS])].max(axis=1, initial=0)
    return PeriodUsage(
        bill=usage.bill,
        first_day=usage.first_day,
        day_count=usage.day_count,
        season=season,
        used_wh=used,
        import_wh=energy.import_wh,
        weekday_peak_wh=peaks,
        peak_wh=peak,
    )


def cells_by_period(tariff: Tariff, season: str) -> dict[int, Integers]:
    """Cells of each period that a season has, by its position in `PERIODS`."""
    return _cells(tuple(tuple(tariff.schedule[season][kind]) for kind in DAY_KINDS))


@cache
def _cells(schedule: tuple[tuple[str, ...], ...]) -> dict[int, Integers]:
    names = np.array([name for hours in schedule for name in hours])
    return {place: np.flatnonzero(names == period) for place, period in enumerate(PERIODS) if (names == period).any()}


def season_of(calendar: TariffCalendar, day: Integers) -> Integers:
    """Season of local dates in days since 1970-01-01, as positions in `SEASONS`."""
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    return np.where(np.isin(month, calendar.summer_months), 0, 1).astype(np.int64)
