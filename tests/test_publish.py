"""Publishing: readers see one whole build, always; a generation can be copied and moved."""

import multiprocessing
import shutil
import time
from multiprocessing.queues import Queue
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pytest

import pipelines.publish
from pipelines.content import content_hashes
from pipelines.doctor import examine, relocate_views
from pipelines.home import Home
from pipelines.publish import KEPT_GENERATIONS, publish
from pipelines.query import QueryError, ask


def _mark(home: Home, number: int) -> None:
    """Write a number into two tables of the private build, as one build would."""
    with duckdb.connect(str(home.build_database)) as build:
        build.execute("update marts.meta_build set build_id = ?", [number])
        build.execute("update marts.mart_vee_daily set failed_meter_count = ?", [number])


def _read_until(marts: str, stop: Event, loops: "Synchronized[int]", results: "Queue[tuple[int, list[str]]]") -> None:
    builds: set[int] = set()
    errors: list[str] = []
    while not stop.is_set():
        try:
            with duckdb.connect(str(Path(marts).resolve()), read_only=True) as con:
                row = con.execute(
                    "select (select build_id from meta_build), min(failed_meter_count), max(failed_meter_count), "
                    "(select count(*) from fct_interval_usage) from mart_vee_daily"
                ).fetchone()
            assert row is not None
            if not row[0] == row[1] == row[2] or row[3] == 0:
                errors.append(f"mixed build: {row}")
            builds.add(row[0])
        except duckdb.Error as error:
            errors.append(str(error))
        with loops.get_lock():
            loops.value += 1
    results.put((len(builds), errors))


@pytest.mark.long
@pytest.mark.req("NFR-02", part="data")
def test_a_reader_sees_no_error_and_no_mixed_build_during_ten_publishes(copy_of_tiny: Home) -> None:
    _mark(copy_of_tiny, 100)
    publish(copy_of_tiny)
    context = multiprocessing.get_context("spawn")
    stop, loops, results = context.Event(), context.Value("i", 0), context.Queue()
    reader = context.Process(target=_read_until, args=(str(copy_of_tiny.marts), stop, loops, results))
    reader.start()
    try:
        for number in range(101, 111):
            # On a busy machine the reader may be slow; it shall have read between any two publishes.
            seen, deadline = loops.value, time.monotonic() + 60
            while loops.value == seen and time.monotonic() < deadline:
                time.sleep(0.01)
            _mark(copy_of_tiny, number)
            publish(copy_of_tiny)
        stop.set()
        builds, errors = results.get(timeout=60)
    finally:
        stop.set()
        reader.join(timeout=60)
    assert errors == []
    assert loops.value >= 10
    assert builds >= 5


@pytest.mark.parametrize("step", ["_write_marts", "relocate", "_describe", "_sync", "_point"])
def test_an_interrupted_publish_shows_nobody_half_a_build(
    copy_of_tiny: Home, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before, generation = content_hashes(copy_of_tiny.marts), copy_of_tiny.current.resolve()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipelines.publish, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            publish(copy_of_tiny)
    assert copy_of_tiny.current.resolve() == generation
    assert content_hashes(copy_of_tiny.marts) == before
    assert publish(copy_of_tiny) == copy_of_tiny.current.resolve()
    assert content_hashes(copy_of_tiny.marts) == before


def test_two_generations_stay(copy_of_tiny: Home) -> None:
    for _ in range(3):
        newest = publish(copy_of_tiny)
    assert len(list(copy_of_tiny.generations.iterdir())) == KEPT_GENERATIONS
    assert copy_of_tiny.current.resolve() == newest


def test_an_open_reader_keeps_its_build(copy_of_tiny: Home) -> None:
    with duckdb.connect(str(copy_of_tiny.marts.resolve()), read_only=True) as con:
        before = con.execute("select count(*), sum(delivered_kwh) from fct_interval_usage").fetchone()
        publish(copy_of_tiny)
        assert con.execute("select count(*), sum(delivered_kwh) from fct_interval_usage").fetchone() == before


def test_a_copy_of_a_generation_opens_elsewhere(copy_of_tiny: Home, tmp_path: Path) -> None:
    before = content_hashes(copy_of_tiny.marts)
    elsewhere = tmp_path / "[else]where*"
    shutil.copytree(copy_of_tiny.current.resolve(), elsewhere)
    shutil.rmtree(copy_of_tiny.root)
    relocate_views(copy_of_tiny, elsewhere)
    assert content_hashes(elsewhere / "marts.duckdb") == before
    for parquet in elsewhere.glob("*.parquet"):
        assert duckdb.execute(f"select count(*) from '{parquet}'").fetchone()


def test_a_moved_home_says_so_and_is_mended(copy_of_tiny: Home, tmp_path: Path) -> None:
    before = content_hashes(copy_of_tiny.marts)
    moved = Home(tmp_path / "moved")
    copy_of_tiny.root.rename(moved.root)
    relocate_views(moved, None)
    shutil.move(moved.root, tmp_path / "[a]gain*")
    again = Home(tmp_path / "[a]gain*")
    states = {finding["subject"]: finding for finding in examine(again)}
    assert states["marts"]["state"] == "mend"
    assert "--relocate" in states["marts"]["finding"]
    with pytest.raises(QueryError, match="run `meterhouse doctor --relocate`"):
        ask(again, "select count(*) from fct_interval_usage")
    relocate_views(again, None)
    assert content_hashes(again.marts) == before


def test_a_copied_home_does_not_read_the_original_unnoticed(copy_of_tiny: Home, tmp_path: Path) -> None:
    shutil.copytree(copy_of_tiny.root, tmp_path / "twin", symlinks=True)
    twin = Home(tmp_path / "twin")
    states = {finding["subject"]: finding for finding in examine(twin)}
    assert states["marts"]["state"] == "mend"
    assert "another home" in states["marts"]["finding"]
    relocate_views(twin, None)
    assert {finding["subject"]: finding["state"] for finding in examine(twin)}["marts"] == "ok"


def test_the_lake_may_change_under_a_published_generation(copy_of_tiny: Home) -> None:
    publish(copy_of_tiny)
    before = content_hashes(copy_of_tiny.marts)
    shutil.rmtree(copy_of_tiny.lake / "vee")
    assert content_hashes(copy_of_tiny.marts) == before
