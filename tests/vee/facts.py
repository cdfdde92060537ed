"""What the oracle is told, and what it tells: files, assets and climate in, rows of the vee layer out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

LIMIT_WH_PER_HOUR = {"residential": 52_800, "small_commercial": 237_600, "unclassified": 1_100_000}
DAILY = 1440

Row = tuple[object, ...]


@dataclass(frozen=True)
class Read:
    """One value of a file; `nominal` is 1440 for every daily value, `minutes` its reported length."""

    row_number: int
    value_position: int
    meter_id: str
    channel: str
    start: datetime
    minutes: int
    nominal: int
    wh: int | None


@dataclass(frozen=True)
class Register:
    """One register reading of a file; a quality of None counts as actual."""

    row_number: int
    meter_id: str
    channel: str
    code: str
    at: datetime
    wh: int
    quality: str | None = None
    multiplier: float | None = None


@dataclass(frozen=True)
class Event:
    """One event of a meter."""

    meter_id: str
    code: str
    at: datetime
    text: str = ""


@dataclass(frozen=True)
class Asset:
    """What the customer system has on record about a meter."""

    digits: int = 5
    multiplier: float = 1.0
    installed: date | None = None
    removed: date | None = None


@dataclass(frozen=True)
class File:
    """One landing file as its reader understood it; `file_id` also breaks ties of receipt."""

    file_id: str
    received_at: datetime
    reads: tuple[Read, ...]
    time_zone: str = "America/Los_Angeles"
    customer_class: str = "unclassified"
    registers: tuple[Register, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Climate:
    """Climate zones of meters, and the highest temperature by zone and date in tenths of a degree, where known."""

    zones: Mapping[str, str] = field(default_factory=dict)
    highs: Mapping[tuple[str, date], int | None] = field(default_factory=dict)


@dataclass
class Tables:
    """Expected rows by table, keyed as the tables are; `known_at_utc` is left out."""

    interval_reads: set[Row]
    meter_day_profiles: set[Row]
    failures: set[Row]
    superseded_reads: set[Row]
    estimate_references: set[Row]


@dataclass(frozen=True)
class Slot:
    start: datetime
    minutes: int
    day: date
    minute_of_day: int


@dataclass
class Cell:
    """What is known of one expected interval of one channel.

    `number` is a value that may stand for energy, `exact` what other evidence says, `factor` by how much a value is too
    large, `kept` a value that nothing explains; `dark` an interval that a time without service touches, `unserved` one
    that lies wholly within it.
    """

    slot: Slot
    limit: int
    standing: tuple[File, Read] | None = None
    failed: str | None = None
    final: int | None = None
    method: str | None = None
    number: int | None = None
    valid: int | None = None
    exact: int | None = None
    factor: int | None = None
    is_kept: bool = False
    is_dark: bool = False
    is_unserved: bool = False

    @property
    def reported(self) -> int | None:
        return self.standing[1].wh if self.standing else None

    @property
    def known(self) -> int | None:
        return self.valid if self.valid is not None else self.exact

    @property
    def is_open(self) -> bool:
        return self.known is None and not self.is_kept and self.factor is None and self.failed != "V13"

    @property
    def quality(self) -> str:
        if self.valid is not None:
            return "A"
        if self.is_kept:
            return "Q"
        if self.method:
            return "E"
        return "N" if self.reported is None else "Q"

    @property
    def adjustment(self) -> int | None:
        return None if self.reported is None else (self.final or 0) - self.reported


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def local_slots(zone: ZoneInfo, day: date, nominal: int) -> list[Slot]:
    """The intervals of a civil date."""
    begin, end = (
        datetime(d.year, d.month, d.day, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        for d in (day, day + timedelta(days=1))
    )
    length = int((end - begin) / timedelta(minutes=1))
    if nominal == DAILY:
        return [Slot(begin, length, day, 0)]
    starts = [begin + timedelta(minutes=m) for m in range(0, length, nominal)]
    walls = [local_time(start, zone) for start in starts]
    return [Slot(s, nominal, day, w.hour * 60 + w.minute) for s, w in zip(starts, walls, strict=True)]


def local_time(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(zone)
