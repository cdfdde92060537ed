"""Columns of Parquet files as columns that the readers of tables understand, whatever types and sizes a file states."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.readers.options import UnreadableFile

_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999."""
_DAY_SECONDS = 86_400
_PER_SECOND = {"ms": 10**3, "us": 10**6}
_DECODED_BYTES = 256 << 20
_UNSUSPICIOUS_BYTES = 1 << 30
_MOST_RATIO = 200
_LONGEST_TEXT = 1 << 12
_PLAIN = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_integer, pa.types.is_floating,
    pa.types.is_boolean, pa.types.is_decimal, pa.types.is_date, pa.types.is_timestamp, pa.types.is_time,
    pa.types.is_null,
)  # fmt: skip


def check_types(schema: pa.Schema, wanted: list[int]) -> None:
    """Make sure that columns hold text, numbers or times.

    Raises:
        UnreadableFile: One does not.
    """
    for index in wanted:
        kind = schema.field(index).type
        of_values = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not any(is_kind(of_values) for is_kind in _PLAIN):
            raise UnreadableFile(f'column "{schema.names[index]}" holds {kind}, not text, numbers or times')


def check_sizes(metadata: pq.FileMetaData, names: list[str]) -> None:
    """Make sure that columns do not unpack to far more than reads can.

    Args:
        metadata: The file's.
        names: Names of the columns.

    Raises:
        UnreadableFile: Those of a row group do.
    """
    places = _places(metadata, names)
    for number in range(metadata.num_row_groups):
        columns = [metadata.row_group(number).column(place) for place in places.values()]
        packed = sum(column.total_compressed_size for column in columns)
        unpacked = sum(column.total_uncompressed_size for column in columns)
        if unpacked > _UNSUSPICIOUS_BYTES and unpacked > _MOST_RATIO * packed:
            raise UnreadableFile(
                f"row group {number + 1} unpacks to {unpacked >> 20:,} MiB from {packed:,} bytes, which is more than "
                "reads can; if it is sound, write it in smaller row groups"
            )


def texts_with_dictionary(schema: pa.Schema, metadata: pq.FileMetaData, names: list[str]) -> list[str]:
    """Of columns those of texts that stand in the file once each, however often they occur."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    return [
        name
        for name, place in _places(metadata, names).items()
        if pa.types.is_string(schema.field(name).type) and any(g.column(place).has_dictionary_page for g in groups)
    ]


def _places(metadata: pq.FileMetaData, names: list[str]) -> dict[str, int]:
    """Position of columns among those that the file stores, which are more than its columns where some are nested."""
    paths = [metadata.schema.column(place).path for place in range(len(metadata.schema))]
    return {name: paths.index(name) for name in names if name in paths}


def decoded(batch: pa.RecordBatch) -> Iterator[pa.Table]:
    """The rows with their texts written out, in as many pieces as it takes to keep long texts from filling memory.

    Raises:
        UnreadableFile: A text that is stored once and may occur in every row is far longer than those of reads.
    """
    lengths = {
        name: _longest_text(column)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
        if pa.types.is_dictionary(column.type)
    }
    for name, length in lengths.items():
        if length > _LONGEST_TEXT:
            raise UnreadableFile(
                f'column "{name}" holds a text of {length:,} bytes, and no read has one of more than {_LONGEST_TEXT:,}'
            )
    longest = sum(lengths.values())
    rows = max(1, _DECODED_BYTES // max(1, longest))
    for start in range(0, batch.num_rows, rows):
        columns = [_plain(column) for column in batch.slice(start, rows).columns]
        yield pa.table(columns, names=[f"c{place}" for place in range(len(columns))])


def in_range(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with dates and timestamps beyond the years 1 to 9999, at which Polars stops, put at the bounds."""
    first, last = _FIRST_SECOND, _LAST_SECOND
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.Datetime) and kind.time_unit in _PER_SECOND:
            bounds = (first * _PER_SECOND[kind.time_unit], last * _PER_SECOND[kind.time_unit])
        elif kind == pl.Date:
            bounds = (first // _DAY_SECONDS, last // _DAY_SECONDS)
        else:
            continue
        frame = frame.with_columns(pl.col(name).to_physical().clip(*bounds).cast(kind))
    return frame


def _longest_text(column: pa.DictionaryArray) -> int:
    texts = column.dictionary
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        return 0
    return pc.max(pc.binary_length(texts)).as_py() or 0


def _plain(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.dictionary_decode())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return column.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_decimal(kind) and not pa.types.is_decimal128(kind):
        return column.cast(pa.string())
    return column
