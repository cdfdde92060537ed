"""VEE a second time, in plain Python and from the rules' wording: the warehouse must agree row for row.

Slow and simple on purpose: one meter at a time, one interval at a time, fractions instead of integer tricks. It knows
nothing of months, so it also shows that cutting the work into months changes nothing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.vee.facts import (
    LIMIT_WH_PER_HOUR,
    Asset,
    Cell,
    Climate,
    File,
    Read,
    Row,
    Slot,
    Tables,
    half_up,
    local_slots,
    local_time,
)
from tests.vee.oracle_estimates import Estimator
from tests.vee.oracle_rules import (
    Span,
    counts,
    energy_counted,
    explain,
    highest_of,
    judge,
    patterns,
    spike_levels,
)

FOREVER = datetime(9999, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def expected_tables(
    files: Collection[File], holidays: Collection[date], climate: Climate, assets: Mapping[str, Asset]
) -> Tables:
    """Every row of the vee layer that the files should lead to."""
    tables = Tables(set(), set(), set(), set(), set())
    for meter_id in sorted({read.meter_id for file in files for read in file.reads}):
        _Meter(meter_id, files, holidays, climate, assets.get(meter_id)).add_to(tables)
    return tables


class _Meter:
    def __init__(
        self,
        meter_id: str,
        files: Collection[File],
        holidays: Collection[date],
        climate: Climate,
        asset: Asset | None,
    ) -> None:
        self.meter_id, self.asset = meter_id, asset
        highs = {day: high for (zone, day), high in climate.highs.items() if zone == climate.zones.get(meter_id)}
        mine = sorted(
            (f for f in files if any(r.meter_id == meter_id for r in f.reads)),
            key=lambda f: (f.received_at, f.file_id),
        )
        self.reads = [(f, r) for f in mine for r in f.reads if r.meter_id == meter_id]
        self.zone = ZoneInfo(mine[-1].time_zone)
        classes = [f.customer_class for f in mine if f.customer_class != "unclassified"]
        customer_class = classes[-1] if classes else "unclassified"
        self.limit = LIMIT_WH_PER_HOUR[customer_class]
        self.estimator = Estimator(customer_class, climate.zones.get(meter_id), highs, holidays)
        ranked = sorted(files, key=lambda f: (f.received_at, f.file_id))
        self.registers = [(f, r) for f in ranked for r in f.registers if r.meter_id == meter_id]
        lengths = Counter(r.nominal for _, r in self.reads)
        self.nominal = min(lengths, key=lambda n: (-lengths[n], n))
        self.events = sorted({e for f in files for e in f.events if e.meter_id == meter_id}, key=lambda e: e.at)
        self.channels = {c: self._cells(c) for c in sorted({r.channel for _, r in self.reads})}
        self.failed: Counter[tuple[str, date, str]] = Counter()
        self.estimated: Counter[tuple[str, date, str]] = Counter()
        self.strays: dict[str, dict[datetime, list[tuple[File, Read]]]] = {}

    def add_to(self, tables: Tables) -> None:
        for channel in self.channels:
            self._let_stand(channel, tables)
        self._darken()
        spans = [span for channel in self.channels for span in self._spans(channel)]
        judge(spans)
        days = {channel: _by_day(cells) for channel, cells in self.channels.items()}
        contradicted = {(s.channel, day) for s in spans if s.is_failing for day in s.days}
        whole = {
            channel: {day: group for day, group in by_day.items() if self._is_whole(channel, day, group, contradicted)}
            for channel, by_day in days.items()
        }
        levels = {channel: spike_levels(highest_of(days[channel]), whole[channel]) for channel in days}
        found = patterns(self.channels, self.nominal)
        for span in spans:
            self._settle(span, levels, found)
        self._remark(spans, days, whole, levels, found)
        for channel, cells in self.channels.items():
            for cell in cells:
                cell.valid = None if cell.failed else cell.reported
                cell.final = cell.known
                if cell.is_kept:
                    cell.final = cell.reported
                elif cell.factor:
                    cell.final, cell.method = half_up(Fraction(cell.reported or 0, cell.factor)), "E0"
            for day, reference in self.estimator.estimate(channel, cells, whole[channel]):
                tables.estimate_references.add((self.meter_id, channel, day, reference))
        for span in spans:
            self.estimator.scale(span)
        self._count(days, contradicted, tables)
        sides: dict[datetime, dict[str, Cell]] = defaultdict(dict)
        for channel in self.channels:
            for cell in self.channels[channel]:
                sides[cell.slot.start][channel] = cell
        nothing = (None, None, None, None)
        for start, pair in sides.items():
            slot = next(iter(pair.values())).slot
            values = [
                (c.final, c.adjustment, c.quality, c.method) if c else nothing
                for c in (pair.get("delivered"), pair.get("received"))
            ]
            offset = local_time(start, self.zone).utcoffset() or timedelta()
            when = (start, slot.minutes, slot.day, offset // timedelta(minutes=1))
            tables.interval_reads.add((self.meter_id, *when, *values[0], *values[1]))

    def _cells(self, channel: str) -> list[Cell]:
        starts = [r.start for _, r in self.reads if r.channel == channel and r.nominal == self.nominal]
        if not starts:
            return []
        first, last = min(starts), max(starts)
        day, last_day = (local_time(instant, self.zone).date() for instant in (first, last))
        cells = []
        while day <= last_day:
            slots = local_slots(self.zone, day, self.nominal)
            cells += [Cell(slot, self.limit * slot.minutes // 60) for slot in slots if first <= slot.start <= last]
            day += timedelta(days=1)
        return cells

    def _let_stand(self, channel: str, tables: Tables) -> None:
        by_start: dict[datetime, list[tuple[File, Read]]] = defaultdict(list)
        for file, read in self.reads:
            if read.channel == channel:
                by_start[read.start].append((file, read))
        for cell in self.channels[channel]:
            ranked = sorted(by_start.pop(cell.slot.start, []), key=lambda fr: _rank(fr, cell.slot), reverse=True)
            cell.standing = ranked[0] if ranked else None
            cell.failed = self._failed_rule(cell)
            cell.valid = None if cell.failed else cell.reported
            cell.number = cell.reported if cell.failed in (None, "V05") else None
            for file, read in ranked[1:]:
                is_same = read.wh == cell.reported
                self.failed[channel, cell.slot.day, "V01"] += not is_same and read.wh is not None
                standing_file, standing_read = ranked[0]
                outranked = (file.file_id, read.row_number, read.value_position)
                interval = (self.meter_id, channel, cell.slot.start, cell.slot.day)
                standing = (standing_file.file_id, standing_read.row_number)
                tables.superseded_reads.add((*outranked, *interval, is_same, *standing))
        self.strays[channel] = by_start
        for start, strays in by_start.items():
            self.failed[channel, local_time(start, self.zone).date(), "V02"] += len(strays)

    def _failed_rule(self, cell: Cell) -> str | None:
        if cell.standing is None:
            return "V03"
        if _is_future(cell.standing, cell.slot):
            return "V13"
        if cell.reported is None:
            return "V03"
        if cell.standing[1].minutes != cell.slot.minutes:
            return "V02"
        if cell.reported < 0:
            return "V04"
        return "V05" if cell.reported * 60 > self.limit * cell.slot.minutes else None

    def _breaks(self, begin: str, end: str, *, lasts: bool) -> list[tuple[datetime, datetime]]:
        own = [event for event in self.events if event.code in (begin, end)]
        breaks = []
        for place, event in enumerate(own):
            following = own[place + 1 : place + 2]
            if event.code == begin and (following or lasts) and all(f.code == end for f in following):
                breaks.append((event.at, following[0].at if following else FOREVER))
        return breaks

    def _darken(self) -> None:
        self.cut_off = self._breaks("DISCONNECT", "CONNECT", lasts=True)
        breaks = self._breaks("POWER_DOWN", "POWER_UP", lasts=False) + self.cut_off
        for cells in self.channels.values():
            for cell in cells:
                end = cell.slot.start + timedelta(minutes=cell.slot.minutes)
                cell.is_dark = any(a < end and b > cell.slot.start for a, b in breaks)
                cell.is_unserved = any(a <= cell.slot.start and b >= end for a, b in breaks)

    def _is_whole(self, channel: str, day: date, group: list[Cell], contradicted: Collection[tuple[str, date]]) -> bool:
        is_full = len(group) == len(local_slots(self.zone, day, self.nominal))
        is_valid = all(c.valid is not None for c in group)
        is_lit = not any(c.is_dark for cells in self.channels.values() for c in cells if c.slot.day == day)
        return is_full and is_valid and is_lit and (channel, day) not in contradicted

    def _settle(
        self,
        span: Span,
        levels: Mapping[str, Mapping[date, Fraction]],
        found: Mapping[tuple[str, datetime], tuple[str, bool]],
    ) -> None:
        """Give the cells of a failing span their rule."""
        if not span.is_failing:
            return
        if span.is_reversed:
            siblings = {c.slot.start: c for name, cells in self.channels.items() if name != span.channel for c in cells}
            for cell in span.cells:
                number = siblings[cell.slot.start].number
                if number is not None and number <= cell.limit:
                    cell.exact, cell.method = number, "E0"
                cell.failed = "V09" if cell.failed in (None, "V05") else cell.failed
        elif span.factor:
            for cell in span.cells:
                if cell.number is not None:
                    cell.factor, cell.failed = span.factor, "V15" if span.factor == 1000 else "V16"
        else:
            explain(span, levels[span.channel], found)

    def _remark(
        self,
        spans: list[Span],
        days: Mapping[str, Mapping[date, list[Cell]]],
        whole: Mapping[str, Mapping[date, list[Cell]]],
        levels: Mapping[str, Mapping[date, Fraction]],
        found: Mapping[tuple[str, datetime], tuple[str, bool]],
    ) -> None:
        """Count what is listed and changes nothing."""
        for span in spans:
            for cell in span.cells:
                self.failed[span.channel, cell.slot.day, "V09"] += span.is_failing
            for day in span.days if span.counted is None else ():
                self.failed[span.channel, day, "V11"] = 1
        for channel, by_day in days.items():
            for day, group in by_day.items():
                self._remark_on_day(channel, day, group, levels[channel], found)
                like = [whole[channel].get(day - timedelta(weeks=n)) for n in range(1, 5)]
                sums = [sum(c.valid or 0 for c in cells) for cells in like if cells]
                if day in whole[channel] and len(sums) >= 3:
                    mean, own = Fraction(sum(sums), len(sums)), sum(c.valid or 0 for c in group)
                    self.failed[channel, day, "V10"] = not Fraction(3, 10) * mean <= own <= 3 * mean
        for _, register in self.registers:
            day = local_time(register.at, self.zone).date()
            is_odd = self.asset is not None and register.multiplier not in (None, self.asset.multiplier)
            if is_odd and day in days.get(register.channel, {}):
                self.failed[register.channel, day, "V16"] += 1

    def _remark_on_day(
        self,
        channel: str,
        day: date,
        group: list[Cell],
        levels: Mapping[date, Fraction],
        found: Mapping[tuple[str, datetime], tuple[str, bool]],
    ) -> None:
        asset = self.asset or Asset()
        is_out = (asset.installed or date.min) > day or (asset.removed or date.max) < day
        errors = [
            abs(int(seconds[1]))
            for e in self.events
            if e.code == "TIME_SYNC" and local_time(e.at, self.zone).date() == day
            if (seconds := re.search(r"(-?\d+) s", e.text))
        ]
        self.failed[channel, day, "V12"] = max(errors, default=0) > 180
        for cell in group:
            value = cell.reported if cell.failed is None or cell.is_kept else None
            rule, is_remarkable = found.get((channel, cell.slot.start), ("", False))
            if value is None:
                continue
            self.failed[channel, day, "V06"] += day in levels and value > levels[day]
            self.failed[channel, day, rule] += is_remarkable
            end = cell.slot.start + timedelta(minutes=cell.slot.minutes)
            is_cut_off = any(a <= cell.slot.start and b >= end for a, b in self.cut_off)
            self.failed[channel, day, "V14"] += value > 0 and (is_out or is_cut_off)

    def _count(
        self,
        days: Mapping[str, Mapping[date, list[Cell]]],
        contradicted: Collection[tuple[str, date]],
        tables: Tables,
    ) -> None:
        for channel, by_day in days.items():
            run = 0
            for day, group in by_day.items():
                for cell in group:
                    if cell.failed:
                        self.failed[channel, day, cell.failed] += cell.failed != "V09"
                        self.estimated[channel, day, cell.failed] += cell.method is not None
                missing = sum(cell.valid is None for cell in group)
                run = run + 1 if 2 * missing > len(group) else 0
                self.failed[channel, day, "V17"] = missing if run > 3 else 0
                row = self._profile(group, (channel, day) in contradicted)
                tables.meter_day_profiles.add((self.meter_id, channel, day, *row))
        for (channel, day, rule), count in self.failed.items():
            if count and rule:
                row = (self.meter_id, channel, day, rule, count, self.estimated[channel, day, rule])
                tables.failures.add(row)

    def _spans(self, channel: str) -> Iterable[Span]:
        """Pairs of neighbouring readings within a month, all of whose intervals are expected."""
        cells = {cell.slot.start: cell for cell in self.channels[channel]}
        known = {
            r.at: r.wh
            for _, r in sorted(self.registers, key=lambda fr: (fr[0].received_at, fr[0].file_id, fr[1].row_number))
            if r.channel == channel and r.quality in (None, "A", "V") and self._is_slot(r.at)
        }
        if len({r.code for _, r in self.registers if r.channel == channel}) > 1:
            return
        for begin, end in pairwise(sorted(known)):
            slots, at = [], begin
            while at < end:
                slot = next(
                    s for s in local_slots(self.zone, local_time(at, self.zone).date(), self.nominal) if s.start == at
                )
                slots.append(slot)
                at += timedelta(minutes=slot.minutes)
            inside = [cells[slot.start] for slot in slots if slot.start in cells]
            is_one_month = len({(slot.day.year, slot.day.month) for slot in slots}) == 1
            if len(inside) == len(slots) and is_one_month:
                counted = energy_counted(known[begin], known[end], inside, self.asset)
                yield Span(channel, begin, end, inside, counted, counts(self.asset))

    def _is_slot(self, at: datetime) -> bool:
        return any(s.start == at for s in local_slots(self.zone, local_time(at, self.zone).date(), self.nominal))

    def _profile(self, group: list[Cell], is_contradicted: bool) -> Row:
        valid = sorted((c.valid for c in group if c.valid is not None), reverse=True)
        top = [*valid[:3], None, None, None][:3]
        dark = {c.slot.start for cells in self.channels.values() for c in cells if c.is_dark}
        numbers = (
            len(group),
            sum(c.reported is not None for c in group),
            len(valid),
            sum(c.method is not None for c in group),
            sum(c.slot.start in dark for c in group),
        )
        status = "estimated"
        if any(c.final is None for c in group):
            status = "incomplete"
        elif len(valid) == len(group) and not is_contradicted:
            status = "complete"
        elif any(c.is_kept for c in group) or len(valid) == len(group):
            status = "questionable"
        return (self.nominal, *numbers, valid.count(0), sum(valid), *top, min(valid, default=None), status)


def _rank(entry: tuple[File, Read], slot: Slot) -> Row:
    file, read = entry
    is_right_length, is_number = read.minutes == slot.minutes, read.wh is not None
    is_past = not _is_future(entry, slot)
    return (is_past, is_right_length, is_number, file.received_at, file.file_id, read.row_number, read.value_position)


def _is_future(entry: tuple[File, Read], slot: Slot) -> bool:
    return slot.start + timedelta(minutes=slot.minutes) > entry[0].received_at


def _by_day(cells: Iterable[Cell]) -> dict[date, list[Cell]]:
    days: dict[date, list[Cell]] = defaultdict(list)
    for cell in cells:
        days[cell.slot.day].append(cell)
    return days
