"""What all verbs share: how results are printed, how errors become one sentence, exit codes, dates."""

import errno
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, NoReturn

import typer

from models.documents import DocumentError
from pipelines.home import HomeBusyError

WRONG_USAGE = 2
QUARANTINED = 3
"""Done, but something of the input is in quarantine/ or was refused."""
STALE = 4
"""Published, but a feed is stale."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@contextmanager
def one_sentence(*errors: type[Exception]) -> Iterator[None]:
    """Turn expected errors into one sentence on standard error and exit code 1."""
    expected: tuple[type[Exception], ...] = (HomeBusyError, OSError, DocumentError, *errors)
    try:
        yield
    except expected as error:
        typer.echo(f"meterhouse: {_told(error)}", err=True)
        raise typer.Exit(1) from None


_OF_THE_HOME = (errno.EROFS, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR)


def _told(error: Exception) -> str:
    """An error as one sentence; of one that a wrongly chosen home causes, what to do about it."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    where = f"{error.filename}: " if error.filename is not None else ""
    advice = "; set METERHOUSE_HOME to a folder in which you may write" if error.errno in _OF_THE_HOME else ""
    return f"{where}{error.strerror.lower()}{advice}"


@contextmanager
def usage(expected: type[Exception]) -> Iterator[None]:
    """Turn an error about wrong options into one sentence on standard error and exit code 2."""
    try:
        yield
    except expected as error:
        refuse(str(error))


def refuse(sentence: str) -> NoReturn:
    """Say in one sentence what is wrong with the options, and end with exit code 2."""
    typer.echo(f"meterhouse: {sentence}", err=True)
    raise typer.Exit(WRONG_USAGE)


def require_reference() -> None:
    """End with exit code 1 and a sentence per mistake where data/reference has any, before anything is begun."""
    from pipelines.reference import mistakes

    found = mistakes()
    for sentence in found:
        typer.echo(f"meterhouse: {sentence}", err=True)
    if found:
        raise typer.Exit(1)


def show_result(document: Any, as_json: bool, text: str) -> None:
    """Print a result as JSON or as text."""
    typer.echo(json.dumps(document, default=str, indent=2) if as_json else text)


def require_date(value: str | None) -> None:
    """Refuse a text that is no ISO date."""
    if value is None:
        return
    try:
        date.fromisoformat(value)
    except ValueError:
        refuse(f"{value} is not a date; write it as {datetime.now(UTC):%Y-%m-%d}")


def require_order(first: str | None, last: str | None) -> None:
    """Refuse a first date after the last one."""
    if first and last and date.fromisoformat(first) > date.fromisoformat(last):
        refuse(f"--from {first} is later than --to {last}")


def terminal_width() -> int | None:
    """Characters of a terminal line; None where the output goes to a file or another program."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
