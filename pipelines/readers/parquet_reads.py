"""Parquet files of interval reads: the column names of `columns`, with typed columns."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.readers.columns import Layout, recognise_columns
from pipelines.readers.normalise import Evidence, normalise
from pipelines.readers.options import FileReads, ReadOptions, UnreadableFile
from pipelines.readers.tabular import table_values

_FIRST_SECOND, _LAST_SECOND = -9_000_000_000, 9_000_000_000
"""About the years 1684 to 2255, which all units of a timestamp can hold."""


def read_parquet(path: Path, options: ReadOptions) -> FileReads:
    """Read interval reads from Parquet; only the columns that mean something are loaded.

    Timestamps with a time zone are instants. Naive timestamps are UTC where the column name ends in `_utc`, else on
    the file's clock. Binary floating-point energies are taken as their shortest decimal text. Arrow's reader is used
    because Polars' own ends the process on some damaged files.

    Args:
        path: File to read.
        options: What is known about the file.

    Returns:
        Reads and rejects; `row_number` is the row in the file, counted from 1.

    Raises:
        UnreadableFile: The file is damaged, has no rows, or its columns are not understood.
        OSError: The file cannot be opened.
    """
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            layout = recognise_columns(names, options.label_code)
            wanted = _wanted(layout)
            table = file.read(columns=[names[index] for index in wanted])
            table.validate(full=True)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        if not path.is_file():
            raise
        raise UnreadableFile(f"the Parquet file is damaged or incomplete: {str(error).splitlines()[0]}") from error
    if not table.num_rows:
        raise UnreadableFile("the file has columns and no reads")
    frame = _frame(table, names, wanted)
    frame = frame.with_row_index("row_number", offset=1).cast({"row_number": pl.Int64})
    values = table_values(frame, layout, names, options)
    evidence = Evidence("parquet", None, layout.clock_code, layout.label_code, are_slots=bool(layout.slots))

    def row_texts(rejects: pl.DataFrame) -> pl.Series:
        rows = frame[(rejects["row_number"] - 1).to_list()]
        return rows.select(_joined(frame)).to_series()

    return normalise(values, evidence, options, row_texts)


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


def _wanted(layout: Layout) -> list[int]:
    """Positions of the columns that mean something, in order."""
    single = (layout.meter, layout.start, layout.end, layout.date, layout.time, layout.minutes, layout.quality,
              layout.channel, layout.unit)  # fmt: skip
    several = [column.index for column in layout.values] + [slot.index for slot in layout.slots]
    return sorted({index for index in single if index is not None} | set(several))


def _joined(frame: pl.DataFrame) -> pl.Expr:
    """The loaded columns of a row as comma-separated text."""
    return pl.concat_str(
        [pl.col(name).cast(pl.String).fill_null("") for name in frame.columns if name != "row_number"],
        separator=",",
    )
