"""Whatever the order in which files come and are validated, the vee layer ends the same."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import polars.selectors as cs
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar import dates
from models.tables.entities import DATES
from models.tables.vee import EDITED_INTERVAL_READS, FAILURES, METER_DAY_PROFILES, RESTATEMENTS
from pipelines import lake
from pipelines.entities import build_entities
from pipelines.reference import vee_settings
from pipelines.validate import stale_months, validate_months
from pipelines.vee.judge import MONTH_TABLES
from tests.vee.conftest import Warehouse, assert_as_expected, fresh_warehouse, quiet
from tests.vee.facts import Row
from tests.vee.worlds import EXAMPLES, RECEIVED, World, changed, file, reads, runs_of, utc, without, worlds

Snapshot = dict[str, pl.DataFrame]


def snapshot(warehouse: Warehouse) -> Snapshot:
    """The vee layer without the time of knowing, which alone may follow the order of arrival."""
    tables = {table: warehouse.table(table) for table in MONTH_TABLES}
    return {t.name: f.drop("known_at_utc", strict=False).sort(t.primary_key) for t, f in tables.items()}


def days_that_differ(before: Snapshot, after: Snapshot) -> set[Row]:
    """Meter-days of which a value, a quality, a method or a verdict differs."""
    days: set[Row] = set()
    for name in (EDITED_INTERVAL_READS.name, METER_DAY_PROFILES.name, FAILURES.name):
        one, other = (
            set(
                snap[name]
                .with_columns(cs.by_name("status_code", require_all=False).replace("screened", "clean"))
                .rows()
            )
            for snap in (before, after)
        )
        place = before[name].columns.index("meter_id"), before[name].columns.index("usage_date")
        days |= {(row[place[0]], row[place[1]]) for row in one ^ other}
    return days


def run_and_check_restatements(warehouse: Warehouse) -> None:
    before = snapshot(warehouse)
    last_run = warehouse.table(RESTATEMENTS)["restatement_id"].max() or 0
    results = warehouse.run()
    changed_days = days_that_differ(before, snapshot(warehouse))
    assert warehouse.restated(int(last_run) + 1) == changed_days  # type: ignore[call-overload]
    assert sum(result.restated_count for result in results) == len(changed_days)


@settings(EXAMPLES, max_examples=EXAMPLES.max_examples * 2 // 3)
@given(worlds, st.randoms(use_true_random=False), st.sets(st.integers(1, 4), max_size=2))
def test_any_order_and_grouping_of_runs_ends_in_the_same_tables(
    world: World, random: Callable[..., None], cuts: set[int]
) -> None:
    files = world.files()
    shuffled = list(files)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    with fresh_warehouse(world.climate()) as step_by_step:
        for group in runs_of(shuffled, cuts):
            step_by_step.deliver(group)
            run_and_check_restatements(step_by_step)
        assert_as_expected(step_by_step, files)
        assert step_by_step.run() == []
        stepwise = snapshot(step_by_step)
    with fresh_warehouse(world.climate()) as at_once:
        at_once.deliver(files)
        at_once.run()
        for name, frame in snapshot(at_once).items():
            assert frame.equals(stepwise[name]), name


def test_a_month_far_from_the_change_is_not_recomputed(warehouse: Warehouse) -> None:
    history = reads("M", date(2025, 6, 1), date(2026, 1, 31), 1440, wh=lambda _start: 9_000)
    warehouse.deliver([file("history", history)])
    assert [r.month for r in warehouse.run()] == [f"2025-{m:02}" for m in range(6, 13)] + ["2026-01"]

    august = [row for row in history if utc(2025, 8, 5) < row.start < utc(2025, 8, 20)]
    warehouse.deliver([file("august again", august, RECEIVED + timedelta(days=1))])
    # September and October might rest on days of August, had any of them changed.
    assert stale_months(warehouse.home, vee_settings()) == ["2025-08", "2025-09", "2025-10"]
    assert [(r.month, r.restated_count) for r in warehouse.run()] == [("2025-08", 0)]
    assert warehouse.table(RESTATEMENTS)["restatement_id"].max() == 1, "the same values restate nothing"

    tomorrow = reads("M", date(2026, 2, 1), date(2026, 2, 1), 1440, wh=lambda _start: 9_000)
    warehouse.deliver([file("tomorrow", tomorrow)])
    assert [r.month for r in warehouse.run()] == ["2026-01", "2026-02"]


def test_a_late_file_restates_the_gap_and_what_had_rested_on_it(warehouse: Warehouse) -> None:
    # Monday the 24th is filled from the weekdays before it, of which there are four, and five once the 21st has come.
    kwh = {17: 1_000, 18: 2_000, 19: 3_000, 20: 4_000, 21: 5_000}
    all_reads = reads("M", date(2025, 11, 17), date(2025, 11, 30), 1440, wh=lambda s: kwh.get(s.day, 7_000))
    lost = [row for row in all_reads if row.start.day in (21, 24)]
    warehouse.deliver([file("first", [row for row in all_reads if row not in lost])])
    warehouse.run()
    estimated = warehouse.interval("M", utc(2025, 11, 24, 8))
    assert (estimated["delivered_wh"], estimated["delivered_quality_code"]) == ((1 + 2 + 3 + 4) * 250, "E")

    warehouse.deliver([file("late", [row for row in lost if row.start.day == 21], RECEIVED + timedelta(days=1))])
    run_and_check_restatements(warehouse)
    assert warehouse.restated(2) == {("M", date(2025, 11, 21)), ("M", date(2025, 11, 24))}
    actual = warehouse.interval("M", utc(2025, 11, 21, 8))
    assert (actual["delivered_wh"], actual["delivered_quality_code"]) == (5_000, "A")
    assert actual["known_at_utc"] == RECEIVED + timedelta(days=1)
    assert warehouse.interval("M", utc(2025, 11, 24, 8))["delivered_wh"] == 3_000


def test_a_month_validated_alone_is_done_again_once_the_months_before_it_are_there(warehouse: Warehouse) -> None:
    all_reads = reads("M", date(2025, 9, 1), date(2025, 10, 31), 60)
    gap = utc(2025, 10, 1, 7), utc(2025, 10, 2, 7)
    files = [file("all", without(all_reads, *gap))]
    warehouse.deliver(files)
    build_entities(warehouse.home)
    validate_months(warehouse.home, vee_settings(), ["2025-10"], quiet)
    assert warehouse.interval("M", gap[0])["delivered_quality_code"] == "N", "no earlier day is known yet"

    assert stale_months(warehouse.home, vee_settings()) == ["2025-09", "2025-10"]
    warehouse.run()
    assert_as_expected(warehouse, files)
    assert stale_months(warehouse.home, vee_settings()) == []


def test_another_holiday_calendar_judges_estimates_again(warehouse: Warehouse) -> None:
    all_reads = reads("M", date(2025, 12, 1), date(2025, 12, 31), 1440)
    warehouse.deliver([file("all", without(all_reads, utc(2025, 12, 29), utc(2025, 12, 30)))])
    warehouse.run()
    days = warehouse.table(DATES)["usage_date"]
    frame = dates(days[0], days[-1], {})
    lake.write_frame(frame, DATES, lake.table_folder(warehouse.home, DATES) / "part-0.parquet")
    assert stale_months(warehouse.home, vee_settings()) == ["2025-12"]


def test_a_new_class_makes_every_month_stale(warehouse: Warehouse) -> None:
    all_reads = reads("M", date(2025, 9, 1), date(2025, 10, 31), 60)
    all_reads = changed(all_reads, utc(2025, 9, 10), utc(2025, 9, 10, 1), wh=60_000)
    warehouse.deliver([file("all", all_reads)])
    warehouse.run()
    again = file("class", all_reads[-1:], RECEIVED + timedelta(days=1), customer_class="residential")
    warehouse.deliver([again])
    assert [r.month for r in warehouse.run()] == ["2025-09", "2025-10"]
    assert warehouse.interval("M", utc(2025, 9, 10))["delivered_quality_code"] == "E"
    # The Tuesdays after it were low beside so high a Tuesday (V10), and are not any more.
    tuesdays = [date(2025, 9, 9), date(2025, 9, 23), date(2025, 9, 30), date(2025, 10, 7)]
    assert warehouse.restated(2) == {("M", day) for day in tuesdays}
