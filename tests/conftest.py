"""Shared builds: one tiny home, its twin under another time zone, and a cheap home for experiments.

The two builds start as soon as tests are collected and run beside the tests that do not need them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.doctor import relocate_views
from pipelines.home import REPOSITORY, Home

METERHOUSE = Path(sys.executable).with_name("meterhouse")
BUILDS = {"tiny_home": "UTC", "twin_home": "America/New_York"}

_root = Path(tempfile.mkdtemp(prefix="meterhouse-tests-"))
_running: dict[str, subprocess.Popen[str]] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that wait for a build come last."""
    items.sort(key=lambda item: sum(name in BUILDS for name in getattr(item, "fixturenames", ())))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the builds that the collected tests ask for."""
    if session.config.option.collectonly:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    for name, time_zone in BUILDS.items():
        if name in wanted:
            environment = {**os.environ, "METERHOUSE_HOME": str(_root / name), "TZ": time_zone}
            _running[name] = subprocess.Popen(
                [METERHOUSE, "demo", "--scale", "tiny"],
                cwd=REPOSITORY,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    for process in _running.values():
        process.kill()
        process.communicate()
    shutil.rmtree(_root, ignore_errors=True)


def _built(name: str) -> Home:
    process = _running[name]
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output
    return Home(_root / name)


@pytest.fixture(scope="session")
def tiny_home() -> Home:
    """A home built by `meterhouse demo --scale tiny`; tests must not change it."""
    return _built("tiny_home")


@pytest.fixture(scope="session")
def twin_home() -> Home:
    """The same under TZ=America/New_York."""
    return _built("twin_home")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, named by METERHOUSE_HOME."""
    monkeypatch.setenv("METERHOUSE_HOME", str(tmp_path / "home"))
    return Home(tmp_path / "home")


@pytest.fixture
def copy_of_tiny(tiny_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of the tiny home that a test may change."""
    target = tmp_path / "copy"
    shutil.copytree(tiny_home.root, target, symlinks=True)
    monkeypatch.setenv("METERHOUSE_HOME", str(target))
    relocate_views(Home(target), None)
    return Home(target)


@pytest.fixture
def meterhouse() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the installed command in the present METERHOUSE_HOME, or in another home."""

    def call(*arguments: object, home: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "METERHOUSE_HOME": str(home)} if home else dict(os.environ)
        return subprocess.run(
            [METERHOUSE, *map(str, arguments)],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    return call


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real meter data; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("METERHOUSE_REAL_DATA") or REPOSITORY / ".." / "shared" / "data" / "real").resolve()
    if not folder.exists():
        pytest.skip("real data not found: set METERHOUSE_REAL_DATA")
    return folder
