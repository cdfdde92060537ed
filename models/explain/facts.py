"""Facts about one meter, as recorded: what was reported, what stands, and what was done to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from models.vee.class_profiles import ClassProfile

DECIDED_CODES = ("V", "G")
"""Quality codes of values that a person decided on."""
VALID_CODES = ("A", *DECIDED_CODES)
"""Quality codes of values on which others rest."""


class NotRecomputableError(ValueError):
    """The recorded facts do not lead to a value; the message says why."""


@dataclass(frozen=True)
class RawRead:
    """One value of a landing file, as reported; times are naive UTC."""

    file_id: str
    row_number: int
    value_position: int
    meter_id: str
    channel_code: str
    interval_start_utc: datetime
    interval_minutes: int
    reported_wh: int | None
    reported_text: str | None
    source_label: str
    source_quality_code: str | None

    @property
    def place(self) -> tuple[str, int, int]:
        """File, row and position: where the value stands."""
        return (self.file_id, self.row_number, self.value_position)


@dataclass(frozen=True)
class FinalValue:
    """What is believed of one interval of a channel: a channel's half of a row of `vee.interval_reads`."""

    channel_code: str
    interval_start_utc: datetime
    interval_minutes: int
    usage_date: date
    utc_offset_minutes: int
    final_wh: int | None
    adjustment_wh: int | None
    quality_code: str
    method_code: str | None
    known_at_utc: datetime

    @property
    def is_valid(self) -> bool:
        """True where the reported value stands, or one that a person decided on."""
        return self.quality_code in VALID_CODES

    @property
    def is_decided(self) -> bool:
        """True where a person decided on the value."""
        return self.quality_code in DECIDED_CODES

    @property
    def end_utc(self) -> datetime:
        """End of the interval, excluded."""
        return self.interval_start_utc + timedelta(minutes=self.interval_minutes)

    @property
    def minute_of_day(self) -> int:
        """Minute of the wall clock at the start, from 0 to 1439."""
        local = self.interval_start_utc + timedelta(minutes=self.utc_offset_minutes)
        return local.hour * 60 + local.minute


@dataclass(frozen=True)
class RegisterReading:
    """What a register showed at a moment, naive UTC."""

    file_id: str
    row_number: int
    value_position: int
    channel_code: str
    register_code: str | None
    read_at_utc: datetime
    reported_wh: int | None
    reported_text: str | None


@dataclass(frozen=True)
class Decision:
    """What a person decided about one interval; the instant is naive UTC.

    Attributes:
        edit_id: Edit.
        actor: Who decided.
        reason: Why, in the actor's words.
        recorded_at_utc: When the decision was recorded.
        quality_code: Quality that it leads to; None where it withdraws an earlier one.
        wh: Value decided on; None where it withdraws an earlier one.
    """

    edit_id: str
    actor: str
    reason: str
    recorded_at_utc: datetime
    quality_code: str | None
    wh: int | None


@dataclass(frozen=True)
class ServiceEvent:
    """An event that begins or ends a time without service; instants are naive UTC.

    Attributes:
        meaning: outage_start, outage_end, disconnect or connect.
        start_utc: When it happened or began.
        end_utc: When it ended; None where no end is given.
    """

    meaning: str
    start_utc: datetime
    end_utc: datetime | None


@dataclass(frozen=True)
class ClassUse:
    """What is known of the meter's class and of its own days, on which an estimate by class profile rests.

    Attributes:
        profiles: Profiles of the meter's class, of every zone, channel, kind of day and temperature.
        climate_zone: The meter's; None where it is not known.
        lookback_days: How many days back own days count.
        weekdays: False for weekends and holidays, by date.
        max_temperature_degc: Highest temperature by date; dates without one are left out.
        own_wh: Energy of the meter's valid days as recorded, by channel and date.
    """

    profiles: tuple[ClassProfile, ...]
    climate_zone: str | None
    lookback_days: int
    weekdays: Mapping[date, bool]
    max_temperature_degc: Mapping[date, Decimal]
    own_wh: Mapping[str, Mapping[date, int]]


@dataclass(frozen=True)
class ChannelLife:
    """Starts of the first and the last interval in which a channel is expected to report, naive UTC."""

    channel_code: str
    first_interval_start_utc: datetime
    last_interval_start_utc: datetime

    def holds(self, start: datetime) -> bool:
        """True where an interval that begins then is expected."""
        return self.first_interval_start_utc <= start <= self.last_interval_start_utc


@dataclass
class MeterFacts:
    """What is recorded of one meter, as far as a figure needs it.

    Attributes:
        meter_id: Meter.
        time_zone: IANA zone of its calendar.
        interval_minutes: Nominal length of its intervals.
        lives: Span of each channel.
        finals: What is believed, by channel and start.
        reads: Values as reported, by channel and start.
        outranked: Places of the values that another one outranked.
        references: Earlier days on which like-day estimates rest, by channel and estimated date.
        readings: Register readings that stand, by channel, in order of time.
        register_modulo_wh: What the register counts before it begins again; None where that is not on record.
        receipts: When each landing file came, naive UTC.
        decisions: What people decided, by channel and start.
        failed_rules: What the failed rules of a date led to, by channel and date and then by rule.
        events: What began or ended times without service.
        class_use: Its class and own days, where an estimate rests on them.
    """

    meter_id: str
    time_zone: str
    interval_minutes: int
    lives: tuple[ChannelLife, ...] = ()
    finals: dict[tuple[str, datetime], FinalValue] = field(default_factory=dict)
    reads: dict[tuple[str, datetime], list[RawRead]] = field(default_factory=dict)
    outranked: set[tuple[str, int, int]] = field(default_factory=set)
    references: dict[tuple[str, date], list[date]] = field(default_factory=dict)
    readings: dict[str, list[RegisterReading]] = field(default_factory=dict)
    register_modulo_wh: int | None = None
    receipts: Mapping[str, datetime] = field(default_factory=dict)
    decisions: dict[tuple[str, datetime], list[Decision]] = field(default_factory=dict)
    failed_rules: dict[tuple[str, date], dict[str, str]] = field(default_factory=dict)
    events: tuple[ServiceEvent, ...] = ()
    class_use: ClassUse | None = None

    def standing(self, channel_code: str, start: datetime) -> RawRead | None:
        """The value that stands for an interval, None where none came.

        Raises:
            NotRecomputableError: The record names no single one.
        """
        left = [read for read in self.reads.get((channel_code, start), ()) if read.place not in self.outranked]
        if len(left) > 1:
            raise NotRecomputableError(f"{len(left)} values are left for one interval, and the record outranks none")
        return left[0] if left else None

    def reported_wh(self, channel_code: str, start: datetime) -> int | None:
        """Energy that the standing value reports, None where none came or it is blank."""
        read = self.standing(channel_code, start)
        return read.reported_wh if read else None

    def decision(self, value: FinalValue) -> Decision:
        """The decision that a value rests on: the latest of its interval when the value became known.

        Raises:
            NotRecomputableError: There is none, or it leads to another quality.
        """
        known = [
            decision
            for decision in self.decisions.get((value.channel_code, value.interval_start_utc), ())
            if decision.recorded_at_utc <= value.known_at_utc
        ]
        latest = max(known, key=lambda decision: (decision.recorded_at_utc, decision.edit_id), default=None)
        if latest is None or latest.quality_code != value.quality_code:
            raise NotRecomputableError(f"quality {value.quality_code}, but no manual edit on record leads to it")
        return latest

    def valid_wh(self, value: FinalValue) -> int | None:
        """Energy of a valid value, decided on or as reported; None where the value is not valid."""
        if value.is_decided:
            return self.decision(value).wh
        return self.reported_wh(value.channel_code, value.interval_start_utc) if value.is_valid else None

    def fault(self, value: FinalValue) -> str | None:
        """The rule by which the standing value is no energy at all (V02, V03, V04, V13); None where it may be some."""
        read = self.standing(value.channel_code, value.interval_start_utc)
        if read is None:
            return "V03"
        received = self.receipts.get(read.file_id)
        if received is not None and value.end_utc > received:
            return "V13"
        if read.reported_wh is None:
            return "V03"
        if read.interval_minutes != value.interval_minutes:
            return "V02"
        return "V04" if read.reported_wh < 0 else None

    def number_wh(self, channel_code: str, start: datetime) -> int | None:
        """A value that may stand for energy in some unit or direction, decided on or as reported, else None."""
        value = self.finals.get((channel_code, start))
        if value is None:
            return None
        if value.is_decided:
            return self.decision(value).wh
        return self.reported_wh(channel_code, start) if self.fault(value) is None else None

    def replaced_by(self, value: FinalValue) -> set[str]:
        """Rules by which values of the date and channel were replaced by what the register or the sibling says."""
        rules = self.failed_rules.get((value.channel_code, value.usage_date), {})
        return {rule for rule, action in rules.items() if action == "replace"}
