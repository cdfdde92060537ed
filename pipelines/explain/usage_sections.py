"""The evidence of a usage figure as tables: meters, days, intervals, reads, rules, estimates, versions, files."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.explain.calendar import day_bounds, local_time
from models.explain.estimates import rests_on_like_days
from models.explain.facts import FinalValue, NotRecomputableError, RawRead
from models.explain.intervals import MeterInterval, ToldInterval
from models.explain.measures import MEASURES, kwh
from models.explain.values import Recomputed
from pipelines.explain.evidence import Evidence, LandingFile
from pipelines.explain.explainer import Question
from pipelines.explain.explanation import Section
from pipelines.explain.supply import Supply

MOST_SHOWN = 200
"""Rows that people are shown; above this they see days and the command that shows one of them."""

Row = dict[str, Any]
Rows = list[Row]
STANDS = "stands"


def sections(
    question: Question,
    grain: str,
    told: list[ToldInterval],
    evidence: list[Evidence],
    supply: Supply,
    files: Mapping[str, LandingFile],
) -> list[Section]:
    """Tables of evidence in the order in which they are read.

    Args:
        question: What is explained.
        grain: interval, day or month.
        told: Intervals in which the meter or account is told.
        evidence: Evidence of each meter that counts.
        supply: Which meters count.
        files: Landing files by id.
    """
    channels = MEASURES[question.column].channels
    parts = [part for interval in told for part in interval.parts]
    by_meter = {one.facts.meter_id: one for one in evidence}
    found = [Found(by_meter[p.meter_id], p, p.channels[c]) for p in parts for c in channels if c in p.channels]
    starts = {(part.meter_id, part.slot.interval_start_utc) for part in parts}
    reads = [
        (one, read)
        for one in evidence
        for read in _reads(one, channels)
        if grain != "interval" or (one.facts.meter_id, read.interval_start_utc) in starts
    ]
    made = [
        Section("meters", "Meters", list(supply.rows)),
        _told(question, told),
        _intervals(question, found),
        _raw_reads(reads, starts, files),
        _failed_rules(evidence, channels),
        _estimates(found),
        _reference_days(found),
        _register_readings(found, files),
        _versions(evidence, channels, starts),
        _files(reads, files),
    ]
    return [section for section in made if section.rows]


def _told(question: Question, told: list[ToldInterval]) -> Section:
    """Intervals in which several meters are added up; of a peak those that reach it."""
    rows = [
        {
            "interval_start_utc": interval.interval_start_utc,
            "interval_minutes": interval.interval_minutes,
            "delivered_wh": interval.wh("delivered"),
            "received_wh": interval.wh("received"),
            "avg_kw": MEASURES["avg_kw"].of([interval]),
            "is_known": interval.is_known,
            "meters": ", ".join(sorted({part.meter_id for part in interval.parts})),
        }
        for interval in told
    ]
    if question.column == "peak_kw":
        peak = question.row["peak_kw"]
        reached = [row for row in rows if peak is not None and row["avg_kw"] == peak]
        return Section("told_intervals", "Intervals that reach the peak", rows, reached)
    is_together = len({part.meter_id for interval in told for part in interval.parts}) > 1
    return Section("told_intervals", "Meters together", rows, rows if is_together and len(rows) <= MOST_SHOWN else [])


@dataclass(frozen=True)
class Found:
    """One recomputed value with the meter's evidence and the interval that it belongs to."""

    evidence: Evidence
    part: MeterInterval
    recomputed: Recomputed

    @property
    def value(self) -> FinalValue:
        """What is recorded."""
        return self.recomputed.value

    @property
    def read(self) -> RawRead | None:
        """The raw value that stands, None where none came or the record names no single one."""
        try:
            return self.evidence.facts.standing(self.value.channel_code, self.value.interval_start_utc)
        except NotRecomputableError:
            return None

    @property
    def start_local(self) -> datetime:
        """Start on the meter's wall clock."""
        return local_time(self.evidence.facts.time_zone, self.value.interval_start_utc)

    @property
    def key(self) -> Row:
        """Meter, channel and start."""
        return {
            "meter_id": self.part.meter_id,
            "channel_code": self.value.channel_code,
            "interval_start_utc": self.value.interval_start_utc,
        }

    @property
    def shown_key(self) -> Row:
        """The same with the wall clock, for people."""
        return {
            "meter_id": self.part.meter_id,
            "channel_code": self.value.channel_code,
            "start": f"{self.start_local:%Y-%m-%d %H:%M %Z}",
        }


def _intervals(question: Question, found: list[Found]) -> Section:
    rows = [
        one.key
        | {
            "interval_start_local": one.start_local,
            "usage_date": one.value.usage_date,
            "interval_minutes": one.value.interval_minutes,
            **_judged(one),
            **_reported(one.read),
            "known_at_utc": one.value.known_at_utc,
            "recomputed_wh": one.recomputed.wh,
            "how": one.recomputed.how,
            "problem": one.recomputed.problem,
        }
        for one in found
    ]
    if len(found) > MOST_SHOWN:
        note = "Each day shows its intervals and reads with the command beside it."
        return Section("intervals", "Days", rows, _days(question, found), note)
    return Section(
        "intervals", "Intervals", rows, [one.shown_key | _judged(one) | _reported(one.read) for one in found]
    )


def _judged(one: Found) -> Row:
    return {
        "final_wh": one.value.final_wh,
        "quality_code": one.value.quality_code,
        "method_code": one.value.method_code,
        "adjustment_wh": one.value.adjustment_wh,
    }


def _reported(read: RawRead | None) -> Row:
    names = (
        "reported_wh", "reported_text", "source_quality_code", "file_id", "row_number", "value_position", "source_label"
    )  # fmt: skip
    return {name: getattr(read, name, None) for name in names}


def _days(question: Question, found: list[Found]) -> Rows:
    days: dict[tuple[str, str, date], list[Found]] = defaultdict(list)
    for one in found:
        days[one.part.meter_id, one.value.channel_code, one.value.usage_date].append(one)
    return [
        {
            "meter_id": meter_id,
            "channel_code": channel,
            "usage_date": day,
            "final_kwh": _known_kwh(one.value.final_wh for one in group),
            "intervals": len(group),
            "estimated": sum(one.value.method_code is not None for one in group),
            "unknown": sum(one.value.final_wh is None for one in group),
            "shown by": shlex.join(["meterhouse", "explain", "fct_daily_usage", meter_id, f"{day}", question.column]),
        }
        for (meter_id, channel, day), group in days.items()
    ]


def _reads(one: Evidence, channels: Iterable[str]) -> list[RawRead]:
    """Raw values of the dates that were asked for, in order of time."""
    bounds = [day_bounds(one.facts.time_zone, day) for day in one.dates]
    reads = [
        read
        for (channel, start), group in one.facts.reads.items()
        if channel in channels and any(first <= start < end for first, end in bounds)
        for read in group
    ]
    return sorted(reads, key=lambda read: (read.interval_start_utc, read.channel_code, *read.place))


def _raw_reads(
    reads: list[tuple[Evidence, RawRead]], starts: set[tuple[str, datetime]], files: Mapping[str, LandingFile]
) -> Section:
    rows = [
        {
            "file_id": read.file_id,
            "row_number": read.row_number,
            "value_position": read.value_position,
            "meter_id": read.meter_id,
            "channel_code": read.channel_code,
            "interval_start_utc": read.interval_start_utc,
            "interval_minutes": read.interval_minutes,
            "reported_wh": read.reported_wh,
            "reported_text": read.reported_text,
            "source_label": read.source_label,
            "source_quality_code": read.source_quality_code,
            "received_at_utc": files[read.file_id].received_at_utc,
            "use": _use(one, read, starts),
        }
        for one, read in reads
    ]
    shown = [row for row in rows if row["use"] != STANDS]
    title = "Values that were outranked or not used" if shown else ""
    return Section("raw_reads", title, rows, shown)


def _use(one: Evidence, read: RawRead, starts: set[tuple[str, datetime]]) -> str:
    if row := one.superseded.get(read.place):
        kind = "repeats" if row["is_identical"] else "outranked by"
        return f"{kind} {row['standing_file_id']} row {row['standing_row_number']}"
    return STANDS if (read.meter_id, read.interval_start_utc) in starts else "begins on no interval that is expected"


def _failed_rules(evidence: list[Evidence], channels: Iterable[str]) -> Section:
    names = (
        "meter_id", "channel_code", "usage_date", "rule_code", "rule_name", "severity_code", "action_code",
        "failed_count", "estimated_count",
    )  # fmt: skip
    rows = [
        {name: row[name] for name in names}
        for one in evidence
        for row in one.failures
        if row["channel_code"] in channels
    ]
    return Section("failed_rules", "Failed rules of the dates", rows)


def _estimates(found: list[Found]) -> Section:
    told = [one for one in found if one.value.quality_code != "A"]
    judged = ("final_wh", "quality_code", "method_code")
    rows, shown = (
        [
            (one.shown_key if is_shown else one.key)
            | {name: getattr(one.value, name) for name in judged}
            | {"how": one.recomputed.how, "reason": one.recomputed.reason}
            for one in told
        ]
        for is_shown in (False, True)
    )
    if len(told) > MOST_SHOWN:
        return Section("estimates", "Intervals that do not stand as reported", rows, _estimated_days(told))
    return Section("estimates", "Intervals that do not stand as reported", rows, shown)


def _estimated_days(told: list[Found]) -> Rows:
    """One row per meter, channel, date and method, with the arithmetic of its first interval."""
    groups: dict[tuple[str, str, date, str, str | None], list[Found]] = defaultdict(list)
    for one in told:
        value = one.value
        key = (one.part.meter_id, value.channel_code, value.usage_date, value.quality_code, value.method_code)
        groups[key].append(one)
    names = ("meter_id", "channel_code", "usage_date", "quality_code", "method_code")
    return [
        dict(zip(names, key, strict=True))
        | {
            "intervals": len(group),
            "how, of the first": group[0].recomputed.how,
            "reason, of the first": group[0].recomputed.reason,
        }
        for key, group in groups.items()
    ]


def _reference_days(found: list[Found]) -> Section:
    rows, shown = [], []
    seen = {
        (one.part.meter_id, one.value.channel_code, one.value.usage_date): one.evidence
        for one in found
        if rests_on_like_days(one.value.method_code)
    }
    for (meter_id, channel, day), one in seen.items():
        key = {"meter_id": meter_id, "channel_code": channel, "usage_date": day}
        references = sorted(one.facts.references.get((channel, day), ()))
        rows += [key | {"reference_date": reference} for reference in references]
        shown.append(key | {"reference dates": ", ".join(f"{reference}" for reference in references)})
    return Section("reference_days", "Earlier like days on which estimates rest", rows, shown)


def _register_readings(found: list[Found], files: Mapping[str, LandingFile]) -> Section:
    rows = {
        reading: {
            "meter_id": one.part.meter_id,
            "channel_code": reading.channel_code,
            "register_code": reading.register_code,
            "read_at_utc": reading.read_at_utc,
            "reported_wh": reading.reported_wh,
            "reported_text": reading.reported_text,
            "file_id": reading.file_id,
            "row_number": reading.row_number,
            "value_position": reading.value_position,
            "received_at_utc": files[reading.file_id].received_at_utc,
        }
        for one in found
        for reading in one.recomputed.readings
    }
    return Section("register_readings", "Register readings to which estimates were scaled", list(rows.values()))


def _versions(evidence: list[Evidence], channels: Iterable[str], starts: set[tuple[str, datetime]]) -> Section:
    rows, shown = [], []
    names = (
        "meter_id", "interval_start_utc", "believed_from_utc", "believed_to_utc", "restatement_id", "delivered_wh",
        "delivered_quality_code", "delivered_method_code", "received_wh", "received_quality_code",
        "received_method_code",
    )  # fmt: skip
    periods: dict[tuple[str, datetime, datetime], Rows] = defaultdict(list)
    for one in evidence:
        for row in one.versions:
            if (row["meter_id"], row["interval_start_utc"]) in starts:
                rows.append({name: row[name] for name in names})
                periods[row["meter_id"], row["believed_from_utc"], row["believed_to_utc"]].append(row)
    now = {one.facts.meter_id: one.facts for one in evidence}
    for (meter_id, begin, end), group in sorted(periods.items()):
        for channel in channels:
            values = [now[meter_id].finals.get((channel, row["interval_start_utc"])) for row in group]
            if any(row[f"{channel}_quality_code"] for row in group):
                shown.append(
                    {
                        "meter_id": meter_id,
                        "channel_code": channel,
                        "believed_from_utc": begin,
                        "believed_to_utc": end,
                        "intervals": len(group),
                        "then_kwh": _known_kwh(row[f"{channel}_wh"] for row in group),
                        "now_kwh": _known_kwh(value.final_wh if value else None for value in values),
                    }
                )
    return Section("versions", "Earlier versions of these intervals", rows, shown)


def _known_kwh(values: Iterable[int | None]) -> Decimal | None:
    known = [wh for wh in values if wh is not None]
    return kwh(sum(known)) if known else None


def _files(reads: list[tuple[Evidence, RawRead]], files: Mapping[str, LandingFile]) -> Section:
    counts = Counter(read.file_id for _, read in reads)
    rows: Rows = [
        {
            "file_id": file_id,
            "file_name": files[file_id].file_name,
            "received_at_utc": files[file_id].received_at_utc,
            "values": count,
        }
        for file_id, count in counts.items()
    ]
    return Section("files", "Landing files of these values", sorted(rows, key=lambda row: row["received_at_utc"]))
