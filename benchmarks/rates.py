"""Rates: reads into cells, bills priced anew, all options of all accounts, and the ratio to SAM of NREL.

`make bench` builds the home of a simulated utility and measures on it, each step alone: weekly cells from interval
reads; monthly bills from segments of bills; every option under every behaviour with the years drawn anew; one account's
answer. The same monthly bills of a URDB tariff are priced by our own engine and by PySAM in one process.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.environment import environment
from benchmarks.sam import ratio_to_sam
from models.options.year import comparison_bills
from models.rates.cells import READ_COLUMNS, cell_days, meter_days, usage_week_cells
from models.rates.pricing import bill_batch, price_bills
from models.rates.segments import price_boundaries
from models.rates.usage import segment_usage
from models.tables.entities import ACCOUNTS, METER_OCCUPANCY
from models.tables.rates import BILLING_PERIODS, USAGE_WEEK_CELLS
from models.tables.vee import EDITED_INTERVAL_READS
from pipelines import lake
from pipelines.home import HOME_VARIABLE, REPOSITORY, Home
from pipelines.months import month_dates
from pipelines.offers import comparison_reference, comparison_settings, tariffs
from pipelines.rates.answer import answer
from pipelines.rates.comparison import build_comparison

RESULT = REPOSITORY / "benchmarks" / "results" / "rates.json"
SCALE = os.environ.get("METERHOUSE_BENCH_SCALE", "demo")
HOME = os.environ.get("METERHOUSE_BENCH_HOME")
TIMES, _MONTHS = 3, 4


def main() -> None:
    """Measure on a home built for it, or on the one that METERHOUSE_BENCH_HOME names, and write the result file."""
    with tempfile.TemporaryDirectory(prefix="meterhouse-bench-") as folder:
        home = Home(Path(HOME or folder))
        if HOME is None:
            command = [str(Path(sys.executable).with_name("meterhouse")), "demo", "--scale", SCALE]
            subprocess.run(command, check=True, env={**os.environ, HOME_VARIABLE: folder}, stdout=subprocess.DEVNULL)
        measures = (_cells(home), _bills(home), _options(home), _answer(home), ratio_to_sam())
        result = {**environment(), "scale": SCALE}
        for measure in measures:
            result |= measure
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


def _cells(home: Home) -> dict[str, Any]:
    """Weekly cells of some whole months, whose reads are in memory, a month to a core."""
    book, occupancy, periods = tariffs(), lake.read_frame(home, METER_OCCUPANCY), lake.read_frame(home, BILLING_PERIODS)
    folders = lake.table_folder(home, EDITED_INTERVAL_READS).glob("read_month=*")
    months = sorted(folder.name.removeprefix("read_month=") for folder in folders)[-1 - _MONTHS : -1]
    reads = [lake.scan(home, EDITED_INTERVAL_READS, [month]).select(READ_COLUMNS).collect() for month in months]
    days = [
        cell_days(meter_days(occupancy, *month_dates(month)), periods, price_boundaries(book), book.calendar)
        for month in months
    ]
    count = sum(frame.height for frame in reads)

    def all_months() -> None:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(usage_week_cells, reads, days))

    one = _fastest(lambda: usage_week_cells(reads[0], days[0]))
    return {
        "cells_intervals": count,
        "cells_intervals_per_second": round(count / _fastest(all_months)),
        "cells_intervals_per_second_and_core": round(reads[0].height / one),
    }


def _bills(home: Home) -> dict[str, Any]:
    """Bills of every account under one rate after another, from segments in memory, on one core."""
    book, accounts = tariffs(), lake.read_frame(home, ACCOUNTS)
    bills = comparison_bills(lake.read_frame(home, BILLING_PERIODS), accounts, comparison_settings()).filter(
        pl.col("interval_minutes").is_not_null()
    )
    cells = lake.scan(home, USAGE_WEEK_CELLS).join(
        bills.lazy().select("account_id", "bill_start_date"), on=["account_id", "bill_start_date"], how="semi"
    ).collect()  # fmt: skip
    usage = segment_usage(bills, price_boundaries(book), cells)
    batch = bill_batch(
        book,
        bills.with_columns(
            net_metering_number=pl.when("has_net_metering").then(pl.int_range(pl.len()).over("account_id")),
            opening_credit_cents=pl.lit(0),
            phase_count=pl.lit(None, dtype=pl.Int64),
        ),
    )
    since = book.figures_since(bills["bill_end_date"].max())  # type: ignore[arg-type]
    rates = {
        code: _fastest(partial(lambda rate: price_bills(book, rate, batch, usage, since).cents, code))
        for code in book.tariffs
    }
    return {
        "bills": bills.height,
        "bills_per_second": round(bills.height * len(rates) / sum(rates.values())),
        "bills_per_second_by_rate": {code: round(bills.height / seconds) for code, seconds in rates.items()},
    }


def _options(home: Home) -> dict[str, Any]:
    """Every account under every option and behaviour, years drawn anew and files written included, on all cores."""
    reference = comparison_reference()
    lake.prepare(home)

    def anew() -> int:
        for note in (home.lake / "analytics").glob("option_costs/.accounts.json"):
            note.unlink()
        return build_comparison(home, reference).priced_count

    began = time.perf_counter()
    count = anew()
    seconds = time.perf_counter() - began
    again = _fastest(lambda: build_comparison(home, reference))
    return {
        "options_accounts": count,
        "options_behaviours": len(reference.scenarios),
        "options_draws": reference.settings.bootstrap.draw_count,
        "options_seconds": round(seconds, 2),
        "options_seconds_without_news": round(again, 2),
    }


def _answer(home: Home) -> dict[str, Any]:
    """One account's options, without the start of the process."""
    ids = lake.read_frame(home, ACCOUNTS).filter("is_current")["account_id"].to_list()
    reference, times = comparison_reference(), []
    for account_id in ids[:: max(len(ids) // 20, 1)][:20]:
        began = time.perf_counter()
        answer(home, reference, account_id, None)
        times.append(time.perf_counter() - began)
    return {"answer_seconds_median": round(float(np.median(times)), 3)}


def _fastest(work: Any) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


if __name__ == "__main__":
    main()
