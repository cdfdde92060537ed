"""The daily run, as the command line and the demo start it: landing to published marts."""

import atexit
import contextlib
import io
import os
import sys
from dataclasses import dataclass
from typing import Any

import dagster as dg

from models.tables.entities import METER_CHANNELS
from models.tables.feeds import FEED_FRESHNESS
from pipelines import lake
from pipelines.definitions import build_defs
from pipelines.entities import build_entities
from pipelines.freshness import stale_feeds
from pipelines.home import HOME_VARIABLE, Home
from pipelines.ingest import ingest_landing
from pipelines.load import FileOutcome
from pipelines.months import month_of
from pipelines.operations.drain import drain
from pipelines.partitions import range_tags
from pipelines.progress import say
from pipelines.reference import vee_settings
from pipelines.resources import HomeResource
from pipelines.simulation import interruption_of
from pipelines.validate import stale_months

INSTANCE_CONFIG = "telemetry:\n  enabled: false\n"


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
        build_entities(home)
        stale = stale_months(home, vee_settings())
        bounded = [m for m in stale if (first_date or m)[:7] <= m <= (last_date or m)[:7]]
        span = bounded or _latest_month(home)
        if not span:
            raise NothingToRunError(
                f"{home.root} holds no reads; load some with `meterhouse ingest PATH` or try `meterhouse demo`"
            )
        say(f"months to validate: {', '.join(bounded) or 'none, inputs unchanged'}")
        _execute(home, span, first_date, last_date)
        return RunResult(bounded, outcomes, stale_feeds(lake.read_frame(home, FEED_FRESHNESS)))


def _silence_exit() -> None:
    """DuckDB's binding reports harmless leaks while the interpreter ends, after everything worth reading."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _latest_month(home: Home) -> list[str]:
    latest = lake.read_frame(home, METER_CHANNELS)["last_usage_date"].max()
    return [] if latest is None else [month_of(latest)]  # type: ignore[arg-type]


def _execute(home: Home, span: list[str], first_date: str | None, last_date: str | None) -> None:
    home.dagster.mkdir(parents=True, exist_ok=True)
    config = home.dagster / "dagster.yaml"
    if not config.exists():
        config.write_text(INSTANCE_CONFIG, encoding="utf-8")
    job = build_defs(HomeResource(root=str(home.root))).resolve_job_def("daily_job")
    dates = {"first_date": first_date or "", "last_date": last_date or ""}
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        # dbt's lines belong to its log (warehouse/.dbt/dbt.log); standard output is for results.
        with contextlib.redirect_stdout(io.StringIO()):
            result = job.execute_in_process(
                instance=instance,
                tags=range_tags(span[0], span[-1]),
                run_config={
                    "ops": {"vee": {"config": dates}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                raise_on_error=False,
            )
        if not result.success:
            raise RunFailedError(_explain(result))


def _explain(result: dg.ExecuteInProcessResult) -> str:
    failed_checks = [
        f"check {evaluation.check_name} of {'/'.join(evaluation.asset_key.path)} failed: "
        f"{evaluation.description or 'see the Dagster UI'}"
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed and evaluation.severity is dg.AssetCheckSeverity.ERROR
    ]
    failures = [
        f"step {event.step_key} failed: {_root_cause(event.step_failure_data.error)}"
        for event in result.all_events
        if event.is_step_failure
    ]
    reasons = failed_checks or failures or ["see the Dagster UI"]
    return "\n".join([*reasons, "what was published before is unchanged"])


def _root_cause(error: Any) -> str:
    while error is not None and error.cause is not None:
        error = error.cause
    return "unknown cause" if error is None else _without_tracebacks(str(error.message)).strip()


def _without_tracebacks(text: str) -> str:
    """Leave out the call stacks that a message quotes; where they lead stays in the Dagster run and in dbt's log."""
    kept, is_stack = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("Traceback (most recent call last)"):
            is_stack = True
        elif is_stack and not line.startswith(" "):
            is_stack = False
        if not is_stack:
            kept.append(line)
    return "\n".join(kept)
