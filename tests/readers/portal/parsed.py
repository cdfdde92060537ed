"""What the portal reader makes of a text."""

import polars as pl

from pipelines.readers.batches import EVENTS, REGISTERS, VALUES
from tests.readers.written import lines

PGE_NAMES = "TYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES"
PGE_NOTES = ("Name,JANE DOE", 'Address,"1 Main St, Oakland CA"', "Account Number,8012345678", "Service,9000000001")
PGE_ROW = "Electric usage,2016-07-01,00:00,00:14,0.1,kWh,$0.1,"
SCE_NAMES = "Energy consumption time period,Usage(Real energy in kilowatt-hours),Reading quality"
SDGE_NAMES = "Meter Number,Date,Start Time,Duration,Consumption,Generation,Net"


def content(parsed):
    """The file's values; checks what holds for every file."""
    batches = list(parsed.batches())
    assert all(batch.registers.schema == REGISTERS and batch.registers.is_empty() for batch in batches)
    assert all(batch.events.schema == EVENTS and batch.events.is_empty() for batch in batches)
    whole = pl.concat([batch.values for batch in batches])
    assert whole.schema == VALUES
    assert not whole.select("row_number", "value_position").is_duplicated().any()
    assert whole["row_number"].is_sorted()
    return whole


def texts(parsed):
    """`row_number`, `reason` and text of the refused lines."""
    found = []
    for batch in parsed.batches():
        refused = batch.values.filter(pl.col("reason").is_not_null())
        found += zip(refused["row_number"], refused["reason"], batch.row_texts(refused), strict=True)
    return found


def said(whole):
    """Channel, local start and end, and Wh."""
    end = pl.coalesce("end_wall", pl.col("wall") + pl.duration(minutes="minutes"))
    return whole.select(
        channel=pl.col("channel_code").cast(pl.String),
        start="wall",
        end=end,
        wh=(pl.col("value").cast(pl.Float64) * 1000).round().cast(pl.Int64),
    ).sort("channel", "start", "wh")


def portal_text(*rows, notes=PGE_NOTES, names=PGE_NAMES):
    return lines(*notes, "", names, *rows)
