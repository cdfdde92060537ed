"""The reads of a world as its systems send them, and the truth about them."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from sims.loads.chunk import CHUNK_PREMISES, chunk_count
from sims.meters.chunk_reads import ChunkReads, Task, play_chunk
from sims.meters.delivery import SENDING_HOURS, Mailbox, joined, unordered_delay
from sims.meters.event_files import write_events
from sims.meters.file_labels import write_file_labels
from sims.meters.outages import play_outages
from sims.meters.pieces import Piece, pieces
from sims.meters.planning import forced_placements
from sims.meters.submeter_files import HEADER
from sims.meters.truth import write_parquet
from sims.plays import state_after, state_before
from sims.workers import map_chunks
from sims.world.frames import World

FILE_PREMISES = 1_000
"""Premises whose reads a file of history holds at most."""

Report = Callable[[str], None]


@dataclass
class ReadsSent:
    """What was sent.

    Attributes:
        read_count: Interval values in the files, repeats included.
        register_count: Register readings.
        event_count: Events of meters.
        file_count: Files of the MDMS, the NMS and the sub-metering service.
        defect_counts: Defects by kind; see `ChunkReads`.
    """

    read_count: int = 0
    register_count: int = 0
    event_count: int = 0
    file_count: int = 0
    defect_counts: dict[str, int] = field(default_factory=dict)


def play_reads(
    world: World,
    utility_code: str,
    landing: Path,
    truth: Path,
    first: date,
    last: date,
    *,
    daily_from: date,
    workers: int = 1,
    report: Report = lambda line: None,
) -> ReadsSent:
    """Play the loads, meters and meter systems of a world through a span of local days, and send what they send.

    History goes into one file per month (and up to 1,000 premises), days from `daily_from` on into one file each. The
    same world and dates give the same bytes for any number of workers, and days played later the same bytes as days
    played at once, as long as each was played as a part of the same month or alone.

    Args:
        world: The world up to `last`.
        utility_code: Utility that sends.
        landing: See `send_reads`.
        truth: See `reading_task`.
        first: First local date; the day after the last one played, or the world's first.
        last: Last local date, included.
        daily_from: First local date with files of its own.
        workers: Processes.
        report: Receives lines of progress.

    Raises:
        ValueError: The days do not follow those that were played before.
    """
    task = reading_task(world, utility_code, truth, first, last, daily_from)
    chunks = map_chunks(partial(play_chunk, task), range(chunk_count(world)), workers)
    return send_reads(task, landing, chunks, report)


def reading_task(world: World, utility_code: str, truth: Path, first: date, last: date, daily_from: date) -> Task:
    """What is to be played for each chunk, see `play_reads`.

    Args:
        world: The world up to `last`.
        utility_code: Utility that sends.
        truth: Folder that receives `reads/`, `components/`, `defects/` (per piece of time and 250 premises),
            `outages/` and `file_defects/` (per piece of time) and `state/` (what it takes to play on, see `plays`).
        first: First local date.
        last: Last local date, included.
        daily_from: First local date with files of its own.

    Raises:
        ValueError: The days do not follow those that were played before.
    """
    if first != world.first_date and first < daily_from:
        raise ValueError(f"{first} is neither the world's first date {world.first_date} nor played as a day of its own")
    before, after = state_before(truth, first), state_after(truth, last)
    shutil.rmtree(after, ignore_errors=True)
    (after / "parts").mkdir(parents=True)
    outages = play_outages(world, first, last)
    parts = pieces(first, last, daily_from)
    return Task(world, utility_code, outages, forced_placements(world), parts, truth, before, after)


def send_reads(
    task: Task, landing: Path, chunks: Iterable[ChunkReads], report: Report = lambda line: None
) -> ReadsSent:
    """Send what was played.

    Args:
        task: What was played.
        landing: Folder that receives `mdms/`, `submeters/` (where there are sub-meters) and `nms/`.
        chunks: What was played of each chunk; all are taken before anything is sent.
        report: Receives lines of progress.
    """
    world, scratch = task.world, task.parts
    sent, counts, defects = ReadsSent(), Counter[str](), Counter[str]()
    for done in chunks:
        counts.update(done.read_counts)
        sent.register_count += done.register_count
        defects.update(done.defect_counts)
        report(f"reads of premises {CHUNK_PREMISES * done.number:,} and following: {done.read_counts.total():,}")
    today = task.pieces[-1].last + timedelta(days=1)
    mailbox = Mailbox(task.utility_code, landing, task.before / "pending", task.after / "pending", today)
    systems = [system for system in SENDING_HOURS if system in {"nms", *world.meters["sender"]}]
    for system in systems:
        mailbox.open_feed(system)
    sent.file_count = mailbox.send_kept(scratch)
    for piece in task.pieces:
        _send(task, piece, mailbox, systems, sent)
        report(f"{piece.name}: {counts[piece.name]:,} reads")
    parts = [path for piece in task.pieces for path in sorted((scratch / piece.name / "deferred").iterdir())]
    files, values = mailbox.send_deferred(parts, scratch)
    sent.file_count += files
    sent.read_count = counts.total() + values
    sent.defect_counts = dict(sorted(defects.items()))
    shutil.rmtree(scratch)
    return sent


def _send(task: Task, piece: Piece, mailbox: Mailbox, systems: list[str], sent: ReadsSent) -> None:
    """Send the regular files of a piece, count them and their events, and write its labels that no chunk has."""
    world, scratch = task.world, task.parts
    files = []
    delay = unordered_delay(world, piece)
    parts = sorted((scratch / piece.name / "mdms").iterdir())
    for name, group in _groups(piece, parts):
        file = joined(group, scratch / name)
        files.append(mailbox.send(file, "mdms", name, piece.sent_date + timedelta(days=delay)))
    if "submeters" in systems:
        rows = sorted((scratch / piece.name / "submeters").iterdir())
        if any(part.stat().st_size for part in rows):
            file = joined(rows, scratch / "submeters.csv", HEADER)
            files.append(mailbox.send(file, "submeters", f"submeters_{piece.name}.csv", piece.sent_date))
    file = scratch / "events.csv"
    sent.event_count += write_events(file, world, task.outages, piece)
    files.append(mailbox.send(file, "nms", f"events_{piece.name}.csv", piece.sent_date))
    _write_outages(task, piece)
    write_file_labels(task.truth, world, piece, delay)
    sent.file_count += len(files)


def _groups(piece: Piece, parts: list[Path]) -> list[tuple[str, list[Path]]]:
    """Names and parts of the MDMS's files of a piece."""
    if piece.is_daily:
        return [(f"reads_{piece.name}.cmep", parts)]
    groups: dict[int, list[Path]] = {}
    for part in parts:
        chunk = int(part.stem.partition("_")[0].removeprefix("c"))
        groups.setdefault(chunk * CHUNK_PREMISES // FILE_PREMISES, []).append(part)
    return [(f"reads_{piece.name}_c{number:03}.cmep", group) for number, group in groups.items()]


def _write_outages(task: Task, piece: Piece) -> None:
    """Label the outages that begin in a piece."""
    first, end = (pl.lit(bound) for bound in piece.calendar.midnights_utc[[0, -1]])
    begins = (pl.col("outage_start_utc") >= first) & (pl.col("outage_start_utc") < end)
    folder = task.truth / "outages"
    folder.mkdir(parents=True, exist_ok=True)
    write_parquet(folder / f"{piece.name}.parquet", task.outages.filter(begins))
