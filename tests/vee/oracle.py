"""First-cut VEE a second time, in plain Python and from the rules' wording: the warehouse must agree row for row.

Slow and simple on purpose: one meter at a time, one interval at a time, fractions instead of integer tricks. It knows
nothing of months, so it also shows that cutting the work into months changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor, inf
from zoneinfo import ZoneInfo

LIMIT_WH_PER_HOUR = {"residential": 52_800, "small_commercial": 237_600, "unclassified": 1_100_000}
SHORT_GAP_MINUTES, LOOKBACK_DAYS, MOST_DAYS, FEWEST_DAYS, DAILY = 120, 60, 10, 3, 1440

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


@dataclass(frozen=True)
class File:
    """One landing file as its reader understood it; `file_id` also breaks ties of receipt."""

    file_id: str
    received_at: datetime
    reads: tuple[Read, ...]
    time_zone: str = "America/Los_Angeles"
    customer_class: str = "unclassified"
    registers: tuple[Register, ...] = ()


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
    """What is known of one expected interval of one channel."""

    slot: Slot
    standing: tuple[File, Read] | None = None
    failed: str | None = None
    final: int | None = None
    method: str | None = None

    @property
    def reported(self) -> int | None:
        return self.standing[1].wh if self.standing else None

    @property
    def valid(self) -> int | None:
        return None if self.failed else self.reported

    @property
    def quality(self) -> str:
        if not self.failed:
            return "A"
        if self.method:
            return "E"
        return "N" if self.reported is None else "Q"

    @property
    def adjustment(self) -> int | None:
        return None if self.reported is None else (self.final or 0) - self.reported


def expected_tables(files: Collection[File], holidays: Collection[date], climate: Climate) -> Tables:
    """Every row of the vee layer that the files should lead to."""
    tables = Tables(set(), set(), set(), set(), set())
    for meter_id in sorted({read.meter_id for file in files for read in file.reads}):
        _Meter(meter_id, files, holidays, climate).add_to(tables)
    return tables


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
    walls = [_local(start, zone) for start in starts]
    return [Slot(s, nominal, day, w.hour * 60 + w.minute) for s, w in zip(starts, walls, strict=True)]


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(zone)


class _Meter:
    def __init__(self, meter_id: str, files: Collection[File], holidays: Collection[date], climate: Climate) -> None:
        self.meter_id, self.holidays = meter_id, holidays
        self.highs = {day: high for (zone, day), high in climate.highs.items() if zone == climate.zones.get(meter_id)}
        mine = sorted(
            (f for f in files if any(r.meter_id == meter_id for r in f.reads)),
            key=lambda f: (f.received_at, f.file_id),
        )
        self.reads = [(f, r) for f in mine for r in f.reads if r.meter_id == meter_id]
        self.zone = ZoneInfo(mine[-1].time_zone)
        classes = [f.customer_class for f in mine if f.customer_class != "unclassified"]
        self.limit = LIMIT_WH_PER_HOUR[classes[-1] if classes else "unclassified"]
        ranked = sorted(files, key=lambda f: (f.received_at, f.file_id))
        self.registers = [(f, r) for f in ranked for r in f.registers if r.meter_id == meter_id]
        lengths = Counter(r.nominal for _, r in self.reads)
        self.nominal = min(lengths, key=lambda n: (-lengths[n], n))
        self.channels = {c: self._cells(c) for c in sorted({r.channel for _, r in self.reads})}

    def add_to(self, tables: Tables) -> None:
        sides: dict[datetime, dict[str, Cell]] = defaultdict(dict)
        for channel in self.channels:
            for cell in self.channels[channel]:
                sides[cell.slot.start][channel] = cell
            self._judge(channel, tables)
        nothing = (None, None, None, None)
        for start, pair in sides.items():
            slot = next(iter(pair.values())).slot
            values = [
                (c.final, c.adjustment, c.quality, c.method) if c else nothing
                for c in (pair.get("delivered"), pair.get("received"))
            ]
            offset = _local(start, self.zone).utcoffset() or timedelta()
            when = (start, slot.minutes, slot.day, offset // timedelta(minutes=1))
            tables.interval_reads.add((self.meter_id, *when, *values[0], *values[1]))

    def _cells(self, channel: str) -> list[Cell]:
        starts = [r.start for _, r in self.reads if r.channel == channel and r.nominal == self.nominal]
        if not starts:
            return []
        first, last = min(starts), max(starts)
        day, last_day = (_local(instant, self.zone).date() for instant in (first, last))
        cells = []
        while day <= last_day:
            slots = local_slots(self.zone, day, self.nominal)
            cells += [Cell(slot) for slot in slots if first <= slot.start <= last]
            day += timedelta(days=1)
        return cells

    def _judge(self, channel: str, tables: Tables) -> None:
        cells = self.channels[channel]
        failed: Counter[tuple[date, str]] = Counter()
        estimated: Counter[tuple[date, str]] = Counter()
        by_start: dict[datetime, list[tuple[File, Read]]] = defaultdict(list)
        for file, read in self.reads:
            if read.channel == channel:
                by_start[read.start].append((file, read))
        for cell in cells:
            ranked = sorted(by_start.pop(cell.slot.start, []), key=lambda fr: _rank(fr, cell.slot), reverse=True)
            cell.standing = ranked[0] if ranked else None
            cell.failed = self._failed_rule(cell)
            cell.final = cell.valid
            for file, read in ranked[1:]:
                is_same = read.wh == cell.reported
                failed[cell.slot.day, "V01"] += not is_same and read.wh is not None
                standing_file, standing_read = ranked[0]
                outranked = (file.file_id, read.row_number, read.value_position)
                interval = (self.meter_id, channel, cell.slot.start, cell.slot.day)
                standing = (standing_file.file_id, standing_read.row_number)
                tables.superseded_reads.add((*outranked, *interval, is_same, *standing))
        for start, strays in by_start.items():
            failed[_local(start, self.zone).date(), "V02"] += len(strays)
        for day, reference in self._estimate(cells):
            tables.estimate_references.add((self.meter_id, channel, day, reference))
        self._scale(channel, {cell.slot.start: cell for cell in cells})
        for cell in cells:
            if cell.failed:
                failed[cell.slot.day, cell.failed] += 1
                estimated[cell.slot.day, cell.failed] += cell.method is not None
        for (day, rule), count in failed.items():
            if count:
                tables.failures.add((self.meter_id, channel, day, rule, count, estimated[day, rule]))
        for day, group in _by_day(cells).items():
            tables.meter_day_profiles.add((self.meter_id, channel, day, *self._profile(group, by_start, failed, day)))

    def _failed_rule(self, cell: Cell) -> str | None:
        if cell.reported is None:
            return "V03"
        assert cell.standing is not None
        if cell.standing[1].minutes != cell.slot.minutes:
            return "V02"
        if cell.reported < 0:
            return "V04"
        return "V05" if cell.reported * 60 > self.limit * cell.slot.minutes else None

    def _estimate(self, cells: list[Cell]) -> Iterable[tuple[date, date]]:
        """Give failed cells a value where a rule has one; return estimated days with their reference days."""
        whole = {
            day: group
            for day, group in _by_day(cells).items()
            if len(group) == len(local_slots(self.zone, day, self.nominal)) and all(c.valid is not None for c in group)
        }
        rests_on: dict[date, list[date]] = {}
        for first, end in _runs(cells):
            gap = cells[first:end]
            ends = [cells[n].valid for n in (first - 1, end) if 0 <= n < len(cells)]
            if sum(c.slot.minutes for c in gap) <= SHORT_GAP_MINUTES and ends:
                left, right = Fraction(ends[0] or 0), Fraction(ends[-1] or 0)
                for step, cell in enumerate(gap, start=1):
                    cell.final, cell.method = half_up(left + (right - left) * step / (len(gap) + 1)), "E1"
                continue
            for cell in gap:
                days = rests_on.setdefault(cell.slot.day, self._like_days(cell.slot.day, whole))
                same_minute = [
                    Fraction(c.valid or 0)
                    for d in days
                    for c in whole[d]
                    if c.slot.minute_of_day == cell.slot.minute_of_day
                ]
                if same_minute:
                    cell.final, cell.method = half_up(sum(same_minute) / len(same_minute)), "E2"
        return [(day, reference) for day, days in rests_on.items() for reference in days]

    def _scale(self, channel: str, cells: dict[datetime, Cell]) -> None:
        """Let estimates between two readings come to what the register says, in the shape of the estimates."""
        known = {
            r.at: r.wh
            for _, r in sorted(self.registers, key=lambda fr: (fr[0].received_at, fr[0].file_id, fr[1].row_number))
            if r.channel == channel and r.quality in (None, "A", "V") and self._is_slot(r.at)
        }
        if len({r.code for _, r in self.registers if r.channel == channel}) > 1:
            return
        moments = sorted(known)
        for begin, end in pairwise(moments):
            slots, at = [], begin
            while at < end:
                slot = next(
                    s for s in local_slots(self.zone, _local(at, self.zone).date(), self.nominal) if s.start == at
                )
                slots.append(slot)
                at += timedelta(minutes=slot.minutes)
            inside = [cells[slot.start] for slot in slots if slot.start in cells]
            openings = [cell for cell in inside if cell.failed]
            is_one_month = len({(slot.day.year, slot.day.month) for slot in slots}) == 1
            if not openings or len(inside) < len(slots) or not is_one_month:
                continue
            residual = known[end] - known[begin] - sum(cell.valid or 0 for cell in inside)
            if len(openings) > 1 and any(cell.method is None for cell in openings):
                continue
            if known[end] < known[begin] or residual < 0:
                continue
            self._share(residual, openings)

    def _share(self, residual: int, openings: list[Cell]) -> None:
        weights = [1] if len(openings) == 1 else [cell.final or 0 for cell in openings]
        if not any(weights):
            weights = [1] * len(openings)
        sums = [0, *accumulate(weights)]
        ends = [half_up(Fraction(residual * part, sums[-1])) for part in sums]
        shares = [b - a for a, b in pairwise(ends)]
        if all(share * 60 <= self.limit * cell.slot.minutes for share, cell in zip(shares, openings, strict=True)):
            for share, cell in zip(shares, openings, strict=True):
                cell.final, cell.method = share, "E0" if len(openings) == 1 else f"{cell.method}R"

    def _is_slot(self, at: datetime) -> bool:
        return any(s.start == at for s in local_slots(self.zone, _local(at, self.zone).date(), self.nominal))

    def _like_days(self, target: date, whole: Collection[date]) -> list[date]:
        days = [
            day
            for day in whole
            if timedelta(0) < target - day <= timedelta(days=LOOKBACK_DAYS)
            and self._is_working(day) == self._is_working(target)
        ]
        days.sort(key=lambda day: (self._distance(day, target), target - day))
        return days[:MOST_DAYS] if len(days) >= FEWEST_DAYS else []

    def _distance(self, day: date, target: date) -> float:
        high, wanted = self.highs.get(day), self.highs.get(target)
        return inf if high is None or wanted is None else abs(high - wanted)

    def _is_working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.holidays

    def _profile(
        self,
        group: list[Cell],
        strays: dict[datetime, list[tuple[File, Read]]],
        failed: Counter[tuple[date, str]],
        day: date,
    ) -> Row:
        valid = sorted((c.valid for c in group if c.valid is not None), reverse=True)
        top = [*valid[:3], None, None, None][:3]
        counts = (
            len(group),
            sum(c.reported is not None for c in group),
            len(valid),
            sum(c.method is not None for c in group),
        )
        status = "incomplete"
        if len(valid) == len(group):
            status = "complete"
        elif all(c.final is not None for c in group):
            status = "estimated"
        return (self.nominal, *counts, valid.count(0), sum(valid), *top, min(valid, default=None), status)


def _rank(entry: tuple[File, Read], slot: Slot) -> Row:
    file, read = entry
    is_right_length, is_number = read.minutes == slot.minutes, read.wh is not None
    return (is_right_length, is_number, file.received_at, file.file_id, read.row_number, read.value_position)


def _by_day(cells: Iterable[Cell]) -> dict[date, list[Cell]]:
    days: dict[date, list[Cell]] = defaultdict(list)
    for cell in cells:
        days[cell.slot.day].append(cell)
    return days


def _runs(cells: list[Cell]) -> Iterable[tuple[int, int]]:
    first = None
    for n, cell in enumerate(cells):
        if cell.failed and first is None:
            first = n
        elif not cell.failed and first is not None:
            yield first, n
            first = None
    if first is not None:
        yield first, len(cells)
