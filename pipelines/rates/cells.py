"""Writes billing periods and weekly cells; a month's cells are made anew where something that they rest on changed."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import models.rates.cells as cells_module
from models.rates.billing_periods import billing_periods
from models.rates.cells import READ_COLUMNS, cell_days, meter_days, usage_week_cells
from models.rates.segments import price_boundaries
from models.tables.entities import ACCOUNTS, BILLS, METER_OCCUPANCY, PREMISES
from models.tables.rates import BILLING_PERIODS, USAGE_WEEK_CELLS
from models.tables.vee import EDITED_INTERVAL_READS
from models.tariffs import TariffBook
from pipelines import lake
from pipelines.home import Home
from pipelines.months import month_dates
from pipelines.vee.journal import Journal, recover

_CODE = Path(cells_module.__file__).read_text(encoding="utf-8")
INPUTS = (ACCOUNTS, PREMISES, METER_OCCUPANCY, BILLS, EDITED_INTERVAL_READS)


@dataclass(frozen=True)
class CellsWritten:
    """What was written.

    Attributes:
        period_count: Billing periods.
        months: Local months whose cells were made anew, YYYY-MM.
    """

    period_count: int
    months: tuple[str, ...]


def build_cells(home: Home, book: TariffBook) -> CellsWritten:
    """Bring billing periods and weekly cells up to date.

    Args:
        home: Home folder; its entities and vee layers are read, its analytics layer is written.
        book: Tariff data: calendar, and dates on which prices change.
    """
    recover(home)
    bills, accounts, premises, occupancy = (
        lake.read_frame(home, table) for table in (BILLS, ACCOUNTS, PREMISES, METER_OCCUPANCY)
    )
    periods = billing_periods(bills, accounts, premises, occupancy)
    journal = Journal(home)
    lake.write_frame(periods, BILLING_PERIODS, lake.table_folder(home, BILLING_PERIODS) / "part-0.parquet")
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        gathered = threads.map(lambda month: _gather(home, book, periods, occupancy, month, journal), _months(home))
        written = [month for month in gathered if month is not None]
    journal.commit()
    return CellsWritten(periods.height, tuple(written))


def _gather(
    home: Home, book: TariffBook, periods: pl.DataFrame, occupancy: pl.DataFrame, month: str, journal: Journal
) -> str | None:
    """Stage the cells of a month, unless they stand; returns the month if they were made anew."""
    days = cell_days(meter_days(occupancy, *month_dates(month)), periods, price_boundaries(book), book.calendar)
    files = lake.table_files(home, EDITED_INTERVAL_READS, [month])
    folder = lake.partition_folder(home, USAGE_WEEK_CELLS, month)
    path = folder / f"{_digest(files, days)}.parquet"
    if path.exists():
        return None
    reads = lake.scan(home, EDITED_INTERVAL_READS, [month]).select(READ_COLUMNS).collect()
    lake.write_frame(usage_week_cells(reads, days), USAGE_WEEK_CELLS, journal.stage(path))
    journal.remove(sorted(folder.glob("*.parquet")))
    return month


def _months(home: Home) -> list[str]:
    folders = lake.table_folder(home, EDITED_INTERVAL_READS).glob("read_month=*")
    return sorted(folder.name.removeprefix("read_month=") for folder in folders)


def _digest(files: list[str], days: pl.DataFrame) -> str:
    """Name of the cells of a month: what reads there are, to which cells they belong, and how they are gathered.

    Files of reads are never rewritten in place, so that their names stand for their content.
    """
    known = hashlib.sha256("\n".join([_CODE, *(Path(file).name for file in files)]).encode())
    known.update(days.write_ipc(None, compression="uncompressed").getvalue())
    return known.hexdigest()[:16]
