"""The rules on days and register spans for the oracle: slow, in fractions, and from the rules' wording."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from math import ceil

from tests.vee.facts import Asset, Cell

Cells = Mapping[str, list[Cell]]
ONE_PERCENT = Fraction(1, 100)
HISTORY_DAYS, FEWEST_HISTORY_DAYS, BLOCK_DAYS = 60, 5, 30


@dataclass
class Span:
    """What a register counted between two neighbouring readings, and what became of it."""

    channel: str
    begin: datetime
    end: datetime
    cells: list[Cell]
    counted: int | None
    count_wh: int
    is_reversed: bool = False
    factor: int | None = None
    is_failing: bool = False
    explanation: str | None = None

    @property
    def days(self) -> set[date]:
        return {cell.slot.day for cell in self.cells}

    @property
    def tolerance(self) -> Fraction:
        return max(Fraction(self.count_wh), ONE_PERCENT * (self.counted or 0))

    @property
    def numbers(self) -> list[int]:
        return [cell.number for cell in self.cells if cell.number is not None]

    @property
    def is_complete(self) -> bool:
        return len(self.numbers) == len(self.cells)

    @property
    def valid(self) -> int:
        return sum(cell.valid or 0 for cell in self.cells)

    @property
    def room(self) -> int:
        """What the intervals without a valid value can have carried."""
        return sum(cell.limit for cell in self.cells if cell.valid is None)


def energy_counted(before: int, after: int, cells: list[Cell], asset: Asset | None) -> int | None:
    """Energy between two readings; None where the register was reset."""
    if after >= before:
        return after - before
    if after < 0:
        return None
    top = 10 ** len(str(before)) if asset is None else int(1000 * 10**asset.digits * asset.multiplier)
    energy = top - before + after
    numbers = [cell.number for cell in cells if cell.number is not None]
    is_near = len(numbers) < len(cells) or any(
        f * energy <= 2 * sum(numbers) + 1000 * f and sum(numbers) <= 2 * f * energy + 1000 * f
        for f in (1, 10, 100, 1000)
    )
    return energy if energy <= sum(cell.limit for cell in cells) and is_near else None


def counts(asset: Asset | None) -> int:
    return ceil(2 * (asset.multiplier if asset else 1))


def judge(spans: list[Span]) -> None:
    """Find out which spans fail, and which for all of their values."""
    known = {(s.channel, s.begin, s.end): s for s in spans if s.counted is not None}
    other = {"delivered": "received", "received": "delivered"}
    for span in known.values():
        sibling = known.get((other[span.channel], span.begin, span.end))
        span.is_reversed = sibling is not None and _is_reversed(span, sibling)
        if not span.is_reversed:
            span.factor = _factor(span)
        assert span.counted is not None
        rest = span.counted - span.valid
        has_open = any(cell.valid is None for cell in span.cells)
        is_wrong = -rest > span.tolerance or rest > (span.room if has_open else span.tolerance)
        span.is_failing = span.is_reversed or span.factor is not None or is_wrong


def _is_reversed(one: Span, other: Span) -> bool:
    assert one.counted is not None
    assert other.counted is not None
    mine, theirs = sum(one.numbers), sum(other.numbers)
    if one.is_complete and other.is_complete:
        is_cross = abs(mine - other.counted) <= other.tolerance and abs(theirs - one.counted) <= one.tolerance
        is_wrong = abs(mine - one.counted) > one.tolerance or abs(theirs - other.counted) > other.tolerance
        cross = abs(mine - other.counted) + abs(theirs - one.counted)
        straight = abs(mine - one.counted) + abs(theirs - other.counted)
        return is_cross and (is_wrong or cross <= 2 * one.count_wh < straight)
    beyond = [
        sum(s.numbers) - max(s.numbers, default=0) - s.counted > s.tolerance
        for s in (one, other)
        if s.counted is not None
    ]
    is_below = mine - other.counted <= other.tolerance and theirs - one.counted <= one.tolerance
    return any(beyond) and is_below


def _factor(span: Span) -> int | None:
    assert span.counted is not None
    total, highest = sum(span.numbers), max(span.numbers, default=0)
    if not span.counted or not total or highest * span.counted > max(c.limit for c in span.cells) * total:
        return None
    if 2 * highest > total and len(span.numbers) > 1:
        return None
    if span.is_complete:
        if abs(total - span.counted) <= span.tolerance:
            return None
        near = (f for f in (10, 100, 1000) if abs(Fraction(total, f) - span.counted) <= span.tolerance)
        return next(near, None)
    if total - highest - span.counted <= span.tolerance:
        return None
    feasible = (
        f
        for f in (10, 100, 1000)
        if Fraction(total, f) <= span.counted + span.tolerance and 4 * total >= f * span.counted
    )
    return next(feasible, None)


def highest_of(days: Mapping[date, list[Cell]]) -> dict[date, list[int]]:
    """The three highest valid values of each day."""
    values = {day: sorted((c.valid for c in cells if c.valid is not None), reverse=True) for day, cells in days.items()}
    return {day: found[:3] for day, found in values.items() if found}


def spike_levels(tops: Mapping[date, list[int]], valid_days: Iterable[date]) -> dict[date, Fraction]:
    """What a value must exceed to be a spike, by day; days that cannot be judged are left out."""
    trusted, levels = set(valid_days), {}
    for day, top in tops.items():
        before = [d for d in trusted if timedelta(0) < day - d <= timedelta(days=HISTORY_DAYS)]
        block = [wh for d in before if day - d < timedelta(days=BLOCK_DAYS) for wh in tops[d]]
        third = sorted([*top, *block], reverse=True)[2:3]
        if len(before) >= FEWEST_HISTORY_DAYS and third:
            levels[day] = max(Fraction(14, 5) * third[0], Fraction(3, 2) * max(tops[d][0] for d in before))
    return levels


def patterns(channels: Cells, nominal: int) -> dict[tuple[str, datetime], tuple[str, bool]]:
    """Rule (V07, V08) of cells in runs of equal values, and whether it is worth a remark, as seen from each day."""
    found: dict[tuple[str, datetime], tuple[str, bool]] = {}
    together: dict[datetime, list[Cell]] = defaultdict(list)
    for cells in channels.values():
        for cell in cells:
            together[cell.slot.start].append(cell)
    zeros = {start for start, cells in together.items() if all(c.valid == 0 and not c.is_dark for c in cells)}
    for channel, cells in channels.items():
        for day in {cell.slot.day for cell in cells}:
            near = [c for c in cells if abs(c.slot.day - day) <= timedelta(days=1)]
            runs = groupby(near, key=lambda c: None if c.valid is None or c.is_dark else c.valid)
            for value, members in runs:
                run = list(members)
                if value and len(run) >= (24 if value < 100 else 8):
                    found |= {(channel, c.slot.start): ("V07", True) for c in run if c.slot.day == day}
            quiet = sorted(s for s in together if abs(together[s][0].slot.day - day) <= timedelta(days=1))
            for is_zero, moments in groupby(quiet, key=lambda s: s in zeros):
                span = list(moments)
                if is_zero and len(span) * nominal >= 60:
                    is_long = len(span) * nominal >= 1440
                    found |= {(channel, s): ("V08", is_long) for s in span if together[s][0].slot.day == day}
    return found


def explain(
    span: Span, levels: Mapping[date, Fraction], found: Mapping[tuple[str, datetime], tuple[str, bool]]
) -> None:
    """Take out of a failing span what explains it, or keep all of it in question."""
    assert span.counted is not None
    rest = span.counted - span.valid
    spikes, runs = [], []
    for cell in span.cells:
        if cell.valid is None:
            continue
        if rest < 0 and cell.slot.day in levels and cell.valid > levels[cell.slot.day]:
            spikes.append(cell)
        rule = found.get((span.channel, cell.slot.start), (None, False))[0]
        if rule == "V07" or (rule == "V08" and rest > 0):
            runs.append((cell, rule))
    run_cells = [cell for cell, _ in runs]
    both = [cell for cell in span.cells if cell in spikes or cell in run_cells]
    for name, cells in (("spike", spikes), ("run", run_cells), ("both", both)):
        left = rest + sum(c.valid or 0 for c in cells)
        if cells and 0 <= left <= span.room + sum(c.limit for c in cells):
            span.explanation = name
            break
    rules: list[tuple[Cell, str]] = []
    if span.explanation in ("run", "both"):
        rules += [(cell, rule or "") for cell, rule in runs]
    if span.explanation in ("spike", "both"):
        rules += [(cell, "V06") for cell in spikes]
    for cell, rule in rules:
        cell.failed = rule
    for cell in span.cells:
        if not span.explanation and cell.valid is not None:
            cell.failed, cell.is_kept = "V09", True
