"""The simulated utility as a whole: its opening history, and the days that follow.

A world is named by scale, seed and number of months; what happens on a day depends on these and on the day alone, so a
utility that was advanced day by day has sent the same files as one that was played at once.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from models.tariffs import TariffBook
from sims.billing.bills import BillTask, chunk_bills, collected_bills
from sims.billing.coverage import check_coverage
from sims.billing.rows import BillRows
from sims.loads.chunk import chunk_count, chunk_name
from sims.meters.chunk_reads import ChunkReads, Task, play_chunk
from sims.meters.reading import reading_task, send_reads
from sims.plays import Played, SimulationError, begin_play, end_play, interruption, played
from sims.systems.sending import send_extracts
from sims.workers import map_chunks
from sims.world.build import build_society
from sims.world.frames import SCALES, Scale
from sims.world.weather import observations

MONTHS = 14
FEWEST_MONTHS, MOST_MONTHS = 2, 60
_DAILY_DAYS = 7

Report = Callable[[str], None]


@dataclass(frozen=True)
class Utility:
    """What the simulated utility takes from the reference data of the project.

    Attributes:
        code: Its code, as all its files name it.
        tariffs: Its tariffs.
    """

    code: str
    tariffs: TariffBook


@dataclass(frozen=True)
class Sent:
    """What a simulation sent.

    Attributes:
        first_date: First local date played.
        last_date: Last local date played.
        read_count: Interval reads in the files of reads, repeats included.
        register_count: Register readings in them.
        event_count: Events of meters.
        row_count: Rows of the extracts, repeats and those of damaged and foreign files included.
        file_count: Files of all feeds.
        repeated_file_count: Files whose bytes had been sent before.
        defect_counts: Defects of reads by type; one that lasts, or befalls both channels of a meter, counts once.
    """

    first_date: date
    last_date: date
    read_count: int
    register_count: int
    event_count: int
    row_count: int
    file_count: int
    repeated_file_count: int
    defect_counts: dict[str, int]


def simulate(
    landing: Path,
    truth: Path,
    scale: Scale,
    utility: Utility,
    *,
    months: int = MONTHS,
    seed: int = 7,
    workers: int | None = None,
    report: Report = lambda line: None,
) -> Sent:
    """Play the opening history of a simulated utility: monthly files, and daily ones for its last week.

    An interrupted play, done again, ends as one that was not interrupted; this holds for `advance` too.

    Args:
        landing: Folder that receives a folder of files per feed.
        truth: Folder that receives the answer key.
        scale: Size and last date.
        utility: Its code and tariffs.
        months: Calendar months of history, the month of the last date included.
        seed: Seed of every random stream.
        workers: Processes; as many as there are processors if not given. The files do not depend on it.
        report: Receives lines of progress.

    Raises:
        SimulationError: The folder has a utility already, or one whose play was interrupted; or the number of months is
            out of range.
        DocumentError: The tariffs lack what the bills need.
    """
    known = played(truth)
    if known is not None:
        raise SimulationError(
            f"{truth} holds the simulated utility of scale {known.scale} up to {known.last_date}; play on with "
            "`meterhouse simulate --advance N`, or name another home with METERHOUSE_HOME"
        )
    if not FEWEST_MONTHS <= months <= MOST_MONTHS:
        raise SimulationError(f"{months} months of history: it must be {FEWEST_MONTHS} to {MOST_MONTHS}")
    state = Played(scale.name, seed, months, scale.last_date.isoformat())
    first = first_date(scale, months)
    daily_from = scale.last_date - timedelta(days=_DAILY_DAYS - 1)
    return _play(landing, truth, utility, state, first, daily_from, workers, report)


def advance(
    landing: Path,
    truth: Path,
    days: int,
    utility: Utility,
    *,
    workers: int | None = None,
    report: Report = lambda line: None,
) -> Sent:
    """Play further days; each sends daily files.

    Raises:
        SimulationError: There is no utility to play on, another play was interrupted, or the number of days is not
            positive.
        DocumentError: The tariffs lack what the bills need.
    """
    known = played(truth)
    if known is None:
        raise SimulationError(
            interruption(truth) or f"{truth} holds no simulated utility; make one with `meterhouse simulate`"
        )
    if days < 1:
        raise SimulationError(f"{days} days: it must be at least one")
    first = date.fromisoformat(known.last_date) + timedelta(days=1)
    last = first + timedelta(days=days - 1)
    state = Played(known.scale, known.seed, known.months, last.isoformat())
    return _play(landing, truth, utility, state, first, first, workers, report)


def first_date(scale: Scale, months: int) -> date:
    """First local date of an opening history: the first of a month."""
    month = 12 * scale.last_date.year + scale.last_date.month - months
    return date(month // 12, month % 12 + 1, 1)


def _play(
    landing: Path,
    truth: Path,
    utility: Utility,
    state: Played,
    first: date,
    daily_from: date,
    workers: int | None,
    report: Report,
) -> Sent:
    scale, last = SCALES[state.scale], date.fromisoformat(state.last_date)
    processes = workers or os.cpu_count() or 1
    begin = first_date(scale, state.months)
    society = build_society(scale, state.seed, begin, last)
    world = society.world
    report(f"world: {world.premises.height:,} premises, {world.meters.height:,} meters, {begin} to {last}")
    check_coverage(utility.tariffs, world)
    begin_play(truth, state, first)
    playing = reading_task(world, utility.code, truth, first, last, daily_from)
    billing = BillTask(world, utility.tariffs, truth, first, last)
    work = partial(_play_chunk, playing, billing)
    bill_rows: list[BillRows] = []

    def chunks() -> Iterator[ChunkReads]:
        for played_reads, made_bills in map_chunks(work, range(chunk_count(world)), processes):
            bill_rows.append(made_bills)
            yield played_reads

    reads = send_reads(playing, landing, chunks(), report)
    bills, lines = collected_bills(billing, bill_rows)
    report(f"bills: {bills.height:,} with {lines.height:,} lines")
    weather = observations(world, first, last)
    extracts = send_extracts(
        society, utility.code, bills, lines, weather, landing, truth, first, last, daily_from=daily_from, report=report
    )
    end_play(truth, last)
    return Sent(
        first_date=first,
        last_date=last,
        read_count=reads.read_count,
        register_count=reads.register_count,
        event_count=reads.event_count,
        row_count=extracts.row_count,
        file_count=reads.file_count + extracts.file_count,
        repeated_file_count=extracts.repeated_file_count,
        defect_counts=reads.defect_counts,
    )


def _play_chunk(playing: Task, billing: BillTask, number: int) -> tuple[ChunkReads, BillRows]:
    """Play the reads of a chunk, and make the bills that they come to."""
    done = play_chunk(playing, number)
    return done, chunk_bills(billing, chunk_name(number))
