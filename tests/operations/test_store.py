"""The operations store keeps what was recorded, in order, whoever else records."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.home import REPOSITORY, Home
from pipelines.operations import store
from tests.operations.recorded import record, row, stored


def test_rows_stand_in_the_order_of_recording(home: Home) -> None:
    record(home, [row(3), row(1)])
    record(home, [row(2)])
    assert [(one["sequence"], one["edit_id"]) for one in stored(home)] == [(1, "e0003"), (2, "e0001"), (3, "e0002")]
    assert stored(home)[1]["recorded_at_utc"] == row(1)["recorded_at_utc"]


def test_all_rows_of_a_command_are_recorded_or_none(home: Home) -> None:
    with pytest.raises(store.StoreError, match="nothing was recorded; try again"):
        record(home, [row(1), row(2), row(1)])
    assert stored(home) == []


@pytest.mark.parametrize("change", ["update read_edits set actor = 'somebody else'", "delete from read_edits"])
def test_what_is_recorded_cannot_be_changed(home: Home, change: str) -> None:
    record(home, [row(1)])
    with pytest.raises(store.StoreError, match="append-only"), store.open_store(home) as con:
        con.execute(sa.text(change))
    assert [one["actor"] for one in stored(home)] == ["jane"]


def test_several_people_record_at_once(home: Home) -> None:
    program = (
        "import sys; from pathlib import Path; from pipelines.home import Home\n"
        "from tests.operations.recorded import record, row\n"
        "for n in range(20): record(Home(Path(sys.argv[1])), [row(int(sys.argv[2]) + n)])"
    )
    people = [
        subprocess.Popen([sys.executable, "-c", program, str(home.root), str(100 * n)], cwd=REPOSITORY)
        for n in range(1, 4)
    ]
    assert [one.wait(timeout=120) for one in people] == [0, 0, 0]
    rows = stored(home)
    assert [one["sequence"] for one in rows] == list(range(1, 61))
    assert {one["edit_id"] for one in rows} == {f"e{100 * n + m:04}" for n in range(1, 4) for m in range(20)}


def test_the_store_is_in_wal_mode_and_for_its_owner_only(home: Home) -> None:
    record(home, [row(1)])
    with store.open_store(home) as con:
        assert con.scalar(sa.text("pragma journal_mode")) == "wal"
    assert (home.inbox.stat().st_mode & 0o777, (home.inbox / "operations.db").stat().st_mode & 0o777) == (0o700, 0o600)


def test_another_database_is_a_url_away(home: Home, tmp_path: Path) -> None:
    home.inbox.mkdir(parents=True)
    other = tmp_path / "elsewhere.db"
    (home.inbox / "operations.yml").write_text(f"database_url: sqlite:///{other}\n")
    record(home, [row(1)])
    assert len(stored(home)) == 1
    assert other.exists()
    assert not (home.inbox / "operations.db").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("database: x", "must hold one line, database_url:"),
        ("", "must hold one line, database_url:"),
        ("[", "holds no address of a database"),
        ("database_url: nonsense", "holds no address of a database"),
        ("database_url: sqlite:////nowhere/at/all.db", "unable to open database file"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(home: Home, text: str, told: str) -> None:
    home.inbox.mkdir(parents=True)
    (home.inbox / "operations.yml").write_text(text)
    with pytest.raises(store.StoreError, match=told) as caught:
        stored(home)
    assert "operations.yml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_store_is_told_in_one_sentence(home: Home) -> None:
    home.inbox.mkdir(parents=True)
    (home.inbox / "operations.db").write_text("not a database at all, but long enough to be looked at as one" * 20)
    with pytest.raises(store.StoreError, match="file is not a database"):
        stored(home)
