"""When and where defects befall meters: a plan that depends on seed, meter and day alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from sims.loads.chunk import CHUNK_PREMISES, Chunk
from sims.meters.kinds import LASTING, LASTING_WAIT_DAYS, PASSING
from sims.world.calendar import Array, Calendar
from sims.world.frames import World
from sims.world.streams import stream

SEATS = 8 * CHUNK_PREMISES
"""Places for meters in a chunk, eight for each premise; every draw is made for all of them."""

_LONGEST_DAYS = 3
_FORCED_LASTING_DAY, _FORCED_DAY = 13, 4


@dataclass(frozen=True)
class Placement:
    """A defect of a meter.

    Attributes:
        kind: Key of `PASSING` or `LASTING`.
        meter_number: The meter.
        ordinal: Day on which it begins.
        place: Drawn from 0 to 1: where in the day.
        length: Drawn from 0 to 1: how long.
        size: Drawn from 0 to 1: how much.
    """

    kind: str
    meter_number: int
    ordinal: int
    place: float
    length: float
    size: float

    @property
    def days(self) -> int:
        """Days that it can touch."""
        if self.kind == "gap_days":
            return 2 if self.length < 0.5 else 3
        return _LONGEST_DAYS if self.kind == "stuck" else 1


def seats(meters: pl.DataFrame, first_premise: int) -> Array:
    """Seat of each meter: its premise, and its place there by date of installation."""
    order = pl.struct("installed_date", "installed_quarter", "meter_id").rank("ordinal").over("premise_number") - 1
    seat = 8 * (pl.col("premise_number").cast(pl.Int64) - first_premise) + order.cast(pl.Int64).clip(0, 7)
    return meters.select(seat).to_series().to_numpy()


def forced_placements(world: World) -> list[Placement]:
    """One defect of every kind, on meters that have been there from the start, soon after the first date.

    Meters are taken in an order of chance, each for one kind as long as there are enough of them; the fifth to
    sixteenth days begin what passes and the fourteenth day begins what lasts.
    """
    old = world.meters.filter(
        pl.col("interval_minutes").is_not_null(),
        pl.col("parent_meter_id").is_null(),
        pl.col("installed_date") <= world.first_date,
        sender="mdms",
        load_share="all",
    )
    meters = old.sort("meter_number").sample(fraction=1, shuffle=True, seed=world.seed)
    panels = world.premises.filter(pl.col("pv_since_date") <= world.first_date)["premise_number"].implode()
    reversible = meters.filter(pl.col("has_received_channel"), pl.col("premise_number").is_in(panels)).head(1)
    others = meters.join(reversible, on="meter_number", how="anti", maintain_order="left")["meter_number"].to_list()
    chosen = dict(zip(["reversed_channels"], reversible["meter_number"].to_list(), strict=False))
    kinds = [kind for kind in LASTING if kind != "reversed_channels"]
    chosen |= dict(zip(kinds, others, strict=False))
    passing = others[len(kinds) :]
    if passing:
        chosen |= {kind: passing[place % len(passing)] for place, kind in enumerate(PASSING)}
    begin = world.first_date.toordinal()
    days = {kind: begin + _FORCED_DAY + place for place, kind in enumerate(PASSING)}
    days |= dict.fromkeys(LASTING, begin + _FORCED_LASTING_DAY)
    sizes = {kind: stream(world.seed, "forced defects", place).random(3).tolist() for place, kind in enumerate(days)}
    return [Placement(kind, number, days[kind], *sizes[kind]) for kind, number in chosen.items()]


@dataclass(frozen=True)
class Plan:
    """Defects of a chunk.

    Attributes:
        chunk: Its meters.
        scale: Name of the world's scale.
        first_date: First date of the world.
        forced: `forced_placements` of the world.
    """

    chunk: Chunk
    scale: str
    first_date: date
    forced: list[Placement]

    @cached_property
    def lasting(self) -> list[Placement]:
        """Defects that stay, whenever they begin; at most one per meter."""
        numbers = self.chunk.meters["meter_number"].to_list()
        wanted = {placement.meter_number: placement for placement in self.forced}
        found = [wanted[number] for number in numbers if number in wanted and wanted[number].kind in LASTING]
        taken = {placement.meter_number for placement in self.forced}
        for seat, row in zip(self._seats, self.chunk.meters.iter_rows(named=True), strict=True):
            if row["meter_number"] in taken or row["sender"] != "mdms":
                continue
            random = stream(self.chunk.seed, "lasting defects", self.chunk.number, int(seat))
            chance, wait = random.random(), int(random.integers(*LASTING_WAIT_DAYS))
            rates = LASTING if row["has_received_channel"] else LASTING | {"reversed_channels": 0.0}
            bounds = np.cumsum(list(rates.values()))
            if chance < bounds[-1]:
                begin = max(row["installed_date"], self.first_date).toordinal() + wait
                kind = list(rates)[int(np.searchsorted(bounds, chance, side="right"))]
                found.append(Placement(kind, row["meter_number"], begin, *random.random(3).tolist()))
        return found

    def passing(self, calendar: Calendar) -> list[Placement]:
        """Defects that touch a span of days, at most one on a meter at a time, those that began before included."""
        spoilt = {placement.meter_number for placement in self.lasting}
        forced = [placement for placement in self.forced if placement.kind in PASSING]
        kept: list[Placement] = []
        candidates = [*forced, *(found for found in self._candidates(calendar) if found.meter_number not in spoilt)]
        busy: dict[int, list[Placement]] = {}
        for found in candidates:
            busy.setdefault(found.meter_number, []).append(found)
        for same in busy.values():
            certain = [found for found in same if found in forced]
            chance = [found for found in same if found not in forced]
            free = [found for found in chance if not any(_meet(found, other) for other in certain)]
            kept += certain
            kept += [found for found in free if not any(_follows(found, other) for other in free)]
        first, last = calendar.ordinals[0], calendar.ordinals[-1]
        known = set(self.chunk.meters["meter_number"].to_list())
        touching = [p for p in kept if p.ordinal <= last and p.ordinal + p.days > first and p.meter_number in known]
        return sorted(touching, key=lambda found: (found.ordinal, found.meter_number))

    @cached_property
    def _seats(self) -> Array:
        return seats(self.chunk.meters, self.chunk.first_premise)

    def _candidates(self, calendar: Calendar) -> Iterator[Placement]:
        """What chance alone would do, from some days before the span on."""
        names, bounds = list(PASSING), np.cumsum([kind.rate(self.scale) for kind in PASSING.values()])
        own, numbers = self._seats, self.chunk.meters["meter_number"].to_numpy()
        is_mdms = (self.chunk.meters["sender"] == "mdms").to_list()
        first = calendar.first - timedelta(days=2 * _LONGEST_DAYS)
        for offset in range((calendar.last - first).days + 1):
            ordinal = first.toordinal() + offset
            draws = self.chunk.draws("defects", ordinal).random((4, SEATS))[:, own]
            for row in np.flatnonzero(draws[0] < bounds[-1]).tolist():
                kind = names[int(np.searchsorted(bounds, draws[0, row], side="right"))]
                if is_mdms[row] or not PASSING[kind].is_mdms_only:
                    yield Placement(kind, int(numbers[row]), ordinal, *draws[1:, row].tolist())


def _follows(later: Placement, earlier: Placement) -> bool:
    return earlier.ordinal < later.ordinal and _meet(earlier, later)


def _meet(one: Placement, other: Placement) -> bool:
    """Whether two defects touch the same or neighbouring days."""
    return one.ordinal <= other.ordinal + other.days and other.ordinal <= one.ordinal + one.days
