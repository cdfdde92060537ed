"""Brings the vee layer up to date: judges the meter-days that a change of inputs concerns, month by month.

The layer is a pure function of its inputs. What changed since it was last told of them gives windows of work; a day
that is judged anew and differs is restated, and lets the later days that may rest on it be judged as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import polars as pl

from models.tables.raw import FILES
from models.tables.vee import EDITED_INTERVAL_READS, RULES
from models.vee.settings import VeeSettings
from pipelines import lake
from pipelines.home import Home
from pipelines.months import month_dates, month_of, months_between
from pipelines.vee import windows
from pipelines.vee.inputs import Inputs
from pipelines.vee.journal import Journal, recover
from pipelines.vee.judge import MONTH_TABLES, Judgement, judge
from pipelines.vee.progress import Progress
from pipelines.vee.segments import merge, segments, to_merge


@dataclass(frozen=True)
class MonthResult:
    """What validating one month gave.

    Attributes:
        month: Local month, YYYY-MM.
        row_counts: Rows judged, by table of the vee layer.
        judged_count: Meter-days that were looked at.
        restated_count: Meter-days of which a value, quality, method or verdict changed.
    """

    month: str
    row_counts: dict[str, int]
    judged_count: int
    restated_count: int


def stale_months(home: Home, settings: VeeSettings) -> list[str]:
    """Local months in which something may have to be judged again, in order."""
    lake.prepare(home)
    now = Inputs.now(home, settings)
    work = _work(home, settings, Progress.read(home), Inputs.before(home, now), now)
    newest = _newest(now)
    reach = timedelta(days=settings.like_day_lookback_days)
    months = set(windows.months_of(work))
    for last in work["last_date"].unique():
        months.update(months_between(last, min(last + reach, max(newest, last))))
    return sorted(months)


def validate_months(
    home: Home, settings: VeeSettings, months: list[str], report: Callable[[str], None]
) -> list[MonthResult]:
    """Judge what has to be judged in the months given, oldest first.

    Args:
        home: Home folder; its raw and entities layers are read, its vee layer is written.
        settings: Thresholds.
        months: Local months, YYYY-MM; work in others stays pending.
        report: Receives a line per month.

    Returns:
        A result per month that was worked on.
    """
    recover(home)
    now = Inputs.now(home, settings)
    before = Inputs.before(home, now)
    earlier = Progress.read(home)
    work = _work(home, settings, earlier, before, now)
    if work.is_empty() and now.equals(before):
        return []
    known_now: datetime = lake.read_frame(home, FILES)["received_at_utc"].max()  # type: ignore[assignment]
    progress = replace(earlier, pending=work, restatement_id=earlier.restatement_id + 1)
    journal = Journal(home)
    now.stage(home, journal)
    progress.stage(home, journal)
    journal.commit()
    judgement = Judgement(home, settings, progress.restatement_id, earlier.known_until, known_now)
    lives = windows.lives_of(now)
    results = []
    for month in sorted(set(months)):
        first, last = month_dates(month)
        piece = _to_month_end(windows.union(windows.cut(progress.pending, first, last)), lives, last)
        if piece.is_empty():
            continue
        journal = Journal(home)
        outcome = judge(judgement, month, piece, journal)
        resting = _resting_on(outcome.restated, settings, last, lives)
        progress = replace(progress, pending=pl.concat([windows.outside(progress.pending, first, last), resting]))
        progress.stage(home, journal)
        journal.commit()
        results.append(MonthResult(month, outcome.row_counts, outcome.judged_count, outcome.restated.height))
        reads = outcome.row_counts[EDITED_INTERVAL_READS.name]
        report(f"vee {month}: {reads:,} interval reads judged, {outcome.restated.height:,} meter-days restated")
    if progress.pending.is_empty():
        journal = Journal(home)
        replace(progress, known_until=known_now).stage(home, journal)
        journal.commit()
    _merge_settled(home, [result.month for result in results], _newest(now), progress.restatement_id)
    return results


def write_rules(home: Home, settings: VeeSettings) -> None:
    """Write the rules in force as `vee.rules`."""
    rows = [
        {
            "rule_code": rule.rule_code,
            "rule_name": rule.rule_name,
            "severity_code": rule.severity_code,
            "action_code": rule.action_code,
            "rule_description": rule.description,
        }
        for rule in settings.rules
    ]
    frame = pl.DataFrame(rows, schema=RULES.empty().schema)
    lake.write_frame(frame, RULES, lake.table_folder(home, RULES) / "part-0.parquet")


def _work(home: Home, settings: VeeSettings, progress: Progress, before: Inputs, now: Inputs) -> pl.DataFrame:
    return pl.concat([progress.pending, windows.of_changes(home, settings, before, now)])


def _newest(now: Inputs) -> date:
    newest: date | None = now.channels["last_usage_date"].max()  # type: ignore[assignment]
    return newest or date.min


def _to_month_end(piece: pl.DataFrame, lives: pl.DataFrame, month_end: date) -> pl.DataFrame:
    """Windows that reach as far into the month as their meters live: later days may rest on earlier ones."""
    joined = piece.join(lives.select("meter_id", life_end="last_date"), on="meter_id", how="left")
    until = pl.max_horizontal("last_date", pl.min_horizontal("life_end", pl.lit(month_end)))
    return joined.select("meter_id", "first_date", until.alias("last_date"))


def _resting_on(restated: pl.DataFrame, settings: VeeSettings, month_end: date, lives: pl.DataFrame) -> pl.DataFrame:
    """Windows of later months that may rest on restated days."""
    reach = pl.col("usage_date").max() + timedelta(days=settings.like_day_lookback_days)
    later = restated.group_by("meter_id").agg(last_date=reach).filter(pl.col("last_date") > month_end)
    spans = later.select("meter_id", pl.lit(month_end + windows.REACH).alias("first_date"), "last_date")
    return windows.within(spans, lives)


def _merge_settled(home: Home, months: list[str], newest: date, version: int) -> None:
    """Put the settled segments together, of months just judged and of those before them."""
    before = {month_of(month_dates(month)[0] - timedelta(days=1)) for month in months}
    for month in sorted({*months, *before}):
        parts = to_merge(segments(home, EDITED_INTERVAL_READS, month), newest)
        if parts:
            with lake.connect(home) as con:
                merge(con, home, MONTH_TABLES, parts, version)
