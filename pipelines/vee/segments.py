"""Files of the vee layer: a segment holds some consecutive days of a month for all meters, sorted by meter.

A day's load adds a segment of its own; a change of earlier days replaces the segment that holds them by a new file.
Settled segments of a month are put together, so that one meter's history lies within few row groups.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from models.tables import Table
from pipelines import lake
from pipelines.home import Home
from pipelines.months import month_of
from pipelines.vee.journal import Journal

NAME = re.compile(r"(\d\d)-(\d\d)\.(\d+)")
SETTLED_AFTER = timedelta(days=7)
MOST_DAILY = 7
"""Settled days of a month that may lie in files of their own."""


@dataclass(frozen=True)
class Segment:
    """Consecutive days of a month.

    Attributes:
        first_date: First local date.
        last_date: Last one, of the same month.
    """

    first_date: date
    last_date: date

    @property
    def month(self) -> str:
        """Month, YYYY-MM."""
        return month_of(self.first_date)

    @property
    def condition(self) -> str:
        """SQL condition on `usage_date`."""
        return f"usage_date between date '{self.first_date}' and date '{self.last_date}'"

    def path(self, home: Home, table: Table, version: int) -> Path:
        """File of a version of the segment."""
        name = f"{self.first_date:%d}-{self.last_date:%d}.{version:08d}.parquet"
        return lake.partition_folder(home, table, self.month) / name

    def files(self, home: Home, table: Table) -> list[Path]:
        """The present file, if the table has rows in the segment."""
        pattern = f"{self.first_date:%d}-{self.last_date:%d}.*.parquet"
        return sorted(lake.partition_folder(home, table, self.month).glob(pattern))


def segments(home: Home, table: Table, month: str) -> list[Segment]:
    """Segments of a month, in order; they do not overlap."""
    first = date.fromisoformat(f"{month}-01")
    found = {NAME.match(path.name) for path in lake.partition_folder(home, table, month).glob("*.parquet")}
    spans = {(int(name[1]), int(name[2])) for name in found if name}
    return [Segment(first.replace(day=begin), first.replace(day=end)) for begin, end in sorted(spans)]


def uncovered(dates: Iterable[date], covered: Iterable[Segment]) -> list[Segment]:
    """Runs of consecutive dates of a month that no segment holds."""
    held = list(covered)
    runs: list[Segment] = []
    for day in sorted(dates):
        if any(segment.first_date <= day <= segment.last_date for segment in held):
            continue
        if runs and runs[-1].last_date + timedelta(days=1) == day:
            runs[-1] = Segment(runs[-1].first_date, day)
        else:
            runs.append(Segment(day, day))
    return runs


def to_merge(present: list[Segment], newest: date) -> list[Segment]:
    """Segments of a month that should become one.

    Args:
        present: Segments of the month, in order.
        newest: Newest local date in the home.

    Returns:
        All of them once the month is settled; else its settled days, when there are many. Empty where nothing is to be
        gained.
    """
    if len(present) < 2:
        return []
    month_end = (present[0].first_date.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if month_end + SETTLED_AFTER <= newest:
        return present
    daily = [s for s in present if s.first_date == s.last_date and s.last_date + SETTLED_AFTER <= newest]
    return daily if len(daily) >= MOST_DAILY and _is_consecutive(daily, present) else []


def merge(
    con: duckdb.DuckDBPyConnection, home: Home, tables: Iterable[Table], parts: list[Segment], version: int
) -> None:
    """Put segments together into one, for each of the tables."""
    journal = Journal(home)
    whole = Segment(parts[0].first_date, parts[-1].last_date)
    for table in tables:
        files = [path for part in parts for path in part.files(home, table)]
        if not files:
            continue
        listed = ", ".join(f"'{lake.quoted(path)}'" for path in files)
        query = f"from read_parquet([{listed}], hive_partitioning = false) order by {', '.join(table.primary_key)}"
        lake.write_query(con, query, table, journal.stage(whole.path(home, table, version)))
        journal.remove(files)
    journal.commit()


def _is_consecutive(some: list[Segment], present: list[Segment]) -> bool:
    """True where no other segment lies between."""
    return not any(some[0].first_date < s.first_date < some[-1].last_date for s in present if s not in some)
