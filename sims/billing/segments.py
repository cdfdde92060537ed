"""The energy of a bill, gathered interval by interval into the stretches in which neither price nor season changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from models.tariffs import Prices, Tariff, TariffBook
from sims.billing.clock import interval_hours, midnight_minute
from sims.billing.request import BillRequest, ServiceTerms


@dataclass
class Segment:
    """Consecutive days of a bill with the same prices and season.

    Attributes:
        prices_date: Which prices they are.
        prices: The prices.
        season: summer or winter.
        first_date: First local date.
        last_date: Last local date, included.
        uses_baseline: True where the baseline allocation matters to its prices.
        is_illustrative: True where its prices or allocation are not sourced, or carried over from another time.
        allocation_wh: Baseline allocation of its days; gathered where it matters.
        energy_wh: Priced energy by period: delivered, or delivered less received with net metering.
        import_wh: Energy that no export offsets: delivered, or what each interval takes on balance with net metering.
        peak_wh: Largest import of an interval; gathered where demand is priced.
        weekday_peak_wh: The same by period, on weekdays other than holidays.
    """

    prices_date: date
    prices: Prices
    season: str
    first_date: date
    last_date: date
    uses_baseline: bool
    is_illustrative: bool = False
    allocation_wh: int = 0
    energy_wh: dict[str, int] = field(default_factory=dict)
    import_wh: int = 0
    peak_wh: int = 0
    weekday_peak_wh: dict[str, int] = field(default_factory=dict)

    @property
    def day_count(self) -> int:
        """Number of its days."""
        return (self.last_date - self.first_date).days + 1

    @property
    def total_wh(self) -> int:
        """Priced energy of all periods."""
        return sum(self.energy_wh.values())


def measured_segments(book: TariffBook, request: BillRequest) -> list[Segment]:
    """The segments of a bill in order of time.

    Raises:
        ValueError: The number of values is not that of the intervals of the local days.
        LookupError: The tariff data have no such schedule, region or time.
    """
    tariff = _tariff(book, request.terms.rate_code)
    _check_interval_count(request)
    segments: list[Segment] = []
    place = 0
    day = request.start_date
    while day < request.end_date:
        hours = interval_hours(day, request.interval_minutes)
        values = slice(place, place + len(hours))
        segment = _segment_of(segments, book, tariff, day)
        if segment.uses_baseline:
            _add_allocation(segment, book, request.terms, day)
        _add_day(segment, tariff, book.calendar.is_weekend(day), hours, _priced(request, values))
        place += len(hours)
        day += timedelta(1)
    return segments


def _add_allocation(segment: Segment, book: TariffBook, terms: ServiceTerms, day: date) -> None:
    version = book.baseline.on(day)
    region = version.content.regions.get(terms.baseline_region)
    if region is None:
        raise LookupError(f'there is no baseline allocation for region "{terms.baseline_region}"')
    kind = region.all_electric if terms.is_all_electric else region.basic
    segment.allocation_wh += kind[segment.season]
    if terms.is_medical_baseline:
        segment.allocation_wh += version.content.medical
    segment.is_illustrative |= version.is_illustrative


def _check_interval_count(request: BillRequest) -> None:
    minutes = midnight_minute(request.end_date) - midnight_minute(request.start_date)
    expected = minutes // request.interval_minutes
    counts = {len(request.delivered_wh)}
    if request.terms.has_net_metering:
        counts.add(len(request.received_wh))
    if minutes <= 0 or counts != {expected}:
        raise ValueError(
            f"{request.start_date} to {request.end_date} has {expected} intervals of {request.interval_minutes} "
            f"minutes, but {' and '.join(map(str, sorted(counts)))} values were given"
        )


def _tariff(book: TariffBook, rate_code: str) -> Tariff:
    if rate_code not in book.tariffs:
        raise LookupError(f'there is no rate schedule "{rate_code}"')
    return book.tariffs[rate_code]


def _segment_of(segments: list[Segment], book: TariffBook, tariff: Tariff, day: date) -> Segment:
    version, season = tariff.version_on(day), book.calendar.season_on(day)
    if not segments or (segments[-1].prices_date, segments[-1].season) != (version.prices_date, season):
        prices = version.content
        segments.append(Segment(version.prices_date, prices, season, day, day, prices.uses_baseline))
    segments[-1].last_date = day
    segments[-1].is_illustrative |= version.is_illustrative
    return segments[-1]


def _priced(request: BillRequest, values: slice) -> Sequence[int]:
    delivered = request.delivered_wh[values]
    if not request.terms.has_net_metering:
        return delivered
    return [taken - given for taken, given in zip(delivered, request.received_wh[values], strict=True)]


def _add_day(segment: Segment, tariff: Tariff, is_weekend: bool, hours: tuple[int, ...], values: Sequence[int]) -> None:
    kind = "weekend" if is_weekend else "weekday"
    runs = _runs(tariff.schedule[segment.season][kind], hours)
    for period, first, end in runs:
        segment.energy_wh[period] = segment.energy_wh.get(period, 0) + sum(values[first:end])
    segment.import_wh += sum(values) if min(values) >= 0 else sum(value for value in values if value > 0)
    if segment.prices.demand is not None:
        segment.peak_wh = max(segment.peak_wh, *values)
        if not is_weekend:
            for period, first, end in runs:
                peak = segment.weekday_peak_wh.get(period, 0)
                segment.weekday_peak_wh[period] = max(peak, *values[first:end])


@lru_cache(maxsize=256)
def _runs(period_of_hour: tuple[str, ...], hours: tuple[int, ...]) -> tuple[tuple[str, int, int], ...]:
    """Stretches of intervals of a day in the same period: the period, the first interval, and the end."""
    periods = [period_of_hour[hour] for hour in hours]
    starts = [place for place in range(len(periods)) if not place or periods[place] != periods[place - 1]]
    return tuple((periods[first], first, end) for first, end in zip(starts, [*starts[1:], len(periods)], strict=True))
