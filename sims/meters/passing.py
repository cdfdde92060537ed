"""Defects that pass: gaps, wrong values, and reads that come late or twice."""

from collections.abc import Callable
from datetime import date

import numpy as np

from sims.meters.planning import Placement
from sims.meters.reads import Fate, Reads, Span
from sims.world.calendar import Array, Calendar

OVERFLOW_WH = 65_535
_TWO_HOURS, _DAY, _STUCK_SLOTS, _STANDSTILL_WH = 8, 96, (24, 192), 25
_OVERFLOW_SHARE, _EMPTY_SHARE, _ESTIMATED_SHARE = 0.3, 0.2, 0.2
_LATE_DAYS, _VERY_LATE_DAYS = (1, 5), (31, 45)
_MOST_OFF_WH = 400


def extent(found: Placement, calendar: Calendar, slots: int) -> tuple[int, int]:
    """Slots that a defect takes, on whole intervals; negative before the calendar's first day.

    Args:
        found: The defect.
        calendar: Days that the slots are counted from.
        slots: Slots of an interval.
    """
    offset = found.ordinal - calendar.ordinals[0]
    day, origin = calendar, 0
    if offset < 0:
        day = Calendar(date.fromordinal(found.ordinal), calendar.last)
        origin, offset = -int(day.first_slot[day.place(calendar.first)]), 0
    midnight, end = (origin + int(slot) for slot in day.first_slot[[offset, offset + 1]])
    if found.kind == "gap_days":
        return midnight, origin + int(day.first_slot[min(offset + found.days, len(day.dates))])
    whole = (end - midnight) // slots
    shortest, longest = {
        "gap_short": (1, _TWO_HOURS // slots), "spike": (1, 1), "negative": (1, 1),
        "gap_long": (_TWO_HOURS // slots + 1, min(whole - 2, _DAY // slots)),
        "stuck": tuple(bound // slots for bound in _STUCK_SLOTS), "false_zero": (4 // slots, whole),
    }.get(found.kind, (whole, whole))  # fmt: skip
    length = shortest + int(found.length * (longest - shortest + 1))
    inner = 1 if found.kind.startswith("gap") else 0
    room = whole - (0 if found.kind == "stuck" else length) - inner
    begin = midnight + slots * (inner + int(found.place * max(room - inner + 1, 1)))
    return begin, begin + slots * length


def apply_passing(
    reads: Reads, placements: list[Placement], peak: Array, last_sent: Array, can_fill: Array
) -> list[tuple[int, int]]:
    """Let passing defects happen to a grid's reads.

    Args:
        reads: Reads to change.
        placements: Passing defects.
        peak: Greatest true value of each meter so far, [meter].
        last_sent: Last value sent before the first day, [meter]: what a meter that is stuck goes on to say.
        can_fill: Whether the sender flags and fills gaps, [meter].

    Returns:
        Meter and day at whose end registers are reset.
    """
    grid, resets = reads.grid, []
    numbers = {number: row for row, number in enumerate(grid.meters["meter_number"].to_list())}
    for found in placements:
        row = numbers.get(found.meter_number)
        if row is None:
            continue
        bounds = [slot // grid.slots for slot in extent(found, grid.calendar, grid.slots)]
        first, end = max(bounds[0], int(grid.first[row])), min(bounds[1], int(grid.end[row]))
        if first >= end:
            continue
        if found.kind == "register_reset":
            if bounds[1] == end:
                resets.append((row, found.ordinal - grid.calendar.ordinals[0]))
        elif found.kind == "stuck":
            _stick(reads, row, first, end, int(last_sent[row]) if bounds[0] < 0 else None)
        elif found.kind == "spike":
            _spike(reads, found, row, first, int(peak[row]))
        elif found.kind.startswith("gap"):
            _lose(reads, found, row, first, end, can_fill=bool(can_fill[row]))
        else:
            _CHANGES[found.kind](reads, found, row, first, end)
    return resets


def _lose(reads: Reads, found: Placement, row: int, first: int, end: int, *, can_fill: bool) -> None:
    fate = Fate.MISSING
    if can_fill and found.kind != "gap_days":
        if found.size < _EMPTY_SHARE:
            fate = Fate.EMPTY
        elif found.size < _EMPTY_SHARE + _ESTIMATED_SHARE:
            fate = Fate.ESTIMATED
    reads.fate[row, first:end] = fate
    reads.mark(found.kind, row, first, end)


def _spike(reads: Reads, found: Placement, row: int, first: int, peak: int) -> None:
    factor = 10 ** (1 + 2 * (found.size - _OVERFLOW_SHARE) / (1 - _OVERFLOW_SHARE))
    value = OVERFLOW_WH if found.size < _OVERFLOW_SHARE else round(max(peak, 1) * factor)
    reads.sent["delivered"][row, first] = value
    reads.mark("spike", row, first, first + 1, ("delivered",))


def _stick(reads: Reads, row: int, first: int, end: int, value: int | None) -> None:
    cells = reads.sent["delivered"][row]
    cells[first:end] = max(int(cells[first]), _STANDSTILL_WH) if value is None else value
    reads.mark("stuck", row, first, end, ("delivered",))


def _zero(reads: Reads, found: Placement, row: int, first: int, end: int) -> None:
    for channel in reads.channels(row):
        reads.sent[channel][row, first:end] = 0
    reads.mark(found.kind, row, first, end)


def _negate(reads: Reads, found: Placement, row: int, first: int, end: int) -> None:
    """Change the sign of a read of the day, the greatest one where the chosen one is zero."""
    grid = reads.grid
    day = int(np.searchsorted(grid.day_start, first, side="right")) - 1
    begin = max(int(grid.day_start[day]), int(grid.first[row]))
    cells = reads.sent["delivered"][row]
    if not cells[first]:
        first = begin + int(np.argmax(cells[begin : min(int(grid.day_start[day + 1]), int(grid.end[row]))]))
    if cells[first]:
        cells[first] *= -1
        reads.mark(found.kind, row, first, first + 1, ("delivered",))


def _repeat(reads: Reads, found: Placement, row: int, first: int, end: int) -> None:
    reads.repeats.append(Span(row, first, end, _delay(found, _LATE_DAYS)))
    reads.mark(found.kind, row, first, end)


def _contradict(reads: Reads, found: Placement, row: int, first: int, end: int) -> None:
    """Send wrong values at first, and the right ones later."""
    for channel in reads.channels(row):
        reads.sent[channel][row, first:end] += 1 + int(_MOST_OFF_WH * found.size)
    reads.corrections.append(Span(row, first, end, _delay(found, _LATE_DAYS)))
    reads.mark(found.kind, row, first, end)


def _delayed(reads: Reads, found: Placement, row: int, first: int, end: int) -> None:
    is_late = found.kind == "late"
    reads.fate[row, first:end] = Fate.LATE if is_late else Fate.VERY_LATE
    reads.late.append(Span(row, first, end, _delay(found, _LATE_DAYS if is_late else _VERY_LATE_DAYS)))
    reads.mark(found.kind, row, first, end)


def _delay(found: Placement, bounds: tuple[int, int]) -> int:
    low, high = bounds
    return low + int(found.size * (high - low + 1))


_CHANGES: dict[str, Callable[[Reads, Placement, int, int, int], None]] = {
    "false_zero": _zero, "negative": _negate, "duplicate": _repeat, "conflict": _contradict, "late": _delayed,
    "very_late": _delayed,
}  # fmt: skip
