"""CMEP (California Metering Exchange Protocol): interval values and register readings as MEPMD01 records.

Stamps are UTC and name the end of the interval. A record writes the stamp of its first value and of every value that
does not follow the one before it by one interval, and leaves the others blank, as the protocol allows.
"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

_UNITS = {"delivered": "KWH", "received": "GKWH"}
_SLICE_VALUES = 1_000_000
_RECORD = ["meter_id", "units", "interval"]
_KILO = pl.lit(Decimal("0.001"))
_Rows = npt.NDArray[np.intp]


def write_cmep(
    path: Path,
    reads: pl.DataFrame,
    registers: pl.DataFrame | None = None,
    *,
    created_utc: datetime,
    sender: str = "SIMUTIL",
    receiver: str = "METERHOUSE",
    record_values: int = 96,
) -> None:
    """Write reads as a CMEP file.

    Args:
        path: File to write; replaced if it exists.
        reads: `meter_id`, `channel_code` (delivered or received), `interval_start_utc` (naive UTC, whole minutes),
            `interval_minutes`, `wh` (Int64, null for no value), `quality` (flag verbatim, or null). In any order.
        registers: `meter_id`, `channel_code`, `read_at_utc`, `wh` (face of the register), `quality`. In any order.
        created_utc: Time stamp of the records.
        sender: Identity of the sender.
        receiver: Identity of the receiver.
        record_values: Values that a record holds at most.
    """
    head = f"MEPMD01,19970819,{sender},,{receiver},,{created_utc:%Y%m%d%H%M},"
    with path.open("wb") as file:
        _write_records(file, _interval_values(reads), head, record_values)
        if registers is not None:
            _write_records(file, _register_values(registers), head, record_values)


def _interval_values(reads: pl.DataFrame) -> pl.DataFrame:
    """Columns of `_write_records`, sorted."""
    minutes = pl.col("interval_minutes").cast(pl.Int64)
    parts = (minutes // 1440, minutes % 1440 // 60, minutes % 60)
    return reads.select(
        "meter_id",
        units=pl.col("channel_code").cast(pl.String).replace_strict(_UNITS, return_dtype=pl.String),
        interval=pl.concat_str(pl.lit("00"), *(part.cast(pl.String).str.zfill(2) for part in parts)),
        minutes=minutes,
        stamp=pl.col("interval_start_utc") + pl.duration(minutes=minutes),
        wh="wh",
        quality="quality",
    ).sort(*_RECORD, "stamp")


def _register_values(registers: pl.DataFrame) -> pl.DataFrame:
    """Columns of `_write_records`, sorted; without an interval every stamp is written."""
    return registers.select(
        "meter_id",
        units=pl.col("channel_code").cast(pl.String).replace_strict(_UNITS, return_dtype=pl.String) + "REG",
        interval=pl.lit(""),
        minutes=pl.lit(None, pl.Int64),
        stamp="read_at_utc",
        wh="wh",
        quality="quality",
    ).sort(*_RECORD, "stamp")


def _write_records(file: BinaryIO, values: pl.DataFrame, head: str, record_values: int) -> None:
    """Write values record by record.

    Args:
        file: Open file.
        values: `meter_id`, `units`, `interval`, `minutes` (null: no stamp follows from another), `stamp`, `wh`,
            `quality`, sorted by the first three and `stamp`.
        head: Fields before the meter id.
        record_values: Values that a record holds at most.
    """
    if values.is_empty():
        return
    starts = _record_starts(values, record_values)
    counts = np.diff(starts, append=values.height)
    cuts = np.unique(np.searchsorted(starts, np.arange(0, values.height, _SLICE_VALUES), side="right") - 1)
    for first, last in zip(cuts, [*cuts[1:], len(starts)], strict=True):
        begin, size = starts[first], counts[first:last].sum()
        file.write(_text(values.slice(begin, size), starts[first:last] - begin, counts[first:last], head))


def _record_starts(values: pl.DataFrame, record_values: int) -> _Rows:
    """Rows at which a record begins: at a change of meter, units or interval, and where a record is full."""
    changes = values.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in _RECORD))
    group_starts = np.flatnonzero(changes.to_series().to_numpy() | (np.arange(values.height) == 0))
    sizes = np.diff(group_starts, append=values.height)
    place = np.arange(values.height) - np.repeat(group_starts, sizes)
    return np.flatnonzero(place % record_values == 0)


def _text(values: pl.DataFrame, starts: _Rows, counts: _Rows, head: str) -> bytes:
    """Whole records as text."""
    records = values[starts].select(
        pl.concat_str(
            pl.lit(head) + pl.col("meter_id") + ",OK,E",
            "units",
            pl.lit("1"),
            "interval",
            pl.Series(counts).cast(pl.String),
            pl.lit(""),
            separator=",",
        )
    )
    blank = pl.repeat("", values.height, eager=True)
    expected = pl.col("stamp").shift() + pl.duration(minutes=pl.col("minutes"))
    is_written = values.select(pl.col("stamp").ne_missing(expected)).to_series().scatter(starts, values=True)
    stamps = values["stamp"].filter(is_written).dt.strftime("%Y%m%d%H%M")
    ends = pl.repeat(",", values.height, eager=True).scatter(starts + counts - 1, "\r\n")
    triples = values.select(
        pl.concat_str(
            blank.clone().scatter(starts, records.to_series()),
            blank.clone().scatter(is_written.arg_true(), stamps),
            pl.lit(","),
            pl.col("quality").fill_null(""),
            pl.lit(","),
            (pl.col("wh").cast(pl.Decimal(38, 0)) * _KILO).cast(pl.String).fill_null(""),
            ends,
        )
    )
    return str(triples.to_series().str.join("").item()).encode()
