"""Reads per second and peak memory for each landing format, on files of one million and of ten million reads.

`make bench` writes each file (not measured; METERHOUSE_BENCH_READS names other sizes), reads it to its end in a
process of its own, and loads it into the raw layer of a fresh home. Seconds of a shared machine wander; the ratio to a
plain Parquet copy of the same raw reads, taken in the same minutes, wanders less.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.environment import environment
from models.clock import to_local
from pipelines.exports.espi_local_time import local_time
from pipelines.exports.espi_writer import FeedWriter, UsagePoint
from pipelines.feeds import FeedSettings
from pipelines.home import REPOSITORY, Home
from sims.interchange.cmep import write_cmep
from sims.interchange.nem12 import write_nem12

RESULT = REPOSITORY / "benchmarks" / "results" / "readers.json"
SIZES = [int(size) for size in os.environ.get("METERHOUSE_BENCH_READS", "1000000 10000000").split()]
PER_METER = 35_040
FIRST = pl.lit("2025-01-01").str.to_datetime(time_unit="us")
CREATED = datetime.fromisoformat("2026-01-02")


def reads_of(count: int) -> pl.DataFrame:
    """Quarter-hourly reads of as many meters as it takes, a year each: gamma-distributed watt-hours."""
    wh = np.random.default_rng(7).gamma(2.0, 150.0, count).astype(np.int64)
    place = pl.int_range(count, eager=True, dtype=pl.Int64)
    return pl.DataFrame({"place": place, "wh": wh}).select(
        meter_id=pl.format("M{}", (pl.col("place") // PER_METER).cast(pl.String).str.zfill(6)),
        channel_code=pl.lit("delivered"),
        interval_start_utc=FIRST + pl.duration(minutes=15 * (pl.col("place") % PER_METER)),
        interval_minutes=pl.lit(15),
        wh="wh",
        kwh=(pl.col("wh") / 1000).round(3),
        quality=pl.lit("R"),
    )


def write_long_csv(path: Path, reads: pl.DataFrame) -> None:
    stamp = pl.col("interval_start_utc").dt.strftime("%Y-%m-%d %H:%M")
    columns = reads.select("meter_id", stamp, "interval_minutes", delivered_kwh="kwh", quality_code="quality")
    columns.write_csv(path, float_precision=3)


def write_local_csv(path: Path, reads: pl.DataFrame) -> None:
    ends = (pl.col("interval_start_utc") + pl.duration(minutes=15)).dt.replace_time_zone("UTC")
    stamp = ends.dt.convert_time_zone("America/Los_Angeles").dt.strftime("%m/%d/%Y %H:%M")
    reads.select("meter_id", interval_end_local=stamp, delivered_kwh="kwh").write_csv(path, float_precision=3)


def write_wide_csv(path: Path, reads: pl.DataFrame) -> None:
    start = pl.col("interval_start_utc")
    cells = reads.select("meter_id", "kwh", date_utc=start.dt.date(), time=start.dt.strftime("%H:%M"))
    times = cells["time"].unique().sort().to_list()
    wide = cells.group_by("meter_id", "date_utc", maintain_order=True).agg("kwh")
    slots = [pl.col("kwh").list.get(n, null_on_oob=True).alias(time) for n, time in enumerate(times)]
    wide.select("meter_id", "date_utc", *slots).write_csv(path, float_precision=3)


def write_parquet(path: Path, reads: pl.DataFrame) -> None:
    reads.select("meter_id", "interval_start_utc", "interval_minutes", delivered_kwh="kwh").write_parquet(path)


def write_cmep_file(path: Path, reads: pl.DataFrame) -> None:
    write_cmep(path, reads.drop("kwh"), created_utc=CREATED, sender="BENCH")


def write_nem12_file(path: Path, reads: pl.DataFrame) -> None:
    columns = reads.select(
        "interval_start_utc", "interval_minutes", nmi="meter_id", suffix=pl.lit("E1"), unit=pl.lit("Wh"), value="wh",
        quality=pl.lit("A"),
    )  # fmt: skip
    write_nem12(path, columns)


def write_espi(path: Path, reads: pl.DataFrame) -> None:
    zone = "America/Los_Angeles"
    points = [UsagePoint(meter, zone, 15, ("delivered",)) for meter in reads["meter_id"].unique().sort()]
    with path.open("wb") as file:
        writer = FeedWriter(file, CREATED)
        writer.begin(points, {zone: local_time(zone, 2025)})
        for rows in reads.iter_slices(PER_METER):
            writer.readings(
                rows.select(
                    "meter_id", "interval_start_utc", delivered_wh="wh", received_wh=pl.lit(None, pl.Int64),
                    usage_date=to_local(rows["interval_start_utc"], zone).dt.date(),
                    interval_minutes=pl.lit(15, pl.Int64), quality_code=pl.lit("A"),
                    estimate_method=pl.lit(None, pl.String),
                )
            )  # fmt: skip
        writer.end()


FORMATS: dict[str, tuple[Callable[[Path, pl.DataFrame], None], dict[str, str]]] = {
    "csv, long, UTC": (write_long_csv, {}),
    "csv, long, local end labels": (write_local_csv, {}),
    "csv, wide, UTC": (write_wide_csv, {"unit": "kwh"}),
    "parquet": (write_parquet, {}),
    "cmep": (write_cmep_file, {}),
    "nem12": (write_nem12_file, {}),
    "espi": (write_espi, {}),
}


def main() -> None:
    """Measure and write the result file."""
    formats: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="meterhouse-bench-") as name:
        folder = Path(name)
        for size in SIZES:
            reads = reads_of(size)
            for kind, (write, settings) in FORMATS.items():
                path = folder / "reads.dat"
                write(path, reads)
                figures = formats.setdefault(kind, {})
                figures[f"{size // 1_000_000} M reads"] = _measure(path, settings, folder)
                print(kind, size, figures, flush=True)
                path.unlink()
    result = {**environment(), "formats": formats}
    RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _measure(path: Path, settings: dict[str, str], folder: Path) -> dict[str, float]:
    figures: dict[str, float] = {"file_mib": round(path.stat().st_size / 2**20, 1)}
    for task in ("read", "load"):
        command = [
            sys.executable,
            "-m",
            "benchmarks.readers",
            task,
            str(path),
            json.dumps(settings),
            str(folder / "home"),
        ]
        done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        figures[f"{task}_reads_per_second"] = round(found["reads"] / found["seconds"])
        figures[f"{task}_peak_mib"] = found["peak_mib"]
        if task == "load":
            figures["load_ratio_to_copy"] = round(found["seconds"] / found["copy_seconds"], 1)
    return figures


def read(path: Path, settings: FeedSettings) -> dict[str, float]:
    """Read a file to its end."""
    from pipelines.readers import open_file

    started = time.monotonic()
    count = sum(part.reads.height for part in open_file(path, settings.read_options()).parts())
    return {"reads": count, "seconds": time.monotonic() - started}


def load(path: Path, settings: FeedSettings, root: Path) -> dict[str, float]:
    """Load a file into a fresh home, and copy its raw reads for comparison."""
    import shutil

    from models.tables.raw import INTERVAL_READS
    from pipelines import lake
    from pipelines.arrivals import Arrival
    from pipelines.ingest import take
    from pipelines.ledger import Ledger

    shutil.rmtree(root, ignore_errors=True)
    home = Home(root)
    home.lake.mkdir(parents=True)
    lake.prepare(home)
    arrival = Arrival(path, "0" * 64, path.name, "bench", CREATED)
    started = time.monotonic()
    (outcome,) = take(home, Ledger(home), arrival, settings)
    seconds = time.monotonic() - started
    peak = _peak_mib()
    with lake.connect(home) as con:
        lake.create_view(con, home, INTERVAL_READS, "reads")
        started = time.monotonic()
        con.execute(f"copy reads to '{root}/copy.parquet' (format parquet, compression zstd, parquet_version v2)")
        copy_seconds = time.monotonic() - started
    shutil.rmtree(root)
    return {"reads": outcome.loaded_count, "seconds": seconds, "copy_seconds": copy_seconds, "peak_mib": peak}


def _peak_mib() -> int:
    """Largest resident size of this process; `ru_maxrss` would tell that of the process which started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        task, file, options, root = sys.argv[1:]
        asked = FeedSettings(**json.loads(options))
        found = read(Path(file), asked) if task == "read" else load(Path(file), asked, Path(root))
        print(json.dumps({"peak_mib": _peak_mib()} | found))
