"""What a table with a header (CSV or Parquet) holds: interval reads, register reads or meter events."""

import re
from collections.abc import Callable
from typing import Protocol

import polars as pl

from pipelines.readers.batches import EVENTS, REGISTERS, VALUES, Batch, in_schema
from pipelines.readers.options import WH_POWERS, ReadOptions, UnreadableFile
from pipelines.readers.shown import shown
from pipelines.readers.tables.columns import NEEDED, check_unique, is_column_name, plain_name, recognise_columns
from pipelines.readers.tables.tabular import (
    CHANNEL_WORDS,
    as_text,
    check_single_meter,
    is_explicit,
    is_label_known,
    meter_of,
    parsed_labels,
    table_values,
)
from pipelines.text import counted

RowTexts = Callable[[pl.DataFrame], pl.Series]

_REGISTER_NAMES = {
    "register_read", "register_reading", "register_value", "index_read", "index_reading", "cumulative_read",
    "cumulative_reading", "meter_reading", "register", "cumulative",
}  # fmt: skip
_REGISTER_CODES = ("register_code", "register_id", "register_name")
_READ_TIMES = (
    "read_at", "register_read_at", "read_time", "read_datetime", "register_read_time", "reading_time", "read_date_time",
    "timestamp", "datetime", "date_time", "read_date", "date",
)  # fmt: skip
_EVENT_CODES = ("event_code", "event_type", "event_id", "event", "event_name", "alarm_code", "alarm")
_EVENT_TEXTS = ("event_text", "event_description", "description", "event_name", "message", "alarm_text")
_EVENT_STARTS = ("event_start", "event_time", "event_at", "occurred_at", "event_datetime", "timestamp", "datetime")
_EVENT_ENDS = ("event_end", "event_end_time", "ended_at", "restored_at", "cleared_at")
_METERS = ("meter_id", "meter", "meter_number", "meter_no", "service_point_id", "nmi", "esi_id", "device_id")
_CHANNELS = ("channel_code", "channel", "direction", "flow_direction")
_QUALITIES = ("quality_code", "quality", "quality_flag", "read_quality", "status", "flag")
_MULTIPLIERS = ("multiplier", "meter_multiplier", "constant", "meter_constant")
_CONSUMPTIONS = ("consumption", "stated_consumption", "usage")
_NAMES = frozenset(
    (*_REGISTER_NAMES, *_REGISTER_CODES, *_READ_TIMES, *_EVENT_CODES, *_EVENT_TEXTS, *_EVENT_STARTS, *_EVENT_ENDS,
     *_METERS, *_CHANNELS, *_QUALITIES, *_MULTIPLIERS, *_CONSUMPTIONS)
)  # fmt: skip
_DATA = re.compile(r"@|\d[\d ().:/+-]{5,}")
"""Addresses of mail, telephone numbers, dates and long numbers: a line that holds one is no header."""
_CLOCK_WORD = re.compile(r"^(.*)_(utc|gmt|local)$")
_UNIT_WORD = re.compile(r"^(.*)_(kwh|mwh|wh)$")


class Table(Protocol):
    """A table that can be read: the same questions for every kind."""

    value_count: int
    clock_code: str
    label_code: str
    is_label_known: bool
    are_slots: bool
    has_channel_columns: bool
    is_explicit: bool

    def columns(self) -> list[int]:
        """Positions of the columns that mean something, in order."""

    def check(self, frame: pl.DataFrame, seen: set[str]) -> None:
        """Raise `UnreadableFile` where several meters would become one; `seen` keeps those of earlier pieces."""

    def batch(self, frame: pl.DataFrame, refused: pl.DataFrame | None, row_texts: RowTexts) -> Batch:
        """A piece of the table, `row_number` and c0, c1, ..., and its unreadable rows (`row_number`, `reason`)."""


def recognise_table(names: list[str], options: ReadOptions, place: str) -> Table:
    """Find out what a table holds by its column names.

    An event table has an event code, a time and no energy, a register table a column of register faces (register_kwh,
    register_read, index_read, cumulative_kwh) and a time; anything else is read as interval reads.

    Args:
        names: Column names in order.
        options: What the caller says.
        place: Where they stand, for messages.

    Returns:
        The table.

    Raises:
        UnreadableFile: The columns are not understood. What stands there is quoted only where it is a header.
    """
    found = _Columns(names)
    has_event = found.pick(_EVENT_CODES) is not None and found.pick(_EVENT_STARTS) is not None
    if has_event and not found.has_energy:
        return _EventTable(found, options)
    if found.registers and found.pick(_READ_TIMES) is not None:
        return _RegisterTable(found, options)
    try:
        return _IntervalTable(names, options)
    except UnreadableFile:
        if found.are_of_a_header:
            raise
        raise UnreadableFile(
            f"{place} does not look like a header: it has {counted(len(names), 'cell')} with data or with names that "
            f"are not known; needed: {NEEDED}"
        ) from None


class _IntervalTable:
    def __init__(self, names: list[str], options: ReadOptions) -> None:
        self._names, self._options = names, options
        self.layout = layout = recognise_columns(names, options.label_code)
        self.value_count = layout.value_count
        self.clock_code, self.label_code = layout.clock_code, layout.label_code
        self.are_slots = bool(layout.slots)
        self.has_channel_columns = len(layout.values) > 1
        self.is_label_known = is_label_known(layout, names)
        self.is_explicit = is_explicit(layout, options)

    def columns(self) -> list[int]:
        return self.layout.used

    def check(self, frame: pl.DataFrame, seen: set[str]) -> None:
        check_single_meter(frame, self.layout.meter, self._options, seen)

    def batch(self, frame: pl.DataFrame, refused: pl.DataFrame | None, row_texts: RowTexts) -> Batch:
        values = table_values(frame, self.layout, self._names, self._options)
        if refused is not None and refused.height:
            positions = pl.DataFrame({"value_position": range(self.value_count)})
            values = pl.concat([values, in_schema(refused.join(positions, how="cross"), VALUES)])
        return Batch(values, row_texts)


class _Columns:
    """Column names without case, punctuation and clock words."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self._plain = [plain_name(name) for name in names]
        self._base = [match.group(1) if (match := _CLOCK_WORD.match(name)) else name for name in self._plain]
        self.has_energy = any(_UNIT_WORD.match(f"_{name}") for name in self._plain)
        self.registers = [index for index, name in enumerate(self._base) if self._without_unit(name) in _REGISTER_NAMES]

    @property
    def are_of_a_header(self) -> bool:
        """True where a name is known, and none is what only data are."""
        is_known = any(
            is_column_name(plain) or base in _NAMES or self._without_unit(base) in _NAMES
            for plain, base in zip(self._plain, self._base, strict=True)
        )
        return is_known and not any(_DATA.search(name) for name in self.names)

    @staticmethod
    def _without_unit(name: str) -> str:
        match = _UNIT_WORD.match(name)
        return match.group(1) if match else name

    def pick(self, aliases: tuple[str, ...]) -> int | None:
        """Position of the column with the most preferred name; a name in UTC before the same in local time."""
        ranked = [
            (not self.is_utc(index), aliases.index(bare), index)
            for index, name in enumerate(self._base)
            if (bare := self._without_unit(name)) in aliases
        ]
        return min(ranked)[2] if ranked else None

    def is_utc(self, index: int) -> bool:
        """True where the column's name says that its times are UTC."""
        return self._plain[index].endswith(("_utc", "_gmt"))

    def unit(self, index: int) -> str | None:
        """Unit that the column's name ends in."""
        match = _UNIT_WORD.match(self._plain[index])
        return match.group(2) if match else None


class _MomentTable:
    """A table of moments: what register reads and events share."""

    value_count = 1
    label_code = "start"
    is_label_known = True
    are_slots = False
    has_channel_columns = False
    is_explicit = True

    def __init__(self, found: _Columns, options: ReadOptions, places: dict[str, int | None]) -> None:
        self._options = options
        self._places = places | {"meter": found.pick(_METERS)}
        if self._places["meter"] is None and options.meter_id is None:
            raise UnreadableFile("the file has no meter column; name its only meter with --meter-id")
        check_unique(found.names, self.columns())
        start = self._places["start"]
        self.clock_code = "utc" if start is not None and found.is_utc(start) else "local"

    def columns(self) -> list[int]:
        return sorted({index for index in self._places.values() if index is not None})

    def check(self, frame: pl.DataFrame, seen: set[str]) -> None:
        check_single_meter(frame, self._places["meter"], self._options, seen)

    def _rows(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Row number, meter and label of every row."""
        start = self._places["start"]
        meter = meter_of(frame, self._places["meter"], self._options)
        rows = frame.select("row_number", meter_id=meter, value_position=pl.lit(0), reason=pl.lit(None, pl.String))
        return rows.with_columns(parsed_labels(frame[f"c{start}"]).get_columns())

    def _text(self, frame: pl.DataFrame, name: str) -> pl.Series:
        index = self._places[name]
        if index is None:
            return pl.Series(name, [None], dtype=pl.String).new_from_index(0, frame.height)
        text = as_text(frame, index).str.strip_chars()
        return frame.select(pl.when(text != "").then(text).alias(name)).to_series()


class _RegisterTable(_MomentTable):
    def __init__(self, found: _Columns, options: ReadOptions) -> None:
        names = found.names
        if len(found.registers) > 1:
            claimed = ", ".join(names[index] for index in found.registers)
            raise UnreadableFile(f"several columns could hold register reads: {claimed}; keep one of them")
        value = found.registers[0]
        unit = found.unit(value) or options.unit
        if unit is None:
            raise UnreadableFile(f'the unit of column "{names[value]}" is not in its name; give --unit kwh, wh or mwh')
        consumption = found.pick(_CONSUMPTIONS)
        if consumption is not None and found.unit(consumption) not in (None, unit):
            raise UnreadableFile(
                f'column "{names[value]}" is in {unit} and column "{names[consumption]}" in another unit; use one unit'
            )
        self._power = WH_POWERS[unit]
        places = {
            "start": found.pick(_READ_TIMES), "value": value, "register": found.pick(_REGISTER_CODES),
            "channel": found.pick(_CHANNELS), "quality": found.pick(_QUALITIES),
            "multiplier": found.pick(_MULTIPLIERS), "consumption": consumption,
        }  # fmt: skip
        super().__init__(found, options, places)

    def batch(self, frame: pl.DataFrame, refused: pl.DataFrame | None, row_texts: RowTexts) -> Batch:
        rows = self._rows(frame).with_columns(
            self._text(frame, "register").alias("register_code"),
            self._text(frame, "value"),
            self._text(frame, "quality"),
            self._text(frame, "multiplier"),
            self._text(frame, "consumption"),
            power_of_ten=pl.lit(self._power),
        )
        word = self._text(frame, "channel")
        channel = word.str.to_lowercase().replace_strict(CHANNEL_WORDS, default=None)
        fault = pl.format('channel "{}" is not delivered or received', shown(word))
        is_unknown = word.is_not_null() & channel.is_null()
        rows = rows.with_columns(channel_code=channel.fill_null("delivered"), reason=pl.when(is_unknown).then(fault))
        rows = in_schema(rows, REGISTERS)
        if refused is not None and refused.height:
            rows = pl.concat([rows, in_schema(refused.with_columns(value_position=pl.lit(0)), REGISTERS)])
        return Batch(VALUES.to_frame(), row_texts, registers=rows)


class _EventTable(_MomentTable):
    def __init__(self, found: _Columns, options: ReadOptions) -> None:
        code, text = found.pick(_EVENT_CODES), found.pick(_EVENT_TEXTS)
        places = {
            "start": found.pick(_EVENT_STARTS), "end": found.pick(_EVENT_ENDS), "code": code,
            "text": None if text == code else text,
        }  # fmt: skip
        super().__init__(found, options, places)

    def batch(self, frame: pl.DataFrame, refused: pl.DataFrame | None, row_texts: RowTexts) -> Batch:
        rows = self._rows(frame).with_columns(
            self._text(frame, "code").alias("event_code"), self._text(frame, "text").alias("event_text")
        )
        end = self._places["end"]
        if end is not None:
            ends = parsed_labels(frame[f"c{end}"])
            said = self._text(frame, "end")
            fault = pl.format('end "{}" cannot be read; write it like 2016-03-12 00:15', shown(said))
            rows = rows.with_columns(
                end_wall=ends["wall"],
                end_offset_minutes=ends["offset_minutes"],
                reason=pl.when(said.is_not_null() & ends["wall"].is_null()).then(fault),
            )
        rows = in_schema(rows, EVENTS)
        if refused is not None and refused.height:
            rows = pl.concat([rows, in_schema(refused.with_columns(value_position=pl.lit(0)), EVENTS)])
        return Batch(VALUES.to_frame(), row_texts, events=rows)
