"""NEM12 text for tests, and what the reader makes of it."""

from datetime import datetime

import polars as pl

from pipelines.readers.batches import EVENTS, REGISTERS, VALUES
from pipelines.readers.mdff.nem12 import open_nem12
from pipelines.readers.options import ReadOptions

HEADER, END = "100,NEM12,202601010000,MDP1,RET1", "900"
E1, B1 = "200,6001234567,E1B1,1,E1,N1,SER1,kWh,30,20260201", "200,6001234567,E1B1,2,B1,N1,SER1,kWh,30,20260201"
START, NEXT = datetime(2026, 1, 5), datetime(2026, 1, 6)  # noqa: DTZ001 - naive market clock
NO_NINE_HUNDRED = "the file ends without its 900 row and may be cut off; ask the sender for the whole file"


def day(date="20260105", values=None, count=48, flag="A,,", after="20260106000000,"):
    values = [f"{k}.5" for k in range(count)] if values is None else values
    return ",".join(["300", date, *values, flag, after])


def text_of(*lines):
    return "\n".join(lines) + "\n"


def parse(path, content, **options):
    """Values, register reads and events of a file, each in one frame."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    batches = list(open_nem12(path, ReadOptions(**options)).batches())
    parts = [[getattr(batch, name) for batch in batches] for name in ("values", "registers", "events")]
    frames = [pl.concat(frames) for frames in parts]
    for frame, schema in zip(frames, (VALUES, REGISTERS, EVENTS), strict=True):
        assert frame.schema == schema
    for batch in batches:
        refused = batch.values.filter(pl.col("reason").is_not_null()).select("row_number", "value_position")
        assert len(batch.row_texts(refused)) == refused.height
    return frames


def reasons(frame):
    found = frame.filter(pl.col("reason").is_not_null())
    return found.group_by("row_number", "reason", maintain_order=True).len().rows()
