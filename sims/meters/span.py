"""A chunk's meters over one span of days: from loads to reads as sent, with their truth."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from sims.loads.chunk import Chunk
from sims.loads.loads import Loads
from sims.meters.lasting import apply_lasting
from sims.meters.metering import CHANNELS, Grid, measure
from sims.meters.passing import apply_passing
from sims.meters.planning import Plan, seats
from sims.meters.reads import Reads
from sims.meters.registers import Registers, read_registers
from sims.meters.state import ChunkState
from sims.meters.verdicts import Verdicts, judge
from sims.world.calendar import Array, Calendar

_MISLABELLED_DAYS = (21, 42)


@dataclass(frozen=True)
class MeterSpan:
    """What happened to the reads of one grid.

    Attributes:
        reads: The reads.
        registers: Register readings.
        verdicts: What the MDMS thinks.
    """

    reads: Reads
    registers: Registers
    verdicts: Verdicts


def play_meters(chunk: Chunk, calendar: Calendar, loads: Loads, plan: Plan, state: ChunkState) -> list[MeterSpan]:
    """Meter the loads of a span of days and let defects happen.

    Args:
        chunk: Premises and meters.
        calendar: The days.
        loads: Their loads.
        plan: Defects.
        state: State of the meters; brought to the end of the span.
    """
    passing = plan.passing(calendar)
    seat = seats(chunk.meters, chunk.first_premise)
    spans = []
    for grid in measure(chunk, calendar, loads):
        rows = state.rows(chunk, grid)
        meters = state.meters
        meters["peak_wh"][rows] = np.maximum(meters["peak_wh"][rows], grid.wh["delivered"].max(axis=1))
        reads = Reads.of(grid)
        carried = meters["carried_wh"][rows]
        apply_lasting(reads, plan.lasting, carried)
        is_mdms = (grid.meters["sender"] == "mdms").to_numpy()
        resets = apply_passing(reads, passing, meters["peak_wh"][rows], meters["last_sent_wh"][rows], is_mdms)
        _mark_mislabelled(reads, plan.first_date)
        _mark_removed(reads)
        registers = read_registers(
            grid,
            state.by_channel("counted_wh", rows),
            state.by_channel("lost_wh", rows),
            resets,
            is_first=calendar.first == plan.first_date,
        )
        day_before = {name: wh[:, : grid.per_day] for name, wh in state.by_channel("billed_wh", rows).items()}
        verdicts = judge(reads, chunk, seat[rows], day_before)
        meters["carried_wh"][rows] = carried
        _keep(state, grid, rows, reads, registers, verdicts)
        spans.append(MeterSpan(reads, registers, verdicts))
    return spans


def is_mislabelled(world_first: date, day: date) -> bool:
    """Whether the sub-metering service writes the start of intervals where their end should be: three weeks long."""
    first, end = (world_first + timedelta(days=offset) for offset in _MISLABELLED_DAYS)
    return first <= day < end


def _mark_mislabelled(reads: Reads, world_first: date) -> None:
    grid = reads.grid
    wrong = [day for day, when in enumerate(grid.calendar.dates) if is_mislabelled(world_first, when)]
    if not wrong:
        return
    first, end = int(grid.day_start[wrong[0]]), int(grid.day_start[wrong[-1] + 1])
    for row in (grid.meters["sender"] == "submeters").arg_true():
        bounds = max(first, int(grid.first[row])), min(end, int(grid.end[row]))
        if bounds[0] < bounds[1]:
            reads.mark("wrong_stamp", row, *bounds, ("delivered",))


def _mark_removed(reads: Reads) -> None:
    """Label the rest of the day on which a meter was removed."""
    grid = reads.grid
    for row in np.flatnonzero((grid.end < grid.count) & ~np.isin(grid.end, grid.day_start)).tolist():
        day = int(np.searchsorted(grid.day_start, grid.end[row]))
        reads.mark("meter_exchange", row, int(grid.end[row]), int(grid.day_start[day]))


def _keep(state: ChunkState, grid: Grid, rows: Array, reads: Reads, registers: Registers, verdicts: Verdicts) -> None:
    """Bring the state to the end of the span."""
    state.meters["last_sent_wh"][rows] = reads.sent["delivered"][:, -1]
    for place, channel in enumerate(CHANNELS):
        state.meters["counted_wh"][rows, place] = registers.counted[channel]
        state.meters["lost_wh"][rows, place] = registers.lost[channel]
        before = state.meters["billed_wh"][rows, place, : grid.per_day]
        billed = np.concatenate([before, verdicts.billed[channel]], axis=1)
        state.meters["billed_wh"][rows, place, : grid.per_day] = billed[:, -grid.per_day :]


def labels(spans: list[MeterSpan]) -> pl.DataFrame:
    """Labels of all defects: `meter_id`, and the columns of `reads.LABELS` after the first, sorted by all of them."""
    frames = []
    for span in spans:
        rows = pl.concat([span.reads.labels(), span.registers.drops])
        meter_id = span.reads.grid.meters["meter_id"].gather(rows["row"])
        frames.append(rows.select(meter_id.alias("meter_id"), pl.exclude("row")))
    return pl.concat(frames).sort(pl.all())
