"""Intervals once more: those that a meter should report, and those in which an account with several meters is told."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from models.calendar import MINUTES_PER_DAY
from models.explain.calendar import Slot, civil_slots
from models.explain.estimates import Estimator
from models.explain.facts import MeterFacts
from models.explain.values import Recomputed, recompute

LONGEST_BY_OFFSET = 60
"""Longest interval in minutes that a change of the wall clock cuts; longer ones are known by the wall clock alone."""


@dataclass(frozen=True)
class MeterInterval:
    """One interval that a meter should report.

    Attributes:
        meter_id: Meter.
        slot: Its place on the calendar.
        channels: The recomputed value of each channel that is expected or recorded.
    """

    meter_id: str
    slot: Slot
    channels: dict[str, Recomputed]

    def wh(self, channel_code: str) -> int | None:
        """Recomputed energy of a channel."""
        found = self.channels.get(channel_code)
        return found.wh if found else None

    @property
    def is_unknown(self) -> bool:
        """True where the quality of a channel says that its value is missing or questionable."""
        return any(found.value.quality_code in ("N", "Q") for found in self.channels.values())

    @property
    def is_estimated(self) -> bool:
        """True where a channel was estimated."""
        return any(found.value.method_code is not None for found in self.channels.values())


@dataclass(frozen=True)
class ToldInterval:
    """One interval in which a meter or an account is told, and the meters' intervals that lie in it."""

    interval_start_utc: datetime
    interval_minutes: int
    usage_date: date
    utc_offset_minutes: int
    parts: tuple[MeterInterval, ...]

    def wh(self, channel_code: str) -> int | None:
        """Sum of the known parts; None where none is known."""
        known = [wh for part in self.parts if (wh := part.wh(channel_code)) is not None]
        return sum(known) if known else None

    @property
    def is_delivered_known(self) -> bool:
        """True where no part of the delivered energy is unknown."""
        is_lacking = any(part.wh("delivered") is None and part.is_unknown for part in self.parts)
        return self.wh("delivered") is not None and not is_lacking

    @property
    def is_known(self) -> bool:
        """True where the interval counts as known."""
        return self.is_delivered_known or (self.wh("delivered") is None and self.wh("received") is not None)

    @property
    def is_estimated(self) -> bool:
        """True where a part was estimated."""
        return any(part.is_estimated for part in self.parts)


def expected_intervals(facts: MeterFacts, dates: Iterable[date]) -> tuple[list[MeterInterval], list[str]]:
    """Intervals in which some channel of a meter should report, recomputed.

    Args:
        facts: What is recorded of the meter on these dates, and what its estimates rest on.
        dates: Civil dates.

    Returns:
        The intervals in order of time, and a sentence for each that the record has or lacks without reason.
    """
    intervals, problems = [], []
    estimators = {life.channel_code: Estimator(facts, life.channel_code) for life in facts.lives}
    slots = [slot for day in sorted(dates) for slot in civil_slots(facts.time_zone, day, facts.interval_minutes)]
    for slot in slots:
        expected = [life.channel_code for life in facts.lives if life.holds(slot.interval_start_utc)]
        channels = {}
        for channel in expected:
            value = facts.finals.get((channel, slot.interval_start_utc))
            if value is None:
                problems.append(_odd(facts, channel, slot.interval_start_utc, "expected and not recorded"))
            else:
                channels[channel] = recompute(estimators[channel], value)
        if expected:
            intervals.append(MeterInterval(facts.meter_id, slot, channels))
    wanted = {(channel, part.slot.interval_start_utc) for part in intervals for channel in part.channels}
    within = {slot.usage_date for slot in slots}
    problems += [
        _odd(facts, channel, start, "recorded and not expected")
        for (channel, start), value in facts.finals.items()
        if value.usage_date in within and (channel, start) not in wanted
    ]
    return intervals, problems


def _odd(facts: MeterFacts, channel: str, start: datetime, what: str) -> str:
    return f"{facts.meter_id}: {channel} of {start} UTC is {what}"


def told_apart(intervals: Iterable[MeterInterval]) -> list[ToldInterval]:
    """A single meter's intervals, as they are."""
    return [_told((part,), part.slot.interval_start_utc, part.slot.interval_minutes) for part in intervals]


def told_together(intervals: Sequence[MeterInterval], interval_minutes: int) -> list[ToldInterval]:
    """Intervals of several meters added up in intervals of a common length, cut at the wall clock.

    Args:
        intervals: Of all meters, on one civil date.
        interval_minutes: Common length; 1440 is the whole date.
    """
    groups: dict[tuple[int, int | None], list[MeterInterval]] = defaultdict(list)
    for part in intervals:
        local = part.slot.interval_start_utc + timedelta(minutes=part.slot.utc_offset_minutes)
        minute = (local.hour * 60 + local.minute) // interval_minutes * interval_minutes
        is_cut = interval_minutes <= LONGEST_BY_OFFSET
        groups[minute, part.slot.utc_offset_minutes if is_cut else None].append(part)
    told = []
    for (minute, offset), parts in groups.items():
        start = min(part.slot.interval_start_utc for part in parts)
        if offset is not None:
            midnight = datetime.combine(parts[0].slot.usage_date, time())
            start = midnight + timedelta(minutes=minute) - timedelta(minutes=offset)
        longest = max(part.slot.interval_minutes for part in parts)
        told.append(_told(tuple(parts), start, longest if interval_minutes == MINUTES_PER_DAY else interval_minutes))
    return sorted(told, key=lambda group: group.interval_start_utc)


def _told(parts: tuple[MeterInterval, ...], start: datetime, minutes: int) -> ToldInterval:
    slot = parts[0].slot
    return ToldInterval(start, minutes, slot.usage_date, slot.utc_offset_minutes, parts)
