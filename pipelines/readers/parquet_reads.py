"""Parquet files of interval reads: the column names of `columns`, with typed columns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.readers.batches import BATCH_VALUES, Batch, ParsedFile
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.table_kinds import Table, recognise_table

_FIRST_SECOND, _LAST_SECOND = -9_000_000_000, 9_000_000_000
"""About the years 1684 to 2255, which all units of a timestamp can hold."""
_MOST_ROWS = 500_000_000


def open_parquet(path: Path, options: ReadOptions) -> ParsedFile:
    """Open Parquet; only the columns that mean something are loaded.

    Timestamps with a time zone are instants. Naive timestamps are UTC where the column name ends in `_utc`, else on
    the file's clock. Binary floating-point energies are taken as their shortest decimal text. Arrow's reader is used
    because Polars' own ends the process on some damaged files.

    Args:
        path: File to read.
        options: What is known about the file.

    Returns:
        The file's values; `row_number` is the row in the file, counted from 1.

    Raises:
        UnreadableFile: The file is damaged, has no rows, or its columns are not understood.
        OSError: The file cannot be opened.
    """
    with _damage_told(path), pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        row_count = file.metadata.num_rows
    table = recognise_table(names, options)
    wanted = table.columns()
    twice = sorted(name for name in {names[index] for index in wanted} if names.count(name) > 1)
    if twice:
        raise UnreadableFile(f'the file has several columns "{twice[0]}"; keep one of them')
    if not row_count:
        raise UnreadableFile("the file has columns and no reads")
    if row_count > _MOST_ROWS:
        raise UnreadableFile(f"the file states {row_count:,} rows; at most {_MOST_ROWS:,} are read, so split it")

    def batches() -> Iterator[Batch]:
        meters: set[str] = set()
        row = 1
        for rows in _pieces(path, names, table):
            frame = _frame(rows, names, wanted)
            frame = frame.with_row_index("row_number", offset=row).cast({"row_number": pl.Int64})
            row += frame.height
            table.check(frame, meters)
            yield table.batch(frame, None, _row_texts(frame))

    return ParsedFile(
        "parquet",
        batches,
        clock_code=table.clock_code,
        label_code=table.label_code,
        is_label_known=table.is_label_known,
        are_slots=table.are_slots,
        is_explicit=table.is_explicit,
    )


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        if not path.is_file():
            raise
        raise UnreadableFile(f"the Parquet file is damaged or incomplete: {str(error).splitlines()[0]}") from error


def _pieces(path: Path, names: list[str], table: Table) -> Iterator[pa.Table]:
    columns = [names[index] for index in table.columns()]
    rows = max(1, BATCH_VALUES // table.value_count)
    with _damage_told(path), pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=rows, columns=columns):
            batch.validate(full=True)
            yield pa.Table.from_batches([batch])


def _row_texts(frame: pl.DataFrame) -> Callable[[pl.DataFrame], pl.Series]:
    first = int(frame["row_number"][0]) if frame.height else 1

    def texts(rejects: pl.DataFrame) -> pl.Series:
        rows = frame[(rejects["row_number"] - first).to_list()]
        return rows.select(_joined(frame)).to_series()

    return texts


def _frame(table: pa.Table, names: list[str], wanted: list[int]) -> pl.DataFrame:
    """The columns as c0, c1 and so on; timestamps outside about 1684 to 2255 become null."""
    # Metadata holds text of any kind, and Polars stops at text that is not UTF-8.
    frame = pl.DataFrame(table.rename_columns([f"c{index}" for index in wanted]).replace_schema_metadata(None))
    for index, (name, kind) in zip(wanted, frame.schema.items(), strict=True):
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise UnreadableFile(f'column "{names[index]}" holds {kind}, not text, numbers or times')
        if isinstance(kind, pl.Datetime):
            per_second = {"ms": 10**3, "us": 10**6, "ns": 10**9}[kind.time_unit]
            is_in_range = pl.col(name).to_physical().is_between(_FIRST_SECOND * per_second, _LAST_SECOND * per_second)
            frame = frame.with_columns(pl.when(is_in_range).then(name))
    return frame


def _joined(frame: pl.DataFrame) -> pl.Expr:
    """The loaded columns of a row as comma-separated text."""
    return pl.concat_str(
        [pl.col(name).cast(pl.String).fill_null("") for name in frame.columns if name != "row_number"],
        separator=",",
    )
