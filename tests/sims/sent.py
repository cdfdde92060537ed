"""A played world, and its files read back by the readers of the warehouse."""

import hashlib
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.readers import Part, ReadOptions, open_file
from sims.meters.reading import ReadsSent, play_reads
from sims.plays import state_before
from sims.world.frames import TIME_ZONE, World
from tests.sims.worlds import make_world

OPTIONS = ReadOptions(time_zone=TIME_ZONE)
KEY = ["meter_id", "channel_code", "interval_start_utc"]
DAILY_DAYS = 7
UTILITY_CODE = "SIMUTIL"


@dataclass(frozen=True)
class Played:
    """A folder with `landing/` and `truth/` of a world."""

    folder: Path
    world: World
    sent: ReadsSent

    def files(self, pattern: str) -> list[Path]:
        return sorted((self.folder / "landing").glob(pattern))

    def truth(self, kind: str) -> pl.DataFrame:
        return pl.concat([pl.read_parquet(path) for path in sorted((self.folder / "truth" / kind).glob("*.parquet"))])

    def true_reads(self) -> pl.DataFrame:
        """One row per meter, channel and interval: `true_wh`, `mdms_wh`, `mdms_flag`, `is_mdms_estimated`."""
        reads = self.truth("reads")
        shared = ["meter_id", "interval_start_utc", "interval_minutes", "mdms_flag", "is_mdms_estimated"]
        frames = [
            reads.select(
                *shared,
                pl.lit(channel).alias("channel_code"),
                true_wh=f"true_{channel}_wh",
                mdms_wh=f"mdms_{channel}_wh",
            )
            for channel in ("delivered", "received")
        ]
        return pl.concat(frames).filter(pl.col("true_wh").is_not_null())

    def cells(self) -> pl.DataFrame:
        """Labels spread over the true reads: `KEY` and `defect_type`."""
        labels = self.truth("defects").rename({"interval_start_utc": "begin"})
        return (
            labels.join(self.true_reads(), on=["meter_id", "channel_code"])
            .filter(pl.col("interval_start_utc").is_between("begin", "interval_end_utc", closed="left"))
            .select(*KEY, "defect_type")
        )

    def hashes(self) -> dict[str, tuple[str, float]]:
        """Content and, of what was sent, time of every file."""
        return {
            str(path.relative_to(self.folder)): (
                hashlib.sha256(path.read_bytes()).hexdigest(),
                path.stat().st_mtime if "landing" in path.parts and path.suffix != ".yml" else 0.0,
            )
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def play(
    folder: Path,
    world: World,
    first: date | None = None,
    last: date | None = None,
    daily_from: date | None = None,
    workers: int = 1,
) -> Played:
    first, last = first or world.first_date, last or world.last_date
    begin = daily_from or world.last_date - timedelta(days=DAILY_DAYS - 1)
    places = folder / "landing", folder / "truth"
    sent = play_reads(world, UTILITY_CODE, *places, first, last, daily_from=begin, workers=workers)
    shutil.rmtree(state_before(folder / "truth", first), ignore_errors=True)
    return Played(folder, world, sent)


def autumn(folder: Path) -> Played:
    """Two months of 24 premises, the end of summer time among them."""
    return play(folder, make_world(24))


def parts(path: Path) -> list[Part]:
    """What a file says; nothing of it is refused."""
    found = list(open_file(path, OPTIONS).parts())
    assert all(part.rejects.is_empty() for part in found)
    return found


def reads(paths: list[Path]) -> pl.DataFrame:
    """Interval reads of files, with the name of the file."""
    frames = [part.reads.with_columns(file_name=pl.lit(path.name)) for path in paths for part in parts(path)]
    return pl.concat(frames).with_columns(pl.col("channel_code").cast(pl.String))


def registers(paths: list[Path]) -> pl.DataFrame:
    frames = [part.register_reads for path in paths for part in parts(path)]
    return pl.concat(frames).with_columns(pl.col("channel_code").cast(pl.String))


def events(paths: list[Path]) -> pl.DataFrame:
    return pl.concat([part.meter_events for path in paths for part in parts(path)])
