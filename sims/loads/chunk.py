"""Chunks of premises: the unit in which loads are played, drawn and kept."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from sims.world.calendar import Array, Calendar
from sims.world.frames import World
from sims.world.streams import stream

CHUNK_PREMISES = 250
"""Premises of a chunk; every draw is made for so many, whether or not they exist yet."""


@dataclass(frozen=True)
class Chunk:
    """Up to 250 premises in the order of their numbers, and all that shapes their use.

    Attributes:
        seed: Seed of the world.
        number: Place of the chunk, from 0.
        premises: Rows of `PREMISES`.
        behaviours: Rows of `BEHAVIOURS` with `business_type` of the account, sorted by premise and date.
        vacations: Rows of `VACATIONS`.
        meters: Rows of `METERS` that have interval data, sorted by `meter_number`.
    """

    seed: int
    number: int
    premises: pl.DataFrame
    behaviours: pl.DataFrame
    vacations: pl.DataFrame
    meters: pl.DataFrame

    @property
    def name(self) -> str:
        """Name of the chunk in file names."""
        return chunk_name(self.number)

    @property
    def count(self) -> int:
        """Number of premises."""
        return self.premises.height

    @property
    def first_premise(self) -> int:
        """Number of the first premise."""
        return CHUNK_PREMISES * self.number

    @cached_property
    def zone(self) -> Array:
        """Climate zone of each premise."""
        return self.premises["zone_number"].to_numpy().astype(np.int64)

    @cached_property
    def behaviour_values(self) -> dict[str, Array]:
        """Numeric columns of the behaviours as float32, 0 where they are null."""
        numeric = self.behaviours.select(pl.selectors.float())
        return {column.name: column.fill_null(0).to_numpy().astype(np.float32) for column in numeric}

    @cached_property
    def is_vacant(self) -> Array:
        """Whether nobody lives there, [row of the behaviours]."""
        return self.behaviours["account_id"].is_null().to_numpy()

    @cached_property
    def is_trade(self) -> Array:
        """Whether a behaviour is that of a business, [row of the behaviours]."""
        return self.behaviours["opening_hour"].is_not_null().to_numpy()

    @cached_property
    def serves_meals(self) -> Array:
        """Whether a behaviour is that of a restaurant, [row of the behaviours]."""
        return (self.behaviours["business_type"] == "restaurant").fill_null(value=False).to_numpy()

    @cached_property
    def is_closed_on_weekends(self) -> Array:
        """[row of the behaviours]."""
        return self.behaviours["is_closed_on_weekends"].fill_null(value=False).to_numpy()

    @cached_property
    def _physics(self) -> dict[str, Array]:
        numeric = self.premises.select(pl.selectors.numeric())
        return {column.name: column.to_numpy().astype(np.float32) for column in numeric}

    def physics(self, name: str) -> Array:
        """A numeric column of the premises as float32, [premise]."""
        return self._physics[name]

    def draws(self, purpose: str, ordinal: int) -> np.random.Generator:
        """The random stream of a purpose in this chunk on a day."""
        return stream(self.seed, purpose, self.number, ordinal)

    def uniform(self, purpose: str, calendar: Calendar) -> Array:
        """Uniform draws from 0 to 1 by [premise, slot]."""
        drawn = np.empty((self.count, calendar.slot_count), np.float32)
        for ordinal, first, end in zip(calendar.ordinals, calendar.first_slot, calendar.first_slot[1:], strict=False):
            day = self.draws(purpose, ordinal).random((CHUNK_PREMISES, end - first), np.float32)
            drawn[:, first:end] = day[: self.count]
        return drawn


def chunk_name(number: int) -> str:
    """Name of a chunk in file names."""
    return f"c{number:03}"


def chunk_of(world: World, number: int) -> Chunk:
    """A chunk of a world."""
    first = CHUNK_PREMISES * number
    is_inside = pl.col("premise_number").is_between(first, first + CHUNK_PREMISES - 1)
    types = world.accounts.group_by("account_id", maintain_order=True).agg(pl.col("business_type").first())
    behaviours = world.behaviours.filter(is_inside).join(types, on="account_id", how="left", maintain_order="left")
    has_reads = pl.col("interval_minutes").is_not_null() & (pl.col("sender") != "none")
    return Chunk(
        world.seed,
        number,
        world.premises.filter(is_inside).sort("premise_number"),
        behaviours.sort("premise_number", "start_date"),
        world.vacations.filter(is_inside),
        world.meters.filter(is_inside, has_reads).sort("meter_number"),
    )


def chunk_count(world: World) -> int:
    """Number of chunks of a world."""
    return -(-world.premises.height // CHUNK_PREMISES)


def ordinals(dates: pl.Series) -> Array:
    """Day numbers of dates; the far future for nulls."""
    days = dates.fill_null(date.max).dt.epoch("d").to_numpy().astype(np.int64)
    return np.asarray(days + date(1970, 1, 1).toordinal())
