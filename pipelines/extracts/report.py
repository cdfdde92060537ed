"""What the contract report says of an extract."""

from datetime import timedelta
from typing import Any

import duckdb

from models.extracts import SENDERS
from models.tables.extracts import FILE_EXTRACTS, RAW_EXTRACTS
from pipelines import lake
from pipelines.home import Home
from pipelines.text import counted

_STATED = """
select system_code, utility_code, first_business_date, business_date, sent_at_utc
from files
where file_id = $file
"""
_TABLES = """
select extract_name, sent_count, loaded_count, quarantined_count, missing_columns, extra_columns
from file_extracts
where file_id = $file
order by extract_name
"""


def extract_report(con: duckdb.DuckDBPyConnection, home: Home, file_id: str) -> dict[str, Any]:
    """System, dates and tables of a loaded extract; periods are of the rows that were taken.

    Args:
        con: Connection with a view `files` over `raw.files`.
        home: Home that holds the file.
        file_id: The file.
    """
    lake.create_view(con, home, FILE_EXTRACTS, FILE_EXTRACTS.name)
    stated = _rows(con, _STATED, file_id)[0]
    system = next(one for one in SENDERS if one.code == stated["system_code"])
    tables = _rows(con, _TABLES, file_id)
    for table in tables:
        extract = system.extract(table["extract_name"])
        if extract is not None:
            lake.create_view(con, home, RAW_EXTRACTS[extract.raw_name], "rows_")
            period = ", ".join(
                f"min({name}) as first_{name}, max({name}) as last_{name}"
                for name in ("changed_at_utc", "effective_date")
                if name in extract.columns
            )
            table |= _rows(con, f"select {period} from rows_ where file_id = $file", file_id)[0]
    stale_after = stated["business_date"] + timedelta(days=system.limit_days)
    return stated | {"system_title": system.title, "stale_after_date": stale_after, "tables": tables}


def extract_lines(report: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """The report in words: titles with their lines."""
    span = f"{report['first_business_date']} to {report['business_date']}"
    counts = (
        f"{report['sent_count']:,} sent = {report['loaded_count']:,} loaded + {report['quarantined_count']:,} refused"
    )
    sent = f"sent {report['sent_at_utc']:%Y-%m-%d %H:%M} UTC"
    return [
        ("system", [f"{report['system_code']} ({report['system_title']}) of {report['utility_code']}"]),
        ("dates", [f"{span}, {sent}; without a later file its data are stale after {report['stale_after_date']}"]),
        ("rows", [counts]),
        ("tables", [line for table in report["tables"] for line in _table_lines(table)] or ["none"]),
    ]


def _table_lines(table: dict[str, Any]) -> list[str]:
    line = f"{table['extract_name']}: {counted(table['loaded_count'], 'row')}"
    if table["quarantined_count"]:
        line += f", {table['quarantined_count']:,} refused"
    if table.get("first_changed_at_utc") is not None:
        first, last = (f"{table[name]:%Y-%m-%d %H:%M}" for name in ("first_changed_at_utc", "last_changed_at_utc"))
        line += f", recorded {first} to {last} UTC"
    if table.get("first_effective_date") is not None:
        line += f", in force from {table['first_effective_date']} to {table['last_effective_date']}"
    lines = [line]
    if table["missing_columns"]:
        lines.append(f"  lacks {table['missing_columns']}")
    if table["extra_columns"]:
        lines.append(f"  not read: {table['extra_columns']}")
    return lines


def _rows(con: duckdb.DuckDBPyConnection, sql: str, file_id: str) -> list[dict[str, Any]]:
    result = con.execute(sql, {"file": file_id})
    names = [str(column[0]) for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
