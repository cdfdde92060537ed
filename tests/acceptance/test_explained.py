"""Numbers of a whole utility explained: random cells computed once more from the raw rows, and the time it takes."""

import os
import subprocess
import time

import pytest

from pipelines.explain.registry import explain
from pipelines.explain.text import as_text
from pipelines.home import HOME_VARIABLE, REPOSITORY, Home
from sims.utility import MONTHS
from tests.acceptance.record import record
from tests.conftest import METERHOUSE
from tests.explain.cells import Cell, random_cells

pytestmark = pytest.mark.acceptance

SCALE = os.environ.get("METERHOUSE_ACCEPT_SCALE", "demo")
HISTORY_MONTHS = os.environ.get("METERHOUSE_ACCEPT_MONTHS", str(MONTHS))
CELLS, MOST_SECONDS = 200, 5.0
AS_COMMAND = 10
"""Slowest cells that are asked for once more by the command, whose start counts too."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home built by `meterhouse demo`."""
    built = Home(tmp_path_factory.mktemp("explained") / "home")
    _call(built, "demo", "--scale", SCALE, "--months", HISTORY_MONTHS)
    return built


def _call(home: Home, *words: str) -> float:
    began = time.perf_counter()
    result = subprocess.run(
        [METERHOUSE, *words],
        cwd=REPOSITORY,
        env={**os.environ, HOME_VARIABLE: str(home.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return time.perf_counter() - began


def test_random_cells_are_recomputed_exactly_and_soon(home: Home) -> None:
    seconds: dict[Cell, float] = {}
    wrong = []
    for cell in random_cells(home, CELLS, seed=5):
        table, *words = (str(word) for word in cell)
        began = time.perf_counter()
        told = explain(home, table, words)
        as_text(told, None)
        seconds[cell] = time.perf_counter() - began
        if told.recomputed.is_equal is not True:
            wrong.append((cell, told.recomputed.sentence))
    slowest = sorted(seconds, key=lambda cell: seconds[cell])[-AS_COMMAND:]
    longest = max(_call(home, "explain", *(str(word) for word in cell)) for cell in slowest)
    is_exact = record(
        "explain: random cells recomputed exactly", 1 - len(wrong) / CELLS, 1, "ratio", SCALE, is_minimum=True
    )
    is_soon = record("explain: slowest answer of the command", longest, MOST_SECONDS, "s", SCALE)
    assert is_exact, wrong[:5]
    assert is_soon
