"""What the NMS sends: events of meters, most of them about outages."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sims.meters.pieces import Piece
from sims.world.calendar import utc_seconds
from sims.world.frames import TIME_ZONE, World
from sims.world.streams import stream

_DOWN, _UP = ("POWER_DOWN", "Power lost"), ("POWER_UP", "Power restored")
_ROUTINE = (("TIME_SYNC", "Clock set"), ("COVER_OPEN", "Terminal cover opened"), ("LOW_BATTERY", "Battery low"))
_DOWN_SHARE, _UP_SHARE, _ROUTINE_SHARE = 0.88, 0.97, 0.004
_ROUTINE_WEIGHTS = (0.9, 0.04, 0.06)
_DRAWS = 1 << 15


def write_events(path: Path, world: World, outages: pl.DataFrame, piece: Piece) -> int:
    """Write the events of a piece as CSV: `meter_id`, `event_time_utc`, `event_code`, `event_text`.

    Most meters tell that they lose power and almost all that it is back, each some seconds late; now and then, and
    every day, one sets its clock or has a low battery.

    Args:
        path: File to write.
        world: Meters.
        outages: Outages that touch the piece and the days around it.
        piece: Days.

    Returns:
        Number of events.
    """
    events = pl.concat([_outage_events(world, outages), *(_routine(world, day) for day in piece.calendar.dates)])
    first, end = (pl.lit(bound) for bound in piece.calendar.midnights_utc[[0, -1]])
    is_inside = (pl.col("event_time_utc") >= first) & (pl.col("event_time_utc") < end)
    events = events.filter(is_inside).sort("event_time_utc", "meter_id", "event_code")
    events.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    return events.height


def _outage_events(world: World, outages: pl.DataFrame) -> pl.DataFrame:
    """Events of the meters that were there all day."""
    meters = world.meters.filter(pl.col("sender") == "mdms")
    affected = outages.join(meters, on="premise_number", maintain_order="left")
    frames = []
    for column, (code, text), share in (("outage_start_utc", _DOWN, _DOWN_SHARE), ("outage_end_utc", _UP, _UP_SHARE)):
        day = pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE).dt.date()
        there = affected.filter(
            pl.col("installed_date") < day, (pl.col("removed_date") > day).fill_null(value=True)
        ).with_columns(second=pl.col(column).dt.epoch("s"))
        keys = there.select("meter_number", "second").iter_rows()
        draws = np.array([stream(world.seed, code, *key).random(2) for key in keys]).reshape(-1, 2)
        late = pl.Series((2 + 55 * draws[:, 1]).astype("timedelta64[s]").astype("timedelta64[us]"))
        told = there.select(
            "meter_id", event_time_utc=pl.col(column) + late, event_code=pl.lit(code), event_text=pl.lit(text)
        )
        frames.append(told.filter(pl.Series(draws[:, 0] < share, dtype=pl.Boolean)))
    return pl.concat(frames)


def _routine(world: World, day: date) -> pl.DataFrame:
    """Events that mean nothing for energy."""
    meters = world.meters.filter(
        pl.col("sender") == "mdms",
        pl.col("installed_date") < day,
        (pl.col("removed_date") > day).fill_null(value=True),
    )
    draws = stream(world.seed, "routine events", day.toordinal()).random((3, _DRAWS))
    chance, when, which = draws[:, meters["meter_number"].to_numpy() % _DRAWS]
    place = np.searchsorted(np.cumsum(_ROUTINE_WEIGHTS)[:-1], which, side="right")
    codes, texts = zip(*_ROUTINE, strict=True)
    seconds = utc_seconds(day) + (when * (utc_seconds(day + timedelta(1)) - utc_seconds(day))).astype(np.int64)
    return pl.DataFrame(
        {
            "meter_id": meters["meter_id"],
            "event_time_utc": (seconds * 1_000_000).astype("datetime64[us]"),
            "event_code": pl.Series(codes).gather(place),
            "event_text": pl.Series(texts).gather(place),
        }
    ).filter(pl.Series((chance < _ROUTINE_SHARE) | (chance == chance.min())))
