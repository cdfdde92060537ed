"""Verbs that look back."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import Json, one_sentence, require_date, show_result
from pipelines.home import Home


def as_of(
    day: Annotated[str, typer.Argument(metavar="DATE", help="Local date, YYYY-MM-DD: what was known at its end.")],
    out: Annotated[Path, typer.Option(help="DuckDB file to write; it must not exist yet.")],
    as_json: Json = False,
) -> None:
    """Write the usage marts as they were known at the end of a day.

    Reads, estimates and verdicts are those that were believed then; what came later counts for nothing. Dimensions, as
    who lived where, are today's.
    """
    from pipelines.as_of import AsOfError, end_of, write_as_of

    require_date(day)
    with one_sentence(AsOfError):
        state = write_as_of(Home.from_environment(), end_of(date.fromisoformat(day)), out)
    show_result(vars(state), as_json, str(state))
