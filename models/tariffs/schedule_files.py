"""Reading of rate schedule files."""

import re

from models.customer_types import CUSTOMER_TYPES
from models.documents import Node
from models.tariffs.schedules import (
    DAY_KINDS,
    HOURS,
    PERIODS,
    SEASONS,
    DemandPrices,
    EnergyPrice,
    FixedCharges,
    Prices,
    Schedule,
    Tariff,
)
from models.tariffs.versions import PRICE_PLACES, read_history

_SPAN = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_REQUIRED = ("energy", "fixed_recovery_per_kwh", "fixed")
_OPTIONAL = ("baseline_credit_per_kwh", "minimum", "demand")


def read_tariff(node: Node) -> Tariff:
    """Read a rate schedule file: codes, the schedule of periods, the versions."""
    fields = node.fields(("rate_code", "rate_name", "customer_type", "schedule", "versions"))
    code = fields["rate_code"].text()
    if code and node.file != f"{code}.yml":
        fields["rate_code"].wrong(f'is "{code}", so the file must be named {code}.yml')
    schedule = _schedule(fields["schedule"])
    history = read_history(
        fields["versions"], f"rate schedule {code}", _REQUIRED, _OPTIONAL, lambda nodes: _prices(nodes, schedule)
    )
    return Tariff(code, fields["rate_name"].text(), fields["customer_type"].choice(CUSTOMER_TYPES), schedule, history)


def _schedule(node: Node) -> Schedule:
    seasons = node.fields(SEASONS)
    return {
        season: {kind: _hours(day) for kind, day in seasons[season].fields(DAY_KINDS).items()} for season in SEASONS
    }


def _hours(node: Node) -> tuple[str, ...]:
    """Period of each hour from spans such as `0-16, 21-24`; holes and overlaps are mistakes."""
    hours: list[str | None] = [None] * HOURS
    for period, spans in node.items().items():
        if period not in PERIODS:
            spans.wrong(f"is not a period; periods are {', '.join(PERIODS)}")
            continue
        for text in spans.text().split(","):
            _mark(spans, text.strip(), period, hours)
    if node.is_present and isinstance(node.value, dict) and None in hours:
        node.wrong(f"leaves hour {hours.index(None)} without a period")
    return tuple(period or PERIODS[0] for period in hours)


def _mark(node: Node, text: str, period: str, hours: list[str | None]) -> None:
    span = _SPAN.fullmatch(text)
    first, end = (int(span[1]), int(span[2])) if span else (0, 0)
    if not 0 <= first < end <= HOURS:
        if node.is_present and isinstance(node.value, str):
            node.wrong(f'must be hours such as "16-21" or "0-16, 21-24", not "{text}"')
        return
    for hour in range(first, end):
        if hours[hour] is not None:
            node.wrong(f"takes hour {hour}, which {hours[hour]} has already")
            return
        hours[hour] = period


def _prices(fields: dict[str, Node], schedule: Schedule) -> Prices:
    minimum = fields["minimum"]
    bounds = minimum.fields(("delivery_per_day",), ("excluded_per_kwh",)) if minimum.is_present else {}
    credit = fields["baseline_credit_per_kwh"]
    prices = Prices(
        energy=_energy(fields["energy"], schedule),
        fixed_recovery=fields["fixed_recovery_per_kwh"].decimal(PRICE_PLACES),
        fixed=_fixed(fields["fixed"]),
        baseline_credit=credit.decimal(PRICE_PLACES) if credit.is_present else None,
        minimum_per_day=bounds["delivery_per_day"].decimal(PRICE_PLACES) if bounds else None,
        minimum_excluded=_amount(bounds["excluded_per_kwh"]) if bounds else 0,
        demand=_demand(fields["demand"]) if fields["demand"].is_present else None,
    )
    if prices.has_tiers and credit.is_present:
        credit.wrong("stands beside prices above the baseline: a schedule has tiers or a credit, not both")
    return prices


def _energy(node: Node, schedule: Schedule) -> dict[str, dict[str, EnergyPrice]]:
    energy = {}
    seasons = node.fields(SEASONS)
    for season in SEASONS:
        used = dict.fromkeys(period for hours in schedule[season].values() for period in hours)
        periods = seasons[season].fields(tuple(used))
        energy[season] = {period: _energy_price(price) for period, price in periods.items()}
    return energy


def _energy_price(node: Node) -> EnergyPrice:
    fields = node.fields(("delivery", "generation"), ("delivery_above_baseline",))
    above = fields["delivery_above_baseline"]
    return EnergyPrice(
        delivery=fields["delivery"].decimal(PRICE_PLACES),
        generation=fields["generation"].decimal(PRICE_PLACES),
        delivery_above_baseline=above.decimal(PRICE_PLACES) if above.is_present else None,
    )


def _fixed(node: Node) -> FixedCharges:
    kinds = ("basic_per_day", "base_services_per_day", "customer_per_day", "customer_per_month")
    adders = ("basic_per_day_multi_family", "three_phase_per_day", "single_phase_per_month")
    fields = node.fields((), (*kinds, *adders))
    given = [kind for kind in kinds if fields[kind].is_present]
    if node.is_present and isinstance(node.value, dict) and len(given) != 1:
        node.wrong(f"must have one of {', '.join(kinds)}")
    multi_family = fields["basic_per_day_multi_family"]
    return FixedCharges(
        per_day=sum(_amount(fields[kind]) for kind in kinds[:3]),
        per_day_multi_family=multi_family.decimal(PRICE_PLACES) if multi_family.is_present else None,
        is_base_services_charge=fields["base_services_per_day"].is_present,
        per_month=_amount(fields["customer_per_month"]),
        three_phase_per_day=_amount(fields["three_phase_per_day"]),
        single_phase_per_month=_amount(fields["single_phase_per_month"]),
    )


def _demand(node: Node) -> DemandPrices:
    fields = node.fields(("facilities_per_kw", "time_related_per_kw"))
    seasons = fields["time_related_per_kw"].items()
    for season in seasons.keys() - set(SEASONS):
        seasons[season].wrong(f"is not a season; seasons are {', '.join(SEASONS)}")
    time_related = {season: _time_related(node) for season, node in seasons.items()}
    return DemandPrices(fields["facilities_per_kw"].decimal(PRICE_PLACES), time_related)


def _time_related(node: Node) -> dict[str, int]:
    periods = node.items()
    for period in periods.keys() - set(PERIODS):
        periods[period].wrong(f"is not a period; periods are {', '.join(PERIODS)}")
    return {period: price.decimal(PRICE_PLACES) for period, price in periods.items()}


def _amount(node: Node) -> int:
    return node.decimal(PRICE_PLACES) if node.is_present else 0
