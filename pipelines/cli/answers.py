"""Verbs that answer out of the published marts."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import Json, one_sentence, require_date, require_order, show_result, terminal_width, usage
from pipelines.home import Home
from pipelines.text import aligned_table


def query(
    sql: Annotated[str, typer.Argument(help="SQL, or a file that holds it.")],
    out: Annotated[Path | None, typer.Option(help="Write the rows to x.csv, x.xlsx or x.parquet.")] = None,
    as_json: Json = False,
) -> None:
    """Ask the published marts."""
    from pipelines.query import QueryError, ask

    with one_sentence(QueryError):
        typer.echo(ask(Home.from_environment(), sql, out, as_json))


def tables(
    name: Annotated[str | None, typer.Argument(help="One table, to see its columns.")] = None,
    hashes: Annotated[
        bool, typer.Option("--hashes", help="Content hashes: equal hashes, equal content, in whatever build.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What is published: tables with their grain, columns with their units."""
    from pipelines.query import QueryError, describe_table, list_hashes, list_tables

    home = Home.from_environment()
    with one_sentence(QueryError):
        rows = list_hashes(home) if hashes else describe_table(home, name) if name else list_tables(home)
    show_result(rows, as_json, aligned_table(rows, terminal_width()))


def explain(
    table: Annotated[str, typer.Argument(help="Published table, as fct_daily_usage.")],
    words: Annotated[
        list[str],
        typer.Argument(metavar="KEY… COLUMN", help="Key of a row in the order of its columns, then the column."),
    ],
    as_json: Json = False,
) -> None:
    """Where a published number comes from, down to the meter read, and the number computed once more.

    Ends with exit code 1 where the number computed once more is not the published one.
    """
    from pipelines.explain.explanation import ExplainError, WrongQuestionError
    from pipelines.explain.registry import explain as explained
    from pipelines.explain.text import as_text
    from pipelines.query import QueryError

    with one_sentence(ExplainError, QueryError), usage(WrongQuestionError):
        explanation = explained(Home.from_environment(), table, words)
        show_result(explanation.document(), as_json, as_text(explanation, terminal_width()))
        if explanation.recomputed.is_equal is False:
            raise ExplainError(explanation.recomputed.sentence)


def green_button(
    meter_ids: Annotated[list[str], typer.Argument(metavar="METER_ID", help="Meters whose usage is written.")],
    out: Annotated[Path, typer.Option(help="XML file to write.")],
    first: Annotated[str | None, typer.Option("--from", help="Oldest local date to write.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Newest local date to write.")] = None,
    as_json: Json = False,
) -> None:
    """Write the usage of meters as one Green Button (NAESB ESPI) file.

    Values and their quality are those of the published marts, that is of Meterhouse's own validation; the quality flags
    that a feed sent stay in the raw layer.
    """
    from pipelines.exports.green_button import ExportError, export_green_button
    from pipelines.query import QueryError

    for value in (first, last):
        require_date(value)
    require_order(first, last)
    dates = [date.fromisoformat(value) for value in (first or "0001-01-01", last or "9999-12-31")]
    with one_sentence(ExportError, QueryError):
        exported = export_green_button(Home.from_environment(), meter_ids, out, *dates)
    show_result(vars(exported), as_json, str(exported))
