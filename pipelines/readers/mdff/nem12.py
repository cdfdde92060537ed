"""NEM12 and NEM13: interval and accumulation data of the Australian market, in the Meter Data File Format (MDFF).

Each 200 row opens a data stream and each 300 row holds one day of it: value p, counted from 1, belongs to the interval
that starts (p - 1) x interval length after midnight. Quality flags are kept verbatim; where 400 rows give them by
range they win over the 300 row's, the later row where two overlap, and values of a V row that no range covers keep V.

A day is loaded whole or refused whole. It is refused where the number of its values is not that of the 200 row's
interval length, where its line ends before the quality flag, or where its 400 rows end with the last interval of a day
of another length: then quality and values do not belong together. A file without its 900 row may be cut off: what
stands on complete lines is loaded, a line without a line end is refused, and a refused row tells of it.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from models.columns import ALLOWED_MINUTES
from pipelines.readers.batches import BATCH_VALUES, EVENTS, REGISTERS, VALUES, Batch, ParsedFile, in_schema
from pipelines.readers.mdff.nem13 import accumulation_data
from pipelines.readers.mdff.records import (
    LINES,
    STREAM,
    check_beginning,
    field,
    has_reason,
    in_context,
    last_stream_row,
    moment,
    read_blocks,
    refused_lines,
    stream,
    time_fault,
    words,
)
from pipelines.readers.options import ReadOptions, UnreadableFile

_MARKET_ZONE, _MARKET_OFFSET_MINUTES = "Australia/Brisbane", 600
_MARKET_ZONES = frozenset(
    f"Australia/{place}"
    for place in (
        "ACT", "Adelaide", "Brisbane", "Broken_Hill", "Canberra", "Currie", "Hobart", "Lindeman", "Melbourne", "NSW",
        "Queensland", "South", "Sydney", "Tasmania", "Victoria", "Yancowinna",
    )
)  # fmt: skip
_COUNTS = (48, 96, 144, 288)
_MOST_FIELDS = 1_500
_FLAG = r"^\s*[AEFNSVaefnsv][0-9]{0,2}\s*$"


def open_nem12(path: Path, options: ReadOptions) -> ParsedFile:
    """Read a NEM12 or NEM13 file; the kind of each line says which of the two it is.

    Times are in the market clock, UTC+10 without daylight saving, wherever in the market the meter is. For meters in
    a zone outside the market they are taken as that zone's standard time all year. Clock, label, unit and interval
    length are fixed by the format, so the options have no say in them.

    Args:
        path: File to read.
        options: Gives the zone, and the name of the file's only meter.

    Returns:
        The file's evidence and its content. `row_number` is the line and `label` its date or time field.
        `value_position` counts all that a line holds from 0: interval values or register reads (of a 250 row the
        previous one first), and then events, so that no two rows of the file share both numbers.

    Raises:
        UnreadableFile: The file is blank or does not begin with a line of the format; from the batches also: it holds
            no reads, a line is longer than 16 MiB, or several meters would become one.
        OSError: The file cannot be opened.
    """
    check_beginning(path)
    is_market = options.time_zone is None or options.time_zone in _MARKET_ZONES
    offset_minutes = _MARKET_OFFSET_MINUTES if is_market else None
    return ParsedFile(
        "nem12",
        partial(_batches, path, offset_minutes, options.meter_id),
        time_zone=_MARKET_ZONE,
        clock_code="standard",
        is_explicit=True,
    )


def _batches(path: Path, offset_minutes: int | None, meter_id: str | None) -> Iterator[Batch]:
    carried = LINES.to_frame()
    meters: set[str] = set()
    for lines in read_blocks(path):
        rows = in_context(lines, carried)
        streams = _streams(rows)
        days = _days(rows, streams)
        ranges = _ranges(rows, days)
        days = _counted(days, ranges)
        orders = _service_orders(rows, streams, days)
        basic = accumulation_data(rows)
        refused = pl.concat([refused_lines(rows), _refused_streams(streams)])
        values = _values(pl.concat([days, refused], how="diagonal").sort("row_number"), ranges)
        registers = pl.concat([_index_reads(orders), basic.registers], how="diagonal_relaxed")
        reasons = [_day_events(days), _range_events(ranges, days)]
        events = pl.concat([*reasons, orders, basic.events], how="diagonal_relaxed")
        batch = Batch(
            _finished(values, VALUES, offset_minutes, meter_id),
            partial(_texts, lines),
            _finished(registers, REGISTERS, offset_minutes, meter_id).sort("row_number", "value_position"),
            _finished(events, EVENTS, offset_minutes, meter_id).sort("row_number", "value_position"),
        )
        if meter_id is not None:
            meters |= {meter for frame in (values, registers, events) for meter in frame["meter_id"].unique() if meter}
            if len(meters) > 1:
                raise UnreadableFile("the file holds several meters and --meter-id names one; leave the option out")
        yield batch
        carried = last_stream_row(rows)


def _finished(frame: pl.DataFrame, schema: pl.Schema, offset_minutes: int | None, meter_id: str | None) -> pl.DataFrame:
    """The frame in its schema, on the clock, under the meter's name."""
    frame = in_schema(frame, schema)
    offset = pl.lit(offset_minutes, pl.Int32)
    frame = frame.with_columns(
        offset_minutes=offset, end_offset_minutes=pl.when(pl.col("end_wall").is_not_null()).then(offset)
    )
    if meter_id is None:
        return frame
    return frame.with_columns(meter_id=pl.when(pl.col("meter_id").is_not_null()).then(pl.lit(meter_id)))


def _texts(lines: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    texts = lines.select("row_number", "text")
    return rows.select("row_number").join(texts, on="row_number", how="left", maintain_order="left")["text"]


def _streams(rows: pl.DataFrame) -> pl.DataFrame:
    """Data streams that 200 rows open: `STREAM`, `register_code`, `minutes`, and the reason for refused rows."""
    found = rows.filter(pl.col("kind") == "200").with_columns(fields=pl.col("line").str.split(","))
    nmi, register, suffix, unit, length = (field(index) for index in (1, 3, 4, 7, 8))
    minutes = pl.when(length.str.contains(r"^[0-9]{1,4}$")).then(length).cast(pl.Int64)
    listed = ", ".join(str(allowed) for allowed in ALLOWED_MINUTES[:-1])
    fault = (
        pl.when(nmi == "")
        .then(pl.lit("the 200 row names no NMI"))
        .when(suffix == "")
        .then(pl.lit("the 200 row names no NMI suffix"))
        .when(~minutes.is_in(ALLOWED_MINUTES).fill_null(value=False))
        .then('interval length "' + length.str.slice(0, 60) + f'" is not {listed} or {ALLOWED_MINUTES[-1]} minutes')
    )
    return found.select(
        **stream(nmi, suffix, unit),
        stream="place",
        stream_row="row_number",
        is_carried="is_carried",
        register_code=pl.when(register != "").then(register).otherwise(suffix),
        minutes=minutes,
        stream_reason=pl.coalesce("fault", fault),
    )


def _refused_streams(streams: pl.DataFrame) -> pl.DataFrame:
    refused = streams.filter(pl.col("stream_reason").is_not_null() & ~pl.col("is_carried"))
    return refused.select(row_number="stream_row", reason="stream_reason")


def _below(rows: pl.DataFrame, streams: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Rows of a kind with the data stream that they belong to; `reason` where there is none."""
    found = rows.filter(pl.col("kind") == kind).join(streams, on="stream", how="left", maintain_order="left")
    fault = (
        pl.when(pl.col("stream_row").is_null())
        .then(pl.lit(f"the {kind} row stands below no 200 row"))
        .when(pl.col("stream_reason").is_not_null())
        .then(pl.format("the 200 row in line {}, to which the row belongs, is refused", "stream_row"))
    )
    return found.with_columns(reason=pl.coalesce("fault", fault))


def _days(rows: pl.DataFrame, streams: pl.DataFrame) -> pl.DataFrame:
    """300 rows with `label`, `midnight`, and `due`, the number of values that a day of the stream has."""
    days = _below(rows, streams, "300").with_columns(
        label=pl.col("line").str.splitn(",", 3).struct.field("field_1").str.strip_chars().fill_null(""),
        due=1440 // pl.col("minutes"),
    )
    is_date = pl.col("label").str.contains("^[0-9]{8}$")
    days = days.with_columns(midnight=pl.when(is_date).then(moment(pl.col("label"))))
    fault = pl.lit('date "') + pl.col("label").str.slice(0, 60) + '" cannot be read; write it like 20160312'
    return days.with_columns(reason=pl.coalesce("reason", pl.when(pl.col("midnight").is_null()).then(fault)))


def _ranges(rows: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """400 rows with the day that they belong to: `first`, `last`, `range_quality`, and the reason for refused rows."""
    above = days.select(*STREAM, "label", "midnight", "minutes", "due", day="place", day_row="row_number")
    found = rows.filter(pl.col("kind") == "400").join(above, on="day", how="left", maintain_order="left")
    found = found.with_columns(fields=pl.col("line").str.split(","))
    found = found.with_columns(
        *(
            pl.when(field(index).str.contains("^[0-9]{1,6}$")).then(field(index)).cast(pl.Int64).alias(name)
            for index, name in ((1, "first"), (2, "last"))
        ),
        range_quality=field(3),
        event_code=field(4),
        event_text=field(5),
    )
    first, last = pl.col("first"), pl.col("last")
    texts = [field(index).str.slice(0, 60) for index in (1, 2)]
    fault = (
        pl.when(pl.col("day_row").is_null())
        .then(pl.lit("the 400 row stands below no 300 row"))
        .when(first.is_null() | last.is_null())
        .then(pl.format('intervals "{}" to "{}" are not two numbers', *texts))
        .when(first > last)
        .then(pl.format("the range of intervals {} to {} ends before it starts", first, last))
        .when((first < 1) | (last > pl.col("due")))
        .then(pl.format("intervals {} to {} do not lie within the {} intervals of the day", first, last, "due"))
    )
    return found.with_columns(reason=pl.coalesce("fault", fault))


def _counted(days: pl.DataFrame, ranges: pl.DataFrame) -> pl.DataFrame:
    """Add `fields`, `value_count`, `quality` and `flag_at`, and refuse days whose values cannot be told apart.

    The quality flag stands after the last value, so where it is not in its place it tells how many values there are.
    """
    last = ranges.group_by("day").agg(last_interval=pl.col("last").max())
    days = days.join(last, left_on="place", right_on="day", how="left", maintain_order="left")
    is_split = pl.col("line").str.count_matches(",", literal=True) < _MOST_FIELDS
    days = days.with_columns(fields=pl.when(is_split).then("line").str.split(","))
    is_due = pl.col("fields").list.get(pl.col("due") + 2, null_on_oob=True).str.contains(_FLAG).fill_null(value=False)
    days = days.with_columns(is_due=is_due)
    days = days.join(_odd_counts(days), on="place", how="left", maintain_order="left").with_columns(
        value_count=pl.when("is_due").then("due").otherwise(pl.col("filled").fill_null(0)),
        flag_at=pl.when("is_due").then(pl.col("due") + 2).otherwise("flag_at"),
    )
    days = days.with_columns(quality=pl.col("fields").list.get(pl.col("flag_at"), null_on_oob=True).str.strip_chars())
    days = days.with_columns(reason=pl.coalesce("reason", _count_fault()))
    return days.with_columns(wall=pl.when(pl.col("reason").is_null()).then("midnight"))


def _odd_counts(days: pl.DataFrame) -> pl.DataFrame:
    """`filled`, the number of values, and `flag_at` of days that do not have their flag where it is due."""
    odd = days.filter(~pl.col("is_due")).select("place", field=pl.col("fields").list.slice(2)).explode("field")
    odd = odd.with_columns(at=pl.int_range(pl.len()).over("place"))
    text = pl.col("field").fill_null("")
    counts = odd.group_by("place").agg(
        flag=pl.col("at").filter(text.str.contains(_FLAG)).min(),
        filled=pl.col("at").filter(text.str.strip_chars() != "").max() + 1,
    )
    return counts.select("place", filled=pl.coalesce("flag", "filled"), flag_at=pl.col("flag") + 2)


def _count_fault() -> pl.Expr:
    due, count, last = pl.col("due"), pl.col("value_count"), pl.col("last_interval")
    is_variable = pl.col("quality").str.to_uppercase() == "V"
    return (
        pl.when(pl.col("fields").is_null())
        .then(pl.lit(f"the row has over {_MOST_FIELDS} fields, more than a day can have"))
        .when(count != due)
        .then(pl.format("the row holds {} values and a day of {}-minute intervals has {}", count, "minutes", due))
        .when(pl.col("flag_at").is_null())
        .then(pl.lit("the row ends before its quality flag, so it may be cut off; ask the sender for it again"))
        .when((last != due) & last.is_in(_COUNTS) & ((last > due) | is_variable))
        .then(
            pl.format(
                "the 400 rows end with interval {} and a day of {}-minute intervals has {}, so quality and values do "
                "not belong together; correct the interval length or the ranges", last, "minutes", due,
            )
        )
    )  # fmt: skip


def _values(table: pl.DataFrame, ranges: pl.DataFrame) -> pl.DataFrame:
    """One row per value of the days and refused lines, in file order; one for a line whose values are unknown."""
    counts = table["value_count"].fill_null(0).to_numpy()
    counts = np.maximum(counts, 1)
    starts = np.cumsum(counts) - counts
    rows = pl.Series(np.repeat(np.arange(len(counts), dtype=np.uint32), counts))
    columns = ["row_number", *STREAM, "label", "wall", "minutes", "quality", "reason"]
    values = table.select(pl.col(columns).gather(rows))
    values = values.with_columns(
        table.select(value=pl.col("fields").list.slice(2, pl.col("value_count")).explode(empty_as_null=True))["value"],
        value_position=pl.Series(np.arange(values.height) - np.repeat(starts, counts)),
    )
    since_midnight = pl.duration(minutes=pl.col("value_position") * pl.col("minutes"))
    values = values.with_columns(wall=pl.col("wall") + since_midnight)
    days = pl.DataFrame({"day": table["place"], "start": starts, "day_reason": table["reason"]})
    found = ranges.filter(pl.col("reason").is_null() & (pl.col("range_quality") != ""))
    found = found.join(days, on="day", maintain_order="left").filter(pl.col("day_reason").is_null())
    return _with_range_qualities(values, found) if found.height else values


def _with_range_qualities(values: pl.DataFrame, ranges: pl.DataFrame) -> pl.DataFrame:
    """Put the quality of each range in place; of overlapping ranges the later one wins."""
    first = (ranges["start"] + ranges["first"] - 1).to_numpy()
    lengths = (ranges["last"] - ranges["first"] + 1).to_numpy()
    source = np.full(values.height, -1, np.int64)
    portions = np.cumsum(lengths) // BATCH_VALUES
    for portion in np.unique(portions):
        chosen = np.flatnonzero(portions == portion)
        size = lengths[chosen]
        steps = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        source[np.repeat(first[chosen], size) + steps] = np.repeat(chosen, size)
    places = np.flatnonzero(source >= 0)
    qualities = ranges["range_quality"].gather(source[places])
    return values.with_columns(values["quality"].scatter(places, qualities))


def _day_events(days: pl.DataFrame) -> pl.DataFrame:
    """Reasons that 300 rows give for the whole day."""
    code, text = (
        pl.col("fields").list.get(pl.col("flag_at") + step, null_on_oob=True).str.strip_chars().fill_null("")
        for step in (1, 2)
    )
    found = days.filter(pl.col("flag_at").is_not_null()).with_columns(event_code=code, event_text=text)
    found = found.filter(has_reason(pl.col("event_code"), pl.col("event_text")))
    return found.select(
        "row_number", "meter_id", "label", "wall", "reason",
        value_position=pl.max_horizontal("value_count", 1),
        end_wall=pl.col("wall").dt.offset_by("1d"),
        event_code=words(pl.col("event_code")),
        event_text=words(pl.col("event_text")),
    )  # fmt: skip


def _range_events(ranges: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Reasons that 400 rows give, and 400 rows that cannot be."""
    found = ranges.filter(pl.col("reason").is_not_null() | has_reason(pl.col("event_code"), pl.col("event_text")))
    reasons = days.select(day="place", day_reason="reason")
    found = found.join(reasons, on="day", how="left", maintain_order="left")
    fault = pl.when(pl.col("day_reason").is_not_null()).then(
        pl.format("the 300 row in line {}, to which the row belongs, is refused", "day_row")
    )
    found = found.with_columns(reason=pl.coalesce("reason", fault))
    midnight = pl.when(pl.col("reason").is_null()).then("midnight")
    return found.select(
        "row_number", "meter_id", "label", "reason",
        value_position=0,
        wall=midnight + pl.duration(minutes=(pl.col("first") - 1) * pl.col("minutes")),
        end_wall=midnight + pl.duration(minutes=pl.col("last") * pl.col("minutes")),
        event_code=words(pl.col("event_code")),
        event_text=words(pl.col("event_text")),
    )  # fmt: skip


def _service_orders(rows: pl.DataFrame, streams: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """500 rows as events at their read time; without one, on the day of the 300 row above."""
    above = days.select("midnight", day="place", day_label="label")
    found = _below(rows, streams, "500").join(above, on="day", how="left", maintain_order="left")
    found = found.with_columns(fields=pl.col("line").str.split(","))
    time = field(3)
    fault = (
        pl.when((time != "") & moment(time).is_null())
        .then(time_fault(time))
        .when((time == "") & pl.col("midnight").is_null())
        .then(pl.lit("the 500 row states no read time and stands below no 300 row with a date"))
    )
    found = found.with_columns(
        value_position=pl.lit(1),
        read_at=moment(time),
        index_read=field(4),
        label=pl.when(time != "").then(time).otherwise("day_label"),
        event_code=words(field(1)),
        event_text=words(field(2)),
        reason=pl.coalesce("reason", fault),
    )
    is_fine, has_time = pl.col("reason").is_null(), pl.col("read_at").is_not_null()
    return found.with_columns(
        wall=pl.when(is_fine).then(pl.coalesce("read_at", "midnight")),
        end_wall=pl.when(is_fine & ~has_time).then(pl.col("midnight").dt.offset_by("1d")),
    )


def _index_reads(orders: pl.DataFrame) -> pl.DataFrame:
    """Index reads of 500 rows, in the unit of the data stream."""
    found = orders.filter(pl.col("index_read") != "")
    fault = pl.when(pl.col("read_at").is_null()).then(pl.lit("the index read has no read time"))
    return found.select(
        "row_number", *STREAM, "label", "register_code",
        value_position=pl.lit(0),
        wall=pl.when(pl.col("reason").is_null()).then("read_at"),
        reason=pl.coalesce("reason", fault),
        value="index_read",
        quality=pl.lit(""),
    )  # fmt: skip
