"""Ways to take a file in that the tests share."""

from pathlib import Path

import polars as pl

from models.tables.raw import FILES, QUARANTINED_ROWS
from pipelines import lake
from pipelines.home import Home
from pipelines.ingest import ingest_landing
from pipelines.load import FileOutcome
from tests.extracts.written import Written


def sent(home: Home, file: Written | str | bytes, name: str = "", feed: str = "") -> FileOutcome:
    """Lay a file below landing/ and load it; what became of it."""
    if isinstance(file, Written):
        file.write(home.landing / (feed or file.system.lower()), name)
    else:
        path = home.landing / (feed or "css") / (name or "sent.csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.encode() if isinstance(file, str) else file)
    (outcome,) = ingest_landing(home, lambda _: None)
    return outcome


def refusals(home: Home) -> list[tuple[int, str, str | None]]:
    """Line, reason and text of every refused row."""
    rows = lake.read_frame(home, QUARANTINED_ROWS).sort("row_number")
    return rows.select("row_number", "reason", "row_text").rows()


def files(home: Home) -> pl.DataFrame:
    """The ledger."""
    return lake.read_frame(home, FILES)


def everything_below(root: Path) -> list[Path]:
    """Every regular file below a folder."""
    return [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
