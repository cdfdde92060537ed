"""The meter data management system's own judgement of reads, by plain rules and with errors of its own.

It owes nothing to the warehouse's validation. What it fails it estimates for its bills; what it sends stays as read,
but for some gaps that it fills.
"""

from dataclasses import dataclass

import numpy as np

from sims.loads.chunk import Chunk
from sims.meters.planning import SEATS
from sims.meters.reads import LOST, Fate, Reads
from sims.world.calendar import Array

FLAGS = ("R", "R1", "R2", "R4", "R8", "E1", "E2", "N0")
"""CMEP flags: raw and not objected to; raw, but failed as too high (1), as zero against the register (2), as negative
(4), as a multiple of what the register counted (8); estimated on a line (1) or from the day before (2); no value."""

_GOOD, _HIGH, _ZERO, _NEGATIVE, _SCALED, _LINEAR, _DAY_BEFORE, _NONE = range(len(FLAGS))
_HOME_WH, _BUSINESS_WH = 12_000, 100_000
"""Most watt-hours in a quarter of an hour that are believed."""
_REGISTER_SHARE, _REGISTER_WH = 0.1, 500
_SCALE = 5
_LONGEST_LINE_MINUTES = 120
_MISSED, _FALSE_ALARMS = 0.1, 0.0002


@dataclass(frozen=True)
class Verdicts:
    """What the MDMS thinks of a grid's reads.

    Attributes:
        billed: Watt-hours that it would bill by channel, each [meter, interval].
        flag: Place in `FLAGS` of each read as sent, [meter, interval].
        is_estimated: Whether the billed value is its estimate, [meter, interval].
    """

    billed: dict[str, Array]
    flag: Array
    is_estimated: Array


def judge(reads: Reads, chunk: Chunk, seat: Array, day_before: dict[str, Array]) -> Verdicts:
    """Judge reads, estimate what fails, and fill the gaps that are sent as estimates.

    Args:
        reads: Reads; where their fate is `ESTIMATED`, the estimate becomes what is sent.
        chunk: Gives the streams.
        seat: Seat of each meter, [meter].
        day_before: Billed values of the last ordinary day before, by channel, each [meter, interval of a day].
    """
    flag = _failures(reads, chunk, seat)
    unknown = np.isin(reads.fate, (*LOST, Fate.VERY_LATE)) & reads.grid.is_installed
    is_estimated = (flag != _GOOD) | unknown
    billed = {channel: wh.copy() for channel, wh in reads.sent.items()}
    longest = _LONGEST_LINE_MINUTES // reads.grid.minutes
    for row in np.flatnonzero(is_estimated.any(axis=1)).tolist():
        for first, end in _runs(is_estimated[row]):
            is_line = end - first <= longest
            for channel in reads.channels(row):
                values = np.concatenate([day_before[channel][row], billed[channel][row]])
                billed[channel][row, first:end] = _estimate(values, len(day_before[channel][row]), first, end, is_line)
            filled = reads.fate[row, first:end] == Fate.ESTIMATED
            flag[row, first:end][filled] = _LINEAR if is_line else _DAY_BEFORE
            for channel in reads.channels(row):
                reads.sent[channel][row, first:end][filled] = billed[channel][row, first:end][filled]
    _bill_registers(reads, billed, flag)
    flag[reads.fate == Fate.EMPTY] = _NONE
    return Verdicts(billed, flag, is_estimated)


def _bill_registers(reads: Reads, billed: dict[str, Array], flag: Array) -> None:
    """Bill what the register counted, spread as the reads are, where all of a day are a multiple of it."""
    grid = reads.grid
    for channel, wh in billed.items():
        sums, counted = grid.daily(reads.sent[channel]), grid.daily(grid.wh[channel])
        for row, day in np.argwhere(grid.daily(flag == _SCALED) * (sums > 0)):
            cells = slice(int(grid.day_start[day]), int(grid.day_start[day + 1]))
            is_scaled = flag[row, cells] == _SCALED
            share = counted[row, day] / sums[row, day]
            wh[row, cells][is_scaled] = np.rint(reads.sent[channel][row, cells][is_scaled] * share)


def _failures(reads: Reads, chunk: Chunk, seat: Array) -> Array:
    """Flag of the rule that each read fails, [meter, interval]."""
    grid, wh = reads.grid, reads.sent["delivered"]
    premise = grid.meters["premise_number"].to_numpy() - chunk.first_premise
    is_business = chunk.premises["is_business"].to_numpy()[premise]
    most = np.where(is_business, _BUSINESS_WH, _HOME_WH) * grid.slots
    flag = np.full(wh.shape, _GOOD, np.uint8)
    flag[wh > most[:, None]] = _HIGH
    flag[wh < 0] = _NEGATIVE
    counted = grid.daily(grid.wh["delivered"])
    moved = counted - grid.daily(wh)
    for row, day in np.argwhere(moved > np.maximum(_REGISTER_SHARE * counted, _REGISTER_WH)):
        cells = slice(int(grid.day_start[day]), int(grid.day_start[day + 1]))
        flag[row, cells][wh[row, cells] == 0] = _ZERO
    _err(reads, chunk, seat, flag)
    peak = np.maximum.reduceat(wh, grid.day_start[:-1], axis=1)
    is_scaled = (counted > 0) & (grid.daily(wh) >= _SCALE * counted) & (2 * peak <= grid.daily(wh))
    flag[np.repeat(is_scaled, np.diff(grid.day_start), axis=1)] = _SCALED
    flag[(reads.fate != Fate.SENT) | ~grid.is_installed] = _GOOD
    return flag


def _err(reads: Reads, chunk: Chunk, seat: Array, flag: Array) -> None:
    """Overlook some days of failures, and fail some good reads."""
    grid = reads.grid
    for day, ordinal in enumerate(grid.calendar.ordinals):
        first, end = (int(bound) for bound in grid.day_start[[day, day + 1]])
        missed, alarm, place = chunk.draws("mdms errors", ordinal).random((3, SEATS))[:, seat]
        flag[missed < _MISSED, first:end] = _GOOD
        rows = np.flatnonzero(alarm < _FALSE_ALARMS)
        flag[rows, first + (place[rows] * (end - first)).astype(np.int64)] = _HIGH


def _runs(is_estimated: Array) -> list[tuple[int, int]]:
    """Runs of consecutive intervals, ends excluded."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_estimated.astype(np.int8), [0]])))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _estimate(values: Array, before: int, first: int, end: int, is_line: bool) -> Array:
    """Values of a run: on a line from the last value before to the first one after, or those of the day before.

    Args:
        values: Values of the day before the first interval, then all others.
        before: Number of the former.
        first: First interval of the run.
        end: Interval after the last.
        is_line: Interpolate.
    """
    start, length = before + first, end - first
    if is_line:
        left = values[start - 1]
        right = values[start + length] if start + length < len(values) else left
        line = left + (right - left) * np.arange(1, length + 1) / (length + 1)
        return np.asarray(np.rint(line).astype(np.int64))
    return np.asarray(np.resize(values[start - before : start], length))
