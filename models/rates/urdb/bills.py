"""Monthly bills of a load under a tariff of URDB's form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rates.urdb.findings import Finding, RefusedTariffError
from models.rates.urdb.intervals import Determinants, Intervals, Months, determinants
from models.rates.urdb.ladders import KWH, KWH_DAILY, KWH_PER_KW, KWH_PER_KW_DAILY, Floats, Ladders, month_limits
from models.rates.urdb.metering import carried_credit, netted_use
from models.rates.urdb.record import BUY_ALL_SELL_ALL, NET_BILLING_CARRIED, NET_METERING, Amounts, UrdbTariff

_MONTHS = 12


@dataclass(frozen=True, eq=False)
class Bills:
    """Bills by calendar month, in dollars that are not rounded.

    Attributes:
        months: The months, in order.
        is_whole: Whether the load covers the month.
        kwh: Import less export.
        energy: Charges for energy after credit for exports.
        fixed: Fixed charges.
        demand_flat: Charges for the month's highest demand.
        demand_tou: Charges for the highest demand in periods.
        minimum: What the floor adds.
        total: Their sum, less credit that is paid out with December's bill under net billing with carried credit.
        credit_left: Credit in dollars that no bill has paid out yet.
        open_years: Years whose yearly minimum is not settled, because the load does not cover them.
    """

    months: Months
    is_whole: NDArray[np.bool_]
    kwh: Floats
    energy: Floats
    fixed: Floats
    demand_flat: Floats
    demand_tou: Floats
    minimum: Floats
    total: Floats
    credit_left: float
    open_years: tuple[int, ...]


def price(tariff: UrdbTariff, intervals: Intervals, metering: int | None = None) -> Bills:
    """Monthly bills of a load.

    Tiers are filled by the month's total over all periods, and every period has its share of each tier, imports and
    exports each on their own. A month that the load covers in part has its days counted as they are, and charges per
    month in full.

    Args:
        tariff: The tariff.
        intervals: The load.
        metering: How exports count, instead of the tariff's own rule.

    Raises:
        RefusedTariffError: The load has exports, and the tariff's rule for them is not known.
    """
    rule = tariff.metering if metering is None else metering
    if rule is None and intervals.has_exports:
        detail = f"the load has exports, and dgrules is {tariff.metering_rule!r}, which is not known"
        raise RefusedTariffError(Finding("metering_rule", detail))
    billed = determinants(tariff, intervals)
    energy = _energy(tariff, billed, NET_METERING if rule is None else rule)
    fixed = _amounts(tariff.fixed, billed) + tariff.fixed.per_year / _MONTHS
    flat, tou = _flat_demand(tariff, billed), _tou_demand(tariff, billed)
    subtotal = energy.charges + fixed + flat + tou
    minimum, open_years = _minimum(tariff.minimum, subtotal + energy.sold, billed)
    return Bills(
        months=billed.months,
        is_whole=billed.is_whole,
        kwh=(billed.import_kwh - billed.export_kwh).sum(axis=1),
        energy=energy.charges,
        fixed=fixed,
        demand_flat=flat,
        demand_tou=tou,
        minimum=minimum,
        total=subtotal + minimum - energy.paid_out,
        credit_left=energy.credit_left,
        open_years=open_years,
    )


def require_one_meter(tariff: UrdbTariff, intervals: Intervals) -> None:
    """Refuse exports of a single meter under a rule that has load and generation metered apart.

    Raises:
        RefusedTariffError: The tariff is buy all, sell all, and the load has exports.
    """
    if tariff.metering == BUY_ALL_SELL_ALL and intervals.has_exports:
        detail = f"dgrules is {tariff.metering_rule!r}, so exports need load and generation metered apart"
        raise RefusedTariffError(Finding("separate_meters", detail))


@dataclass(frozen=True, eq=False)
class _Energy:
    """Energy of each month in dollars.

    Attributes:
        charges: Charges after credit.
        sold: Credit within them that does not count against a floor, because another meter earned it.
        paid_out: Credit of earlier months that is paid out with the bill.
        credit_left: Credit after the last bill.
    """

    charges: Floats
    sold: Floats
    paid_out: Floats
    credit_left: float


def _energy(tariff: UrdbTariff, billed: Determinants, rule: int) -> _Energy:
    nothing = np.zeros(len(billed.months))
    limits = _tier_limits(tariff, billed)
    if rule == NET_METERING:
        count = tariff.energy.period_count
        table, month = tariff.energy_periods, billed.month_of_year
        use = netted_use(billed.import_kwh, billed.export_kwh, month, table, count)
        return _Energy(_tiered(use, limits, tariff.energy.prices), nothing, nothing, 0.0)
    charges = _tiered(billed.import_kwh, limits, tariff.energy.prices)
    credit = _tiered(billed.export_kwh, limits, tariff.energy.sells)
    if rule == NET_BILLING_CARRIED:
        remaining, paid_out, credit_left = carried_credit(charges, credit, billed.month_of_year)
        return _Energy(remaining, nothing, paid_out, credit_left)
    sold = credit if rule == BUY_ALL_SELL_ALL else nothing
    return _Energy(charges - credit, sold, nothing, 0.0)


def _tier_limits(tariff: UrdbTariff, billed: Determinants) -> Floats:
    """Upper limits of the tiers in kWh, months × tiers."""
    by_month, units = month_limits(tariff.energy, tariff.energy_periods)
    month = billed.month_of_year
    factors = {
        None: np.ones(len(month)),
        KWH: np.ones(len(month)),
        KWH_DAILY: billed.days.astype(np.float64),
        KWH_PER_KW: billed.peak_kw,
        KWH_PER_KW_DAILY: billed.peak_kw * billed.days,
    }
    factor = np.array([factors[units[m]][row] for row, m in enumerate(month)]).reshape(-1, 1)
    limits = by_month[month]
    is_open = np.isinf(limits)
    return np.where(is_open, np.inf, np.where(is_open, 0.0, limits) * factor)


def _fills(quantity: Floats, limits: Floats) -> Floats:
    """How much of a quantity falls into each tier; limits have one more axis, the tiers, at the end."""
    reached = np.minimum(quantity[..., None], limits)
    return np.diff(reached, axis=-1, prepend=0.0)


def _tiered(kwh: Floats, limits: Floats, prices: Floats) -> Floats:
    """Charges of months for energy by period, kwh of months × periods, prices of periods × tiers."""
    total = kwh.sum(axis=1)
    share = np.divide(kwh, total[:, None], out=np.zeros_like(kwh), where=total[:, None] > 0)
    return np.asarray(((_fills(total, limits) @ prices.T) * share).sum(axis=1))


def _flat_demand(tariff: UrdbTariff, billed: Determinants) -> Floats:
    if tariff.flat_demand is None:
        return np.zeros(len(billed.months))
    period = tariff.flat_demand_periods[billed.month_of_year]
    return _marginal(billed.peak_kw, tariff.flat_demand.limits[period], tariff.flat_demand.prices[period])


def _tou_demand(tariff: UrdbTariff, billed: Determinants) -> Floats:
    ladders: Ladders | None = tariff.tou_demand
    if ladders is None:
        return np.zeros(len(billed.months))
    return np.asarray(_marginal(billed.tou_peak_kw, ladders.limits[None], ladders.prices[None]).sum(axis=1))


def _marginal(kw: Floats, limits: Floats, prices: Floats) -> Floats:
    return np.asarray((_fills(kw, limits) * prices).sum(axis=-1))


def _amounts(amounts: Amounts, billed: Determinants) -> Floats:
    return amounts.per_month + amounts.per_day * billed.days.astype(np.float64)


def _minimum(minimum: Amounts, subtotal: Floats, billed: Determinants) -> tuple[Floats, tuple[int, ...]]:
    """What the floors of month, day and year add; the years whose floor cannot be told.

    A bill below zero counts as zero against a floor. The floor of a year is settled with its December.
    """
    bill = np.maximum(subtotal, 0.0)
    added = np.maximum(_amounts(minimum, billed) - bill, 0.0)
    if not minimum.per_year:
        return added, ()
    years = billed.months.astype("datetime64[Y]")
    open_years = []
    for year in np.unique(years):
        of_year = years == year
        if of_year.sum() < _MONTHS or not billed.is_whole[of_year].all():
            open_years.append(int(year.astype(np.int64)) + 1970)
            continue
        december = np.flatnonzero(of_year)[-1]
        added[december] += max(minimum.per_year - (bill + added)[of_year].sum(), 0.0)
    return added, tuple(open_years)
