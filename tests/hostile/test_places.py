"""Files in strange places: with strange names, gone or locked when they are opened, or no files at all."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.tables.raw import FILES, QUARANTINED_ROWS
from pipelines import ingest as ingesting
from pipelines import lake
from pipelines.arrivals import Arrival
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest, ingest_landing
from pipelines.ledger import Ledger, sha256_of
from pipelines.load import FileOutcome
from tests.hostile.conftest import Send
from tests.hostile.seeds import long_csv

LONG = long_csv()
BROKEN = LONG.replace("0.003", "three")

NAMES: dict[str, str | bytes] = {
    "250 bytes": "n" * 246 + ".csv",
    "250 bytes of umlauts": "ü" * 123 + ".csv",
    "a suffix of 250 bytes": "a." + "c" * 248,
    "line ends": "a\nb\r\nc.csv",
    "an escape sequence": "\x1b[31mred\x1b[0m.csv",
    "a text written backward": "\u202ecsv.exe",
    "no UTF-8": b"r\xff\xe9ads.csv",
    "dashes": "--help",
    "an option": "-rf.csv",
    "quotation marks": 'it\'s a "file".csv',
    "SQL": "'; drop table files; --.csv",
    "a wild card": "*[a-z]?.csv",
    "braces": "{0}{name}$HOME`id`%s.csv",
    "backslashes": "..\\..\\up.csv",
    "spaces": "  .csv  ",
    "dots": "...csv",
    "hidden": ".reads.csv",
    "the settings of a feed": "feed.yml",
    "another script": "読み取り-🔌.csv",
    "a device": "con.csv",
    "no name but an ending": ".csv",
    "an ending of a copy": "reads.csv.reasons.csv",
}


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_file_will_do(send: Send, home: Home, name: str) -> None:
    found = send(BROKEN, os.fsdecode(NAMES[name]))
    assert found.outcome.status_code == "loaded_in_part"
    assert found.ledger["file_name"].startswith("manual/")
    assert found.ledger["file_name"].isprintable()
    (landed,) = [path for path in (home.landing / "manual").rglob("*") if path.is_file()]
    assert landed.read_text() == BROKEN
    assert ingest_landing(home, print) == []


def test_what_is_no_file_is_told_before_anything_is_loaded(home: Home, tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(LONG)
    for name in ("empty", "loop", "pipe", "gone"):
        (tmp_path / name).mkdir()
    (tmp_path / "loop" / "a").symlink_to(tmp_path / "loop" / "b")
    (tmp_path / "loop" / "b").symlink_to(tmp_path / "loop" / "a")
    os.mkfifo(tmp_path / "pipe" / "p")
    cases = {
        tmp_path / "empty": "holds no file",
        tmp_path / "loop" / "a": "does not exist",
        tmp_path / "loop": "holds no file",
        tmp_path / "pipe" / "p": "is no regular file",
        tmp_path / "pipe": "holds no file",
        tmp_path / "gone" / "x.csv": "does not exist",
        Path("/dev/zero"): "is no regular file",
        tmp_path / "gone" / "*.csv": "no file matches",
    }
    for path, words in cases.items():
        with pytest.raises(FileNotFoundError, match=words):
            ingest(home, [good, path], "manual", FeedSettings(), print)
    assert lake.read_frame(home, FILES).is_empty()


def test_a_folder_that_links_to_itself_is_walked_once(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "good.csv").write_text(LONG)
    (folder / "again").symlink_to(folder)
    os.mkfifo(folder / "pipe.csv")
    outcomes = ingest(home, [folder], "manual", FeedSettings(), print)
    assert [outcome.status_code for outcome in outcomes] == ["loaded"]


def gone(path: Path) -> None:
    path.unlink()


def grown(path: Path) -> None:
    path.write_text(path.read_text() + LONG.split("\n")[1] + "\n")


def locked(path: Path) -> None:
    raise PermissionError(13, "Permission denied", str(path))


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "gone": (gone, "it cannot be opened (No such file or directory), so nothing of it is loaded"),
    "grown": (grown, "it cannot be opened (it is still being written), so nothing of it is loaded"),
    "locked": (locked, "it cannot be opened (Permission denied), so nothing of it is loaded"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_changes_under_our_hands_is_refused_and_the_others_are_loaded(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    change, words = CHANGES[name]
    odd, good = tmp_path / "a.csv", tmp_path / "b.csv"
    odd.write_text(BROKEN)
    good.write_text(LONG)

    def hashed(path: Path) -> str:
        digest = sha256_of(path)
        if path == odd:
            change(path)
        return digest

    monkeypatch.setattr(ingesting, "sha256_of", hashed)
    outcomes = ingest(home, [odd, good], "manual", FeedSettings(), print)
    assert [outcome.status_code for outcome in outcomes] == ["refused", "loaded"]
    assert words in outcomes[0].message
    assert lake.read_frame(home, FILES)["file_name"].to_list() == ["manual/b.csv"]
    assert lake.read_frame(home, QUARANTINED_ROWS).is_empty()
    assert [path.name for path in (home.landing / "manual").iterdir()] == ["b.csv"]


def test_a_file_that_goes_from_landing_during_a_sweep_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home.landing / "meters"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text(BROKEN)
    (folder / "b.csv").write_text(LONG)
    take = ingesting.take

    def take_late(home: Home, ledger: Ledger, arrival: Arrival, settings: FeedSettings) -> Iterator[FileOutcome]:
        if arrival.path.name == "a.csv":
            arrival.path.unlink()
        return take(home, ledger, arrival, settings)

    monkeypatch.setattr(ingesting, "take", take_late)
    outcomes = ingest_landing(home, print)
    assert [outcome.status_code for outcome in outcomes] == ["refused", "loaded"]
    assert lake.read_frame(home, FILES)["file_name"].to_list() == ["meters/b.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is locked for root")
def test_a_file_without_permission_is_refused(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(LONG)
    path.chmod(0)
    (outcome,) = ingest(home, [path], "manual", FeedSettings(), print)
    assert (outcome.status_code, outcome.loaded_count) == ("refused", 0)
