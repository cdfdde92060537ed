"""Plays of a simulated utility one after the other: how far it has come, what was interrupted, where the next goes on.

A play reads the state that the one before it kept under its last date and keeps its own under a date of its own. While
it lasts, `playing.json` in the truth folder says what it will have come to; renaming that file to `world.json` ends it,
at once and whole. Until then the state from which it went on is there, so that the same play can be done again.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

_WORLD, _PLAYING = "world.json", "playing.json"
PRIVATE = 0o700
"""Mode of folders that hold names, addresses and the like: for their owner alone."""


class SimulationError(RuntimeError):
    """The simulation cannot be done in this place; the message says why and what to do."""


@dataclass(frozen=True)
class Played:
    """How far a simulated utility has come.

    Attributes:
        scale: Name of its scale.
        seed: Seed of its random streams.
        months: Calendar months of the opening history, the last one included.
        last_date: Last local date that has happened, ISO.
    """

    scale: str
    seed: int
    months: int
    last_date: str


def played(truth: Path) -> Played | None:
    """How far the utility of a truth folder has come, None where there is none."""
    return _read(truth / _WORLD)


def interrupted(truth: Path) -> Played | None:
    """What the play that goes on, or was interrupted, will have come to; None where there is no such play."""
    return _read(truth / _PLAYING)


def interruption(truth: Path) -> str | None:
    """What to do about a play that was interrupted, as one clause; None where none was."""
    target, known = interrupted(truth), played(truth)
    if target is None:
        return None
    if known is None:
        command = f"meterhouse simulate --scale {target.scale} --months {target.months} --seed {target.seed}"
    else:
        command = f"meterhouse simulate --advance {days_between(known, target)}"
    return f"a simulation of this home was interrupted; run `{command}` again"


def days_between(known: Played, target: Played) -> int:
    """Days from one date of a utility to a later one."""
    return (date.fromisoformat(target.last_date) - date.fromisoformat(known.last_date)).days


def begin_play(truth: Path, target: Played, first: date) -> None:
    """Note what is going to be played, and forget what an interrupted play kept.

    The truth folder is made for its owner alone, since it holds what no other system is to see.

    Args:
        truth: Folder of the answer key.
        target: What the utility will have come to.
        first: First local date of the play.

    Raises:
        SimulationError: Another play was interrupted.
    """
    if interrupted(truth) not in (None, target):
        raise SimulationError(f"{interruption(truth)}, or name another home with METERHOUSE_HOME")
    truth.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    text = json.dumps(asdict(target), indent=2) + "\n"
    new = truth / f".{_PLAYING}"
    new.write_text(text, encoding="utf-8", newline="\n")
    new.replace(truth / _PLAYING)
    _keep_only(truth, state_before(truth, first))


def end_play(truth: Path, last: date) -> None:
    """Let what was played be what has happened, and forget the state from which it went on."""
    (truth / _PLAYING).replace(truth / _WORLD)
    _keep_only(truth, state_after(truth, last))


def state_before(truth: Path, first: date) -> Path:
    """Folder with the state from which a play goes on, by its first local date; there is none at the beginning."""
    return state_after(truth, first - timedelta(days=1))


def state_after(truth: Path, last: date) -> Path:
    """Folder of the state at the end of a local date."""
    return truth / "state" / last.isoformat()


def _keep_only(truth: Path, folder: Path) -> None:
    for other in (truth / "state").glob("????-??-??"):
        if other != folder:
            shutil.rmtree(other)


def _read(path: Path) -> Played | None:
    return Played(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
