"""Parquet files of interval reads: the column names of `columns`, with typed columns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.readers.batches import BATCH_VALUES, Batch, ParsedFile
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.tables.parquet_columns import check_sizes, check_types, decoded, in_range, texts_with_dictionary
from pipelines.readers.tables.table_kinds import recognise_table

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
    with _damage_told(path), _opened(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
        names, row_count = schema.names, metadata.num_rows
    table = recognise_table(names, options, "the list of columns")
    wanted = table.columns()
    if not row_count:
        raise UnreadableFile("the file has columns and no reads")
    if row_count > _MOST_ROWS:
        raise UnreadableFile(f"the file states {row_count:,} rows; at most {_MOST_ROWS:,} are read, so split it")
    check_types(schema, wanted)
    columns = [names[index] for index in wanted]
    check_sizes(metadata, columns)
    dictionaries = texts_with_dictionary(schema, metadata, columns)

    def batches() -> Iterator[Batch]:
        meters: set[str] = set()
        row = 1
        for rows in _pieces(path, columns, dictionaries, max(1, BATCH_VALUES // table.value_count)):
            # Metadata holds text of any kind, and Polars stops at text that is not UTF-8.
            frame = in_range(pl.DataFrame(rows.replace_schema_metadata(None)))
            frame = frame.rename({f"c{place}": f"c{index}" for place, index in enumerate(wanted)})
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
        has_channel_columns=table.has_channel_columns,
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


def _opened(path: Path, dictionaries: list[str] | None = None) -> pq.ParquetFile:
    """The file; timestamps of twelve bytes in microseconds, since in nanoseconds they would wrap around."""
    return pq.ParquetFile(
        path, read_dictionary=dictionaries, pre_buffer=False, coerce_int96_timestamp_unit="us",
        arrow_extensions_enabled=False,
    )  # fmt: skip


def _pieces(path: Path, columns: list[str], dictionaries: list[str], row_count: int) -> Iterator[pa.Table]:
    with _damage_told(path), _opened(path, dictionaries) as file:
        for batch in file.iter_batches(batch_size=row_count, columns=columns):
            batch.validate(full=True)
            yield from decoded(batch.select(columns))


def _row_texts(frame: pl.DataFrame) -> Callable[[pl.DataFrame], pl.Series]:
    first = int(frame["row_number"][0]) if frame.height else 1

    def texts(rejects: pl.DataFrame) -> pl.Series:
        rows = frame[(rejects["row_number"] - first).to_list()]
        return rows.select(_joined(frame)).to_series()

    return texts


def _joined(frame: pl.DataFrame) -> pl.Expr:
    """The loaded columns of a row as comma-separated text."""
    return pl.concat_str(
        [pl.col(name).cast(pl.String).fill_null("") for name in frame.columns if name != "row_number"],
        separator=",",
    )
