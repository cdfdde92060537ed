"""What a table declaration is; the column constructors of `models.columns` are at hand here too."""

from dataclasses import dataclass
from functools import cache

import dataframely as dy
import polars as pl
import pyarrow as pa

from models.columns import (
    CHANNELS,
    LARGEST_READ_WH,
    METHOD_CODES,
    QUALITY_CODES,
    RULE_CODES,
    code,
    count,
    local_date,
    minutes,
    unit_of,
    utc,
    watt_hours,
)

__all__ = [
    "CHANNELS",
    "LARGEST_READ_WH",
    "METHOD_CODES",
    "QUALITY_CODES",
    "RULE_CODES",
    "SQL_TYPES",
    "Table",
    "code",
    "count",
    "local_date",
    "minutes",
    "unit_of",
    "utc",
    "watt_hours",
]


@dataclass(frozen=True)
class Table:
    """One declared table.

    Attributes:
        layer: Folder of the lake and dbt schema: raw, entities, vee or analytics.
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
        return _empty(self)

    def arrow_schema(self) -> pa.Schema:
        """Arrow schema as written to Parquet: strings, codes as plain strings, timestamps in microseconds."""
        return _arrow_schema(self)

    def sql_types(self) -> dict[str, str]:
        """SQL type of each column, as DuckDB names it."""
        return {field.name: _sql_type(field.type) for field in self.arrow_schema()}


@cache
def _empty(table: Table) -> pl.DataFrame:
    return table.schema.create_empty()


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


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return SQL_TYPES[str(kind)]
