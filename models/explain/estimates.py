"""Estimates once more: from the recorded method, neighbours, like days and register readings.

Each method has one entry in `ESTIMATES`; a method without one is named as not recomputable. Sources of the methods:
docs/methodology.md, Estimation.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, pairwise

from models.explain.calendar import is_on_grid
from models.explain.facts import FinalValue, MeterFacts, NotRecomputableError, RegisterReading

EXACT = "E0"
LINEAR = "E1"
LIKE_DAYS = "E2"
SCALED = "R"
"""Last letter of a method whose estimate was scaled to register readings."""


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
    """Two neighbouring register readings, and what the register counted between them."""

    before: RegisterReading
    after: RegisterReading

    @property
    def counted_wh(self) -> int:
        """Difference of the readings.

        Raises:
            NotRecomputableError: One of them is blank.
        """
        if self.before.reported_wh is None or self.after.reported_wh is None:
            raise NotRecomputableError("a register reading beside the interval is blank")
        return self.after.reported_wh - self.before.reported_wh

    @property
    def readings(self) -> tuple[RegisterReading, RegisterReading]:
        """Both of them."""
        return self.before, self.after

    def __str__(self) -> str:
        return f"register {self.after.reported_wh} − {self.before.reported_wh} = {self.counted_wh} Wh"


@dataclass(frozen=True)
class _Share:
    """How the energy of a span is shared among its open intervals.

    Attributes:
        residual_wh: What the register counted beside the valid intervals.
        weights: Unscaled estimate of each open interval by start; all 1 where these are all zero.
        wh: Share of each.
    """

    residual_wh: int
    weights: dict[datetime, int]
    wh: dict[datetime, int]


def is_scaled(method_code: str | None) -> bool:
    """True for methods that rest on register readings."""
    return method_code is not None and (method_code == EXACT or method_code.endswith(SCALED))


def rests_on_like_days(method_code: str | None) -> bool:
    """True for methods that average earlier like days."""
    return method_code is not None and method_code.removesuffix(SCALED) == LIKE_DAYS


class Spans:
    """Spans between the register readings of a channel that lie on the grid of its intervals."""

    def __init__(self, facts: MeterFacts, channel_code: str) -> None:
        readings = facts.readings.get(channel_code, [])
        self._has_parts = len({reading.register_code for reading in readings}) > 1
        on_grid = (r for r in readings if is_on_grid(facts.time_zone, r.read_at_utc, facts.interval_minutes))
        self._spans = [Span(before, after) for before, after in pairwise(on_grid)]
        self._begins = [span.before.read_at_utc for span in self._spans]

    def around(self, start: datetime) -> Span:
        """The span in which an interval begins.

        Raises:
            NotRecomputableError: There is none.
        """
        if self._has_parts:
            raise NotRecomputableError("the channel has several registers, each of which counts a part")
        place = bisect_right(self._begins, start) - 1
        if place < 0 or start >= self._spans[place].after.read_at_utc:
            raise NotRecomputableError("no two register readings bracket the interval")
        return self._spans[place]


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
        """E1: a step on the straight line between the gap's valid neighbours, rounded half up."""
        place = self._places[value.interval_start_utc]
        first, left = self._end(place, -1)
        last, right = self._end(place, 1)
        ends = [end for end in (left, right) if end is not None]
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
        known = [wh for other in found if (wh := self._reported(other)) is not None]
        if not found or len(known) < len(found):
            raise NotRecomputableError("the recorded like days lack a value at this time of day")
        total, count = sum(known), len(known)
        return Estimate((2 * total + count) // (2 * count), f"mean of {count} like days: {total} Wh ÷ {count}")

    def residual(self, value: FinalValue) -> Estimate:
        """E0: what the register counted less the valid intervals between its readings."""
        span = self._spans.around(value.interval_start_utc)
        residual, opened = self._open_part(span)
        if len(opened) > 1:
            raise NotRecomputableError(f"the register tells {len(opened)} intervals together, not this one alone")
        return Estimate(residual, f"{span} less the valid intervals between the readings", span.readings)

    def scaled(self, value: FinalValue) -> Estimate:
        """E1R, E2R: the interval's share of that, in proportion to the unscaled estimates."""
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

    def _shared(self, span: Span) -> _Share:
        residual, opened = self._open_part(span)
        weights = [self._shape(value).wh for value in opened]
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
        """What the register counted beside the valid intervals, and the intervals that must come to it."""
        begin, end = span.before.read_at_utc, span.after.read_at_utc
        place = self._places.get(begin)
        inside = []
        while place is not None and place < len(self._values) and self._values[place].interval_start_utc < end:
            inside.append(self._values[place])
            place += 1
        is_whole = all(a.end_utc == b.interval_start_utc for a, b in pairwise(inside))
        if not inside or not is_whole or inside[-1].end_utc != end:
            raise NotRecomputableError("the intervals between the register readings are not all there")
        valid = [wh for value in inside if value.is_reliable and (wh := self._reported(value)) is not None]
        return span.counted_wh - sum(valid), [value for value in inside if not value.is_reliable]

    def _end(self, place: int, step: int) -> tuple[int, int | None]:
        """Last place of the gap in a direction, and what its valid neighbour there reports, None at the life's end."""
        while 0 <= place + step < len(self._values):
            this, beyond = self._values[place], self._values[place + step]
            earlier, later = (this, beyond) if step > 0 else (beyond, this)
            if earlier.end_utc != later.interval_start_utc:
                break
            if beyond.is_reliable:
                return place, self._reported(beyond)
            place += step
        return place, None

    def _reported(self, value: FinalValue) -> int | None:
        return self.facts.reported_wh(self.channel_code, value.interval_start_utc)


SHAPES: Mapping[str, Callable[[Estimator, FinalValue], Estimate]] = {
    LINEAR: Estimator.linear,
    LIKE_DAYS: Estimator.like_days,
}

ESTIMATES: Mapping[str, Callable[[Estimator, FinalValue], Estimate]] = {
    EXACT: Estimator.residual,
    **SHAPES,
    **{method + SCALED: Estimator.scaled for method in SHAPES},
}
