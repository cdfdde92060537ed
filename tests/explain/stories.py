"""Meters with one story each, from 20 February to 12 March 2026; the clock goes forward on Sunday 8 March.

Every quarter-hour of a date comes to 100 Wh and the day of the month, unless a story says otherwise.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate

from pipelines.home import Home
from tests.marts.building import build_marts
from tests.vee.conftest import Warehouse
from tests.vee.edited import Edit, deliver
from tests.vee.facts import Event, File, Read, Register
from tests.vee.worlds import changed, file, reads, utc, without

FIRST, LAST = date(2026, 2, 20), date(2026, 3, 12)
FIRST_RECEIPT, LATE_RECEIPT = utc(2026, 3, 14, 12), utc(2026, 3, 16, 12)
TUESDAY_NOON = utc(2026, 3, 10, 19)
"""Noon of 10 March on the wall clock."""
TUESDAY_MIDNIGHT = utc(2026, 3, 10, 7)
WEDNESDAY_NOON = utc(2026, 3, 11, 19)
BEFORE_THE_CHANGE = utc(2026, 3, 5, 20)
"""Noon of 5 March."""
FIRST_DAY_NOON = utc(2026, 2, 20, 20)
QUARTER = timedelta(minutes=15)


def usual_wh(start: datetime) -> int:
    """What a quarter-hour comes to."""
    is_summer_time = start >= utc(2026, 3, 8, 10)
    return 100 + (start - timedelta(hours=7 if is_summer_time else 8)).day


def _usual(meter_id: str) -> list[Read]:
    return reads(meter_id, FIRST, LAST, wh=usual_wh)


def _without(meter_id: str, start: datetime, intervals: int) -> list[Read]:
    return without(_usual(meter_id), start, start + intervals * QUARTER)


def _line() -> list[Read]:
    """An hour is missing between 100 and 200 Wh."""
    rows = _without("LINE", TUESDAY_NOON, 4)
    rows = changed(rows, TUESDAY_NOON - QUARTER, TUESDAY_NOON, wh=100)
    return changed(rows, TUESDAY_NOON + 4 * QUARTER, TUESDAY_NOON + 5 * QUARTER, wh=200)


def _midnights(rows: list[Read], first_wh: int = 5_000_000) -> tuple[Register, ...]:
    """What a channel's register showed at each midnight; it begins again at a hundred million."""
    sums = accumulate((row.wh or 0 for row in rows), initial=first_wh)
    return tuple(
        Register(number, row.meter_id, row.channel, "A", row.start, shown % 100_000_000)
        for number, (row, shown) in enumerate(zip(rows, sums, strict=False), start=1)
        if number == 1 or usual_wh(row.start) != usual_wh(row.start - QUARTER)
    )


def _counted() -> tuple[list[Read], tuple[Register, ...]]:
    """Registers are read at midnight; six hours, a single interval and an hour are missing on three days."""
    rows = _usual("COUNTED")
    midnights = _midnights(rows)
    for start, count in ((TUESDAY_NOON, 24), (WEDNESDAY_NOON, 1), (BEFORE_THE_CHANGE, 4)):
        rows = without(rows, start, start + count * QUARTER)
    return rows, midnights


def _thousandfold() -> File:
    """On Tuesday values come in the wrong unit, four of them not at all; the register rolls over on that day."""
    usual = _usual("UNIT")
    before = sum(row.wh or 0 for row in usual if row.start < TUESDAY_MIDNIGHT)
    rows = [replace(row, wh=1000 * (row.wh or 0)) if _is_tuesday(row.start) else row for row in usual]
    rows = without(rows, TUESDAY_NOON, TUESDAY_NOON + 4 * QUARTER)
    registers = _midnights(usual, 100_000_000 - before - 5_000)
    return replace(file("unit", rows, FIRST_RECEIPT), registers=registers)


def _exchanged() -> File:
    """On Tuesday the directions are exchanged; received energy is a third of what is delivered."""
    delivered = _usual("EXCHANGED")
    received = [replace(row, channel="received", wh=(row.wh or 0) // 3) for row in delivered]
    registers = _midnights(delivered) + tuple(
        replace(reading, row_number=10_000 + reading.row_number) for reading in _midnights(received, 0)
    )
    sent = [
        replace(row, channel="received" if row.channel == "delivered" else "delivered")
        if _is_tuesday(row.start)
        else row
        for row in delivered + received
    ]
    return replace(file("exchanged", sent, FIRST_RECEIPT), registers=registers)


def _dark() -> File:
    """Power fails at ten to noon for three hours, in which nothing is reported."""
    begin = TUESDAY_NOON - timedelta(minutes=10)
    events = Event("DARK", "POWER_DOWN", begin), Event("DARK", "POWER_UP", begin + timedelta(hours=3, minutes=15))
    return replace(file("dark", _without("DARK", TUESDAY_NOON, 12), FIRST_RECEIPT), events=events)


def _dark_ends() -> File:
    """An hour is missing, and power fails for a moment at either end of it."""
    events = tuple(
        Event("DARK ENDS", code, at + timedelta(minutes=minute))
        for at in (TUESDAY_NOON - QUARTER, TUESDAY_NOON + 4 * QUARTER)
        for code, minute in (("POWER_DOWN", 3), ("POWER_UP", 8))
    )
    return replace(file("dark ends", _without("DARK ENDS", TUESDAY_NOON, 4), FIRST_RECEIPT), events=events)


def _contradicted() -> File:
    """On Tuesday the register counted 500 Wh more than was reported, and no repeated value explains it."""
    rows = [replace(row, wh=(row.wh or 0) + number % 2) for number, row in enumerate(_usual("CONTRADICTED"))]
    registers = _midnights(changed(rows, TUESDAY_NOON, TUESDAY_NOON + QUARTER, wh=610))
    return replace(file("contradicted", rows, FIRST_RECEIPT), registers=registers)


def _is_tuesday(start: datetime) -> bool:
    return TUESDAY_MIDNIGHT <= start < TUESDAY_MIDNIGHT + timedelta(days=1)


def _first_files() -> Iterable[File]:
    conflict = [row for row in _usual("CONFLICT") if TUESDAY_NOON <= row.start < TUESDAY_NOON + 2 * QUARTER]
    edited = without(_usual("EDITED"), TUESDAY_NOON + QUARTER, TUESDAY_NOON + 3 * QUARTER)
    edited = changed(edited, WEDNESDAY_NOON, WEDNESDAY_NOON + QUARTER, wh=2_000_000)
    third_day = FIRST_DAY_NOON + timedelta(days=2)
    rows, registers = _counted()
    wrong = changed(_usual("WRONG"), TUESDAY_NOON, TUESDAY_NOON + QUARTER, wh=-7)
    yield file("clean", _usual("CLEAN"), FIRST_RECEIPT)
    yield file("line", _line(), FIRST_RECEIPT)
    yield file("like", _without("LIKE", TUESDAY_NOON, 24), FIRST_RECEIPT)
    yield replace(file("counted", rows, FIRST_RECEIPT), registers=registers)
    yield file("conflict", _usual("CONFLICT"), FIRST_RECEIPT)
    yield file("conflict again", [replace(row, wh=333) for row in conflict], FIRST_RECEIPT + timedelta(hours=1))
    yield file("wrong", wrong, FIRST_RECEIPT)
    yield file("unknown", _without("UNKNOWN", FIRST_DAY_NOON, 24), FIRST_RECEIPT)
    yield file("late", _without("LATE", TUESDAY_NOON, 24), FIRST_RECEIPT)
    yield file("edited", edited, FIRST_RECEIPT)
    yield _thousandfold()
    yield _exchanged()
    yield _dark()
    yield _dark_ends()
    yield _contradicted()
    yield file("class", _without("CLASS", third_day, 24), FIRST_RECEIPT, customer_class="residential")


def _edits() -> list[Edit]:
    return [
        Edit("e1", LATE_RECEIPT, "EDITED", TUESDAY_NOON, wh=900, seen=110),
        Edit("e2", LATE_RECEIPT + QUARTER, "EDITED", TUESDAY_NOON, wh=500, seen=110),
        Edit("e3", LATE_RECEIPT, "EDITED", WEDNESDAY_NOON, "verify", seen=2_000_000),
        Edit("e4", LATE_RECEIPT, "EDITED", BEFORE_THE_CHANGE, wh=1, seen=105),
        Edit("e5", LATE_RECEIPT + QUARTER, "EDITED", BEFORE_THE_CHANGE, "withdraw"),
    ]


def _late_file() -> File:
    missing = [row for row in _usual("LATE") if TUESDAY_NOON <= row.start < TUESDAY_NOON + 24 * QUARTER]
    return file("late rest", [replace(row, wh=250) for row in missing], LATE_RECEIPT)


def build_stories(home: Home) -> None:
    """Load and judge what came first, then what came late, and publish."""
    warehouse = Warehouse(home)
    warehouse.deliver(_first_files())
    warehouse.run()
    warehouse.deliver([_late_file()])
    deliver(warehouse, _edits())
    build_marts(home)
