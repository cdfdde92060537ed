"""From a table with a header (CSV or Parquet) to the frame of values that `normalise` takes.

Long tables hold one read per row and channel. Wide tables hold one row per meter and day (and channel), with one
column per interval. The columns of a wide table are wall-clock columns:

* Spring, local clock: the columns of the hour that does not exist must be blank; a value there is refused.
* Autumn, local clock: the repeated hour has one value per column, and that is its first occurrence, in daylight
  time. The second occurrence has no place in 24 hours of columns and is not in the file.
* Columns past 24:00 (2415 to 2500 of an end-labelled day, v97 to v100) are refused where they hold a value, since
  feeds disagree on what they mean.

Tables that need all 25 hours are long, or wide on the clock utc or standard.
"""

import re

import polars as pl

from models.tables.base import CHANNELS
from pipelines.readers.batches import VALUES, in_schema
from pipelines.readers.options import WH_POWERS, ReadOptions, UnreadableFile
from pipelines.readers.shown import shown
from pipelines.readers.tables.columns import Layout, ValueColumn
from pipelines.readers.tables.labels import flagged_offset_minutes, offset_minutes, parse_dates, parse_labels
from pipelines.readers.times.placing import is_blank_value

CHANNEL_WORDS = {
    "delivered": "delivered", "del": "delivered", "d": "delivered", "import": "delivered", "imp": "delivered",
    "forward": "delivered", "consumption": "delivered", "1": "delivered",
    "received": "received", "rec": "received", "r": "received", "export": "received", "exp": "received",
    "reverse": "received", "19": "received",
}  # fmt: skip
_CHANNEL = pl.Enum(CHANNELS)


def table_values(frame: pl.DataFrame, layout: Layout, names: list[str], options: ReadOptions) -> pl.DataFrame:
    """Turn a table into one row per value.

    Args:
        frame: `row_number` and the table's columns as c0, c1 and so on: text, or typed as Parquet has them.
        layout: Meaning of the columns.
        names: Column names as in the file, for messages.
        options: Gives the meter and the unit where the table does not.

    Returns:
        A frame with the columns of `normalise.VALUES`; a row that cannot be read has a `reason`.

    Raises:
        UnreadableFile: No column and no option gives the meter or the unit.
    """
    keys = frame.select(
        "row_number",
        meter_id=meter_of(frame, layout.meter, options),
        quality=as_text(frame, layout.quality) if layout.quality is not None else pl.lit(None, pl.String),
    )
    if layout.channel is not None:
        word = as_text(frame, layout.channel)
        code = word.str.strip_chars().str.to_lowercase().replace_strict(CHANNEL_WORDS, default=None)
        is_known = code.is_not_null()
        fault = pl.lit('channel "') + shown(word) + '" is not delivered or received'
        keys = keys.with_columns(
            frame.select(channel_code=code.cast(_CHANNEL), reason=pl.when(~is_known).then(fault)).get_columns()
        )
    else:
        no_channel = pl.lit(None, pl.String)
        keys = keys.with_columns(channel_code=no_channel.cast(_CHANNEL), reason=no_channel)
    values = _wide(frame, layout, names, options, keys) if layout.slots else _long(frame, layout, names, options, keys)
    return in_schema(values, VALUES)


def is_explicit(layout: Layout, options: ReadOptions) -> bool:
    """True where each row states an instant and a length, and a channel cannot be absent: no row needs the others."""
    is_long = not layout.slots and layout.minutes is not None and len(layout.values) == 1
    return is_long and (options.clock_code or layout.clock_code) == "utc"


def is_label_known(layout: Layout, names: list[str]) -> bool:
    """True where the columns' names say whether labels name starts or ends."""
    if layout.slots:
        return True
    index = next(i for i in (layout.start, layout.end, layout.time, layout.date) if i is not None)
    return re.search("start|begin|end", names[index].lower()) is not None


def as_text(frame: pl.DataFrame, index: int) -> pl.Expr:
    """A column of a table as text."""
    name = f"c{index}"
    return pl.col(name) if frame.schema[name] == pl.String else pl.col(name).cast(pl.String)


def check_single_meter(frame: pl.DataFrame, column: int | None, options: ReadOptions, seen: set[str]) -> None:
    """Make sure that a file whose meter is named by the caller holds one meter.

    Args:
        frame: A piece of the table, as `table_values` takes it.
        column: Position of the meter column, if any.
        options: Names the meter, or not.
        seen: Meters of the pieces before; those of this piece are added.

    Raises:
        UnreadableFile: The file holds several meters, which would become one.
    """
    if options.meter_id is None or column is None:
        return
    meter = as_text(frame, column).str.strip_chars().replace("", None)
    seen.update(frame.select(meter.drop_nulls().unique()).to_series().to_list())
    if len(seen) > 1:
        raise UnreadableFile(f"the file holds {len(seen)} meters and --meter-id names one; leave the option out")


def meter_of(frame: pl.DataFrame, column: int | None, options: ReadOptions) -> pl.Expr:
    """The meter of each row, null where the cell is blank.

    Raises:
        UnreadableFile: There is no column and the caller names no meter.
    """
    if options.meter_id is not None:
        return pl.lit(options.meter_id)
    if column is None:
        raise UnreadableFile("the file has no meter column; name its only meter with --meter-id")
    meter = as_text(frame, column).str.strip_chars()
    return pl.when(meter != "").then(meter)


def _power(
    frame: pl.DataFrame, layout: Layout, column_unit: str | None, column_name: str, options: ReadOptions
) -> pl.DataFrame:
    """`power_of_ten` that turns each row's numbers into watt-hours, and `unit_reason` where its unit is no energy."""
    unit = column_unit or options.unit
    if column_unit is None and layout.unit is not None:
        words = frame.select(unit=as_text(frame, layout.unit).str.strip_chars().str.to_lowercase().replace("", unit))
        distinct = words["unit"].unique()
        powers = pl.Series([WH_POWERS.get(word or "") for word in distinct.to_list()], dtype=pl.Int16)
        power = words["unit"].replace_strict(distinct, powers, default=None, return_dtype=pl.Int16)
        fault = pl.format('unit "{}" is not one of {}', shown(pl.col("unit")), pl.lit(", ".join(WH_POWERS)))
        return words.select(power.alias("power_of_ten"), unit_reason=pl.when(power.is_null()).then(fault))
    if unit is None:
        raise UnreadableFile(f'the unit of column "{column_name}" is not in its name; give --unit kwh, wh or mwh')
    if unit.lower() not in WH_POWERS:
        raise UnreadableFile(f'unit "{unit}" is not one of {", ".join(WH_POWERS)}')
    return frame.select(power_of_ten=pl.lit(WH_POWERS[unit.lower()], pl.Int16), unit_reason=pl.lit(None, pl.String))


def _long(
    frame: pl.DataFrame, layout: Layout, names: list[str], options: ReadOptions, keys: pl.DataFrame
) -> pl.DataFrame:
    keys = keys.with_columns(_label_columns(frame, layout))
    label_fault = pl.lit('time label "') + shown(pl.col("label")) + '" cannot be read; write it like 2016-03-12 00:15'
    keys = keys.with_columns(reason=pl.coalesce("reason", pl.when(pl.col("wall").is_null()).then(label_fault)))
    keys = _with_stated_offsets(keys, frame, layout, options)
    if layout.minutes is not None:
        text = as_text(frame, layout.minutes).str.strip_chars()
        minutes = frame.select(text=text, minutes=text.cast(pl.Float64, strict=False))
        is_whole = (minutes["minutes"] % 1 == 0) & (minutes["minutes"].abs() < 1e6)
        is_bad = ~is_whole.fill_null(value=False) & (minutes["text"].fill_null("") != "")
        fault = pl.lit('interval length "') + shown(minutes["text"]) + '" is not a whole number of minutes'
        keys = keys.with_columns(
            minutes=minutes.select(pl.when(is_whole).then("minutes").cast(pl.Int64)).to_series(),
            reason=pl.coalesce("reason", pl.when(is_bad).then(fault)),
        )
    else:
        keys = keys.with_columns(minutes=pl.lit(None, pl.Int64))
    if layout.end is not None and layout.start is not None and layout.minutes is None:
        ends = parsed_labels(frame[f"c{layout.end}"])
        keys = keys.with_columns(end_wall=ends["wall"], end_offset_minutes=ends["offset_minutes"])
    else:
        keys = keys.with_columns(end_wall=pl.lit(None, pl.Datetime("us")), end_offset_minutes=pl.lit(None, pl.Int32))
    parts = [
        _value_rows(frame, layout, names, options, keys, position, column)
        for position, column in enumerate(layout.values)
    ]
    return pl.concat(parts) if len(parts) > 1 else parts[0]


def _with_stated_offsets(keys: pl.DataFrame, frame: pl.DataFrame, layout: Layout, options: ReadOptions) -> pl.DataFrame:
    """Offsets out of the columns of the zone and of the daylight saving flag, where labels state none themselves."""
    zone_name = options.time_zone or options.default_time_zone
    flag = None if layout.dst is None else frame.select(as_text(frame, layout.dst)).to_series()
    if layout.zone is not None:
        said, what = frame.select(as_text(frame, layout.zone).replace(zone_name, None)).to_series(), "time zone"
        offset = offset_minutes(said, flag)
    elif flag is not None:
        # A flag alone is about the zone's own daylight saving time, an hour ahead of its standard time.
        said, what = flag, "daylight saving flag"
        offset = flagged_offset_minutes(flag, keys["wall"], zone_name)
    else:
        return keys
    is_unknown = offset.is_null() & ~is_blank_value(said)
    unknown = f'{what} "{{}}" is not understood; write the UTC offset like -08:00, or give --time-zone'
    return keys.with_columns(
        offset_minutes=pl.coalesce("offset_minutes", offset),
        reason=pl.coalesce(
            "reason", pl.when(is_unknown & pl.col("offset_minutes").is_null()).then(pl.format(unknown, shown(said)))
        ),
    )


def _value_rows(
    frame: pl.DataFrame, layout: Layout, names: list[str], options: ReadOptions, keys: pl.DataFrame, position: int,
    column: ValueColumn,
) -> pl.DataFrame:  # fmt: skip
    """The rows of one value column."""
    units = _power(frame, layout, column.unit, names[column.index], options)
    rows = keys.with_columns(
        frame.select(value=as_text(frame, column.index)).to_series(),
        value_position=pl.lit(position, VALUES["value_position"]),
        power_of_ten=_column(units, "power_of_ten"),
    )
    if units["unit_reason"].null_count() < units.height:
        rows = rows.with_columns(reason=pl.coalesce("reason", units["unit_reason"]))
    if layout.channel is None or len(layout.values) > 1:
        rows = rows.with_columns(channel_code=pl.lit(column.channel_code, _CHANNEL))
    return in_schema(rows, VALUES)


def _column(units: pl.DataFrame, name: str) -> pl.Expr:
    """A column of one or of all rows."""
    return pl.lit(units[name][0], units.schema[name]) if units.height == 1 else pl.lit(units[name])


def _label_columns(frame: pl.DataFrame, layout: Layout) -> list[pl.Series]:
    """`label`, `wall` and `offset_minutes` of a long table's reads."""
    index = next((i for i in (layout.start, layout.end) if i is not None), None)
    if index is not None:
        return parsed_labels(frame[f"c{index}"]).get_columns()
    if layout.date is None or layout.time is None:
        raise ValueError("a long layout has a start, an end, or a date and a time")
    joined = frame.select(pl.concat_str(as_text(frame, layout.date), as_text(frame, layout.time), separator=" "))
    return parsed_labels(joined.to_series()).get_columns()


def parsed_labels(column: pl.Series) -> pl.DataFrame:
    """Read a column of time labels.

    Args:
        column: Text, timestamps or dates.

    Returns:
        `label`, `wall` and `offset_minutes` as in `labels.parse_labels`, in order.
    """
    kind = column.dtype
    if kind == pl.Date:
        return parsed_labels(column.cast(pl.Datetime("us")))
    if isinstance(kind, pl.Datetime):
        return _typed(column.alias("label"), kind)
    column = column.cast(pl.String).alias("label")
    # Finding the distinct labels pays only where they repeat over many meters; a few of them tell.
    probe = column.drop_nulls().gather_every(max(1, len(column) // 5))
    if column.is_in(probe.implode()).sum() <= 2 * len(probe):
        return parse_labels(column)
    distinct = column.drop_nulls().unique()
    return column.to_frame().join(parse_labels(distinct), on="label", how="left", maintain_order="left")


def _typed(column: pl.Series, kind: pl.Datetime) -> pl.DataFrame:
    """`_parsed` of timestamps; one with a time zone is an instant, written with a Z."""
    distinct = column.drop_nulls().unique()
    suffix, offset = ("", None) if kind.time_zone is None else ("Z", 0)
    wall = distinct if kind.time_zone is None else distinct.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    table = pl.DataFrame({"label": distinct, "wall": wall.dt.cast_time_unit("us")}).with_columns(
        text=pl.col("wall").dt.strftime(f"%Y-%m-%d %H:%M:%S{suffix}"), offset_minutes=pl.lit(offset, pl.Int32)
    )
    joined = column.to_frame().join(table, on="label", how="left", maintain_order="left")
    return joined.select("wall", "offset_minutes", label="text")


def _wide(
    frame: pl.DataFrame, layout: Layout, names: list[str], options: ReadOptions, keys: pl.DataFrame
) -> pl.DataFrame:
    if layout.date is None or layout.slot_minutes is None:
        raise UnreadableFile("a table with one column per interval needs a date column")
    units = _power(frame, layout, layout.slot_unit, layout.slots[0].name, options)
    date = frame.select(label=as_text(frame, layout.date)).to_series()
    days = date.to_frame().join(parse_dates(date.drop_nulls().unique()), on="label", how="left", maintain_order="left")
    day_fault = pl.lit('date "') + shown(pl.col("label")) + '" cannot be read; write it like 2016-03-12'
    keys = keys.with_columns(days).with_columns(
        power_of_ten=_column(units, "power_of_ten"),
        reason=pl.coalesce("reason", _column(units, "unit_reason"), pl.when(pl.col("day").is_null()).then(day_fault)),
        channel_code=pl.col("channel_code").fill_null("delivered")
        if layout.channel is None
        else pl.col("channel_code"),
    )
    last = 1440 if layout.label_code == "end" else 1440 - layout.slot_minutes
    slots = pl.DataFrame(
        {
            "column": [f"c{slot.index}" for slot in layout.slots],
            "value_position": pl.Series(range(len(layout.slots)), dtype=VALUES["value_position"]),
            "slot": [slot.name for slot in layout.slots],
            "minute": [slot.minute for slot in layout.slots],
        }
    )
    texts = frame.select(as_text(frame, slot.index).alias(f"c{slot.index}") for slot in layout.slots)
    wide = pl.concat([keys, texts], how="horizontal")
    rows = wide.unpivot(on=texts.columns, index=keys.columns, variable_name="column", value_name="value")
    rows = rows.join(slots, on="column", how="left", maintain_order="left")
    is_extra = pl.col("minute") > last
    is_blank = pl.col("value").fill_null("").str.strip_chars() == ""
    extra_fault = (
        pl.lit('column "') + shown(pl.col("slot")) + '" lies past 24:00 and feeds disagree on its meaning; send the '
        "25-hour day as one line per read, or in UTC"
    )
    return (
        rows.filter(~(is_extra & is_blank))
        .sort("row_number", "value_position", maintain_order=True)
        .with_columns(
            label=shown(pl.col("label")) + " " + shown(pl.col("slot")),
            wall=pl.col("day").cast(pl.Datetime("us")) + pl.duration(minutes=pl.col("minute")),
            offset_minutes=pl.lit(None, pl.Int32),
            minutes=pl.lit(layout.slot_minutes, pl.Int64),
            end_wall=pl.lit(None, pl.Datetime("us")),
            end_offset_minutes=pl.lit(None, pl.Int32),
            reason=pl.coalesce("reason", pl.when(is_extra).then(extra_fault)),
        )
    )
