"""The one database of decisions: append-only tables below inbox/, or in a database that a setting names.

A table of decisions has a `sequence` that rises in the order of recording, an id that no other store gives again, and
the columns of the contract by which it is handed over (`models/extracts/operations.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import yaml

from pipelines.home import Home

DATABASE_FILE, SETTINGS_FILE = "operations.db", "operations.yml"
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_WAIT_SECONDS = 30

METADATA = sa.MetaData()
READ_EDITS = sa.Table(
    "read_edits",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("edit_id", sa.String(40), nullable=False, unique=True),
    sa.Column("recorded_at_utc", sa.DateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("meter_id", sa.Text, nullable=False),
    sa.Column("channel_code", sa.String(20), nullable=False),
    sa.Column("interval_start_utc", sa.DateTime, nullable=False),
    sa.Column("action_code", sa.String(20), nullable=False),
    sa.Column("edited_wh", sa.BigInteger),
    sa.Column("reported_wh", sa.BigInteger),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("read_edits_of_interval", "meter_id", "interval_start_utc"),
)
"""Manual edits of reads."""
DRAINS = sa.Table(
    "drains",
    METADATA,
    sa.Column("table_name", sa.String(40), primary_key=True),
    sa.Column("last_sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("first_sequence", sa.BigInteger, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False, unique=True),
)
"""Which rows of a table went into which landing file; the last sequence of all is the watermark."""

for _table in (READ_EDITS, DRAINS):
    for _change in ("update", "delete"):
        sa.event.listen(
            _table,
            "after_create",
            sa.DDL(  # type: ignore[no-untyped-call]
                f"create trigger {_table.name}_no_{_change} before {_change} on {_table.name} "
                f"begin select raise(abort, '{_table.name} is append-only'); end"
            ).execute_if(dialect="sqlite"),
        )


class StoreError(RuntimeError):
    """The store cannot be used; the message says why and what to do."""


def exists(home: Home) -> bool:
    """True where the home has a store, or names one."""
    return (home.inbox / DATABASE_FILE).exists() or (home.inbox / SETTINGS_FILE).exists()


@contextmanager
def open_store(home: Home) -> Iterator[sa.Connection]:
    """One transaction on the store, made where there is none; what is recorded in it stays, or nothing of it does.

    Raises:
        StoreError: The setting is wrong, or the database cannot be reached or is held by somebody else for too long.
    """
    engine = _engine(home)
    try:
        with engine.begin() as con:
            METADATA.create_all(con)
            yield con
    except sa.exc.SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StoreError(
            f"the operations store {engine.url.render_as_string()} cannot be used ({cause}); mend it or name another "
            f"in {home.inbox / SETTINGS_FILE}"
        ) from None
    finally:
        engine.dispose()


def append(con: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record rows in their order.

    The next sequence is taken inside the transaction and is the table's key, so no row can come to stand before one
    that a drain has seen.

    Raises:
        StoreError: Somebody else took the sequence first, which a database may allow; nothing is recorded.
    """
    last = con.scalar(sa.select(sa.func.max(table.c.sequence))) or 0
    try:
        con.execute(sa.insert(table), [{**row, "sequence": last + place} for place, row in enumerate(rows, start=1)])
    except sa.exc.IntegrityError:
        raise StoreError(
            "somebody else recorded something at the same moment, so nothing was recorded; try again"
        ) from None


def watermark(con: sa.Connection, table: sa.Table) -> int:
    """Last sequence of a table that has been handed over; 0 before the first time."""
    found = con.scalar(sa.select(sa.func.max(DRAINS.c.last_sequence)).where(DRAINS.c.table_name == table.name))
    return int(found or 0)


def _engine(home: Home) -> sa.Engine:
    url = _url(home)
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url)
    path = home.inbox / DATABASE_FILE
    if url.database == str(path):
        home.inbox.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        path.touch(mode=_FILE_MODE)
    engine = sa.create_engine(url, connect_args={"timeout": _WAIT_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver would begin transactions by itself, and only before the first change.
        connection.isolation_level = None
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("begin immediate")

    return engine


def _url(home: Home) -> sa.URL:
    path = home.inbox / SETTINGS_FILE
    if not path.exists():
        return sa.URL.create("sqlite", database=str(home.inbox / DATABASE_FILE))
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or set(found) != {"database_url"}:
            raise StoreError(f"{path} must hold one line, database_url: followed by the address of a database")
        return sa.make_url(str(found["database_url"]))
    except (yaml.YAMLError, sa.exc.ArgumentError):
        raise StoreError(
            f"{path} holds no address of a database; write database_url: postgresql+psycopg://user@host/name, "
            "or the like"
        ) from None
