"""Homes whose numbers are explained: the hand-made streets, and meters with one story each."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from pipelines.doctor import relocate_views
from pipelines.home import Home
from tests.conftest import ROOT_VARIABLE
from tests.explain.stories import build_stories
from tests.marts.conftest import copy_of_streets, streets

__all__ = ["copy_of_streets", "stories", "streets"]


@pytest.fixture(scope="session")
def stories() -> Home:
    """The meters of `tests.explain.stories`, built by the first worker that needs them; tests must not change it."""
    root = Path(os.environ[ROOT_VARIABLE])
    home = Home(root / "stories")
    with (root / "stories.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.root.exists():
            building = Home(root / "stories.building")
            shutil.rmtree(building.root, ignore_errors=True)
            build_stories(building)
            building.root.rename(home.root)
            relocate_views(home, None)
    return home
