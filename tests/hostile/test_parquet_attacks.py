"""Parquet files that lie about themselves, are damaged, or hold other types than reads have."""

import datetime as dt
from collections.abc import Callable

import pyarrow as pa
import pytest

from tests.hostile.conftest import Send
from tests.hostile.seeds import STAMPS, parquet_bytes, parquet_columns

Build = Callable[[], bytes]
COUNT = len(STAMPS)
SOUND = parquet_bytes(parquet_columns())


def holding(name: str, values: pa.Array, **options: object) -> Build:
    return lambda: parquet_bytes(parquet_columns() | {name: values}, **options)


def int96() -> bytes:
    return parquet_bytes(parquet_columns(), use_deprecated_int96_timestamps=True)


def of_bytes(texts: list[bytes]) -> pa.Array:
    """Text that is not UTF-8."""
    return pa.array(texts, pa.binary()).view(pa.string())


def stated_rows(count: int) -> bytes:
    """A footer that states other rows than there are: the number stands in it as a variable-length integer."""
    data = bytearray(SOUND)
    size = int.from_bytes(data[-8:-4], "little")
    footer = bytes(data[-8 - size : -8])
    said, written = _zigzag(COUNT), _zigzag(count)
    changed = footer.replace(b"\x16" + said, b"\x16" + written)
    return bytes(data[: -8 - size]) + changed + len(changed).to_bytes(4, "little") + b"PAR1"


def _zigzag(number: int) -> bytes:
    rest, out = number * 2, bytearray()
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    return bytes([*out, rest])


def overflowing() -> pa.Array:
    return pa.array([2**63 - 1] * COUNT, pa.int64()).view(pa.timestamp("ns"))


def repeated() -> bytes:
    """A file of some kilobytes with 20 GB of text."""
    columns = {name: values.take(pa.array([0] * 2000)) for name, values in parquet_columns().items()}
    meters = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["M" * 10_000_000]))
    return parquet_bytes(columns | {"meter_id": meters}, compression="zstd")


WHOLE: dict[str, tuple[Build, str]] = {
    "a beginning": (lambda: b"PAR1", "damaged or incomplete"),
    "a beginning and an end": (lambda: b"PAR1PAR1", "damaged or incomplete"),
    "truncated": (lambda: SOUND[: len(SOUND) // 2], "damaged or incomplete"),
    "without its last byte": (lambda: SOUND[:-1], "damaged or incomplete"),
    "a footer longer than the file": (lambda: SOUND[:-8] + b"\xff\xff\xff\x7f" + b"PAR1", "damaged or incomplete"),
    "a footer of nothing": (lambda: SOUND[:-8] + bytes(4) + b"PAR1", "damaged or incomplete"),
    "a footer of noise": (lambda: SOUND[:-200] + b"\xa5" * 192 + SOUND[-8:], "damaged or incomplete"),
    "an encrypted footer": (lambda: SOUND[:-4] + b"PARE", "damaged or incomplete"),
    "billions of rows": (lambda: stated_rows(2**40), "1,099,511,627,776 rows"),
    "no row": (lambda: parquet_bytes(pa.table(parquet_columns()).slice(0, 0)), "no reads"),
    "no column": (lambda: parquet_bytes(pa.table({})), "the list of columns does not look like a header"),
    "lists": (holding("delivered_kwh", pa.array([[1.0]] * COUNT)), 'column "delivered_kwh" holds list'),
    "structures": (holding("meter_id", pa.array([{"a": "M1"}] * COUNT)), 'column "meter_id" holds struct'),
    "maps": (
        holding("meter_id", pa.array([[("a", 1)]] * COUNT, pa.map_(pa.string(), pa.int64()))),
        'column "meter_id" holds map',
    ),
    "bytes": (holding("meter_id", pa.array([b"M1"] * COUNT)), 'column "meter_id" holds binary'),
    "durations": (holding("interval_minutes", pa.array([60] * COUNT, pa.duration("s"))), "holds duration"),
    "text that is no text": (holding("meter_id", of_bytes([b"M\xff"] * COUNT)), "damaged or incomplete"),
    "a text that a dictionary repeats for gigabytes": (
        repeated, 'column "meter_id" holds a text of 10,000,000 bytes',
    ),
    "a dictionary that is no text": (
        holding("meter_id", of_bytes([b"M\xff"] * COUNT).dictionary_encode()), "damaged or incomplete",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_no_table_of_reads_is_refused_whole(send: Send, name: str) -> None:
    build, words = WHOLE[name]
    found = send(build())
    assert found.outcome.status_code == "quarantined"
    assert found.ledger["sent_count"] is None
    assert words in found.ledger["reason"], found.ledger["reason"]


TYPES: dict[str, Build] = {
    "timestamps of twelve bytes": int96,
    "nanoseconds": holding("interval_start_utc", pa.array(STAMPS, pa.timestamp("ns"))),
    "seconds": holding("interval_start_utc", pa.array(STAMPS, pa.timestamp("s"))),
    "a zone": holding("interval_start_utc", pa.array(STAMPS, pa.timestamp("us", "Asia/Kolkata"))),
    "a zone that is none": holding("interval_start_utc", pa.array(STAMPS, pa.timestamp("us", "Mars/Olympus"))),
    "large decimals": holding("delivered_kwh", pa.array(range(COUNT), pa.decimal256(60, 10))),
    "decimals": holding("delivered_kwh", pa.array(range(COUNT), pa.decimal128(38, 0))),
    "a dictionary": holding("meter_id", pa.array(["M1"] * COUNT).dictionary_encode()),
    "a dictionary of numbers": holding("delivered_kwh", pa.array([1.5] * COUNT).dictionary_encode()),
    "half floats": holding("delivered_kwh", pa.array([0.5] * COUNT, pa.float16())),
    "numbers as text": holding("delivered_kwh", pa.array(["1.5"] * COUNT)),
    "meters as numbers": holding("meter_id", pa.array([7] * COUNT)),
    "nested columns beside": holding("more", pa.array([[{"a": [1]}]] * COUNT)),
    "bytes beside": holding("more", of_bytes([b"\xff"] * COUNT)),
    "a page for each value": lambda: parquet_bytes(parquet_columns(), data_page_size=1, row_group_size=1),
    "no statistics": lambda: parquet_bytes(parquet_columns(), write_statistics=False, compression="gzip"),
}


@pytest.mark.parametrize("name", TYPES)
def test_sound_columns_of_any_type_are_read(send: Send, name: str) -> None:
    found = send(TYPES[name]())
    assert (found.outcome.status_code, found.ledger["loaded_count"]) == ("loaded", COUNT)
    assert found.reads["interval_start_utc"].to_list() == STAMPS


def stamps(*values: dt.datetime | int, kind: pa.DataType) -> pa.Array:
    numbers = [value if isinstance(value, int) else pa.scalar(value, kind).value for value in values]
    return pa.array(numbers * (COUNT // len(numbers)), pa.int64()).view(kind)


ROWS: dict[str, tuple[Build, str]] = {
    "nanoseconds out of range": (holding("interval_start_utc", overflowing()), "outside the years"),
    "microseconds out of range": (
        holding("interval_start_utc", stamps(2**63 - 1, kind=pa.timestamp("us"))), "outside the years",
    ),
    "milliseconds before all": (
        holding("interval_start_utc", stamps(-(2**63) + 1, kind=pa.timestamp("ms"))), "outside the years",
    ),
    "dates out of range": (
        holding("interval_start_utc", pa.array([2**31 - 1] * COUNT, pa.int32()).view(pa.date32())), "outside the years",
    ),
    "nulls": (holding("interval_start_utc", pa.nulls(COUNT, pa.timestamp("us"))), "cannot be read"),
    "a column of nothing": (holding("meter_id", pa.nulls(COUNT)), "the meter id is missing"),
    "not a number": (holding("delivered_kwh", pa.array([float("nan")] * COUNT)), "is not a number"),
    "infinite": (holding("delivered_kwh", pa.array([float("-inf")] * COUNT)), "is not a number"),
    "the largest float": (holding("delivered_kwh", pa.array([1.7e308] * COUNT)), "is too large"),
    "the least integer": (holding("delivered_kwh", pa.array([-(2**63)] * COUNT)), "is too large"),
    "truth": (holding("delivered_kwh", pa.array([True] * COUNT)), "is not a number"),
    "times of day": (holding("delivered_kwh", pa.array([5] * COUNT, pa.time64("us"))), "is not a number"),
    "meters of 4 kB": (holding("meter_id", pa.array(["M" * 4096] * COUNT)), "longer than 200 bytes"),
    "meters of 1 MB": (
        holding("meter_id", pa.array(["M" * 1_000_000] * COUNT), use_dictionary=False), "longer than 200 bytes",
    ),
    "the least length": (
        holding("interval_minutes", pa.array([-(2**31)] * COUNT, pa.int32())), "is not a whole number of minutes",
    ),
    "a length that is not a number": (
        holding("interval_minutes", pa.array([float("nan")] * COUNT)), "is not a whole number of minutes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_rows_that_cannot_be_are_refused_one_by_one(send: Send, name: str) -> None:
    build, words = ROWS[name]
    found = send(build())
    assert (found.ledger["sent_count"], found.ledger["quarantined_count"]) == (COUNT, COUNT)
    assert words in found.ledger["reason"], found.ledger["reason"]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_flipped_bytes_are_read_or_refused_and_never_lost(send: Send, share: float) -> None:
    at = int(len(SOUND) * share)
    data = SOUND[:at] + bytes(byte ^ 0xFF for byte in SOUND[at : at + 3]) + SOUND[at + 3 :]
    found = send(data)
    assert found.ledger["sent_count"] in (None, COUNT)
