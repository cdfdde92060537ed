"""Verbs that write reports."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import Json, one_sentence, require_date, require_order, require_reference, show_result
from pipelines.home import Home


def data_quality(
    first: Annotated[
        str | None, typer.Option("--from", help="Oldest local date; the 30 days up to the newest if not given.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="Newest local date; the latest one with reads if not given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="HTML file to write; reports/data_quality/ if not given.")] = None,
    as_json: Json = False,
) -> None:
    """How whole and how trustworthy the published reads are, as one HTML file to read, print and forward."""
    for value in (first, last):
        require_date(value)
    require_order(first, last)
    require_reference()
    from pipelines.query import QueryError
    from pipelines.reports.data_quality import ReportError, write

    oldest, newest = (None if value is None else date.fromisoformat(value) for value in (first, last))
    with one_sentence(QueryError, ReportError):
        written = write(Home.from_environment(), oldest, newest, out)
    show_result({"report": str(written)}, as_json, str(written))
