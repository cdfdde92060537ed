"""Cases by hand, small enough to check with a pencil; the oracle looks at every one of them too."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from models.calendar import intervals
from models.entities import finest_step
from models.tables.vee import EDITED_INTERVAL_READS, FAILURES, METER_DAY_PROFILES
from tests.vee.conftest import Warehouse, assert_as_expected
from tests.vee.facts import File, Read
from tests.vee.worlds import LARGEST_WH, RECEIVED, changed, file, reads, utc, without

MINUTE = timedelta(minutes=1)


def ramp(step: int, first: datetime) -> Any:
    """Values that rise by `step` with every quarter-hour from `first` on."""
    return lambda start: 100 + step * int((start - first) / (15 * MINUTE))


def validate(warehouse: Warehouse, *files: File) -> None:
    warehouse.deliver(files)
    warehouse.run()
    assert_as_expected(warehouse, files)


def column(warehouse: Warehouse, first: datetime, end: datetime, name: str = "wh") -> list[object]:
    """A delivered column of meter M over [first, end), in order of time."""
    rows = warehouse.table(EDITED_INTERVAL_READS).filter(
        pl.col("meter_id") == "M", pl.col("interval_start_utc") >= first, pl.col("interval_start_utc") < end
    )
    return rows.sort("interval_start_utc")[f"delivered_{name}"].to_list()


def profile(warehouse: Warehouse, day: date, channel: str = "delivered") -> dict[str, Any]:
    rows = warehouse.table(METER_DAY_PROFILES).filter(meter_id="M", usage_date=day)
    return rows.row(by_predicate=pl.col("channel_code") == channel, named=True)


def failed(warehouse: Warehouse, severity: str = "error") -> list[tuple[object, ...]]:
    """Failures of meter M; its constant use is remarked upon as stuck, which is a warning."""
    names = ("channel_code", "usage_date", "rule_code", "failed_count", "estimated_count")
    return warehouse.table(FAILURES).filter(meter_id="M", severity_code=severity).select(names).rows()


@pytest.mark.parametrize(("day", "count"), [(date(2025, 11, 2), 100), (date(2026, 3, 8), 92), (date(2026, 3, 9), 96)])
def test_a_day_has_as_many_quarter_hours_as_its_clock(warehouse: Warehouse, day: date, count: int) -> None:
    validate(warehouse, file("all", reads("M", day - timedelta(days=1), day + timedelta(days=1))))
    assert profile(warehouse, day)["expected_count"] == count
    assert profile(warehouse, day)["status_code"] == "clean"
    assert failed(warehouse) == []


def test_the_repeated_hour_in_autumn_is_estimated_twice_and_the_skipped_hour_in_spring_never(
    warehouse: Warehouse,
) -> None:
    # Sundays at 01:xx are worth 40 Wh, Saturdays 10; both passes of the repeated hour are gone with the night.
    rows = reads(
        "M",
        date(2025, 10, 11),
        date(2025, 11, 3),
        60,
        wh=lambda s: 40 if (s - timedelta(hours=7)).weekday() == 6 else 10,
    )
    night = utc(2025, 11, 2, 7), utc(2025, 11, 2, 12)
    validate(warehouse, file("all", without(rows, *night)))
    # The days of the type before are four Saturdays (1 November, 25, 18 and 11 October) and three Sundays: 160 / 7.
    assert column(warehouse, *night) == [23] * 5
    assert column(warehouse, *night, "method_code") == ["E2"] * 5


def test_a_night_is_filled_across_the_skipped_hour_in_spring(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 2, 14), date(2026, 3, 9), 60)
    night = utc(2026, 3, 8, 8), utc(2026, 3, 8, 13)
    validate(warehouse, file("all", without(rows, *night)))
    assert column(warehouse, *night) == [100] * 5
    assert profile(warehouse, date(2026, 3, 8))["expected_count"] == 23


def test_a_short_gap_across_midnight_is_one_straight_line(warehouse: Warehouse) -> None:
    first = utc(2026, 1, 15, 7, 15)  # 23:15 on the 14th in Los Angeles
    rows = reads("M", date(2026, 1, 13), date(2026, 1, 16), wh=ramp(3, first))
    rows = [row for row in rows if row.start >= first - timedelta(hours=4)]
    validate(warehouse, file("all", without(rows, first, first + 120 * MINUTE)))
    assert column(warehouse, first, first + 120 * MINUTE) == [100 + 3 * n for n in range(8)]
    assert column(warehouse, first, first + 120 * MINUTE, "method_code") == ["E1"] * 8


def test_a_gap_across_the_month_end_looks_the_same_from_both_months(warehouse: Warehouse) -> None:
    first = utc(2026, 2, 1, 7)  # 23:00 on 31 January
    rows = [
        row
        for row in reads("M", date(2026, 1, 30), date(2026, 2, 2), wh=ramp(1, first))
        if row.start >= first - timedelta(hours=20)
    ]
    validate(warehouse, file("all", without(rows, first, first + 120 * MINUTE)))
    assert column(warehouse, first, first + 120 * MINUTE) == [100 + n for n in range(8)]
    assert [row[1:] for row in failed(warehouse)] == [
        (date(2026, 1, 31), "V03", 4, 4),
        (date(2026, 2, 1), "V03", 4, 4),
    ]


def test_a_quarter_hour_more_makes_it_a_long_gap_on_both_sides_of_the_month_end(warehouse: Warehouse) -> None:
    first = utc(2026, 2, 1, 7)
    rows = reads("M", date(2026, 1, 1), date(2026, 2, 10))
    validate(warehouse, file("all", without(rows, first, first + 135 * MINUTE)))
    assert set(column(warehouse, first, first + 135 * MINUTE, "method_code")) == {"E2"}


def test_halves_are_rounded_up(warehouse: Warehouse) -> None:
    gap = utc(2026, 1, 15, 12)
    rows = reads("M", date(2026, 1, 15), date(2026, 1, 15), wh=lambda s: 11 if s < gap else 10)
    validate(warehouse, file("all", without(rows, gap, gap + 15 * MINUTE)))
    assert column(warehouse, gap, gap + 15 * MINUTE) == [11]


def test_gaps_at_the_ends_of_a_life_are_flat(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 1, 15), date(2026, 1, 15), wh=lambda s: s.hour * 10)
    head, tail = rows[0].start, rows[-1].start
    rows = changed(rows, head, head + 60 * MINUTE, wh=None)
    rows = changed(rows, tail, tail + MINUTE, wh=-5)
    validate(warehouse, file("all", rows))
    assert column(warehouse, head, head + 60 * MINUTE) == [90] * 4
    assert column(warehouse, tail, tail + MINUTE) == [70]
    assert column(warehouse, tail, tail + MINUTE, "adjustment_wh") == [75]


def test_nothing_is_expected_before_the_first_and_after_the_last_read(warehouse: Warehouse) -> None:
    first, last = utc(2026, 1, 15, 20, 15), utc(2026, 1, 17, 3)
    rows = [row for row in reads("M", date(2026, 1, 14), date(2026, 1, 18)) if first <= row.start <= last]
    validate(warehouse, file("all", rows))
    wide = warehouse.table(EDITED_INTERVAL_READS)
    assert (wide["interval_start_utc"].min(), wide["interval_start_utc"].max()) == (first, last)
    assert failed(warehouse) == []


def test_the_day_a_meter_was_installed_is_no_like_day_unless_it_is_whole(warehouse: Warehouse) -> None:
    # Installed on Monday at noon; whole days are Tuesday and Wednesday: too few for Thursday.
    rows = [row for row in reads("M", date(2026, 1, 5), date(2026, 1, 9), 60) if row.start >= utc(2026, 1, 5, 20)]
    gap = utc(2026, 1, 8, 20), utc(2026, 1, 9, 1)
    validate(warehouse, file("all", without(rows, *gap)))
    assert column(warehouse, *gap, "quality_code") == ["N"] * 5


def test_a_day_that_begins_a_life_at_midnight_is_a_like_day(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 1, 5), date(2026, 1, 9), 60)
    gap = utc(2026, 1, 8, 20), utc(2026, 1, 9, 1)
    validate(warehouse, file("all", without(rows, *gap)))
    assert column(warehouse, *gap) == [100] * 5


def test_unknown_is_said_to_be_unknown(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 1, 5), date(2026, 1, 6), 60)
    gap = utc(2026, 1, 6, 18), utc(2026, 1, 6, 23)
    rows = without(changed(rows, gap[0], gap[0] + 120 * MINUTE, wh=-7), gap[0] + 120 * MINUTE, gap[1])
    validate(warehouse, file("all", rows))
    assert column(warehouse, *gap, "quality_code") == ["Q", "Q", "N", "N", "N"]
    assert column(warehouse, *gap) == [None] * 5
    assert column(warehouse, *gap, "adjustment_wh") == [7, 7, None, None, None]
    assert profile(warehouse, date(2026, 1, 6))["status_code"] == "incomplete"


def test_a_meter_that_is_silent_for_months_is_missing_on_every_day_of_them(warehouse: Warehouse) -> None:
    rows = reads("M", date(2025, 9, 1), date(2026, 2, 28), 1440)
    validate(warehouse, file("all", without(rows, utc(2025, 10, 20), utc(2026, 2, 20))))
    silent = warehouse.table(EDITED_INTERVAL_READS).filter(
        pl.col("usage_date").is_between(date(2025, 12, 1), date(2026, 1, 31))
    )
    assert silent.height == 62
    assert set(silent["delivered_quality_code"]) <= {"E", "N"}
    assert silent["known_at_utc"].to_list() == [RECEIVED] * 62


def test_holidays_and_weekends_are_like_each_other_and_unlike_weekdays(warehouse: Warehouse) -> None:
    # Thanksgiving, 27 November 2025; weekends are worth 500, weekdays 100.
    rows = reads(
        "M",
        date(2025, 11, 1),
        date(2025, 11, 30),
        1440,
        wh=lambda s: 500 if (s - 8 * 60 * MINUTE).weekday() > 4 else 100,
    )
    day = utc(2025, 11, 27, 8)
    validate(warehouse, file("all", without(rows, day, day + MINUTE)))
    # Seven days of weekends (the clock was still on summer time when the 1st began) and Veterans Day on the 11th.
    assert column(warehouse, day, day + MINUTE) == [411]


@pytest.mark.parametrize("again", [200, None, -5])
def test_a_number_outranks_a_blank_and_the_later_value_the_earlier(warehouse: Warehouse, again: int | None) -> None:
    rows = reads("M", date(2026, 1, 5), date(2026, 1, 6), 60)
    later = changed(rows[5:6], rows[5].start, rows[6].start, wh=again)
    validate(warehouse, file("first", rows), file("later", later, RECEIVED + timedelta(hours=1)))
    at = warehouse.interval("M", rows[5].start)
    final, quality = {200: (200, "A"), None: (100, "A"), -5: (100, "E")}[again]
    assert (at["delivered_wh"], at["delivered_quality_code"]) == (final, quality)


def test_a_wrong_length_never_outranks_the_right_one_however_late(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 1, 5), date(2026, 1, 6), 30)
    later = [Read(0, 0, "M", "delivered", rows[4].start, 60, 60, 999)]
    validate(warehouse, file("first", rows), file("later", later, RECEIVED + timedelta(hours=1)))
    assert column(warehouse, rows[4].start, rows[5].start) == [100]
    assert failed(warehouse) == [("delivered", date(2026, 1, 5), "V01", 1, 0)]


def test_a_meter_of_two_lengths_keeps_the_one_with_most_reads(warehouse: Warehouse) -> None:
    hourly = reads("M", date(2026, 1, 5), date(2026, 1, 9), 60)
    quarterly = reads("M", date(2026, 1, 8), date(2026, 1, 12))
    validate(warehouse, file("hourly", hourly), file("quarterly", quarterly, RECEIVED + timedelta(hours=1)))
    # The hourly reads before the span of the quarter-hours stay visible as failures of length.
    assert failed(warehouse)[:3] == [("delivered", date(2026, 1, n), "V02", 24, 0) for n in (5, 6, 7)]
    assert len(failed(warehouse)) == 3
    assert profile(warehouse, date(2026, 1, 8))["status_code"] == "screened"


def test_reads_outside_every_life_are_counted(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 1, 5), date(2026, 1, 9))
    stray = [Read(0, 0, "M", "delivered", utc(2026, month, 20), 60, 60, 100) for month in (1, 3)]
    warehouse.deliver([file("all", rows + stray)])
    warehouse.run()
    assert [row[1] for row in failed(warehouse)] == [date(2026, 1, 19), date(2026, 3, 19)]


def test_reads_off_the_grid_are_counted_and_change_nothing(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 1, 5), date(2026, 1, 6))
    stray = [Read(0, 0, "M", "delivered", rows[40].start + 7 * MINUTE, 15, 15, 5_000)]
    validate(warehouse, file("all", rows + stray))
    assert failed(warehouse) == [("delivered", date(2026, 1, 5), "V02", 1, 0)]
    assert set(column(warehouse, rows[0].start, rows[-1].start)) == {100}


def test_a_zone_corrected_by_a_later_file_moves_days_and_months(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 1, 20), date(2026, 2, 10), 60)
    wrong = file("wrong zone", rows, time_zone="America/New_York")
    validate(warehouse, wrong)
    at_month_end = utc(2026, 2, 1, 6)  # 01:00 in New York, 22:00 on 31 January in Los Angeles
    assert warehouse.interval("M", at_month_end)["usage_date"] == date(2026, 2, 1)

    right = file("right zone", rows[-24:], RECEIVED + timedelta(hours=1))
    warehouse.deliver([right])
    warehouse.run()
    assert_as_expected(warehouse, [wrong, right])
    assert warehouse.interval("M", at_month_end)["usage_date"] == date(2026, 1, 31)
    assert profile(warehouse, date(2026, 1, 31))["expected_count"] == 24


def test_daily_reads_on_the_midnights_of_a_corrected_zone(warehouse: Warehouse) -> None:
    east = reads("M", date(2026, 1, 20), date(2026, 2, 10), 1440, time_zone="America/New_York")
    west = reads("M", date(2026, 2, 5), date(2026, 2, 25), 1440)
    files = file("east", east, time_zone="America/New_York"), file("west", west, RECEIVED + timedelta(hours=1))
    validate(warehouse, *files)
    assert ("delivered", date(2026, 1, 30), "V02", 1, 0) in failed(warehouse)


def test_a_received_channel_that_starts_later_has_a_life_of_its_own(warehouse: Warehouse) -> None:
    delivered = reads("M", date(2026, 1, 5), date(2026, 1, 12), 60)
    received = reads("M", date(2026, 1, 8), date(2026, 1, 12), 60, "received", wh=lambda _s: 40)
    gap = utc(2026, 1, 9, 20), utc(2026, 1, 9, 21)
    validate(warehouse, file("all", delivered + without(received, *gap)))
    before, within = (warehouse.interval("M", start) for start in (utc(2026, 1, 6, 20), gap[0]))
    assert (before["received_wh"], before["received_quality_code"], before["delivered_wh"]) == (None, None, 100)
    assert (within["received_wh"], within["received_quality_code"], within["delivered_quality_code"]) == (40, "E", "A")
    assert profile(warehouse, date(2026, 1, 8), "received")["status_code"] == "clean"


@pytest.mark.parametrize(
    ("customer_class", "minutes", "limit"),
    [
        ("residential", 15, 13_200),
        ("residential", 60, 52_800),
        ("unclassified", 15, 275_000),
        ("small_commercial", 30, 118_800),
    ],
)
def test_the_impossible_maximum_is_that_of_the_class(
    warehouse: Warehouse, customer_class: str, minutes: int, limit: int
) -> None:
    rows = reads("M", date(2026, 1, 5), date(2026, 1, 6), minutes)
    for place, wh in ((5, limit), (9, limit + 1)):
        rows = changed(rows, rows[place].start, rows[place].start + MINUTE, wh=wh)
    validate(warehouse, file("all", rows, customer_class=customer_class))
    assert column(warehouse, rows[5].start, rows[6].start) == [limit]
    assert column(warehouse, rows[9].start, rows[10].start) == [100]
    assert failed(warehouse) == [("delivered", date(2026, 1, 5), "V05", 1, 1)]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 3, 9), 24), (date(2025, 11, 2), 25)])
def test_the_impossible_maximum_of_a_day_follows_its_hours(warehouse: Warehouse, day: date, hours: int) -> None:
    rows = []
    for meter_id, excess in (("at the limit", 0), ("M", 1)):
        days = reads(meter_id, day - timedelta(days=1), day + timedelta(days=1), 1440)
        rows += changed(days, days[1].start, days[2].start, wh=52_800 * hours + excess)
    validate(warehouse, file("all", rows, customer_class="residential"))
    assert failed(warehouse) == [("delivered", day, "V05", 1, 1)]
    assert set(warehouse.table(FAILURES).filter(severity_code="error")["meter_id"]) == {"M"}


def test_two_values_at_the_end_of_the_number_range_fail_and_stop_nothing(warehouse: Warehouse) -> None:
    rows = reads("M", date(2026, 1, 5), date(2026, 1, 6), 60)
    rows = changed(rows, rows[4].start, rows[6].start, wh=LARGEST_WH)
    validate(warehouse, file("all", rows))
    assert column(warehouse, rows[4].start, rows[6].start) == [100, 100]
    assert column(warehouse, rows[4].start, rows[6].start, "adjustment_wh") == [100 - LARGEST_WH] * 2


def test_meters_of_ten_and_fifteen_minutes_share_a_grid(warehouse: Warehouse) -> None:
    tens = reads("T", date(2026, 1, 5), date(2026, 1, 6), 10)
    quarters = reads("M", date(2026, 1, 5), date(2026, 1, 6), 15)
    validate(warehouse, file("all", tens + quarters))
    assert failed(warehouse) == []
    assert profile(warehouse, date(2026, 1, 5))["expected_count"] == 96


def test_hours_and_days_begin_where_the_zone_begins_them(warehouse: Warehouse) -> None:
    files = []
    for zone in ("Asia/Kolkata", "Australia/Adelaide", "Asia/Kathmandu"):
        rows = [
            row
            for minutes in (60, 1440)
            for row in reads(f"{zone} {minutes}", date(2026, 1, 5), date(2026, 1, 6), minutes, time_zone=zone)
        ]
        files.append(file(zone, rows, time_zone=zone))
    validate(warehouse, *files)
    assert warehouse.table(FAILURES).filter(severity_code="error").is_empty()
    assert sorted(warehouse.table(METER_DAY_PROFILES)["expected_count"]) == [1] * 6 + [24] * 6


def test_the_grid_holds_the_start_of_every_interval_in_use() -> None:
    meters = pl.DataFrame({"interval_minutes": [10, 15, 60, 1440]})
    step = finest_step(meters)
    assert all(minutes % step == 0 for minutes in (10, 15, 60))
    grid = intervals(["Asia/Kolkata"], date(2026, 1, 5), date(2026, 1, 5), finest_step(meters.tail(1)))
    assert grid.filter("is_day_start")["minute_of_day"].to_list() == [0]
