"""What a failed run tells its user."""

from pipelines.job_run import _without_tracebacks


def test_call_stacks_are_left_out_and_causes_kept() -> None:
    stack = "Traceback (most recent call last):\n  File x, line 1\n    deep()"
    text = f"dbt failed.\n{stack}\nIOException: no such file\n  LINE 1: x"
    assert _without_tracebacks(text) == "dbt failed.\nIOException: no such file\n  LINE 1: x"
