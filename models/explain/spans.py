"""Spans between register readings once more: what the register counted, and by what its intervals were too large."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from models.explain.calendar import is_on_grid
from models.explain.facts import MeterFacts, NotRecomputableError, RegisterReading

FACTORS = {"V15": (1000,), "V16": (10, 100)}
"""By what values can be too large, by the rule that says so."""


@dataclass(frozen=True)
class Span:
    """Two neighbouring register readings, and what the register counted between them.

    Attributes:
        before: The earlier reading.
        after: The later one.
        modulo_wh: What the register counts before it begins again; None where that is not on record.
    """

    before: RegisterReading
    after: RegisterReading
    modulo_wh: int | None = None

    @property
    def counted_wh(self) -> int:
        """Difference of the readings, past the register's highest value where the later one is lower.

        Raises:
            NotRecomputableError: One of them is blank.
        """
        before, after = self.before.reported_wh, self.after.reported_wh
        if before is None or after is None:
            raise NotRecomputableError("a register reading beside the interval is blank")
        return after - before if after >= before else self._rollover_wh(before) - before + after

    @property
    def readings(self) -> tuple[RegisterReading, RegisterReading]:
        """Both of them."""
        return self.before, self.after

    def _rollover_wh(self, before: int) -> int:
        return 10 ** len(str(before)) if self.modulo_wh is None else self.modulo_wh

    def __str__(self) -> str:
        before, after = self.before.reported_wh, self.after.reported_wh
        is_fallen = before is not None and after is not None and after < before
        past = f" past its highest value {self._rollover_wh(before or 0)}" if is_fallen else ""
        return f"register {after} − {before} = {self.counted_wh} Wh{past}"


class Spans:
    """Spans between the register readings of a channel that lie on the grid of its intervals."""

    def __init__(self, facts: MeterFacts, channel_code: str) -> None:
        readings = facts.readings.get(channel_code, [])
        self._has_parts = len({reading.register_code for reading in readings}) > 1
        on_grid = (r for r in readings if is_on_grid(facts.time_zone, r.read_at_utc, facts.interval_minutes))
        self._spans = [Span(before, after, facts.register_modulo_wh) for before, after in pairwise(on_grid)]
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


def factor_of(rules: Iterable[str], numbers_wh: int, counted_wh: int) -> int:
    """By what the values of a span are too large: the least factor of the recorded rules that goes as far.

    Args:
        rules: Rules by which values of the span were replaced.
        numbers_wh: What its values come to.
        counted_wh: What its register counted.

    Raises:
        NotRecomputableError: No such rule is recorded, or the values go beyond its factors.
    """
    factors = sorted(factor for rule in rules for factor in FACTORS.get(rule, ()))
    # Neighbouring factors lie a tenfold apart, and values with gaps only fall short of theirs.
    near = [factor for factor in factors if 2 * numbers_wh <= 3 * factor * counted_wh]
    if not near:
        raise NotRecomputableError("the record names no factor between the values and the register")
    return near[0]
