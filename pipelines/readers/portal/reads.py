"""CSV downloads from the portals at which customers of California utilities see their use.

A download has lines on the customer and the service above its table, and often a heading for each day and direction.
It is told from an ordinary CSV file by these. Names, addresses and account numbers in it are passed over and go
nowhere; the number of the meter or of the service names the meter.

The dialects, as public samples and parsers of them show:

* SCE: "Energy Usage Information", blocks per day below "Data for period starting", period and kWh in two cells, with
  or without quotation marks and non-breaking spaces; delivered and received energy in blocks of their own; since 2025
  one table of Date, Energy Consumption time Period Start and End, Delivered, Received.
* PG&E, and others with Opower's product: Name, Address, Account Number, Service, then TYPE, DATE, START TIME, END TIME
  with the last minute of the interval as its end, and USAGE or IMPORT and EXPORT.
* SDG&E: notes with Meter Number and UOM, then Meter Number, Date, Start Time, Duration, Consumption, Generation, Net.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import polars as pl

from models.clock import check_time_zone
from pipelines.readers.batches import VALUES, Batch, ParsedFile
from pipelines.readers.findings import Finding
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.pieces import pieces
from pipelines.readers.portal.clock import MOVES, late_changes, near_changes, with_clock_on_time
from pipelines.readers.portal.sections import Section, Table, delimiter_of, is_note, read_lines, table_of
from pipelines.readers.portal.values import NOT_A_READ, portal_values
from pipelines.readers.refusals import check_refusals
from pipelines.readers.tables.columns import recognise_columns

_BOM = b"\xef\xbb\xbf"
_HEAD_BYTES = 1 << 16
_PIECE_BYTES = 1 << 22
_LARGEST_BYTES = 256 << 20
_NOTES_OF_A_DOWNLOAD = 2
_MOST_TABLES = 50
_MOST_NEAR_CHANGES = 1_000_000
_LATIN_SPACE = re.compile(rb"(?<![\x80-\xff])\xa0+")


def open_portal(path: Path, options: ReadOptions) -> ParsedFile | None:
    """Open a download from a customer portal.

    Clock and labels are the portal's: the wall clock, and starts. Net energy beside delivered or received energy is
    not read, and alone it is refused; so is gas.

    Args:
        path: File to read.
        options: What is known about the file; its clock and label have no say on what the headings state.

    Returns:
        The file's values, `row_number` being the line; or None where the text is no such download: no line is a
        heading, or the first line is a header that `columns` understands and no heading that only portals write.

    Raises:
        UnreadableFile: The download is too large or mostly no reads, names no columns of reads, no meter or no unit,
            or several meters while the caller names one.
        ValueError: The time zone is unknown.
        OSError: The file cannot be opened.
    """
    first = _first_table(_head(path))
    if first is None:
        return None
    table, delimiter = first
    if path.stat().st_size > _LARGEST_BYTES:
        raise UnreadableFile(
            f"a customer's download of more than {_LARGEST_BYTES >> 20} MiB is not read; download shorter periods"
        )
    label_code = table.layout.label_code if table.is_label_known else options.label_code or table.layout.label_code
    zone = options.time_zone or options.default_time_zone
    has_local_clock = (options.clock_code or table.layout.clock_code) == "local"
    batches = partial(_batches, path, delimiter, options)
    moves = _survey(batches(MOVES.to_frame()), zone if has_local_clock else None)
    return ParsedFile(
        "csv",
        partial(batches, moves),
        clock_code=table.layout.clock_code,
        label_code=label_code,
        is_label_known=table.is_label_known,
        has_channel_columns=True,
        findings=_findings(moves, zone),
    )


def _findings(moves: pl.DataFrame, time_zone: str) -> tuple[Finding, ...]:
    if moves.is_empty():
        return ()
    text = (
        f"the portal changes its clock one labelled hour later than {time_zone} does; the hour is read where the "
        "sequence of labels puts it"
    )
    return (Finding("late_portal_change", moves.height, text),)


def _head(path: Path) -> list[str]:
    """The first lines that are not blank."""
    with path.open("rb") as file:
        lines = _decode(file.read(_HEAD_BYTES).removeprefix(_BOM)).split("\n")
    return [line for line in lines if line.strip(' "\t\r\xa0,;')]


def _decode(data: bytes) -> str:
    """Text of UTF-8; a non-breaking space of Latin-1 is one too, and other bytes become replacement characters."""
    return _LATIN_SPACE.sub(b" ", data).decode("utf-8", errors="replace")


def _first_table(head: list[str]) -> tuple[Table, str] | None:
    """The first heading of a portal's download and its delimiter, if the text is such a download.

    Raises:
        UnreadableFile: It is one by its notes, but no line names the columns of reads.
    """
    is_ordinary = bool(head) and _is_header(head[0])
    for line in head:
        delimiter = delimiter_of(line)
        table = table_of(line, delimiter)
        if table is not None and (table.is_portal_only or not is_ordinary):
            return table, delimiter
    if not is_ordinary and sum(map(is_note, head)) >= _NOTES_OF_A_DOWNLOAD:
        raise UnreadableFile(
            "no line of the customer's download names columns of interval reads; choose interval usage as CSV when "
            "downloading"
        )
    return None


def _is_header(line: str) -> bool:
    """True where the line is a header by itself, so that the text is an ordinary CSV file."""
    try:
        recognise_columns([name.strip(' "\r') for name in line.split(delimiter_of(line))])
    except UnreadableFile:
        return False
    return True


def _survey(batches: Iterator[Batch], time_zone: str | None) -> pl.DataFrame:
    """Read all values once: is there something to read, whose is it, and where does the file's clock change late.

    Args:
        batches: The file's content.
        time_zone: Zone of the file's wall clock; None where the labels are on another clock.

    Returns:
        Columns of `MOVES`.
    """
    if time_zone is not None:
        check_time_zone(time_zone)
    count, refused, unnamed, near_count = 0, 0, 0, 0
    first, near = "", [VALUES.to_frame()]
    for batch in batches:
        faults = batch.values.filter(pl.col("reason").is_not_null())
        count += batch.values.height
        refused += faults.height
        unnamed += batch.values["meter_id"].null_count()
        if faults.height:
            first = first or f"line {faults['row_number'][0]}: {faults['reason'][0]}"
        check_refusals(refused, count - refused, first)
        if time_zone is not None:
            near.append(near_changes(batch.values, time_zone))
            near_count += near[-1].height
        if near_count > _MOST_NEAR_CHANGES:
            raise UnreadableFile(
                f"over {_MOST_NEAR_CHANGES:,} values lie on days on which the clock changes, more than any customer's "
                "download holds"
            )
    if count == 0:
        raise UnreadableFile("the customer's download has a heading and no reads")
    if unnamed == count:
        raise UnreadableFile(
            "the customer's download states no meter or service number; name the meter with --meter-id"
        )
    return MOVES.to_frame() if time_zone is None else late_changes(pl.concat(near), time_zone)


def _batches(path: Path, delimiter: str, options: ReadOptions, moves: pl.DataFrame) -> Iterator[Batch]:
    section, meters, seen = Section(), set[str](), dict[Table, None]()
    with path.open("rb") as file:
        file.seek(len(_BOM) if file.read(len(_BOM)) == _BOM else 0)
        for first_line, body in pieces(file, 1, _PIECE_BYTES):
            lines = _lines(body, first_line)
            reads, tables, section = read_lines(lines, section, delimiter)
            parts = []
            for (index,), rows in reads.group_by("table", maintain_order=True):
                table = tables[index]
                if table not in seen:
                    seen[table] = None
                    _check_table(list(seen), rows["row_number"][0])
                parts.append(portal_values(rows, table, delimiter, options.unit))
            if parts:
                values = _of_one_meter(pl.concat(parts).sort("row_number", "value_position"), meters, options)
                yield Batch(with_clock_on_time(values, moves), _row_texts(lines, values))


def _lines(body: bytes, first_line: int) -> pl.DataFrame:
    """`row_number` and `line` of every line of a piece."""
    lines = pl.Series("line", [_decode(body)]).str.split("\n").explode().str.strip_chars_end("\r").to_frame()
    return lines.with_row_index("row_number", offset=first_line).cast({"row_number": VALUES["row_number"]})


def _check_table(seen: list[Table], line: int) -> None:
    """Refuse a file of many tables, or one whose tables name times of different kinds; the last of `seen` is new."""
    if len(seen) > _MOST_TABLES:
        raise UnreadableFile(
            f"line {line} lies below the {len(seen)}th different heading; no download has more than {_MOST_TABLES}"
        )
    found, wanted = seen[-1].layout, seen[0].layout
    if (found.clock_code, found.label_code) != (wanted.clock_code, wanted.label_code):
        raise UnreadableFile(
            f"the heading above line {line} names {found.clock_code} {found.label_code} times and the first one "
            f"{wanted.clock_code} {wanted.label_code} times; send the tables as files of their own"
        )


def _of_one_meter(values: pl.DataFrame, seen: set[str], options: ReadOptions) -> pl.DataFrame:
    """The values with the meter that the caller names, if any; several meters of the file must not become one."""
    if options.meter_id is None:
        return values
    seen.update(values["meter_id"].drop_nulls().unique().to_list())
    if len(seen) > 1:
        raise UnreadableFile(f"the file holds {len(seen)} meters and --meter-id names one; leave the option out")
    return values.with_columns(meter_id=pl.lit(options.meter_id))


def _row_texts(lines: pl.DataFrame, values: pl.DataFrame) -> Callable[[pl.DataFrame], pl.Series]:
    """Verbatim lines of rows; none of lines that may name the customer."""
    reads = values.filter(pl.col("reason").ne_missing(NOT_A_READ)).select(pl.col("row_number").unique())
    texts = lines.join(reads, on="row_number", how="semi")

    def row_texts(rows: pl.DataFrame) -> pl.Series:
        return rows.select("row_number").join(texts, on="row_number", how="left", maintain_order="left")["line"]

    return row_texts
