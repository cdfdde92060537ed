"""Every read that was ever believed stays, with its period; only what depends on news is judged anew."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tables.vee import EDITED_INTERVAL_READS, READ_VERSIONS
from models.vee.versions import as_of
from pipelines import lake
from pipelines.vee.journal import Journal
from pipelines.vee.segments import segments
from tests.vee.conftest import Warehouse, fresh_warehouse
from tests.vee.facts import File
from tests.vee.worlds import EXAMPLES, RECEIVED, World, changed, file, reads, utc, without, worlds

DAY = timedelta(days=1)
KEY = EDITED_INTERVAL_READS.primary_key


def known_at(warehouse: Warehouse, instant: datetime) -> pl.DataFrame:
    """Reads as they were known at an instant."""
    with lake.connect(warehouse.home) as con:
        lake.create_view(con, warehouse.home, EDITED_INTERVAL_READS, "stands")
        lake.create_view(con, warehouse.home, READ_VERSIONS, "replaced")
        con.execute(f"set variable known_at_utc = timestamp '{instant}'")
        return EDITED_INTERVAL_READS.schema.cast(con.sql(as_of("stands", "replaced")).pl()).sort(KEY)


def by_receipt(files: Iterable[File]) -> list[list[File]]:
    ordered = sorted(files, key=lambda f: f.received_at)
    return [list(group) for _, group in groupby(ordered, key=lambda f: f.received_at)]


@settings(EXAMPLES, max_examples=EXAMPLES.max_examples // 2)
@given(worlds, st.sets(st.integers(1, 3), max_size=2))
def test_as_of_a_day_is_the_archive_of_that_day(world: World, skipped: set[int]) -> None:
    """However the receipts are put together in runs, what was published then can be had again."""
    with fresh_warehouse(world.climate()) as warehouse:
        archives: list[tuple[datetime, pl.DataFrame]] = []
        for number, group in enumerate(by_receipt(world.files())):
            warehouse.deliver(group)
            if number in skipped:
                continue
            warehouse.run()
            archives.append((group[0].received_at, warehouse.table(EDITED_INTERVAL_READS).sort(KEY)))
        for instant, archive in archives:
            then = known_at(warehouse, instant)
            assert then.equals(archive), instant
        assert_periods_follow_each_other(warehouse)


def assert_periods_follow_each_other(warehouse: Warehouse) -> None:
    stands = warehouse.table(EDITED_INTERVAL_READS).select(*KEY, believed_from_utc="known_at_utc")
    periods = pl.concat(
        [
            warehouse.table(READ_VERSIONS).select(*KEY, "believed_from_utc", "believed_to_utc"),
            stands.with_columns(believed_to_utc=pl.lit(None, pl.Datetime("us"))),
        ]
    ).sort(*KEY, "believed_from_utc")
    following = pl.col("believed_from_utc").shift(-1).over(KEY)
    overlaps = periods.filter(pl.col("believed_to_utc") > following)
    assert overlaps.is_empty(), overlaps


def test_an_estimate_is_believed_until_the_late_read_comes(warehouse: Warehouse) -> None:
    all_reads = reads("M", date(2025, 11, 10), date(2025, 11, 20), 60)
    gap = utc(2025, 11, 18, 20), utc(2025, 11, 18, 21)
    warehouse.deliver([file("first", without(all_reads, *gap))])
    warehouse.run()
    late = [row for row in changed(all_reads, *gap, wh=170) if gap[0] <= row.start < gap[1]]
    warehouse.deliver([file("late", late, RECEIVED + 3 * DAY)])
    (result,) = warehouse.run()

    (version,) = warehouse.table(READ_VERSIONS).rows(named=True)
    assert (version["interval_start_utc"], version["delivered_wh"]) == (gap[0], 100)
    assert (version["delivered_quality_code"], version["delivered_method_code"]) == ("E", "E1")
    assert (version["believed_from_utc"], version["believed_to_utc"]) == (RECEIVED, RECEIVED + 3 * DAY)
    now = warehouse.interval("M", gap[0])
    assert (now["delivered_wh"], now["delivered_quality_code"]) == (170, "A")
    assert now["known_at_utc"] == RECEIVED + 3 * DAY
    assert warehouse.interval("M", gap[1])["known_at_utc"] == RECEIVED, "its neighbour was known before"
    assert result.restated_count == 1
    assert known_at(warehouse, RECEIVED + 2 * DAY).filter(interval_start_utc=gap[0])["delivered_wh"].to_list() == [100]


def test_a_silent_day_is_known_to_be_silent_from_the_run_that_found_it(warehouse: Warehouse) -> None:
    all_reads = reads("M", date(2025, 11, 10), date(2025, 11, 20), 60)
    silent = utc(2025, 11, 19, 8), utc(2025, 11, 20, 8)
    warehouse.deliver([file("first", [row for row in all_reads if row.start < silent[0]])])
    warehouse.run()
    warehouse.deliver([file("second", [row for row in all_reads if row.start >= silent[1]], RECEIVED + 2 * DAY)])
    warehouse.run()
    assert known_at(warehouse, RECEIVED + DAY)["interval_start_utc"].max() < silent[0]  # type: ignore[operator]
    assert warehouse.interval("M", silent[0])["known_at_utc"] == RECEIVED + 2 * DAY


def test_one_late_meter_is_judged_alone(warehouse: Warehouse) -> None:
    everyone = [row for n in range(5) for row in reads(f"M{n}", date(2025, 11, 1), date(2025, 11, 20), 60)]
    late = [row for row in everyone if row.meter_id == "M3" and row.start.day == 12]
    warehouse.deliver([file("first", [row for row in everyone if row not in late])])
    (result,) = warehouse.run()
    assert (result.judged_count, result.restated_count) == (100, 100)
    warehouse.deliver([file("late", late, RECEIVED + DAY)])
    (result,) = warehouse.run()
    # From the day before the local date on which the late reads begin, to the last one.
    assert result.judged_count == 20 - 10 + 1
    assert warehouse.restated(2) == {("M3", date(2025, 11, day)) for day in (11, 12)}


def test_settled_days_are_put_together_and_one_file_holds_a_settled_month(warehouse: Warehouse) -> None:
    every_day = [date(2025, 10, 1) + n * DAY for n in range(40)]
    # The first four weeks come at once, every later day by itself.
    for number, days in enumerate([every_day[:28], *([day] for day in every_day[21:])]):
        rows = [row for meter in ("A", "B") for row in reads(meter, days[0], days[-1], 1440, wh=lambda s: s.day)]
        warehouse.deliver([file(f"of {days[0]}", rows, RECEIVED + number * DAY)])
        warehouse.run()
    october = segments(warehouse.home, EDITED_INTERVAL_READS, "2025-10")
    november = segments(warehouse.home, EDITED_INTERVAL_READS, "2025-11")
    assert [(s.first_date.day, s.last_date.day) for s in october] == [(1, 31)]
    assert [s.last_date - s.first_date for s in november] == [timedelta(0)] * 9
    assert all(len(s.files(warehouse.home, EDITED_INTERVAL_READS)) == 1 for s in (*october, *november))
    (whole,) = october[0].files(warehouse.home, EDITED_INTERVAL_READS)
    assert pl.read_parquet(whole)["meter_id"].rle().struct.field("value").to_list() == ["A", "B"], "sorted by meter"
    assert warehouse.table(EDITED_INTERVAL_READS)["delivered_wh"].sum() == 2 * sum(day.day for day in every_day)


def test_a_run_that_dies_between_files_is_finished_by_the_next(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_reads = reads("M", date(2025, 11, 10), date(2025, 12, 5), 60)
    warehouse.deliver([file("all", all_reads)])
    begun = 0

    def dies(journal: Journal) -> None:
        nonlocal begun
        begun += 1
        if begun > 1:
            raise RuntimeError("killed")
        commit(journal)

    commit = Journal.commit
    monkeypatch.setattr(Journal, "commit", dies)
    with pytest.raises(RuntimeError, match="killed"):
        warehouse.run()
    monkeypatch.undo()
    assert warehouse.table(EDITED_INTERVAL_READS).is_empty()
    assert [r.month for r in warehouse.run()] == ["2025-11", "2025-12"]
    assert warehouse.table(EDITED_INTERVAL_READS)["known_at_utc"].unique().to_list() == [RECEIVED]
    assert not list(warehouse.home.lake.rglob("*.staged"))


def test_of_a_history_loaded_at_once_what_came_later_is_lacking_not_absent(warehouse: Warehouse) -> None:
    """A day that was incomplete then does not look complete, though no run saw it so."""
    whole = reads("M", date(2025, 11, 10), date(2025, 11, 12), 60)
    gap = utc(2025, 11, 11, 12), utc(2025, 11, 11, 20)
    late = [row for row in whole if gap[0] <= row.start < gap[1]]
    warehouse.deliver([file("first", without(whole, *gap)), file("late", late, RECEIVED + 3 * DAY)])
    warehouse.run()
    then = known_at(warehouse, RECEIVED + DAY)
    assert then["interval_start_utc"].to_list() == [row.start for row in whole]
    lacking = then.filter(pl.col("delivered_wh").is_null())
    assert lacking["interval_start_utc"].to_list() == [row.start for row in late]
    assert lacking["delivered_quality_code"].cast(pl.String).unique().to_list() == ["N"]
    assert known_at(warehouse, RECEIVED + 4 * DAY)["delivered_wh"].null_count() == 0
