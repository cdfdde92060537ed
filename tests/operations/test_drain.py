"""What was recorded reaches raw once, whatever dies in between and whatever is lost."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.extracts.operations import OPERATIONS
from models.tables.raw import FILES
from pipelines import lake
from pipelines.freshness import freshness
from pipelines.home import Home
from pipelines.ingest import ingest_landing
from pipelines.operations import drain as drains
from pipelines.operations.drain import drain, waiting_count
from tests.operations.recorded import MORNING, in_raw, record, row


def quiet(_line: str) -> None:
    return None


def take_in(home: Home) -> None:
    """What a run does first."""
    drain(home)
    ingest_landing(home, quiet)


def test_nothing_is_handed_over_where_nothing_was_recorded(home: Home) -> None:
    assert drain(home) == []
    assert waiting_count(home) == 0
    assert not home.inbox.exists(), "asking leaves no store behind"


def test_recorded_rows_become_a_file_that_keeps_its_contract(home: Home) -> None:
    verified = {"action_code": "verify", "edited_wh": None, "reported_wh": 7}
    withdrawn = {"action_code": "withdraw", "edited_wh": None}
    record(home, [row(1, reason='torn, "burnt", ç'), row(2, **verified), row(3, **withdrawn, channel_code="received")])
    assert waiting_count(home) == 3
    (path,) = drain(home)
    assert path == home.landing / "operations" / "read_edits_e0003.csv"
    assert waiting_count(home) == 0
    ((outcome),) = ingest_landing(home, quiet)
    assert (outcome.status_code, outcome.loaded_count, outcome.quarantined_count) == ("loaded", 3, 0)
    taken = [{name: one[name] for name in row(1) if name != "recorded_at_utc"} for one in in_raw(home)]
    expected = [row(1, reason='torn, "burnt", ç'), row(2, **verified), row(3, **withdrawn, channel_code="received")]
    assert taken == [{name: value for name, value in one.items() if name != "recorded_at_utc"} for one in expected]
    assert [one["changed_at_utc"] for one in in_raw(home)] == [one["recorded_at_utc"] for one in expected]
    (file,) = lake.read_frame(home, FILES).rows(named=True)
    assert (file["system_code"], file["received_at_utc"]) == (OPERATIONS.code, row(3)["recorded_at_utc"])


def test_a_second_drain_hands_over_what_came_since(home: Home) -> None:
    record(home, [row(1), row(2)])
    take_in(home)
    assert drain(home) == []
    record(home, [row(3)])
    (path,) = drain(home)
    assert path.name == "read_edits_e0003.csv"
    ingest_landing(home, quiet)
    assert [one["edit_id"] for one in in_raw(home)] == ["e0001", "e0002", "e0003"]


def test_the_feed_is_never_stale_and_makes_no_other_feed_stale(home: Home) -> None:
    record(home, [row(1)])
    take_in(home)
    assert freshness(home).is_empty(), "a home that has nothing but decisions has no feeds"


def test_a_store_that_was_lost_is_begun_anew_without_losing_or_repeating(home: Home) -> None:
    record(home, [row(1), row(2)])
    take_in(home)
    shutil.rmtree(home.inbox)
    record(home, [row(3), row(4)])
    take_in(home)
    assert [one["edit_id"] for one in in_raw(home)] == ["e0001", "e0002", "e0003", "e0004"]
    assert len(list((home.landing / "operations").glob("*.csv"))) == 2


class KilledError(RuntimeError):
    """The process dies."""


@pytest.mark.parametrize("step", ["_plan", "_content", "_write"])
def test_a_drain_that_dies_is_finished_by_the_next(home: Home, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    record(home, [row(1), row(2)])

    def dies(*_arguments: object) -> None:
        raise KilledError

    monkeypatch.setattr(drains, step, dies)
    with pytest.raises(KilledError):
        drain(home)
    monkeypatch.undo()
    record(home, [row(3)])
    take_in(home)
    assert [one["edit_id"] for one in in_raw(home)] == ["e0001", "e0002", "e0003"]
    assert drain(home) == []


def test_a_file_that_went_astray_comes_again_in_the_same_bytes(home: Home) -> None:
    record(home, [row(1), row(2)])
    take_in(home)
    (path,) = (home.landing / "operations").glob("*.csv")
    before = path.read_bytes()
    path.unlink()
    assert drain(home) == [path]
    assert path.read_bytes() == before
    assert ingest_landing(home, quiet) == [], "the ledger knows it"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.integers(1, 3)),
        st.tuples(st.sampled_from(["drain", "die after planning", "die after writing", "ingest"]), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(STEPS)
def test_however_recording_draining_and_dying_mingle_each_row_comes_once(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory(prefix="meterhouse-operations-") as folder:
        home, number = Home(Path(folder) / "home"), 0
        for step, count in steps:
            if step == "record":
                record(home, [row(number + n) for n in range(1, count + 1)])
                number += count
            elif step == "ingest":
                ingest_landing(home, quiet)
            else:
                _drain_and_perhaps_die(home, step)
        take_in(home)
        assert [one["edit_id"] for one in in_raw(home)] == [f"e{n:04}" for n in range(1, number + 1)]
        assert waiting_count(home) == 0
        assert all(one["changed_at_utc"] > MORNING for one in in_raw(home))


def _drain_and_perhaps_die(home: Home, step: str) -> None:
    written = drain(home)
    if step == "die after planning":
        for path in written:
            path.unlink()
