"""Where Dagster keeps the events of a home's runs: one SQLite file, opened once.

Dagster's own storage opens a database and compiles its statements anew for each event, and writes an asset's events to
two databases: 6 of the 17 seconds of processor time of a run of some 640 events.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, event


class EventLog(ConsolidatedSqliteEventLogStorage):
    """Dagster's consolidated event log with one engine for all its events; named by the home's dagster.yaml."""

    @cached_property
    def _engine(self) -> Engine:
        engine = create_engine(self._conn_string, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
        # Under its write-ahead log SQLite stays whole without waiting for the disk at each event.
        event.listen(engine, "connect", lambda connection, _: connection.execute("pragma synchronous = normal"))
        return engine

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the database."""
        self._engine.dispose()
        super().dispose()  # type: ignore[no-untyped-call]
