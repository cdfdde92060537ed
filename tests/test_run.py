"""What a failed run tells its user."""

import dagster as dg
import pytest

from pipelines.job_run import _explain, _without_tracebacks


def test_call_stacks_are_left_out_and_causes_kept() -> None:
    stack = "Traceback (most recent call last):\n  File x, line 1\n    deep()"
    text = f"dbt failed.\n{stack}\nIOException: no such file\n  LINE 1: x"
    assert _without_tracebacks(text) == "dbt failed.\nIOException: no such file\n  LINE 1: x"


@dg.asset
def says_why() -> None:
    raise dg.Failure("dim_meters: there is no such column")


@dg.asset
def falls() -> None:
    try:
        raise FileNotFoundError("no reads.csv")
    except FileNotFoundError as error:
        raise RuntimeError("cannot go on") from error


@pytest.mark.filterwarnings("ignore")  # the orchestrator's own deprecations
@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (says_why, "step says_why failed: dim_meters: there is no such column"),
        (falls, "step falls failed: FileNotFoundError: no reads.csv"),
    ],
)
def test_a_failed_step_says_what_it_said_or_what_began_it(step: dg.AssetsDefinition, reason: str) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([step], instance=instance, raise_on_error=False)
        assert _explain(result) == f"{reason}\nwhat was published before is unchanged"
