"""The folder quarantine/: copies of refused files of reads, and the reasons, readable by the owner of the home alone.

A file of reads may hold what its sender typed into it, so its copy is kept as close as the vault.
"""

import shutil
from pathlib import Path

import polars as pl

from models.tables.raw import QUARANTINED_ROWS
from pipelines import lake
from pipelines.arrivals import Arrival
from pipelines.home import Home
from pipelines.names import stored_name

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


def keep_copy(home: Home, arrival: Arrival) -> None:
    """Copy a file to quarantine/."""
    copy = _place(home, arrival)
    shutil.copy2(arrival.path, copy)
    copy.chmod(_FILE_MODE)


def write_reason(home: Home, arrival: Arrival, reason: str) -> None:
    """Write why a file is refused as a whole."""
    reasons = _reasons(home, arrival)
    pl.DataFrame({"row_number": [0], "reason": [reason]}).write_csv(reasons)
    reasons.chmod(_FILE_MODE)


def write_reasons(home: Home, arrival: Arrival) -> None:
    """Write the reasons for a file's refused rows."""
    reasons = _reasons(home, arrival)
    rows = lake.literal(lake.table_folder(home, QUARANTINED_ROWS)) / f"{arrival.file_id}-*.parquet"
    with lake.connect(home) as con:
        con.execute(
            "copy (select row_number, value_position, reason, row_text from read_parquet($rows) order by all) "
            f"to '{lake.quoted(reasons)}' (header)",
            {"rows": str(rows)},
        )
    reasons.chmod(_FILE_MODE)


def release(home: Home, arrival: Arrival) -> None:
    """Take back what lies in quarantine/ of a file that was refused before."""
    name = _name(arrival)
    for path in (home.quarantine / name, home.quarantine / f"{name}.reasons.csv"):
        path.unlink(missing_ok=True)


def _place(home: Home, arrival: Arrival) -> Path:
    home.quarantine.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    home.quarantine.chmod(_FOLDER_MODE)
    return home.quarantine / _name(arrival)


def _reasons(home: Home, arrival: Arrival) -> Path:
    place = _place(home, arrival)
    return place.with_name(f"{place.name}.reasons.csv")


def _name(arrival: Arrival) -> str:
    return f"{arrival.file_id}_{stored_name(arrival.name)}"
