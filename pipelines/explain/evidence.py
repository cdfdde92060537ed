"""Evidence of one meter: what the lake holds of it, read for a few dates and for what their estimates rest on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from models.explain.calendar import day_bounds
from models.explain.estimates import rests_on_class, rests_on_like_days, rests_on_register
from models.explain.facts import ChannelLife, FinalValue, MeterFacts, NotRecomputableError, RawRead, RegisterReading
from models.explain.spans import Spans
from models.tables.base import CHANNELS
from models.tables.entities import METER_CHANNELS
from models.tables.raw import INTERVAL_READS, REGISTER_READS
from models.tables.vee import (
    EDITED_INTERVAL_READS,
    ESTIMATE_REFERENCES,
    FAILURES,
    READ_VERSIONS,
    RESTATEMENTS,
    RULES,
    SUPERSEDED_READS,
)
from pipelines import lake
from pipelines.explain import circumstances
from pipelines.explain.published import Published, records
from pipelines.explain.recorded import RecordReader, spans_of
from pipelines.months import months_between
from pipelines.reference import vee_settings

NEIGHBOURS = timedelta(days=2)
"""How far around a date its gaps and their neighbours are looked for: those on a line are shorter than a day."""

_LANDING_FILES = """
select file_id, file_name, received_at_utc, first_interval_start_utc, last_interval_start_utc
from fct_file_reconciliation
where system_code is null
"""

_STANDING_READINGS = """
select * exclude (received_at_utc)
from found inner join (select unnest($files, recursive := true)) as f using (file_id)
where meter_id = $meter_id
    and channel_code is not null
    and coalesce(reported_quality_code, 'A') in ('A', 'V')
qualify row_number() over (
    partition by channel_code, register_code, read_at_utc
    order by received_at_utc desc, file_id desc, row_number desc, value_position desc
) = 1
order by channel_code, read_at_utc, register_code
"""


@dataclass(frozen=True)
class Meter:
    """A meter as published: its zone and the nominal length of its intervals."""

    meter_id: str
    time_zone: str
    interval_minutes: int


@dataclass(frozen=True)
class LandingFile:
    """A file of reads that was in the build; times are naive UTC."""

    file_id: str
    file_name: str
    received_at_utc: datetime
    first_interval_start_utc: datetime | None
    last_interval_start_utc: datetime | None

    def overlaps(self, first: datetime, end: datetime) -> bool:
        """True where the file may hold an interval that begins within [first, end)."""
        if self.first_interval_start_utc is None or self.last_interval_start_utc is None:
            return False
        return self.first_interval_start_utc < end and self.last_interval_start_utc >= first


@dataclass
class Evidence:
    """What was read of one meter.

    Attributes:
        facts: What is needed to compute its values once more.
        dates: Dates that were asked for.
        superseded: Rows of `vee.superseded_reads` by file, row and position of the outranked value.
        failures: Rows of `vee.failures` with the name of the rule.
        versions: Rows of `vee.read_versions`.
        restatements: Latest restatement by date.
        seen: Dates of which values and reads are there.
    """

    facts: MeterFacts
    dates: frozenset[date]
    superseded: dict[tuple[str, int, int], dict[str, Any]] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    restatements: dict[date, int] = field(default_factory=dict)
    seen: set[date] = field(default_factory=set)


class EvidenceReader:
    """Reads the evidence of meters out of one build and the lake behind it."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self._records = RecordReader(published)
        self._settings = vee_settings()
        self.files = {row["file_id"]: LandingFile(**row) for row in published.rows(_LANDING_FILES)}

    def meters(self, meter_ids: Collection[str]) -> dict[str, Meter]:
        """Published meters with interval data."""
        rows = self._published.rows(
            "select distinct meter_id, time_zone, interval_minutes from dim_meters "
            "where meter_id in (select unnest($meter_ids)) and interval_minutes is not null",
            {"meter_ids": sorted(meter_ids)},
        )
        return {row["meter_id"]: Meter(**row) for row in rows}

    def read(self, meter: Meter, dates: Iterable[date]) -> Evidence:
        """Evidence of a meter on some civil dates, and the facts on which their values rest."""
        facts = MeterFacts(meter.meter_id, meter.time_zone, meter.interval_minutes, self._lives(meter))
        facts.receipts = {file.file_id: file.received_at_utc for file in self.files.values()}
        facts.events = circumstances.events(self._records, self._settings, facts)
        facts.decisions = circumstances.decisions(self._records, facts)
        evidence = Evidence(facts, frozenset(dates))
        self._add_days(evidence, _around(evidence.dates))
        scaled = [v for v in facts.finals.values() if v.usage_date in evidence.dates and rests_on_register(v)]
        if scaled:
            facts.register_modulo_wh = circumstances.register_modulo_wh(self._records, facts)
            facts.readings = self._readings(meter)
            self._add_days(evidence, _around(_span_dates(facts, scaled)))
        self._add_references(evidence)
        by_class = {v.usage_date for v in facts.finals.values() if rests_on_class(v.method_code)}
        if by_class:
            facts.class_use = circumstances.class_use(self._records, self._settings, facts, by_class)
        rules = {row["rule_code"]: row["rule_name"] for row in self._records.rows(RULES, "select * from found")}
        evidence.failures = [
            row | {"rule_name": rules.get(row["rule_code"])}
            for row in evidence.failures
            if row["usage_date"] in evidence.dates
        ]
        evidence.versions = self._records.dated(READ_VERSIONS, meter.meter_id, evidence.dates)
        for row in self._records.dated(RESTATEMENTS, meter.meter_id, evidence.dates):
            evidence.restatements[row["usage_date"]] = row["restatement_id"]
        return evidence

    def _lives(self, meter: Meter) -> tuple[ChannelLife, ...]:
        sql = "select * from found where meter_id = $meter_id order by channel_code"
        rows = self._records.rows(METER_CHANNELS, sql, {"meter_id": meter.meter_id})
        return tuple(ChannelLife(*(row[name] for name in ChannelLife.__dataclass_fields__)) for row in rows)

    def _add_days(self, evidence: Evidence, dates: set[date]) -> None:
        """Add what is believed and what was reported on dates that are not there yet."""
        facts, missing = evidence.facts, dates - evidence.seen
        evidence.seen |= missing
        for row in self._records.dated(EDITED_INTERVAL_READS, facts.meter_id, missing, self._published.generation):
            for channel in CHANNELS:
                if row[f"{channel}_quality_code"] is not None:
                    facts.finals[channel, row["interval_start_utc"]] = _final(row, channel)
        for read in self._reads(facts, missing):
            facts.reads.setdefault((read.channel_code, read.interval_start_utc), []).append(read)
        for row in self._records.dated(SUPERSEDED_READS, facts.meter_id, missing):
            evidence.superseded[row["file_id"], row["row_number"], row["value_position"]] = row
        facts.outranked |= evidence.superseded.keys()
        for row in self._records.dated(FAILURES, facts.meter_id, missing):
            evidence.failures.append(row)
            rules = facts.failed_rules.setdefault((row["channel_code"], row["usage_date"]), {})
            rules[row["rule_code"]] = row["action_code"]

    def _add_references(self, evidence: Evidence) -> None:
        facts = evidence.facts
        estimated = {v.usage_date for v in facts.finals.values() if rests_on_like_days(v.method_code)}
        for row in self._records.dated(ESTIMATE_REFERENCES, facts.meter_id, estimated):
            facts.references.setdefault((row["channel_code"], row["usage_date"]), []).append(row["reference_date"])
        self._add_days(evidence, {day for days in facts.references.values() for day in days})

    def _reads(self, facts: MeterFacts, dates: Collection[date]) -> list[RawRead]:
        if not dates:
            return []
        bounds = [_bounds(facts.time_zone, span) for span in spans_of(dates)]
        wanted = {file.file_id for file in self.files.values() if any(file.overlaps(*b) for b in bounds)}
        months = sorted({month for first, end in bounds for month in months_between(first.date(), end.date())})
        paths = [
            path
            for path in lake.table_files(self._published.home, INTERVAL_READS, months)
            if path.endswith(lake.EMPTY_FILE) or path.rsplit("/", 1)[1].split("-")[0] in wanted
        ]
        within = " or ".join(
            f"(interval_start_utc >= timestamp '{first}' and interval_start_utc < timestamp '{end}')"
            for first, end in bounds
        )
        columns = ", ".join(RawRead.__dataclass_fields__)
        rows = records(
            self._published.lake,
            f"select {columns} from read_parquet($paths, hive_partitioning = false) "
            f"where meter_id = $meter_id and ({within}) "
            "order by interval_start_utc, channel_code, file_id, row_number, value_position",
            {"paths": paths, "meter_id": facts.meter_id},
        )
        return [RawRead(**row) for row in rows]

    def _readings(self, meter: Meter) -> dict[str, list[RegisterReading]]:
        files = [{"file_id": f.file_id, "received_at_utc": f.received_at_utc} for f in self.files.values()]
        rows = self._records.rows(REGISTER_READS, _STANDING_READINGS, {"meter_id": meter.meter_id, "files": files})
        readings: dict[str, list[RegisterReading]] = {}
        for row in rows:
            reading = RegisterReading(**{name: row[name] for name in RegisterReading.__dataclass_fields__})
            readings.setdefault(reading.channel_code, []).append(reading)
        return readings


def _around(dates: Collection[date]) -> set[date]:
    return {day + timedelta(days=n) for day in dates for n in range(-NEIGHBOURS.days, NEIGHBOURS.days + 1)}


def _span_dates(facts: MeterFacts, values: Iterable[FinalValue]) -> set[date]:
    """UTC dates between the register readings around values; none where the record lacks them."""
    spans = {channel: Spans(facts, channel) for channel in CHANNELS}
    dates: set[date] = set()
    for value in values:
        try:
            readings = spans[value.channel_code].around(value.interval_start_utc).readings
        except NotRecomputableError:
            continue
        first, last = (reading.read_at_utc.date() for reading in readings)
        dates |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return dates


def _bounds(time_zone: str, span: tuple[date, date]) -> tuple[datetime, datetime]:
    return day_bounds(time_zone, span[0])[0], day_bounds(time_zone, span[1])[1]


def _final(row: Mapping[str, Any], channel: str) -> FinalValue:
    return FinalValue(
        channel_code=channel,
        interval_start_utc=row["interval_start_utc"],
        interval_minutes=row["interval_minutes"],
        usage_date=row["usage_date"],
        utc_offset_minutes=row["utc_offset_minutes"],
        final_wh=row[f"{channel}_wh"],
        adjustment_wh=row[f"{channel}_adjustment_wh"],
        quality_code=row[f"{channel}_quality_code"],
        method_code=row[f"{channel}_method_code"],
        known_at_utc=row["known_at_utc"],
    )
