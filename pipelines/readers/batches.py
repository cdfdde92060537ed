"""What a format's reader hands over: the file's own evidence, and its content in batches of bounded size."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from models.tables.base import CHANNELS
from pipelines.readers.findings import Finding

BATCH_VALUES = 1_000_000
"""Values that a batch holds at most, by and large; memory grows with this and not with the file."""

_LABEL: dict[str, pl.DataType | type[pl.DataType]] = {
    "row_number": pl.Int64,
    "value_position": pl.Int32,
    "meter_id": pl.String,
    "label": pl.String,
    "wall": pl.Datetime("us"),
    "offset_minutes": pl.Int32,
    "end_wall": pl.Datetime("us"),
    "end_offset_minutes": pl.Int32,
    "reason": pl.String,
}
_QUANTITY: dict[str, pl.DataType | type[pl.DataType]] = {
    "channel_code": pl.Enum(CHANNELS),
    "stream_code": pl.String,
    "unit_code": pl.String,
    "value": pl.String,
    "power_of_ten": pl.Int16,
    "multiplier": pl.String,
    "quality": pl.String,
}

VALUES = pl.Schema({**_LABEL, **_QUANTITY, "minutes": pl.Int64})
"""Interval values, one row per value in file order.

`label` is the time label verbatim; `wall` is the naive time that it states and `offset_minutes` its UTC offset, null
where it states none. `minutes` is the length that the row itself reports, and `end_wall` with `end_offset_minutes` the
end label where the row has both. `value` is the number verbatim, blank or null where the file holds none.

Energy of a meter's main channel: `channel_code` says which, `unit_code` is null, Wh = value x multiplier x
10^power_of_ten, a null multiplier being 1. Any other quantity (reactive energy, demand, voltage, a check meter):
`unit_code` is the unit verbatim, `stream_code` the file's name of the data stream, and `channel_code` null.
`quality` is the feed's flag verbatim. `reason` says why the reader itself refuses the row.
"""

REGISTERS = pl.Schema({**_LABEL, **_QUANTITY, "register_code": pl.String, "consumption": pl.String})
"""Register (index) reads, one row per reading in file order; columns as in `VALUES`.

`value` is the face of the register and `register_code` its name in the file; `consumption` is what the file states as
used since the register's previous read, in the same unit, null where it states nothing.
"""

EVENTS = pl.Schema({**_LABEL, "event_code": pl.String, "event_text": pl.String})
"""Meter events, one row per event in file order: `wall` to `end_wall` (null for a moment), the feed's code and text."""


@dataclass(frozen=True)
class Batch:
    """A piece of a file, in file order.

    Attributes:
        values: Columns of `VALUES`.
        row_texts: Gives the verbatim text of rows of this batch, for a frame with `row_number` and `value_position`.
        registers: Columns of `REGISTERS`.
        events: Columns of `EVENTS`.
    """

    values: pl.DataFrame
    row_texts: Callable[[pl.DataFrame], pl.Series]
    registers: pl.DataFrame = field(default_factory=REGISTERS.to_frame)
    events: pl.DataFrame = field(default_factory=EVENTS.to_frame)


@dataclass(frozen=True)
class ParsedFile:
    """What a reader found out about its file, and the way to its content.

    Attributes:
        format_code: csv, parquet, espi, cmep or nem12.
        batches: Reads the file from its beginning, each time it is called; raises `UnreadableFile` where the file
            cannot be read on.
        time_zone: IANA zone that the file states, if any.
        clock_code: Clock that the file states, else local.
        label_code: Label in use.
        is_label_known: The file says by name or by its format what its labels mean; False where `label_code` is only
            the usual meaning.
        are_slots: The labels are the columns of a wide table.
        has_channel_columns: Each row has a column for either channel, so that blanks of a channel which a meter does
            not have stand for nothing.
        is_explicit: Every value comes with an instant, a length and a channel that the meter has, so no decision needs
            the whole file.
        findings: What the reader noticed about times by itself.
    """

    format_code: str
    batches: Callable[[], Iterator[Batch]]
    time_zone: str | None = None
    clock_code: str = "local"
    label_code: str = "start"
    is_label_known: bool = True
    are_slots: bool = False
    has_channel_columns: bool = False
    is_explicit: bool = False
    findings: tuple[Finding, ...] = ()


def in_schema(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The frame with the schema's columns in order; what it lacks is null, and its types are cast."""
    return frame.select(
        pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, kind).alias(name)
        for name, kind in schema.items()
    )
