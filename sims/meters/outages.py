"""Outages: feeders that lose power, the meters that say so, and what stays dark."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from sims.loads.chunk import Chunk
from sims.world.calendar import SLOT_SECONDS, Array, Calendar, utc_seconds
from sims.world.frames import World
from sims.world.streams import stream

DAY_SHARE = 0.001
"""Share of meter-days with an outage."""

_FEEDER_SHARE = (0.4, 1.0)
_MEDIAN_QUARTERS, _SPREAD, _MOST_QUARTERS = 6, 0.8, 48
_MOST_FEEDERS = 4_096
_FORCED_DAY = 11
_OUTAGE = pl.Schema({
    "outage_id": pl.String(), "feeder_id": pl.String(), "premise_number": pl.Int32(),
    "outage_start_utc": pl.Datetime("us"), "outage_end_utc": pl.Datetime("us"),
})  # fmt: skip


def play_outages(world: World, first: date, last: date) -> pl.DataFrame:
    """Outages that touch a span of days.

    On a day each feeder loses power with the chance that makes `DAY_SHARE`; then 40 to 100 % of its premises are dark
    for about an hour and a half, twelve hours at most. The first feeder of a world has one on its twelfth day, so that
    every world has an outage.

    Args:
        world: Premises and their feeders.
        first: First local date.
        last: Last local date, included; an outage that begins on it is given whole.

    Returns:
        `outage_id`, `feeder_id`, `premise_number`, `outage_start_utc`, `outage_end_utc`: one row per outage and
        premise, by start, those that begin before the first midnight and end after it included.
    """
    feeders = world.premises.group_by("feeder_id").agg(pl.col("premise_number").sort()).sort("feeder_id")
    premises = feeders["premise_number"].to_list()
    chance = DAY_SHARE / (sum(_FEEDER_SHARE) / 2)
    rows: list[tuple[object, ...]] = []
    for offset in range(-1, (last - first).days + 1):
        day = first + timedelta(days=offset)
        draws = stream(world.seed, "outages", day.toordinal()).random(_MOST_FEEDERS)
        hit = set(np.flatnonzero(draws[: len(premises)] < chance).tolist())
        if day == world.first_date + timedelta(days=_FORCED_DAY):
            hit.add(0)
        for feeder in sorted(hit):
            rows += _outage(world.seed, feeders["feeder_id"][feeder], feeder, premises[feeder], day)
    outages = pl.DataFrame(rows, _OUTAGE, orient="row")
    midnight = pl.lit(1_000_000 * utc_seconds(first)).cast(pl.Datetime("us"))
    return outages.filter(pl.col("outage_end_utc") > midnight)


def _outage(seed: int, feeder_id: str, feeder: int, premises: list[int], day: date) -> list[tuple[object, ...]]:
    """Rows of an outage of a feeder."""
    random = stream(seed, "outage", feeder, day.toordinal())
    first = utc_seconds(day) + SLOT_SECONDS * int(random.integers(0, 92))
    quarters = int(np.clip(np.rint(random.lognormal(np.log(_MEDIAN_QUARTERS), _SPREAD)), 1, _MOST_QUARTERS))
    share = random.uniform(*_FEEDER_SHARE)
    reached = max(1, round(share * len(premises)))
    begin = int(random.integers(0, len(premises)))
    micros = [1_000_000 * (first + SLOT_SECONDS * quarter) for quarter in (0, quarters)]
    dark = sorted(premises[(begin + n) % len(premises)] for n in range(reached))
    return [(f"O{day:%Y%m%d}-{feeder_id}", feeder_id, premise, *micros) for premise in dark]


def darkness(outages: pl.DataFrame, chunk: Chunk, calendar: Calendar) -> Array | None:
    """Where a chunk has no power, [premise, slot]; None where it has power throughout."""
    last = chunk.first_premise + chunk.count - 1
    here = outages.filter(
        pl.col("premise_number").is_between(chunk.first_premise, last),
        pl.col("outage_start_utc") < pl.lit(calendar.midnights_utc[-1]),
        pl.col("outage_end_utc") > pl.lit(calendar.midnights_utc[0]),
    )
    if here.is_empty():
        return None
    is_out = np.zeros((chunk.count, calendar.slot_count), np.bool_)
    bounds = [
        np.clip(np.searchsorted(calendar.start_utc, here[name].to_numpy()), 0, calendar.slot_count)
        for name in ("outage_start_utc", "outage_end_utc")
    ]
    for premise, begin, end in zip(here["premise_number"].to_list(), *bounds, strict=True):
        is_out[premise - chunk.first_premise, begin:end] = True
    return is_out
