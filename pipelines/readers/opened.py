"""A landing file opened for reading: its meaning settled, its reads to be had part by part."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import polars as pl

from models.tables import Table
from models.tables.raw import AUXILIARY_READS, METER_EVENTS, REGISTER_READS
from pipelines.readers.batches import Batch, ParsedFile
from pipelines.readers.findings import Finding
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.shown import as_reason
from pipelines.readers.times.survey import Decisions, decide_at_once, survey
from pipelines.readers.values.normalise import as_auxiliary_reads, as_reads, meter_events, normalise, register_reads

_ROW_TEXT_CHARACTERS = 400
_PLACE = ["row_number", "value_position"]


def _nothing(table: Table) -> pl.DataFrame:
    return table.empty().drop("file_id").with_columns(reason=pl.lit(None, pl.String))


# Most files hold interval reads alone, and most small ones cost more to look at than to read.
_NO_REGISTERS, _NO_EVENTS = _nothing(REGISTER_READS), _nothing(METER_EVENTS)
_NO_AUXILIARY_READS = AUXILIARY_READS.empty().drop("file_id")
_NO_REJECTS = _NO_REGISTERS.select(*_PLACE, "reason")


@dataclass(frozen=True)
class Part:
    """What a piece of a file says.

    Attributes:
        reads: Columns of `raw.interval_reads` without `file_id` and `part_number`, and `nominal_minutes` (Int16: 5,
            10, 15, 30, 60, or 1440 for a daily read even where the local day is 1380 or 1500 minutes long) and
            `meter_multiplier` (Float64, null where the file states none). Sorted by meter_id, channel_code,
            interval_start_utc, row_number, value_position.
        auxiliary_reads: Columns of `raw.auxiliary_reads` without `file_id`.
        register_reads: Columns of `raw.register_reads` without `file_id`.
        meter_events: Columns of `raw.meter_events` without `file_id`.
        rejects: `row_number` (Int64), `value_position` (Int32), `reason` (String), `row_text` (String, nullable): one
            row per value that could not be read, in file order.
    """

    reads: pl.DataFrame
    auxiliary_reads: pl.DataFrame
    register_reads: pl.DataFrame
    meter_events: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def sent_count(self) -> int:
        """Values of this piece, good or bad."""
        return sum(frame.height for frame in vars(self).values())


@dataclass(frozen=True)
class OpenedFile:
    """A file whose meaning is settled.

    Attributes:
        format_code: Format that the file is read as.
        time_zone: IANA zone of the file's meters.
        time_zone_source: given (by the caller), file (it states one), or default.
        clock_code: Clock by which labels are read; `utc` where every label states its own offset.
        label_code: Whether labels name the start or the end of an interval.
        findings: What was noticed about the file's times, and the rules that settled it.
    """

    format_code: str
    time_zone: str
    time_zone_source: str
    clock_code: str
    label_code: str
    findings: tuple[Finding, ...]
    _parsed: ParsedFile
    _decisions: Decisions
    _batches: Iterable[Batch]

    def parts(self) -> Iterator[Part]:
        """Read the file once, piece by piece in file order; memory grows with a piece and not with the file.

        Raises:
            UnreadableFile: The file cannot be read to its end.
        """
        for batch in self._batches:
            yield _part(batch, self._parsed, self._decisions)


def opened(parsed: ParsedFile, options: ReadOptions) -> OpenedFile:
    """Settle what a file means.

    Args:
        parsed: What the format's reader found out.
        options: What the caller says; wins over the file.

    Returns:
        The file, ready to be read.

    Raises:
        UnreadableFile: The file holds no reads, or cannot be read to its end.
        ValueError: An option is not valid.
    """
    batches = iter(parsed.batches())
    first = list(islice(batches, 1 if parsed.is_explicit else 2))
    if not any(batch.values.height or batch.registers.height or batch.events.height for batch in first):
        raise UnreadableFile("the file holds no reads")
    if parsed.is_explicit:
        decisions, batches = decide_at_once(parsed, options), chain(first, batches)
    else:
        decisions = survey(chain(first, batches), parsed, options)
        batches = iter(first) if len(first) == 1 else parsed.batches()
    clock = decisions.clock
    is_utc = decisions.all_offsets and options.clock_code is None and not decisions.ignores_offsets
    return OpenedFile(
        format_code=parsed.format_code,
        time_zone=clock.time_zone,
        time_zone_source="given" if options.time_zone else "file" if parsed.time_zone else "default",
        clock_code="utc" if is_utc else clock.clock_code,
        label_code=clock.label_code,
        findings=parsed.findings + decisions.findings,
        _parsed=parsed,
        _decisions=decisions,
        _batches=batches,
    )


def _part(batch: Batch, parsed: ParsedFile, decisions: Decisions) -> Part:
    values = normalise(batch.values, decisions, parsed.format_code, are_slots=parsed.are_slots)
    registers, events = _NO_REGISTERS, _NO_EVENTS
    if batch.registers.height:
        registers = register_reads(batch.registers, decisions, parsed.format_code)
    if batch.events.height:
        events = meter_events(batch.events, decisions)
    refused = [
        frame.filter(pl.col("reason").is_not_null()).select(*_PLACE, "reason")
        for frame in (values, registers, events)
        if frame["reason"].null_count() < frame.height
    ]
    rejects = pl.concat(refused).sort(_PLACE) if refused else _NO_REJECTS
    texts = batch.row_texts(rejects) if rejects.height else pl.Series(dtype=pl.String)
    good = values if values["reason"].null_count() == values.height else values.filter(pl.col("reason").is_null())
    is_main = good["unit_code"].is_null()
    is_all_main = bool(is_main.all())
    return Part(
        reads=as_reads(good if is_all_main else good.filter(is_main)),
        auxiliary_reads=_NO_AUXILIARY_READS if is_all_main else as_auxiliary_reads(good.filter(~is_main)),
        register_reads=registers.filter(pl.col("reason").is_null()).drop("reason"),
        meter_events=events.filter(pl.col("reason").is_null()).drop("reason"),
        rejects=rejects.with_columns(as_reason(pl.col("reason")), row_text=texts.str.slice(0, _ROW_TEXT_CHARACTERS)),
    )
