"""CMEP (California Metering Exchange Protocol), record type MEPMD01: interval values and register readings.

Time stamps are UTC and name the end of the interval. A blank stamp means: the one before it plus the record's interval.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.readers.batches import REGISTERS, VALUES, Batch, ParsedFile, in_schema
from pipelines.readers.cmep.records import HEAD, parse_stamps, read_records
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.pieces import has_many_lines, pieces

_PIECE_BYTES = 8 << 20
"""A piece of blank stamps holds some 900,000 values, and one of written stamps some 400,000."""

_MOST_FIELDS = 4_000_000

_BOM = b"\xef\xbb\xbf"
_LATEST = np.datetime64("9999-12-31T23:59", "m")
_TEXT_CHARACTERS = 800
_Integers = npt.NDArray[np.int64]


def open_cmep(path: Path, options: ReadOptions) -> ParsedFile:
    """Open a CMEP file; its content is read when its batches are asked for.

    Interval records become values and records whose units end in REG become register reads; units, channels and what
    is refused are described in `cmep_records`. Refused lines other than MEPMD01 records are values at position 0.

    Args:
        path: File to read.
        options: Gives the meter, and the interval length of records that state none; clock, label and unit have no say.

    Returns:
        The parsed file; `row_number` is the line, `value_position` the place of the triple in its record counted from
        0, and `label` the time stamp verbatim, blank where the record leaves it out. Its batches raise
        `UnreadableFile` where the file is empty or binary, is not UTF-8 or has too long a line, or where it holds
        several meters and `options.meter_id` names one; and OSError where the file cannot be opened.
    """
    return ParsedFile("cmep", lambda: _batches(path, options), clock_code="utc", label_code="end", is_explicit=True)


def _batches(path: Path, options: ReadOptions) -> Iterator[Batch]:
    meters: set[str] = set()
    is_empty = True
    for first_line, text in _texts(path):
        lines = _lines(first_line, text)
        if lines.is_empty():
            continue
        is_empty = False
        records, others = read_records(lines, options)
        if options.meter_id is not None:
            meters.update(records["meter_id"].unique().to_list())
            if len(meters - {""}) > 1:
                raise UnreadableFile("the file holds several meters and --meter-id names one; leave the option out")
        yield _batch(records, others)
    if is_empty:
        raise UnreadableFile("the file is empty")


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Number of the first line, and text of whole lines, piece by piece."""
    with path.open("rb") as file:
        for line, piece in pieces(file, 1, _PIECE_BYTES, _is_heavy):
            data = piece.removeprefix(_BOM) if line == 1 else piece
            if b"\0" in data:
                at = line + data.count(b"\n", 0, data.index(b"\0"))
                raise UnreadableFile(f"line {at}: the file is binary or damaged: it holds a NUL byte; send it again")
            try:
                yield line, data.decode("utf-8")
            except UnicodeDecodeError as error:
                at = line + data.count(b"\n", 0, error.start)
                raise UnreadableFile(f"line {at}: the text is not UTF-8; save the file as UTF-8 first") from error


def _is_heavy(piece: bytes) -> bool:
    return has_many_lines(piece) or piece.count(b",") > _MOST_FIELDS


def _lines(first_line: int, text: str) -> pl.DataFrame:
    """`row_number` and `line` of the lines that are not blank, without white space at their ends."""
    lines = pl.Series("line", [text]).str.split("\n").explode().str.strip_chars()
    frame = lines.to_frame().with_columns(row_number=pl.int_range(first_line, first_line + pl.len()))
    return frame.filter(pl.col("line") != "")


def _batch(records: pl.DataFrame, others: pl.DataFrame) -> Batch:
    intervals, registers = records.filter(~pl.col("is_register")), records.filter("is_register")
    values = VALUES.to_frame() if intervals.is_empty() else in_schema(_readings(intervals), VALUES)
    if others.height:
        refused = in_schema(others.with_columns(value_position=pl.lit(0)), VALUES)
        values = pl.concat([values, refused]).sort("row_number", "value_position")
    return Batch(
        values,
        row_texts=lambda rows: _row_texts(records, others, rows),
        registers=REGISTERS.to_frame() if registers.is_empty() else in_schema(_readings(registers), REGISTERS),
    )


def _readings(records: pl.DataFrame) -> pl.DataFrame:
    """One row per triple of the records: the columns of `VALUES` and `REGISTERS` that the file fills."""
    counts = records["value_count"].to_numpy()
    first = np.cumsum(counts) - counts
    triples = records["triples"].explode()
    label, quality, value = (triples.gather_every(3, place) for place in range(3))
    wall = _ends(label, records["minutes"], counts, first)
    position = np.arange(len(label), dtype=np.int32) - np.repeat(first.astype(np.int32), counts)
    rows = pl.DataFrame({"value_position": position, "label": label, "quality": quality, "value": value, "wall": wall})
    rows = rows.with_columns(*_spread(records, counts), offset_minutes=pl.lit(0, VALUES["offset_minutes"]))
    return rows.with_columns(reason=pl.coalesce("reason", _stamp_fault())) if wall.null_count() else rows


def _spread(records: pl.DataFrame, counts: _Integers) -> list[pl.Series | pl.Expr]:
    """What the triples of a record share, once per triple; a column of one value throughout stays one value."""
    shared = records.select(
        "row_number", "channel_code", "unit_code", "power_of_ten", "minutes", "reason",
        meter_id="meter",
        multiplier=pl.col("constant").replace("", None),
        stream_code=pl.when(pl.col("channel_code").is_null()).then("units"),
        register_code="units",
    )  # fmt: skip
    record = pl.Series(np.repeat(np.arange(records.height, dtype=np.uint32), counts))
    return [
        pl.lit(column[0], column.dtype).alias(column.name) if column.n_unique() == 1 else column.gather(record)
        for column in shared
    ]


def _ends(label: pl.Series, minutes: pl.Series, counts: _Integers, first: _Integers) -> pl.Series:
    """End of each interval in UTC, null where it cannot be told.

    Args:
        label: Time stamp of each triple, blank where it is left out.
        minutes: Interval of each record, null where it has no fixed length.
        counts: Triples of each record.
        first: Row of each record's first triple.
    """
    is_written = (label != "").to_numpy(writable=True)
    if is_written.all():
        return _parsed(label)
    is_written[first] = True
    written = np.flatnonzero(is_written)
    stamps = _parsed(label.gather(written)).to_numpy().astype("datetime64[m]")
    step = minutes.to_frame().select(pl.duration(minutes="minutes")).to_series().to_numpy().astype("timedelta64[m]")
    step = np.repeat(step, np.add.reduceat(is_written, first, dtype=np.int64))
    run = np.diff(written, append=len(label))
    ends = np.arange(len(label)) * np.repeat(step, run)
    ends = ends + np.repeat(stamps - written * step, run)
    ends[written] = stamps
    ends[ends > _LATEST] = np.datetime64("NaT")
    return pl.Series(ends.astype("datetime64[us]"))


def _parsed(stamps: pl.Series) -> pl.Series:
    return stamps.to_frame("stamp").select(parse_stamps("stamp")).to_series()


def _stamp_fault() -> pl.Expr:
    written = pl.lit('time stamp "') + pl.col("label").str.slice(0, 20) + '" is not of the form CCYYMMDDHHMM'
    blank = "the time stamp is blank and does not follow from one before it and an interval of fixed length; write it"
    fault = pl.when(pl.col("label") == "").then(pl.lit(blank)).otherwise(written)
    return pl.when(pl.col("wall").is_null()).then(fault)


def _row_texts(records: pl.DataFrame, others: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """The head of each value's record and the value's own triple, with dots for what is left out."""
    wanted = records.join(rows, on="row_number", how="semi", maintain_order="left")
    triples = wanted["triples"].explode()
    size = pl.col("triples").list.len().cast(pl.Int64)
    head = pl.concat_str(HEAD, separator=",").str.slice(0, _TEXT_CHARACTERS)
    heads = wanted.select("row_number", head=head, size=size, first=size.cum_sum() - size)
    whole = others.select("row_number", head=pl.col("line").str.slice(0, _TEXT_CHARACTERS), size=0, first=0)
    found = rows.join(
        pl.concat([heads, whole], how="vertical_relaxed"), on="row_number", how="left", maintain_order="left"
    )
    place, size = 3 * pl.col("value_position"), pl.col("size")
    at = found.select(pl.when(size > 0).then(pl.col("first") + place)).to_series()
    own = pl.DataFrame({str(k): triples.gather(at + k) for k in range(3)})
    return found.select(
        pl.concat_str(
            pl.col("head"),
            pl.when(place > 0).then(pl.lit(",...")),
            own.select(pl.lit(",") + pl.concat_str(pl.all(), separator=",")).to_series(),
            pl.when(place + 3 < size).then(pl.lit(",...")),
            ignore_nulls=True,
        )
    ).to_series()
