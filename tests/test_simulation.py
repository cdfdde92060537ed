"""The verbs `simulate` and `demo`, and what other verbs say of a simulation that was interrupted."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import pipelines.simulation
import sims.utility
from models.tables.raw import FILES, INTERVAL_READS, METER_EVENTS, REGISTER_READS
from pipelines import lake
from pipelines.cli import app
from pipelines.home import Home
from pipelines.ingest import ingest_landing
from pipelines.query import open_marts
from pipelines.simulation import interruption_of, prepare_demo
from pipelines.summary import mishaps

TINY = ("--scale", "tiny", "--months", "2")


class KilledError(BaseException):
    """Stands for the end of the process."""


def called(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def interrupted(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Call a verb that ends shortly before its simulation does."""

    def end(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(sims.utility, "end_play", end)
        with pytest.raises(KilledError):
            CliRunner().invoke(app, arguments, catch_exceptions=False)


@pytest.mark.parametrize(
    ("options", "named"),
    [(("--seed", "9"), "--seed"), (("--scale", "demo"), "--scale"), (("--months", "14"), "--months"),
     (("--months", "3", "--scale", "tiny"), "--scale, --months")],
)  # fmt: skip
def test_advance_takes_no_options_of_the_world(home: Home, options: tuple[str, ...], named: str) -> None:
    result = called("simulate", "--advance", "2", *options)
    assert result.exit_code == 2
    assert result.stderr == (
        f"meterhouse: --advance plays the home's own utility on, whose world is named already; leave out {named}\n"
    )
    assert not home.root.exists()


def test_what_was_sent_is_counted_as_it_is_loaded(home: Home) -> None:
    result = called("simulate", "--scale", "tiny", "--months", "3")
    assert result.exit_code == 0
    text = result.stdout.replace(",", "")
    ingest_landing(home, lambda _line: None)
    for table, noun in ((INTERVAL_READS, "interval reads"), (REGISTER_READS, "register readings"),
                        (METER_EVENTS, "meter events")):  # fmt: skip
        assert f" {lake.read_frame(home, table).height} {noun}" in text
    files, repeated = map(int, re.findall(r"([0-9]+) files \(([0-9]+) of them the same bytes again\)", text)[0])
    assert repeated > 0
    assert lake.read_frame(home, FILES).height == files - repeated


def test_an_interrupted_simulation_is_not_loaded_and_ends_when_it_is_done_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(monkeypatch, "simulate", *TINY)
    sentence = (
        "a simulation of this home was interrupted; run `meterhouse simulate --scale tiny --months 2 --seed 7` again"
    )
    run = called("run")
    assert (run.exit_code, run.stdout) == (1, "")
    assert run.stderr == f"meterhouse: {sentence}\n"
    assert not home.lake.exists()
    doctor = called("doctor", "--json")
    assert doctor.exit_code == 1
    assert sentence in doctor.stdout
    assert called("simulate", *TINY).exit_code == 0
    assert interruption_of(home) is None
    assert called("doctor").exit_code == 0


def test_a_demo_plays_again_what_was_interrupted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(monkeypatch, "demo", *TINY)
    prepare_demo(home, "tiny", 2)
    assert interruption_of(home) is None
    before = {path.name for path in (home.landing / "mdms").iterdir()}
    interrupted(monkeypatch, "simulate", "--advance", "1")
    assert interruption_of(home) is not None
    prepare_demo(home, "tiny", 2)
    assert interruption_of(home) is None
    assert {path.name for path in (home.landing / "mdms").iterdir()} - before >= {"reads_2026-04-01.cmep"}
    with pytest.raises(pipelines.simulation.SimulationError, match="holds the simulated utility of scale tiny with 2"):
        prepare_demo(home, "tiny", 3)


@pytest.mark.parametrize("name", ["what?", "100 %"])
def test_a_home_that_the_database_of_runs_cannot_open_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("METERHOUSE_HOME", str(tmp_path / name))
    for verb in (("simulate", *TINY), ("demo", *TINY), ("run",)):
        result = called(*verb)
        assert result.exit_code == 1
        assert f"has {name[-1]} in its name, which the database of runs cannot open; name another" in result.stderr
    assert not (tmp_path / name).exists()


def test_a_demo_says_that_mishaps_are_made_on_purpose(tiny_home: Home) -> None:
    with open_marts(tiny_home) as con:
        refused, rows = con.execute(
            "select count(*) filter (where status_code = 'quarantined'), sum(quarantined_count)::bigint "
            "from fct_file_reconciliation"
        ).fetchone() or (0, 0)
    first, second = mishaps(tiny_home).splitlines()
    assert refused > 1
    assert rows > 1
    assert first == f"{refused} files and {rows} rows of others were refused, with reasons in {tiny_home.quarantine}:"
    assert second == "the simulated utility makes such mishaps on purpose; docs/simulation.md says which."
