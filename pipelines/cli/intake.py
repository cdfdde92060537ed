"""Verbs that take files in, or hold them against what Meterhouse reads."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.console import QUARANTINED, Json, one_sentence, refuse, require_reference, show_result, usage
from pipelines.home import Home
from pipelines.text import counted

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
    require_reference()
    from pipelines.feeds import FeedError, FeedSettings, check_feed_name, read_feed
    from pipelines.ingest import ingest as ingest_files

    home = Home.from_environment()
    options = _reading(format_, time_zone, clock, label, unit, interval_minutes, meter_id, received_at)
    options |= {"customer_class": customer_class}
    given = _given(paths)
    with usage(FeedError):
        check_feed_name(feed)
        FeedSettings().overridden(options)
    report = _silent if as_json else lambda line: typer.echo(line, err=True)
    with one_sentence(FeedError, FileNotFoundError), home.lock():
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
    show_result([asdict(outcome) for outcome in outcomes], as_json, text)
    if refused:
        raise typer.Exit(QUARANTINED)


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
    """What a file holds, how it would be read, and what would be quarantined and why.

    A file below landing/ is read as the feed.yml of its feed says; options given here win.
    """
    require_reference()
    from pipelines.contract import check as check_file
    from pipelines.contract_text import report_text
    from pipelines.feeds import FeedError, FeedSettings, feed_of, read_feed
    from pipelines.ingest import expand

    options = _reading(format_, time_zone, clock, label, unit, interval_minutes, meter_id, received_at)
    given = _given(paths)
    with usage(FeedError):
        FeedSettings().overridden(options)
    home = Home.from_environment()
    reports = []
    with one_sentence(FeedError):
        for path in expand(given):
            feed = feed_of(home, path)
            reports += check_file(path, read_feed(home, feed).overridden(options), feed)
    show_result(reports, as_json, report_text(reports))
    if any(report["reason"] is not None or report["quarantined_count"] for report in reports):
        raise typer.Exit(QUARANTINED)


def show(
    system: Annotated[str | None, typer.Argument(help="CSS, CRM, DMS or WEATHER; all of them if not given.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Print an example file of the system instead.")] = False,
    as_json: Json = False,
) -> None:
    """The contract with an outside system: tables, columns, what they accept, keys, cadence, lateness."""
    require_reference()
    from pipelines.extracts.example import example_text
    from pipelines.extracts.shown import UnknownSystemError, chosen, contract_document, contract_text

    with usage(UnknownSystemError):
        systems = chosen(system)
    if example and system is None:
        refuse("an example is of one system; name it: `meterhouse contract show CSS --example`")
    if example:
        typer.echo(example_text(systems[0]), nl=False)
        return
    show_result([contract_document(one) for one in systems], as_json, "\n\n".join(map(contract_text, systems)))


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
        refuse('a path is empty; name a file or folder, or "." for the current folder')
    return [Path(path) for path in paths]


def _silent(line: str) -> None:
    del line
