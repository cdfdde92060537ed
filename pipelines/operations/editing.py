"""Records manual edits of reads, once each of them is known to be possible."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import sqlalchemy as sa

from models.vee.settings import VeeSettings
from pipelines.home import Home
from pipelines.operations import store
from pipelines.operations.published import Believed, Meter, Span, believed, clock, life, meters
from pipelines.operations.requests import EditError, EditRequest
from pipelines.query import open_marts
from pipelines.text import counted

_READS = store.READ_EDITS.c
_TIME_DIGITS = 16
_STATED = ("edit_id", "meter_id", "channel_code", "interval_start_utc", "action_code", "reported_wh")


@dataclass(frozen=True)
class Edit:
    """One recorded edit.

    Attributes:
        edit_id: Edit.
        meter_id: Meter.
        channel_code: delivered or received.
        interval_start_utc: Start of the interval, naive UTC.
        action_code: edit, verify or withdraw.
        reported_wh: What the meter reported in Wh; None where it reported nothing.
        believed_wh: What is published as believed in Wh; None where it is unknown.
        believed_quality_code: Its quality.
        next_wh: What the next run will believe in Wh; None where validation will find it.
        next_quality_code: Its quality; None likewise.
    """

    edit_id: str
    meter_id: str
    channel_code: str
    interval_start_utc: datetime
    action_code: str
    reported_wh: int | None
    believed_wh: int | None
    believed_quality_code: str | None
    next_wh: int | None
    next_quality_code: str | None


def record(home: Home, settings: VeeSettings, requests: Sequence[EditRequest], actor: str, now: datetime) -> list[Edit]:
    """Record edits, all of them or none.

    Args:
        home: Home folder; its published generation is what the edits are held against.
        settings: Gives the largest possible energy.
        requests: What to do.
        actor: Who decides.
        now: The present, naive UTC, whole seconds.

    Returns:
        One row per interval, in the order of requests and time.

    Raises:
        EditError: An edit is not possible; the message says which and why.
        QueryError: Nothing is published.
        StoreError: The store cannot be used.
    """
    with open_marts(home) as con:
        known = meters(con, (one.meter_id for one in requests))
        spans = [_span(one, known) for one in requests]
        found = believed(home, con, spans)
        of_spans: dict[int, list[Believed]] = {number: [] for number in range(len(spans))}
        for row in found:
            of_spans[row.span_no].append(row)
        for number, rows in of_spans.items():
            request = requests[number]
            _check_span(home, con, request, spans[number], rows, known[request.meter_id])
        for row in found:
            _check_value(requests[row.span_no], known[requests[row.span_no].meter_id], row, settings)
        moment = clock(con, now)
    with store.open_store(home) as writing:
        _check_withdrawals(writing, requests, found)
        return _append(writing, requests, found, actor, moment)


def _span(request: EditRequest, known: dict[str, Meter]) -> Span:
    meter = known.get(request.meter_id)
    if meter is None:
        raise EditError(f"{request.place}meter {request.meter_id} has no published reads; dim_meters lists those known")
    start = request.start.in_utc(meter.time_zone, request.place)
    if request.until is None:
        return Span(request.meter_id, request.channel_code, start, start + timedelta(microseconds=1))
    end = request.until.in_utc(meter.time_zone, request.place)
    if end <= start:
        raise EditError(f"{request.place}--until {request.until} does not lie after {request.start}")
    return Span(request.meter_id, request.channel_code, start, end)


def _check_span(
    home: Home, con: duckdb.DuckDBPyConnection, request: EditRequest, span: Span, rows: list[Believed], meter: Meter
) -> None:
    """Make sure that a span is made of whole intervals that are expected of the channel."""
    who = f"{request.place}meter {meter.meter_id}"
    if span.channel_code == "received" and not meter.has_received_channel:
        raise EditError(f"{who} has no received channel; it counts energy from the grid only")
    present = [row for row in rows if row.quality_code is not None]
    reach = present[-1].interval_start_utc + timedelta(minutes=present[-1].interval_minutes) if present else span.start
    is_whole = bool(present) and present[0].interval_start_utc == span.start
    if is_whole and (request.until is None or reach == span.end):
        return
    reach_of_life = life(home, con, span)
    if reach_of_life is None:
        raise EditError(f"{who} has no {span.channel_code} reads")
    first, end = reach_of_life
    if span.start < first or (span.end > end if request.until is not None else span.start >= end):
        raise EditError(
            f"{who} is expected to report {span.channel_code} energy from {first} to {end} UTC; choose times within"
        )
    wrong = span.end if is_whole else span.start
    raise EditError(
        f"{who}: {wrong} UTC is no boundary of its intervals of {counted(meter.interval_minutes, 'minute')}; choose one"
    )


def _check_value(request: EditRequest, meter: Meter, row: Believed, settings: VeeSettings) -> None:
    where = f"{request.place}meter {meter.meter_id}, {row.interval_start_utc} UTC"
    if request.action_code == "verify" and row.reported_wh is None:
        raise EditError(f"{where}: nothing was reported that could be verified; give the value with --kwh")
    if request.action_code == "verify" and row.reported_wh is not None and row.reported_wh < 0:
        raise EditError(f"{where}: a negative value cannot be verified; give the value with --kwh")
    decided = request.edited_wh if request.action_code == "edit" else row.reported_wh
    limit = settings.limit_wh_per_hour(meter.customer_class) * row.interval_minutes // 60
    if request.action_code != "withdraw" and decided is not None and decided > limit:
        raise EditError(
            f"{where}: {kwh(decided)} kWh is more than its service carries in {counted(row.interval_minutes, 'minute')}"
            f", which is {kwh(limit)} kWh (class {meter.customer_class}, rule V05)"
        )


def _check_withdrawals(con: sa.Connection, requests: Sequence[EditRequest], rows: list[Believed]) -> None:
    """Make sure that what is withdrawn stands: the store knows it, or the marts where the store is the younger."""
    for row in rows:
        request = requests[row.span_no]
        if request.action_code != "withdraw":
            continue
        latest = con.execute(
            sa.select(_READS.action_code)
            .where(
                _READS.meter_id == request.meter_id,
                _READS.channel_code == request.channel_code,
                _READS.interval_start_utc == row.interval_start_utc,
            )
            .order_by(_READS.sequence.desc())
            .limit(1)
        ).scalar()
        if latest == "withdraw" or (latest is None and row.edit_id is None):
            raise EditError(
                f"{request.place}meter {request.meter_id}, {row.interval_start_utc} UTC: there is no edit to withdraw"
            )


def _append(
    con: sa.Connection, requests: Sequence[EditRequest], rows: list[Believed], actor: str, moment: datetime
) -> list[Edit]:
    last = con.execute(
        sa.select(_READS.recorded_at_utc, _READS.edit_id).order_by(_READS.sequence.desc()).limit(1)
    ).first()
    # A later edit is never dated before an earlier one, nor has it the smaller id, whatever the machine's clock says.
    recorded_at = moment if last is None else max(moment, last[0])
    number = max(time.time_ns(), 0 if last is None else int(last[1][:_TIME_DIGITS], 16) + 1)
    token = secrets.token_hex(4)
    edits, records = [], []
    for place, row in enumerate(rows):
        request = requests[row.span_no]
        edit_id = f"{number + place:0{_TIME_DIGITS}x}-{token}"
        following = {"edit": (request.edited_wh, "G"), "verify": (row.reported_wh, "V"), "withdraw": (None, None)}
        next_wh, next_quality_code = following[request.action_code]
        edit = Edit(
            edit_id,
            request.meter_id,
            request.channel_code,
            row.interval_start_utc,
            request.action_code,
            row.reported_wh,
            row.final_wh,
            row.quality_code,
            next_wh,
            next_quality_code,
        )
        stated = {name: getattr(edit, name) for name in _STATED}
        decided = {"edited_wh": request.edited_wh, "reason": request.reason}
        records.append(stated | decided | {"recorded_at_utc": recorded_at, "actor": actor})
        edits.append(edit)
    store.append(con, store.READ_EDITS, records)
    return edits


def kwh(wh: int | None) -> str:
    """Watt-hours in kWh, exactly; empty where unknown."""
    return "" if wh is None else f"{'-' if wh < 0 else ''}{abs(wh) // 1000}.{abs(wh) % 1000:03}"
