"""Small worlds of meter files: readable builders for cases by hand and hypothesis strategies for nasty ones."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import Phase, settings
from hypothesis import strategies as st

from tests.vee.facts import DAILY, LIMIT_WH_PER_HOUR, Climate, Event, File, Read, Register, local_slots

LOS_ANGELES = "America/Los_Angeles"


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A naive instant in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


RECEIVED = utc(2026, 9, 1)
LARGEST_WH = 10**12


def file_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def reads(
    meter_id: str,
    first: date,
    last: date,
    minutes: int = 15,
    channel: str = "delivered",
    wh: Callable[[datetime], int | None] = lambda _start: 100,
    time_zone: str = LOS_ANGELES,
) -> list[Read]:
    """A value for every interval of the civil dates, `wh` of its UTC start."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    slots = [slot for day in days for slot in local_slots(ZoneInfo(time_zone), day, minutes)]
    return [Read(0, 0, meter_id, channel, s.start, s.minutes, minutes, wh(s.start)) for s in slots]


def without(rows: Iterable[Read], first: datetime, end: datetime) -> list[Read]:
    """The reads outside [first, end)."""
    return [row for row in rows if not first <= row.start < end]


def changed(rows: Iterable[Read], first: datetime, end: datetime, **fields: object) -> list[Read]:
    """The reads, those within [first, end) with other fields."""
    return [replace(row, **fields) if first <= row.start < end else row for row in rows]  # type: ignore[arg-type]


def file(name: str, rows: Iterable[Read], received_at: datetime = RECEIVED, **fields: str) -> File:
    """A file with its rows numbered two values to a line."""
    numbered = [replace(row, row_number=n // 2 + 1, value_position=n % 2) for n, row in enumerate(rows)]
    return File(file_id(name), received_at, tuple(numbered), **fields)


# -- random worlds ---------------------------------------------------------------------------------------------------

# First dates shortly before a month end and, for the first two, a change of daylight saving time.
STARTS = (date(2025, 10, 25), date(2026, 2, 24), date(2025, 12, 22))
DAYS = {15: 16, 30: 22, 60: 40, DAILY: 75}
LENGTHS = (1, 1, 2, 3, 4, 8, 9, 13, 50, 96, 200)
KINDS = (
    "gap",
    "gap",
    "gap",
    "negative",
    "impossible",
    "edge",
    "huge",
    "blank",
    "wrong_length",
    "off_grid",
    "other_nominal",
    "stuck",
    "stuck",
    "zero",
    "spike",
    "tenfold",
    "repeat_same",
    "repeat_other",
    "repeat_blank",
    "repeat_wrong_length",
    "repeat_negative",
)


@dataclass(frozen=True)
class Fault:
    kind: str
    place: int
    length: int
    size: int
    is_sent_later: bool


@dataclass(frozen=True)
class MeterPlan:
    nominal: int
    has_received: bool
    late_start: int
    early_end: int
    seed: int
    faults: tuple[Fault, ...]
    registers: str


faults = st.builds(
    Fault,
    st.sampled_from(KINDS),
    st.integers(0, 999),
    st.sampled_from(LENGTHS),
    st.integers(0, 3000),
    st.booleans(),
)
meters = st.builds(
    MeterPlan,
    st.sampled_from(sorted(DAYS)),
    st.booleans(),
    st.integers(0, 120),
    st.integers(0, 60),
    st.integers(0, 2**16),
    st.lists(faults, max_size=8).map(tuple),
    st.sampled_from(["none", "daily", "daily", "daily", "sparse", "two", "estimated", "odd"]),
)


@dataclass(frozen=True)
class World:
    """A plan of files; small to print, so that a failing example can be read."""

    first: date
    meters: tuple[MeterPlan, ...]
    cuts: tuple[int, ...]
    receipts: tuple[int, ...]
    classes: tuple[str, ...]

    def files(self) -> list[File]:
        """The files of the plan: all reads cut by time, then those sent again."""
        sent, again, readings = [], [], []
        for number, plan in enumerate(self.meters):
            for channel in ("delivered", "received"):
                rows, later = _channel_reads(f"M{number}", plan, self.first, channel)
                sent += rows
                again += later
                readings += _channel_registers(f"M{number}", plan, self.first, channel)
        sent.sort(key=lambda row: row.start)
        bounds = [0, *sorted(cut * len(sent) // 1000 for cut in self.cuts), len(sent)]
        parts = [sent[a:b] for a, b in pairwise(bounds)] + [again]
        events = [e for n, plan in enumerate(self.meters) for e in _events(f"M{n}", plan, self.first)]
        files = [
            file(f"file {n}", rows, RECEIVED + timedelta(hours=self.receipts[n]), customer_class=self.classes[n])
            for n, rows in enumerate(parts)
            if rows
        ]
        return [
            replace(
                one,
                registers=tuple(replace(r, row_number=n) for n, r in enumerate(readings[k :: len(files)], 1)),
                events=tuple(events[k :: len(files)]),
            )
            for k, one in enumerate(files)
        ]

    def climate(self) -> Climate:
        """Two climate zones, of which the first is hot; every third meter is in none, and some days are unknown."""
        random = Random(f"{self.first} {self.receipts}")
        zones = {f"M{n}": ("hot", "cool")[n % 3] for n in range(len(self.meters)) if n % 3 < 2}
        days = [self.first + timedelta(days=n) for n in range(max(DAYS.values()) + 2)]
        highs = {
            (zone, day): random.choice([None, *range(least, least + 30, 3)])
            for zone, least in (("hot", 300), ("cool", 90))
            for day in days
            if random.random() < 0.9
        }
        return Climate(zones, highs)


_WANTED = os.environ.get("METERHOUSE_EXAMPLES")
EXAMPLES = settings(
    max_examples=int(_WANTED or 5),
    derandomize=_WANTED is None,
    deadline=None,
    database=None,
    phases=[Phase.generate],
)
"""The same few examples every time; METERHOUSE_EXAMPLES asks for that many random ones. Not shrunk: that takes minutes,
and a world prints small."""

MOST_CUTS = 3
worlds = st.builds(
    World,
    st.sampled_from(STARTS),
    st.lists(meters, min_size=2, max_size=5).map(tuple),
    st.lists(st.integers(0, 999), max_size=MOST_CUTS).map(tuple),
    st.tuples(*[st.integers(0, 3)] * (MOST_CUTS + 2)),
    st.tuples(*[st.sampled_from(["unclassified", "residential"])] * (MOST_CUTS + 2)),
)
"""Meters whose files come in any order, with faults and values sent again."""


def _true_reads(meter_id: str, plan: MeterPlan, first: date, channel: str) -> list[Read]:
    random = Random(f"{plan.seed} {channel}")
    last = first + timedelta(days=DAYS[plan.nominal] - 1)
    return reads(meter_id, first, last, plan.nominal, channel, lambda _s: max(0, random.randrange(-200, 2000)))


def _events(meter_id: str, plan: MeterPlan, first: date) -> list[Event]:
    """Outages, of which some lack their end or their beginning, now and then a disconnection, and clocks set right."""
    random = Random(f"{plan.seed} events")
    events = []
    for _ in range(random.randrange(4)):
        down = utc(first.year, first.month, first.day, 8) + timedelta(minutes=random.randrange(20 * 1440))
        up = down + timedelta(minutes=random.randrange(1, 900))
        codes = random.choice([("POWER_DOWN", "POWER_UP")] * 4 + [("DISCONNECT", "CONNECT")])
        pair = [Event(meter_id, codes[0], down), Event(meter_id, codes[1], up)]
        events += random.choice([pair, pair, pair, pair[:1], pair[1:]])
        events.append(Event(meter_id, "TIME_SYNC", down, f"Clock set by {random.randrange(400)} s"))
    return events


def _channel_registers(meter_id: str, plan: MeterPlan, first: date, channel: str) -> list[Register]:
    """Readings of the register at local midnights: all, few, of two registers, estimated ones, or at odd times."""
    if plan.registers == "none" or (channel == "received" and not plan.has_received):
        return []
    random = Random(f"{plan.seed} {channel} registers")
    face, readings = random.randrange(10**6), []
    for row in _true_reads(meter_id, plan, first, channel):
        local = row.start.replace(tzinfo=UTC).astimezone(ZoneInfo(LOS_ANGELES))
        is_read = local.hour == local.minute == 0 if plan.registers != "odd" else random.random() < 0.05
        if is_read and not (plan.registers == "sparse" and random.random() < 0.7):
            quality = random.choice([None, "E", "V"]) if plan.registers == "estimated" else None
            codes = ("A", "B") if plan.registers == "two" else ("A",)
            readings += [Register(0, meter_id, channel, code, row.start, face, quality) for code in codes]
        # now and then a register is reset, or counts what no interval says
        face = 0 if random.random() < 0.0005 else face + (row.wh or 0) + (10**7 if random.random() < 0.0005 else 0)
    return readings


def _channel_reads(meter_id: str, plan: MeterPlan, first: date, channel: str) -> tuple[list[Read], list[Read]]:
    if channel == "received" and not plan.has_received:
        return [], []
    rows = _true_reads(meter_id, plan, first, channel)
    begin = min(plan.late_start, len(rows) // 3) * (2 if channel == "received" else 1)
    rows = rows[begin : len(rows) - min(plan.early_end, len(rows) // 4)]
    again: list[Read] = []
    for fault in plan.faults:
        rows = _with_fault(rows, again, fault)
    return rows, again


def _with_fault(rows: list[Read], again: list[Read], fault: Fault) -> list[Read]:
    first = fault.place * len(rows) // 1000
    touched = rows[first : first + fault.length]
    if fault.kind == "gap":
        return rows[:first] + rows[first + fault.length :]
    if fault.kind.startswith("repeat"):
        repeats = [_altered(row, fault.kind.removeprefix("repeat_"), fault.size) for row in touched]
        if fault.is_sent_later:
            again += repeats
            return rows
        return rows[:first] + repeats + rows[first:]
    touched = [_altered(row, fault.kind, fault.size) for row in touched[: 1 + fault.length // 4]]
    return rows[:first] + touched + rows[first + len(touched) :]


def _altered(row: Read, kind: str, size: int) -> Read:
    limit = LIMIT_WH_PER_HOUR["residential"] * row.minutes // 60
    other_nominal = 60 if row.nominal != 60 else 15
    alterations: dict[str, dict[str, object]] = {
        "same": {},
        "other": {"wh": size},
        "blank": {"wh": None},
        "negative": {"wh": -1 - size},
        "impossible": {"wh": limit + 1 + size},
        "edge": {"wh": limit + size % 2},
        "huge": {"wh": LARGEST_WH},
        "stuck": {"wh": 1 + size // 10},
        "zero": {"wh": 0},
        "spike": {"wh": min(3 * (2000 + size), limit)},
        "tenfold": {"wh": 10 * (row.wh or 0)},
        "wrong_length": {"minutes": row.minutes + 5},
        "off_grid": {"start": row.start + timedelta(minutes=5)},
        "other_nominal": {"nominal": other_nominal, "minutes": other_nominal},
    }
    return replace(row, **alterations[kind])  # type: ignore[arg-type]


def runs_of(files: Sequence[File], cuts: Iterable[int]) -> list[list[File]]:
    """The files in order, grouped into runs by cutting after some of them."""
    bounds = sorted({0, *cuts, len(files)})
    return [list(files[a:b]) for a, b in pairwise(bounds)]
