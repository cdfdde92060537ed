"""The `meterhouse` command.

Verbs only parse arguments, call one function and print. What a verb needs is imported when it runs, so that those
which answer questions start at once.

Exit codes: 0 done, 1 failed, 2 wrong usage (both with a sentence on standard error), 3 done, but something of the input
is in quarantine/ or was refused.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from pipelines.home import Home, HomeBusyError
from pipelines.text import aligned_table, counted

app = typer.Typer(
    help="Meterhouse: an open meter data warehouse for electric utilities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

contract = typer.Typer(help="Hold files against what Meterhouse reads.", no_args_is_help=True)
app.add_typer(contract, name="contract")
export = typer.Typer(help="Write published usage in the formats of other systems.", no_args_is_help=True)
app.add_typer(export, name="export")

WRONG_USAGE = 2
QUARANTINED = 3

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Format = Annotated[
    str | None, typer.Option("--format", help="csv, parquet, espi, cmep or nem12; detected if not given.")
]
TimeZone = Annotated[str | None, typer.Option(help="IANA time zone of the meters.")]
Clock = Annotated[
    str | None, typer.Option(help="utc, local (wall clock) or standard (the zone's standard time all year).")
]
Label = Annotated[str | None, typer.Option(help="Whether times label the start or the end of an interval.")]
Unit = Annotated[str | None, typer.Option(help="wh, kwh or mwh, where the file does not say.")]
IntervalMinutes = Annotated[
    int | None, typer.Option(help="Interval length in minutes, where the file reports none: 5, 10, 15, 30, 60 or 1440.")
]
MeterId = Annotated[str | None, typer.Option(help="The meter of a file that names none, or another name.")]
ReceivedAt = Annotated[
    datetime | None,
    typer.Option(help="When the files were received, UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
]


class ScaleName(StrEnum):
    """Sizes of the simulated utility."""

    tiny = "tiny"
    demo = "demo"
    full = "full"


@contextmanager
def _one_sentence(*errors: type[Exception]) -> Iterator[None]:
    """Turn expected errors into one sentence on standard error and exit code 1."""
    expected: tuple[type[Exception], ...] = (HomeBusyError, OSError, *errors)
    try:
        yield
    except expected as error:
        typer.echo(f"meterhouse: {error}", err=True)
        raise typer.Exit(1) from None


@contextmanager
def _usage(expected: type[Exception]) -> Iterator[None]:
    """Turn an error about wrong options into one sentence on standard error and exit code 2."""
    try:
        yield
    except expected as error:
        _refuse(str(error))


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"meterhouse: {sentence}", err=True)
    raise typer.Exit(WRONG_USAGE)


def _print(document: Any, as_json: bool, text: str) -> None:
    typer.echo(json.dumps(document, default=str, indent=2) if as_json else text)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"meterhouse {version('meterhouse')}")
        raise typer.Exit


@app.callback()
def _meterhouse(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Meterhouse: an open meter data warehouse for electric utilities."""


@app.command()
def demo(scale: Annotated[ScaleName, typer.Option(help="Size of the simulated utility.")] = ScaleName.demo) -> None:
    """Simulate a utility's meters, run the whole main job and show where the marts are."""
    from pipelines.demo import DemoError, simulate_into
    from pipelines.run import NothingToRunError, RunFailedError, run
    from pipelines.summary import summary

    home = Home.from_environment()
    with _one_sentence(DemoError, NothingToRunError, RunFailedError):
        simulate_into(home, scale.value)
        run(home)
    typer.echo(summary(home))


@app.command()
def ingest(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders whose files are all taken, or patterns.")
    ],
    feed: Annotated[str, typer.Option(help="Folder below landing/ that the files belong to.")] = "manual",
    format_: Format = None,
    time_zone: TimeZone = None,
    clock: Clock = None,
    label: Label = None,
    unit: Unit = None,
    interval_minutes: IntervalMinutes = None,
    meter_id: MeterId = None,
    customer_class: Annotated[str | None, typer.Option(help="Class that selects VEE limits.")] = None,
    received_at: ReceivedAt = None,
    as_json: Json = False,
) -> None:
    """Take reads into the home: copy files to landing/ and load them into the raw layer, once each."""
    from pipelines.feeds import FeedError, FeedSettings, check_feed_name, read_feed
    from pipelines.ingest import ingest as ingest_files

    home = Home.from_environment()
    options = _reading(format_, time_zone, clock, label, unit, interval_minutes, meter_id, received_at)
    options |= {"customer_class": customer_class}
    given = _given(paths)
    with _usage(FeedError):
        check_feed_name(feed)
        FeedSettings().overridden(options)
    report = _silent if as_json else lambda line: typer.echo(line, err=True)
    with _one_sentence(FeedError, FileNotFoundError), home.lock():
        settings = read_feed(home, feed).overridden(options)
        outcomes = ingest_files(home, given, feed, settings, report)
    loaded = sum(outcome.loaded_count for outcome in outcomes)
    refused = [outcome for outcome in outcomes if outcome.is_quarantined]
    aside = [outcome for outcome in refused if outcome.status_code != "refused"]
    text = f"{counted(len(outcomes), 'file')}, {counted(loaded, 'value')} loaded"
    if aside:
        text += f"; {counted(len(aside), 'file')} {'has' if len(aside) == 1 else 'have'} something in {home.quarantine}"
    if loaded:
        text += "; next: meterhouse run"
    _print([asdict(outcome) for outcome in outcomes], as_json, text)
    if refused:
        raise typer.Exit(QUARANTINED)


@contract.command()
def check(
    paths: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Files, folders or patterns; nothing is loaded or written.")
    ],
    format_: Format = None,
    time_zone: TimeZone = None,
    clock: Clock = None,
    label: Label = None,
    unit: Unit = None,
    interval_minutes: IntervalMinutes = None,
    meter_id: MeterId = None,
    received_at: ReceivedAt = None,
    as_json: Json = False,
) -> None:
    """What a file holds, how it would be read, and what would be quarantined and why."""
    from pipelines.contract import check as check_file
    from pipelines.contract_text import report_text
    from pipelines.feeds import FeedError, FeedSettings
    from pipelines.ingest import expand

    options = _reading(format_, time_zone, clock, label, unit, interval_minutes, meter_id, received_at)
    given = _given(paths)
    with _usage(FeedError):
        settings = FeedSettings().overridden(options)
    with _one_sentence():
        reports = [report for path in expand(given) for report in check_file(path, settings)]
    _print(reports, as_json, report_text(reports))
    if any(report["reason"] is not None or report["quarantined_count"] for report in reports):
        raise typer.Exit(QUARANTINED)


@app.command()
def run(
    day: Annotated[str | None, typer.Argument(help="One local date, YYYY-MM-DD; all changes if not given.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="Oldest local date to work on.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Newest local date to work on.")] = None,
    as_json: Json = False,
) -> None:
    """The daily job: load what is in landing/, validate what changed, build and publish the marts."""
    from pipelines.feeds import FeedError
    from pipelines.run import NothingToRunError, RunFailedError
    from pipelines.run import run as run_job
    from pipelines.summary import figures, summary

    for value in (day, first, last):
        _require_date(value)
    _require_order(day or first, day or last)
    home = Home.from_environment()
    with _one_sentence(NothingToRunError, RunFailedError, FeedError):
        result = run_job(home, day or first, day or last)
    refused = any(outcome.is_quarantined for outcome in result.outcomes)
    document = {"months": result.months, "figures": dict(figures(home)), "marts": str(home.marts)}
    _print(document, as_json, summary(home))
    if refused:
        raise typer.Exit(QUARANTINED)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="SQL, or a file that holds it.")],
    out: Annotated[Path | None, typer.Option(help="Write the rows to x.csv, x.xlsx or x.parquet.")] = None,
    as_json: Json = False,
) -> None:
    """Ask the published marts."""
    from pipelines.query import QueryError, ask

    with _one_sentence(QueryError):
        typer.echo(ask(Home.from_environment(), sql, out, as_json))


@app.command()
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
    with _one_sentence(QueryError):
        rows = list_hashes(home) if hashes else describe_table(home, name) if name else list_tables(home)
    _print(rows, as_json, aligned_table(rows, _width()))


@export.command()
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
        _require_date(value)
    _require_order(first, last)
    dates = [date.fromisoformat(value) for value in (first or "0001-01-01", last or "9999-12-31")]
    with _one_sentence(ExportError, QueryError):
        exported = export_green_button(Home.from_environment(), meter_ids, out, *dates)
    _print(vars(exported), as_json, str(exported))


@app.command()
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
        with _one_sentence(FileNotFoundError):
            moved = relocate_views(home, generation)
        _print([str(path) for path in moved], as_json, "\n".join(f"views now read {path}" for path in moved))
        return
    findings = examine(home)
    _print(findings, as_json, aligned_table(findings, _width()))
    if any(finding["state"] == "mend" for finding in findings):
        raise typer.Exit(1)


def _reading(
    format_: str | None,
    time_zone: str | None,
    clock: str | None,
    label: str | None,
    unit: str | None,
    interval_minutes: int | None,
    meter_id: str | None,
    received_at: datetime | None,
) -> dict[str, Any]:
    """The options of how to read a file, as feed settings."""
    return {
        "format": format_,
        "time_zone": time_zone,
        "clock": clock,
        "label": label,
        "unit": unit,
        "interval_minutes": interval_minutes,
        "meter_id": meter_id,
        "received_at_utc": received_at,
    }


def _given(paths: list[str]) -> list[Path]:
    """Paths as given; an empty one, which would stand for the current folder, is refused."""
    if "" in paths:
        _refuse('a path is empty; name a file or folder, or "." for the current folder')
    return [Path(path) for path in paths]


def _require_date(value: str | None) -> None:
    if value is None:
        return
    try:
        date.fromisoformat(value)
    except ValueError:
        _refuse(f"{value} is not a date; write it as {datetime.now(UTC):%Y-%m-%d}")


def _require_order(first: str | None, last: str | None) -> None:
    if first and last and date.fromisoformat(first) > date.fromisoformat(last):
        _refuse(f"--from {first} is later than --to {last}")


def _width() -> int | None:
    """Characters of a terminal line; None where the output goes to a file or another program."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _silent(line: str) -> None:
    del line


if __name__ == "__main__":
    sys.exit(app())
