"""The answer key of the customer systems: what went wrong with files, and how people and devices truly are."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

import polars as pl

from sims.world.society import Society

MISHAPS = pl.Schema(
    {
        "system_code": pl.String,
        "business_date": pl.Date,  # last date of the file
        "file_name": pl.String,
        "mishap_kind": pl.String,
        "detail": pl.String,
        "table_name": pl.String,
        "line_number": pl.Int32,
    }
)
_PEOPLE = (
    "persons", "memberships", "consents", "households", "addresses", "account_names", "equipment", "devices",
    "device_reports", "survey_answers", "moves",
)  # fmt: skip


@dataclass(frozen=True)
class Mishap:
    """One thing that went wrong; a row of `MISHAPS`.

    Attributes:
        system_code: System whose file it is.
        business_date: Last date of the file.
        file_name: Name of the file.
        kind: Kind, as `sims.systems.mishaps` names them.
        detail: What exactly, or what follows.
        table_name: Table of a row, None for files.
        line_number: Line of a row, from 1; None for files.
    """

    system_code: str
    business_date: date
    file_name: str
    kind: str
    detail: str
    table_name: str | None
    line_number: int | None


def write_mishaps(path: Path, labels: Sequence[Mishap]) -> None:
    """Write the labels of a period; no file where nothing went wrong."""
    if labels:
        path.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame([astuple(label) for label in labels], schema=MISHAPS, orient="row").write_parquet(path)


def write_people(folder: Path, society: Society) -> None:
    """Write how people, households, devices and moves truly are up to the world's last date."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PEOPLE:
        frame: pl.DataFrame = getattr(society, name)
        frame.write_parquet(folder / f"{name}.parquet")
    society.world.accounts.write_parquet(folder / "accounts.parquet")
    society.world.premises.write_parquet(folder / "premises.parquet")
    society.world.meters.write_parquet(folder / "meters.parquet")
    society.world.behaviours.write_parquet(folder / "behaviours.parquet")
