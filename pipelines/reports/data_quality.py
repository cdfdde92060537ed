"""The data-quality report: how whole and how trustworthy the published reads of some dates are.

Everything in it comes from marts, so its cost follows meters and days, not reads. It names meters, files and feeds,
never a person or an address. Equal marts give equal bytes.
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.home import Home
from pipelines.query import open_marts
from pipelines.reports import queries

PERIOD_DAYS = 30
"""Days of a report whose dates are not given."""

Row = dict[str, Any]


class ReportError(RuntimeError):
    """There is nothing to report on; the message says why and what to do."""


@dataclass(frozen=True)
class Period:
    """Local dates, both included.

    Attributes:
        first: Oldest date.
        last: Newest date.
    """

    first: date
    last: date

    @property
    def day_count(self) -> int:
        """Dates in the period."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The equally long period that ends the day before."""
        return Period(self.first - timedelta(days=self.day_count), self.first - timedelta(days=1))


@dataclass(frozen=True)
class DataQuality:
    """Everything that the report shows, rows as the queries of `pipelines.reports.queries` give them.

    Attributes:
        period: Dates of which the report tells.
        build: Build of the marts.
        totals: Sums over the period.
        totals_before: The same over the equally long period before.
        days: A row per date with expected reads.
        rules: A row per rule that failed, `failed_count_before` included.
        rule_days: A row per failed rule and date.
        groups: A row per customer class and climate zone, with `methods`, counts by method.
        worst_meters: Meters with most estimated and unknown intervals, with `command`, which explains their worst day.
        prolonged: Meters that were estimated for several days on end.
        late_files: A row per feed.
        restated: A row per restated date.
        freshness: A row per feed.
        quarantined: Files that were refused whole or in part.
        agreement: Intervals by own verdict and that of the system that sent the reads.
    """

    period: Period
    build: Row
    totals: Row
    totals_before: Row
    days: list[Row]
    rules: list[Row]
    rule_days: list[Row]
    groups: list[Row]
    worst_meters: list[Row]
    prolonged: list[Row]
    late_files: list[Row]
    restated: list[Row]
    freshness: list[Row]
    quarantined: list[Row]
    agreement: dict[tuple[str, str], int]


def read(home: Home, first: date | None = None, last: date | None = None) -> DataQuality:
    """Ask the published marts.

    Args:
        home: Home folder.
        first: Oldest local date; None for the 30 days that end with `last`.
        last: Newest local date; None for the latest one with reads.

    Raises:
        QueryError: Nothing is published.
        ReportError: No reads are published for these dates.
    """
    with open_marts(home) as con:
        build = _rows(con, queries.BUILD, {})[0]
        earliest, latest = build["first_usage_date"], build["last_usage_date"]
        if latest is None:
            raise ReportError(
                f"{home.root} has published no reads to report on; load some with `meterhouse ingest PATH`"
            )
        end = last or latest
        period = Period(first or end - timedelta(days=PERIOD_DAYS - 1), end)
        dates = {"first": period.first, "last": period.last}
        days = _rows(con, queries.DAYS, dates)
        if not days:
            raise ReportError(
                f"no reads are published from {period.first} to {period.last}; choose dates from {earliest} to {latest}"
            )
        before = {"first": period.before.first, "last": period.before.last}
        failed_before = {
            row["rule_code"]: row["error_count"] + row["warning_count"] for row in _rows(con, queries.RULES, before)
        }
        return DataQuality(
            period=period,
            build=build,
            totals=_rows(con, queries.TOTALS, dates)[0],
            totals_before=_rows(con, queries.TOTALS, before)[0],
            days=days,
            rules=[
                row | {"failed_count_before": failed_before.get(row["rule_code"], 0)}
                for row in _rows(con, queries.RULES, dates)
            ],
            rule_days=_rows(con, queries.RULE_DAYS, dates),
            groups=_groups(con, dates),
            worst_meters=[row | {"command": _command(row)} for row in _rows(con, queries.WORST_METERS, dates)],
            prolonged=_rows(con, queries.PROLONGED, dates),
            late_files=_rows(con, queries.LATE_FILES, dates),
            restated=_rows(con, queries.RESTATED, dates),
            freshness=_rows(con, queries.FRESHNESS, {}),
            quarantined=_rows(con, queries.QUARANTINED, dates),
            agreement={
                (row["own_verdict"], row["mdms_verdict"]): row["interval_count"]
                for row in _rows(con, queries.AGREEMENT, dates)
            },
        )


def write(home: Home, first: date | None = None, last: date | None = None, out: Path | None = None) -> Path:
    """Write the report as one HTML file that needs nothing else.

    Args:
        home: Home folder.
        first: Oldest local date; None for the 30 days that end with `last`.
        last: Newest local date; None for the latest one with reads.
        out: File to write. None for reports/data_quality/<date>.html, with dates of its own <first>_<last>.html; the
            report of the latest date is kept as latest.html as well.

    Returns:
        The file.

    Raises:
        QueryError: Nothing is published.
        ReportError: No reads are published for these dates.
    """
    from pipelines.reports.page import render

    quality = read(home, first, last)
    text = render(quality)
    if out is not None:
        _put(out, text)
        return out
    if first is None and last is None:
        _put(home.latest_report, text)
        name = f"{quality.period.last}.html"
    else:
        name = f"{quality.period.first}_{quality.period.last}.html"
    target = home.reports / "data_quality" / name
    _put(target, text)
    return target


def _groups(con: duckdb.DuckDBPyConnection, dates: Mapping[str, object]) -> list[Row]:
    groups = [row | {"methods": {}} for row in _rows(con, queries.GROUPS, dates)]
    by_key = {(row["customer_class"], row["climate_zone"]): row["methods"] for row in groups}
    for row in _rows(con, queries.METHODS, dates):
        by_key[row["customer_class"], row["climate_zone"]][row["estimate_method"]] = row["interval_count"]
    return groups


def _command(row: Row) -> str:
    return f"meterhouse explain fct_daily_usage {shlex.quote(row['meter_id'])} {row['worst_date']} delivered_kwh"


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> list[Row]:
    found = con.execute(sql, parameters)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _put(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
