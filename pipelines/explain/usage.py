"""Explainers of the usage marts: what a meter or an account used in an interval, on a day, in a month."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from models.explain.calendar import day_bounds, local_time
from models.explain.intervals import (
    MeterInterval,
    ToldInterval,
    expected_intervals,
    told_apart,
    told_together,
)
from models.explain.measures import MEASURES, Measure
from pipelines.explain import keys, usage_sections
from pipelines.explain.evidence import Evidence, EvidenceReader
from pipelines.explain.explainer import Explainer, Question
from pipelines.explain.explanation import Explanation, Recomputation
from pipelines.explain.published import Published
from pipelines.explain.supply import Serving, Supply, of_account, of_meter
from pipelines.months import month_dates

_PUBLISHED_RUNS = """
select usage_date, restatement_id
from fct_daily_usage
where meter_id = $meter_id and usage_date in (select unnest($days))
"""

ENERGY = ("delivered_kwh", "received_kwh")
COUNTS = ("interval_count", "expected_interval_count", "estimated_interval_count")
OF_INTERVALS = (*ENERGY, "avg_kw")
OF_DAYS = (*ENERGY, "peak_kw", "on_peak_kwh", *COUNTS)


@dataclass(frozen=True)
class Usage:
    """What a figure was computed from once more.

    Attributes:
        told: Intervals in which the meter or account is told.
        evidence: Evidence of each meter that counts.
        supply: Which meters count.
        problems: Sentences about intervals that the record has or lacks without reason.
    """

    told: list[ToldInterval]
    evidence: list[Evidence]
    supply: Supply
    problems: list[str]


def _explain(grain: str, published: Published, question: Question) -> Explanation:
    """Explain a cell of a usage mart whose rows are intervals, days or months of meters or accounts."""
    reader = EvidenceReader(published)
    dates = _dates(grain, question.row)
    is_account = "account_id" in question.key
    supply = of_account(published, question.key["account_id"], dates) if is_account else _of_meter(question.row, dates)
    usage = _usage(reader, supply)
    if grain == "interval":
        start = question.key["interval_start_utc"]
        usage = Usage([t for t in usage.told if t.interval_start_utc == start], usage.evidence, supply, usage.problems)
    measure = MEASURES[question.column]
    return Explanation(
        table=question.explainer.table,
        column=question.column,
        keys=question.key,
        value=question.row[question.column],
        unit=measure.unit,
        build=published.rows("select * from meta_build")[0],
        formula=_formula(question.column, measure, usage, is_account=is_account),
        sections=usage_sections.sections(question, grain, usage.told, usage.evidence, supply, reader.files),
        recomputed=_recomputed(question.row[question.column], measure, usage),
        notes=_notes(published, usage.evidence),
    )


def _dates(grain: str, row: Mapping[str, Any]) -> list[date]:
    if grain != "month":
        return [row["usage_date"]]
    first, last = month_dates(row["usage_month"])
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _of_meter(row: Mapping[str, Any], dates: Collection[date]) -> Supply:
    return Supply((Serving(row["meter_id"], frozenset(dates), 1, 0),), of_meter(row))


def _usage(reader: EvidenceReader, supply: Supply) -> Usage:
    """Every interval of the meters that count, told as the account is on each date."""
    meters = reader.meters({serving.meter_id for serving in supply.servings})
    dates: dict[str, set[date]] = defaultdict(set)
    for serving in supply.servings:
        dates[serving.meter_id] |= serving.dates
    evidence, problems = [], []
    days: dict[date, list[MeterInterval]] = defaultdict(list)
    for meter_id, meter in sorted(meters.items()):
        found = reader.read(meter, dates[meter_id])
        intervals, wrong = expected_intervals(found.facts, dates[meter_id])
        evidence.append(found)
        problems += wrong
        for interval in intervals:
            days[interval.slot.usage_date].append(interval)
    told: list[ToldInterval] = []
    for day, intervals in sorted(days.items()):
        told += _told(intervals, [serving for serving in supply.servings if day in serving.dates])
    return Usage(told, evidence, supply, problems)


def _told(intervals: list[MeterInterval], servings: list[Serving]) -> list[ToldInterval]:
    if max(serving.meter_count for serving in servings) == 1:
        return told_apart(intervals)
    return told_together(intervals, servings[0].interval_minutes)


def _formula(column: str, measure: Measure, usage: Usage, *, is_account: bool) -> str:
    whose = "the account's top-level meters" if is_account else "the meter"
    periods: dict[str, list[str]] = defaultdict(list)
    for one in usage.evidence:
        period = _period(one.facts.time_zone, min(one.dates), max(one.dates))
        periods[period].append(one.facts.meter_id)
    dates = "; ".join(f"{', '.join(meters)} {period}" for period, meters in periods.items())
    return f"{column} of {whose} = {measure.formula}. Civil dates: {dates or 'none'}."


def _period(time_zone: str, first: date, last: date) -> str:
    begin, end = day_bounds(time_zone, first)[0], day_bounds(time_zone, last)[1]
    local = " to ".join(f"{local_time(time_zone, instant):%Y-%m-%d %H:%M %Z}" for instant in (begin, end))
    return f"{local} ({begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC)"


def _recomputed(published: Decimal | int | None, measure: Measure, usage: Usage) -> Recomputation:
    parts = [part for told in usage.told for part in told.parts]
    found = [part.channels[c] for part in parts for c in measure.channels if c in part.channels]
    wrong = [one for one in found if one.problem]
    problems = usage.problems + [
        f"{one.value.channel_code} {one.value.interval_start_utc} UTC: {one.problem}" for one in wrong
    ]
    value = measure.of(usage.told)
    basis = f"from {sum(one.value.adjustment_wh is not None for one in found):,} raw values"
    told = "unknown" if value is None else f"{value} {measure.unit}"
    is_equal = value == published
    if any(not one.is_complete for one in wrong):
        count = sum(not one.is_complete for one in wrong)
        sentence = f"{count:,} of {len(found):,} values cannot be recomputed: {problems[0]}"
        return Recomputation(value, None, sentence, problems)
    if problems:
        return Recomputation(value, False, f"{told} {basis}, but not by the recorded way: {problems[0]}", problems)
    outcome = "exactly the published value" if is_equal else f"not the published {published}"
    return Recomputation(value, is_equal, f"{told} {basis}: {outcome}")


def _notes(published: Published, evidence: list[Evidence]) -> list[str]:
    notes = []
    for one in evidence:
        key = {"meter_id": one.facts.meter_id, "days": sorted(one.restatements)}
        built = {row["usage_date"]: row["restatement_id"] for row in published.rows(_PUBLISHED_RUNS, key)}
        later = [day for day, run in one.restatements.items() if run > built.get(day, 0)]
        if later:
            notes.append(
                f"{one.facts.meter_id} has been judged anew on {len(later):,} of these dates since this build; "
                "`meterhouse run` publishes the outcome"
            )
    return notes


USAGE_EXPLAINERS = (
    Explainer(
        "fct_interval_usage",
        {"meter_id": keys.IDENTIFIER, "interval_start_utc": keys.INSTANT},
        OF_INTERVALS,
        partial(_explain, "interval"),
    ),
    Explainer(
        "fct_daily_usage", {"meter_id": keys.IDENTIFIER, "usage_date": keys.DATE}, OF_DAYS, partial(_explain, "day")
    ),
    Explainer(
        "fct_monthly_usage",
        {"meter_id": keys.IDENTIFIER, "usage_month": keys.MONTH},
        OF_DAYS,
        partial(_explain, "month"),
    ),
    Explainer(
        "fct_account_interval_usage",
        {"account_id": keys.IDENTIFIER, "interval_start_utc": keys.INSTANT},
        OF_INTERVALS,
        partial(_explain, "interval"),
    ),
    Explainer(
        "fct_account_daily_usage",
        {"account_id": keys.IDENTIFIER, "usage_date": keys.DATE},
        OF_DAYS,
        partial(_explain, "day"),
    ),
    Explainer(
        "fct_account_monthly_usage",
        {"account_id": keys.IDENTIFIER, "usage_month": keys.MONTH},
        OF_DAYS,
        partial(_explain, "month"),
    ),
)
"""A further usage mart by meter or account is one more line here; a further measure one more of `MEASURES`."""
