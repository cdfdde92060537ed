"""Estimates once more: from the recorded method, neighbours, like days and register readings.

Each method has one function in `ESTIMATES`; a method without one is named as not recomputable. Sources of the methods:
docs/methodology.md, Estimation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from models.explain.calendar import civil_slots, local_time
from models.explain.facts import FinalValue, MeterFacts, NotRecomputableError, RegisterReading

EXACT = "E0"
SCALED = "R"
"""Last letter of a method whose estimate was scaled to register readings."""
LIKE_DAYS = "E2"


@dataclass(frozen=True)
class Estimate:
    """An estimate, recomputed.

    Attributes:
        wh: The value.
        how: The arithmetic in one sentence.
        readings: The two register readings that it was scaled to, if any.
    """

    wh: int
    how: str
    readings: tuple[RegisterReading, ...] = ()


@dataclass(frozen=True)
class Span:
    """Two neighbouring register readings and what the register counted between them."""

    before: RegisterReading
    after: RegisterReading
    counted_wh: int

    @property
    def readings(self) -> tuple[RegisterReading, RegisterReading]:
        """Both of them."""
        return self.before, self.after

    def __str__(self) -> str:
        return f"register {self.after.reported_wh} − {self.before.reported_wh} = {self.counted_wh} Wh"

    def holds(self, value: FinalValue) -> bool:
        """True where an interval begins between the readings."""
        return self.before.read_at_utc <= value.interval_start_utc < self.after.read_at_utc


def estimate(facts: MeterFacts, value: FinalValue) -> Estimate:
    """An interval's estimate from what is recorded.

    Raises:
        NotRecomputableError: The method is not known here, or what it rests on is not recorded.
    """
    method = value.method_code or ""
    if method not in ESTIMATES:
        raise NotRecomputableError(f"method {method} has no recomputation yet")
    return ESTIMATES[method](facts, value)


def is_scaled(method_code: str | None) -> bool:
    """True for methods that rest on register readings."""
    return method_code is not None and (method_code == EXACT or method_code.endswith(SCALED))


def rests_on_like_days(method_code: str | None) -> bool:
    """True for methods that average earlier like days."""
    return method_code is not None and method_code.removesuffix(SCALED) == LIKE_DAYS


def span_of(facts: MeterFacts, value: FinalValue) -> Span:
    """The two neighbouring register readings that bracket an interval.

    Raises:
        NotRecomputableError: There are none.
    """
    readings = facts.readings.get(value.channel_code, [])
    if len({reading.register_code for reading in readings}) > 1:
        raise NotRecomputableError("the channel has several registers, each of which counts a part")
    on_grid = [reading for reading in readings if _is_on_grid(facts, reading)]
    for before, after in pairwise(on_grid):
        if before.reported_wh is None or after.reported_wh is None:
            continue
        span = Span(before, after, after.reported_wh - before.reported_wh)
        if span.holds(value):
            return span
    raise NotRecomputableError("no two register readings bracket the interval")


def _linear(facts: MeterFacts, value: FinalValue) -> Estimate:
    series = facts.of_channel(value.channel_code)
    first = last = series.index(value)
    while first > 0 and _is_open_neighbour(series[first - 1], series[first]):
        first -= 1
    while last + 1 < len(series) and _is_open_neighbour(series[last], series[last + 1], is_right=True):
        last += 1
    left = _end(facts, series[first - 1], series[first]) if first > 0 else None
    right = _end(facts, series[last], series[last + 1], is_right=True) if last + 1 < len(series) else None
    steps, step = last - first + 2, series.index(value) - first + 1
    ends = [end for end in (left, right) if end is not None]
    if not ends:
        raise NotRecomputableError("neither end of the gap is a valid value")
    if len(ends) == 1:
        return Estimate(ends[0], f"the gap's one valid neighbour, {ends[0]} Wh")
    wh = (2 * (ends[0] * (steps - step) + ends[1] * step) + steps) // (2 * steps)
    return Estimate(wh, f"step {step} of {steps} on the line from {left} Wh to {right} Wh")


def _is_open_neighbour(left: FinalValue, right: FinalValue, *, is_right: bool = False) -> bool:
    return left.end_utc == right.interval_start_utc and not (right if is_right else left).is_reliable


def _end(facts: MeterFacts, left: FinalValue, right: FinalValue, *, is_right: bool = False) -> int | None:
    """What a valid neighbour reports; None where the life of the channel ends."""
    if left.end_utc != right.interval_start_utc:
        return None
    end = right if is_right else left
    return facts.reported_wh(end.channel_code, end.interval_start_utc)


def _like_days(facts: MeterFacts, value: FinalValue) -> Estimate:
    days = set(facts.references.get((value.channel_code, value.usage_date), ()))
    found = [
        other
        for other in facts.of_channel(value.channel_code)
        if other.usage_date in days and other.minute_of_day == value.minute_of_day
    ]
    if not found:
        raise NotRecomputableError("no like day is recorded for this time of day")
    known = [
        wh for other in found if (wh := facts.reported_wh(other.channel_code, other.interval_start_utc)) is not None
    ]
    if len(known) < len(found):
        raise NotRecomputableError("a like day lacks the value on which the estimate rests")
    total, count = sum(known), len(known)
    return Estimate((2 * total + count) // (2 * count), f"mean of {count} like days: {total} Wh ÷ {count}")


def _residual(facts: MeterFacts, value: FinalValue) -> Estimate:
    span = span_of(facts, value)
    residual, opened = _open_part(facts, value.channel_code, span)
    if len(opened) > 1:
        raise NotRecomputableError(f"the register tells {len(opened)} intervals together, not this one alone")
    return Estimate(residual, f"{span} less the valid intervals between the readings", span.readings)


def _scaled(shape: Callable[[MeterFacts, FinalValue], Estimate]) -> Callable[[MeterFacts, FinalValue], Estimate]:
    def scaled(facts: MeterFacts, value: FinalValue) -> Estimate:
        span = span_of(facts, value)
        residual, opened = _open_part(facts, value.channel_code, span)
        weights = [_shape(facts, other) for other in opened]
        if not any(weights):
            weights = [1] * len(opened)
        total = sum(weights)
        ends = [(2 * residual * part + total) // (2 * total) for part in accumulate(weights, initial=0)]
        place = opened.index(value)
        how = (
            f"{shape(facts, value).how}; share {weights[place]} of {total} in {residual} Wh: {span} less "
            f"the valid intervals, over {len(opened)} estimated ones"
        )
        return Estimate(ends[place + 1] - ends[place], how, span.readings)

    return scaled


def _open_part(facts: MeterFacts, channel_code: str, span: Span) -> tuple[int, list[FinalValue]]:
    """What the register counted beside the valid intervals, and the intervals that must come to it."""
    inside = [value for value in facts.of_channel(channel_code) if span.holds(value)]
    is_whole = all(a.end_utc == b.interval_start_utc for a, b in pairwise(inside))
    ends = (inside[0].interval_start_utc, inside[-1].end_utc) if inside else ()
    if not is_whole or ends != (span.before.read_at_utc, span.after.read_at_utc):
        raise NotRecomputableError("the intervals between the register readings are not all there")
    valid = [facts.reported_wh(channel_code, value.interval_start_utc) for value in inside if value.is_reliable]
    opened = [value for value in inside if not value.is_reliable]
    return span.counted_wh - sum(wh for wh in valid if wh is not None), opened


def _shape(facts: MeterFacts, value: FinalValue) -> int:
    """Unscaled estimate of an interval whose method says what it was scaled from."""
    method = (value.method_code or "").removesuffix(SCALED)
    if method not in SHAPES:
        raise NotRecomputableError(f"an interval between the register readings has method {value.method_code}")
    return SHAPES[method](facts, value).wh


def _is_on_grid(facts: MeterFacts, reading: RegisterReading) -> bool:
    day = local_time(facts.time_zone, reading.read_at_utc).date()
    slots = civil_slots(facts.time_zone, day, facts.interval_minutes)
    return any(slot.interval_start_utc == reading.read_at_utc for slot in slots)


SHAPES: Mapping[str, Callable[[MeterFacts, FinalValue], Estimate]] = {"E1": _linear, LIKE_DAYS: _like_days}

ESTIMATES: Mapping[str, Callable[[MeterFacts, FinalValue], Estimate]] = {
    EXACT: _residual,
    **SHAPES,
    **{method + SCALED: _scaled(shape) for method, shape in SHAPES.items()},
}
