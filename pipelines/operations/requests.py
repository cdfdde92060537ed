"""What somebody asks to be edited, in words and numbers as they are typed or come in a file."""

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl

from models.clock import possible_instants
from models.columns import CHANNELS, LARGEST_EDIT_WH
from pipelines.extracts.envelope import EARLIEST, LATEST

COLUMNS = ("meter_id", "interval_start_utc", "channel_code", "edited_wh", "reason")
"""Columns of a file of edits."""
LONGEST_REASON = 500
_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


class EditError(RuntimeError):
    """An edit that cannot be recorded; the message says why and what to do."""


@dataclass(frozen=True)
class Moment:
    """An instant, or a time of the meter's wall clock.

    Attributes:
        text: As typed.
        value: The time; without zone it is the wall clock's.
    """

    text: str
    value: datetime

    @classmethod
    def parse(cls, text: str, place: str = "") -> "Moment":
        """A time in ISO 8601.

        Raises:
            EditError: It is none.
        """
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            value = None
        if value is None or not EARLIEST <= value.date() <= LATEST:
            raise EditError(
                f"{place}{text or 'nothing'} is no time of a read; write it as 2026-08-15T17:15 (the meter's clock), "
                "2026-08-16T00:15Z or 2026-08-15T17:15-07:00"
            )
        return cls(text, value)

    def in_utc(self, time_zone: str, place: str = "") -> datetime:
        """The instant, naive UTC.

        Args:
            time_zone: IANA zone of the meter.
            place: Beginning of messages.

        Raises:
            EditError: The wall clock shows the time twice or never.
        """
        if self.value.tzinfo is not None:
            return self.value.astimezone(UTC).replace(tzinfo=None)
        earliest, latest = possible_instants(pl.Series([self.value], dtype=pl.Datetime("us")), time_zone).row(0)
        if earliest is None:
            raise EditError(f"{place}{self.text} does not exist in {time_zone}, whose clock leaps over it")
        if earliest != latest:
            raise EditError(
                f"{place}{self.text} comes twice in {time_zone}; write it in UTC, as {earliest:%Y-%m-%dT%H:%MZ} or "
                f"{latest:%Y-%m-%dT%H:%MZ}"
            )
        found: datetime = earliest
        return found

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class EditRequest:
    """An edit that is asked for.

    Attributes:
        meter_id: Meter.
        channel_code: delivered or received.
        start: Start of the first interval.
        until: End of the last interval; None for one interval.
        action_code: edit, verify or withdraw.
        edited_wh: Value of each interval in Wh; None unless the action is edit.
        reason: Why.
        place: Beginning of messages about it: the line of a file, or nothing.
    """

    meter_id: str
    channel_code: str
    start: Moment
    until: Moment | None
    action_code: str
    edited_wh: int | None
    reason: str
    place: str = ""


def wh_of(text: str, unit_wh: int, place: str = "") -> int:
    """A value as typed in whole watt-hours.

    Args:
        text: A decimal number.
        unit_wh: Watt-hours of its unit: 1, or 1,000 for kWh.
        place: Beginning of messages.

    Raises:
        EditError: It is no number, negative, no whole number of watt-hours, or larger than any read.
    """
    if not _NUMBER.fullmatch(text):
        raise EditError(f"{place}{text or 'nothing'} is no number; write it as 1.25")
    value = Decimal(text) * unit_wh
    if value < 0:
        raise EditError(
            f"{place}{text} is negative; energy to the grid is a positive value of the received channel "
            "(--channel received)"
        )
    if value > LARGEST_EDIT_WH:
        raise EditError(f"{place}{text} is larger than any read, which has at most {LARGEST_EDIT_WH:,} Wh")
    if value != value.to_integral_value():
        raise EditError(f"{place}{text} is no whole number of watt-hours; round it to three decimals of a kWh")
    return int(value)


def reason_of(text: str | None, place: str = "") -> str:
    """A reason without blanks around it.

    Raises:
        EditError: It is missing, longer than 500 characters, or not one line.
    """
    reason = (text or "").strip()
    if not reason:
        raise EditError(f"{place}a reason is missing; say in a few words why, with --reason or in the column reason")
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise EditError(f"{place}a reason is one line of at most {LONGEST_REASON} characters; shorten it")
    return reason


def read_file(path: Path) -> list[EditRequest]:
    """Edits of a CSV file with the columns of COLUMNS, in the file's order.

    Raises:
        EditError: A line is none; the message names it.
        OSError: The file cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if sorted(reader.fieldnames or ()) != sorted(COLUMNS):
                raise EditError(f"{path} must have the columns {', '.join(COLUMNS)} in its first line")
            requests = [_row(row, f"{path}, line {reader.line_num}: ") for row in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise EditError(f"{path} is no CSV file in UTF-8 ({error}); write it anew") from None
    if not requests:
        raise EditError(f"{path} holds no edits")
    _refuse_repeats(requests)
    return requests


def _row(row: dict[str | None, str | None], place: str) -> EditRequest:
    if None in row or None in row.values():
        raise EditError(f"{place}the line does not have {len(COLUMNS)} fields")
    cells = {str(name): (value or "").strip() for name, value in row.items()}
    if cells["channel_code"] not in CHANNELS:
        raise EditError(f"{place}channel_code must be one of {', '.join(CHANNELS)}")
    start = Moment.parse(cells["interval_start_utc"], place)
    in_utc = start if start.value.tzinfo is not None else Moment(start.text, start.value.replace(tzinfo=UTC))
    return EditRequest(
        cells["meter_id"],
        cells["channel_code"],
        in_utc,
        None,
        "edit",
        wh_of(cells["edited_wh"], 1, place),
        reason_of(cells["reason"], place),
        place,
    )


def _refuse_repeats(requests: list[EditRequest]) -> None:
    seen = set()
    for one in requests:
        interval = (one.meter_id, one.channel_code, one.start.value.astimezone(UTC))
        if interval in seen:
            raise EditError(f"{one.place}the interval stands in the file before; leave one of the two")
        seen.add(interval)
