"""Records of a CMEP file: what holds for all values of a record, and which records are refused.

The layout is that of the California Metering Exchange Protocol (version 1.20): 14 head fields, the last of them the
count n, then n triples of time stamp, data quality flag and value. As the protocol has it, white space around a field
means nothing, a field with a comma in it stands between quotation marks, and the triples may be followed by an empty
field or a checksum, which is not verified.
"""

import polars as pl

from models.tables.base import CHANNELS
from pipelines.readers.options import ReadOptions

HEAD = (
    "type", "version", "sender", "sender_customer", "receiver", "receiver_customer", "created", "meter_id", "purpose",
    "commodity", "units", "constant", "interval", "count",
)  # fmt: skip
"""Fields of a record before its triples."""

ENERGY_UNITS = {"WH": ("delivered", 0), "KWH": ("delivered", 3), "MWH": ("delivered", 6), "GKWH": ("received", 3)}
"""Units of active energy of a meter's main channel: its direction, and the power of ten to watt-hours.

In the protocol the unit tells the direction: KWH is "kilowatt hours used", GKWH "kilowatt hours received from
customer". WH and MWH are what some senders write in place of KWH. A register's unit has REG behind it. Every other unit
is a quantity of its own: reactive and apparent energy, demand, voltage, pulses, and the net (NKWH) and the sum (SKWH)
of both directions, which some senders add. The meter id says nothing about the channel.
"""

_NOT_READS = ("SUMMARY", "PROFILE", "TEMPLATE", "REJECT")
"""Purposes of values that are no reads of a meter: totals, load profiles, data sent back to its sender."""

_REGISTER_SUFFIX = "REG"
_NO_INTERVAL = ("", "00000000")
_STAMP_DIGITS = 12
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?$"
_BLANK_OR_CHECKSUM = r"^[\s,]*(H[0-9A-Fa-f]{4})?$"
_RECORD_TYPE = r'^"?MEPMD01"?[ \t]*(,|$)'
_QUOTED_WHOLE = r'^("[^",]*"|[^",]*)(,("[^",]*"|[^",]*))*$'
_INNER_COMMA = "\0"
"""Stands for a comma between quotation marks while a line is split; a file that holds this character is not read."""


def read_records(lines: pl.DataFrame, options: ReadOptions) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tell records apart and say what holds for all values of each.

    Args:
        lines: `row_number` and `line` of lines that are not blank, without white space at their ends.
        options: Gives the meter, and the interval length where the file states none.

    Returns:
        Records whose values can be told apart: `row_number`, the columns of `HEAD` verbatim, `triples` (list of
        texts, three for each value), `value_count`, `is_register`, `meter`, `channel_code`, `unit_code`,
        `power_of_ten`, `minutes` (the interval as a fixed length, null where there is none) and `reason`, which refuses
        all of a record's values. And the other lines: `row_number`, `line`, `reason`.
    """
    is_record = lines["line"].str.contains(_RECORD_TYPE)
    others = [lines.filter(~is_record).select("row_number", "line", reason=_type_fault())]
    lines = lines.filter(is_record)
    records = pl.concat([lines, _split(lines["line"])], how="horizontal")
    records = records.with_columns(
        value_count=pl.col("count").str.extract("^([0-9]{1,7})$").cast(pl.Int64),
        width=pl.sum_horizontal(pl.col(*HEAD).is_not_null()).cast(pl.Int64)
        + pl.col("triples").list.len().cast(pl.Int64).fill_null(0),
    )
    records = records.with_columns(reason=_structure_fault())
    if records["reason"].null_count() < records.height:
        others.append(records.filter(pl.col("reason").is_not_null()).select("row_number", "line", "reason"))
        records = records.filter(pl.col("reason").is_null())
    if (records["width"] != len(HEAD) + 3 * records["value_count"]).any():
        records = records.with_columns(pl.col("triples").list.head(3 * pl.col("value_count")))
    records = _with_minutes(_with_units(records), options)
    meter = pl.col("meter_id").replace("", None) if options.meter_id is None else pl.lit(options.meter_id)
    return records.with_columns(meter=meter).with_columns(reason=_record_fault()), pl.concat(others)


def _split(lines: pl.Series) -> pl.DataFrame:
    """Split lines at the commas that are not between quotation marks.

    Returns:
        The columns of `HEAD`, null where a line ends before, and `triples`, the list of all fields after them, null
        where there are none. All columns are null where a quotation mark does not close.
    """
    is_quoted = lines.str.contains('"', literal=True)
    has_quotes = is_quoted.any()
    if has_quotes:
        lines = lines.clone().scatter(is_quoted.arg_true(), _without_quotes(lines.filter(is_quoted)))
    is_spaced = lines.str.contains_any([" ", "\t"])
    if is_spaced.any():
        packed = lines.filter(is_spaced).str.replace_all(r"[ \t]*,[ \t]*", ",")
        lines = lines.clone().scatter(is_spaced.arg_true(), packed)
    fields = lines.str.splitn(",", len(HEAD) + 1).struct.rename_fields([*HEAD, "triples"]).struct.unnest()
    fields = fields.with_columns(pl.col("triples").str.split(","))
    if not has_quotes:
        return fields
    return fields.with_columns(
        pl.col(*HEAD).str.replace_all(_INNER_COMMA, ",", literal=True),
        pl.col("triples").list.eval(pl.element().str.replace_all(_INNER_COMMA, ",", literal=True)),
    )


def _without_quotes(lines: pl.Series) -> pl.Series:
    """Lines without quotation marks, the commas between marks replaced; null where a mark does not close."""
    is_simple = lines.str.contains(_QUOTED_WHOLE)
    if is_simple.all():
        return lines.str.replace_all('"', "", literal=True)
    # Every second part lies between marks; nothing between two such parts is a mark that was doubled to be written.
    parts = lines.str.split('"').to_frame("part").with_row_index("row").explode("part")
    place, last = pl.int_range(pl.len()).over("row"), pl.len().over("row") - 1
    part = (
        pl.when(place % 2 == 1)
        .then(pl.col("part").str.replace_all(",", _INNER_COMMA, literal=True))
        .when((pl.col("part") == "") & (place > 0) & (place < last))
        .then(pl.lit('"'))
        .otherwise("part")
    )
    joined = (
        parts.with_columns(part=part)
        .group_by("row", maintain_order=True)
        .agg(pl.col("part").str.join(""), is_closed=pl.len() % 2 == 1)
    )
    return joined.select(pl.when("is_closed").then("part")).to_series()


def _type_fault() -> pl.Expr:
    """Why a line is no MEPMD01 record."""
    kind = pl.col("line").str.extract('^"?([^",]{0,20})')
    return (
        pl.when(kind == "MEPMD02")
        .then(pl.lit("time-of-use records (MEPMD02) are not read; ask for interval records (MEPMD01)"))
        .otherwise(pl.lit('record type "') + kind + '" is not read; only MEPMD01 is')
    )


def _structure_fault() -> pl.Expr:
    """Why the values of a record cannot be told apart."""
    needed = len(HEAD) + 3 * pl.col("value_count")
    tail = pl.col("triples").list.slice(3 * pl.col("value_count")).list.join(",")
    width = pl.col("width").cast(pl.String)
    return (
        pl.when(pl.col("type").is_null())
        .then(pl.lit("the line has a quotation mark that does not close"))
        .when(pl.col("width") < len(HEAD))
        .then(pl.lit("the record has ") + width + f" fields and its head alone needs {len(HEAD)}")
        .when(pl.col("value_count").is_null())
        .then(pl.lit('the count of readings "') + _shown("count") + '" is not a whole number')
        .when((pl.col("width") < needed) | ~tail.str.contains(_BLANK_OR_CHECKSUM))
        .then(
            pl.lit("the record has ") + width + " fields and its count of " + pl.col("value_count").cast(pl.String)
            + " readings needs " + needed.cast(pl.String) + "; send it again whole"
        )
        .when(pl.col("value_count") == 0)
        .then(pl.lit("the record holds no readings"))
    )  # fmt: skip


def _with_units(records: pl.DataFrame) -> pl.DataFrame:
    """Add `is_register`, `channel_code`, `unit_code` and `power_of_ten`."""
    kinds = records.select(pl.col("units").unique()).with_columns(key=pl.col("units").str.to_uppercase())
    is_register = pl.col("key").str.ends_with(_REGISTER_SUFFIX) & (pl.col("key") != _REGISTER_SUFFIX)
    cut = pl.when(is_register).then(len(_REGISTER_SUFFIX)).otherwise(0)
    kinds = kinds.with_columns(
        is_register=is_register,
        unit_code=pl.col("units").str.head(pl.col("units").str.len_chars() - cut),
    )
    key = pl.col("unit_code").str.to_uppercase()
    channels = {unit: channel for unit, (channel, _) in ENERGY_UNITS.items()}
    powers = {unit: power for unit, (_, power) in ENERGY_UNITS.items()}
    kinds = kinds.select(
        "units",
        "is_register",
        channel_code=key.replace_strict(channels, default=None, return_dtype=pl.Enum(CHANNELS)),
        unit_code=pl.when(~key.is_in(list(ENERGY_UNITS))).then("unit_code"),
        power_of_ten=key.replace_strict(powers, default=0, return_dtype=pl.Int16),
    )
    return records.join(kinds, on="units", how="left", maintain_order="left")


def _with_minutes(records: pl.DataFrame, options: ReadOptions) -> pl.DataFrame:
    """Add `minutes`, the interval as a fixed length; an interval in months has none."""
    digits = pl.col("interval").str.extract("^([0-9]{8})$")
    months, days, hours, minutes = (digits.str.slice(place, 2).cast(pl.Int64) for place in (0, 2, 4, 6))
    is_unstated = pl.col("interval").is_in(_NO_INTERVAL)
    length = pl.when((months == 0) & ~is_unstated).then(days * 1440 + hours * 60 + minutes)
    return records.with_columns(
        minutes=pl.when(is_unstated).then(pl.lit(options.interval_minutes, pl.Int64)).otherwise(length)
    )


def _record_fault() -> pl.Expr:
    """Why none of a record's values can be taken."""
    interval = pl.lit('the interval "') + _shown("interval")
    return (
        pl.when(pl.col("meter").is_null())
        .then(pl.lit("the meter id is missing; fill it in, or name the file's only meter with --meter-id"))
        .when(pl.col("commodity").str.to_uppercase() != "E")
        .then(pl.lit('commodity "') + _shown("commodity") + '" is not read; only E, electricity, is')
        .when(pl.col("units") == "")
        .then(pl.lit("the record names no units"))
        .when(pl.col("purpose").str.to_uppercase().is_in(_NOT_READS))
        .then(pl.lit("values sent as ") + pl.col("purpose") + " are no reads of the meter; ask for the reads")
        .when(parse_stamps("created").is_null())
        .then(pl.lit("the record's time stamp \"") + _shown("created") + '" is not of the form CCYYMMDDHHMM')
        .when((pl.col("constant") != "") & ~pl.col("constant").str.contains(_NUMBER))
        .then(pl.lit('the calculation constant "') + _shown("constant") + '" is not a number')
        .when(pl.col("minutes").is_not_null() | pl.col("is_register"))
        .then(None)
        .when(pl.col("interval").is_in(_NO_INTERVAL))
        .then(pl.lit("the record states no interval; give --interval-minutes"))
        .when(pl.col("interval").str.contains("^[0-9]{8}$"))
        .then(interval + '" is in months, which have no fixed length; values per month are not read')
        .otherwise(interval + '" is not of the form MMDDHHMM')
    )


def _shown(name: str) -> pl.Expr:
    return pl.col(name).str.slice(0, 20)


def parse_stamps(name: str) -> pl.Expr:
    """Times of the form CCYYMMDDHHMM in a column of text, as naive UTC; null for any other text."""
    text = pl.col(name)
    is_whole = (text.str.len_bytes() == _STAMP_DIGITS) & text.cast(pl.UInt64, strict=False).is_not_null()
    return pl.when(is_whole).then(text.str.to_datetime("%Y%m%d%H%M", time_unit="us", strict=False))
