"""Content hashes: whether two builds say the same, whatever the order of their rows.

Columns that tell when something was received, known or built are left out: any order of arrival of the same files
must end in the same content.
"""

from pathlib import Path

import duckdb

NOT_CONTENT = frozenset(
    {
        "believed_from_utc",
        "believed_to_utc",
        "build_id",
        "built_at_utc",
        "known_at_utc",
        "previous_build_id",
        "received_at_utc",
        "restatement_id",
    }
)


def content_hashes(marts: Path) -> dict[str, str]:
    """Hash of every published table and view.

    Args:
        marts: A published marts.duckdb.

    Returns:
        `<row count>-<hash>` by table. Comparable between builds made with the same DuckDB version.
    """
    with duckdb.connect(str(marts), read_only=True) as con:
        columns: dict[str, list[str]] = {}
        for table, column in con.execute(
            "select table_name, column_name from duckdb_columns() where not internal order by table_name, column_index"
        ).fetchall():
            columns.setdefault(table, []).append(column)
        return {table: _content_hash(con, table, names) for table, names in columns.items()}


def _content_hash(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> str:
    content = ", ".join(name for name in columns if name not in NOT_CONTENT)
    # Xor alone would let two equal rows cancel each other; the sum does not.
    row = con.execute(
        f"select count(*), bit_xor(row_hash), sum(row_hash::hugeint) % 18446744073709551616::hugeint "
        f"from (select hash({content}) as row_hash from {table})"
    ).fetchone()
    count, xor, total = row or (0, 0, 0)
    return f"{count}-{xor or 0:016x}{int(total or 0):016x}"
