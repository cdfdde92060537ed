"""An interrupted run, run again, ends where an uninterrupted one does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pipelines.assets.entities
import pipelines.assets.raw
import pipelines.assets.vee
import pipelines.assets.warehouse
import pipelines.vee.journal
import pipelines.vee.judge
from pipelines.content import content_hashes
from pipelines.home import Home
from pipelines.ingest import ingest_landing
from pipelines.run import RunFailedError, run
from tests.marts.building import build_database, build_lake

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # the orchestrator's and the gate's own deprecations
    pytest.mark.long,
]


def _csv(meter: str, days: range, hole: tuple[int, int] | None = None) -> str:
    lines = ["meter_id,interval_start_utc,delivered_wh"]
    for day in days:
        for hour in range(24):
            if hole and hole[0] <= day * 24 + hour < hole[1]:
                continue
            lines.append(f"{meter},2026-01-{day:02d} {hour:02d}:00:00,{100 + 7 * hour + day}")
    return "\n".join(lines) + "\n"


def _send(home: Home, first: bool) -> None:
    feed = home.landing / "ami"
    feed.mkdir(parents=True, exist_ok=True)
    (feed / "feed.yml").write_text("time_zone: UTC\nreceived_at: modified\n")
    if first:
        (feed / "a.csv").write_text(_csv("M1", range(1, 15), hole=(250, 256)))
        (feed / "b.csv").write_text(_csv("M2", range(1, 15)))
    else:
        (feed / "c.csv").write_text(_csv("M1", range(10, 17)))


def _after(module: Any, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Let a function do its work, then fail as a killed process would."""
    whole = getattr(module, name)

    def interrupted(*arguments: Any, **options: Any) -> Any:
        whole(*arguments, **options)
        raise RuntimeError("interrupted")

    return lambda monkeypatch: monkeypatch.setattr(module, name, interrupted)


def _before(module: Any, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise RuntimeError("interrupted")

    return lambda monkeypatch: monkeypatch.setattr(module, name, interrupted)


INTERRUPTIONS = {
    "after raw": _after(pipelines.assets.raw, "ingest_landing"),
    "after entities": _after(pipelines.assets.entities, "build_entities"),
    "within vee": _after(pipelines.vee.judge, "_write_restatements"),
    "between vee tables": _before(pipelines.vee.journal, "recover"),
    "after vee": _after(pipelines.assets.vee, "validate_months"),
    "after dbt": _before(pipelines.assets.warehouse, "publish"),
    "after publish": _after(pipelines.assets.warehouse, "publish"),
}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = Home(tmp_path_factory.mktemp("uninterrupted"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("METERHOUSE_HOME", str(home.root))
        for is_first in (True, False):
            _send(home, first=is_first)
            ingest_landing(home, lambda _: None)
            build_lake(home)
        build_database(home)
    return content_hashes(home.marts)


def test_interrupted_after_any_asset_and_run_again(
    uninterrupted: dict[str, str], home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _send(home, first=True)
    run(home)
    published = content_hashes(home.marts)
    _send(home, first=False)
    for name, interrupt in INTERRUPTIONS.items():
        with monkeypatch.context() as patch:
            interrupt(patch)
            with pytest.raises(RunFailedError, match="interrupted"):
                run(home)
        if name != "after publish":
            assert content_hashes(home.marts) == published, f"{name}: something half-made was published"
    run(home)
    assert content_hashes(home.marts) == uninterrupted


def test_a_second_run_at_the_same_time_says_so_and_exits(home: Home, tmp_path: Path) -> None:
    from pipelines.home import HomeBusyError

    with home.lock(), pytest.raises(HomeBusyError, match="in use by another run"), home.lock():
        pass
