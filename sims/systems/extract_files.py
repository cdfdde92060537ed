"""The file format of extracts: a header, tables as CSV, and a trailer with the number of rows and a hash."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from models.extracts import Extract

_TABLE_LINES = 2  # TABLE and the names of its columns


@dataclass(frozen=True)
class Header:
    """The first line of an extract.

    Attributes:
        system_code: System that sends it.
        utility_code: Utility that sends it.
        kind: history or daily.
        first_date: First local business date that it covers.
        last_date: Last one.
        sent_at_utc: Time of sending, naive UTC.
    """

    system_code: str
    utility_code: str
    kind: str
    first_date: date
    last_date: date
    sent_at_utc: datetime

    @property
    def line(self) -> str:
        """The line as written."""
        dates = f"{self.first_date},{self.last_date}"
        return (
            f"HEADER,{self.system_code},{self.utility_code},{self.kind},{dates},{self.sent_at_utc:%Y-%m-%dT%H:%M:%SZ}"
        )


@dataclass
class Section:
    """One table of a file.

    Attributes:
        extract: Its contract.
        lines: Its rows as written, without line ends.
    """

    extract: Extract
    lines: list[str]


def section(extract: Extract, rows: pl.DataFrame) -> Section:
    """Rows of a table as they are written.

    Args:
        extract: Contract of the table.
        rows: Valid rows; columns beside those of the contract are left out.
    """
    text = rows.select(list(extract.columns)).write_csv(
        include_header=False, datetime_format="%Y-%m-%dT%H:%M:%SZ", date_format="%Y-%m-%d"
    )
    return Section(extract, text.split("\n")[:-1])


def file_text(header: Header, sections: Sequence[Section]) -> str:
    """A file as text; tables without rows are left out."""
    parts = []
    for one in sections:
        if one.lines:
            parts += [f"TABLE,{one.extract.name}", ",".join(one.extract.columns), *one.lines]
    body = "".join(f"{line}\n" for line in parts)
    count = sum(len(one.lines) for one in sections)
    digest = hashlib.sha256(body.encode("utf-8")).hexdigest()
    return f"{header.line}\n{body}TRAILER,{count},{digest}\n"


def line_numbers(sections: Sequence[Section]) -> Mapping[str, int]:
    """Number of the line, counted from 1, on which the first row of each table stands."""
    numbers, line = {}, 2
    for one in sections:
        if one.lines:
            numbers[one.extract.name] = line + _TABLE_LINES
            line += _TABLE_LINES + len(one.lines)
    return numbers


def write_file(path: Path, text: str, sent_at_utc: datetime) -> None:
    """Write a file; the time of its last change is the time of sending."""
    path.write_bytes(text.encode("utf-8"))
    seconds = sent_at_utc.replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
