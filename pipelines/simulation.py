"""The simulated utility's files in landing/, for homes without data at hand."""

import time

from pipelines.home import Home
from pipelines.offers import tariffs
from pipelines.progress import say
from pipelines.reference import territory
from sims.plays import SimulationError, days_between, interrupted, interruption, played
from sims.utility import MONTHS, Sent, Utility, advance, simulate
from sims.world.frames import SCALES

SEED = 7
_NAMED_KINDS = 3

__all__ = ["MONTHS", "SEED", "SimulationError", "interruption_of", "open_utility", "play_on", "prepare_demo"]


def open_utility(home: Home, scale_name: str, months: int, seed: int) -> Sent:
    """Play the opening history of a simulated utility into a home.

    Raises:
        SimulationError: The home has one already, or the number of months is out of range.
        DocumentError: There are mistakes in the reference data.
    """
    with home.lock():
        started = time.monotonic()
        places = home.landing, home.truth
        sent = simulate(*places, SCALES[scale_name], _utility(), months=months, seed=seed, report=say)
        _tell(sent, time.monotonic() - started)
    return sent


def play_on(home: Home, days: int) -> Sent:
    """Play further days of the home's simulated utility.

    Raises:
        SimulationError: The home has none, or the number of days is not positive.
        DocumentError: There are mistakes in the reference data.
    """
    with home.lock():
        started = time.monotonic()
        sent = advance(home.landing, home.truth, days, _utility(), report=say)
        _tell(sent, time.monotonic() - started)
    return sent


def prepare_demo(home: Home, scale_name: str, months: int) -> None:
    """Give a home the simulated utility of a scale, unless it has it already; what was interrupted is played again.

    Raises:
        SimulationError: The home holds another one.
        DocumentError: There are mistakes in the reference data.
    """
    known, target = played(home.truth), interrupted(home.truth)
    if known is None:
        open_utility(home, scale_name, months, SEED)
    elif (known.scale, known.months) != (scale_name, months):
        raise SimulationError(
            f"{home.root} holds the simulated utility of scale {known.scale} with {known.months} months of history; "
            "name another home with METERHOUSE_HOME"
        )
    elif target is not None:
        play_on(home, days_between(known, target))
    else:
        say(f"simulated utility ({scale_name}): already in {home.landing}, up to {known.last_date}")


def interruption_of(home: Home) -> str | None:
    """What to do about a simulation of a home that was interrupted, as one clause; None where none was."""
    return interruption(home.truth)


def _utility() -> Utility:
    return Utility(territory().utility_code, tariffs())


def _tell(sent: Sent, seconds: float) -> None:
    kinds = sorted(sent.defect_counts.items(), key=lambda item: -item[1])
    named = ", ".join(f"{count:,} {name}" for name, count in kinds[:_NAMED_KINDS])
    say(
        f"simulated utility, {sent.first_date} to {sent.last_date}: {sent.read_count:,} interval reads "
        f"({sent.read_count / max(seconds, 1e-3):,.0f} a second); {sum(sent.defect_counts.values()):,} defects of "
        f"reads of {len(kinds)} kinds, most of them {named}"
    )
