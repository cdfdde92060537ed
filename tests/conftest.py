"""Shared builds: one tiny home, its twin under another time zone, and a cheap home for experiments.

The two builds start as soon as tests are collected and run beside the tests that do not need them.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.doctor import relocate_views
from pipelines.home import REPOSITORY, Home

METERHOUSE = Path(sys.executable).with_name("meterhouse")
DEMO = ("demo", "--scale", "tiny", "--months", "6")
"""Half a year to the end of March, with both changes of the clock."""
BUILDS = {"tiny_home": "UTC", "twin_home": "America/New_York"}
ROOT_VARIABLE = "METERHOUSE_TEST_ROOT"
BUILD_SECONDS = 600


def pytest_configure(config: pytest.Config) -> None:
    """One folder of builds for all workers of a test run."""
    if not hasattr(config, "workerinput"):
        os.environ[ROOT_VARIABLE] = tempfile.mkdtemp(prefix="meterhouse-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if hasattr(config, "workerinput"):
        return
    root = Path(os.environ[ROOT_VARIABLE])
    for claim in root.glob("*.claim"):
        # The number of a build that has ended may be another process's by now.
        if (claim / "pid").exists() and not (claim / "code").exists():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int((claim / "pid").read_text()), signal.SIGKILL)
    shutil.rmtree(root, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait for a build last; of each kind the long ones first, so that none is left over at the end."""

    def place(item: pytest.Item) -> tuple[bool, bool]:
        waits = any(name in BUILDS or name == "copy_of_tiny" for name in getattr(item, "fixturenames", ()))
        return waits, item.get_closest_marker("long") is None

    items.sort(key=place)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the builds that the collected tests ask for; the first worker to get here does it."""
    if session.config.option.collectonly:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    for name in BUILDS:
        if name in wanted:
            _start(name)


def _start(name: str) -> None:
    root = Path(os.environ[ROOT_VARIABLE])
    claim = root / f"{name}.claim"
    try:
        claim.mkdir()
    except FileExistsError:
        return
    command = f'"{METERHOUSE}" {" ".join(DEMO)} > "{claim}/output" 2>&1; echo $? > "{claim}/code.part"; '
    command += f'mv "{claim}/code.part" "{claim}/code"'
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=REPOSITORY,
        env={**os.environ, "METERHOUSE_HOME": str(root / name), "TZ": BUILDS[name]},
        start_new_session=True,
    )
    # The worker does not wait for it: whoever needs the build looks for its exit code.
    process.returncode = 0
    (claim / "pid").write_text(str(process.pid))


def _built(name: str) -> Home:
    root = Path(os.environ[ROOT_VARIABLE])
    code = root / f"{name}.claim" / "code"
    deadline = time.monotonic() + BUILD_SECONDS
    while not code.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert code.exists(), f"the build of {name} took more than {BUILD_SECONDS} s"
    assert code.read_text().strip() == "0", (code.parent / "output").read_text()
    return Home(root / name)


@pytest.fixture(scope="session")
def tiny_home() -> Home:
    """A home built by `meterhouse demo`, October 2025 to March 2026 of the tiny utility; tests must not change it."""
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
