"""CSV and other delimited text: lines, header and delimiter; columns of text handed to `tabular`."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from pipelines.readers.batches import BATCH_VALUES, Batch, ParsedFile
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.pieces import LONGEST_LINE, pieces
from pipelines.readers.tables.table_kinds import Table, recognise_table

_DELIMITERS = (",", ";", "\t", "|")
_BOM = b"\xef\xbb\xbf"
_MOST_COLUMNS = 10_000
_SAMPLE_BYTES = 1 << 16
_LEAST_PIECE, _LARGEST_PIECE = 1 << 20, 1 << 26
_MOST_CELLS = 16_000_000


@dataclass(frozen=True)
class _Header:
    """The header line: its number, the names, the delimiter, and the position of the byte after it."""

    line: int
    names: list[str]
    delimiter: str
    end: int


def open_csv(path: Path, options: ReadOptions) -> ParsedFile:
    """Open delimited text (comma, semicolon, tab or vertical bar; UTF-8 with or without BOM).

    Long files have one read per line and channel, wide files one line per meter and day; see `tabular` for both and
    `columns` for the names that are recognised. A line with too few or too many fields is refused, once per value
    that a line holds. Blank lines are no data lines.

    Args:
        path: File to read.
        options: What is known about the file.

    Returns:
        The file's values; `row_number` is the line in the file, counted from 1 with the header.

    Raises:
        UnreadableFile: The text is not UTF-8, or the header is missing or not understood.
        OSError: The file cannot be opened.
    """
    header = _read_header(path)
    table = recognise_table(header.names, options, f"line {header.line}")
    piece_bytes = _piece_bytes(path, header, table)

    def batches() -> Iterator[Batch]:
        meters: set[str] = set()
        with path.open("rb") as file:
            file.seek(header.end)
            for first_line, body in pieces(file, header.line + 1, piece_bytes, partial(_is_heavy, header, table)):
                yield _batch(body, first_line, header, table, meters)

    return ParsedFile(
        "csv",
        batches,
        clock_code=table.clock_code,
        label_code=table.label_code,
        is_label_known=table.is_label_known,
        are_slots=table.are_slots,
        has_channel_columns=table.has_channel_columns,
        is_explicit=table.is_explicit,
    )


def _read_header(path: Path) -> _Header:
    number = 0
    with path.open("rb") as file:
        file.seek(len(_BOM) if file.read(len(_BOM)) == _BOM else 0)
        while line := file.readline(LONGEST_LINE):
            number += 1
            if line.strip():
                break
        end = file.tell()
        if not file.read(1):
            raise UnreadableFile("the file has a header and no reads")
    if len(line) == LONGEST_LINE:
        raise UnreadableFile(f"line {number} is longer than {LONGEST_LINE >> 20} MiB, so it is no header")
    text = _decode(line, number).rstrip("\r\n")
    delimiter = max(_DELIMITERS, key=text.count)
    if text.count(delimiter) >= _MOST_COLUMNS:
        raise UnreadableFile(
            f"line {number}: the header has {text.count(delimiter) + 1:,} columns; at most {_MOST_COLUMNS:,} are read"
        )
    if "\r" in text:
        raise UnreadableFile(
            f"line {number}: the header holds carriage returns; end the lines of the file with line feeds (LF or CRLF)"
        )
    try:
        names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter))]
    except csv.Error as error:
        raise UnreadableFile(f"line {number}: the header cannot be split into column names: {error}") from error
    return _Header(number, names, delimiter, end)


def _piece_bytes(path: Path, header: _Header, table: Table) -> int:
    """Bytes of text that hold about a batch of values, by the length of the first lines."""
    with path.open("rb") as file:
        file.seek(header.end)
        sample = file.read(_SAMPLE_BYTES)
    line_bytes = len(sample) / max(1, sample.count(b"\n"))
    wanted = int(line_bytes * BATCH_VALUES / table.value_count)
    return min(max(wanted, _LEAST_PIECE), _LARGEST_PIECE)


def _is_heavy(header: _Header, table: Table, body: bytes) -> bool:
    """True where lines shorter than the first ones make many more values than a batch, or many more cells."""
    values = body.count(b"\n") * table.value_count
    return values > 2 * BATCH_VALUES or body.count(header.delimiter.encode()) > _MOST_CELLS


def _batch(body: bytes, first_line: int, header: _Header, table: Table, meters: set[str]) -> Batch:
    width, delimiter = len(header.names), header.delimiter
    frame = _uniform_table(body, width, delimiter, first_line)
    ragged: pl.DataFrame | None = None
    if frame is None:
        frame, ragged = _checked_table(body, width, delimiter, first_line)
    table.check(frame, meters)
    return table.batch(frame, ragged, _line_texts(body, first_line))


def _decode(data: bytes, first_line: int) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = first_line + data.count(b"\n", 0, error.start)
        raise UnreadableFile(f"line {line}: the text is not UTF-8; save the file as UTF-8 first") from error


def _parse(body: bytes, width: int, delimiter: str, quote: str | None) -> pl.DataFrame:
    schema = {f"c{index}": pl.String for index in range(width)}
    return pl.read_csv(
        body, has_header=False, separator=delimiter, schema=schema, quote_char=quote, infer_schema=False,
        empty_string_is_null=False,
    )  # fmt: skip


def _uniform_table(body: bytes, width: int, delimiter: str, first_line: int) -> pl.DataFrame | None:
    """The table in one fast pass, or None where some line may not have exactly one field per column.

    A line with too many fields stops the parser, and one with too few is filled up with empty fields. With none of
    the former, and as many delimiters as full lines need, no line can have too few; where quoted fields may hold
    delimiters of their own, none has too few if no last field is empty. A quoted line end makes fewer rows than
    lines. So nothing is lost and line numbers follow from row order. Text with fewer delimiters than its lines need is
    not parsed at all, since filling up short lines of many columns would take any amount of memory.
    """
    line_count = body.count(b"\n") + (not body.endswith(b"\n"))
    has_quotes = b'"' in body
    beyond = body.count(delimiter.encode()) - line_count * (width - 1)
    if width < 2 or beyond < 0 or (beyond and not has_quotes):
        return None
    try:
        frame = _parse(body, width, delimiter, '"' if has_quotes else None)
    except pl.exceptions.PolarsError:
        _decode(body, first_line)
        return None
    if has_quotes and (frame[f"c{width - 1}"] == "").any():
        return None
    if frame.height != line_count:
        return None
    return frame.with_row_index("row_number", offset=first_line).cast({"row_number": pl.Int64})


def _lines(body: bytes, first_line: int) -> pl.DataFrame:
    """`row_number` and `line` of every physical line after the header."""
    lines = pl.Series("line", [_decode(body, first_line)]).str.split("\n").explode().str.strip_chars_end("\r")
    return lines.to_frame().select(
        row_number=pl.int_range(first_line, first_line + pl.len(), dtype=pl.Int64), line="line"
    )


def _checked_table(body: bytes, width: int, delimiter: str, first_line: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table of lines with the right number of fields, and the other lines with the reason.

    Returns:
        `row_number` and c0, c1, ...; and `row_number`, `reason` of ragged lines.
    """
    lines = _lines(body, first_line).filter(pl.col("line").str.strip_chars() != "")
    bare = pl.col("line").str.replace_all(r'"[^"]*"', "")
    lines = lines.with_columns(
        field_count=bare.str.count_matches(delimiter, literal=True) + 1,
        is_open=bare.str.contains('"', literal=True),
    )
    is_good = (pl.col("field_count") == width) & ~pl.col("is_open")
    fault = (
        pl.when(pl.col("is_open"))
        .then(pl.lit("the line has a quotation mark that does not close"))
        .otherwise(pl.lit("the line has ") + pl.col("field_count").cast(pl.String) + f" fields and the header {width}")
    )
    good, ragged = lines.filter(is_good), lines.filter(~is_good).select("row_number", reason=fault)
    frame = _split(good, width, delimiter)
    if frame is None:
        is_whole = good["line"].str.contains(_whole_fields(delimiter))
        reason = pl.lit("the line has a quotation mark within a field")
        ragged = pl.concat([ragged, good.filter(~is_whole).select("row_number", reason=reason)])
        frame = _split(good.filter(is_whole), width, delimiter)
    if frame is None:
        raise UnreadableFile("the text cannot be split into columns: quotation marks do not match line ends")
    return frame, ragged


def _split(lines: pl.DataFrame, width: int, delimiter: str) -> pl.DataFrame | None:
    """`row_number` and c0, c1, ... of lines; None where they cannot be split into as many fields."""
    if lines.is_empty():
        return pl.DataFrame(schema={"row_number": pl.Int64} | {f"c{i}": pl.String for i in range(width)})
    text = lines["line"].str.join("\n").item() + "\n"
    try:
        frame = _parse(text.encode(), width, delimiter, '"')
    except pl.exceptions.PolarsError:
        return None
    return frame.with_columns(lines["row_number"]) if frame.height == lines.height else None


def _whole_fields(delimiter: str) -> str:
    """Pattern of a line with no quotation mark but those around whole fields, and doubled ones in them."""
    field = rf'(?:"[^"]*(?:""[^"]*)*"|[^"{delimiter}]*)'
    return rf"^{field}(?:{re.escape(delimiter)}{field})*$"


def _line_texts(body: bytes, first_line: int) -> Callable[[pl.DataFrame], pl.Series]:
    def texts(rejects: pl.DataFrame) -> pl.Series:
        joined = rejects.select("row_number").join(
            _lines(body, first_line), on="row_number", how="left", maintain_order="left"
        )
        return joined["line"]

    return texts
