"""The charges of a bill, one function per kind, over all bills of a rate at once.

Rules: docs/tariffs.md, section Lines. Lines without quantity or price amount to nothing and are left out of frames.
"""

from collections.abc import Sequence

import numpy as np

from models.rates.lines import CENT, MILLI, ONE_USD, Integers, Lines, half_away, summed
from models.rates.segments import RatedSegments, Terms
from models.tariffs import PERIODS

_WATTS_PER_KW = 1000


def energy_lines(segments: RatedSegments, non_bypassable: Integers) -> list[Lines]:
    """Energy by segment, and by period or tier, and the baseline credit.

    Args:
        segments: Of all bills.
        non_bypassable: Part of the price that is charged apart, 1e-5 $ per kWh, by bill; zero without net metering.
    """
    lines = []
    for prices, season, rows in segments.groups:
        reduction = non_bypassable[segments.bill[rows]]
        energy = segments.period_wh(season, rows)
        for period, used in energy.items():
            price = prices.energy[season][period]
            within = price.delivery + price.generation - reduction
            if not prices.has_tiers:
                lines.append(_of_rows(segments, rows, "energy_in_period", used, within, season, period))
                continue
            above = price.above_baseline + price.generation - reduction
            baseline_wh = np.minimum(used, segments.allocation_wh[rows])
            lines.append(_of_rows(segments, rows, "energy_within_baseline", baseline_wh, within, season, period))
            lines.append(_of_rows(segments, rows, "energy_above_baseline", used - baseline_wh, above, season, period))
        if prices.baseline_credit:
            credit = np.full(len(rows), -prices.baseline_credit)
            lines.append(_of_rows(segments, rows, "baseline_credit", credited_wh(segments, rows), credit, season))
    return lines


def credited_wh(segments: RatedSegments, rows: Integers) -> Integers:
    """Energy to which the baseline credit of some segments applies."""
    return np.maximum(np.minimum(segments.total_wh[rows], segments.allocation_wh[rows]), 0)


def discount_lines(energy: Sequence[Lines], discount: Integers, segments: RatedSegments) -> list[Lines]:
    """Discount on energy after the baseline credit.

    Args:
        energy: Lines of energy and of the baseline credit.
        discount: Share that is taken off, in 1e-5, by bill.
        segments: Of all bills.
    """
    base = summed(energy, len(discount))
    return [_of_bills(segments, "discount", base * (MILLI // 100), -discount)]


def basic_prices(segments: RatedSegments, terms: Terms, base_services: Integers) -> Integers:
    """Charge per day of each segment, 1e-5 $.

    Args:
        segments: Of all bills.
        terms: Of the bills.
        base_services: Base services charge per day of a discount, by bill; -1 without a discount.
    """
    price = np.zeros(len(segments.bill), dtype=np.int64)
    for prices, _, rows in segments.groups:
        fixed, bill = prices.fixed, segments.bill[rows]
        usual = np.full(len(rows), fixed.per_day)
        if fixed.per_day_multi_family is not None:
            usual = np.where(terms.is_multi_family[bill], fixed.per_day_multi_family, usual)
        if fixed.is_base_services_charge:
            usual = np.where(base_services[bill] >= 0, base_services[bill], usual)
        price[rows] = usual
    return price


def basic_lines(segments: RatedSegments, terms: Terms, base_services: Integers) -> list[Lines]:
    """Charges for being served: per day by price, and per bill.

    Args:
        segments: Of all bills.
        terms: Of the bills.
        base_services: As for `basic_prices`.
    """
    daily, is_base = basic_prices(segments, terms, base_services), np.zeros(len(segments.bill), dtype=bool)
    three_phase, single_phase, monthly = (np.zeros(len(segments.bill), dtype=np.int64) for _ in range(3))
    for prices, _, rows in segments.groups:
        is_base[rows] = prices.fixed.is_base_services_charge
        three_phase[rows] = prices.fixed.three_phase_per_day
        single_phase[rows], monthly[rows] = -prices.fixed.single_phase_per_month, prices.fixed.per_month
    phases, days, last = terms.phase_count[segments.bill], segments.day_count * MILLI, _last_rows(segments)
    return [
        _by_price(segments, "basic_charge", days, np.where(is_base, 0, daily)),
        _by_price(segments, "three_phase", days, np.where(phases == 3, three_phase, 0)),
        _by_price(segments, "base_services_charge", days, np.where(is_base, daily, 0)),
        _of_bills(segments, "customer_charge", np.full(len(last), MILLI), monthly[last]),
        _of_bills(segments, "single_phase", np.full(len(last), MILLI), np.where(phases == 1, single_phase, 0)[last]),
    ]


def demand_lines(segments: RatedSegments, interval_minutes: Integers) -> list[Lines]:
    """Facilities-related and time-related demand, in whole kilowatts.

    Args:
        segments: Of all bills.
        interval_minutes: Length of the intervals, by bill.
    """
    if not any(version.content.demand for version in segments.tariff.history.versions):
        return []
    bill_days = _by_bill(segments.day_count, segments, np.add)
    bill_kw = _kilowatts(_by_bill(segments.peak_wh, segments, np.maximum), interval_minutes)
    facilities, lines = np.zeros(len(segments.bill), dtype=np.int64), []
    for prices, season, rows in segments.groups:
        if prices.demand is None:
            continue
        bill = segments.bill[rows]
        facilities[rows] = prices.demand.facilities
        for period in PERIODS:
            price = prices.demand.time_related.get(season, {}).get(period, 0)
            peaks = segments.period_peak_wh(period, rows)
            share = half_away(price * segments.day_count[rows], bill_days[bill])
            kilowatts = _kilowatts(peaks, interval_minutes[bill]) * MILLI
            lines.append(_of_rows(segments, rows, "time_related_demand", kilowatts, share, season, period))
    flat = _by_price(segments, "facilities_demand", segments.day_count, facilities)
    share = half_away(flat.price * flat.quantity, bill_days[flat.bill])
    kilowatts = bill_kw[flat.bill] * MILLI
    return [Lines("facilities_demand", flat.bill, kilowatts, share, flat.first_day, flat.last_day), *lines]


def minimum_lines(segments: RatedSegments, terms: Terms, base_services: Integers) -> list[Lines]:
    """What delivery charges lack of their floor, over the days that have one.

    Args:
        segments: Of all bills.
        terms: Of the bills.
        base_services: As for `basic_prices`.
    """
    daily = basic_prices(segments, terms, base_services)
    floor, energy = (np.zeros(len(segments.bill), dtype=np.int64) for _ in range(2))
    for prices, season, rows in segments.groups:
        if prices.minimum_per_day is None:
            continue
        floor[rows] = (prices.minimum_per_day - daily[rows]) * segments.day_count[rows] * MILLI
        for period, used in segments.period_wh(season, rows).items():
            price = prices.energy[season][period]
            energy[rows] += used * (price.delivery - prices.minimum_excluded)
            if prices.has_tiers:
                above = used - np.minimum(used, segments.allocation_wh[rows])
                energy[rows] += above * (price.above_baseline - price.delivery)
        energy[rows] -= credited_wh(segments, rows) * (prices.baseline_credit or 0)
    shortfall = _by_bill(floor, segments, np.add) - np.maximum(_by_bill(energy, segments, np.add), 0)
    cents = half_away(np.maximum(shortfall, 0), CENT)
    return [_of_bills(segments, "minimum", cents * (MILLI // 100), np.full(len(cents), ONE_USD))]


def surcharge_lines(segments: RatedSegments, non_bypassable: Integers, state: Integers) -> list[Lines]:
    """Charges on all energy that no export offsets.

    Args:
        segments: Of all bills.
        non_bypassable: Price of the non-bypassable charges by bill, 1e-5 $ per kWh; zero without net metering.
        state: State energy surcharge by bill, likewise.
    """
    recovery = np.zeros(len(segments.bill), dtype=np.int64)
    for prices, _, rows in segments.groups:
        recovery[rows] = prices.fixed_recovery
    imported = _by_bill(segments.import_wh, segments, np.add)
    return [
        _by_price(segments, "fixed_recovery", segments.import_wh, recovery),
        _of_bills(segments, "non_bypassable", imported, non_bypassable),
        _of_bills(segments, "state_surcharge", imported, state),
    ]


def bill_lines(segments: RatedSegments, charge_code: str, bill: Integers, quantity: Integers, price: Integers) -> Lines:
    """Lines about whole bills, for some of them."""
    last = _last_rows(segments)[bill]
    first = _first_rows(segments)[bill]
    return Lines(charge_code, bill, quantity, price, segments.first_day[first], segments.last_day[last])


def _of_bills(segments: RatedSegments, charge_code: str, quantity: Integers, price: Integers) -> Lines:
    return bill_lines(segments, charge_code, np.arange(len(quantity)), quantity, price)


def _of_rows(
    segments: RatedSegments,
    rows: Integers,
    charge_code: str,
    quantity: Integers,
    price: Integers,
    season: str,
    period: str | None = None,
) -> Lines:
    first, last = segments.first_day[rows], segments.last_day[rows]
    return Lines(charge_code, segments.bill[rows], quantity, price, first, last, season, period)


def _by_price(segments: RatedSegments, charge_code: str, quantity: Integers, price: Integers) -> Lines:
    """Quantities of segments of a bill that have the same price, added up."""
    keys, first, group = np.unique(
        np.column_stack([segments.bill, price]), axis=0, return_index=True, return_inverse=True
    )
    total = np.bincount(group, weights=quantity, minlength=len(keys)).astype(np.int64)
    last_day = np.zeros(len(keys), dtype=np.int64)
    np.maximum.at(last_day, group, segments.last_day)
    return Lines(charge_code, keys[:, 0], total, keys[:, 1], segments.first_day[first], last_day)


def _by_bill(values: Integers, segments: RatedSegments, gather: np.ufunc) -> Integers:
    gathered: Integers = gather.reduceat(values, _first_rows(segments))
    return gathered


def _first_rows(segments: RatedSegments) -> Integers:
    """First segment of each bill; every bill has one."""
    return np.flatnonzero(np.append(True, np.diff(segments.bill) != 0))


def _last_rows(segments: RatedSegments) -> Integers:
    return np.flatnonzero(np.append(np.diff(segments.bill) != 0, True))


def _kilowatts(interval_wh: Integers, interval_minutes: Integers) -> Integers:
    return half_away(interval_wh * 60, interval_minutes * _WATTS_PER_KW)
