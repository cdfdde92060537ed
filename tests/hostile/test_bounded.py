"""The memory that reading takes does not grow with the file, whether it is sound or garbage."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.home import REPOSITORY
from tests.hostile.seeds import DAY, STAMPS, epoch, feed, nem12, reading

MOST_GROWTH = 1.3
TIMES = 4
BLOCK = 1 << 20
QUIET_DAY = DAY + timedelta(days=30)
"""Reads of days on which the clock changes are kept together, up to a bound of their own."""
READ = r"""
import re, sys
from pathlib import Path
from pipelines.readers import ReadOptions, UnreadableFile, open_file
count = 0
try:
    for part in open_file(Path(sys.argv[1]), ReadOptions()).parts():
        count += part.sent_count
except UnreadableFile as error:
    print(error, file=sys.stderr)
print(count, re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])
"""
"""`ru_maxrss` would tell the size of the process that starts this one, where that is larger."""

Write = Callable[[Path, int], None]
Texts = Callable[[int], Iterator[str]]


def of_texts(texts: Texts) -> Write:
    def write(path: Path, megabytes: int) -> None:
        with path.open("w", encoding="utf-8") as file:
            for text in texts(megabytes):
                file.write(text)

    return write


def repeated(head: str, line: str, tail: str = "") -> Write:
    """One line again and again."""

    def texts(megabytes: int) -> Iterator[str]:
        block = line * (BLOCK // len(line))
        yield head
        yield from (block for _ in range(megabytes))
        yield tail

    return of_texts(texts)


def long_texts(megabytes: int) -> Iterator[str]:
    yield "meter_id,interval_start_local,interval_minutes,delivered_kwh,quality_code\n"
    stamps = [f"{QUIET_DAY + k * timedelta(minutes=15):%Y-%m-%d %H:%M}" for k in range(96)]
    for number in range(megabytes * 260):
        yield "".join(f"M{number:07d},{stamp},15,0.{number % 1000:03d},A\n" for stamp in stamps)


def wide_texts(megabytes: int) -> Iterator[str]:
    yield "meter_id,date,unit," + ",".join(f"{k // 4:02d}:{k % 4 * 15:02d}" for k in range(96)) + "\n"
    values = ",".join(f"0.{k:03d}" for k in range(96))
    for number in range(megabytes * 1700):
        yield f"M{number // 365:06d},{DAY + timedelta(days=number % 365):%Y-%m-%d},kWh,{values}\n"


def feed_texts(megabytes: int) -> Iterator[str]:
    head, tail = feed("@").split("@")
    yield head
    first = epoch(DAY)
    for number in range(megabytes * 75):
        yield "".join(reading(first + 900 * (100 * number + k), k) for k in range(100))
    yield tail


def write_parquet(path: Path, megabytes: int) -> None:
    count = megabytes * 100_000
    place = pl.int_range(count, eager=True)
    frame = pl.DataFrame({"place": place}).select(
        meter_id=pl.format("M{}", pl.col("place") // 35_040),
        interval_start_utc=pl.lit(STAMPS[0]) + pl.duration(minutes=15 * (pl.col("place") % 35_040)),
        interval_minutes=pl.lit(15),
        delivered_kwh=(pl.col("place") % 7919) / 1000,
    )
    frame.write_parquet(path, row_group_size=count, compression="zstd")


CASES: dict[str, tuple[Write, int]] = {
    "long": (of_texts(long_texts), 1150),
    "wide": (of_texts(wide_texts), 1250),
    "feed": (of_texts(feed_texts), 640),
    "parquet of one row group": (write_parquet, 1200),
    "nem12": (repeated("".join(nem12().splitlines(keepends=True)[:2]), nem12().splitlines(keepends=True)[2]), 1030),
    "lines of one character": (repeated("meter_id,interval_start_local,delivered_kwh\n", "x\n"), 450),
    "blank lines": (repeated("meter_id,interval_start_local,delivered_kwh\n", "\n", "M1,2025-11-02,1\n"), 300),
    "quotation marks": (repeated("meter_id,interval_start_local,delivered_kwh\n", '"\n'), 400),
    "a download of garbage": (repeated("Energy Usage Information\nDate,Start Time,Usage (kWh)\n", "x\n"), 400),
    "records of garbage": (repeated("MEPMD01,1\n", "MEPMD01,\n"), 550),
    "days of garbage": (repeated("100,NEM12,202511030000,M,R\n", "300,\n"), 1000),
    "entries of nothing": (repeated('<feed xmlns="http://www.w3.org/2005/Atom">', "<entry/>\n", "</feed>"), 250),
    "fields": (repeated("meter_id,interval_start_local,delivered_kwh\n", "," * 1023 + "\n"), 600),
}
"""How a file of some megabytes is written, and the MiB that reading it may take at most."""


def peak_mib(path: Path) -> int:
    """Read a file in a process of its own."""
    command = [sys.executable, "-c", READ, str(path)]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    found = re.fullmatch(r"(\d+) (\d+)\n", done.stdout)
    assert found, done.stdout
    print(f"{path.stat().st_size >> 20} MiB: {found[1]} values, peak {int(found[2]) >> 10} MiB; {done.stderr.strip()}")  # noqa: T201
    return int(found[2]) >> 10


def check_bound(folder: Path, name: str, megabytes: int) -> None:
    write, most = CASES[name]
    peaks = []
    for size in (megabytes, TIMES * megabytes):
        path = folder / "large.dat"
        write(path, size)
        peaks.append(peak_mib(path))
        path.unlink()
    assert max(peaks) <= most
    assert peaks[1] <= MOST_GROWTH * peaks[0]


def test_lines_of_one_character_take_little_memory(tmp_path: Path) -> None:
    write, most = CASES["lines of one character"]
    write(tmp_path / "large.csv", 8)
    assert peak_mib(tmp_path / "large.csv") <= most


@pytest.mark.acceptance
@pytest.mark.parametrize("name", CASES)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str) -> None:
    check_bound(tmp_path, name, 100)
