"""The daily job, and the look at what is wrong."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import (
    QUARANTINED,
    STALE,
    Json,
    one_sentence,
    require_date,
    require_order,
    require_reference,
    show_result,
    terminal_width,
)
from pipelines.home import Home
from pipelines.text import aligned_table


def run(
    day: Annotated[str | None, typer.Argument(help="One local date, YYYY-MM-DD; all changes if not given.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="Oldest local date to work on.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Newest local date to work on.")] = None,
    as_json: Json = False,
) -> None:
    """The daily job: load what is in landing/, validate what changed, build and publish the marts."""
    require_reference()
    from pipelines.feeds import FeedError
    from pipelines.operations.store import StoreError
    from pipelines.run import NothingToRunError, RunFailedError
    from pipelines.run import run as run_job
    from pipelines.summary import figures, summary

    for value in (day, first, last):
        require_date(value)
    require_order(day or first, day or last)
    home = Home.from_environment()
    with one_sentence(NothingToRunError, RunFailedError, FeedError, StoreError):
        result = run_job(home, day or first, day or last)
    refused = any(outcome.is_quarantined for outcome in result.outcomes)
    document = {"months": result.months, "figures": dict(figures(home)), "marts": str(home.marts)}
    show_result(document | {"stale_feeds": result.stale_feeds}, as_json, summary(home))
    for sentence in result.stale_feeds:
        typer.echo(f"meterhouse: published, but {sentence}", err=True)
    if result.stale_feeds:
        raise typer.Exit(STALE)
    if refused:
        raise typer.Exit(QUARANTINED)


def doctor(
    relocate: Annotated[
        bool, typer.Option("--relocate", help="Rewrite the views of published generations after a move.")
    ] = False,
    generation: Annotated[
        Path | None, typer.Argument(help="A copy of a generation, with --relocate; the home's own if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look at the installation and the home, and say what to mend and how."""
    from pipelines.doctor import examine, relocate_views

    home = Home.from_environment()
    if relocate:
        with one_sentence(FileNotFoundError):
            moved = relocate_views(home, generation)
        show_result([str(path) for path in moved], as_json, "\n".join(f"views now read {path}" for path in moved))
        return
    findings = examine(home)
    show_result(findings, as_json, aligned_table(findings, terminal_width()))
    if any(finding["state"] == "mend" for finding in findings):
        raise typer.Exit(1)
