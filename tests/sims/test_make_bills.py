"""The bills of a small world: periods, sums of meters, order of play, workers, net metering, labelled faults."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import sims.billing.faults
from models.extracts.css import BillLines, Bills
from pipelines.offers import tariffs
from sims.billing import make_bills
from sims.billing.faults import FAULTS, drawn_faults
from tests.sims.billed_world import (
    CLOSED,
    FIRST,
    LAST,
    METERS_OF_WORLD,
    MOVED_IN,
    MOVER,
    NEWCOMER,
    NO_DATA,
    PLAIN,
    SHOP,
    SOLAR,
    make_world,
    write_reads,
)
from tests.sims.clocks import interval_starts

Frames = tuple[pl.DataFrame, pl.DataFrame]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("truth")
    write_reads(folder, FIRST, LAST)
    return folder


@pytest.fixture(scope="module")
def made(truth: Path) -> Frames:
    return make_bills(make_world(LAST), tariffs(), truth, FIRST, LAST, workers=1)


def of(frame: pl.DataFrame, account_id: str) -> pl.DataFrame:
    return frame.filter(account_id=account_id).sort("bill_start_date")


def delivered_wh(truth: Path, numbers: tuple[int, ...], start: date, end: date) -> int:
    """Energy of some meters over local dates, from the files."""
    starts = interval_starts(start, end, 15)
    reads = pl.read_parquet(truth / "reads" / "*.parquet").filter(
        pl.col("meter_number").is_in(numbers),
        pl.col("interval_start_utc").dt.epoch("s").is_between(starts[0].timestamp(), starts[-1].timestamp()),
    )
    return int(reads["mdms_delivered_wh"].cast(pl.Int64).sum())


@pytest.mark.req("FR-04", part="bills")
def test_rows_keep_the_contract(made: Frames) -> None:
    bills, lines = made
    assert Bills.validate(bills).height == bills.height == bills["bill_id"].n_unique() == 59
    assert BillLines.validate(lines).height == lines.height
    summed = lines.group_by("bill_id").agg(amount=pl.col("amount_usd").sum())
    joined = bills.join(summed, on="bill_id", how="left")
    assert joined.filter(pl.col("billed_usd") != pl.col("amount")).is_empty()
    assert (
        lines.group_by("bill_id")
        .agg(pl.col("line_number"))
        .filter(pl.col("line_number").list.sort() != pl.int_ranges(1, pl.col("line_number").list.len() + 1))
        .is_empty()
    )


def test_periods_follow_cycle_start_and_close(made: Frames) -> None:
    bills, _ = made
    plain = of(bills, PLAIN)
    assert plain["bill_start_date"].to_list()[:2] == [date(2025, 7, 11), date(2025, 8, 11)]
    assert plain["bill_start_date"].to_list()[1:] == plain["bill_end_date"].to_list()[:-1]
    mover, newcomer = of(bills, MOVER), of(bills, NEWCOMER)
    assert mover["bill_end_date"].to_list()[-2:] == [date(2025, 11, 28), CLOSED]
    assert newcomer["bill_start_date"].to_list()[:2] == [MOVED_IN, date(2026, 2, 1)]
    assert bills.filter(pl.col("issued_date") != pl.col("bill_end_date") + timedelta(days=2)).is_empty()
    assert bills["issued_date"].max() == date(2026, 10, 17)  # the shop's period ended on the 15th


@pytest.mark.req("BR-02", part="bills")
def test_a_premise_without_interval_data_has_no_bill(made: Frames) -> None:
    assert of(made[0], NO_DATA).is_empty()


def test_rate_is_that_of_the_last_day(made: Frames) -> None:
    rates = dict(of(made[0], PLAIN).select("bill_start_date", "rate_code").iter_rows())
    assert rates[date(2026, 2, 11)] == "D"
    assert rates[date(2026, 3, 11)] == "TOU-D-4-9PM"


@pytest.mark.parametrize(
    ("account_id", "start", "meters"),
    [
        (PLAIN, date(2026, 1, 11), (0,)),
        (PLAIN, date(2026, 2, 11), (1,)),
        (SOLAR, date(2025, 10, 1), (3, 4)),
        (SOLAR, date(2026, 3, 1), (3, 4)),
        (SHOP, date(2026, 6, 15), (5,)),
    ],
)
def test_energy_is_that_of_the_main_meters(
    made: Frames, truth: Path, account_id: str, start: date, meters: tuple[int, ...]
) -> None:
    bill = of(made[0], account_id).filter(bill_start_date=start).row(0, named=True)
    assert bill["delivered_kwh"] * 1000 == delivered_wh(truth, meters, start, bill["bill_end_date"])


def test_a_bill_is_estimated_where_a_read_is(made: Frames, truth: Path) -> None:
    reads = pl.read_parquet(truth / "reads" / "*.parquet").filter(pl.col("is_mdms_estimated"))
    days = reads["interval_start_utc"].dt.replace_time_zone("UTC").dt.convert_time_zone("America/Los_Angeles").dt.date()
    premise = {meter.number: meter.premise for meter in METERS_OF_WORLD if meter.parent is None}
    account = {0: (PLAIN,), 1: (MOVER, NEWCOMER), 2: (SOLAR,), 3: (SHOP,)}
    estimated = {
        (name, day)
        for number, day in zip(reads["meter_number"], days, strict=True)
        if number in premise
        for name in account[premise[number]]
    }
    assert estimated
    for bill in made[0].iter_rows(named=True):
        start, end = bill["bill_start_date"], bill["bill_end_date"]
        assert bill["is_estimated"] == any(name == bill["account_id"] and start <= day < end for name, day in estimated)


def test_missing_reads_make_a_bill_estimated(tmp_path: Path) -> None:
    write_reads(tmp_path, date(2025, 7, 1), date(2025, 9, 30))
    path = tmp_path / "reads" / "2025-08_c000.parquet"
    reads = pl.read_parquet(path)
    reads.filter((pl.col("meter_number") != 0) | (pl.col("interval_start_utc").dt.day() != 20)).write_parquet(path)
    bills, _ = make_bills(make_world(date(2025, 9, 30)), tariffs(), tmp_path, FIRST, date(2025, 9, 30), workers=1)
    assert of(bills, PLAIN)["is_estimated"].to_list() == [False, True]


def equal(first: Frames, second: Frames) -> None:
    for one, other in zip(first, second, strict=True):
        assert one.equals(other)


def test_bills_made_in_parts_equal_bills_made_at_once(made: Frames, truth: Path) -> None:
    """Played to several dates one after the other, each with the world and the reads known by then."""
    parts = []
    first = FIRST
    for last in (date(2025, 9, 3), date(2026, 1, 12), date(2026, 1, 13), date(2026, 7, 3), LAST):
        parts.append(make_bills(make_world(last), tariffs(), truth, first, last, workers=1))
        first = last + timedelta(1)
    equal((pl.concat(part[0] for part in parts), pl.concat(part[1] for part in parts)), made)


def test_workers_and_files_do_not_matter(made: Frames, tmp_path: Path) -> None:
    write_reads(tmp_path, FIRST, LAST, chunks=[(0,), (1, 2), (3, 4)], daily_from=date(2026, 8, 25))
    equal(make_bills(make_world(LAST), tariffs(), tmp_path, FIRST, LAST, workers=2), made)


def test_net_metering_credit_goes_from_bill_to_bill_until_the_true_up(made: Frames) -> None:
    bills, lines = made
    credits = lines.filter(line_code="export_credit").select("bill_id", "amount_usd", "line_text")
    solar = of(bills, SOLAR).join(credits, on="bill_id", how="left")
    first = solar.filter(pl.col("bill_start_date") == date(2025, 7, 1)).row(0, named=True)
    assert first["amount_usd"] is None  # net metering began in August
    metered = solar.filter(pl.col("bill_start_date") >= date(2025, 8, 1))
    assert metered["line_text"].to_list()[11] == "Credit that ends with the true-up"
    assert metered["line_text"].to_list().count("Credit that ends with the true-up") == 1


@pytest.fixture
def many_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sims.billing.faults, "FAULT_SHARE", 0.5)


@pytest.mark.usefixtures("many_faults")
def test_every_fault_is_labelled(made: Frames, truth: Path, tmp_path: Path) -> None:
    shutil.copytree(truth / "reads", tmp_path / "reads")
    halfway = date(2026, 3, 1)
    early = make_bills(make_world(halfway), tariffs(), tmp_path, FIRST, halfway, workers=1)
    late = make_bills(make_world(LAST), tariffs(), tmp_path, halfway + timedelta(1), LAST, workers=1)
    sent = pl.concat([early[0], late[0]])
    faults = pl.read_parquet(tmp_path / "billing_faults.parquet")
    assert set(faults["fault_type"]) == set(FAULTS)
    correct = made[0].join(faults, on="bill_id", how="left")
    assert correct.filter(pl.col("correct_usd") != pl.col("billed_usd")).is_empty()  # the label knows the right amount
    compared = correct.join(sent.select("bill_id", sent_usd="billed_usd"), on="bill_id")
    expected = pl.coalesce("billed_usd_right", "billed_usd")
    assert compared.filter(pl.col("sent_usd") != expected).is_empty()
    doubled = faults.filter(fault_type="doubled_line")
    assert doubled.filter(pl.col("correct_usd") == pl.col("billed_usd")).is_empty()


def test_share_of_faults() -> None:
    drawn = [fault for n in range(1_000) for fault in drawn_faults(7, f"A{n:08}", 20)]
    assert 20 <= sum(fault is not None for fault in drawn) <= 60
    assert set(drawn) == {None, *FAULTS}
    assert drawn_faults(7, "A00000001", 9) == drawn_faults(7, "A00000001", 20)[:9]
