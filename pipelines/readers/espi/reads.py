"""Green Button (NAESB ESPI) XML: an Atom feed of usage points, reading types and interval blocks."""

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile

import polars as pl
import pyarrow as pa
from lxml import etree

from pipelines.readers.batches import VALUES, Batch, ParsedFile, in_schema
from pipelines.readers.espi.events import ATOM, ESPI, READING, Run, read_events, release
from pipelines.readers.espi.feed import FIELDS, Block, Entry, Feed, Source
from pipelines.readers.findings import Finding
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.shown import shown

_RESOURCES = ("UsagePoint", "MeterReading", "ReadingType", "LocalTimeParameters", "IntervalBlock")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC
_MAX_SECONDS = 253_402_300_799


_SPILL_READINGS = 200_000
_MOST_ENTRIES = 2_000_000


@dataclass
class _Columns:
    """Readings, column by column; `block` counts the interval blocks of the file.

    `last_line` is the line of the reading before these, and `on_line` how many readings before it start there.
    """

    row_number: list[int] = field(default_factory=list)
    start: list[str] = field(default_factory=list)
    duration: list[str] = field(default_factory=list)
    value: list[str] = field(default_factory=list)
    quality: list[str] = field(default_factory=list)
    block: list[int] = field(default_factory=list)
    last_line: int = 0
    on_line: int = 0

    def add_run(self, run: Run, block: int) -> None:
        """Add the readings of a run, which lie in one block."""
        self.row_number += run.lines
        self.start += run.starts
        self.duration += run.durations
        self.value += run.values
        self.quality += run.qualities
        self.block += [block] * len(run.lines)

    def frame(self) -> pl.DataFrame:
        """The readings as a frame; `value_position` counts those that start on one line."""
        names = ("row_number", "start", "duration", "value", "quality", "block")
        rows = pl.DataFrame({name: getattr(self, name) for name in names}, schema_overrides={"row_number": pl.Int64})
        place = pl.int_range(pl.len()).over(pl.col("row_number").rle_id())
        carried = pl.when(pl.col("row_number") == self.last_line).then(self.on_line + 1).otherwise(0)
        return rows.with_columns(value_position=(place + carried).cast(VALUES["value_position"]))


def open_espi(path: Path, options: ReadOptions) -> ParsedFile:
    """Open a Green Button file for its interval energies.

    Several usage points and meter readings may share a file; resources are found by their links, wherever in the file
    they are, so the XML is read once to its end and its readings lie in a temporary file meanwhile. Flow direction 1
    is delivered and 19 received; watt-hours of electricity per interval are energy, other electric quantities
    auxiliary reads. Starts are epoch seconds in UTC, so the clock is always utc and the label start. Document types
    and entities are refused.

    Args:
        path: File to read.
        options: What is known about the file; clock, label and unit have no say here.

    Returns:
        The file's values; `row_number` is the line of the IntervalReading's start tag, `value_position` counts the
        readings that start on one line, `label` is the epoch second.

    Raises:
        UnreadableFile: The XML is truncated, malformed, no ESPI, has a document type or no readings, or its local
            time parameters name no time zone.
        OSError: The file cannot be opened.
    """
    feed = Feed()
    blocks: list[Block | None] = [None]
    spill = _Spill()
    for frame in _read(path, feed, blocks):
        spill.add(frame)
    if not spill.count:
        raise UnreadableFile("the feed holds no interval readings")
    sources = [feed.source(block) for block in blocks]
    meters = {source.meter_id for source in sources if source.meter_id is not None}
    if options.meter_id is not None and len(meters) > 1:
        raise UnreadableFile(f"the file holds {len(meters)} meters and --meter-id names one; leave the option out")
    time_zone, findings = _time_zone(feed, blocks, options, spill.count)
    table = _source_table(sources, options)

    def batches() -> Iterator[Batch]:
        for frame in spill.frames():
            yield Batch(_values(frame, table), partial(_texts, frame))

    return ParsedFile("espi", batches, time_zone=time_zone, clock_code="utc", is_explicit=True, findings=findings)


def _time_zone(
    feed: Feed, blocks: list[Block | None], options: ReadOptions, count: int
) -> tuple[str | None, tuple[Finding, ...]]:
    """Zone that the file states; where the caller names another, that is told, and what the file states may be odd."""
    if options.time_zone is None:
        return feed.time_zone(blocks), ()
    try:
        stated = feed.time_zone(blocks)
    except UnreadableFile as error:
        text = f"{str(error).removesuffix('; give --time-zone')}; --time-zone {options.time_zone} holds"
        return None, (Finding("zone_unlike_file", count, text),)
    if stated in (None, options.time_zone):
        return stated, ()
    text = f"the file states the zone {stated} and --time-zone names {options.time_zone}, which holds for local dates"
    return stated, (Finding("zone_unlike_file", count, text),)


class _Spill:
    """Readings in a temporary file, so that memory does not grow with the feed."""

    def __init__(self) -> None:
        self.count = 0
        self._file = TemporaryFile(prefix="meterhouse-espi-")  # noqa: SIM115 - lives as long as the reader
        weakref.finalize(self, self._file.close)
        self._writer: pa.ipc.RecordBatchStreamWriter | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Write one frame."""
        table = frame.to_arrow()
        if self._writer is None:
            compressed = pa.ipc.IpcWriteOptions(compression="zstd")
            self._writer = pa.ipc.new_stream(self._file, table.schema, options=compressed)
        self._writer.write_table(table)
        self.count += frame.height

    def frames(self) -> Iterator[pl.DataFrame]:
        """Read the frames back, in batches."""
        if self._writer is not None:
            self._writer.close()
        self._file.seek(0)
        with pa.ipc.open_stream(self._file) as reader:
            for batch in reader:
                yield pl.DataFrame(pa.Table.from_batches([batch]))


def _read(path: Path, feed: Feed, blocks: list[Block | None]) -> Iterator[pl.DataFrame]:
    """Readings piece by piece; resources go to the feed and the links of interval blocks to `blocks`."""
    columns = _Columns()
    block = 0
    unfinished: list[int] = []
    for event in read_events(path):
        if isinstance(event, Run):
            columns.add_run(event, block)
        elif event.element.tag == READING and not event.is_end:
            unfinished.append(len(columns.value))
            columns.add_run(_blank_run(event.line), block)
        elif event.element.tag == READING:
            _take_reading(event.element, columns, unfinished.pop())
            release(event.element)
        elif not event.is_end:
            blocks.append(None)
            block = len(blocks) - 1
            if block > _MOST_ENTRIES:
                raise UnreadableFile(f"line {event.line}: the feed has over {_MOST_ENTRIES:,} entries; split it")
        else:
            entry = _entry(event.element)
            if entry.kind == "IntervalBlock":
                blocks[block] = Block(entry.self_href, entry.up_href)
            elif entry.kind:
                feed.add(entry)
            block = 0
            release(event.element)
        if len(columns.value) >= _SPILL_READINGS and not unfinished:
            frame = columns.frame()
            yield frame
            columns = _Columns(last_line=frame["row_number"][-1], on_line=frame["value_position"][-1])
    if columns.value:
        yield columns.frame()


def _blank_run(line: int) -> Run:
    """A reading of which only the place is known, since it has just begun."""
    return Run([line], ("",), ("",), ("",), ("",))


def _take_reading(element: etree._Element, columns: _Columns, place: int) -> None:
    period = element.find(f"{ESPI}timePeriod")
    columns.start[place] = _text(period, "start")
    columns.duration[place] = _text(period, "duration")
    columns.value[place] = _text(element, "value")
    codes = [
        _text(quality, "quality") or (quality.text or "").strip() for quality in element.iter(f"{ESPI}ReadingQuality")
    ]
    columns.quality[place] = ",".join(code for code in codes if code)


def _text(element: etree._Element | None, name: str) -> str:
    return "" if element is None else (element.findtext(f"{ESPI}{name}") or "").strip()


def _entry(element: etree._Element) -> Entry:
    """Identity, links and fields of an entry."""
    resource = next((found for found in element.iter(*(f"{ESPI}{name}" for name in _RESOURCES))), None)
    entry = Entry(kind="" if resource is None else str(resource.tag).removeprefix(ESPI))
    entry.entry_id = (element.findtext(f"{ATOM}id") or "").strip()
    for link in element.iterfind(f"{ATOM}link"):
        href, rel = (link.get("href") or "").strip().rstrip("/"), link.get("rel")
        if rel == "self":
            entry.self_href = href
        elif rel == "up":
            entry.up_href = href
        elif rel == "related":
            entry.related.append(href)
    if resource is not None:
        for child in resource.iter(*(f"{ESPI}{name}" for name in FIELDS)):
            if child.text and child.text.strip():
                entry.fields.setdefault(str(child.tag).removeprefix(ESPI), child.text.strip())
    return entry


def _source_table(sources: list[Source], options: ReadOptions) -> pl.DataFrame:
    """One row per interval block: what its readings have in common."""
    return pl.DataFrame(
        {
            "block": range(len(sources)),
            "meter_id": [
                None if source.meter_id is None else options.meter_id or source.meter_id for source in sources
            ],
            "channel_code": [source.channel_code for source in sources],
            "stream_code": [source.stream_code for source in sources],
            "unit_code": [source.unit_code for source in sources],
            "power_of_ten": [source.power_of_ten for source in sources],
            "stated_seconds": [source.interval_seconds for source in sources],
            "source_reason": [source.reason for source in sources],
        },
        schema_overrides={
            "meter_id": pl.String, "channel_code": VALUES["channel_code"], "stream_code": pl.String,
            "unit_code": pl.String, "power_of_ten": pl.Int16, "stated_seconds": pl.Int64, "source_reason": pl.String,
        },
    )  # fmt: skip


def _values(frame: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Readings as `batches.VALUES`."""
    rows = frame.join(table, on="block", how="left", maintain_order="left")
    start = pl.col("start").cast(pl.Int64, strict=False)
    start = pl.when(start.is_between(0, _MAX_SECONDS)).then(start)
    duration = pl.col("duration").cast(pl.Int64, strict=False)
    seconds = pl.when(pl.col("duration") == "").then("stated_seconds").otherwise(duration)
    fault = (
        pl.when(start.is_null())
        .then(pl.lit('start "') + shown(pl.col("start")) + '" is not a time in seconds since 1970')
        .when((pl.col("duration") != "") & duration.is_null())
        .then(pl.lit('duration "') + shown(pl.col("duration")) + '" is not a number of seconds')
        .when(seconds % 60 != 0)
        .then(pl.lit("a duration of ") + seconds.cast(pl.String) + " s is not a whole number of minutes")
    )
    rows = rows.with_columns(
        label=pl.col("start"),
        wall=pl.lit(_EPOCH).cast(pl.Datetime("us")) + pl.duration(seconds=start),
        offset_minutes=pl.lit(0, pl.Int32),
        minutes=seconds // 60,
        reason=pl.coalesce("source_reason", fault),
    )
    return in_schema(rows, VALUES)


def _texts(frame: pl.DataFrame, rejects: pl.DataFrame) -> pl.Series:
    """The fields of refused readings, verbatim."""
    found = rejects.join(frame, on=["row_number", "value_position"], how="left", maintain_order="left")
    text = pl.format(
        "<start>{}</start><duration>{}</duration><value>{}</value>",
        pl.col("start"),
        pl.col("duration"),
        pl.col("value"),
    )
    return found.select(text).to_series()
