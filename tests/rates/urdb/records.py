"""URDB records for tests: a plain one to change, and random ones."""

from typing import Any

from hypothesis import strategies as st

Record = dict[str, Any]
HOURS = range(24)


def record(**changes: Any) -> Record:
    """A record with one price of 0.10 $/kWh at all times, and what is given."""
    plain = {
        "energyratestructure": [[{"rate": 0.10, "unit": "kWh"}]],
        "energyweekdayschedule": always(0),
        "energyweekendschedule": always(0),
    }
    return plain | changes


def always(period: int) -> list[list[int]]:
    return [[period] * 24 for _ in range(12)]


def from_hour(first: int, end: int, inside: int, outside: int) -> list[list[int]]:
    return [[inside if first <= hour < end else outside for hour in HOURS] for _ in range(12)]


_prices = st.integers(0, 80_000).map(lambda units: units / 1e5)
_demand_prices = st.integers(0, 3_000).map(lambda cents: cents / 100)
_CARRYING_HOURS = (0, 5, 11, 17)
_LIMITS = {
    "kWh": st.integers(50, 900).map(float),
    "kWh daily": st.integers(1, 40).map(float),
    "kWh/kW": st.integers(5, 400).map(float),
    "kWh/kW daily": st.integers(1, 15).map(float),
}


@st.composite
def records(draw: st.DrawFn, *, with_tiers: bool = True, with_sells: bool = False) -> Record:
    """Random records of one or two seasons, each with a ladder of its own that all its periods share.

    Every period stands at one of the hours at which the System Advisor Model carries surplus on; elsewhere it loses it.
    """
    seasons = draw(st.integers(1, 2))
    of_month = [draw(st.integers(0, seasons - 1)) for _ in range(12)]
    unit = draw(st.sampled_from(sorted(_LIMITS)))
    structure: list[list[dict[str, object]]] = []
    periods_of: list[list[int]] = []
    for _ in range(seasons):
        count = draw(st.integers(1, 4))
        limits = sorted(draw(st.sets(_LIMITS[unit], max_size=2))) if with_tiers else []
        periods_of.append([len(structure) + n for n in range(count)])
        structure += [_tiers(draw, limits, unit, with_sells) for _ in range(count)]
    found: Record = {"energyratestructure": structure}
    for day in ("weekday", "weekend"):
        found[f"energy{day}schedule"] = [_hours(draw, periods_of[season]) for season in of_month]
    found["fixedchargefirstmeter"] = draw(_demand_prices)
    found["fixedchargeunits"] = draw(st.sampled_from(["$/month", "$/year"]))
    if draw(st.booleans()):
        found["mincharge"] = draw(st.integers(0, 30_000)) / 100
        found["minchargeunits"] = draw(st.sampled_from(["$/month", "$/year"]))
    _demand(draw, found)
    return found


def _tiers(draw: st.DrawFn, limits: list[float], unit: str, with_sells: bool) -> list[dict[str, object]]:
    tiers: list[dict[str, object]] = []
    for limit in [*limits, None]:
        tier: dict[str, object] = {"rate": draw(_prices), "adj": draw(_prices) / 10, "unit": unit}
        tier |= {"max": limit} if limit is not None else {}
        tier |= {"sell": draw(_prices)} if with_sells else {}
        tiers.append(tier)
    return tiers


def _hours(draw: st.DrawFn, periods: list[int]) -> list[int]:
    hours = draw(st.lists(st.sampled_from(periods), min_size=24, max_size=24))
    for n, hour in enumerate(_CARRYING_HOURS):
        hours[hour] = periods[n % len(periods)]
    return hours


def _demand(draw: st.DrawFn, found: Record) -> None:
    limits = sorted(draw(st.sets(st.integers(1, 15).map(float), max_size=2)))
    if draw(st.booleans()):
        count = draw(st.integers(1, 3))
        found["flatdemandstructure"] = [_demand_tiers(draw, limits) for _ in range(count)]
        found["flatdemandmonths"] = [draw(st.integers(0, count - 1)) for _ in range(12)]
    if draw(st.booleans()):
        count = draw(st.integers(1, 3))
        found["demandratestructure"] = [_demand_tiers(draw, limits) for _ in range(count)]
        for day in ("weekday", "weekend"):
            hours = draw(st.lists(st.integers(0, count - 1), min_size=24, max_size=24))
            found[f"demand{day}schedule"] = [list(hours) for _ in range(12)]


def _demand_tiers(draw: st.DrawFn, limits: list[float]) -> list[dict[str, object]]:
    return [{"rate": draw(_demand_prices)} | ({"max": limit} if limit is not None else {}) for limit in [*limits, None]]
