"""The daily job in this process: one Dagster run, recorded in the home, and why it failed if it did."""

import contextlib
import io
import os
from typing import Any

import dagster as dg

from pipelines.definitions import build_defs
from pipelines.home import Home
from pipelines.partitions import range_tags
from pipelines.resources import HomeResource

INSTANCE_CONFIG = """telemetry:
  enabled: false
event_log_storage:
  module: pipelines.event_log
  class: EventLog
  config:
    base_dir:
      env: DAGSTER_HOME
"""


def execute(home: Home, months: list[str], first_date: str | None, last_date: str | None) -> str | None:
    """Run the daily job.

    Args:
        home: Home folder, held by this run.
        months: Local months, YYYY-MM, in order.
        first_date: Oldest local date to work on, None for no bound.
        last_date: Newest local date to work on, None for no bound.

    Returns:
        Why it failed, as lines for people; None where it went through.
    """
    home.dagster.mkdir(parents=True, exist_ok=True)
    config = home.dagster / "dagster.yaml"
    if not config.exists():
        config.write_text(INSTANCE_CONFIG, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    job = build_defs(HomeResource(root=str(home.root))).resolve_job_def("daily_job")
    dates = {"first_date": first_date or "", "last_date": last_date or ""}
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        # Standard output is for results.
        with contextlib.redirect_stdout(io.StringIO()):
            result = job.execute_in_process(
                instance=instance,
                tags=range_tags(months[0], months[-1]),
                run_config={
                    "ops": {"vee": {"config": dates}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                raise_on_error=False,
            )
        return None if result.success else _explain(result)


def _explain(result: dg.ExecuteInProcessResult) -> str:
    failed_checks = [
        f"check {evaluation.check_name} of {'/'.join(evaluation.asset_key.path)} failed: "
        f"{evaluation.description or 'see the Dagster UI'}"
        for evaluation in result.get_asset_check_evaluations()
        if not evaluation.passed and evaluation.severity is dg.AssetCheckSeverity.ERROR
    ]
    failures = [
        f"step {event.step_key} failed: {_cause(event.step_failure_data)}"
        for event in result.all_events
        if event.is_step_failure
    ]
    reasons = failed_checks or failures or ["see the Dagster UI"]
    return "\n".join([*reasons, "what was published before is unchanged"])


def _cause(failed: Any) -> str:
    """What a step itself said, else the message of the error that began it."""
    if failed.user_failure_data is not None and failed.user_failure_data.description:
        return str(failed.user_failure_data.description)
    error = failed.error
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
