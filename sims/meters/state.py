"""What goes on from one span of days to the next for a chunk: the state of its buildings and meters."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sims.loads.chunk import Chunk
from sims.loads.loads import LoadState
from sims.meters.metering import CHANNELS, Grid
from sims.world.calendar import Array

_METER: dict[str, tuple[int, ...]] = {
    "counted_wh": (2,), "lost_wh": (2,), "carried_wh": (2,), "peak_wh": (), "last_sent_wh": (), "billed_wh": (2, 96),
}  # fmt: skip


@dataclass
class ChunkState:
    """State of a chunk at the end of a day.

    Attributes:
        loads: State of its loads.
        meters: By meter in the order of the chunk, Int64: `counted_wh` [meter, channel] since the simulation began,
            `lost_wh` [meter, channel] to register resets, `carried_wh` [meter, channel] by a late clock into the next
            interval, `peak_wh` [meter] the greatest true value, `last_sent_wh` [meter], and `billed_wh` [meter,
            channel, interval] by the MDMS on the last day, at the beginning of the last axis where intervals are hours.
    """

    loads: LoadState
    meters: dict[str, Array]

    @staticmethod
    def first(chunk: Chunk) -> "ChunkState":
        """State before the first day of a world."""
        count = chunk.meters.height
        return ChunkState(
            LoadState.first(chunk.count), {name: np.zeros((count, *shape), np.int64) for name, shape in _METER.items()}
        )

    @staticmethod
    def read(path: Path, chunk: Chunk) -> "ChunkState":
        """State from a file; meters that are new since then begin at zero."""
        state = ChunkState.first(chunk)
        with np.load(path) as kept:
            rows = np.searchsorted(chunk.meters["meter_number"].to_numpy(), kept["meter_number"])
            for name, values in state.meters.items():
                values[rows] = kept[name]
            for name in ("inside_degf", "noise"):
                getattr(state.loads, name)[: len(kept[name])] = kept[name]
        return state

    def write(self, path: Path, chunk: Chunk) -> None:
        """Keep the state in a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        numbers = chunk.meters["meter_number"].to_numpy()
        values = {"inside_degf": self.loads.inside_degf, "noise": self.loads.noise, **self.meters}
        np.savez(path, allow_pickle=False, meter_number=numbers, **values)

    def rows(self, chunk: Chunk, grid: Grid) -> Array:
        """Places in the state of a grid's meters."""
        return np.searchsorted(chunk.meters["meter_number"].to_numpy(), grid.meters["meter_number"].to_numpy())

    def by_channel(self, name: str, rows: Array) -> dict[str, Array]:
        """A quantity of some meters by channel."""
        return {channel: self.meters[name][rows, place] for place, channel in enumerate(CHANNELS)}
