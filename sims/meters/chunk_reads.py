"""The reads of one chunk over many pieces of time: the work of one process."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import polars as pl

from sims.loads.chunk import chunk_of
from sims.loads.loads import play_loads
from sims.meters.deferred import deferred_reads
from sims.meters.delivery import sent_at
from sims.meters.mdms_files import write_regular
from sims.meters.outages import darkness
from sims.meters.pieces import Piece
from sims.meters.planning import Placement, Plan
from sims.meters.span import play_meters
from sims.meters.state import ChunkState
from sims.meters.submeter_files import write_rows
from sims.meters.truth import write_parquet, write_truth
from sims.world.calendar import Calendar
from sims.world.frames import World
from sims.world.weather import Weather, play_weather


@dataclass(frozen=True)
class Task:
    """What all chunks of a play share.

    Attributes:
        world: The world.
        utility_code: Utility that sends.
        outages: Outages of the span.
        forced: Defects that every world has.
        pieces: Pieces of time, in order.
        truth: Folder of the answer key.
        before: Folder with the state from which the play goes on; there is none at the world's beginning.
        after: Folder that receives the state at the end.
    """

    world: World
    utility_code: str
    outages: pl.DataFrame
    forced: list[Placement]
    pieces: list[Piece]
    truth: Path
    before: Path
    after: Path

    @property
    def parts(self) -> Path:
        """Folder that receives the parts of files, `<piece>/<system>/<chunk>.<suffix>`."""
        return self.after / "parts"


@dataclass
class ChunkReads:
    """What was sent of a chunk.

    Attributes:
        number: Number of the chunk.
        read_counts: Interval values by name of the piece, repeats not included.
        register_count: Register readings.
        defect_counts: Defects by kind; one that touches several pieces or both channels of a meter counts once.
    """

    number: int
    read_counts: Counter[str] = field(default_factory=Counter)
    register_count: int = 0
    defect_counts: Counter[str] = field(default_factory=Counter)
    _ends: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def count(self, marked: pl.DataFrame) -> None:
        """Count the labels of a piece that go on from none of the pieces before.

        Args:
            marked: Labels, as `span.labels` gives them.
        """
        keys = ["meter_id", "defect_type", "interval_start_utc"]
        found = marked.group_by(keys).agg(pl.col("interval_end_utc").max()).sort(keys)
        for meter_id, kind, start, end in found.iter_rows():
            self.defect_counts[kind] += self._ends.get((meter_id, kind)) != start
            self._ends[meter_id, kind] = end


def play_chunk(task: Task, number: int) -> ChunkReads:
    """Play a chunk through all pieces: its loads, reads and truth, and its state at the end."""
    world, chunk = task.world, chunk_of(task.world, number)
    plan = Plan(chunk, world.scale.name, world.first_date, task.forced)
    is_first = task.pieces[0].first == world.first_date
    state = ChunkState.first(chunk) if is_first else ChunkState.read(task.before / f"{chunk.name}.npz", chunk)
    done = ChunkReads(number)
    for piece in task.pieces:
        calendar = piece.calendar
        is_out = darkness(task.outages, chunk, calendar)
        loads = play_loads(chunk, calendar, _weather(world.seed, piece.first, piece.last), state.loads, is_out)
        state.loads = loads.state
        spans = play_meters(chunk, calendar, loads, plan, state)
        done.count(write_truth(task.truth, chunk, piece, loads, spans))
        folder = task.parts / piece.name
        for system in ("mdms", "submeters", "deferred"):
            (folder / system).mkdir(parents=True, exist_ok=True)
        for span in spans:
            part = folder / "mdms" / f"{chunk.name}_{span.reads.grid.minutes}.cmep"
            values, readings = write_regular(part, span, task.utility_code, sent_at("mdms", piece.sent_date))
            done.read_counts[piece.name] += values
            done.register_count += readings
        rows = write_rows(folder / "submeters" / f"{chunk.name}.csv", spans, world.first_date)
        done.read_counts[piece.name] += rows
        write_parquet(folder / "deferred" / f"{chunk.name}.parquet", deferred_reads(spans, piece))
    state.write(task.after / f"{chunk.name}.npz", chunk)
    return done


@lru_cache(maxsize=32)
def _weather(seed: int, first: date, last: date) -> Weather:
    return play_weather(seed, Calendar(first, last))
