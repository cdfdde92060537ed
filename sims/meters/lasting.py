"""Defects that stay: clocks that drift, wrong multipliers and units, directions exchanged."""

import numpy as np

from sims.meters.planning import Placement
from sims.meters.reads import Reads
from sims.world.calendar import Array

FACTORS = {"wrong_multiplier": 10, "wrong_unit": 1_000}
_RESYNC_SECONDS = 900
_FASTEST_SECONDS_PER_DAY = 20


def apply_lasting(reads: Reads, placements: list[Placement], carried: Array) -> None:
    """Let lasting defects happen to a grid's reads; registers know nothing of them.

    Args:
        reads: Reads to change.
        placements: Lasting defects.
        carried: Watt-hours that a late clock moved out of the last interval, [meter, channel]; changed in place.
    """
    numbers = {number: row for row, number in enumerate(reads.grid.meters["meter_number"].to_list())}
    days, day_start = reads.grid.calendar.ordinals, reads.grid.day_start
    for found in placements:
        row = numbers.get(found.meter_number)
        if row is None or found.ordinal > days[-1]:
            continue
        begin = int(day_start[max(found.ordinal - days[0], 0)])
        first, end = max(begin, int(reads.grid.first[row])), int(reads.grid.end[row])
        if first >= end:
            continue
        if found.kind == "clock_drift":
            _drift(reads, row, first, end, found, carried)
        elif found.kind == "reversed_channels":
            one, other = (reads.sent[channel][row, first:end] for channel in ("delivered", "received"))
            one[:], other[:] = other.copy(), one.copy()
        else:
            for wh in reads.sent.values():
                wh[row, first:end] *= FACTORS[found.kind]
        reads.mark(found.kind, row, first, end)


def _drift(reads: Reads, row: int, first: int, end: int, found: Placement, carried: Array) -> None:
    """Move the last part of each interval into the next; the clock is set right when it is 15 minutes late."""
    grid = reads.grid
    since = np.array(grid.calendar.ordinals) - found.ordinal
    seconds = np.maximum(since, 0) * (1 + (_FASTEST_SECONDS_PER_DAY - 1) * found.size) % _RESYNC_SECONDS
    share = np.repeat(seconds / (60 * grid.minutes), np.diff(grid.day_start))[first:end]
    for place, wh in enumerate(reads.sent.values()):
        moved = np.floor(wh[row, first:end] * share).astype(np.int64)
        wh[row, first:end] += np.concatenate([carried[row, place : place + 1], moved[:-1]]) - moved
        carried[row, place] = moved[-1]
