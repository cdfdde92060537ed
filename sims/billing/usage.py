"""The energy that the meter data management system gives to billing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sims.billing.clock import midnight_minute

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class MeterReads:
    """Reads of one meter in order of time.

    Attributes:
        interval_minutes: Length of its intervals.
        minute: Start of each interval, minutes from 1970 in UTC.
        delivered_wh: Watt-hours from the grid; zero where the system has none.
        received_wh: Watt-hours to the grid; zero without the channel.
        is_estimated: True where a value was estimated or is lacking.
    """

    interval_minutes: int
    minute: Array
    delivered_wh: Array
    received_wh: Array
    is_estimated: Array

    @property
    def minutes(self) -> Array:
        """Length of each interval."""
        return np.full(len(self.minute), self.interval_minutes)


@dataclass(frozen=True)
class Usage:
    """Energy of an account in a billing period, on the intervals of its coarsest meter.

    Attributes:
        interval_minutes: Length of the intervals.
        delivered_wh: One value per interval of the local days.
        received_wh: Likewise.
        is_estimated: True where any value was estimated or is lacking.
    """

    interval_minutes: int
    delivered_wh: list[int]
    received_wh: list[int]
    is_estimated: bool


def usage_between(meters: Iterable[MeterReads], start: date, end: date) -> Usage | None:
    """Sum the meters of an account over a period.

    Args:
        meters: Its main meters, those that were exchanged included.
        start: First local date.
        end: Local date after the last one.

    Returns:
        The energy; None where no meter has a read.
    """
    first, stop = midnight_minute(start), midnight_minute(end)
    parts = [part for meter in meters if len((part := _part(meter, first, stop)).minute)]
    if not parts:
        return None
    step = max(part.interval_minutes for part in parts)
    totals = np.zeros((3, (stop - first) // step), dtype=np.int64)
    for part in parts:
        slots = (part.minute - first) // step
        for total, values in zip(totals, (part.delivered_wh, part.received_wh, part.minutes), strict=True):
            if part.interval_minutes == step:
                total[slots] += values
            else:
                np.add.at(total, slots, values)
    delivered, received, minutes = totals
    is_estimated = bool((minutes < step).any()) or any(bool(part.is_estimated.any()) for part in parts)
    return Usage(step, delivered.tolist(), received.tolist(), is_estimated)


def _part(meter: MeterReads, first: int, stop: int) -> MeterReads:
    low, high = np.searchsorted(meter.minute, (first, stop))
    return MeterReads(
        meter.interval_minutes,
        meter.minute[low:high],
        meter.delivered_wh[low:high],
        meter.received_wh[low:high],
        meter.is_estimated[low:high],
    )


def chunk_names(truth: Path) -> list[str]:
    """Names of the chunks that have files of reads."""
    return sorted({path.stem.partition("_")[2] for path in (truth / "reads").glob("*_c*.parquet")})


def chunk_files(truth: Path, chunk: str, end: date) -> list[Path]:
    """Files with reads of a chunk that begin before a local date, in order of time.

    Files are named `2025-07_c000.parquet` for a month, or what of it was played as one, and `2025-07-31_c000.parquet`
    for a day after that.
    """
    paths = sorted((truth / "reads").glob(f"*_{chunk}.parquet"), key=_piece)
    return [path for path in paths if _piece(path) < f"{end:%Y-%m-%d}"]


def files_from(paths: Sequence[Path], first: date) -> list[Path]:
    """Of files of reads, those that can hold local dates from `first` on."""
    return [path for path in paths if _piece(path) >= f"{first:%Y-%m-%d}"[: len(_piece(path))]]


def _piece(path: Path) -> str:
    """Month or day that a file holds."""
    return path.stem.partition("_")[0]


def meters_in(paths: Sequence[Path]) -> list[int]:
    """Numbers of the meters that have reads in some files."""
    numbers = pl.scan_parquet(list(paths), glob=False).select(pl.col("meter_number").unique().sort()).collect()
    return numbers["meter_number"].to_list()


def read_meters(paths: Sequence[Path], numbers: Sequence[int]) -> dict[int, MeterReads]:
    """Reads of some meters, by number of the meter.

    Args:
        paths: Files in order of time, each sorted by meter and time.
        numbers: Meters to read.
    """
    parts: dict[int, list[MeterReads]] = {}
    for path in paths:
        for number, reads in _file_meters(path, numbers):
            parts.setdefault(number, []).append(reads)
    return {number: _joined(reads) for number, reads in parts.items()}


def _file_meters(path: Path, numbers: Sequence[int]) -> Iterable[tuple[int, MeterReads]]:
    lacks = pl.col("mdms_delivered_wh").is_null()
    frame = (
        pl.scan_parquet(path, glob=False)
        .filter(pl.col("meter_number").is_in(list(numbers)))
        .select(
            "meter_number",
            "interval_minutes",
            minute=pl.col("interval_start_utc").dt.epoch("s") // 60,
            delivered_wh=pl.col("mdms_delivered_wh").fill_null(0),
            received_wh=pl.col("mdms_received_wh").fill_null(0),
            is_estimated=pl.col("is_mdms_estimated").fill_null(value=False) | lacks,
        )
        .collect()
    )
    starts = np.flatnonzero(np.diff(frame["meter_number"].to_numpy(), prepend=-1)).tolist()
    columns = {name: frame[name].to_numpy() for name in ("minute", "delivered_wh", "received_wh", "is_estimated")}
    for low, high in zip(starts, [*starts[1:], frame.height], strict=True):
        reads = MeterReads(frame["interval_minutes"][low], **{name: c[low:high] for name, c in columns.items()})
        yield frame["meter_number"][low], reads


def _joined(parts: Sequence[MeterReads]) -> MeterReads:
    return MeterReads(
        parts[0].interval_minutes,
        np.concatenate([part.minute for part in parts]),
        np.concatenate([part.delivered_wh for part in parts]),
        np.concatenate([part.received_wh for part in parts]),
        np.concatenate([part.is_estimated for part in parts]),
    )
