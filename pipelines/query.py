"""Answers from the published marts, without starting anything but DuckDB."""

import json
from pathlib import Path
from typing import Any

import duckdb

from pipelines.content import content_hashes
from pipelines.home import Home

SHOWN_ROWS = 40
EXCEL_ROWS = 1_048_575


class QueryError(RuntimeError):
    """A question that cannot be answered; the message says why and what to do."""


def open_marts(home: Home) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the published generation, in UTC.

    Raises:
        QueryError: Nothing is published, or it cannot be opened.
    """
    if not home.marts.exists():
        raise QueryError(f"{home.root} has no published marts; make them with `meterhouse run` or `meterhouse demo`")
    try:
        con = duckdb.connect(str(home.marts.resolve()), read_only=True)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise QueryError(f"{home.marts} cannot be opened ({reason}); publish anew with `meterhouse run`") from None
    con.execute("set TimeZone = 'UTC'")
    return con


def ask(home: Home, sql: str, out: Path | None = None, as_json: bool = False) -> str:
    """Run a query and return what to print.

    Args:
        home: Home folder.
        sql: SQL text, or the name of a file that holds it.
        out: Write the rows there (.csv, .xlsx or .parquet) instead of returning them.
        as_json: Return the rows as JSON.

    Raises:
        QueryError: The SQL is wrong, or the file's ending is not known.
    """
    text = _sql_text(sql)
    with open_marts(home) as con:
        try:
            relation = con.sql(text)
            if relation is None:
                raise QueryError("the query returns no rows: write a select")
            if out is not None:
                return _write(relation, out)
            rows = relation.fetchall() if as_json else relation.limit(SHOWN_ROWS + 1).fetchall()
        except duckdb.Error as error:
            text = str(error).strip()
            is_moved = isinstance(error, duckdb.IOException) and "No files found" in text
            hint = "; if the home was moved or copied, run `meterhouse doctor --relocate`" if is_moved else ""
            raise QueryError(f"{text}{hint}") from None
        names = relation.columns
    records = [dict(zip(names, row, strict=True)) for row in rows]
    if as_json:
        return json.dumps(records, default=str, indent=2)
    return _shown(names, records)


def list_tables(home: Home) -> list[dict[str, Any]]:
    """Published tables: name, kind, rows and description."""
    with open_marts(home) as con:
        rows = con.execute(
            "select table_name, 'table' as kind, estimated_size, comment from duckdb_tables() union all "
            "select view_name, 'view', null, comment from duckdb_views() where not internal order by all"
        ).fetchall()
    return [
        {"table": name, "kind": kind, "rows": count, "description": _one_line(comment)}
        for name, kind, count, comment in rows
    ]


def list_hashes(home: Home) -> list[dict[str, Any]]:
    """Published tables with their content hashes.

    Raises:
        QueryError: Nothing is published.
    """
    open_marts(home).close()
    return [{"table": name, "content_hash": value} for name, value in sorted(content_hashes(home.marts).items())]


def describe_table(home: Home, name: str) -> list[dict[str, Any]]:
    """Columns of a published table: name, type and description with unit.

    Raises:
        QueryError: There is no such table.
    """
    with open_marts(home) as con:
        rows = con.execute(
            "select column_name, data_type, comment from duckdb_columns() "
            "where table_name = ? and not internal order by column_index",
            [name],
        ).fetchall()
    if not rows:
        raise QueryError(f"there is no table {name}; `meterhouse tables` lists what exists")
    return [{"column": column, "type": kind, "description": _one_line(comment)} for column, kind, comment in rows]


def _sql_text(sql: str) -> str:
    if not sql.endswith(".sql"):
        return sql
    try:
        return Path(sql).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"{sql} cannot be read: {error}") from None


def _shown(names: list[str], records: list[dict[str, Any]]) -> str:
    from pipelines.text import aligned_table

    text = aligned_table(records[:SHOWN_ROWS]) if records else f"{'  '.join(names)}\n(no rows)"
    if len(records) > SHOWN_ROWS:
        text += f"\n… more than {SHOWN_ROWS} rows; write all of them with --out x.csv"
    return text


def _write(relation: duckdb.DuckDBPyRelation, out: Path) -> str:
    match out.suffix.lower():
        case ".csv":
            relation.write_csv(str(out), header=True)
        case ".parquet":
            relation.write_parquet(str(out), compression="zstd")
        case ".xlsx":
            frame = relation.pl()
            if frame.height > EXCEL_ROWS:
                raise QueryError(
                    f"{frame.height:,} rows do not fit in a sheet of {EXCEL_ROWS:,}; write .csv or .parquet"
                )
            frame.write_excel(str(out))
        case other:
            raise QueryError(f"cannot write {other or out}: name the file x.csv, x.xlsx or x.parquet")
    return str(out)


def _one_line(comment: str | None) -> str:
    return " ".join((comment or "").split())
