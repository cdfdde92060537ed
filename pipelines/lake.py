"""The lake: Parquet tables declared by the registry, written atomically and read by DuckDB and Polars."""

import glob
import hashlib
import os
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.tables import TABLES, Table
from pipelines.home import Home

ROW_GROUP_SIZE = 122_880
EMPTY_FILE = "_empty.parquet"
_SAMPLED_TEXTS = 1000
_DECLARED_FILE = ".declared"
"""Says for which declarations the files without rows were looked at last."""


def table_folder(home: Home, table: Table) -> Path:
    """Folder of a table: lake/<layer>/<name>."""
    return home.lake / table.layer / table.name


def partition_folder(home: Home, table: Table, month: str) -> Path:
    """Folder of a month (YYYY-MM) of a partitioned table."""
    return table_folder(home, table) / f"read_month={month}"


def table_glob(table: Table) -> str:
    """All files of a table, relative to the home folder."""
    return f"lake/{table.layer}/{table.name}/**/*.parquet"


def prepare(home: Home) -> None:
    """Give every declared table a file without rows, so that reading a table never depends on its having any."""
    marker = home.lake / _DECLARED_FILE
    are_current = marker.exists() and marker.read_text(encoding="ascii") == _declared()
    for table in TABLES:
        path = table_folder(home, table) / EMPTY_FILE
        if path.exists() and are_current:
            continue
        schema = table.arrow_schema()
        if not path.exists() or not pq.read_schema(path).equals(schema, check_metadata=True):
            write_arrow(schema.empty_table(), table, path)
    if not are_current:
        temporary = marker.with_name(f"{marker.name}.{os.getpid()}")
        temporary.write_text(_declared(), encoding="ascii")
        temporary.replace(marker)


@cache
def _declared() -> str:
    """A digest of all declared schemas."""
    digest = hashlib.sha256()
    for table in TABLES:
        digest.update(table.arrow_schema().serialize())
    return digest.hexdigest()


def write_frame(frame: pl.DataFrame, table: Table, path: Path) -> None:
    """Write a frame as one Parquet file in the table's declared types.

    Raises:
        dataframely.exc.SchemaError: The frame's columns are not the declared ones.
    """
    write_arrow(table.schema.cast(frame).to_arrow().cast(table.arrow_schema()), table, path)


def write_arrow(rows: pa.Table, table: Table, path: Path) -> None:
    """Write Arrow rows as one Parquet file: delta-encoded integers and times, dictionaries for texts, zstd.

    Texts that hardly repeat are delta-encoded. Only columns by which readers skip row groups have statistics: numbers,
    times and the meter.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    deltas: dict[str, str] = {}
    skippable = []
    for field in rows.schema:
        if pa.types.is_integer(field.type) or pa.types.is_timestamp(field.type):
            deltas[field.name] = "DELTA_BINARY_PACKED"
        elif pa.types.is_string(field.type) and _hardly_repeats(rows[field.name]):
            deltas[field.name] = "DELTA_BYTE_ARRAY"
        if not pa.types.is_string(field.type) or field.name == "meter_id":
            skippable.append(field.name)
    pq.write_table(
        rows,
        temporary,
        compression="zstd",
        row_group_size=ROW_GROUP_SIZE,
        use_dictionary=[name for name in rows.schema.names if name not in deltas],
        column_encoding=deltas,
        data_page_version="2.0",
        write_statistics=skippable,
    )
    temporary.replace(path)


def _hardly_repeats(texts: pa.ChunkedArray) -> bool:
    """True where most of the first texts are different ones."""
    first = texts.slice(0, _SAMPLED_TEXTS)
    return len(first) > 0 and 2 * pc.count_distinct(first).as_py() > len(first)


def write_query(con: duckdb.DuckDBPyConnection, query: str, table: Table, path: Path) -> int:
    """Write a query's rows, in the query's order, as one Parquet file in the table's declared types.

    Returns:
        Number of rows.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    result = con.execute(
        f"copy ({typed(query, table)}) to '{quoted(temporary)}' "
        f"(format parquet, compression zstd, parquet_version v2, row_group_size {ROW_GROUP_SIZE})"
    ).fetchone()
    temporary.replace(path)
    return int(result[0]) if result else 0


def typed(query: str, table: Table) -> str:
    """A query whose rows have the table's declared columns and types."""
    columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in table.sql_types().items())
    return f"select {columns} from ({query})"


def connect(home: Home) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB connection in UTC that spills below the home folder."""
    spill = home.warehouse / ".spill"
    con = duckdb.connect(config={"temp_directory": str(spill)})
    con.execute("set TimeZone = 'UTC'")
    return con


def create_view(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    table: Table,
    name: str,
    months: list[str] | None = None,
    condition: str = "true",
) -> None:
    """Create a temporary view over a table, or over some months of a partitioned one."""
    listed = ", ".join(f"'{quoted(Path(file))}'" for file in table_files(home, table, months))
    con.execute(
        f"create or replace temp view {name} as "
        f"select * from read_parquet([{listed}], hive_partitioning = false) where {condition}"
    )


def table_files(home: Home, table: Table, months: list[str] | None = None) -> list[str]:
    """Parquet files of a table, or of some months of a partitioned one; the first holds no rows."""
    folders = [table_folder(home, table)] if months is None else [partition_folder(home, table, m) for m in months]
    files = [str(table_folder(home, table) / EMPTY_FILE)]
    for folder in folders:
        files += sorted(str(path) for path in folder.rglob("*.parquet") if path.name != EMPTY_FILE)
    return files


def read_frame(home: Home, table: Table) -> pl.DataFrame:
    """A whole small table as a frame in its declared types."""
    return table.schema.cast(pl.read_parquet(table_files(home, table), hive_partitioning=False, glob=False))


def read_files(home: Home, table: Table, file_ids: list[str]) -> pl.DataFrame:
    """Rows of an unpartitioned raw table that came in some landing files."""
    folder = table_folder(home, table)
    paths = [folder / EMPTY_FILE]
    for file_id in file_ids:
        paths += sorted(folder.glob(f"{file_id}-*.parquet"))
    return pl.read_parquet(paths, hive_partitioning=False, glob=False)


def scan(home: Home, table: Table, months: list[str] | None = None) -> pl.LazyFrame:
    """A table, or some months of a partitioned one, to be read in part."""
    return pl.scan_parquet(table_files(home, table, months), hive_partitioning=False, glob=False)


def literal(folder: Path) -> Path:
    """A folder as the beginning of a pattern of files: wild cards in its own name stand for themselves."""
    return Path(glob.escape(str(folder)))


def quoted(path: Path) -> str:
    """A path inside an SQL text literal."""
    return str(path).replace("'", "''")
