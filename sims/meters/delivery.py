"""What is sent when: parts become files, late and repeated reads find their day, some files come out of order."""

import os
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from sims.interchange.cmep import write_cmep
from sims.meters.pieces import Piece
from sims.world.calendar import utc_seconds
from sims.world.frames import TIME_ZONE, World
from sims.world.streams import stream

SENDING_HOURS = {"nms": 4, "mdms": 5, "submeters": 6}
"""Hour of the local morning at which each system sends."""

SETTINGS = f"time_zone: {TIME_ZONE}\nis_synthetic: true\nreceived_at: modified\n"
"""Settings of every feed."""

_UNORDERED_SHARE, _UNORDERED_DELAY_DAYS, _FORCED_UNORDERED_DAYS = 0.005, 2, 4


def sent_at(system: str, day: date) -> datetime:
    """When a system sends its files of a local date, naive UTC."""
    return datetime(1970, 1, 1) + timedelta(seconds=utc_seconds(day, SENDING_HOURS[system]))  # noqa: DTZ001 - naive UTC


@dataclass(frozen=True)
class Mailbox:
    """The landing folder, and what has not yet been sent.

    Attributes:
        utility_code: Utility that sends.
        landing: Folder that receives a folder per feed.
        kept: Folder with what the play before kept: files, below `<local date of sending>/<feed>/`, and
            `reads.parquet`. It is left as it is.
        pending: Folder that receives the same for the next play.
        today: Local date on whose morning the play ends: what is sent later stays pending.
    """

    utility_code: str
    landing: Path
    kept: Path
    pending: Path
    today: date

    def open_feed(self, system: str) -> None:
        """Make a feed's folder."""
        (self.landing / system).mkdir(parents=True, exist_ok=True)
        (self.landing / system / "feed.yml").write_text(SETTINGS, encoding="utf-8", newline="\n")

    def send(self, file: Path, system: str, name: str, day: date) -> Path:
        """Send a file on a local date, or keep it until then; its modification time is the time of sending."""
        folder = self.landing / system if day <= self.today else self.pending / day.isoformat() / system
        folder.mkdir(parents=True, exist_ok=True)
        shutil.move(file, folder / name)
        seconds = utc_seconds(day, SENDING_HOURS[system])
        os.utime(folder / name, (seconds, seconds))
        return folder / name

    def send_kept(self, scratch: Path) -> int:
        """Send the files that were kept until today, and keep the others; says how many were sent.

        Args:
            scratch: Folder for files before they are sent.
        """
        count = 0
        for file in sorted(self.kept.glob("????-??-??/*/*")):
            system, day = file.parent.name, date.fromisoformat(file.parent.parent.name)
            self.send(Path(shutil.copyfile(file, scratch / "kept")), system, file.name, day)
            count += day <= self.today
        return count

    def send_deferred(self, parts: list[Path], scratch: Path) -> tuple[int, int]:
        """Send late and repeated reads whose day has come, and keep the others.

        Args:
            parts: Parquet files with the columns of `deferred.DEFERRED`, besides those kept from before.
            scratch: Folder for files before they are sent.

        Returns:
            Number of files and of interval values.
        """
        kept = self.kept / "reads.parquet"
        reads = pl.scan_parquet([*([kept] if kept.exists() else []), *parts], glob=False)
        order = ["file_kind", "arrival_date", "meter_id", "channel_code", "interval_minutes", "interval_start_utc"]
        month = pl.col("arrival_date").dt.month_start()
        is_due = pl.col("arrival_date") <= self.today
        count = values = 0
        for (begin,) in reads.filter(is_due).select(month).unique().sort("arrival_date").collect().iter_rows():
            due = reads.filter(is_due, month == begin).sort(order).collect()
            for (kind, day), rows in due.group_by("file_kind", "arrival_date", maintain_order=True):
                file = scratch / "deferred.cmep"
                write_cmep(file, rows, created_utc=sent_at("mdms", day), sender=self.utility_code)
                self.send(file, "mdms", f"{kind}_{day}.cmep", day)
                count, values = count + 1, values + rows.height
        later = reads.filter(~is_due).sort(order).collect()
        self.pending.mkdir(parents=True, exist_ok=True)
        later.write_parquet(self.pending / "reads.parquet")
        return count, values


def joined(parts: list[Path], target: Path, header: str = "") -> Path:
    """One file of several parts, in order; the parts are gone afterwards."""
    with target.open("wb") as file:
        file.write(header.encode())
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
            part.unlink()
    return target


def unordered_delay(world: World, piece: Piece) -> int:
    """Days by which the MDMS's file of a day comes late, after those of later days: 0 for almost all files."""
    if not piece.is_daily:
        return 0
    is_forced = piece.first == world.scale.last_date - timedelta(days=_FORCED_UNORDERED_DAYS)
    chance = stream(world.seed, "files out of order", piece.first.toordinal()).random()
    return _UNORDERED_DELAY_DAYS if is_forced or chance < _UNORDERED_SHARE else 0
