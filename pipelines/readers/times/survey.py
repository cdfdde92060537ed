"""What must be known of a whole file before its first value can be placed in time.

A file is read in batches, but some decisions rest on all of it: the usual step between labels, whether labels name
starts or ends, whether the clock keeps standard time all year, which reading of the repeated hour is meant. The survey
reads the file once and keeps only what these decisions need: counts, and the values of the days around changes of the
clock. Every other value means the same whatever was decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from models.clock import Clock, clock_change_dates
from pipelines.readers.batches import VALUES, Batch, ParsedFile
from pipelines.readers.findings import Finding
from pipelines.readers.options import DAILY_MINUTES, ReadOptions, UnreadableFile
from pipelines.readers.refusals import check_refusals
from pipelines.readers.times.clock_evidence import (
    is_newest_first,
    judge_offsets,
    label_findings,
    runs_through_clock_changes,
)
from pipelines.readers.times.gathered import Gathered
from pipelines.readers.times.placing import is_blank_value, place, with_label_faults

_KEYS = ["meter_id", "channel_code"]
_DAYS_BEFORE_CHANGE, _DAYS_AFTER_CHANGE = 2, 2
_DAYS_OF_LATE_CHANGE = 8
_NEAR = [
    "row_number", "value_position", "meter_id", "channel_code", "wall", "offset_minutes", "end_wall",
    "end_offset_minutes", "minutes", "value", "reason",
]  # fmt: skip
_MOST_NEAR = 20_000_000
_SAID = pl.Schema({**{key: VALUES[key] for key in _KEYS}, "is_said": pl.Boolean()})
_BOUNDS = pl.Schema({**{key: VALUES[key] for key in _KEYS}, "first": VALUES["wall"], "last": VALUES["wall"]})
_STEPS = pl.Schema({"step": pl.Int64, "len": pl.get_index_type()})
_STEPS_OF_A_BATCH = 1000
_END_LABELLED_SHARE = 0.9
_MOST = 0.8


@dataclass(frozen=True)
class Decisions:
    """How the values of a file are to be read.

    Attributes:
        clock: Zone, clock and label.
        default_minutes: Length of intervals for which the file gives none.
        ignores_offsets: The offsets that labels state are wrong and the zone's wall clock holds.
        all_offsets: Every label states its own offset.
        absent: `meter_id` and `channel_code` of channels that are columns of the file and not of the meter.
        change_days: Local dates around changes of the clock, on which the file decides as a whole.
        placed: Values of those days, placed: `row_number`, `value_position`, `nominal`, `minutes`,
            `interval_start_utc`, `reason`.
        findings: What was noticed about times.
    """

    clock: Clock
    default_minutes: int | None = None
    ignores_offsets: bool = False
    all_offsets: bool = False
    absent: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={key: VALUES[key] for key in _KEYS}))
    change_days: tuple[date, ...] = ()
    placed: pl.DataFrame | None = None
    findings: tuple[Finding, ...] = ()


def survey(batches: Iterable[Batch], parsed: ParsedFile, options: ReadOptions) -> Decisions:
    """Read a file once and decide.

    Args:
        batches: The file, from its beginning.
        parsed: What the reader found out.
        options: What the caller says; wins over the file.

    Returns:
        The decisions.

    Raises:
        ValueError: An option is not valid.
        UnreadableFile: The file cannot be read to its end, or holds more than can be surveyed.
    """
    clock = _clock(parsed, options)
    seen = _Seen(clock)
    for batch in batches:
        seen.take(with_label_faults(batch.values))
    findings: list[Finding] = []
    step = seen.common_step()
    minutes = options.interval_minutes or step
    if not parsed.is_label_known and options.label_code is None and seen.ends_days_at_midnight(minutes):
        clock = replace(clock, label_code="end")
        text = "every meter's labels run from one interval after midnight to midnight, so they name the ends"
        findings.append(Finding("labels_at_end_by_day_bounds", seen.count, text))
    if minutes is not None and step is not None and minutes != _nominal(step):
        text = (
            f"the labels are mostly {step:,} minutes apart, and the interval length given is {minutes}; the given one "
            "holds, so leave it out if it is wrong"
        )
        findings.append(Finding("length_unlike_labels", seen.untold_count, text))
    decisions = Decisions(clock, minutes, all_offsets=seen.all_offsets)
    if parsed.has_channel_columns:
        decisions = replace(decisions, absent=seen.absent_channels())
    if clock.clock_code == "local" and seen.near:
        decisions = _decide_changes(decisions, seen, parsed, options, findings)
    return replace(decisions, findings=tuple(findings))


def decide_at_once(parsed: ParsedFile, options: ReadOptions) -> Decisions:
    """The decisions about a file each of whose values comes with an instant, a length and a channel."""
    return Decisions(_clock(parsed, options), default_minutes=options.interval_minutes)


def _clock(parsed: ParsedFile, options: ReadOptions) -> Clock:
    """The clock as named by the caller, else by the file, else by default."""
    zone = options.time_zone or parsed.time_zone or options.default_time_zone
    return Clock(zone, options.clock_code or parsed.clock_code, parsed.label_code)


def _decide_changes(
    decisions: Decisions, seen: "_Seen", parsed: ParsedFile, options: ReadOptions, findings: list[Finding]
) -> Decisions:
    clock, minutes = decisions.clock, decisions.default_minutes
    near = pl.concat(seen.near)
    if options.clock_code is None and not parsed.are_slots and runs_through_clock_changes(near, clock):
        text = (
            "the labels run evenly through the changes of the clock, so they are read as standard time of "
            f"{clock.time_zone} all year"
        )
        findings.append(Finding("standard_time", seen.count, text))
        return replace(decisions, clock=replace(clock, clock_code="standard"))
    ignores_offsets = False
    if seen.offset_days is not None:
        verdict = judge_offsets(near, seen.offset_days, clock, minutes)
        ignores_offsets = verdict.ignores_offsets
        findings += verdict.findings
    if ignores_offsets:
        near = near.with_columns(pl.lit(None, VALUES["offset_minutes"]).alias("offset_minutes"))
    newest_first = not parsed.are_slots and is_newest_first(near)
    ordered = near.reverse() if newest_first else near
    placed = place(ordered, clock, minutes, are_slots=parsed.are_slots)
    placed, found = label_findings(placed, clock, newest_first=newest_first, are_slots=parsed.are_slots)
    findings += found
    columns = ["row_number", "value_position", "nominal", "minutes", "interval_start_utc", "reason"]
    return replace(
        decisions,
        ignores_offsets=ignores_offsets,
        change_days=tuple(sorted(seen.days_around_changes())),
        placed=placed.select(columns),
    )


class _Seen:
    """What the survey keeps while it reads."""

    def __init__(self, clock: Clock) -> None:
        self.count = 0
        self.untold_count = 0
        self.all_offsets = True
        self.near: list[pl.DataFrame] = []
        self.offset_days: pl.DataFrame | None = None
        self._clock = clock
        self._years: set[int] = set()
        self._said = Gathered(_SAID, _KEYS, [pl.col("is_said").any()])
        self._bounds = Gathered(_BOUNDS, _KEYS, [pl.col("first").min(), pl.col("last").max()])
        self._steps = Gathered(_STEPS, ["step"], [pl.col("len").sum()])
        self._last: pl.DataFrame | None = None
        self._near_count = 0
        self._refused_count = 0
        self._first_refusal = ""

    def take(self, values: pl.DataFrame) -> None:
        """Note one batch."""
        self.count += values.height
        good = values.filter(pl.col("reason").is_null())
        self._note_refusals(values, good)
        self._note_channels(values)
        if good.is_empty():
            return
        self._bounds.add(good.group_by(_KEYS).agg(first=pl.col("wall").min(), last=pl.col("wall").max()))
        has_offsets = good["offset_minutes"].null_count() < good.height
        self.all_offsets = self.all_offsets and good["offset_minutes"].null_count() == 0
        is_untold = pl.col("minutes").is_null() & pl.col("end_wall").is_null()
        untold_count = int(good.select(is_untold.sum()).item())
        if untold_count:
            self.untold_count += untold_count
            self._note_steps(good)
        if self._clock.clock_code != "local":
            return
        if has_offsets:
            days = good.group_by(day=pl.col("wall").dt.date(), offset_minutes="offset_minutes").len()
            self.offset_days = days if self.offset_days is None else _summed(self.offset_days, days)
        self._years |= set(good["wall"].dt.year().unique().to_list())
        self._keep_near(good.filter(pl.col("wall").dt.date().is_in(sorted(self.days_around_changes()))))

    def days_around_changes(self) -> set[date]:
        """Local dates on which the meaning of a label may depend on the whole file."""
        after = _DAYS_AFTER_CHANGE if self.offset_days is None else _DAYS_OF_LATE_CHANGE
        zone = self._clock.time_zone
        changes = [day for year in self._years for day in clock_change_dates(zone, year)]
        return {day + timedelta(days=k) for day in changes for k in range(-_DAYS_BEFORE_CHANGE, after + 1)}

    def absent_channels(self) -> pl.DataFrame:
        """Channels of which the file holds only blanks, while it has values of the meter's other one."""
        said = self._said.rows()
        is_other_said = pl.col("is_said").any().over("meter_id")
        return said.filter(~pl.col("is_said") & is_other_said).select(_KEYS)

    def common_step(self) -> int | None:
        """Most common step in minutes between neighbouring labels of a meter's channel; None where there is none."""
        counts = self._steps.rows().sort(["len", "step"], descending=[True, False])
        return int(counts["step"][0]) if counts.height else None

    def ends_days_at_midnight(self, minutes: int | None) -> bool:
        """True where meters' first labels are one step after midnight and their last ones midnight."""
        bounds = self._bounds.rows()
        if minutes is None or minutes >= 1440 or bounds.is_empty():
            return False
        since = {name: pl.col(name) - pl.col(name).dt.truncate("1d") for name in ("first", "last")}
        step = timedelta(minutes=minutes)
        is_end = (since["first"] == step) & (since["last"] == timedelta())
        return bool(bounds.select(is_end.mean() >= _END_LABELLED_SHARE).item())

    def _note_refusals(self, values: pl.DataFrame, good: pl.DataFrame) -> None:
        self._refused_count += values.height - good.height
        if not self._first_refusal and good.height < values.height:
            row, reason = values.filter(pl.col("reason").is_not_null()).select("row_number", "reason").row(0)
            self._first_refusal = f"line {row}: {reason}"
        check_refusals(self._refused_count, self.count - self._refused_count, self._first_refusal)

    def _keep_near(self, near: pl.DataFrame) -> None:
        self.near.append(near.select(_NEAR))
        self._near_count += near.height
        if self._near_count > _MOST_NEAR:
            raise UnreadableFile(
                f"over {_MOST_NEAR:,} values lie on the days around changes of the clock, which have to be looked at "
                "together; split the file by meter"
            )

    def _note_channels(self, values: pl.DataFrame) -> None:
        known = values.filter(pl.col("channel_code").is_not_null())
        said = known.select(*_KEYS, is_said=~is_blank_value(known["value"]))
        self._said.add(said.group_by(_KEYS).agg(pl.col("is_said").any()))

    def _note_steps(self, good: pl.DataFrame) -> None:
        instant = pl.col("wall") - pl.duration(minutes=pl.col("offset_minutes").fill_null(0))
        labels = good.select(*_KEYS, instant=instant)
        if self._last is not None:
            labels = pl.concat([self._last, labels])
        same = pl.all_horizontal(pl.col(key).eq_missing(pl.col(key).shift()) for key in _KEYS)
        if not _is_mostly_in_order(labels, same):
            labels = labels.sort(*_KEYS, "instant")
        step = pl.col("instant").diff().dt.total_minutes().abs()
        steps = labels.select(step=pl.when(same).then(step)).filter(pl.col("step") > 0)
        counts = steps.group_by("step").len().sort(["len", "step"], descending=[True, False])
        self._steps.add(counts.head(_STEPS_OF_A_BATCH))
        self._last = labels.unique(_KEYS, keep="last", maintain_order=True)


def _nominal(step: int) -> int:
    """Length of an interval by the distance of labels; a day is one of 23, 24 or 25 hours."""
    return DAILY_MINUTES[1] if step in DAILY_MINUTES else step


def _is_mostly_in_order(labels: pl.DataFrame, same: pl.Expr) -> bool:
    """True where most labels follow one of their own meter and channel, and most of these run the same way."""
    steps = labels.select(way=pl.when(same).then(pl.col("instant").diff().dt.total_minutes().sign()))["way"]
    known = len(steps) - steps.null_count()
    return known >= _MOST * len(steps) and abs(int(steps.sum())) >= _MOST * known


def _summed(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([before, now]).group_by("day", "offset_minutes").agg(pl.col("len").sum())
