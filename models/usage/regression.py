"""Change-point regression of daily use on degree days, for many accounts at once.

The method is the daily one of CalTRACK 2.0 (section 3.3), which goes back to PRISM (Fels, 1986) and is of the family of
change-point models of ASHRAE Guideline 14: ordinary least squares on degree days to balance points out of a grid; the
candidate with the largest adjusted R² wins. Sums of products are taken over whole watt-hours and tenths of a degree in
64 bits, so that a result depends neither on the order of days nor on the other accounts that are fitted with it.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from models.usage.settings import WeatherModelSettings

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NO_BALANCE = -1000
"""Balance point of a part that a model does not have."""

_ACCOUNTS_AT_ONCE = 500
_TENTHS_PER_DEGREE = 10


@dataclass(frozen=True)
class Fit:
    """Chosen models, one element per account.

    Attributes:
        base_wh: Wh per day without heating and cooling.
        heating_wh: Wh per degree day of heating, 0 where the model has none.
        cooling_wh: Wh per degree day of cooling, 0 where the model has none.
        heating_tenths: Balance point of heating in tenths of a °C, or `NO_BALANCE`.
        cooling_tenths: Balance point of cooling in tenths of a °C, or `NO_BALANCE`.
        adjusted_r2: Adjusted R²; 0 of a constant.
        error_wh: Root mean square error of a day, with the degrees of freedom that are left.
        mean_wh: Mean daily use.
    """

    base_wh: Floats
    heating_wh: Floats
    cooling_wh: Floats
    heating_tenths: Integers
    cooling_tenths: Integers
    adjusted_r2: Floats
    error_wh: Floats
    mean_wh: Floats


@dataclass(frozen=True)
class _Side:
    """Sums over the valid days of accounts for each balance point of one side, [account, balance point]."""

    mean: Floats
    variation: Floats
    covariation: Floats
    is_tried: Flags


@dataclass(frozen=True)
class _Candidates:
    """Models of one kind, [account, candidate] but for the balance points, [candidate]."""

    heating_tenths: Integers
    cooling_tenths: Integers
    heating: Floats
    cooling: Floats
    base: Floats
    explained: Floats
    is_allowed: Flags
    slope_count: int


def fit(usage_wh: Integers, is_valid: Flags, temperature_tenths: Integers, settings: WeatherModelSettings) -> Fit:
    """Fit accounts of one climate zone.

    Candidates are a constant, heating, cooling, and both with the balance point of heating not above that of cooling.
    A candidate counts if its slopes are positive, its base is not negative, and each side has enough degree days.

    Args:
        usage_wh: Daily use in Wh, [account, day], at most 100 MWh; days that are not valid are ignored.
        is_valid: Days to be used, [account, day]; each account has at least four.
        temperature_tenths: Mean temperature in tenths of a °C, [day].
        settings: Grid of balance points and minima.
    """
    parts = [
        _fit(usage_wh[rows], is_valid[rows], temperature_tenths, settings)
        for rows in np.array_split(np.arange(len(usage_wh)), len(usage_wh) // _ACCOUNTS_AT_ONCE + 1)
    ]
    return Fit(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Fit)))


def _fit(usage_wh: Integers, is_valid: Flags, temperature: Integers, settings: WeatherModelSettings) -> Fit:
    valid = is_valid.astype(np.int64)
    days = valid.sum(axis=1).astype(np.float64)[:, None]
    mean = np.where(is_valid, usage_wh, 0).sum(axis=1)[:, None] / days
    # Deviations from a whole mean keep squares small, and differences of sums free of cancellation.
    deviation = np.where(is_valid, usage_wh - np.rint(mean).astype(np.int64), 0)
    total = deviation.sum(axis=1)[:, None]
    variation = (deviation**2).sum(axis=1)[:, None] - total / days * total

    heat = _side(settings.heating_tenths, -1, temperature, valid, deviation, settings)
    cool = _side(settings.cooling_tenths, 1, temperature, valid, deviation, settings)
    kinds = [
        _constant(mean),
        _single(heat, mean, np.array(settings.heating_tenths), is_heating=True),
        _single(cool, mean, np.array(settings.cooling_tenths), is_heating=False),
        _double(heat, cool, mean, days, settings),
    ]
    return _best(kinds, variation, days, mean)


def _best(kinds: list[_Candidates], variation: Floats, days: Floats, mean: Floats) -> Fit:
    def joined(name: str) -> Floats:
        return np.concatenate([getattr(kind, name) for kind in kinds], axis=-1)

    slopes = np.concatenate([np.full(len(kind.heating_tenths), kind.slope_count) for kind in kinds])
    left = days - slopes - 1
    unexplained = np.maximum(variation - joined("explained"), 0)
    has_variation = variation > 0
    ratio = unexplained / np.where(has_variation, variation, 1)
    score = np.where(has_variation, 1 - ratio * (days - 1) / left, 0)
    # Of equal candidates the first wins: the one with fewer slopes, then the lower balance points.
    best = np.argmax(np.where(joined("is_allowed").astype(np.bool_), score, -np.inf), axis=1)
    rows = np.arange(len(best))
    return Fit(
        base_wh=joined("base")[rows, best],
        heating_wh=joined("heating")[rows, best] * _TENTHS_PER_DEGREE,
        cooling_wh=joined("cooling")[rows, best] * _TENTHS_PER_DEGREE,
        heating_tenths=joined("heating_tenths").astype(np.int64)[best],
        cooling_tenths=joined("cooling_tenths").astype(np.int64)[best],
        adjusted_r2=score[rows, best],
        error_wh=np.sqrt(unexplained[rows, best] / left[rows, best]),
        mean_wh=mean[:, 0],
    )


def _side(
    balances: tuple[int, ...],
    sign: int,
    temperature: Integers,
    valid: Integers,
    deviation: Integers,
    settings: WeatherModelSettings,
) -> _Side:
    """Sums for every balance point; `sign` is 1 for degrees above it and -1 for degrees below."""
    degrees = np.maximum(sign * (temperature[:, None] - np.array(balances, dtype=np.int64)), 0)
    days = valid.sum(axis=1).astype(np.float64)[:, None]
    total = valid @ degrees
    active = valid @ (degrees > 0).astype(np.int64)
    return _Side(
        mean=total / days,
        variation=valid @ degrees**2 - total / days * total,
        covariation=deviation @ degrees - deviation.sum(axis=1)[:, None] / days * total,
        is_tried=(active >= settings.minimum_active_day_count) & (total >= settings.minimum_degree_tenths),
    )


def _constant(mean: Floats) -> _Candidates:
    none, zero = np.array([NO_BALANCE]), np.zeros_like(mean)
    return _Candidates(none, none, zero, zero, mean, zero, np.ones_like(mean, dtype=np.bool_), slope_count=0)


def _single(side: _Side, mean: Floats, tenths: Integers, *, is_heating: bool) -> _Candidates:
    is_tried = side.is_tried & (side.variation > 0)
    slope = np.where(is_tried, side.covariation / np.where(is_tried, side.variation, 1), 0)
    base = mean - slope * side.mean
    zero, none = np.zeros_like(slope), np.full_like(tenths, NO_BALANCE)
    return _Candidates(
        heating_tenths=tenths if is_heating else none,
        cooling_tenths=none if is_heating else tenths,
        heating=slope if is_heating else zero,
        cooling=zero if is_heating else slope,
        base=base,
        explained=slope * side.covariation,
        is_allowed=is_tried & (slope > 0) & (base >= 0),
        slope_count=1,
    )


def _double(heat: _Side, cool: _Side, mean: Floats, days: Floats, settings: WeatherModelSettings) -> _Candidates:
    """Both sides at once. No day has degrees of both, so that their sum of products about the means is simple."""
    heating_tenths, cooling_tenths = np.array(settings.heating_tenths), np.array(settings.cooling_tenths)
    h, c = np.nonzero(heating_tenths[:, None] <= cooling_tenths)
    both = -days * heat.mean[:, h] * cool.mean[:, c]
    determinant = heat.variation[:, h] * cool.variation[:, c] - both**2
    is_tried = heat.is_tried[:, h] & cool.is_tried[:, c] & (determinant > 0)
    divisor = np.where(is_tried, determinant, 1)
    of_heat, of_cool = heat.covariation[:, h], cool.covariation[:, c]
    heating = np.where(is_tried, (of_heat * cool.variation[:, c] - of_cool * both) / divisor, 0)
    cooling = np.where(is_tried, (of_cool * heat.variation[:, h] - of_heat * both) / divisor, 0)
    base = mean - heating * heat.mean[:, h] - cooling * cool.mean[:, c]
    return _Candidates(
        heating_tenths=heating_tenths[h],
        cooling_tenths=cooling_tenths[c],
        heating=heating,
        cooling=cooling,
        base=base,
        explained=heating * of_heat + cooling * of_cool,
        is_allowed=is_tried & (heating > 0) & (cooling > 0) & (base >= 0),
        slope_count=2,
    )
