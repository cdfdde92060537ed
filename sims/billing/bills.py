"""All bills that the simulated utility issues between two dates."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from models.tariffs import TariffBook
from sims.billing.calculator import price_bill
from sims.billing.faults import drawn_faults, faulty_bill
from sims.billing.periods import PlannedBill, planned_bills
from sims.billing.request import BillRequest
from sims.billing.rows import BillRows, bill_frames, write_faults
from sims.billing.usage import (
    MeterReads,
    chunk_files,
    chunk_names,
    files_from,
    meters_in,
    read_meters,
    usage_between,
)
from sims.workers import map_chunks
from sims.world.frames import World


@dataclass(frozen=True)
class BillTask:
    """Bills to be made.

    Attributes:
        world: The world; accounts, premises and meters are used.
        book: The tariffs.
        truth: Folder with `reads/<piece of time>_<chunk>.parquet`.
        first: First date of issue.
        last: Last date of issue.
    """

    world: World
    book: TariffBook
    truth: Path
    first: date
    last: date


def make_bills(
    world: World, book: TariffBook, truth: Path, first: date, last: date, workers: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make the bills issued between two local dates.

    A premise whose main meters have no interval data gets no bill. A bill depends only on the world, on the reads of
    its period, and, with net metering, on those of the account's bills since the last true-up.

    Args:
        world: The world; accounts, premises and meters are used.
        book: The tariffs.
        truth: Folder with `reads/YYYY-MM_cNNN.parquet`; receives `billing_faults.parquet`, to which the labelled
            faults of these bills are added.
        first: First date of issue.
        last: Last date of issue.
        workers: Number of processes; the result does not depend on it.

    Returns:
        Bills, and lines of bills, see `collected_bills`.
    """
    task = BillTask(world, book, truth, first, last)
    return collected_bills(task, map_chunks(partial(chunk_bills, task), chunk_names(truth), workers))


def collected_bills(task: BillTask, chunks: Iterable[BillRows]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bring the bills of all chunks together, and label their faults.

    Args:
        task: Its truth receives `billing_faults.parquet`.
        chunks: Bills of each chunk.

    Returns:
        Bills, and lines of bills, in the columns of `models.extracts.css.Bills` and `BillLines`, in the order of
        issue.
    """
    rows = BillRows()
    for chunk in chunks:
        rows.extend(chunk)
    write_faults(task.truth / "billing_faults.parquet", rows)
    return bill_frames(rows)


def chunk_bills(task: BillTask, chunk: str) -> BillRows:
    """Make the bills of the premises whose reads are in the files of a chunk."""
    world, paths = task.world, chunk_files(task.truth, chunk, task.last)
    mains = world.meters.filter(pl.col("parent_meter_id").is_null(), pl.col("interval_minutes").is_not_null())
    here = mains.filter(pl.col("meter_number").is_in(meters_in(paths)))
    premise_of = dict(here.sort("meter_number").select("meter_number", "premise_number").iter_rows())
    is_here = pl.col("premise_number").is_in(list(set(premise_of.values())))
    served = replace(world, premises=world.premises.filter(is_here), accounts=world.accounts.filter(is_here))
    accounts = _wanted(task.book, planned_bills(served, task.last).values(), task.first)
    rows = BillRows()
    if accounts:
        start = min(bills[0].start_date for bills in accounts)
        reads = read_meters(files_from(paths, start), list(premise_of))
        meters: dict[int, list[MeterReads]] = {}
        for number, found in reads.items():
            meters.setdefault(premise_of[number], []).append(found)
        for bills in accounts:
            _add_account(rows, task, bills, meters.get(bills[0].premise_number, []))
    return rows


def _wanted(book: TariffBook, accounts: Iterable[list[PlannedBill]], first: date) -> list[list[PlannedBill]]:
    """Bills issued from a date on, and before them those that their net metering credit comes from."""
    wanted = []
    for bills in accounts:
        begin = next((n for n, bill in enumerate(bills) if bill.issued_date >= first), len(bills))
        number = bills[begin].net_metering_number if begin < len(bills) else None
        if number is not None:
            begin -= number % _year(book, bills[begin])
        if bills[begin:]:
            wanted.append(bills[begin:])
    return wanted


def _year(book: TariffBook, bill: PlannedBill) -> int:
    return book.net_metering.on(bill.start_date).content.true_up_bills


def _add_account(rows: BillRows, task: BillTask, bills: list[PlannedBill], meters: list[MeterReads]) -> None:
    book = task.book
    faults = drawn_faults(task.world.seed, bills[-1].account_id, bills[-1].number + 1)
    credit = 0
    for planned in bills:
        usage = usage_between(meters, planned.start_date, planned.end_date)
        number, year = planned.net_metering_number, _year(book, planned)
        credit = credit if number is not None and number % year else 0
        if usage is None:
            continue
        request = BillRequest(
            start_date=planned.start_date,
            end_date=planned.end_date,
            terms=planned.terms,
            interval_minutes=usage.interval_minutes,
            delivered_wh=usage.delivered_wh,
            received_wh=usage.received_wh,
            opening_credit_cents=credit,
            is_true_up=number is not None and (number + 1) % year == 0,
        )
        bill = price_bill(book, request)
        credit = bill.closing_credit_cents
        if planned.issued_date >= task.first:
            faulty = faulty_bill(book, request, bill, faults[planned.number])
            lines = faulty.lines if faulty else bill.lines
            rows.add(planned, request, lines, is_estimated=usage.is_estimated)
            if faulty:
                rows.add_fault(planned, faulty.fault_type, bill.cents, sum(line.cents for line in lines))
