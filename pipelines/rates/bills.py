"""Writes the bills of the customer system as they are priced once more."""

import hashlib
from pathlib import Path

import polars as pl

import models.rates
from models.rates.shadow import repriced
from models.tables.entities import BILL_LINES, BILLS
from models.tables.rates import BILLING_PERIODS, REPRICED_BILLS, REPRICED_LINES, USAGE_WEEK_CELLS
from models.tariffs import TariffBook
from pipelines import lake
from pipelines.home import Home

INPUTS = (BILLS, BILL_LINES)


def reprice_bills(home: Home, book: TariffBook) -> int:
    """Price all bills once more, unless nothing that they rest on has changed.

    Args:
        home: Home folder; its entities and analytics layers are read, its analytics layer is written.
        book: Tariff data.

    Returns:
        Number of bills priced anew.
    """
    bills, lines, periods = (lake.read_frame(home, table) for table in (BILLS, BILL_LINES, BILLING_PERIODS))
    digest = _digest(home, book, bills, lines, periods)
    note = _note(home)
    if note.exists() and digest_of_bills(home) == digest:
        return 0
    note.unlink(missing_ok=True)
    cells = lake.scan(home, USAGE_WEEK_CELLS).collect()
    found = repriced(book, bills, lines, periods, cells)
    for table, frame in ((REPRICED_BILLS, found.bills), (REPRICED_LINES, found.lines)):
        path = lake.table_folder(home, table) / "part-0.parquet"
        lake.write_frame(frame.select(table.columns.keys()), table, path)
    note.write_text(digest, encoding="ascii")
    return bills.height


def digest_of_bills(home: Home) -> str:
    """What the bills in the lake rest on, after `reprice_bills`."""
    return _note(home).read_text(encoding="ascii")


def _note(home: Home) -> Path:
    return lake.table_folder(home, REPRICED_BILLS) / ".digest"


def _digest(home: Home, book: TariffBook, *frames: pl.DataFrame) -> str:
    """What the bills rest on: files of cells are named after their content."""
    known = hashlib.sha256(repr(book).encode())
    for path in sorted(Path(models.rates.__path__[0]).glob("*.py")):
        known.update(path.read_bytes())
    known.update("\n".join(Path(file).name for file in lake.table_files(home, USAGE_WEEK_CELLS)).encode())
    for frame in frames:
        known.update(frame.write_ipc(None, compression="uncompressed").getvalue())
    return known.hexdigest()
