"""Measures of usage once more: energy, demand and counts of the intervals in which a meter or an account is told."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.explain.intervals import LONGEST_BY_OFFSET, ToldInterval

Figure = Decimal | int | None
ON_PEAK_HOURS = range(16, 21)
"""Hours of the wall clock that are on-peak on every day, whatever the rate."""


@dataclass(frozen=True)
class Measure:
    """One measured column.

    Attributes:
        unit: Its unit.
        channels: Channels on whose values it rests.
        of: From the intervals of one or more civil dates to the figure, None where it is unknown.
        formula: What is computed, without its subject.
    """

    unit: str
    channels: tuple[str, ...]
    of: Callable[[Sequence[ToldInterval]], Figure]
    formula: str


def kwh(wh: int) -> Decimal:
    """Kilowatt-hours of whole watt-hours, exactly."""
    return Decimal(wh).scaleb(-3)


def average_kw(wh: int, minutes: int) -> Decimal:
    """Average demand of an interval, rounded half up to six decimals."""
    return Decimal((2 * wh * 60_000 + minutes) // (2 * minutes)).scaleb(-6)


def _energy(channel_code: str) -> Callable[[Sequence[ToldInterval]], Figure]:
    def energy(intervals: Sequence[ToldInterval]) -> Figure:
        known = [wh for interval in intervals if (wh := interval.wh(channel_code)) is not None]
        return kwh(sum(known)) if known else None

    return energy


def _demand(intervals: Sequence[ToldInterval]) -> Figure:
    demands = [
        average_kw(wh, interval.interval_minutes)
        for interval in intervals
        if interval.is_delivered_known and (wh := interval.wh("delivered")) is not None
    ]
    return max(demands, default=None)


def _peak(intervals: Sequence[ToldInterval]) -> Figure:
    return _demand([interval for interval in intervals if interval.interval_minutes <= LONGEST_BY_OFFSET])


def _on_peak(intervals: Sequence[ToldInterval]) -> Figure:
    days: dict[tuple[str, date], list[tuple[bool, int | None]]] = defaultdict(list)
    for part in (part for interval in intervals for part in interval.parts):
        local = part.slot.interval_start_utc + timedelta(minutes=part.slot.utc_offset_minutes)
        if local.minute + part.slot.interval_minutes > LONGEST_BY_OFFSET:
            return None
        days[part.meter_id, part.slot.usage_date].append((local.hour in ON_PEAK_HOURS, part.wh("delivered")))
    known = [wh for day in days.values() if (wh := _on_peak_wh(day)) is not None]
    return kwh(sum(known)) if known else None


def _on_peak_wh(day: list[tuple[bool, int | None]]) -> int | None:
    """On-peak energy of a meter's day, of which each interval says whether it is on-peak; unknown if none is known."""
    on_peak = [wh for is_on_peak, wh in day if is_on_peak]
    known = [wh for wh in on_peak if wh is not None]
    is_any_known = any(wh is not None for _, wh in day)
    return sum(known) if known or (not on_peak and is_any_known) else None


def _count(counts: Callable[[ToldInterval], bool]) -> Callable[[Sequence[ToldInterval]], Figure]:
    return lambda intervals: sum(counts(interval) for interval in intervals)


_ALL = ("delivered", "received")

MEASURES: Mapping[str, Measure] = {
    "delivered_kwh": Measure(
        "kWh", ("delivered",), _energy("delivered"),
        "sum of the final energy delivered in Wh, divided by 1,000; an interval whose value is unknown adds nothing",
    ),
    "received_kwh": Measure(
        "kWh", ("received",), _energy("received"),
        "sum of the final energy received in Wh, divided by 1,000; an interval whose value is unknown adds nothing",
    ),
    "avg_kw": Measure(
        "kW", ("delivered",), _demand,
        "final energy delivered in Wh × 60 ÷ (minutes of the interval × 1,000); unknown where a part is unknown",
    ),
    "peak_kw": Measure(
        "kW", ("delivered",), _peak,
        "largest average demand of an interval of at most an hour: energy delivered in Wh × 60 ÷ (minutes × 1,000), of "
        "all meters together; intervals of which a part is unknown are left out",
    ),
    "on_peak_kwh": Measure(
        "kWh", ("delivered",), _on_peak,
        "sum of the final energy delivered in Wh in intervals that begin between 16:00 and 21:00 on the wall clock, "
        "divided by 1,000; unknown where an interval goes beyond an hour of the wall clock",
    ),
    "interval_count": Measure(
        "count", _ALL, _count(lambda interval: interval.is_known), "intervals whose energy is wholly known",
    ),
    "expected_interval_count": Measure(
        "count", _ALL, _count(lambda _: True),
        "intervals of the civil calendar between the first and the last read of the meter, those included",
    ),
    "estimated_interval_count": Measure(
        "count", _ALL, _count(lambda interval: interval.is_estimated), "intervals of which a part was estimated",
    ),
}  # fmt: skip
