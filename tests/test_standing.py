"""A run without news ends at once; whatever is news, is noticed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import pipelines.job_run
import pipelines.run
from pipelines import standing
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.run import run

FILES = (
    "landing/ami/feed.yml",
    "lake/raw/files/a.parquet",
    "lake/raw/interval_reads/read_month=2026-01/a.parquet",
    "lake/vault/persons/a.parquet",
    "lake/entities/meters/part-0.parquet",
    "lake/vee/interval_reads/read_month=2026-01/a.parquet",
    "lake/vee/state/2026-01.json",
    "warehouse/generations/1/marts.duckdb",
    "warehouse/generations/1/dim_dates.parquet",
)


@pytest.fixture
def published(home: Home) -> Home:
    """A home whose data are published, as far as names and sizes go."""
    for name in FILES:
        (home.root / name).parent.mkdir(parents=True, exist_ok=True)
        (home.root / name).write_text("as it was")
    home.current.symlink_to(Path("generations") / "1")
    home.marts.symlink_to(Path("current") / "marts.duckdb")
    standing.keep(home, standing.inputs(home))
    return home


def test_what_is_published_stands_as_long_as_nothing_changes(published: Home) -> None:
    assert standing.is_standing(published)
    (published.lake / "raw" / ".landing_index.json").write_text("{}")
    assert standing.is_standing(published)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("change", [lambda path: path.write_text("longer than it was"), Path.unlink])
def test_a_file_that_is_changed_or_gone_is_news(published: Home, name: str, change: Callable[[Path], object]) -> None:
    change(published.root / name)
    assert not standing.is_standing(published)


@pytest.mark.parametrize("layer", ["raw", "vault", "entities", "vee"])
def test_a_file_more_is_news(published: Home, layer: str) -> None:
    (published.lake / layer / "more.parquet").write_text("")
    assert not standing.is_standing(published)


def test_a_file_that_came_during_the_run_is_news(published: Home) -> None:
    inputs = standing.inputs(published)
    (published.lake / "raw" / "files" / "b.parquet").write_text("")
    standing.keep(published, inputs)
    assert not standing.is_standing(published)


def test_another_generation_or_none_is_news(published: Home) -> None:
    shutil.copytree(published.generations / "1", published.generations / "2")
    published.current.unlink()
    assert not standing.is_standing(published)
    published.current.symlink_to(Path("generations") / "2")
    assert not standing.is_standing(published)


def test_a_home_that_was_moved_is_built_again(published: Home, tmp_path: Path) -> None:
    published.root.rename(tmp_path / "moved")
    assert not standing.is_standing(Home(tmp_path / "moved"))


def test_reference_data_and_code_are_looked_at(
    published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    monkeypatch.setattr(standing, "_CODE", (code,))
    before = standing.inputs(published)
    (code / "rules.pyc").write_text("")
    assert standing.inputs(published) == before
    (code / "rules.py").write_text("")
    assert standing.inputs(published) != before
    monkeypatch.undo()
    before = standing.inputs(published)
    monkeypatch.setattr(standing, "REFERENCE", tmp_path / "no reference")
    assert standing.inputs(published) != before


def test_a_run_of_some_dates_leaves_news_to_the_next(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job itself is not run: whether it is asked for is what this is about."""
    jobs: list[list[str]] = []
    monkeypatch.setattr(pipelines.job_run, "execute", lambda home, months, *_: jobs.append(months))
    monkeypatch.setattr(pipelines.run, "_report", lambda home: None)
    reads = tmp_path / "reads.csv"
    rows = [f"M1,2026-{month:02d}-05 {hour:02d}:00:00,100" for month in (1, 2) for hour in range(24)]
    reads.write_text("\n".join(["meter_id,interval_start_utc,delivered_wh", *rows]) + "\n")
    ingest(home, [reads], "manual", FeedSettings(time_zone="UTC"), lambda _: None)
    home.warehouse.mkdir()
    run(home, "2026-01-01", "2026-01-31")
    run(home)
    run(home)
    assert jobs == [["2026-01"], ["2026-01", "2026-02"]]
