"""A simulation that was killed at any moment, done again, ends as one that was not."""

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sims.billing.rows
import sims.meters.chunk_reads
import sims.meters.reading
import sims.systems.sending
import sims.utility
from pipelines.offers import tariffs
from sims.meters.delivery import Mailbox
from sims.meters.state import ChunkState
from sims.plays import SimulationError, interruption, played
from sims.utility import Sent, Utility, advance, simulate
from sims.world.frames import SCALES

UTILITY = Utility("SIMUTIL", tariffs())
TINY = SCALES["tiny"]
MONTHS, DAYS = 2, 3


Files = dict[str, tuple[str, float]]
Unbroken = tuple[Path, Files, Files, list[Sent]]


class KilledError(BaseException):
    """Stands for the end of the process."""


def opened(folder: Path, seed: int = 7) -> Sent:
    return simulate(folder / "landing", folder / "truth", TINY, UTILITY, months=MONTHS, seed=seed, workers=1)


def played_on(folder: Path, days: int = DAYS) -> Sent:
    return advance(folder / "landing", folder / "truth", days, UTILITY, workers=1)


def files(folder: Path) -> Files:
    """Content of every file, and the time of sending of what was sent."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime if "landing" in path.parts and path.name != "feed.yml" else 0.0,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


Kill = tuple[Any, str, int, bool]
"""Where the process ends: a module or class, its function, which call of it, and whether after that did its work."""


def killed(play: Callable[[], Sent], kill: Kill) -> None:
    """Play until the process ends."""
    place, name, call, is_after = kill
    whole: Callable[..., Any] = getattr(place, name)
    calls: Iterator[int] = iter(range(10**9))

    def function(*arguments: Any, **options: Any) -> Any:
        is_last = next(calls) == call
        if is_last and not is_after:
            raise KilledError
        result = whole(*arguments, **options)
        if is_last:
            raise KilledError
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, function)
        with pytest.raises(KilledError):
            play()


OPENING_KILLS: dict[str, Kill] = {
    "within the first month": (sims.meters.chunk_reads, "write_truth", 0, True),
    "after the state of meters": (ChunkState, "write", 0, True),
    "within sending": (Mailbox, "send", 5, True),
    "within the extracts": (sims.systems.sending, "write_file", 40, True),
    "before the end": (sims.utility, "end_play", 0, False),
}
LATER_KILLS: dict[str, Kill] = {
    "at the beginning": (sims.utility, "begin_play", 0, True),
    "within the second day": (sims.meters.chunk_reads, "write_truth", 1, True),
    "after the state of meters": (ChunkState, "write", 0, True),
    "after the files that waited": (Mailbox, "send_kept", 0, True),
    "within sending": (Mailbox, "send", 2, True),
    "before late reads": (Mailbox, "send_deferred", 0, False),
    "after late reads": (Mailbox, "send_deferred", 0, True),
    "within the labels of bills": (pl.DataFrame, "write_parquet", 30, True),
    "after the bills": (sims.utility, "collected_bills", 0, True),
    "within the extracts": (sims.systems.sending, "write_file", 6, True),
    "between the systems' states": (sims.systems.sending, "save_waiting", 1, True),
    "before the people": (sims.systems.sending, "write_people", 0, False),
    "before the end": (sims.utility, "end_play", 0, False),
}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Unbroken:
    """A utility that was played and played on without a break: files after each play, and what the plays said."""
    folder = tmp_path_factory.mktemp("unbroken")
    sent = [opened(folder)]
    at_first = files(folder)
    sent.append(played_on(folder))
    return folder, at_first, files(folder), sent


def test_a_killed_simulation_done_again_ends_as_an_unbroken_one(unbroken: Unbroken, tmp_path: Path) -> None:
    _, at_first, at_last, sent = unbroken
    for name, kill in OPENING_KILLS.items():
        killed(lambda: opened(tmp_path), kill)
        assert played(tmp_path / "truth") is None, name
    assert opened(tmp_path) == sent[0]
    assert files(tmp_path) == at_first
    before = played(tmp_path / "truth")
    for name, kill in LATER_KILLS.items():
        killed(lambda: played_on(tmp_path), kill)
        assert played(tmp_path / "truth") == before, name
        assert interruption(tmp_path / "truth") == (
            f"a simulation of this home was interrupted; run `meterhouse simulate --advance {DAYS}` again"
        )
    assert played_on(tmp_path) == sent[1]
    assert files(tmp_path) == at_last
    assert interruption(tmp_path / "truth") is None


def test_another_play_than_the_interrupted_one_is_refused(tmp_path: Path) -> None:
    killed(lambda: opened(tmp_path), LATER_KILLS["at the beginning"])
    again = "was interrupted; run `meterhouse simulate --scale tiny --months 2 --seed 7` again"
    with pytest.raises(SimulationError, match=again):
        opened(tmp_path, seed=8)
    with pytest.raises(SimulationError, match=again):
        played_on(tmp_path)


def test_another_number_of_days_than_the_interrupted_one_is_refused(
    unbroken: Unbroken,
) -> None:
    folder, *_ = unbroken
    killed(lambda: played_on(folder, 2), LATER_KILLS["at the beginning"])
    with pytest.raises(SimulationError, match="run `meterhouse simulate --advance 2` again"):
        played_on(folder, 3)


def test_the_answer_key_and_the_files_about_people_are_for_their_owner(
    unbroken: Unbroken,
) -> None:
    folder, *_ = unbroken
    modes = {name: (folder / name).stat().st_mode & 0o777 for name in ("truth", "landing/css", "landing/crm")}
    assert modes == dict.fromkeys(modes, 0o700)
    assert (folder / "landing" / "mdms").stat().st_mode & 0o700 == 0o700


def test_every_file_names_the_utility_of_the_reference_data(tmp_path: Path) -> None:
    utility = replace(UTILITY, code="MYUTIL")
    simulate(tmp_path / "landing", tmp_path / "truth", TINY, utility, months=MONTHS, workers=1)
    advance(tmp_path / "landing", tmp_path / "truth", 1, utility, workers=1)
    sent = [path for path in (tmp_path / "landing").rglob("*") if path.is_file()]
    assert not [path for path in sent if b"SIMUTIL" in path.read_bytes()]
    extracts = [path for path in sent if path.parent.name in ("css", "crm", "dms", "weather") and path.suffix == ".csv"]
    senders = {path.read_text(encoding="utf-8").split(",")[2] for path in extracts}
    assert senders == {"MYUTIL", "OTHRUTIL"}
    cmep = [line.split(",")[2] for line in (tmp_path / "landing/mdms/reads_2026-04-01.cmep").read_text().splitlines()]
    assert set(cmep) == {"MYUTIL"}


def test_a_home_may_have_wild_cards_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "[br]*?"
    opened(folder)
    assert played_on(folder, 1).file_count > 0


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    """A killed simulation leaves nobody who writes into the home beside the one that is done again."""
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import os, pathlib, sys, time
            from sims.workers import map_chunks

            def work(key):
                pathlib.Path(sys.argv[1], str(os.getpid())).touch()
                time.sleep(120)

            if __name__ == "__main__":
                list(map_chunks(work, [1, 2], 2))
            """
        )
    )
    (tmp_path / "pids").mkdir()
    process = subprocess.Popen([sys.executable, str(program), str(tmp_path / "pids")])
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "pids").iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    process.kill()
    process.wait()
    try:
        while any(map(_is_running, workers)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(workers) == 2
        assert not [worker for worker in workers if _is_running(worker)]
    finally:
        for worker in filter(_is_running, workers):
            os.kill(worker, signal.SIGKILL)


def _is_running(process: int) -> bool:
    """False for a process that has ended, whether or not anyone has asked for its exit code."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")
