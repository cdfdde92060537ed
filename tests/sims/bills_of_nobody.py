"""Frames of bills without rows, and a few made by hand, in the columns of the contract."""

from datetime import date, datetime, time, timedelta

import polars as pl

from models.extracts.css import BillLines, Bills


def no_bills() -> pl.DataFrame:
    return Bills.create_empty()


def no_lines() -> pl.DataFrame:
    return BillLines.create_empty()


def some_bills(issued: list[date]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A bill of one line on each date, for one account."""
    bills, lines = [], []
    for number, day in enumerate(issued):
        stamp = datetime.combine(day, time(20))
        bill_id = f"B{number:05}"
        span = (day - timedelta(days=32), day - timedelta(days=2))
        bills.append((stamp, bill_id, "A00010001", *span, day, "D", "12.345", "0.000", False, "3.10"))
        text = 'Energy, "all hours"' if number % 2 else "Energy"
        lines.append((stamp, bill_id, 1, "energy", text, "12.345", "kWh", "0.25111", "3.10"))
    return (
        Bills.cast(pl.DataFrame(bills, schema=list(Bills.columns()), orient="row")),
        BillLines.cast(pl.DataFrame(lines, schema=list(BillLines.columns()), orient="row")),
    )
