"""Facts about one meter, as recorded: what was reported, what stands, and what was done to it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

RELIABLE_CODES = ("V", "A")
"""Quality codes of values that stand as reported."""


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
    def is_reliable(self) -> bool:
        """True where the reported value stands."""
        return self.quality_code in RELIABLE_CODES

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
