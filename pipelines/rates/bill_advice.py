"""Writes what bills are explained with: their changes, and the forecast of the bill under way."""

import hashlib
from datetime import date, timedelta

import polars as pl

from models.rates.bill_changes import bill_changes
from models.rates.forecast import ForecastSettings, bill_forecasts, errors_of, with_ranges
from models.rates.priceable import unpriced_code
from models.tables.analytics import USAGE_MODELS
from models.tables.base import Table
from models.tables.entities import ACCOUNTS, BUILDS, DAILY_WEATHER
from models.tables.rates import BILL_CHANGES, BILL_FORECASTS, BILLING_PERIODS, REPRICED_BILLS, USAGE_WEEK_CELLS
from models.tariffs import TariffBook
from models.usage.bill_weather import bill_weather
from pipelines import lake
from pipelines.home import Home
from pipelines.rates.bills import digest_of_bills

INPUTS = (USAGE_MODELS, DAILY_WEATHER)
FORECASTS = ForecastSettings()
_WEEKS_BACK = (6, 8, 10, 12)
"""Ages of the forecasts that tell how far off forecasts are; bills of then have ended by now."""
_LONGEST_BILL_DAYS = 40


def write_bill_changes(home: Home, book: TariffBook) -> int:
    """Set every bill against earlier ones.

    Args:
        home: Home folder; its analytics layer and entities are read, its analytics layer is written.
        book: Tariff data.

    Returns:
        Number of rows made anew: none where nothing that they rest on has changed.
    """
    bills, periods = lake.read_frame(home, REPRICED_BILLS), lake.read_frame(home, BILLING_PERIODS)
    weather = bill_weather(bills, lake.read_frame(home, USAGE_MODELS), lake.read_frame(home, DAILY_WEATHER))
    note = lake.table_folder(home, BILL_CHANGES) / ".digest"
    digest = hashlib.sha256(digest_of_bills(home).encode() + weather.write_ipc(None).getvalue()).hexdigest()
    if note.exists() and note.read_text(encoding="ascii") == digest:
        return 0
    note.unlink(missing_ok=True)
    cells = lake.scan(home, USAGE_WEEK_CELLS).collect()
    count = _write(home, BILL_CHANGES, bill_changes(book, bills, periods, cells, weather))
    note.write_text(digest, encoding="ascii")
    return count


def write_forecasts(home: Home, book: TariffBook) -> int:
    """Forecast the bills under way.

    Args:
        home: Home folder, as for `write_bill_changes`.
        book: Tariff data.

    Returns:
        Number of bills under way.
    """
    last = lake.read_frame(home, BUILDS)["business_date"][0]
    if last is None:
        return _write(home, BILL_FORECASTS, BILL_FORECASTS.empty())
    until = last + timedelta(days=1)
    periods, bills = lake.read_frame(home, BILLING_PERIODS), lake.read_frame(home, REPRICED_BILLS)
    under_way = _under_way(periods, lake.read_frame(home, ACCOUNTS), bills, until).with_columns(
        reason_code=unpriced_code(book)
    )
    oldest = until - timedelta(weeks=max(_WEEKS_BACK) + FORECASTS.week_count, days=_LONGEST_BILL_DAYS)
    cells = lake.scan(home, USAGE_WEEK_CELLS).filter(pl.col("week_start_date") >= oldest).collect()
    forecasts = bill_forecasts(
        book, under_way.filter(pl.col("reason_code").is_null()), recent_cells(cells, until), until, FORECASTS
    )
    ranged = with_ranges(forecasts, forecast_errors(book, periods, bills, cells, until))
    named = under_way.select("account_id", "bill_start_date", "bill_end_date", "reason_code").join(
        ranged.drop("bill_start_date", "bill_end_date"), on="account_id", how="left"
    )
    days = (pl.col("bill_end_date") - pl.col("bill_start_date")).dt.total_days()
    elapsed = (pl.lit(until) - pl.col("bill_start_date")).dt.total_days()
    told = named.with_columns(
        as_of_date=pl.lit(until),
        day_count=days.cast(pl.Int32),
        elapsed_day_count=elapsed.cast(pl.Int32),
        reason_code=pl.coalesce(
            "reason_code",
            pl.when(pl.col("projected_cents").is_null()).then(pl.lit("short_history")),
            pl.when(pl.col("projected_cents_low").is_null()).then(pl.lit("no_earlier_forecasts")),
        ),
    )
    return _write(home, BILL_FORECASTS, told.sort("account_id"))


def _under_way(periods: pl.DataFrame, accounts: pl.DataFrame, bills: pl.DataFrame, until: date) -> pl.DataFrame:
    """Periods without a bill and without an end of accounts that are served, to the next day of their cycle."""
    served = accounts.filter("is_current", pl.col("service_end_date").is_null()).select("account_id", "billing_cycle")
    closing = bills.filter(pl.col("closing_credit_cents").is_not_null()).select(
        "account_id", bill_start_date="bill_end_date", opening_credit_cents="closing_credit_cents"
    )
    same_month = pl.date(
        pl.col("bill_start_date").dt.year(), pl.col("bill_start_date").dt.month(), pl.col("billing_cycle")
    )
    end = pl.when(same_month > pl.col("bill_start_date")).then(same_month).otherwise(same_month.dt.offset_by("1mo"))
    return (
        periods.filter(pl.col("bill_id").is_null(), pl.col("bill_end_date").is_null())
        .join(served, on="account_id")
        .join(closing, on=["account_id", "bill_start_date"], how="left")
        .with_columns(
            bill_end_date=pl.max_horizontal(end, pl.lit(until)),
            opening_credit_cents=pl.col("opening_credit_cents").fill_null(0),
            phase_count=pl.lit(None, dtype=pl.Int64),
        )
        .filter(pl.col("bill_start_date") < until)
        .unique("account_id", keep="last", maintain_order=True)
        .sort("account_id")
    )


def recent_cells(cells: pl.DataFrame, until: date) -> pl.DataFrame:
    """Cells of bills under way on a date, and of the weeks that days to come are told from."""
    oldest = until - timedelta(weeks=FORECASTS.week_count, days=_LONGEST_BILL_DAYS)
    return cells.filter(pl.col("week_start_date") >= oldest, pl.col("week_start_date") < until)


def forecast_errors(
    book: TariffBook, periods: pl.DataFrame, bills: pl.DataFrame, cells: pl.DataFrame, until: date
) -> pl.Series:
    """How far off forecasts were that were made on Mondays some weeks ago, of bills that have ended since."""
    ended = ended_bills(periods, bills).filter(pl.col("bill_end_date") <= until)
    monday = until - timedelta(days=until.weekday())
    errors = [pl.Series("error", [], dtype=pl.Float64)]
    for weeks in _WEEKS_BACK:
        then = monday - timedelta(weeks=weeks)
        bills_then = ended.filter(pl.col("bill_start_date") < then, pl.col("bill_end_date") > then).sort("account_id")
        made = bill_forecasts(book, bills_then, recent_cells(cells, then), then, FORECASTS)
        errors.append(errors_of(made, bills_then))
    return pl.concat(errors)


def ended_bills(periods: pl.DataFrame, bills: pl.DataFrame) -> pl.DataFrame:
    """Bills that tell how good forecasts are, with their repriced_cents: without credit of other bills in them."""
    actual = bills.filter(pl.col("repriced_cents").is_not_null()).select("bill_id", "repriced_cents")
    return (
        periods.join(actual, on="bill_id")
        .filter(~pl.col("has_net_metering").fill_null(value=False))
        .with_columns(opening_credit_cents=pl.lit(0, dtype=pl.Int64), phase_count=pl.lit(None, dtype=pl.Int64))
        .sort("account_id", "bill_start_date")
    )


def _write(home: Home, table: Table, frame: pl.DataFrame) -> int:
    path = lake.table_folder(home, table) / "part-0.parquet"
    lake.write_frame(frame.select(table.columns.keys()), table, path)
    return frame.height
