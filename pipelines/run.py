"""The daily run, as the command line and the demo start it: landing to published marts."""

import atexit
import os
import sys
from dataclasses import dataclass

from models.tables.entities import METER_CHANNELS
from models.tables.feeds import FEED_FRESHNESS
from pipelines import lake, standing
from pipelines.entities import build_entities
from pipelines.freshness import stale_feeds
from pipelines.home import HOME_VARIABLE, Home
from pipelines.ingest import ingest_landing
from pipelines.load import FileOutcome
from pipelines.months import month_of
from pipelines.operations.drain import drain
from pipelines.progress import say
from pipelines.reference import vee_settings
from pipelines.simulation import interruption_of
from pipelines.validate import stale_months


class RunFailedError(RuntimeError):
    """The run stopped; the message says at which step and why."""


class NothingToRunError(RuntimeError):
    """There are no reads in the home, or only a part of those that are being simulated."""


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Attributes:
        months: Months whose inputs had changed.
        outcomes: Landing files that were loaded.
        stale_feeds: A sentence for every feed whose data are older than its limit.
    """

    months: list[str]
    outcomes: list[FileOutcome]
    stale_feeds: list[str]


def run(home: Home, first_date: str | None = None, last_date: str | None = None) -> RunResult:
    """Bring the published marts up to date.

    Args:
        home: Home folder.
        first_date: Oldest local date to work on, YYYY-MM-DD; None for the oldest with changes.
        last_date: Newest local date to work on; None for no bound.

    Raises:
        HomeBusyError: Another run holds the home.
        NothingToRunError: The home has no reads, or those of a simulation that was interrupted.
        StoreError: The operations store cannot be used.
        RunFailedError: A step or a blocking check failed; what was published before stays.
    """
    atexit.register(_silence_exit)
    with home.lock():
        if reason := interruption_of(home):
            raise NothingToRunError(reason)
        os.environ[HOME_VARIABLE] = str(home.root)
        drain(home)
        outcomes = ingest_landing(home, say)
        if standing.is_standing(home):
            say("nothing has changed since the marts were published, so they stand")
            if not home.latest_report.exists():
                _report(home)
            return RunResult([], outcomes, stale_feeds(lake.read_frame(home, FEED_FRESHNESS)))
        inputs = standing.inputs(home)
        build_entities(home)
        stale = stale_months(home, vee_settings())
        bounded = [m for m in stale if (first_date or m)[:7] <= m <= (last_date or m)[:7]]
        span = bounded or _latest_month(home)
        if not span:
            raise NothingToRunError(
                f"{home.root} holds no reads; load some with `meterhouse ingest PATH` or try `meterhouse demo`"
            )
        say(f"months to validate: {', '.join(bounded) or 'none, inputs unchanged'}")
        from pipelines.job_run import execute  # imports for seconds, which a run without news does not spend

        if reason := execute(home, span, first_date, last_date):
            raise RunFailedError(reason)
        _report(home)
        if bounded == stale:
            standing.keep(home, inputs)
        return RunResult(bounded, outcomes, stale_feeds(lake.read_frame(home, FEED_FRESHNESS)))


def _silence_exit() -> None:
    """DuckDB's binding reports harmless leaks while the interpreter ends, after everything worth reading."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _report(home: Home) -> None:
    from pipelines.reports.data_quality import write  # imports for long, as above

    say(f"data-quality report: {write(home)}")


def _latest_month(home: Home) -> list[str]:
    latest = lake.read_frame(home, METER_CHANNELS)["last_usage_date"].max()
    return [] if latest is None else [month_of(latest)]  # type: ignore[arg-type]
