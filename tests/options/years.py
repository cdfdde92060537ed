"""Small years of made-up accounts, to be compared."""

import itertools
from datetime import date, timedelta

import polars as pl

from models.options.year import Year, year_of
from models.rates.segments import price_boundaries
from models.rates.usage import bill_segments
from models.tariffs import TariffBook

FIRST = date(2025, 9, 1)
SUMMER_AFTERNOON, WINTER_NIGHT = 700, 200
"""Watt-hours in an hour."""


def bills(accounts: dict[str, dict[str, object]], count: int = 12, first: date = FIRST) -> pl.DataFrame:
    """Monthly bills of accounts, whose terms are given by name."""
    starts = [first]
    for _ in range(count):
        starts.append((starts[-1] + timedelta(days=32)).replace(day=1))
    usual = {
        "customer_type": "residential", "rate_code": "D", "baseline_region": "9", "is_multi_family": False,
        "is_all_electric": False, "is_care": False, "is_fera": False, "is_medical_baseline": False,
        "has_net_metering": False, "interval_minutes": 15,
    }  # fmt: skip
    return pl.DataFrame(
        [
            {"account_id": account, "bill_start_date": start, "bill_end_date": end, "bill_id": f"{account}/{start}",
             **usual, **terms}
            for account, terms in sorted(accounts.items())
            for start, end in itertools.pairwise(starts)
        ]
    )  # fmt: skip


def cells(book: TariffBook, rows: pl.DataFrame, hourly_wh: dict[str, int], salt: int = 0) -> pl.DataFrame:
    """Weekly cells of bills: every hour has the account's energy, more in summer afternoons, less at night."""
    found = []
    segments = bill_segments(rows, price_boundaries(book))
    columns = ("account_id", "bill_start_date", "segment_start_date", "day_count")
    for account, bill, segment, days in segments.select(columns).iter_rows():
        weeks: dict[tuple[date, bool], int] = {}
        for day in (segment + timedelta(days=n) for n in range(days)):
            key = (day - timedelta(days=day.weekday()), book.calendar.is_weekend(day))
            weeks[key] = weeks.get(key, 0) + 1
        for (week, is_weekend), count in weeks.items():
            for hour in range(24):
                base = hourly_wh[account] + (week.day * 37 + hour * 11 + salt) % 97
                extra = SUMMER_AFTERNOON if segment.month in (6, 7, 8, 9) and 14 <= hour < 20 else 0
                energy = (base + extra - (WINTER_NIGHT if hour < 5 else 0)) * count
                found.append(
                    (account, bill, segment, week, is_weekend, hour, energy, 0, energy, energy // count // 4 + 1)
                )
    names = ("account_id", "bill_start_date", "segment_start_date", "week_start_date", "is_weekend", "local_hour",
             "delivered_wh", "received_wh", "net_import_wh", "peak_wh")  # fmt: skip
    frame = pl.DataFrame(found, schema=names, orient="row")
    return frame.with_columns(net_peak_wh="peak_wh", interval_count=pl.lit(4), estimated_count=pl.lit(0))


def year(book: TariffBook, accounts: dict[str, dict[str, object]], hourly_wh: dict[str, int]) -> Year:
    """A year of accounts with their energy of an hour."""
    rows = bills(accounts)
    return year_of(book, rows, cells(book, rows, hourly_wh))
