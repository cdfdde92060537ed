"""CMEP (California Metering Exchange Protocol): interval values and register readings as MEPMD01 records.

Stamps are UTC and name the end of the interval. A record writes the stamp of its first value and of every value that
does not follow the one before it by one interval, and leaves the others blank, as the protocol allows.

Most values of a file look alike: no stamp, the usual flag, less than ten kilowatt-hours. Their text comes from a table
of fixed width; only the others are put together one by one.
"""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

UNITS = {"delivered": "KWH", "received": "GKWH"}
"""Units of intervals by channel."""
_SLICE_VALUES = 1_000_000
_RECORD = ["meter_id", "channel_code", "interval_minutes"]
_KILO = pl.lit(Decimal("0.001"))
_TABLE_WH = 10_000
_SAMPLED = 97
_Rows = npt.NDArray[np.intp]
_Bytes = npt.NDArray[np.uint8]


def write_cmep(
    path: Path,
    reads: pl.DataFrame,
    registers: pl.DataFrame | None = None,
    *,
    created_utc: datetime,
    sender: str,
    receiver: str = "METERHOUSE",
    record_values: int = 96,
) -> None:
    """Write reads as a CMEP file.

    Args:
        path: File to write; replaced if it exists.
        reads: `meter_id` (text, or an Enum in the order of sending), `channel_code` (delivered or received),
            `interval_start_utc` (naive UTC, whole minutes), `interval_minutes`, `wh` (integer, null for no value),
            `quality` (flag verbatim, or null). In any order, fastest if sorted by meter, channel and
            time.
        registers: `meter_id`, `channel_code`, `read_at_utc`, `wh` (face of the register), `quality`. In any order.
        created_utc: Time stamp of the records.
        sender: Identity of the sender.
        receiver: Identity of the receiver.
        record_values: Values that a record holds at most.
    """
    head = f"MEPMD01,19970819,{sender},,{receiver},,{created_utc:%Y%m%d%H%M},"
    with path.open("wb") as file:
        _write_records(file, _interval_values(reads), head, "", record_values)
        if registers is not None:
            _write_records(file, _register_values(registers), head, "REG", record_values)


def _interval_values(reads: pl.DataFrame) -> pl.DataFrame:
    """Columns of `_write_records`, sorted."""
    minutes = pl.col("interval_minutes").cast(pl.Int64)
    stamp = pl.col("interval_start_utc") + pl.duration(minutes=minutes)
    return _sorted(
        reads.select("meter_id", "channel_code", interval_minutes=minutes, stamp=stamp, wh="wh", quality="quality")
    )


def _register_values(registers: pl.DataFrame) -> pl.DataFrame:
    """Columns of `_write_records`, sorted; without an interval every stamp is written."""
    minutes = pl.lit(None, pl.Int64)
    stamp = pl.col("read_at_utc")
    return _sorted(
        registers.select("meter_id", "channel_code", interval_minutes=minutes, stamp=stamp, wh="wh", quality="quality")
    )


def _sorted(values: pl.DataFrame) -> pl.DataFrame:
    """Values by record and stamp."""
    is_before = pl.lit(value=False)
    for name in reversed([*_RECORD, "stamp"]):
        column, above = pl.col(name), pl.col(name).shift()
        is_before = (column < above).fill_null(value=False) | (column.eq_missing(above) & is_before)
    return values.sort(*_RECORD, "stamp") if values.select(is_before.any()).item() else values


def _write_records(file: BinaryIO, values: pl.DataFrame, head: str, suffix: str, record_values: int) -> None:
    """Write values record by record.

    Args:
        file: Open file.
        values: `meter_id`, `channel_code`, `interval_minutes` (null: no stamp follows from another), `stamp`, `wh`,
            `quality`, sorted by the first three and `stamp`.
        head: Fields before the meter id.
        suffix: What follows the units.
        record_values: Values that a record holds at most.
    """
    if values.is_empty():
        return
    starts = _record_starts(values, record_values)
    counts = np.diff(starts, append=values.height)
    cuts = np.unique(np.searchsorted(starts, np.arange(0, values.height, _SLICE_VALUES), side="right") - 1)
    for first, last in zip(cuts, [*cuts[1:], len(starts)], strict=True):
        begin, size = starts[first], counts[first:last].sum()
        piece = values.slice(begin, size)
        file.write(_text(piece, starts[first:last] - begin, _heads(piece, starts[first:last] - begin, head, suffix)))


def _record_starts(values: pl.DataFrame, record_values: int) -> _Rows:
    """Rows at which a record begins: at a change of meter, units or interval, and where a record is full."""
    changes = values.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in _RECORD))
    group_starts = np.flatnonzero(changes.to_series().to_numpy() | (np.arange(values.height) == 0))
    sizes = np.diff(group_starts, append=values.height)
    place = np.arange(values.height) - np.repeat(group_starts, sizes)
    return np.flatnonzero(place % record_values == 0)


def _heads(values: pl.DataFrame, starts: _Rows, head: str, suffix: str) -> pl.Series:
    """Text of each record up to its first stamp."""
    minutes = pl.col("interval_minutes")
    parts = (minutes // 1440, minutes % 1440 // 60, minutes % 60)
    interval = pl.concat_str(pl.lit("00"), *(part.cast(pl.String).str.zfill(2) for part in parts))
    units = pl.col("channel_code").cast(pl.String).replace_strict(UNITS, return_dtype=pl.String) + suffix
    counts = pl.Series(np.diff(starts, append=values.height)).cast(pl.String)
    return (
        values[starts]
        .select(
            pl.concat_str(
                pl.lit(head) + pl.col("meter_id").cast(pl.String) + ",OK,E",
                units,
                pl.lit("1"),
                interval.fill_null(""),
                counts,
                pl.lit(""),
                separator=",",
            )
        )
        .to_series()
    )


def _text(values: pl.DataFrame, starts: _Rows, heads: pl.Series) -> bytes:
    """Whole records as text: what is written out in full, and between it runs of values from the table."""
    quality = values["quality"]
    usual = str(quality.gather_every(_SAMPLED).cast(pl.String).fill_null("").mode().sort().item(0))
    follows = pl.col("stamp").shift() + pl.duration(minutes="interval_minutes")
    is_written = values.select(pl.col("stamp").ne_missing(follows)).to_series().scatter(starts, values=True)
    watt_hours = values["wh"]
    is_usual = quality == usual if usual else quality.is_null() | (quality.cast(pl.String) == "")
    is_plain = ~is_written & (is_usual & watt_hours.is_between(0, _TABLE_WH - 1)).fill_null(value=False)
    rows = is_plain.not_().arg_true()
    full = pl.DataFrame(
        {
            "head": pl.repeat("", values.height, eager=True).scatter(starts, "\r\n" + heads).gather(rows),
            "comma": pl.repeat(",", values.height, eager=True).scatter(starts, "").gather(rows),
            "is_written": is_written.gather(rows),
            "quality": quality.gather(rows).cast(pl.String).fill_null(""),
        }
    ).hstack(values.select("stamp", "wh")[rows])
    stamp = pl.when("is_written").then(pl.col("stamp").dt.strftime("%Y%m%d%H%M")).otherwise(pl.lit(""))
    kwh = (pl.col("wh").cast(pl.Decimal(38, 0)) * _KILO).cast(pl.String).fill_null("")
    written = full.select(pl.concat_str("head", "comma", stamp, pl.lit(","), "quality", pl.lit(","), kwh)).to_series()
    table = value_table(usual)
    width = table.shape[1]
    in_table = watt_hours.cast(pl.Int64).fill_null(0).clip(0, _TABLE_WH - 1).to_numpy()
    plain = np.take(table, in_table, axis=0).reshape(-1).data
    ends = [*rows.to_list()[1:], values.height]
    parts: list[bytes | memoryview] = []
    for text, row, end in zip(written.to_list(), rows.to_list(), ends, strict=True):
        parts.append(text.encode())
        parts.append(plain[width * (row + 1) : width * end])
    parts[0] = written[0].removeprefix("\r\n").encode()
    return b"".join([*parts, b"\r\n"])


@lru_cache(maxsize=4)
def value_table(flag: str) -> _Bytes:
    """Text of values from 0 to 9.999 kWh with a flag and no stamp, [watt-hours, byte]."""
    text = b"".join(f",,{flag},{wh // 1000}.{wh % 1000:03}".encode() for wh in range(_TABLE_WH))
    return np.frombuffer(text, np.uint8).reshape(_TABLE_WH, -1)
