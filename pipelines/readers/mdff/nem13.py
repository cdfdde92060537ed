"""Accumulation data of NEM13: 250 rows with two register reads each, and the service orders of 550 rows."""

from dataclasses import dataclass

import polars as pl

from models.tables.base import CHANNELS
from pipelines.readers.mdff.records import STREAM, field, has_reason, moment, stream, time_fault, words

_NMI, _REGISTER, _SUFFIX, _DIRECTION, _QUANTITY, _UNIT = 1, 3, 4, 7, 18, 19
_READS = (8, 13)
"""Fields of the previous and the current read; time, quality, reason code and description follow each."""
_DIRECTIONS = {"E": "delivered", "I": "received"}
_CHANNEL = pl.Enum(CHANNELS)


@dataclass(frozen=True)
class AccumulationData:
    """What 250 and 550 rows hold.

    Attributes:
        registers: Columns of `batches.REGISTERS` except the clock: previous and current read of each 250 row.
        events: Columns of `batches.EVENTS` except the clock: reasons of 250 rows, service orders of 550 rows.
    """

    registers: pl.DataFrame
    events: pl.DataFrame


def accumulation_data(rows: pl.DataFrame) -> AccumulationData:
    """Read the 250 and 550 rows among lines.

    Energy exported from the grid (direction E) is delivered, energy imported into it (I) received. A register goes by
    its NMI suffix, because register ids repeat among the registers of one NMI. The stated quantity belongs to the
    current read. A service order belongs to the time of the read that it led to.

    Args:
        rows: Lines as from `mdff.in_context`.
    """
    basic = _basic_rows(rows)
    reads = pl.concat([_reads(basic, position) for position in range(len(_READS))])
    new = reads.filter(~pl.col("is_carried"))
    reasons = new.filter("is_told", has_reason(pl.col("event_code"), pl.col("event_text")))
    reasons = reasons.with_columns(value_position=pl.col("value_position") + len(_READS))
    events = pl.concat([reasons, _service_orders(rows, reads)], how="diagonal_relaxed")
    return AccumulationData(
        new.filter(pl.col("is_told") | (pl.col("value_position") == 0)),
        events.with_columns(words(pl.col(name)).alias(name) for name in ("event_code", "event_text")),
    )


def _basic_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """250 rows; `is_told` where they have all fields that reads are made of."""
    found = rows.filter(pl.col("kind") == "250").with_columns(fields=pl.col("line").str.split(","))
    suffix, register, direction = field(_SUFFIX), field(_REGISTER), field(_DIRECTION).str.to_uppercase()
    channel = direction.replace_strict(_DIRECTIONS, default=None, return_dtype=_CHANNEL)
    count = pl.col("fields").list.len()
    is_told = count > _UNIT
    fault = (
        pl.when(~is_told)
        .then(pl.format(f"the 250 row has {{}} fields, and up to its unit {_UNIT + 1} are due", count))
        .when(field(_NMI) == "")
        .then(pl.lit("the 250 row names no NMI"))
    )
    return found.with_columns(
        **stream(field(_NMI), suffix, field(_UNIT), channel),
        register_code=pl.when(suffix != "").then(suffix).otherwise(register),
        is_told=is_told,
        reason=pl.coalesce("fault", fault),
    )


def _reads(basic: pl.DataFrame, position: int) -> pl.DataFrame:
    """The previous (0) or the current read (1) of each 250 row."""
    at = _READS[position]
    time, quantity = field(at + 1), field(_QUANTITY)
    reason = pl.coalesce("reason", pl.when(moment(time).is_null()).then(time_fault(time)))
    has_quantity = (quantity != "") & (position == 1)
    return basic.select(
        "stream", "row_number", "is_carried", "is_told", "register_code", *STREAM,
        value_position=pl.lit(position),
        label=time,
        wall=pl.when(reason.is_null()).then(moment(time)),
        reason=reason,
        value=pl.when("is_told").then(field(at)),
        quality=field(at + 2),
        consumption=pl.when(has_quantity).then(quantity),
        event_code=field(at + 3),
        event_text=field(at + 4),
    )  # fmt: skip


def _service_orders(rows: pl.DataFrame, reads: pl.DataFrame) -> pl.DataFrame:
    """550 rows as events: the order behind the previous read, if there is one, and that behind the current one."""
    found = rows.filter(pl.col("kind") == "550").with_columns(fields=pl.col("line").str.split(","))
    found = found.select("row_number", "stream", "fault", "fields")
    parts = []
    for position in range(len(_READS)):
        above = reads.filter(pl.col("value_position") == position)
        above = above.select("stream", "meter_id", "label", "wall", read_row="row_number", read_reason="reason")
        fault = (
            pl.when(pl.col("read_row").is_null())
            .then(pl.lit("the 550 row stands below no 250 row"))
            .when(pl.col("read_reason").is_not_null())
            .then(pl.format("the read in line {}, to which the row belongs, is refused", "read_row"))
        )
        part = found.join(above, on="stream", how="left", maintain_order="left").with_columns(
            value_position=pl.lit(position),
            event_code=field(2 * position + 1),
            event_text=field(2 * position + 2),
            reason=pl.coalesce("fault", fault),
        )
        has_order = (pl.col("event_code") != "") | (pl.col("event_text") != "")
        parts.append(part.filter(has_order | (position == 1)).drop("fields", "fault", "stream"))
    return pl.concat(parts)
