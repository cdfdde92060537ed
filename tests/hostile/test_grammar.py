"""Files that keep the shape of their format, with anything in their fields: each line and reading comes out once."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.readers import ReadOptions
from tests.examples import few_examples
from tests.hostile import grammar
from tests.hostile.reading import Account, account_of
from tests.hostile.seeds import STAMPS, parquet_bytes, parquet_columns

EXAMPLES = few_examples(20)


def read(folder: Path, data: str | bytes, **options: Any) -> Account:
    path = folder / "hostile.dat"
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", errors="replace"))
    return account_of(path, ReadOptions(**options))


def filled_lines(text: str) -> list[int]:
    """Numbers of the lines that are not blank, without the first of them, which is the header."""
    rows = text.removeprefix("\ufeff").split("\n")
    return [number for number, row in enumerate(rows, 1) if row.strip("\ufeff \t\r\v\f\x1c\x1d\x1e\x1f\x85\u2028")][1:]


@EXAMPLES
@given(text=grammar.LONG | grammar.OF_TWO_LABELS, clock=st.sampled_from([None, "standard", "utc"]))
def test_long_tables_give_one_value_a_line(tmp_path: Path, text: str, clock: str | None) -> None:
    account = read(tmp_path, text, clock_code=clock, unit="kwh")
    if account.sentence is None:
        places = [*account.loaded["row_number"], *account.rejects["row_number"]]
        assert sorted(places) == filled_lines(text)


@EXAMPLES
@given(text=grammar.REGISTERS | grammar.EVENTS)
def test_tables_of_moments_give_one_row_a_line(tmp_path: Path, text: str) -> None:
    account = read(tmp_path, text)
    if account.sentence is None:
        assert sorted([*account.loaded["row_number"], *account.rejects["row_number"]]) == filled_lines(text)


@EXAMPLES
@given(text=grammar.WIDE)
def test_wide_tables_give_a_value_for_each_hour_of_each_line(tmp_path: Path, text: str) -> None:
    account = read(tmp_path, text, unit="kwh")
    if account.sentence is None:
        assert account.sent_count == 24 * len(filled_lines(text))


@EXAMPLES
@given(text=grammar.CMEP)
def test_cmep_records_give_a_value_or_a_reason(tmp_path: Path, text: str) -> None:
    account = read(tmp_path, text)
    if account.sentence is None:
        found = {*account.loaded["row_number"], *account.rejects["row_number"]}
        assert found == {1, *filled_lines(text)}


@EXAMPLES
@given(text=grammar.NEM)
def test_nem_days_and_registers_give_a_value_or_a_reason(tmp_path: Path, text: str) -> None:
    account = read(tmp_path, text)
    if account.sentence is None:
        found = {*account.loaded["row_number"], *account.rejects["row_number"]}
        due = {number for number, row in enumerate(text.split("\n"), 1) if row.startswith(("300,", "250,"))}
        assert due <= found


@EXAMPLES
@given(grammar.espi())
def test_feeds_give_every_reading(tmp_path: Path, written: tuple[str, int]) -> None:
    text, count = written
    account = read(tmp_path, text)
    if account.sentence is None:
        assert account.sent_count == count


INTEGERS = st.sampled_from([0, 1, -1, 60, 2**31 - 1, -(2**31)])
LARGE = st.sampled_from([0, 1, 60, 2**63 - 1, -(2**63), 1762066800, 10**15])
STORED_AS = {
    pa.int32(): [pa.date32(), pa.int32(), pa.uint32()],
    pa.int64(): [
        pa.timestamp("us"), pa.timestamp("ns"), pa.timestamp("ms"), pa.timestamp("us", "UTC"),
        pa.timestamp("ns", "+05:30"), pa.timestamp("us", "Mars/Olympus"), pa.timestamp("ms", "Asia/Tokyo"),
        pa.duration("us"), pa.int64(), pa.uint64(),
    ],
}  # fmt: skip


@st.composite
def columns(draw: st.DrawFn) -> pa.Array:
    """A column of any type that Parquet can hold."""
    count = len(STAMPS)
    stored = draw(st.sampled_from([pa.int32(), pa.int64(), pa.float64(), pa.string(), None]))
    if stored is None:
        of_values = [
            pa.array([[1.0]] * count), pa.array([{"a": 1}] * count), pa.array([b"M1"] * count), pa.nulls(count),
            pa.array([b"0123456789abcdef"] * count, pa.uuid()), pa.array(["M1"] * count, pa.json_()),
            pa.array([1] * count, pa.decimal256(60, 10)), pa.array([1] * count, pa.decimal128(38, 0)),
            pa.array([True] * count), pa.array([5] * count, pa.time64("us")),
            pa.array(["M1"] * count, pa.string_view()), pa.array(["M1"] * count).dictionary_encode(),
            pa.array([0.5] * count, pa.float16()),
        ]  # fmt: skip
        return draw(st.sampled_from(of_values))
    if stored == pa.string():
        return pa.array(draw(st.lists(st.none() | grammar.VALUES | grammar.LABELS, min_size=count, max_size=count)))
    if stored == pa.float64():
        return pa.array(draw(st.lists(st.none() | st.floats(), min_size=count, max_size=count)), stored)
    numbers = INTEGERS if stored == pa.int32() else LARGE
    kind = draw(st.sampled_from(STORED_AS[stored]))
    values = draw(st.lists(st.none() | numbers, min_size=count, max_size=count))
    return pa.array(values, stored).view(kind)


@EXAMPLES
@given(found=st.dictionaries(st.sampled_from([*parquet_columns(), "ts_start", "quality_code"]), columns(), max_size=4))
def test_parquet_of_any_types(tmp_path: Path, found: dict[str, pa.Array]) -> None:
    account = read(tmp_path, parquet_bytes(parquet_columns() | found))
    if account.sentence is None:
        assert account.sent_count == len(STAMPS)
