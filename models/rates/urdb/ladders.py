"""Prices of a URDB record by period and tier."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rates.periods import MONTHS, Periods, periods_of_months
from models.rates.urdb.findings import Findings
from models.rates.urdb.values import number, shown

Floats = NDArray[np.float64]

KWH, KWH_DAILY, KWH_PER_KW, KWH_PER_KW_DAILY = "kwh", "kwh daily", "kwh/kw", "kwh/kw daily"
ENERGY_UNITS = (KWH, KWH_DAILY, KWH_PER_KW, KWH_PER_KW_DAILY)
KW = "kw"
_UNLIMITED = 1e37
"""Limits from here on are none: records write 1e38, in single precision too."""


@dataclass(frozen=True, eq=False)
class Ladders:
    """Tiers of every period.

    Attributes:
        limits: Upper limit of each tier, periods × tiers, rising; infinite for the last tier and in padding.
        prices: $ per kWh or kW, rate and adjustment together, periods × tiers.
        sells: $ per exported kWh, periods × tiers.
        units: Unit of the limits of each period; None where it has no limits.
        has_prices: Whether the record has any tier for the period.
    """

    limits: Floats
    prices: Floats
    sells: Floats
    units: tuple[str | None, ...]
    has_prices: tuple[bool, ...]

    @property
    def period_count(self) -> int:
        """Number of periods."""
        return len(self.units)


@dataclass(frozen=True)
class _Tier:
    limit: float
    price: float
    sell: float
    unit: str | None


def read_ladders(structure: object, name: str, units: tuple[str, ...], findings: Findings) -> Ladders | None:
    """The ladders of a rate structure: a list of periods, each a list of tiers.

    Args:
        structure: What stands in the record.
        name: Its field.
        units: Units that a tier may have, in lower case.
        findings: Where mistakes are noted.

    Returns:
        None where it is no list of lists of tiers; a refusal is noted then.
    """
    if not isinstance(structure, list) or not all(isinstance(period, list) for period in structure):
        findings.refuse("wrong_value", f"{name} must be a list of periods that are lists of tiers")
        return None
    periods = [
        _period(period, f"{name}[{n}]", "demand_unit" if units == (KW,) else "tier_unit", units, findings)
        for n, period in enumerate(structure)
    ]
    width = max((len(period) for period in periods), default=1) or 1
    return Ladders(
        limits=_padded([[tier.limit for tier in period] for period in periods], width, math.inf),
        prices=_padded([[tier.price for tier in period] for period in periods], width, 0.0),
        sells=_padded([[tier.sell for tier in period] for period in periods], width, 0.0),
        units=tuple(_unit_of(period, f"{name}[{n}]", findings) for n, period in enumerate(periods)),
        has_prices=tuple(bool(period) for period in periods),
    )


def _padded(rows: list[list[float]], width: int, filling: float) -> Floats:
    padded = [row + [filling] * (width - len(row)) for row in rows]
    return np.array(padded, np.float64).reshape(len(rows), width)


def _period(tiers: list[object], place: str, unit_code: str, units: tuple[str, ...], findings: Findings) -> list[_Tier]:
    """The tiers up to the first without a limit."""
    read: list[_Tier] = []
    for n, tier in enumerate(tiers):
        here = f"{place}[{n}]"
        if not isinstance(tier, dict):
            findings.refuse("wrong_value", f"{here} must be a tier, not {shown(tier)}")
            continue
        read.append(_tier(tier, here, unit_code, units, findings))
    if read and math.isfinite(read[-1].limit):
        findings.point_out("last_tier_limit", f"{place} ends at {read[-1].limit:g}; its last price goes on beyond")
        read[-1] = _Tier(math.inf, read[-1].price, read[-1].sell, None)
    first_open = next((n for n, tier in enumerate(read) if math.isinf(tier.limit)), len(read))
    if first_open < len(read) - 1:
        findings.point_out("unreachable_tier", f"{place}[{first_open}] has no limit, so no later tier is reached")
    read = read[: first_open + 1]
    limits = [tier.limit for tier in read]
    if any(later < earlier for earlier, later in zip([0.0, *limits], limits, strict=False)):
        findings.refuse("tier_limits", f"{place} has limits that do not rise")
    return read


def _tier(tier: dict[str, object], place: str, unit_code: str, units: tuple[str, ...], findings: Findings) -> _Tier:
    unit = tier.get("unit")
    if unit is not None and (not isinstance(unit, str) or unit.strip().lower() not in units):
        findings.refuse(unit_code, f"{place}.unit is {shown(unit)}")
    for key in tier:
        if key not in ("rate", "adj", "max", "unit", "sell") and number_like(tier[key]):
            findings.refuse("unknown_charge", f"{place}.{key} is not known")
    if tier.get("rate") is None and tier.get("adj") is None:
        findings.point_out("no_price", f"{place} states no price and counts as 0")
    price = number(tier.get("rate"), f"{place}.rate", findings) + number(tier.get("adj"), f"{place}.adj", findings)
    sell = number(tier.get("sell"), f"{place}.sell", findings)
    if price < 0 or sell < 0:
        findings.point_out("negative_price", f"{place} has a price below zero")
    limit = _limit(tier.get("max"), f"{place}.max", findings)
    return _Tier(limit, price, sell, unit.strip().lower() if isinstance(unit, str) else units[0])


def number_like(value: object) -> bool:
    """Whether a value is a number other than zero."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value != 0


def _limit(value: object, place: str, findings: Findings) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= _UNLIMITED:
        return math.inf
    return number(value, place, findings, absent=math.inf, largest=_UNLIMITED)


def _unit_of(tiers: list[_Tier], place: str, findings: Findings) -> str | None:
    """The unit of a period's limits: that of its tiers with a limit, which must be one.

    The unit of the last tier says nothing: records are filled with kWh where it was not stated.
    """
    units = sorted({tier.unit or "" for tier in tiers if math.isfinite(tier.limit)})
    if len(units) > 1:
        findings.refuse("tier_unit", f"{place} mixes limits in {' and '.join(units)}")
    return units[0] if units else None


def check_months(ladders: Ladders, table: Periods, name: str, findings: Findings) -> None:
    """Refuse a period of the schedule that has no prices, and tiers that differ between the periods of a month."""
    for month, periods in enumerate(periods_of_months(table)):
        missing = [int(period) for period in periods if not has_prices(ladders, int(period))]
        if missing:
            findings.refuse("missing_period", f"{name} has no prices for period {missing[0]}, which the schedule has")
            continue
        first = int(periods[0])
        for period in periods[1:]:
            if not _same_tiers(ladders, first, int(period)):
                detail = f"{name}: periods {first} and {int(period)} of month {month + 1} have tiers of other limits"
                findings.refuse("unequal_tiers", detail)


def has_prices(ladders: Ladders, period: int) -> bool:
    """Whether a period of a schedule has tiers."""
    return period < ladders.period_count and ladders.has_prices[period]


def _same_tiers(ladders: Ladders, one: int, other: int) -> bool:
    return ladders.units[one] == ladders.units[other] and np.array_equal(ladders.limits[one], ladders.limits[other])


def month_limits(ladders: Ladders, table: Periods) -> tuple[Floats, tuple[str | None, ...]]:
    """Limits of the tiers of each calendar month, 12 × tiers, and their units; all periods of a month have the same."""
    first = [int(table[month].min()) for month in range(MONTHS)]
    return ladders.limits[first], tuple(ladders.units[period] for period in first)
