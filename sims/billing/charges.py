"""The lines of a bill, one function per kind of charge.

Lines without quantity or price are left out by the calculator.
"""

from collections.abc import Sequence

from models.tariffs import PERIODS, Discount, TariffBook
from sims.billing.request import BillLine, ServiceTerms, half_up
from sims.billing.segments import Segment

_WATTS_PER_KW = 1000
_MILLI = 1000
_PER_CENT = 10**6  # of the 1e-8 $ in which watt-hours × prices come out
ONE = 10**5
"""A price of one dollar per dollar."""


def energy_lines(segments: Sequence[Segment], non_bypassable: int) -> list[BillLine]:
    """Energy by segment, and by period or tier.

    Args:
        segments: Of the bill.
        non_bypassable: Part of the price that is charged apart, 1e-5 $ per kWh; zero without net metering.
    """
    lines = []
    for segment in segments:
        span = _span(segment, segments)
        if segment.prices.has_tiers:
            lines += _tier_lines(segment, non_bypassable, span)
            continue
        for period in PERIODS:
            if period in segment.energy_wh:
                price = segment.prices.energy[segment.season][period]
                text = f"Energy, {segment.season} {_words(period)}{span}"
                per_kwh = price.delivery + price.generation - non_bypassable
                lines.append(BillLine("energy", text, segment.energy_wh[period], "kWh", per_kwh))
    return lines


def _tier_lines(segment: Segment, non_bypassable: int, span: str) -> list[BillLine]:
    if len(segment.energy_wh) != 1:
        raise ValueError("tiers are priced in schedules with a single period only")
    price = segment.prices.energy[segment.season][next(iter(segment.energy_wh))]
    within, above = _tiers(segment)
    rest = price.generation - non_bypassable
    return [
        BillLine("energy", f"Energy within the baseline{span}", within, "kWh", price.delivery + rest),
        BillLine("energy", f"Energy above the baseline{span}", above, "kWh", price.above_baseline + rest),
    ]


def _tiers(segment: Segment) -> tuple[int, int]:
    within = min(segment.total_wh, segment.allocation_wh)
    return within, segment.total_wh - within


def credited_wh(segment: Segment) -> int:
    """Energy to which the baseline credit of a segment applies."""
    return 0 if segment.prices.baseline_credit is None else max(min(segment.total_wh, segment.allocation_wh), 0)


def credit_lines(segments: Sequence[Segment]) -> list[BillLine]:
    """Baseline credit of time-of-use schedules."""
    return [
        BillLine(
            "baseline_credit", f"Baseline credit{_span(segment, segments)}", credited_wh(segment), "kWh",
            -(segment.prices.baseline_credit or 0),
        )
        for segment in segments
    ]  # fmt: skip


def discount_lines(energy: Sequence[BillLine], discount: Discount | None) -> list[BillLine]:
    """Discount on energy after the baseline credit."""
    if discount is None:
        return []
    base = sum(line.cents for line in energy)
    return [BillLine("discount", "Discount on energy charges", base * 10, "usd", -discount.energy_discount)]


def basic_price(segment: Segment, terms: ServiceTerms, discount: Discount | None) -> int:
    """Charge per day of a segment, 1e-5 $."""
    fixed = segment.prices.fixed
    if discount is not None and fixed.is_base_services_charge:
        return discount.base_services_charge_per_day
    if terms.is_multi_family and fixed.per_day_multi_family is not None:
        return fixed.per_day_multi_family
    return fixed.per_day


def basic_lines(segments: Sequence[Segment], terms: ServiceTerms, discount: Discount | None) -> list[BillLine]:
    """Charges for being served: per day by price, and per bill."""
    days: dict[tuple[str, int], int] = {}
    for segment in segments:
        fixed = segment.prices.fixed
        name = "Base services charge" if fixed.is_base_services_charge else "Basic charge"
        charges = [(name, basic_price(segment, terms, discount))]
        if terms.phase_count == 3:
            charges.append(("Three-phase service", fixed.three_phase_per_day))
        for charge in charges:
            days[charge] = days.get(charge, 0) + segment.day_count
    lines = [BillLine("basic_charge", text, count * _MILLI, "day", price) for (text, price), count in days.items()]
    fixed = segments[-1].prices.fixed
    lines.append(BillLine("basic_charge", "Customer charge", _MILLI, "month", fixed.per_month))
    if terms.phase_count == 1:
        lines.append(BillLine("basic_charge", "Single-phase service", _MILLI, "month", -fixed.single_phase_per_month))
    return lines


def demand_lines(book: TariffBook, segments: Sequence[Segment], interval_minutes: int) -> list[BillLine]:
    """Facilities-related and time-related demand, in whole kilowatts."""
    lines = []
    days = sum(segment.day_count for segment in segments)
    bill_kw = _kilowatts(max(segment.peak_wh for segment in segments), interval_minutes)
    facilities: dict[int, int] = {}
    for segment in segments:
        if segment.prices.demand is not None:
            price = segment.prices.demand.facilities
            facilities[price] = facilities.get(price, 0) + segment.day_count
    for price, count in facilities.items():
        share = half_up(price * count, days)
        lines.append(BillLine("demand_flat", "Facilities-related demand", bill_kw * _MILLI, "kW", share))
    for segment in segments:
        prices = segment.prices.demand.time_related.get(segment.season, {}) if segment.prices.demand else {}
        for period, price in prices.items():
            kilowatts = _kilowatts(segment.weekday_peak_wh.get(period, 0), interval_minutes)
            text = f"Time-related demand, {segment.season} {_words(period)}{_span(segment, segments)}"
            share = half_up(price * segment.day_count, days)
            lines.append(BillLine("demand_tou", text, kilowatts * _MILLI, "kW", share))
    return lines


def minimum_lines(segments: Sequence[Segment], terms: ServiceTerms, discount: Discount | None) -> list[BillLine]:
    """What delivery charges lack of their floor, over the days that have one."""
    floor, basic, energy = 0, 0, 0
    for segment in segments:
        if segment.prices.minimum_per_day is not None:
            floor += segment.prices.minimum_per_day * segment.day_count * _MILLI
            basic += basic_price(segment, terms, discount) * segment.day_count * _MILLI
            energy += _delivery(segment)
    shortfall = half_up(max(floor - basic - max(energy, 0), 0), _PER_CENT)
    return [BillLine("minimum", "Minimum charge for delivery", shortfall * 10, "usd", ONE)]


def _delivery(segment: Segment) -> int:
    """Delivery part of energy after the baseline credit that counts towards the floor, in 1e-8 $."""
    prices = segment.prices
    energy = prices.energy[segment.season]
    amount = sum(wh * (energy[period].delivery - prices.minimum_excluded) for period, wh in segment.energy_wh.items())
    if prices.has_tiers:
        price = energy[next(iter(segment.energy_wh))]
        return amount + _tiers(segment)[1] * (price.above_baseline - price.delivery)
    return amount - credited_wh(segment) * (prices.baseline_credit or 0)


def recovery_lines(segments: Sequence[Segment]) -> list[BillLine]:
    """Fixed recovery charge on all energy that no export offsets."""
    energy: dict[int, int] = {}
    for segment in segments:
        energy[segment.prices.fixed_recovery] = energy.get(segment.prices.fixed_recovery, 0) + segment.import_wh
    return [
        BillLine("surcharge", "Fixed recovery charge", quantity, "kWh", price) for price, quantity in energy.items()
    ]


def _kilowatts(interval_wh: int, interval_minutes: int) -> int:
    return half_up(interval_wh * 60, interval_minutes * _WATTS_PER_KW)


def _span(segment: Segment, segments: Sequence[Segment]) -> str:
    return f", {segment.first_date} to {segment.last_date}" if len(segments) > 1 else ""


def _words(period: str) -> str:
    return period.replace("_", "-")
