"""Files of interval loads: CSV with a start of interval and kWh."""

import csv
import io
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.rates.urdb import Intervals
from pipelines.rates.clock import Clock, ClockError, minutes_between
from pipelines.text import printable

LOCAL, UTC, KWH = "interval_start_local", "interval_start_utc", "kwh"
LARGEST_KWH = 1e9
"""A terawatt-hour in one interval is no read."""
_YEARS = (1900, 2199)
_SHOWN = 40
_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:00(\.0+)?)?"
_PATTERNS = {LOCAL: _TIME + "$", UTC: _TIME + r"(Z|[+-]00:?00)?$"}


class LoadFileError(ValueError):
    """A load that cannot be priced; the message says where and why."""


class TimeZoneNeededError(LoadFileError):
    """A load in UTC without a time zone: bills are by local months and hours."""


def read_load(path: Path, clock: Clock) -> Intervals:
    """The intervals of a CSV file.

    Args:
        path: A file in UTF-8 with a header; columns `kwh` and one of `interval_start_local` and `interval_start_utc`,
            in any order, others are not read. Negative kWh is export. Rows may be in any order.
        clock: The time zone that local starts keep, or that UTC is turned into.

    Raises:
        LoadFileError: In one sentence with file and line.
        TimeZoneNeededError: The file is in UTC, and the clock has no zone.
        OSError: The file cannot be read.
    """
    cells = _cells(path)
    column = _time_column(path, cells)
    if column == UTC and clock.zone is None:
        raise TimeZoneNeededError(
            f"{path} has {UTC}; name the zone of its months and hours, as --time-zone America/New_York"
        )
    lines = np.flatnonzero(cells.select(~pl.all_horizontal(pl.all().is_null())).to_series().to_numpy()) + 2
    cells = cells.filter(~pl.all_horizontal(pl.all().is_null()))
    if not len(cells):
        raise LoadFileError(f"{path} has no intervals")
    kwh = _kwh(path, cells[KWH], lines)
    starts = _starts(path, cells[column], lines, column)
    try:
        minutes = minutes_between(starts)
        local = clock.local_of_utc(starts, minutes) if column == UTC else clock.checked_local(starts, minutes)
    except ClockError as error:
        raise LoadFileError(f"{path}: {error}") from None
    return Intervals.of_one_meter(local, kwh, minutes)


def _cells(path: Path) -> pl.DataFrame:
    """The table as text, columns under their names in lower case."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LoadFileError(f"{path} is not UTF-8 text (byte {error.start})") from None
    header = _header(path, text)
    try:
        frame = pl.read_csv(
            io.BytesIO(text.encode()), has_header=False, skip_rows=0, infer_schema=False, truncate_ragged_lines=False
        )
    except pl.exceptions.PolarsError:
        raise LoadFileError(_ragged(path, text, len(header))) from None
    if frame.width != len(header):
        raise LoadFileError(_ragged(path, text, len(header)))
    known = [(place, name) for place, name in enumerate(header) if name in (LOCAL, UTC, KWH)]
    return frame[1:].select(pl.nth(place).alias(name).str.strip_chars() for place, name in known)


def _header(path: Path, text: str) -> list[str]:
    try:
        names = [name.strip().lower() for name in next(csv.reader(io.StringIO(text)), [])]
    except csv.Error as error:
        raise LoadFileError(f"{path} line 1 is no CSV: {error}") from None
    if not names:
        raise LoadFileError(f"{path} is empty")
    found = [name for name in names if name in (LOCAL, UTC, KWH)]
    if KWH not in found or len(found) < 2:
        shown = printable(", ".join(names), 80)
        raise LoadFileError(f"{path} line 1 must name kwh and {LOCAL} or {UTC}, not {shown}")
    if len(found) > 2 or len(set(found)) < 2:
        raise LoadFileError(f"{path} line 1 names {', '.join(found)}; keep kwh and one start of the interval")
    return names


def _ragged(path: Path, text: str, width: int) -> str:
    reader = csv.reader(io.StringIO(text))
    try:
        for row in reader:
            if row and len(row) != width:
                return f"{path} line {reader.line_num} has {len(row)} columns, and line 1 has {width}"
    except csv.Error as error:
        return f"{path} line {reader.line_num} is no CSV: {error}"
    return f"{path} is no CSV with the same columns in every line"


def _time_column(path: Path, cells: pl.DataFrame) -> str:
    return LOCAL if LOCAL in cells.columns else UTC


def _kwh(path: Path, texts: pl.Series, lines: NDArray[np.int64]) -> NDArray[np.float64]:
    values = texts.cast(pl.Float64, strict=False).to_numpy()
    wrong = np.flatnonzero(~(np.abs(values) <= LARGEST_KWH))
    if len(wrong):
        value = _shown(texts[int(wrong[0])])
        raise LoadFileError(f"{path} line {lines[wrong[0]]}: kwh {value} is not a number up to {LARGEST_KWH:.0e}")
    return np.asarray(values, np.float64)


def _starts(path: Path, texts: pl.Series, lines: NDArray[np.int64], column: str) -> NDArray[np.datetime64]:
    is_time = texts.str.contains(_PATTERNS[column]).fill_null(value=False)
    minutes = texts.str.slice(0, 16).str.replace("T", " ", literal=True)
    times = minutes.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False)
    is_good = is_time & times.is_not_null() & times.dt.year().is_between(*_YEARS).fill_null(value=False)
    wrong = np.flatnonzero(~is_good.to_numpy())
    if len(wrong):
        value, such = _shown(texts[int(wrong[0])]), "2026-01-31 00:15" + ("Z" if column == UTC else "")
        raise LoadFileError(f"{path} line {lines[wrong[0]]}: {column} {value} is not a time such as {such}")
    return np.asarray(times.to_numpy().astype("datetime64[m]"))


def _shown(text: str | None) -> str:
    return "is empty and" if not text else f'"{printable(text, _SHOWN)}"'
