"""Lines of bills computed once more: quantities from intervals, amounts from quantity and price."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_WH_PER_KWH = 1000


@dataclass(frozen=True)
class BilledInterval:
    """An interval of an account.

    Attributes:
        start_local: Its start on the wall clock.
        delivered_wh: Energy from the grid; None where it is unknown.
        received_wh: Energy to the grid; None where there is none.
    """

    start_local: datetime
    delivered_wh: int | None
    received_wh: int | None


@dataclass(frozen=True)
class EnergyLine:
    """A line about energy.

    Attributes:
        charge_code: Kind of charge.
        season: Season priced; None where the charge does not depend on it.
        period_code: Time-of-use period priced; None likewise.
        first_date: First local date.
        last_date: Last one, included.
        quantity_kwh: What the line says.
    """

    charge_code: str
    season: str | None
    period_code: str | None
    first_date: date
    last_date: date
    quantity_kwh: Decimal


def amount(quantity: Decimal, price: Decimal) -> Decimal:
    """Quantity times price, rounded to the cent once, halves away from zero."""
    return (quantity * price).quantize(_CENT, ROUND_HALF_UP)


def used_wh(
    intervals: Collection[BilledInterval],
    line: EnergyLine,
    period_of: Callable[[str, date, int], str],
    *,
    is_net: bool,
) -> int:
    """Energy of the intervals that a line is about.

    Args:
        intervals: Of the account.
        line: Its dates, season and period are looked at; both tiers of a segment are one quantity.
        period_of: Period of a season, date and hour.
        is_net: True where received energy is taken off.
    """
    total = 0
    for interval in intervals:
        day = interval.start_local.date()
        if not line.first_date <= day <= line.last_date:
            continue
        if line.season and period_of(line.season, day, interval.start_local.hour) != line.period_code:
            continue
        total += (interval.delivered_wh or 0) - ((interval.received_wh or 0) if is_net else 0)
    return total


def is_energy(line: EnergyLine) -> bool:
    """True for lines whose quantity is the energy of their hours, in part or whole."""
    return line.charge_code in ("energy_in_period", "energy_within_baseline", "energy_above_baseline")


def quantities_that_differ(
    lines: Collection[EnergyLine],
    intervals: Collection[BilledInterval],
    period_of: Callable[[str, date, int], str],
    *,
    is_net: bool,
) -> list[str]:
    """A sentence for every energy quantity that the intervals do not give; tiers of a segment are taken together."""
    told: dict[tuple[str | None, str | None, date, date], Decimal] = {}
    first: dict[tuple[str | None, str | None, date, date], EnergyLine] = {}
    for line in lines:
        if is_energy(line):
            key = (line.season, line.period_code, line.first_date, line.last_date)
            told[key] = told.get(key, Decimal(0)) + line.quantity_kwh
            first.setdefault(key, line)
    sentences = []
    for key, quantity in told.items():
        found = Decimal(used_wh(intervals, first[key], period_of, is_net=is_net)) / _WH_PER_KWH
        if found != quantity:
            season, period, begin, end = key
            sentences.append(
                f"{season} {period} from {begin} to {end}: {found} kWh by the intervals, {quantity} billed"
            )
    return sentences
