"""Landing to marts: reads per second, beside a plain Parquet copy of the same reads in the same run.

`make bench` measures the simulation alone, then a fresh demo home (or METERHOUSE_BENCH_SCALE), stage by stage through
`meterhouse demo`, a second run with nothing new, a run after one more day, and the test suite. A shared machine's
seconds wander; the ratio to the copy, taken in the same minutes, wanders less.
"""

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.environment import environment
from pipelines.home import REPOSITORY, Home

RESULT = REPOSITORY / "benchmarks" / "results" / "pipeline.json"
METERHOUSE = Path(sys.executable).with_name("meterhouse")
STAGES = (
    # stage, the progress line that ends it
    ("simulate: premises, people and contracts", r"world:"),
    ("simulate: loads, reads and bills", r"bills:"),
    ("simulate: extracts", r"simulated utility, "),
    ("landing → raw", r"months to validate"),
    ("start of the orchestrator and entities", r"entities:"),
    ("gate at raw", r"gate raw/interval_reads"),
    ("vee", r"vee [0-9-]+:"),
    ("gate at vee", r"gate vee/interval_reads"),
    ("dbt and publishing", r"published:"),
)
COPIES = 5
SAMPLE_SECONDS = 0.1


def main() -> None:
    """Measure and write the result file."""
    scale = os.environ.get("METERHOUSE_BENCH_SCALE", "demo")
    with tempfile.TemporaryDirectory(prefix="meterhouse-bench-") as folder:
        simulation = _simulation(Home(Path(folder) / "simulated"), scale)
        home = Home(Path(folder) / "home")
        seconds, lines = _run(home, "demo", "--scale", scale)
        stages = _stages(lines)
        again, _ = _run(home, "run")
        _run(home, "simulate", "--advance", "1")
        next_day, _ = _run(home, "run")
        figures = _figures(home)
        copying = copy_seconds(home, Path(folder) / "copy.parquet")
    reads = figures["interval_reads"]
    working = seconds - sum(value for name, value in stages.items() if name.startswith("simulate"))
    result = {
        **environment(),
        "scale": scale,
        "interval_reads": reads,
        "raw_values": figures["raw_values"],
        **simulation,
        "make_run_seconds": round(seconds, 1),
        "run_again_with_nothing_new_seconds": round(again, 1),
        "run_after_one_more_day_seconds": round(next_day, 1),
        "stage_seconds": {name: round(value, 1) for name, value in stages.items()},
        "landing_to_marts_reads_per_second": round(reads / working),
        "vee_reads_per_second": round(reads / stages["vee"]) if stages.get("vee") else None,
        "parquet_copy_seconds": round(copying, 2),
        "parquet_copy_reads_per_second": round(reads / copying),
        "ratio_landing_to_marts_to_copy": round(working / copying, 1),
        "ratio_vee_to_copy": round(stages["vee"] / copying, 1) if stages.get("vee") else None,
        "bytes_per_read_vee": figures["bytes_per_read"],
    }
    if os.environ.get("METERHOUSE_BENCH_TESTS", "1") == "1":
        started = time.monotonic()
        subprocess.run(["make", "test"], cwd=REPOSITORY, check=True, capture_output=True)
        result["make_test_seconds"] = round(time.monotonic() - started, 1)
    RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2, ensure_ascii=False))


def _simulation(home: Home, scale: str) -> dict[str, int | float]:
    """Seconds, reads per second and peak memory of `meterhouse simulate`, its processes together."""
    home.root.mkdir()
    log = home.root / "log"
    started, peak = time.monotonic(), 0
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [METERHOUSE, "simulate", "--scale", scale],
            cwd=REPOSITORY,
            env={**os.environ, "METERHOUSE_HOME": str(home.root)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        while process.poll() is None:
            peak = max(peak, _memory_bytes(process.pid))
            time.sleep(SAMPLE_SECONDS)
    seconds, text = time.monotonic() - started, log.read_text(encoding="utf-8")
    sent = re.search(r"simulated utility, .*: ([0-9,]+) interval reads", text)
    if process.returncode or sent is None:
        raise RuntimeError(f"the simulation failed:\n{text}")
    return {
        "simulate_seconds": round(seconds, 1),
        "simulate_reads_per_second": round(int(sent.group(1).replace(",", "")) / seconds),
        "simulate_peak_memory_gb": round(peak / 1e9, 2),
    }


def _memory_bytes(session: int) -> int:
    """Memory of the processes of a session; pages that several share count once."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        # A process may end between any two lines.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if os.getsid(int(folder.name)) == session:
                shares = re.search(r"^Pss: +([0-9]+) kB", (folder / "smaps_rollup").read_text(), re.MULTILINE)
                total += 1024 * int(shares.group(1)) if shares else 0
    return total


def _run(home: Home, *arguments: str) -> tuple[float, list[str]]:
    started = time.monotonic()
    process = subprocess.run(
        [METERHOUSE, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "METERHOUSE_HOME": str(home.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return time.monotonic() - started, process.stdout.splitlines()


def _stages(lines: list[str]) -> dict[str, float]:
    """Seconds of each stage, from the clock of the progress lines."""
    ends: dict[str, float] = {}
    for line in lines:
        clock = re.match(r"\[ *([0-9.]+) s\] (.*)", line)
        if clock is None:
            continue
        for name, pattern in STAGES:
            if re.match(pattern, clock.group(2)):
                ends[name] = float(clock.group(1))
    seconds, previous = {}, 0.0
    for name, _ in STAGES:
        if name in ends:
            seconds[name] = ends[name] - previous
            previous = ends[name]
    return seconds


def _figures(home: Home) -> dict[str, int | float]:
    files = list((home.lake / "vee" / "interval_reads").rglob("*.parquet"))
    with duckdb.connect() as con:
        ((reads,),) = con.execute(f"select count(*) from '{home.lake}/vee/interval_reads/**/*.parquet'").fetchall()
        ((values,),) = con.execute(f"select count(*) from '{home.lake}/raw/interval_reads/**/*.parquet'").fetchall()
    size = sum(file.stat().st_size for file in files)
    return {"interval_reads": reads, "raw_values": values, "bytes_per_read": round(size / reads, 2)}


def copy_seconds(home: Home, target: Path) -> float:
    """Median seconds of copying the validated reads from Parquet to Parquet."""
    seconds = []
    with duckdb.connect() as con:
        for _ in range(COPIES):
            started = time.monotonic()
            con.execute(
                f"copy (from '{home.lake}/vee/interval_reads/**/*.parquet') to '{target}' "
                "(format parquet, compression zstd, parquet_version v2)"
            )
            seconds.append(time.monotonic() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
