"""Sends a file to an empty home and looks at everything that became of it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.tables.raw import (
    AUXILIARY_READS,
    FILES,
    INTERVAL_READS,
    METER_EVENTS,
    QUARANTINED_ROWS,
    REGISTER_READS,
)
from pipelines import lake
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.load import FileOutcome

_LOADED = (INTERVAL_READS, AUXILIARY_READS, REGISTER_READS, METER_EVENTS)


@dataclass(frozen=True)
class Received:
    """What became of one file.

    Attributes:
        outcome: What ingest says.
        ledger: Its row in `raw.files`.
        reads: Its interval reads.
        refused: Its quarantined rows.
    """

    outcome: FileOutcome
    ledger: dict[str, Any]
    reads: pl.DataFrame
    refused: pl.DataFrame


Send = Callable[..., Received]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that holds nothing."""
    empty = Home(tmp_path_factory.mktemp("prepared"))
    lake.prepare(empty)
    return empty


@pytest.fixture
def send(home: Home, prepared: Home, tmp_path: Path) -> Send:
    """Ingest bytes as a file of some name into the fresh home, and hold its account against the tables."""
    shutil.copytree(prepared.root, home.root)

    def send_file(data: bytes | str, name: str = "sent.dat", **settings: Any) -> Received:
        path = tmp_path / "sent" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        said: list[str] = []
        (outcome,) = ingest(home, [path], "manual", FeedSettings(**settings), said.append)
        assert said[0] == outcome.message
        assert len(said) == 1 + len(outcome.findings)
        assert all(line.isprintable() for line in said), said
        return received(home, outcome)

    return send_file


def received(home: Home, outcome: FileOutcome) -> Received:
    """The account of the only file of a home; nothing of it is lost, and nothing is there without its row."""
    frames = {}
    with lake.connect(home) as con:
        for table in (FILES, *_LOADED, QUARANTINED_ROWS):
            lake.create_view(con, home, table, "rows_")
            frames[table] = table.schema.cast(con.sql("select * from rows_").pl())
    (ledger,) = frames[FILES].to_dicts()
    loaded, refused = [frames[table] for table in _LOADED], frames[QUARANTINED_ROWS]
    assert outcome.status_code == ledger["status_code"]
    assert ledger["loaded_count"] == sum(frame.height for frame in loaded)
    if ledger["sent_count"] is None:
        assert ledger["reason"]
        assert (ledger["loaded_count"], ledger["quarantined_count"], refused.height) == (0, None, 0)
    else:
        assert ledger["quarantined_count"] == refused.height
        assert ledger["sent_count"] == ledger["loaded_count"] + ledger["quarantined_count"]
    copies = sorted(path.name for path in home.quarantine.iterdir()) if home.quarantine.exists() else []
    assert len(copies) == (0 if ledger["status_code"] == "loaded" else 2), copies
    return Received(outcome, ledger, frames[INTERVAL_READS], refused)
