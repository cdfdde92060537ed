"""Behaviour scenarios: what a household might do, applied to the usage of its bills."""

from dataclasses import dataclass, replace

import numpy as np

from models.documents import DocumentError, Node
from models.options.settings import LEVELS, hours_of, ratio_of
from models.rates.lines import Integers, half_away
from models.rates.usage import HOURS, SegmentUsage
from models.tariffs import STATUSES, TariffCalendar
from models.tariffs.versions import ILLUSTRATIVE

AS_IS, REDUCE, REDUCE_ON_PEAK, SHIFT_ON_PEAK = "as_is", "reduce", "reduce_on_peak", "shift_on_peak"
PARTICIPATE, ADD_LOAD, COMBINED = "participate", "add_load", "combined"
KINDS = (AS_IS, REDUCE, REDUCE_ON_PEAK, SHIFT_ON_PEAK, PARTICIPATE, ADD_LOAD, COMBINED)
ONE = 10**5
"""A share of one, in 1e-5."""

_FIELDS = {
    AS_IS: (),
    REDUCE: ("ratio",),
    REDUCE_ON_PEAK: ("ratio",),
    SHIFT_ON_PEAK: ("ratio",),
    PARTICIPATE: ("level",),
    ADD_LOAD: ("kwh_per_day", "hours", "kw"),
    COMBINED: ("scenario_ids",),
}
_MINUTES = 60


@dataclass(frozen=True)
class Scenario:
    """A behaviour.

    Attributes:
        scenario_id: Key.
        scenario_name: Name for people.
        kind: One of `KINDS`.
        status: How well its figures are known, as for tariffs.
        ratio: Share that is saved or moved, in 1e-5; 0 for kinds without one.
        level: How much is done in events; None for other kinds.
        on_peak: First and end hour of what counts as on-peak here.
        daily_wh: Energy added per day.
        load_hours: First and end hour in which it is added.
        load_w: Power that it does not exceed.
        parts: Behaviours of a combined one, in the order in which they are applied.
    """

    scenario_id: str
    scenario_name: str
    kind: str
    status: str = "sourced"
    ratio: int = 0
    level: str | None = None
    on_peak: tuple[int, int] = (16, 21)
    daily_wh: int = 0
    load_hours: tuple[int, int] = (0, 24)
    load_w: int = 0
    parts: tuple["Scenario", ...] = ()

    @property
    def event_level(self) -> str | None:
        """How much is done in events; None for nothing."""
        return self.level or next((part.level for part in self.parts if part.level), None)

    @property
    def is_illustrative(self) -> bool:
        """True where its figures are not sourced."""
        return self.status == ILLUSTRATIVE or any(part.is_illustrative for part in self.parts)


def scenarios_from(node: Node) -> tuple[Scenario, ...]:
    """Scenarios of a document such as data/reference/scenarios.yml.

    Raises:
        DocumentError: With one sentence per mistake.
    """
    fields = node.fields(("scenarios",), ("on_peak_hours",))
    on_peak = hours_of(fields["on_peak_hours"]) if fields["on_peak_hours"].is_present else (16, 21)
    found: list[Scenario] = []
    for element in fields["scenarios"].elements():
        scenario = _scenario(element, on_peak, found)
        if any(scenario.scenario_id == other.scenario_id for other in found):
            element.wrong(f"repeats the scenario {scenario.scenario_id}")
        found.append(scenario)
    if node.mistakes:
        raise DocumentError(node.mistakes)
    return tuple(found)


def _scenario(node: Node, on_peak: tuple[int, int], earlier: list[Scenario]) -> Scenario:
    named = node.value.get("kind") if isinstance(node.value, dict) else None
    needed = _FIELDS.get(named, ()) if isinstance(named, str) else ()
    fields = node.fields(("scenario_id", "scenario_name", "kind", *needed), ("status",))
    known = {key: fields[key] for key in needed}
    return Scenario(
        scenario_id=fields["scenario_id"].text(),
        scenario_name=fields["scenario_name"].text(),
        kind=fields["kind"].choice(KINDS),
        status=fields["status"].choice(STATUSES) if fields["status"].is_present else "sourced",
        ratio=ratio_of(known["ratio"]) if "ratio" in known else 0,
        level=known["level"].choice(LEVELS) if "level" in known else None,
        on_peak=on_peak,
        daily_wh=known["kwh_per_day"].decimal(3) if "kwh_per_day" in known else 0,
        load_hours=hours_of(known["hours"]) if "hours" in known else (0, 24),
        load_w=known["kw"].decimal(3) if "kw" in known else 0,
        parts=_parts(known["scenario_ids"], earlier) if "scenario_ids" in known else (),
    )


def _parts(node: Node, earlier: list[Scenario]) -> tuple[Scenario, ...]:
    known, parts = {scenario.scenario_id: scenario for scenario in earlier}, list[Scenario]()
    for element in node.elements():
        name = element.text()
        if name in known and known[name].kind != COMBINED:
            parts.append(known[name])
        elif name:
            element.wrong(f"names {name}, which is no behaviour further up, or itself a combined one")
    return tuple(parts)


def behaved(
    usage: SegmentUsage, scenario: Scenario, calendar: TariffCalendar, interval_minutes: Integers
) -> SegmentUsage:
    """Usage of bills under a behaviour that does not depend on events.

    What households save is taken from what they draw from the grid; what they feed in stays. Peaks follow their hours
    in proportion; where use is moved or added they are upper bounds, as if it came on top of the largest interval.

    Args:
        usage: Cells of segments.
        scenario: Any kind; `participate` changes nothing here, see `models.options.events`.
        calendar: Which days are priced as weekend.
        interval_minutes: Length of intervals, by bill.
    """
    if scenario.kind == COMBINED:
        for part in scenario.parts:
            usage = behaved(usage, part, calendar, interval_minutes)
        return usage
    if scenario.kind in (REDUCE, REDUCE_ON_PEAK):
        hours = (0, HOURS) if scenario.kind == REDUCE else scenario.on_peak
        return less_by(usage, _scaled(usage, cells_of(*hours), scenario.ratio))
    if scenario.kind == SHIFT_ON_PEAK:
        return _shifted(usage, scenario, day_counts(usage, calendar), interval_minutes)
    if scenario.kind == ADD_LOAD:
        return _added(usage, scenario, day_counts(usage, calendar), interval_minutes)
    return usage


def cells_of(first_hour: int, end_hour: int) -> Integers:
    """Cells of hours of the day, of weekdays and of weekends."""
    hours = np.arange(first_hour, end_hour)
    return np.concatenate([hours, hours + HOURS])


def day_counts(usage: SegmentUsage, calendar: TariffCalendar) -> Integers:
    """Weekdays and weekend days of segments, shape (segments, 2)."""
    if not len(usage.first_day):
        return np.zeros((0, 2), dtype=np.int64)
    first, last = int(usage.first_day.min()), int((usage.first_day + usage.day_count).max())
    days = np.arange(first, last).astype("datetime64[D]").tolist()
    before = np.concatenate([[0], np.cumsum([calendar.is_weekend(day) for day in days])])
    weekend = before[usage.first_day + usage.day_count - first] - before[usage.first_day - first]
    return np.column_stack([usage.day_count - weekend, weekend])


def less_by(usage: SegmentUsage, saved_wh: Integers) -> SegmentUsage:
    """Usage after savings.

    Args:
        usage: Cells of segments.
        saved_wh: Energy saved in each cell, shape (segments, `CELLS`), at most what is delivered in it.
    """
    delivered = usage.delivered_wh - saved_wh
    safe = np.maximum(usage.delivered_wh, 1)
    return replace(
        usage,
        delivered_wh=delivered,
        net_import_wh=half_away(usage.net_import_wh * delivered, safe),
        peak_wh=half_away(usage.peak_wh * delivered, safe),
        net_peak_wh=half_away(usage.net_peak_wh * delivered, safe),
    )


def _scaled(usage: SegmentUsage, cells: Integers, ratio: int) -> Integers:
    saved = np.zeros_like(usage.delivered_wh)
    saved[:, cells] = half_away(usage.delivered_wh[:, cells] * ratio, ONE)
    return saved


def _shifted(usage: SegmentUsage, scenario: Scenario, days: Integers, interval_minutes: Integers) -> SegmentUsage:
    on_peak = cells_of(*scenario.on_peak)
    saved = _scaled(usage, on_peak, scenario.ratio)
    moved = np.zeros_like(saved)
    for kind in range(2):
        span = slice(kind * HOURS, (kind + 1) * HOURS)
        others = np.setdiff1d(np.arange(span.start, span.stop), on_peak)
        if not len(others):
            return usage
        moved[:, others] = spread(saved[:, span].sum(axis=1), len(others))
    return _more_by(less_by(usage, saved), moved, days, interval_minutes)


def _added(usage: SegmentUsage, scenario: Scenario, days: Integers, interval_minutes: Integers) -> SegmentUsage:
    first, end = scenario.load_hours
    daily = min(scenario.daily_wh, (end - first) * scenario.load_w)
    added = np.zeros_like(usage.delivered_wh)
    for kind in range(2):
        added[:, kind * HOURS + first : kind * HOURS + end] = spread(days[:, kind] * daily, end - first)
    return _more_by(usage, added, days, interval_minutes, scenario.load_w)


def spread(total: Integers, parts: int) -> Integers:
    """Whole numbers divided evenly: the first parts have one more where they do not divide.

    Returns:
        Shape (len(total), parts); rows add up to the totals.
    """
    share, rest = np.divmod(total, parts)
    return share[:, np.newaxis] + (np.arange(parts) < rest[:, np.newaxis])


def _more_by(
    usage: SegmentUsage, added_wh: Integers, days: Integers, interval_minutes: Integers, most_w: int | None = None
) -> SegmentUsage:
    minutes = interval_minutes[usage.bill][:, np.newaxis]
    intervals = np.repeat(days, HOURS, axis=1) * (_MINUTES // minutes)
    peak = -(-added_wh // np.maximum(intervals, 1))
    if most_w is not None:
        peak = np.where(added_wh > 0, half_away(np.broadcast_to(most_w * minutes, peak.shape), _MINUTES), 0)
    return replace(
        usage,
        delivered_wh=usage.delivered_wh + added_wh,
        net_import_wh=usage.net_import_wh + added_wh,
        peak_wh=usage.peak_wh + peak,
        net_peak_wh=usage.net_peak_wh + peak,
    )


def total_wh(usage: SegmentUsage) -> Integers:
    """Energy delivered by bill."""
    totals = np.zeros(int(usage.bill.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(totals, usage.bill, usage.delivered_wh.sum(axis=1))
    return totals
