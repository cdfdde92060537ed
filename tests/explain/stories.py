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
from tests.vee.facts import File, Read, Register
from tests.vee.worlds import changed, file, reads, utc, without

FIRST, LAST = date(2026, 2, 20), date(2026, 3, 12)
FIRST_RECEIPT, LATE_RECEIPT = utc(2026, 3, 14, 12), utc(2026, 3, 16, 12)
TUESDAY_NOON = utc(2026, 3, 10, 19)
"""Noon of 10 March on the wall clock."""
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


def _counted() -> tuple[list[Read], list[Register]]:
    """Registers are read at midnight; six hours, a single interval and an hour are missing on three days."""
    rows = _usual("COUNTED")
    sums = list(accumulate((row.wh or 0 for row in rows), initial=5_000_000))
    midnights = [
        Register(number, "COUNTED", "delivered", "A", row.start, sums[number])
        for number, row in enumerate(rows)
        if number == 0 or usual_wh(row.start) != usual_wh(row.start - QUARTER)
    ]
    for start, count in ((TUESDAY_NOON, 24), (WEDNESDAY_NOON, 1), (BEFORE_THE_CHANGE, 4)):
        rows = without(rows, start, start + count * QUARTER)
    return rows, [replace(reading, row_number=number) for number, reading in enumerate(midnights, start=1)]


def _first_files() -> Iterable[File]:
    conflict = [row for row in _usual("CONFLICT") if TUESDAY_NOON <= row.start < TUESDAY_NOON + 2 * QUARTER]
    rows, registers = _counted()
    wrong = changed(_usual("WRONG"), TUESDAY_NOON, TUESDAY_NOON + QUARTER, wh=-7)
    yield file("clean", _usual("CLEAN"), FIRST_RECEIPT)
    yield file("line", _line(), FIRST_RECEIPT)
    yield file("like", _without("LIKE", TUESDAY_NOON, 24), FIRST_RECEIPT)
    yield replace(file("counted", rows, FIRST_RECEIPT), registers=tuple(registers))
    yield file("conflict", _usual("CONFLICT"), FIRST_RECEIPT)
    yield file("conflict again", [replace(row, wh=333) for row in conflict], FIRST_RECEIPT + timedelta(hours=1))
    yield file("wrong", wrong, FIRST_RECEIPT)
    yield file("unknown", _without("UNKNOWN", FIRST_DAY_NOON, 24), FIRST_RECEIPT)
    yield file("late", _without("LATE", TUESDAY_NOON, 24), FIRST_RECEIPT)


def _late_file() -> File:
    missing = [row for row in _usual("LATE") if TUESDAY_NOON <= row.start < TUESDAY_NOON + 24 * QUARTER]
    return file("late rest", [replace(row, wh=250) for row in missing], LATE_RECEIPT)


def build_stories(home: Home) -> None:
    """Load and judge what came first, then what came late, and publish."""
    warehouse = Warehouse(home)
    warehouse.deliver(_first_files())
    warehouse.run()
    warehouse.deliver([_late_file()])
    build_marts(home)
