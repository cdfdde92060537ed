"""The verb by which a person decides on reads."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.console import Json, one_sentence, refuse, require_reference, show_result, terminal_width
from pipelines.home import Home
from pipelines.text import aligned_table, counted

if TYPE_CHECKING:
    from pipelines.operations.requests import EditRequest


def edit(
    meter_id: Annotated[str | None, typer.Argument(metavar="METER", help="Meter.")] = None,
    start: Annotated[
        str | None,
        typer.Argument(help="Start of the interval: the meter's wall clock, or with an offset or Z."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="End of the last interval of several, which all get the same value.")
    ] = None,
    kwh: Annotated[str | None, typer.Option(help="Value of each interval in kWh.")] = None,
    wh: Annotated[str | None, typer.Option(help="Value of each interval in Wh.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Let the reported value stand, whatever failed.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="End an earlier edit or verification.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; it is published with the edit.")] = None,
    actor: Annotated[str | None, typer.Option(help="Who decides; the user of this machine if not given.")] = None,
    channel: Annotated[str, typer.Option(help="delivered or received.")] = "delivered",
    from_file: Annotated[
        Path | None,
        typer.Option(help="CSV of edits: meter_id, interval_start_utc, channel_code, edited_wh, reason."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Set, verify or withdraw the value of intervals by hand; the next run publishes it.

    What was reported stays. No read that comes later changes an edited value; where one differs, fct_read_edits and
    doctor say so.
    """
    require_reference()
    from pipelines.operations.editing import kwh as in_kwh
    from pipelines.operations.editing import record
    from pipelines.operations.requests import EditError, read_file
    from pipelines.operations.store import StoreError
    from pipelines.query import QueryError
    from pipelines.reference import vee_settings

    actions = {"--kwh": kwh is not None, "--wh": wh is not None, "--verify": verify, "--withdraw": withdraw}
    given = [name for name, is_given in actions.items() if is_given]
    if from_file is None and (meter_id is None or start is None or len(given) != 1):
        refuse("name a meter, the start of an interval and one of --kwh, --wh, --verify and --withdraw")
    if from_file is not None and (meter_id or until or given or reason):
        refuse("with --from-file the file alone says what to edit and why")
    who = (_user() if actor is None else actor).strip()
    if not who or not who.isprintable():
        refuse("name who decides with --actor")
    home = Home.from_environment()
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    with one_sentence(EditError, StoreError, QueryError):
        if from_file is not None:
            requests = read_file(from_file)
        else:
            requests = [_request(str(meter_id), str(start), until, channel, given[0], kwh or wh or "", reason)]
        edits = record(home, vee_settings(), requests, who, now)
    rows = [
        {
            "meter_id": one.meter_id,
            "channel": one.channel_code,
            "interval_start_utc": f"{one.interval_start_utc}",
            "reported_kwh": in_kwh(one.reported_wh),
            "believed_kwh": in_kwh(one.believed_wh),
            "quality": one.believed_quality_code,
            "next_kwh": in_kwh(one.next_wh) if one.next_quality_code else "as validated",
            "next_quality": one.next_quality_code or "",
        }
        for one in edits
    ]
    text = f"{aligned_table(rows, terminal_width())}\n{counted(len(edits), 'decision')} recorded by {who}; "
    show_result([vars(one) for one in edits], as_json, f"{text}next: meterhouse run")


def _user() -> str:
    """User name of this machine; empty where it has none for the process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _request(
    meter_id: str, start: str, until: str | None, channel: str, action: str, value: str, reason: str | None
) -> "EditRequest":
    from models.columns import CHANNELS
    from pipelines.operations.requests import EditRequest, Moment, reason_of, wh_of

    if channel not in CHANNELS:
        refuse(f"--channel must be one of {', '.join(CHANNELS)}")
    units = {"--kwh": 1000, "--wh": 1}
    return EditRequest(
        meter_id,
        channel,
        Moment.parse(start),
        None if until is None else Moment.parse(until),
        "edit" if action in units else action.removeprefix("--"),
        wh_of(value, units[action]) if action in units else None,
        reason_of(reason),
    )
