"""How many random examples tests draw: a few, always the same, or as many as METERHOUSE_EXAMPLES asks for."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

_WANTED = os.environ.get("METERHOUSE_EXAMPLES")


def few_examples(count: int, **more: Any) -> settings:
    """Settings that draw `count` examples, the same ones every time; METERHOUSE_EXAMPLES=N draws N random ones."""
    return settings(
        max_examples=int(_WANTED or count),
        derandomize=_WANTED is None,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        **more,
    )
