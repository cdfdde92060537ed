"""What a table declaration is, and the column constructors that make units compulsory."""

from dataclasses import dataclass
from functools import cache

import dataframely as dy
import polars as pl
import pyarrow as pa

CHANNELS = ("delivered", "received")
"""Direction of energy: delivered = grid to customer, received = customer to grid. Both are positive."""

QUALITY_CODES = ("V", "A", "G", "E", "Q", "N")
"""V verified, A actual, G edited, E estimated, Q questionable (failed, not estimated), N missing."""

METHOD_CODES = ("E1", "E2")
"""E1 linear interpolation, E2 average of earlier like days."""

RULE_CODES = ("V01", "V02", "V03", "V04", "V05")
"""V01 duplicate, V02 interval length, V03 missing, V04 negative, V05 impossible maximum."""


@dataclass(frozen=True)
class Table:
    """One declared table.

    Attributes:
        layer: Folder of the lake and dbt schema: raw, entities or vee.
        name: Table name inside the layer; (layer, name) is the Dagster asset key.
        grain: What one row stands for, in words.
        schema: Column declarations; the primary key is the grain's key.
        is_partitioned: True where the lake holds one folder `read_month=YYYY-MM` per month.
    """

    layer: str
    name: str
    grain: str
    schema: type[dy.Schema]
    is_partitioned: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """(layer, name)."""
        return (self.layer, self.name)

    @property
    def primary_key(self) -> list[str]:
        """Names of the columns that identify a row."""
        return self.schema.primary_key()

    @property
    def columns(self) -> dict[str, dy.Column]:
        """Declared columns by name, in order."""
        return self.schema.columns()

    def empty(self) -> pl.DataFrame:
        """A frame with the declared columns and no rows."""
        return self.schema.create_empty()

    def arrow_schema(self) -> pa.Schema:
        """Arrow schema as written to Parquet: strings, codes as plain strings, timestamps in microseconds."""
        return _arrow_schema(self)

    def sql_types(self) -> dict[str, str]:
        """SQL type of each column, as DuckDB names it."""
        return {field.name: SQL_TYPES[str(field.type)] for field in self.arrow_schema()}


@cache
def _arrow_schema(table: Table) -> pa.Schema:
    fields = []
    for field in table.empty().to_arrow().schema:
        kind = field.type
        if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            kind = pa.string()
        column = table.columns[field.name]
        meta = {"description": column.description or "", "unit": unit_of(column)}
        fields.append(pa.field(field.name, kind, nullable=column.nullable, metadata=meta))
    return pa.schema(fields)


SQL_TYPES = {
    "string": "varchar",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "double": "double",
    "bool": "boolean",
    "date32[day]": "date",
    "timestamp[us]": "timestamp",
}


def unit_of(column: dy.Column) -> str:
    """Unit of a column, or an empty string for keys, codes and text."""
    return str((column.metadata or {}).get("unit", ""))


def utc(description: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Datetime:
    """An instant: naive timestamp in microseconds that holds UTC."""
    return dy.Datetime(
        time_unit="us",
        nullable=nullable,
        primary_key=primary_key,
        description=description,
        metadata={"unit": "UTC"},
    )


LARGEST_READ_WH = 10**12
"""A terawatt-hour in one interval is no read; beyond it, sums of sentinel values would leave 64 bits."""


def watt_hours(
    description: str, *, nullable: bool = False, minimum: int | None = None, maximum: int | None = None
) -> dy.Int64:
    """Energy in whole watt-hours, 64 bits."""
    return dy.Int64(nullable=nullable, min=minimum, max=maximum, description=description, metadata={"unit": "Wh"})


def count(description: str) -> dy.Int32:
    """A number of things, never negative."""
    return dy.Int32(min=0, description=description, metadata={"unit": "count"})


def code(values: tuple[str, ...], description: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Enum:
    """A short code out of a closed list."""
    return dy.Enum(values, nullable=nullable, primary_key=primary_key, description=description)


def local_date(description: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Date:
    """A civil date on the meter's local calendar."""
    return dy.Date(nullable=nullable, primary_key=primary_key, description=description, metadata={"unit": "local date"})


def minutes(description: str, *, nullable: bool = False, primary_key: bool = False) -> dy.Int16:
    """A duration in whole minutes."""
    return dy.Int16(
        nullable=nullable, primary_key=primary_key, min=0, description=description, metadata={"unit": "min"}
    )
