"""Headers that cannot be understood, or understood in two ways, cost the file."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from tests.hostile.conftest import Send
from tests.hostile.seeds import (
    cmep,
    event_csv,
    long_csv,
    parquet_bytes,
    parquet_columns,
    portal_csv,
    register_csv,
    wide_csv,
)

Build = Callable[[], bytes | str]
LONG = long_csv()
HEADER, *_ = LONG.split("\n")


WHOLE: dict[str, tuple[Build, str]] = {
    "ten million columns": (lambda: "a," * 8_000_000 + "a\n1\n", "line 1: the header has 8,000,001 columns"),
    "a name of 200 kB": (lambda: "x" * 200_000 + "," + LONG, "line 1: the header cannot be split"),
    "an open quotation mark in the header": (lambda: '"' + LONG, "line 1 does not look like a header: it has 1 cell"),
    "old line ends": (lambda: LONG.replace("\n", "\r") + "\n\n", "line 1: the header holds carriage returns"),
    "old line ends of cmep": (lambda: cmep().replace("\n", "\r"), "line 1: the record has 98 fields"),
    "a header only": (lambda: HEADER, "a header and no reads"),
    "a header and blank lines": (lambda: HEADER + "\n" * 9, "no reads"),
    "no header": (lambda: LONG.split("\n", 1)[1], "line 1 does not look like a header: it has "),
    "wide without unit": (lambda: wide_csv().replace("unit", "note"), "--unit"),
    "a download without its table": (lambda: portal_csv().split("TYPE", maxsplit=1)[0], "no line of the customer's"),
    "a download without reads": (lambda: "\n".join(portal_csv().split("\n")[:8]), "a heading and no reads"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_cannot_be_a_table_is_refused_whole(send: Send, name: str) -> None:
    build, words = WHOLE[name]
    found = send(build())
    assert found.outcome.status_code == "quarantined"
    assert words in found.ledger["reason"], found.ledger["reason"]


def twice(text: str, *names: str) -> Build:
    """The table with a column once more, at its end; of several names the last is that of the other column."""

    def build() -> str:
        head, *rows = text.rstrip("\n").split("\n")
        place = head.split(",").index(names[0])
        return "\n".join([f"{head},{names[-1]}", *(f"{row},{row.split(',')[place]}" for row in rows)])

    return build


def two_columns_of_parquet() -> bytes:
    columns = parquet_columns()
    meters = columns["meter_id"]
    return parquet_bytes(pa.table([*columns.values(), meters], names=[*columns, "meter_id"]))


TWICE: dict[str, tuple[Build, str]] = {
    "a meter": (twice(LONG, "meter_id"), 'several columns "meter_id"'),
    "a meter in other letters": (twice(LONG, "meter_id", "Meter ID"), 'several columns "meter_id"'),
    "a time": (twice(LONG, "interval_start_local"), 'several columns "interval_start_local"'),
    "a time without its clock": (twice(LONG, "interval_start_local", "interval_start"), "several columns"),
    "a length": (twice(LONG, "interval_minutes"), 'several columns "interval_minutes"'),
    "an energy": (twice(LONG, "delivered_kwh"), "several columns could hold delivered energy"),
    "an energy in another unit": (twice(LONG, "delivered_kwh", "usage_wh"), "several columns could hold"),
    "a quality": (twice(LONG, "quality_code"), 'several columns "quality_code"'),
    "a meter of a wide table": (twice(wide_csv(), "meter_id"), 'several columns "meter_id"'),
    "a date of a wide table": (twice(wide_csv(), "date"), 'several columns "date"'),
    "a unit of a wide table": (twice(wide_csv(), "unit"), 'several columns "unit"'),
    "an hour of a wide table": (twice(wide_csv(), "01:00"), 'several columns stand for the interval "01:00"'),
    "an hour in other digits": (twice(wide_csv(), "01:00", "1:00"), "several columns stand for the interval"),
    "an hour in the place of another": (
        lambda: wide_csv().replace("02:00", "01:00"), 'several columns stand for the interval "01:00"',
    ),
    "a place of a wide table": (
        lambda: "meter_id,date,unit," + ",".join(f"v{k}" for k in [*range(1, 25), 7]) + "\nM1,2025-11-02,kWh,1",
        'several columns stand for the interval "v7"',
    ),
    "a meter of registers": (twice(register_csv(), "meter_id"), 'several columns "meter_id"'),
    "a time of registers": (twice(register_csv(), "read_at_local"), 'several columns "read_at_local"'),
    "a face": (twice(register_csv(), "register_kwh"), "several columns could hold register reads"),
    "a direction": (twice(register_csv(), "channel_code"), 'several columns "channel_code"'),
    "a multiplier": (twice(register_csv(), "multiplier"), 'several columns "multiplier"'),
    "a consumption": (twice(register_csv(), "consumption"), 'several columns "consumption"'),
    "a consumption in another unit": (
        lambda: register_csv().replace("consumption", "consumption_wh"), 'column "consumption_wh" in another unit',
    ),
    "a meter of events": (twice(event_csv(), "meter_id"), 'several columns "meter_id"'),
    "a time of events": (twice(event_csv(), "event_time"), 'several columns "event_time"'),
    "an end of events": (twice(event_csv(), "event_end"), 'several columns "event_end"'),
    "a code": (twice(event_csv(), "event_code"), 'several columns "event_code"'),
    "a text": (twice(event_csv(), "description"), 'several columns "description"'),
    "a column of a download": (lambda: portal_csv().replace("NOTES", "DATE"), "no line of the customer's"),
    "a column of parquet": (two_columns_of_parquet, 'several columns "meter_id"'),
}  # fmt: skip


@pytest.mark.parametrize("name", TWICE)
def test_a_column_that_is_there_twice_costs_the_file(send: Send, name: str) -> None:
    build, words = TWICE[name]
    found = send(build())
    assert found.outcome.status_code == "quarantined"
    assert words in found.ledger["reason"], found.ledger["reason"]


@pytest.mark.parametrize("other", ["note", "", "nmi", "interval_start_utc_of_sender"])
def test_columns_that_mean_nothing_may_be_there_twice(send: Send, other: str) -> None:
    head, *rows = LONG.rstrip("\n").split("\n")
    text = "\n".join([f"{head},{other},{other}", *(f"{row},x,y" for row in rows)])
    assert send(text).outcome.status_code == "loaded"
