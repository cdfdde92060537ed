"""Rules V06 to V17 by hand, each at its boundary; the oracle looks at every case too."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.tables.vee import EDITED_INTERVAL_READS, FAILURES
from pipelines.home import Home
from tests.vee.conftest import Warehouse
from tests.vee.facts import Asset, Event, File, Read, Register
from tests.vee.test_cases import column, failed, validate
from tests.vee.worlds import LOS_ANGELES, RECEIVED, changed, file, reads, utc, without

FIRST, LAST = date(2025, 11, 3), date(2025, 11, 28)
DAY = date(2025, 11, 19)
MIDNIGHT = utc(2025, 11, 19, 8)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
NOON = MIDNIGHT + 12 * HOUR


def varied(start: datetime) -> int:
    """An hour of a home: never twice the same in a row."""
    return 300 + 7 * (start.hour * 5 + start.day * 3) % 200


def faces(rows: Iterable[Read], start_wh: int = 5_000) -> tuple[Register, ...]:
    """The register at each local midnight, and after the last interval."""
    wh, found = start_wh, []
    for number, row in enumerate(rows, start=1):
        local = row.start.replace(tzinfo=UTC).astimezone(ZoneInfo(LOS_ANGELES))
        if local.hour == local.minute == 0:
            found.append(Register(number, row.meter_id, row.channel, "R", row.start, wh))
        wh += row.wh or 0
    return tuple(found)


def true_reads(channel: str = "delivered", wh: Callable[[datetime], int] = varied) -> list[Read]:
    return reads("M", FIRST, LAST, 60, channel, wh)


def sent(rows: Iterable[Read], registers: Iterable[Register] = (), events: Iterable[Event] = ()) -> File:
    return replace(file("all", rows), registers=tuple(registers), events=tuple(events))


def rules(warehouse: Warehouse) -> set[tuple[object, ...]]:
    """Channel, date, rule, severity and action of every failure of meter M."""
    names = ("channel_code", "usage_date", "rule_code", "severity_code", "action_code")
    return set(warehouse.table(FAILURES).filter(meter_id="M").select(names).rows())


def test_a_register_that_agrees_leaves_everything_as_it_is(warehouse: Warehouse) -> None:
    rows = true_reads()
    validate(warehouse, sent(rows, faces(rows)))
    assert rules(warehouse) == set()
    assert column(warehouse, rows[0].start, rows[-1].start + HOUR) == [row.wh for row in rows]


@pytest.mark.parametrize(("excess", "is_sound"), [(96, True), (97, False)])
def test_the_sum_check_bears_one_percent(warehouse: Warehouse, excess: int, is_sound: bool) -> None:
    rows = true_reads(wh=lambda s: 375 + 50 * (s.hour % 2))  # 9,600 Wh a day
    at_noon = next(row for row in rows if row.start == NOON).wh or 0
    report = changed(rows, NOON, NOON + HOUR, wh=at_noon + excess)
    validate(warehouse, sent(report, faces(rows)))
    expected = set() if is_sound else {("delivered", DAY, "V09", "error", "keep")}
    assert rules(warehouse) == expected
    assert column(warehouse, NOON, NOON + HOUR) == [at_noon + excess], "nothing explains it, so the values stay"
    assert column(warehouse, NOON, NOON + HOUR, "quality_code") == ["Q" if expected else "A"]
    assert column(warehouse, NOON, NOON + HOUR, "adjustment_wh") == [0]


def test_exchanged_channels_are_exchanged_again(warehouse: Warehouse) -> None:
    delivered = true_reads()
    received = true_reads("received", lambda s: 5 * varied(s + HOUR) // 4 if 16 <= s.hour < 23 else 0)
    swap = {"delivered": "received", "received": "delivered"}
    both = [
        replace(row, channel=swap[row.channel]) if row.start >= MIDNIGHT else row for row in (*delivered, *received)
    ]
    validate(warehouse, sent(both, (*faces(delivered), *faces(received))))
    assert column(warehouse, MIDNIGHT, MIDNIGHT + 24 * HOUR) == [varied(MIDNIGHT + n * HOUR) for n in range(24)]
    assert column(warehouse, MIDNIGHT, MIDNIGHT + 24 * HOUR, "method_code") == ["E0"] * 24
    acts = {row for row in rules(warehouse) if row[1] == DAY and row[2] == "V09"}
    assert acts == {(channel, DAY, "V09", "error", "replace") for channel in swap}


@pytest.mark.parametrize(("factor", "rule"), [(10, "V16"), (100, "V16"), (1000, "V15")])
def test_values_wrong_by_a_factor_keep_their_shape(warehouse: Warehouse, factor: int, rule: str) -> None:
    rows = true_reads()
    report = [replace(row, wh=factor * (row.wh or 0)) if row.start >= MIDNIGHT else row for row in rows]
    validate(warehouse, replace(sent(report, faces(rows)), customer_class="residential"))
    day = MIDNIGHT, MIDNIGHT + 24 * HOUR
    assert column(warehouse, *day) == [row.wh for row in rows if day[0] <= row.start < day[1]]
    assert column(warehouse, *day, "method_code") == ["E0R"] * 24
    assert ("delivered", DAY, rule, "error", "replace") in rules(warehouse)


@pytest.mark.parametrize("has_register", [True, False])
def test_a_spike_is_taken_out_only_if_the_register_speaks_against_it(warehouse: Warehouse, has_register: bool) -> None:
    rows = true_reads()
    report = changed(rows, NOON, NOON + HOUR, wh=20_000)
    validate(warehouse, sent(report, faces(rows) if has_register else ()))
    severity = "error" if has_register else "warning"
    assert ("delivered", DAY, "V06", severity, "estimate" if has_register else "verify") in rules(warehouse)
    assert column(warehouse, NOON, NOON + HOUR) == [varied(NOON) if has_register else 20_000]
    assert column(warehouse, NOON, NOON + HOUR, "method_code") == ["E0" if has_register else None]


@pytest.mark.parametrize(
    ("wh", "count", "is_stuck"), [(150, 8, True), (150, 7, False), (99, 24, True), (99, 23, False)]
)
def test_a_run_of_equal_values_is_remarked_upon(warehouse: Warehouse, wh: int, count: int, is_stuck: bool) -> None:
    begin = MIDNIGHT - 3 * HOUR
    rows = changed(true_reads(), begin, begin + count * HOUR, wh=wh)
    validate(warehouse, sent(rows))
    days = [(date(2025, 11, 18), 3), (DAY, count - 3)]
    expected = [("delivered", day, "V07", n, 0) for day, n in days]
    assert [row for row in failed(warehouse, "warning") if row[2] == "V07"] == (expected if is_stuck else [])


def test_stuck_values_that_explain_a_failed_sum_are_estimated(warehouse: Warehouse) -> None:
    rows = true_reads()
    validate(warehouse, sent(changed(rows, NOON - 8 * HOUR, NOON, wh=600), faces(rows)))
    lost = sum(row.wh or 0 for row in rows if NOON - 8 * HOUR <= row.start < NOON)
    assert sum(column(warehouse, NOON - 8 * HOUR, NOON)) == lost  # type: ignore[arg-type]
    assert column(warehouse, NOON - 8 * HOUR, NOON, "method_code") == ["E2R"] * 8
    assert ("delivered", DAY, "V07", "error", "estimate") in rules(warehouse)


@pytest.mark.parametrize("has_register", [True, False])
def test_zeros_are_false_where_the_register_moved(warehouse: Warehouse, has_register: bool) -> None:
    rows = true_reads()
    zeros = changed(rows, NOON, NOON + HOUR, wh=0)
    validate(warehouse, sent(zeros, faces(rows) if has_register else ()))
    assert column(warehouse, NOON, NOON + HOUR) == [varied(NOON) if has_register else 0]
    assert (("delivered", DAY, "V08", "error", "estimate") in rules(warehouse)) == has_register


@pytest.mark.parametrize(("hours", "is_dark", "is_listed"), [(24, False, True), (23, False, False), (24, True, False)])
def test_a_day_of_zeros_is_listed_unless_the_power_was_off(
    warehouse: Warehouse, hours: int, is_dark: bool, is_listed: bool
) -> None:
    begin = MIDNIGHT - 6 * HOUR
    rows = changed(true_reads(), begin, begin + hours * HOUR, wh=0)
    events = Event("M", "POWER_DOWN", begin + 2 * HOUR), Event("M", "POWER_UP", begin + 4 * HOUR)
    validate(warehouse, sent(rows, events=events if is_dark else ()))
    assert any(row[2] == "V08" for row in rules(warehouse)) == is_listed
    assert column(warehouse, begin, begin + hours * HOUR, "quality_code") == ["A"] * hours


def test_what_is_missing_while_the_power_is_off_is_zero(warehouse: Warehouse) -> None:
    events = Event("M", "POWER_DOWN", NOON - timedelta(minutes=10)), Event("M", "POWER_UP", NOON + 3 * HOUR)
    validate(warehouse, sent(without(true_reads(), NOON, NOON + 3 * HOUR), events=events))
    assert column(warehouse, NOON, NOON + 3 * HOUR) == [0] * 3
    assert column(warehouse, NOON, NOON + 3 * HOUR, "method_code") == ["E4"] * 3


@pytest.mark.parametrize(
    ("dark", "expected"), [([-1], (400, "E1")), ([1], (200, "E1")), ([-1, 1], (0, "E4")), ([], (300, "E1"))]
)
def test_an_end_point_without_power_is_none(warehouse: Warehouse, dark: list[int], expected: tuple[int, str]) -> None:
    rows = changed(true_reads(), NOON - HOUR, NOON, wh=200)
    rows = without(changed(rows, NOON + HOUR, NOON + 2 * HOUR, wh=400), NOON, NOON + HOUR)
    events = [
        Event("M", code, NOON + n * HOUR + timedelta(minutes=minute))
        for n in dark
        for code, minute in (("POWER_DOWN", 5), ("POWER_UP", 25))
    ]
    validate(warehouse, sent(rows, events=events))
    assert column(warehouse, NOON, NOON + HOUR) == [expected[0]]
    assert column(warehouse, NOON, NOON + HOUR, "method_code") == [expected[1]]


@pytest.mark.parametrize(("start_wh", "is_reset"), [(99_999_000 - 140_000, False), (50_000_000, True)])
def test_a_register_that_falls_rolled_over_or_was_reset(warehouse: Warehouse, start_wh: int, is_reset: bool) -> None:
    warehouse.assets["M"] = Asset(digits=5)
    rows = true_reads()
    shown = [replace(r, wh=r.wh % 10**8) for r in faces(rows, start_wh)]
    if is_reset:
        base = next(r.wh for r in shown if r.at == MIDNIGHT + 24 * HOUR)
        shown = [replace(r, wh=r.wh - base) if r.at > MIDNIGHT else r for r in shown]
    assert any(a.wh > b.wh for a, b in pairwise(shown)), "the register falls"
    validate(warehouse, sent(rows, shown))
    assert rules(warehouse) == ({("delivered", DAY, "V11", "error", "reject")} if is_reset else set())
    assert column(warehouse, NOON, NOON + HOUR, "quality_code") == ["A"]


def test_an_interval_that_had_not_ended_is_not_believed(warehouse: Warehouse) -> None:
    rows = reads("M", FIRST, DAY, 60, wh=varied)
    received = rows[-3].start + HOUR
    validate(warehouse, file("early", rows, received))
    assert column(warehouse, rows[-3].start, rows[-1].start + HOUR, "quality_code") == ["A", "Q", "Q"]
    assert ("delivered", DAY, "V13", "error", "reject") in rules(warehouse)
    warehouse.deliver([file("later", rows[-2:], received + 3 * HOUR)])
    warehouse.run()
    assert column(warehouse, rows[-3].start, rows[-1].start + HOUR, "quality_code") == ["A"] * 3


def test_use_without_service_is_listed(warehouse: Warehouse) -> None:
    warehouse.assets["M"] = Asset(installed=FIRST + timedelta(days=1), removed=LAST - timedelta(days=1))
    events = Event("M", "DISCONNECT", NOON), Event("M", "CONNECT", NOON + 5 * HOUR)
    validate(warehouse, sent(changed(true_reads(), NOON, NOON + HOUR, wh=0), events=events))
    found = [row for row in failed(warehouse, "warning") if row[2] == "V14"]
    assert found == [("delivered", day, "V14", n, 0) for day, n in ((FIRST, 24), (DAY, 4), (LAST, 24))]


@pytest.mark.parametrize(("seconds", "severity"), [(180, None), (181, "warning"), (900, "warning"), (901, "error")])
def test_a_clock_error_is_listed(warehouse: Warehouse, seconds: int, severity: str | None) -> None:
    event = Event("M", "TIME_SYNC", NOON, f"Clock set by -{seconds} s")
    validate(warehouse, sent(true_reads(), events=[event]))
    assert rules(warehouse) == ({("delivered", DAY, "V12", severity, "verify")} if severity else set())


def test_a_day_unlike_the_weekdays_before_is_remarked_upon(warehouse: Warehouse) -> None:
    rows = reads("M", date(2025, 10, 13), DAY, 60, wh=lambda s: 100 + s.hour % 2)
    report = changed(rows, MIDNIGHT, MIDNIGHT + 24 * HOUR, wh=29)
    validate(warehouse, file("all", report))
    assert ("delivered", DAY, "V10", "warning", "verify") in rules(warehouse)


def test_a_multiplier_unlike_the_record_is_listed(warehouse: Warehouse) -> None:
    warehouse.assets["M"] = Asset(multiplier=40)
    rows = true_reads()
    stated = [replace(r, multiplier=1.0 if r.at == MIDNIGHT else 40.0) for r in faces(rows)]
    validate(warehouse, sent(rows, stated))
    assert rules(warehouse) == {("delivered", DAY, "V16", "warning", "verify")}


def test_estimation_on_end_raises_an_alert_on_the_fourth_day(warehouse: Warehouse) -> None:
    end = MIDNIGHT + 96 * HOUR
    validate(warehouse, sent(without(true_reads(), MIDNIGHT, end)))
    found = [row[1] for row in failed(warehouse, "warning") if row[2] == "V17"]
    assert found == [DAY + timedelta(days=3)]


def test_without_like_days_the_class_lends_its_shape(warehouse: Warehouse) -> None:
    rows = reads("M", date(2025, 11, 18), DAY, 60, wh=varied)
    gap = NOON, NOON + 5 * HOUR
    validate(warehouse, file("all", without(rows, *gap), customer_class="residential"))
    assert column(warehouse, *gap, "method_code") == ["E3"] * 5
    assert all(100 < wh < 1_500 for wh in column(warehouse, *gap))  # type: ignore[operator]


def test_a_day_on_which_every_rule_fails_loses_no_read(tmp_path: Path) -> None:
    """Every meter has everything wrong with it; whatever becomes final, what was reported can be told from it."""
    warehouse = Warehouse(Home(tmp_path / "home"))
    files = []
    for number in range(4):
        truth = [replace(row, meter_id=f"M{number}") for row in reads("M", FIRST, LAST, 15, wh=varied)]
        warehouse.assets[f"M{number}"] = Asset(installed=DAY + timedelta(days=1), multiplier=2)
        report = changed(truth, MIDNIGHT, MIDNIGHT + QUARTER, wh=-5)
        report = changed(report, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR, wh=10**9)
        report = changed(report, MIDNIGHT + 3 * HOUR, MIDNIGHT + 6 * HOUR, wh=0)
        report = changed(report, MIDNIGHT + 7 * HOUR, MIDNIGHT + 10 * HOUR, wh=444)
        report = changed(report, MIDNIGHT + 11 * HOUR, MIDNIGHT + 11 * HOUR + QUARTER, minutes=30)
        report = changed(report, MIDNIGHT + 12 * HOUR, MIDNIGHT + 12 * HOUR + QUARTER, wh=9_000)
        report = without(report, MIDNIGHT + 14 * HOUR, MIDNIGHT + 15 * HOUR)
        again = changed(truth[:0] + [row for row in truth if row.start == NOON + 4 * HOUR], NOON, LAST_MOMENT, wh=77)
        shown = [replace(r, wh=0, multiplier=1.0) if r.at > MIDNIGHT else r for r in faces(truth)]
        events = Event(f"M{number}", "DISCONNECT", NOON + 6 * HOUR), Event(f"M{number}", "TIME_SYNC", NOON, "set 999 s")
        part = file(f"file {number}", report, customer_class="residential")
        files.append(replace(part, registers=tuple(shown[:: number + 1]), events=events))
        files.append(file(f"again {number}", again, RECEIVED + HOUR))
    validate(warehouse, *files)
    found = {row[0] for row in warehouse.table(FAILURES).select("rule_code").rows()}
    assert {"V01", "V02", "V03", "V04", "V05", "V11", "V12", "V14", "V16"} <= found
    standing = {(r.meter_id, r.start): r.wh for one in files for r in one.reads}
    wide = warehouse.table(EDITED_INTERVAL_READS)
    assert wide.height == 4 * 26 * 96
    for meter, start, final, adjustment in wide.select(
        "meter_id", "interval_start_utc", "delivered_wh", "delivered_adjustment_wh"
    ).iter_rows():
        reported = None if adjustment is None else (final or 0) - adjustment
        assert reported == standing.get((meter, start))


LAST_MOMENT = utc(2025, 12, 1)
