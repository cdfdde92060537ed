"""Simulated societies for tests: built once, and the pieces that tests of them share."""

from datetime import date
from functools import cache

import polars as pl

from sims.world.build import build_society
from sims.world.frames import SCALES
from sims.world.society import Society

FIRST = {"tiny": date(2025, 2, 1), "demo": date(2025, 7, 1)}
SEED = 7


@cache
def society(scale: str, seed: int = SEED, last_date: date | None = None) -> Society:
    """The society of a scale over its fourteen months, or up to another date."""
    return build_society(SCALES[scale], seed, FIRST[scale], last_date or SCALES[scale].last_date)


def frames(of: Society) -> dict[str, pl.DataFrame]:
    """All frames of a society and its world, by name."""
    people = {name: frame for name, frame in vars(of).items() if isinstance(frame, pl.DataFrame)}
    world = {f"world.{name}": frame for name, frame in vars(of.world).items() if isinstance(frame, pl.DataFrame)}
    return people | world


def last_rows(frame: pl.DataFrame, *key: str) -> pl.DataFrame:
    """The row of each key that holds at the end."""
    return frame.sort(*key, "effective_date").group_by(*key, maintain_order=True).last()
