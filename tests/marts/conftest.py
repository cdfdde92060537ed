"""The hand-made streets, built once."""

import fcntl
import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines import lake
from pipelines.dbt_build import DATA_ONLY
from pipelines.doctor import relocate_views
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest
from tests.conftest import ROOT_VARIABLE
from tests.marts.building import build_database, build_lake, write_extracts
from tests.marts.streets import extracts, reads


def load_reads(home: Home, folder: Path, rows: pl.DataFrame) -> None:
    """Ingest reads as a CSV file."""
    path = folder / "reads.csv"
    rows.with_columns(pl.col("interval_start_utc").cast(pl.String)).write_csv(path)
    assert [outcome.status_code for outcome in ingest(home, [path], "hand", FeedSettings(), lambda _: None)] == [
        "loaded"
    ]


@pytest.fixture(scope="session")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of the streets, built by the first worker that needs it; tests must not change it."""
    root = Path(os.environ[ROOT_VARIABLE])
    home = Home(root / "streets")
    with (root / "streets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.root.exists():
            building = Home(root / "streets.building")
            shutil.rmtree(building.root, ignore_errors=True)
            lake.prepare(building)
            load_reads(building, tmp_path_factory.mktemp("files"), reads())
            write_extracts(building, extracts(), "00000000000a")
            build_lake(building)
            build_database(building, *DATA_ONLY)
            building.root.rename(home.root)
            relocate_views(home, None)
    return home


@pytest.fixture
def copy_of_streets(streets: Home, tmp_path: Path) -> Home:
    """A copy that a test may change."""
    target = Home(tmp_path / "home")
    shutil.copytree(streets.root, target.root, symlinks=True)
    relocate_views(target, None)
    return target
