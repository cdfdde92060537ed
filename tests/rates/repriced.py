"""Requests of the simulated calculator, priced by the rate engine from cells that are made here one by one."""

from collections import defaultdict

import polars as pl

from models.rates.lines import LINE_SCHEMA
from models.rates.pricing import bill_batch, price_bills
from models.rates.segments import price_boundaries
from models.rates.usage import bill_segments, segment_usage
from models.tariffs import TariffBook
from sims.billing import Bill, BillRequest
from tests.sims.clocks import interval_starts

_YEAR = 12


def bills_of(requests: list[BillRequest]) -> pl.DataFrame:
    """One row per request, each of an account of its own."""
    return pl.DataFrame(
        {
            "account_id": f"A{place:05d}",
            "bill_start_date": request.start_date,
            "bill_end_date": request.end_date,
            "interval_minutes": request.interval_minutes,
            "net_metering_number": (_YEAR - 1 if request.is_true_up else 1) if request.terms.has_net_metering else None,
            "opening_credit_cents": request.opening_credit_cents,
            **{name: value for name, value in vars(request.terms).items() if name != "rate_code"},
        }
        for place, request in enumerate(requests)
    ).with_columns(pl.col("net_metering_number", "phase_count").cast(pl.Int64))


def cells_of(book: TariffBook, requests: list[BillRequest]) -> pl.DataFrame:
    """Cells of all requests, interval by interval."""
    bills = bills_of(requests)
    segments = bill_segments(bills, price_boundaries(book))
    starts = defaultdict(list)
    for account, start in segments.select("account_id", "segment_start_date").iter_rows():
        starts[account].append(start)
    cells: dict[tuple[object, ...], list[int]] = {}
    for (account, first), request in zip(
        bills.select("account_id", "bill_start_date").iter_rows(), requests, strict=True
    ):
        times = interval_starts(request.start_date, request.end_date, request.interval_minutes)
        received = request.received_wh or [0] * len(times)
        for at, taken, given in zip(times, request.delivered_wh, received, strict=True):
            segment = max(start for start in starts[account] if start <= at.date())
            key = (account, first, segment, book.calendar.is_weekend(at.date()), at.hour)
            cell = cells.setdefault(key, [0, 0, 0, 0, 0])
            net = max(taken - given, 0)
            cell[:3] = [cell[0] + taken, cell[1] + given, cell[2] + net]
            cell[3:] = [max(cell[3], taken), max(cell[4], net)]
    names = ("account_id", "bill_start_date", "segment_start_date", "is_weekend", "local_hour", "delivered_wh",
             "received_wh", "net_import_wh", "peak_wh", "net_peak_wh")  # fmt: skip
    return pl.DataFrame([(*key, *values) for key, values in cells.items()], schema=names, orient="row")


def repriced(book: TariffBook, requests: list[BillRequest], rate_code: str) -> list[list[tuple[object, ...]]]:
    """(line_code, quantity, unit, price, cents) of the lines of each request under a rate, in order."""
    bills = bills_of(requests)
    usage = segment_usage(bills, price_boundaries(book), cells_of(book, requests))
    priced = price_bills(book, rate_code, bill_batch(book, bills), usage)
    lines: list[list[tuple[object, ...]]] = [[] for _ in requests]
    frame = priced.frame()
    assert frame.schema == LINE_SCHEMA
    for row in frame.select("bill", "line_code", "quantity_milli", "unit", "price", "amount_cents").iter_rows():
        lines[row[0]].append(row[1:])
    assert priced.cents.tolist() == [sum(int(str(line[-1])) for line in found) for found in lines]
    return lines


def lines_of(bill: Bill) -> list[tuple[object, ...]]:
    """The calculator's lines in the same form."""
    return [(line.line_code, line.quantity, line.unit, line.price, line.cents) for line in bill.lines]
