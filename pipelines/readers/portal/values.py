"""Lines below one heading of a portal's download as rows of `batches.VALUES`."""

import polars as pl

from models.columns import ALLOWED_MINUTES
from pipelines.readers.batches import VALUES, in_schema
from pipelines.readers.options import WH_POWERS, UnreadableFile
from pipelines.readers.portal.sections import Table, fields
from pipelines.readers.shown import shown
from pipelines.readers.tables.columns import Layout, ValueColumn
from pipelines.readers.tables.labels import offset_minutes, parse_labels

_DATE = (
    r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?:\d{2})?|(?:19|20)\d{6}"
    r"|\d{1,2}[- ][A-Za-z]{3}[- ]\d{4})(?:\D|$)"
)
_DAY_MINUTES = 1440
_PERIOD = r"^(.*?)\s+(?:to|-|–)\s+(.*)$"
_GAS_UNITS = ("therm", "therms", "ccf", "mcf")
_MINUTE_WORDS = r"(?i)^(\d{1,5})\s*(?:m|min|mins|minutes?|minute\(s\))?\.?$"
_HOUR_WORDS = r"(?i)^(\d{0,3})\s*(?:h|hr|hrs|hours?|hourly)$"
_DAY_WORDS = r"(?i)^(\d{0,3})\s*(?:days?|daily)$"
_CLOCK_WORDS = r"^(\d{1,2}):(\d{2})(?::00)?$"

NOT_A_READ = (
    "the line is neither a read nor a known heading or note; its text is not kept, since it may name the customer"
)
_NET = "net energy is delivered less received energy and no read of either; download the two directions"
_GAS = "gas is not read; the warehouse holds electric energy"


def portal_values(lines: pl.DataFrame, table: Table, delimiter: str, unit: str | None) -> pl.DataFrame:
    """Turn the lines below a heading into values.

    Intervals have their start and end, or a length, by whatever the table has: a period in one cell, two full labels,
    a date and two times of day, or a start and a duration. An end that is the last minute of its interval (00:14,
    23:59) becomes the bound. Text of a line that bears no date where one belongs is not taken over, since it may be
    about the customer.

    Args:
        lines: `row_number`, `text`, and `meter_id` and `unit` by the notes above.
        table: Meaning of the columns.
        delimiter: The file's delimiter.
        unit: Unit of values for which the file states none.

    Returns:
        Columns of `batches.VALUES`: a line that cannot be split into cells gives one row with a reason, any other one
        per value.

    Raises:
        UnreadableFile: Neither the file nor the caller states the unit.
    """
    layout = table.layout
    cells = _cells(lines, table, delimiter)
    rows = _with_times(cells, table).with_columns(
        meter_id=_meter(layout),
        quality=_cell(layout.quality),
        minutes=_minutes(_cell(table.duration)),
    )
    rows = rows.with_columns(reason=pl.coalesce(_kind_fault(table), _time_fault(table)))
    is_whole = pl.col("line_reason").is_null()
    whole = rows.filter(is_whole)
    broken = rows.filter(~is_whole).select("row_number", "meter_id", value_position=0, reason="line_reason")
    parts = [_value_rows(whole, table, position, value, unit) for position, value in enumerate(layout.values)]
    return pl.concat([*parts, in_schema(broken, VALUES)])


def _cell(index: int | None) -> pl.Expr:
    """Text of a cell without quotation marks and spaces around it; empty where the line or the table has none."""
    if index is None:
        return pl.lit("")
    raw = pl.col("fields").list.get(index, null_on_oob=True).str.slice(1)
    return raw.str.strip_chars().str.strip_chars('"').str.strip_chars().fill_null("")


def _cells(lines: pl.DataFrame, table: Table, delimiter: str) -> pl.DataFrame:
    """The lines with their `fields`, whether they bear a date (`is_dated`), and why they cannot be split."""
    layout = table.layout
    first = next(index for index in (layout.start, layout.end, layout.date) if index is not None)
    is_open = pl.col("text").str.count_matches('"', literal=True) % 2 == 1
    text = pl.when(is_open).then(pl.col("text").str.replace_all('"', "", literal=True)).otherwise("text")
    split = lines.with_columns(fields=(pl.lit(delimiter) + text).str.extract_all(fields(delimiter)))
    split = split.with_columns(is_dated=_cell(first).str.contains(_DATE))
    count = pl.col("fields").list.len()
    beyond = pl.col("fields").list.slice(table.width).list.join("").str.strip_chars(f' "{delimiter}\r')
    is_ragged = (count < table.reach) | (beyond != "")
    fault = (
        pl.when(~pl.col("is_dated"))
        .then(pl.lit(NOT_A_READ))
        .when(is_open)
        .then(pl.lit("the line has a quotation mark that does not close"))
        .when(is_ragged)
        .then(pl.format("the line has {} fields and the heading {}", count, pl.lit(table.width)))
    )
    return split.with_columns(line_reason=fault)


def _meter(layout: Layout) -> pl.Expr:
    meter = _cell(layout.meter)
    return pl.when((meter != "") & pl.col("line_reason").is_null()).then(meter).otherwise("meter_id")


def _with_times(cells: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Add `label`, `wall`, `offset_minutes`, `end_text`, `end_wall` and `end_offset_minutes`."""
    layout = table.layout
    label, end = _cell(layout.end if layout.start is None else layout.start), _cell(layout.end)
    start = label
    if table.is_period:
        bounds = label.str.extract_groups(_PERIOD).struct
        start, end = bounds.field("1"), bounds.field("2")
    elif layout.date is not None:
        label = start = pl.concat_str(_cell(layout.date), _cell(layout.time), separator=" ")
        end_time = _cell(table.end_time)
        end = pl.when(end_time != "").then(pl.concat_str(_cell(layout.date), end_time, separator=" "))
    has_end = table.is_period or table.end_time is not None or (layout.start is not None and layout.end is not None)
    texts = cells.select(label=label, start=start, end_text=end if has_end else pl.lit(None, pl.String))
    starts = parse_labels(texts["start"])
    ends = parse_labels(texts["end_text"])
    stated = pl.Series([None], dtype=pl.Int32).new_from_index(0, cells.height)
    if layout.zone is not None:
        zones = cells.select(zone=_cell(layout.zone), flag=_cell(layout.dst))
        stated = offset_minutes(zones["zone"], zones["flag"])
    times = texts.select("label", "end_text").with_columns(
        wall=starts["wall"],
        offset_minutes=starts["offset_minutes"].zip_with(starts["offset_minutes"].is_not_null(), stated),
        end_wall=ends["wall"],
        end_offset_minutes=ends["offset_minutes"].zip_with(ends["offset_minutes"].is_not_null(), stated),
    )
    moved = _moved_end(can_pass_midnight=table.end_time is not None)
    return cells.with_columns(times.with_columns(end_wall=moved))


def _moved_end(*, can_pass_midnight: bool) -> pl.Expr:
    """The end of the interval where the file writes its last minute, or a time of day on the next day."""
    end = pl.col("end_wall")
    if can_pass_midnight:
        is_midnight = pl.col("wall").dt.truncate("1d") == pl.col("wall")
        length = (end - pl.col("wall")).dt.total_minutes()
        follows = length + _DAY_MINUTES
        is_next_day = ((length < 0) | ((length == 0) & is_midnight)) & (
            follows.is_in(ALLOWED_MINUTES) | (follows + 1).is_in(ALLOWED_MINUTES)
        )
        end = pl.when(is_next_day).then(end.dt.offset_by("1d")).otherwise(end)
    length = (end - pl.col("wall")).dt.total_minutes()
    is_last_minute = (length + 1).is_in(ALLOWED_MINUTES) & ~length.is_in(ALLOWED_MINUTES)
    return pl.when(is_last_minute).then(end.dt.offset_by("1m")).otherwise(end)


def _minutes(duration: pl.Expr) -> pl.Expr:
    """Length that a duration states: 15, 15 Minutes, Hour, 01:00:00, Day; null where it is none of these."""

    def number(pattern: str, group: int = 1) -> pl.Expr:
        return duration.str.extract(pattern, group).replace("", "1").cast(pl.Int64, strict=False)

    return pl.coalesce(
        number(_MINUTE_WORDS),
        60 * number(_HOUR_WORDS),
        _DAY_MINUTES * number(_DAY_WORDS),
        60 * number(_CLOCK_WORDS) + number(_CLOCK_WORDS, 2),
    )


def _kind_fault(table: Table) -> pl.Expr:
    kind = _cell(table.kind).str.to_lowercase()
    return (
        pl.when(kind.str.contains("gas") | pl.lit(table.is_gas))
        .then(pl.lit(_GAS))
        .when((kind != "") & ~kind.str.contains("electric"))
        .then(pl.format('type "{}" is not electric usage', shown(_cell(table.kind))))
        .when(pl.lit(table.is_net))
        .then(pl.lit(_NET))
    )


def _time_fault(table: Table) -> pl.Expr:
    is_untimed = _cell(table.layout.time) == "" if table.layout.time is not None else pl.lit(value=False)
    duration = _cell(table.duration)
    return (
        pl.when(pl.col("wall").is_null() | is_untimed)
        .then(pl.format('time label "{}" cannot be read; write it like 2016-03-12 00:15', shown(pl.col("label"))))
        .when(pl.col("end_wall").is_null() & (pl.col("end_text").str.strip_chars() != ""))
        .then(
            pl.format(
                'the end "{}" of the interval cannot be read; write it like 2016-03-12 00:15', shown(pl.col("end_text"))
            )
        )
        .when(pl.col("minutes").is_null() & (duration != ""))
        .then(pl.format('duration "{}" cannot be read; write it in minutes', shown(duration)))
    )


def _value_rows(
    rows: pl.DataFrame, table: Table, position: int, value: ValueColumn, default_unit: str | None
) -> pl.DataFrame:
    """The rows of one value column."""
    cell = _cell(table.layout.unit)
    of_column, of_table, default = (pl.lit(unit, pl.String) for unit in (value.unit, table.unit, default_unit))
    unit = pl.coalesce(pl.when(cell != "").then(cell), of_column, "unit", of_table, default)
    rows = rows.with_columns(value=_cell(value.index), unit=unit.str.to_lowercase())
    if rows.select((pl.col("unit").is_null() & pl.col("reason").is_null()).any()).item():
        raise UnreadableFile("the download does not state the unit of its energies; give --unit kwh, wh or mwh")
    power = pl.col("unit").replace_strict(WH_POWERS, default=None, return_dtype=pl.Int16)
    fault = (
        pl.when(pl.col("unit").is_in(_GAS_UNITS))
        .then(pl.lit(_GAS))
        .when(power.is_null())
        .then(pl.format('unit "{}" is not one of {}', shown(pl.col("unit")), pl.lit(", ".join(WH_POWERS))))
    )
    rows = rows.with_columns(value_position=pl.lit(position), power_of_ten=power, reason=pl.coalesce("reason", fault))
    channel = pl.when(pl.col("reason").is_null()).then(pl.lit(value.channel_code))
    return in_schema(rows.with_columns(channel_code=channel), VALUES)
