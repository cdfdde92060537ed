"""Estimates once more: from the recorded method, neighbours, like days, the sibling channel, registers and the class.

Each method has one entry in `ESTIMATES`; a method without one is named as not recomputable. Sources of the methods:
docs/methodology.md, Estimation.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, pairwise

from models.explain.breaks import service_breaks
from models.explain.class_shape import class_estimate
from models.explain.facts import FinalValue, MeterFacts, NotRecomputableError, RegisterReading
from models.explain.spans import FACTORS, Span, Spans, factor_of
from models.tables.base import CHANNELS

EXACT = "E0"
LINEAR = "E1"
LIKE_DAYS = "E2"
CLASS = "E3"
DARK = "E4"
SCALED = "R"
"""Last letter of a method whose estimate was scaled to register readings."""
OWN_SHAPE = EXACT + SCALED
"""Method of values that are wrong by a factor, in their own shape."""


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
class _Share:
    """How the energy of a span is shared among its open intervals.

    Attributes:
        residual_wh: What the register counted beside the known intervals.
        weights: Unscaled estimate of each open interval by start; all 1 where these are all zero.
        wh: Share of each.
    """

    residual_wh: int
    weights: dict[datetime, int]
    wh: dict[datetime, int]


def rests_on_register(value: FinalValue) -> bool:
    """True for values that were computed from, or are contradicted by, register readings."""
    method = value.method_code
    if method is None:
        return value.quality_code == "Q" and value.final_wh is not None
    return method == EXACT or method.endswith(SCALED)


def rests_on_like_days(method_code: str | None) -> bool:
    """True for methods that average earlier like days."""
    return method_code is not None and method_code.removesuffix(SCALED) == LIKE_DAYS


def rests_on_class(method_code: str | None) -> bool:
    """True for methods that take the shape of the class."""
    return method_code is not None and method_code.removesuffix(SCALED) == CLASS


class Estimator:
    """Recomputes the estimates of one channel of a meter.

    Args:
        facts: What is recorded of the meter; it must not change afterwards.
        channel_code: Channel.
    """

    def __init__(self, facts: MeterFacts, channel_code: str) -> None:
        self.facts = facts
        self.channel_code = channel_code
        self._values = sorted(
            (value for (channel, _), value in facts.finals.items() if channel == channel_code),
            key=lambda value: value.interval_start_utc,
        )
        self._places = {value.interval_start_utc: place for place, value in enumerate(self._values)}
        self._at_minute: dict[tuple[date, int], list[FinalValue]] = defaultdict(list)
        for value in self._values:
            self._at_minute[value.usage_date, value.minute_of_day].append(value)
        self._spans = Spans(facts, channel_code)
        self._breaks = service_breaks(facts.events)
        self._shares: dict[datetime, _Share] = {}

    def estimate(self, value: FinalValue) -> Estimate:
        """An interval's estimate from what is recorded.

        Raises:
            NotRecomputableError: The method is not known here, or what it rests on is not recorded.
        """
        method = value.method_code or ""
        if method not in ESTIMATES:
            raise NotRecomputableError(f"method {method} has no recomputation yet")
        return ESTIMATES[method](self, value)

    def linear(self, value: FinalValue) -> Estimate:
        """E1: a step on the straight line between the gap's known neighbours with service, rounded half up."""
        place = self._places[value.interval_start_utc]
        first, left = self._end(place, -1)
        last, right = self._end(place, 1)
        ends = [wh for end in (left, right) if end is not None and (wh := self._served_wh(end)) is not None]
        if not ends:
            raise NotRecomputableError("neither end of the gap is a valid value")
        if len(ends) == 1:
            return Estimate(ends[0], f"the gap's one valid neighbour, {ends[0]} Wh")
        steps, step = last - first + 2, place - first + 1
        wh = (2 * (ends[0] * (steps - step) + ends[1] * step) + steps) // (2 * steps)
        return Estimate(wh, f"step {step} of {steps} on the line from {ends[0]} Wh to {ends[1]} Wh")

    def like_days(self, value: FinalValue) -> Estimate:
        """E2: mean of the recorded earlier days at the same minute of the wall clock, rounded half up."""
        days = self.facts.references.get((self.channel_code, value.usage_date), ())
        found = [other for day in days for other in self._at_minute[day, value.minute_of_day]]
        known = [wh for other in found if (wh := self.facts.valid_wh(other)) is not None]
        if not found or len(known) < len(found):
            raise NotRecomputableError("the recorded like days lack a value at this time of day")
        total, count = sum(known), len(known)
        return Estimate((2 * total + count) // (2 * count), f"mean of {count} like days: {total} Wh ÷ {count}")

    def by_class(self, value: FinalValue) -> Estimate:
        """E3: the profile of the class, at the height of the meter's own days."""
        if self.facts.class_use is None:
            raise NotRecomputableError("the class of the meter and its own days are not recorded")
        return Estimate(*class_estimate(self.facts.class_use, value))

    def dark(self, value: FinalValue) -> Estimate:
        """E4: zero where there was no service in all of the interval, or at both ends of its gap."""
        if self._is_dark(value):
            cause = next(one for one in self._breaks if one.covers(value))
            return Estimate(0, f"zero: {cause}")
        place = self._places[value.interval_start_utc]
        for _, end in (self._end(place, -1), self._end(place, 1)):
            if end is None or self._known_wh(end) is None or not self._is_broken(end):
                raise NotRecomputableError("no time without service on record covers the interval or its gap")
        return Estimate(0, "zero: there was no service at either end of the gap")

    def exact(self, value: FinalValue) -> Estimate:
        """E0: what the sibling channel reported, a value wrong by a factor, or what the register leaves over."""
        sibling = self._sibling_wh(value)
        if sibling is not None:
            return Estimate(sibling, f"directions exchanged: reported as energy {_sibling(self.channel_code)}")
        number = self._misscaled_wh(value)
        if number is None:
            return self.residual(value)
        span = self._spans.around(value.interval_start_utc)
        if all(self._known_wh(other) is not None for other in self._inside(span) if other is not value):
            return self.residual(value)
        factor = self._factor(span, value)
        return Estimate(
            (2 * number + factor) // (2 * factor), f"reported {number} Wh ÷ {factor}: {span}", span.readings
        )

    def residual(self, value: FinalValue) -> Estimate:
        """E0: what the register counted less the known intervals between its readings."""
        span = self._spans.around(value.interval_start_utc)
        residual, opened = self._open_part(span)
        if len(opened) > 1:
            raise NotRecomputableError(f"the register tells {len(opened)} intervals together, not this one alone")
        return Estimate(residual, f"{span} less the valid intervals between the readings", span.readings)

    def scaled(self, value: FinalValue) -> Estimate:
        """E0R to E4R: the interval's share of that, in proportion to the unscaled estimates."""
        span = self._spans.around(value.interval_start_utc)
        share = self._shares.get(span.before.read_at_utc)
        if share is None:
            share = self._shares[span.before.read_at_utc] = self._shared(span)
        start, total = value.interval_start_utc, sum(share.weights.values())
        how = (
            f"{self._shape(value).how}; share {share.weights[start]} of {total} in {share.residual_wh} Wh: {span} less "
            f"the valid intervals, over {len(share.wh)} estimated ones"
        )
        return Estimate(share.wh[start], how, span.readings)

    def own(self, value: FinalValue) -> Estimate:
        """The unscaled shape of E0R: what was reported, wrong by a factor."""
        number = self.facts.number_wh(value.channel_code, value.interval_start_utc)
        if number is None:
            raise NotRecomputableError("no reported value gives the interval its own shape")
        return Estimate(number, f"its own shape, reported {number} Wh")

    def register_says(self, value: FinalValue) -> str | None:
        """What the register counted around a value and what the reported values come to; None where it is silent."""
        try:
            span = self._spans.around(value.interval_start_utc)
            reported = self._numbers_wh(span)
            return f"{span}, where the reported values come to {reported} Wh"
        except NotRecomputableError:
            return None

    def _shared(self, span: Span) -> _Share:
        residual, opened = self._open_part(span)
        misscaled = [value for value in opened if value.method_code == OWN_SHAPE]
        factor = self._factor(span, misscaled[0]) if len(misscaled) < len(opened) and misscaled else 1
        weights = [self._shape(value).wh * (1 if value.method_code == OWN_SHAPE else factor) for value in opened]
        if not any(weights):
            weights = [1] * len(opened)
        total = sum(weights)
        ends = [(2 * residual * part + total) // (2 * total) for part in accumulate(weights, initial=0)]
        starts = [value.interval_start_utc for value in opened]
        shares = (end - begin for begin, end in pairwise(ends))
        return _Share(residual, dict(zip(starts, weights, strict=True)), dict(zip(starts, shares, strict=True)))

    def _shape(self, value: FinalValue) -> Estimate:
        """Unscaled estimate of an interval whose method says what it was scaled from."""
        shape = (value.method_code or "").removesuffix(SCALED)
        if shape not in SHAPES:
            raise NotRecomputableError(f"an interval between the register readings has method {value.method_code}")
        return SHAPES[shape](self, value)

    def _open_part(self, span: Span) -> tuple[int, list[FinalValue]]:
        """What the register counted beside the known intervals, and the intervals that must come to it."""
        known = [(value, self._known_wh(value)) for value in self._inside(span)]
        return span.counted_wh - sum(wh for _, wh in known if wh is not None), [v for v, wh in known if wh is None]

    def _inside(self, span: Span) -> list[FinalValue]:
        begin, end = span.before.read_at_utc, span.after.read_at_utc
        place = self._places.get(begin)
        inside: list[FinalValue] = []
        while place is not None and place < len(self._values) and self._values[place].interval_start_utc < end:
            inside.append(self._values[place])
            place += 1
        is_whole = all(a.end_utc == b.interval_start_utc for a, b in pairwise(inside))
        if not inside or not is_whole or inside[-1].end_utc != end:
            raise NotRecomputableError("the intervals between the register readings are not all there")
        return inside

    def _numbers_wh(self, span: Span) -> int:
        numbers = (self.facts.number_wh(v.channel_code, v.interval_start_utc) for v in self._inside(span))
        return sum(wh for wh in numbers if wh is not None)

    def _factor(self, span: Span, value: FinalValue) -> int:
        return factor_of(self.facts.replaced_by(value), self._numbers_wh(span), span.counted_wh)

    def _end(self, place: int, step: int) -> tuple[int, FinalValue | None]:
        """Last place of the gap in a direction, and the value beyond it, None at the end of what is recorded."""
        while 0 <= place + step < len(self._values):
            this, beyond = self._values[place], self._values[place + step]
            earlier, later = (this, beyond) if step > 0 else (beyond, this)
            if earlier.end_utc != later.interval_start_utc:
                break
            if not self._is_open(beyond):
                return place, beyond
            place += step
        return place, None

    def _is_open(self, value: FinalValue) -> bool:
        """True where only an estimate can tell the value, or nothing could."""
        if value.method_code is None:
            return value.final_wh is None and self.facts.fault(value) != "V13"
        return self._known_wh(value) is None and self._misscaled_wh(value) is None

    def _known_wh(self, value: FinalValue) -> int | None:
        """Energy that is valid or exactly known by other evidence than estimates."""
        if value.method_code is None:
            return self.facts.valid_wh(value)
        if value.method_code == EXACT:
            return self._sibling_wh(value)
        return 0 if value.method_code == DARK and self._is_dark(value) else None

    def _served_wh(self, value: FinalValue) -> int | None:
        return None if self._is_broken(value) else self._known_wh(value)

    def _sibling_wh(self, value: FinalValue) -> int | None:
        """What the other channel reported, where the record says that directions were exchanged."""
        rules = self.facts.replaced_by(value)
        if "V09" not in rules or rules & FACTORS.keys():
            return None
        return self.facts.number_wh(_sibling(value.channel_code), value.interval_start_utc)

    def _misscaled_wh(self, value: FinalValue) -> int | None:
        """What was reported, where the record says that it is wrong by a factor."""
        if value.method_code not in (EXACT, OWN_SHAPE) or not self.facts.replaced_by(value) & FACTORS.keys():
            return None
        return self.facts.number_wh(value.channel_code, value.interval_start_utc)

    def _is_dark(self, value: FinalValue) -> bool:
        reported = self.facts.reported_wh(value.channel_code, value.interval_start_utc)
        return reported is None and any(one.covers(value) for one in self._breaks)

    def _is_broken(self, value: FinalValue) -> bool:
        return any(one.touches(value) for one in self._breaks)


def _sibling(channel_code: str) -> str:
    return next(channel for channel in CHANNELS if channel != channel_code)


SHAPES: Mapping[str, Callable[[Estimator, FinalValue], Estimate]] = {
    EXACT: Estimator.own,
    LINEAR: Estimator.linear,
    LIKE_DAYS: Estimator.like_days,
    CLASS: Estimator.by_class,
    DARK: Estimator.dark,
}
"""What gives a scaled estimate its shape."""

ESTIMATES: Mapping[str, Callable[[Estimator, FinalValue], Estimate]] = {
    **{method + SCALED: Estimator.scaled for method in SHAPES},
    **SHAPES,
    EXACT: Estimator.exact,
}
