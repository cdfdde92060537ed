"""Whatever a file holds: it is read, or refused with a sentence, and every value of it is accounted for once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from pipelines.readers import ReadOptions
from tests.examples import few_examples
from tests.hostile.mutations import WORDS, spoiled
from tests.hostile.reading import Account, account_of
from tests.hostile.seeds import TEXTS, parquet_bytes, parquet_columns

Read = Callable[..., Account]
SEEDS = {name: build().encode() for name, build in TEXTS.items()} | {"parquet": parquet_bytes(parquet_columns())}
OPTIONS = st.builds(
    ReadOptions,
    format_code=st.sampled_from([None, None, None, "csv", "parquet", "espi", "cmep", "nem12"]),
    time_zone=st.sampled_from([None, "America/Los_Angeles", "Australia/Lord_Howe", "UTC"]),
    clock_code=st.sampled_from([None, None, "local", "standard", "utc"]),
    label_code=st.sampled_from([None, "start", "end"]),
    unit=st.sampled_from([None, "kwh"]),
    interval_minutes=st.sampled_from([None, 60]),
    meter_id=st.sampled_from([None, None, "M9"]),
)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_bytes(data: bytes, options: ReadOptions) -> Account:
        path = tmp_path / "hostile.dat"
        path.write_bytes(data)
        return account_of(path, options)

    return read_bytes


@few_examples(100)
@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode), OPTIONS)
def test_any_bytes(read: Read, data: bytes, options: ReadOptions) -> None:
    read(data, options)


@few_examples(100)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join), OPTIONS)
def test_any_words(read: Read, text: str, options: ReadOptions) -> None:
    read(text.encode(), options)


@pytest.mark.parametrize("name", SEEDS)
def test_the_sound_file_is_read(read: Read, name: str) -> None:
    account = read(SEEDS[name], ReadOptions())
    assert account.sentence is None
    assert account.loaded.height >= 8
    assert account.rejects.is_empty()


@pytest.mark.parametrize("name", SEEDS)
def test_spoiled_files(read: Read, name: str) -> None:
    @few_examples(30)
    @given(spoiled(SEEDS[name]), OPTIONS)
    def check(data: bytes, options: ReadOptions) -> None:
        note(repr(data))
        read(data, options)

    check()
