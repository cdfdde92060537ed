"""What a person decided about a read is final and valid, whatever comes and whenever it comes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from models.tables.vee import FAILURES, METER_DAY_PROFILES, READ_VERSIONS
from tests.vee.conftest import Warehouse
from tests.vee.edited import Edit, deliver, in_force
from tests.vee.test_law_of_arrival import run_and_check_restatements, snapshot
from tests.vee.test_versions import known_at
from tests.vee.worlds import RECEIVED, Register, changed, file, reads, utc, without

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = utc(2025, 11, 18, 20)
"""Noon in Los Angeles, a Tuesday."""
LATER = RECEIVED + DAY


def history(minutes: int = 60) -> list[Any]:
    return reads("M", date(2025, 11, 10), date(2025, 11, 20), minutes)


def value(row: dict[str, Any], channel: str = "delivered") -> tuple[Any, ...]:
    """Final value, adjustment, quality and method."""
    return tuple(row[f"{channel}_{name}"] for name in ("wh", "adjustment_wh", "quality_code", "method_code"))


def test_an_edited_value_is_final_and_what_was_reported_stays(warehouse: Warehouse) -> None:
    warehouse.deliver([file("first", history())])
    warehouse.run()
    deliver(warehouse, [Edit("e1", LATER, "M", NOON, wh=250, seen=100)])
    run_and_check_restatements(warehouse)

    row = warehouse.interval("M", NOON)
    assert value(row) == (250, 150, "G", None)
    assert row["known_at_utc"] == LATER
    assert warehouse.interval("M", NOON + HOUR)["known_at_utc"] == RECEIVED
    assert warehouse.restated(2) == {("M", date(2025, 11, 18))}
    (version,) = warehouse.table(READ_VERSIONS).rows(named=True)
    assert (version["delivered_wh"], version["delivered_quality_code"]) == (100, "A")
    assert (version["believed_from_utc"], version["believed_to_utc"]) == (RECEIVED, LATER)
    (edit,) = in_force(warehouse)
    assert (edit["edit_id"], edit["final_wh"], edit["reported_wh"], edit["is_contested"]) == ("e1", 250, 100, False)
    assert edit["reported_at_utc"] == RECEIVED
    profile = warehouse.table(METER_DAY_PROFILES).row(
        by_predicate=pl.col("usage_date") == date(2025, 11, 18), named=True
    )
    assert (profile["valid_count"], profile["max_wh"], profile["estimated_count"]) == (24, 250, 0)
    assert warehouse.run() == [], "an edit that has been judged is no news"


def test_a_verified_value_stands_though_a_rule_fails(warehouse: Warehouse) -> None:
    spiked = changed(history(), NOON, NOON + HOUR, wh=5_000_000)
    warehouse.deliver([file("first", spiked)])
    warehouse.run()
    assert warehouse.interval("M", NOON)["delivered_quality_code"] == "E"
    deliver(warehouse, [Edit("e1", LATER, "M", NOON, "verify", seen=5_000_000)])
    run_and_check_restatements(warehouse)
    assert value(warehouse.interval("M", NOON)) == (5_000_000, 0, "V", None)
    failed = warehouse.table(FAILURES).filter(rule_code="V05").select("failed_count", "estimated_count").rows()
    assert failed == [(1, 0)], "that the rule failed stays on record"


@pytest.mark.parametrize("factor", [1, 10])
@pytest.mark.parametrize("action", ["edit", "verify"])
def test_a_decision_stands_against_the_register(warehouse: Warehouse, action: str, factor: int) -> None:
    rows = changed(history(), NOON, NOON + HOUR, wh=9_000)
    counted = 24 * 100 // factor
    warehouse.deliver([replace(file("first", rows), registers=registers_of(counted))])
    warehouse.run()
    wh = 700 if action == "edit" else 9_000
    deliver(warehouse, [Edit("e1", LATER, "M", NOON, action, wh=wh if action == "edit" else None, seen=9_000)])
    run_and_check_restatements(warehouse)
    assert value(warehouse.interval("M", NOON)) == (wh, wh - 9_000, "G" if action == "edit" else "V", None)
    assert warehouse.interval("M", NOON)["known_at_utc"] == LATER


def registers_of(counted_wh: int) -> tuple[Register, ...]:
    """Readings at the midnights around the 18th."""
    readings = ((utc(2025, 11, 18, 8), 0), (utc(2025, 11, 19, 8), counted_wh))
    return tuple(Register(900 + n, "M", "delivered", "A", at, wh, None) for n, (at, wh) in enumerate(readings))


@pytest.mark.parametrize("action", ["edit", "verify"])
def test_a_withdrawal_ends_a_decision(warehouse: Warehouse, action: str) -> None:
    warehouse.deliver([file("first", history())])
    warehouse.run()
    before = snapshot(warehouse)
    deliver(warehouse, [Edit("e1", LATER, "M", NOON, action, wh=250 if action == "edit" else None, seen=100)])
    warehouse.run()
    deliver(warehouse, [Edit("e2", LATER + HOUR, "M", NOON, "withdraw", seen=100)])
    run_and_check_restatements(warehouse)
    assert all(frame.equals(before[name]) for name, frame in snapshot(warehouse).items())
    assert warehouse.interval("M", NOON)["known_at_utc"] == LATER + HOUR
    assert known_at(warehouse, LATER).filter(interval_start_utc=NOON)["delivered_quality_code"].to_list() == [
        "G" if action == "edit" else "V"
    ]


def test_of_several_decisions_the_latest_holds(warehouse: Warehouse) -> None:
    warehouse.deliver([file("first", history())])
    late = [
        Edit("e2", LATER, "M", NOON, wh=2, seen=100),
        Edit("e1", LATER, "M", NOON, wh=1, seen=100),
        Edit("e3", LATER - HOUR, "M", NOON, "withdraw", seen=100),
    ]
    deliver(warehouse, late)
    warehouse.run()
    assert value(warehouse.interval("M", NOON))[0] == 2


def test_a_missing_interval_is_given_a_value_and_its_neighbours_rest_on_it(warehouse: Warehouse) -> None:
    gap = NOON, NOON + 2 * HOUR
    warehouse.deliver([file("first", without(history(), *gap))])
    warehouse.run()
    assert value(warehouse.interval("M", NOON)) == (100, None, "E", "E1")
    deliver(warehouse, [Edit("e1", LATER, "M", NOON + HOUR, wh=300)])
    run_and_check_restatements(warehouse)
    assert value(warehouse.interval("M", NOON + HOUR)) == (300, None, "G", None)
    assert value(warehouse.interval("M", NOON)) == (200, None, "E", "E1"), "halfway between 100 and 300"
    missing = warehouse.table(FAILURES).filter(rule_code="V03").row(0, named=True)
    assert (missing["failed_count"], missing["estimated_count"]) == (2, 1)


def test_an_edited_day_serves_as_a_like_day(warehouse: Warehouse) -> None:
    every_day = reads("M", date(2025, 11, 10), date(2025, 11, 20), 1440, wh=lambda _s: 1_000)
    lost = utc(2025, 11, 19, 8)
    warehouse.deliver([file("first", without(every_day, lost, lost + DAY))])
    warehouse.run()
    assert warehouse.interval("M", lost)["delivered_wh"] == 1_000
    deliver(warehouse, [Edit("e1", LATER, "M", utc(2025, 11, 18, 8), wh=8_000, seen=1_000)])
    run_and_check_restatements(warehouse)
    # Six weekdays before, one of which is 8,000 now (the eleventh is a holiday).
    assert value(warehouse.interval("M", lost)) == ((5 * 1_000 + 8_000 + 3) // 6, None, "E", "E2")
    assert warehouse.restated(2) == {("M", date(2025, 11, 18)), ("M", date(2025, 11, 19))}


def test_estimates_are_scaled_beside_an_edited_value(warehouse: Warehouse) -> None:
    rows = [row for row in history() if row.start not in (NOON, NOON + 4 * HOUR)]
    warehouse.deliver([replace(file("first", rows), registers=registers_of(2_900))])
    warehouse.run()
    assert [value(warehouse.interval("M", NOON + h * HOUR))[0] for h in (0, 4)] == [350, 350], "2,900 less 22 of 100"
    deliver(warehouse, [Edit("e1", LATER, "M", NOON, wh=500)])
    run_and_check_restatements(warehouse)
    assert value(warehouse.interval("M", NOON)) == (500, None, "G", None)
    assert value(warehouse.interval("M", NOON + 4 * HOUR)) == (200, None, "E", "E0"), "what the register leaves"


@pytest.mark.parametrize(
    ("late_wh", "is_contested"), [(100, False), (250, False), (120, True)], ids=["as seen", "as decided", "neither"]
)
def test_a_later_read_does_not_change_an_edit_and_contests_it(
    warehouse: Warehouse, late_wh: int, is_contested: bool
) -> None:
    warehouse.deliver([file("first", history())])
    deliver(warehouse, [Edit("e1", LATER, "M", NOON, wh=250, seen=100)])
    warehouse.run()
    late = changed([row for row in history() if row.start == NOON], NOON, NOON + HOUR, wh=late_wh)
    warehouse.deliver([file("late", late, LATER + DAY)])
    warehouse.run()
    row = warehouse.interval("M", NOON)
    assert value(row) == (250, 250 - late_wh, "G", None)
    (edit,) = in_force(warehouse)
    assert (edit["is_contested"], edit["reported_wh"], edit["reported_at_utc"]) == (is_contested, late_wh, LATER + DAY)
    deliver(warehouse, [Edit("e2", LATER + 2 * DAY, "M", NOON, "verify", seen=late_wh)])
    warehouse.run()
    assert value(warehouse.interval("M", NOON)) == (late_wh, 0, "V", None)
    assert [(one["edit_id"], one["is_contested"]) for one in in_force(warehouse)] == [("e2", False)]


def test_a_late_read_contests_the_value_given_to_a_gap(warehouse: Warehouse) -> None:
    warehouse.deliver([file("first", without(history(), NOON, NOON + HOUR))])
    deliver(warehouse, [Edit("e1", LATER, "M", NOON, wh=250)])
    warehouse.run()
    warehouse.deliver([file("late", [row for row in history() if row.start == NOON], LATER + DAY)])
    run_and_check_restatements(warehouse)
    assert value(warehouse.interval("M", NOON)) == (250, 150, "G", None)
    assert in_force(warehouse)[0]["is_contested"]


def test_a_verified_value_is_the_one_that_was_seen(warehouse: Warehouse) -> None:
    warehouse.deliver([file("first", history())])
    deliver(warehouse, [Edit("e1", LATER, "M", NOON, "verify", seen=100)])
    late = changed([row for row in history() if row.start == NOON], NOON, NOON + HOUR, wh=777)
    warehouse.deliver([file("late", late, LATER + DAY)])
    warehouse.run()
    assert value(warehouse.interval("M", NOON)) == (100, -677, "V", None)
    assert in_force(warehouse)[0]["is_contested"]


@pytest.mark.parametrize(
    "edit",
    [
        Edit("e1", LATER, "nobody", NOON, wh=1),
        Edit("e1", LATER, "M", NOON + timedelta(minutes=7), wh=1),
        Edit("e1", LATER, "M", utc(2026, 5, 1), wh=1),
        Edit("e1", LATER, "M", utc(2025, 11, 1), wh=1),
        Edit("e1", LATER, "M", NOON, wh=1, channel="received"),
    ],
    ids=["unknown meter", "off the grid", "after its life", "before its life", "no such channel"],
)
def test_an_edit_of_nothing_does_nothing(warehouse: Warehouse, edit: Edit) -> None:
    warehouse.deliver([file("first", history())])
    warehouse.run()
    before = snapshot(warehouse)
    deliver(warehouse, [edit])
    warehouse.run()
    assert all(frame.equals(before[name]) for name, frame in snapshot(warehouse).items())


def test_only_the_days_of_an_edit_are_judged(warehouse: Warehouse) -> None:
    everyone = [row for n in range(4) for row in reads(f"M{n}", date(2025, 11, 1), date(2025, 11, 30), 60)]
    warehouse.deliver([file("first", everyone)])
    warehouse.run()
    deliver(warehouse, [Edit("e1", LATER, "M2", utc(2025, 11, 28, 20), wh=7, seen=100)])
    (result,) = warehouse.run()
    # The day before, the day, and what may rest on it until the month's end.
    assert (result.judged_count, result.restated_count) == (4, 1)


def test_the_same_edits_handed_over_twice_count_once(warehouse: Warehouse) -> None:
    warehouse.deliver([file("first", history())])
    edit = Edit("e1", LATER, "M", NOON, wh=250, seen=100)
    deliver(warehouse, [edit], "once")
    deliver(warehouse, [edit, Edit("e2", LATER, "M", NOON + HOUR, wh=1, seen=100)], "twice")
    warehouse.run()
    assert [one["edit_id"] for one in in_force(warehouse)] == ["e1", "e2"]
