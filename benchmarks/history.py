"""Parquet landing to daily marts, over a short and a long history of the same meters.

`make bench` measures for each history, in a process of its own: reads per second of ingest, VEE and the daily marts,
beside a plain Parquet copy of the same reads; peak memory; bytes per read; what one more day costs; publishing; and how
long one customer's thirteen months take from the published store. One day in seventy has a gap of up to four hours and
one in a hundred a spike, so that VEE repairs as many meter-days (2.4 %) as of the simulated utility with every defect
on. METERHOUSE_BENCH_METERS sets the number of meters.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.environment import environment
from benchmarks.pipeline import copy_seconds
from pipelines.dbt_build import build, failure
from pipelines.entities import build_entities
from pipelines.feeds import FeedSettings
from pipelines.freshness import build_feeds
from pipelines.home import REPOSITORY, Home
from pipelines.ingest import ingest
from pipelines.publish import publish
from pipelines.query import open_marts
from pipelines.reference import vee_settings
from pipelines.validate import stale_months, validate_months, write_rules

RESULT = REPOSITORY / "benchmarks" / "results" / "history.json"
METERS = int(os.environ.get("METERHOUSE_BENCH_METERS", "1000"))
HISTORIES = {"short": 30, "long": 420}
FIRST = date(2025, 1, 1)
QUARTERS = 96
ROW_GROUP_SIZE = 1_000_000
SCHEMA = pa.schema({"meter_id": pa.string(), "interval_start_utc": pa.timestamp("us"), "delivered_wh": pa.int64()})
MODELS = ("--resource-type", "model")
QUESTIONS = 21
MORE_DAYS = 6
MILLION = 1e6


def main() -> None:
    """Measure each history in a process of its own and write the result file."""
    with tempfile.TemporaryDirectory(prefix="meterhouse-bench-") as folder:
        found = {name: _measured_apart(Path(folder) / name, days) for name, days in HISTORIES.items()}
    short, long = found["short"], found["long"]
    result = {
        **environment(),
        "meters": METERS,
        "histories": found,
        "ratio_of_one_more_day_long_to_short": round(long["one_more_day_seconds"] / short["one_more_day_seconds"], 2),
        "ratio_of_peak_memory_long_to_short": round(long["peak_memory_gb"] / short["peak_memory_gb"], 2),
    }
    RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2, ensure_ascii=False))


def _measured_apart(folder: Path, days: int) -> dict[str, float]:
    folder.mkdir()
    command = [sys.executable, "-m", "benchmarks.history", str(folder), str(days)]
    process = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(process.stdout)
    return figures


def _measure(folder: Path, days: int) -> dict[str, float]:
    """Figures of one history; memory is this process's."""
    home = Home(folder / "home")
    source, more = folder / "reads.parquet", folder / "more.parquet"
    _write_reads(source, FIRST, days)
    reads = pl.scan_parquet(source).select(pl.len()).collect().item()
    # The generator's memory is not the pipeline's, so the pipeline's is what comes on top of what stands now.
    before = _peak_bytes()
    seconds = {name: _seconds(step) for name, step in _steps(home, source).items()}
    peak = _peak_bytes()
    working = sum(seconds.values())
    copy = copy_seconds(home, folder / "copy.parquet")
    size = sum(file.stat().st_size for file in (home.lake / "vee" / "interval_reads").rglob("*.parquet"))
    one_more = _one_more_day(home, more, days)
    _build(home, *MODELS)
    publishing = _seconds(lambda: publish(home))
    return {
        "days": days,
        "interval_reads": reads,
        **{f"{name}_seconds": round(value, 2) for name, value in seconds.items()},
        "landing_to_daily_marts_reads_per_second": round(reads / working),
        "parquet_copy_reads_per_second": round(reads / copy),
        "ratio_to_copy": round(working / copy, 1),
        "peak_memory_gb": round(peak / 1e9, 2),
        "memory_before_gb": round(before / 1e9, 2),
        "bytes_per_read": round(size / reads, 2),
        "one_more_day_seconds": round(sum(one_more.values()), 2),
        **{f"one_more_day_{name}_seconds": round(value, 2) for name, value in one_more.items()},
        "publishing_seconds_per_million_rows": round(publishing / (reads / MILLION), 3),
        "one_customer_thirteen_months_milliseconds": round(1000 * _one_customer(home), 1),
    }


def _one_more_day(home: Home, more: Path, days: int) -> dict[str, float]:
    """Median seconds by step of days that come one by one, after a first one that follows a load of many days."""
    daily: list[dict[str, float]] = []
    for number in range(MORE_DAYS):
        _write_reads(more, FIRST + timedelta(days=days + number), 1)
        daily.append({name: _seconds(step) for name, step in _steps(home, more).items()})
    return {name: statistics.median(seconds[name] for seconds in daily[1:]) for name in daily[0]}


def _steps(home: Home, source: Path) -> dict[str, Callable[[], object]]:
    def validate() -> None:
        write_rules(home, vee_settings())
        validate_months(home, vee_settings(), stale_months(home, vee_settings()), lambda _: None)

    def daily_marts() -> None:
        build_feeds(home)
        _build(home, *MODELS, "--select", "+fct_daily_usage")

    settings = FeedSettings(time_zone="America/Los_Angeles")
    return {
        "ingest": lambda: ingest(home, [source], "ami", settings, lambda _: None),
        "entities": lambda: build_entities(home),
        "vee": validate,
        "daily_marts": daily_marts,
    }


def _build(home: Home, *options: str) -> None:
    broken = failure(home, build(home, *options))
    if broken:
        raise RuntimeError(broken)


def _write_reads(path: Path, first: date, days: int) -> None:
    """Quarter-hours of all meters from a day's begin on: two humps a day, of random height."""
    rng = np.random.default_rng(first.toordinal())
    start = datetime.combine(first, datetime.min.time()) + timedelta(hours=8)
    quarters = np.arange(QUARTERS)
    shape = 120 + 200 * np.exp(-(((quarters - 30) / 9) ** 2)) + 400 * np.exp(-(((quarters - 76) / 12) ** 2))
    count = days * QUARTERS
    starts = np.datetime64(start, "us") + np.arange(count) * np.timedelta64(15, "m")
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        parts: list[pa.Table] = []
        for number in range(METERS):
            scale = rng.uniform(0.5, 2) * np.repeat(rng.uniform(0.7, 1.4, days), QUARTERS)
            wh = (np.tile(shape, days) * scale * rng.uniform(0.8, 1.2, count)).astype(np.int64)
            wh[rng.integers(count, size=rng.poisson(days / 100))] *= 60
            kept = np.ones(count, dtype=bool)
            for gap in rng.integers(count, size=rng.poisson(days / 70)):
                kept[gap : gap + rng.integers(1, 18)] = False
            names = pa.repeat(f"B{number:06d}", int(kept.sum()))
            parts.append(pa.table([names, starts[kept], wh[kept]], schema=SCHEMA))
            if number == METERS - 1 or sum(part.num_rows for part in parts) > ROW_GROUP_SIZE:
                writer.write_table(pa.concat_tables(parts))
                parts.clear()


def _one_customer(home: Home) -> float:
    """Median warm seconds for the quarter-hours of one meter over the last thirteen months."""
    seconds = []
    with open_marts(home) as con:
        ((last,),) = con.execute("select max(usage_date) from fct_daily_usage").fetchall()
        for number in range(QUESTIONS):
            meter = f"B{number * METERS // QUESTIONS:06d}"
            seconds.append(
                _seconds(
                    lambda meter=meter: con.sql(  # type: ignore[misc]
                        "select interval_start_utc, delivered_kwh, quality_code from fct_interval_usage "
                        "where meter_id = ? and usage_date > ? order by interval_start_utc",
                        params=[meter, last - timedelta(days=395)],
                    ).to_arrow_table()
                )
            )
    return statistics.median(seconds[1:])


def _seconds(step: Callable[[], object]) -> float:
    started = time.monotonic()
    step()
    return time.monotonic() - started


def _peak_bytes() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
    else:
        main()
