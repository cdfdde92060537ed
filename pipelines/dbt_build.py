"""Builds of the dbt project, in this process.

A dbt of its own would import for two seconds, connect and parse before its first statement, each time. The price: dbt
keeps its database open after a build, and DuckDB gives whoever opens a file again the handle that its process already
has, so every build here ends by closing it.
"""

import fcntl
import hashlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, cast

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.environments import Environment
from dbt.artifacts.schemas.results import NodeStatus
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.event_manager_client import cleanup_event_logger

from pipelines.home import HOME_VARIABLE, REPOSITORY, Home

PROJECT = REPOSITORY / "dbt_project"
NAME = "meterhouse"
TARGET = PROJECT / "target"
LOG_FILE = "dbt.log"
DIGEST_FILE = "incremental.sha256"
DATA_ONLY = ("--exclude-resource-type", "unit_test")
"""Options of a build of data: unit tests try the project, not the data."""
_LOGS = ("--log-level", "none", "--log-level-file", "none", "--no-use-colors")
"""dbt would compose a line of each of its thousands of events to write the few that matter."""
_NOT_LOGGED = ("debug", "test")
_MADE = (NodeStatus.Success, NodeStatus.Pass, NodeStatus.Warn, NodeStatus.Fail)
_BROKEN = (NodeStatus.Error, NodeStatus.Fail, NodeStatus.RuntimeErr, NodeStatus.PartialSuccess)


class DbtError(RuntimeError):
    """dbt could not parse or build; the message says what failed, why, and where its log lies."""


@dataclass(frozen=True)
class NodeResult:
    """What became of a model or a test.

    Attributes:
        unique_id: The node's id in the manifest.
        name: Its name.
        status: dbt's word for it: success, pass, warn, fail, error, skipped.
        message: dbt's message, None where it has none.
        failed_row_count: Rows that break a test, None for a model.
        seconds: Time that it took.
    """

    unique_id: str
    name: str
    status: str
    message: str | None
    failed_row_count: int | None
    seconds: float

    @property
    def is_made(self) -> bool:
        """Whether a model stands as built now, or a test has been answered."""
        return self.status in _MADE

    @property
    def is_broken(self) -> bool:
        """Whether it stops the build."""
        return self.status in _BROKEN


@cache
def manifest() -> dict[str, Any]:
    """The manifest of the project, as dbt would write it to JSON.

    Raises:
        DbtError: The project cannot be parsed.
    """
    content: dict[str, Any] = _parsed().writable_manifest().to_dict(omit_none=False)
    return content


def build(home: Home, *options: str) -> list[NodeResult]:
    """Build and test the models of the project in a home's private database.

    dbt's log and artifacts lie in warehouse/.dbt. A database whose incremental models were written otherwise than they
    are now is made anew, since their rows would stay as they are.

    Args:
        home: Home folder; no connection to its build database may be open in this process.
        options: Further options of `dbt build`.

    Returns:
        A result per node, in the order in which they ended; some may be broken.

    Raises:
        DbtError: dbt stopped before any node.
    """
    folder = home.warehouse / ".dbt"
    folder.mkdir(parents=True, exist_ok=True)
    _forget_other_models(home, folder / DIGEST_FILE)
    result = _invoke(home.root, folder, "build", *options, manifest=_copy(_parsed()))
    nodes = cast(RunExecutionResult, result).results
    return [
        NodeResult(row.node.unique_id, row.node.name, str(row.status), row.message, row.failures, row.execution_time)
        for row in nodes
    ]


def _forget_other_models(home: Home, noted: Path) -> None:
    """Remove a build database that rests on incremental models, macros or settings that are no longer the project's."""
    digest = _incremental_digest()
    if not noted.exists() or noted.read_text(encoding="utf-8") != digest:
        for path in (home.build_database, home.build_database.with_name(f"{home.build_database.name}.wal")):
            path.unlink(missing_ok=True)
        noted.write_text(digest, encoding="utf-8")


@cache
def _incremental_digest() -> str:
    """SHA-256 of all that says what the rows of incremental models are."""
    project = _parsed()
    models = [
        f"{key}\n{node.raw_code}" for key, node in project.nodes.items() if node.config.materialized == "incremental"
    ]
    macros = [f"{key}\n{macro.macro_sql}" for key, macro in project.macros.items() if macro.package_name == NAME]
    settings = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    return hashlib.sha256("\n".join([settings, *sorted(models), *sorted(macros)]).encode()).hexdigest()


def failure(home: Home, results: list[NodeResult]) -> str | None:
    """What of a build is broken, a line per node, and where the log lies; None where nothing is."""
    broken = [f"{row.name}: {(row.message or row.status).strip()}" for row in results if row.is_broken]
    return "\n".join([*broken, f"more in {home.warehouse / '.dbt' / LOG_FILE}"]) if broken else None


@cache
def _parsed() -> Manifest:
    """The project as this process found it; only what has changed since another one looked is parsed anew."""
    TARGET.mkdir(exist_ok=True)
    with (TARGET / ".lock").open("w") as handle:
        # dbt rewrites what it has parsed in place.
        fcntl.flock(handle, fcntl.LOCK_EX)
        # The name of a home would be a part of what is parsed, so it is parsed under one name for all.
        return cast(Manifest, _invoke(TARGET, TARGET, "--no-write-json", "parse"))


def _invoke(root: Path, folder: Path, *arguments: str, manifest: Manifest | None = None) -> Any:
    """Result of a dbt command on the home of that root, with log and artifacts in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder)]
    with (folder / LOG_FILE).open("w", buffering=1, encoding="utf-8") as log:

        def write(event: Any) -> None:
            if event.info.level not in _NOT_LOGGED:
                log.write(f"{event.info.ts.ToJsonString()} {event.info.level}: {event.info.msg}\n")

        try:
            with _named(root), _interruptible() as interrupted:
                runner = dbtRunner(manifest, callbacks=[write])
                outcome = runner.invoke([*_LOGS, "--log-path", str(folder), *arguments, *places])
        finally:
            _close_database()
            cleanup_event_logger()
    if outcome.exception is None:
        return outcome.result
    if not isinstance(outcome.exception, Exception):  # the runner catches the user's interrupt, too
        raise outcome.exception
    if interrupted.is_set():
        raise KeyboardInterrupt from outcome.exception
    raise DbtError(f"{str(outcome.exception).strip()}\nmore in {folder / LOG_FILE}") from outcome.exception


def _copy(parsed: Manifest) -> Manifest:
    """A manifest for one build, since dbt writes into the one that it works with.

    dbt's own copying gives the tables by which it looks nodes up to each other's fields (`Manifest.__reduce_ex__` omits
    `fixtures`); without them it makes them anew.
    """
    tables = {field.name: None for field in fields(parsed) if field.name.endswith("_lookup")}
    copied = deepcopy(replace(parsed, **tables))  # type: ignore[arg-type]
    copied.fixtures = deepcopy(parsed.fixtures)
    return copied


@contextmanager
def _named(root: Path) -> Iterator[None]:
    """Let the profile find a home, whatever the environment names."""
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(root)
    try:
        yield
    finally:
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Interrupt as Python does: dbt stops its queries at a KeyboardInterrupt and at no other, Dagster's among them.

    The event is set once it was interrupted: dbt may end with the error of a query that it stopped instead.
    """
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        signal.default_int_handler(number, frame)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _close_database() -> None:
    opened = cast("Environment | None", DuckDBConnectionManager._ENV)
    if opened is not None:
        opened.close()  # type: ignore[no-untyped-call]
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
