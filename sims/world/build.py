"""A world and its society up to a date."""

from datetime import date

import polars as pl

from sims.world.changes import change_lives, go_on_vacation
from sims.world.contacts import make_contacts
from sims.world.devices import change_devices
from sims.world.enrolments import change_enrollments
from sims.world.frames import ACCOUNTS, BEHAVIOURS, VACATIONS, Scale, World
from sims.world.metering import exchange_meters, meters_frame
from sims.world.months import months
from sims.world.moves import Moves
from sims.world.opening import open_town
from sims.world.preferences import change_preferences
from sims.world.premises import premises_frame
from sims.world.society import SCHEMAS, Society
from sims.world.surveys import fill_in_surveys
from sims.world.town import Row, Town


def build_world(scale: Scale, seed: int, first_date: date, last_date: date) -> World:
    """The world up to a date: places, and what shapes their use of electricity.

    Args:
        scale: Size.
        seed: Seed of every random stream.
        first_date: First local date of the history, the first of a month.
        last_date: Last local date that has happened. A later one adds rows, ends open periods, and shows panels and
            thermostats that came to a premise meanwhile; it changes nothing that was before.
    """
    return build_society(scale, seed, first_date, last_date).world


def build_society(scale: Scale, seed: int, first_date: date, last_date: date) -> Society:
    """The people of a world up to a date, and the world: see `build_world`."""
    town = open_town(scale, seed, first_date)
    moves = Moves(town)
    for month in months(first_date, last_date):
        moves.play(month)
        change_lives(town, month)
        exchange_meters(town, month)
        go_on_vacation(town, month)
        change_preferences(town, month)
        change_devices(town, month)
        change_enrollments(town, month)
        fill_in_surveys(town, month)
        make_contacts(town, month)
    world = World(
        seed=seed,
        scale=scale,
        first_date=first_date,
        last_date=last_date,
        premises=premises_frame([site.building for site in town.sites], last_date),
        behaviours=_happened(town.log["behaviours"], BEHAVIOURS, "start_date", last_date).sort(
            "premise_number", "start_date"
        ),
        accounts=_happened(town.log["accounts"], ACCOUNTS, "effective_date", last_date).sort(
            "account_id", "effective_date"
        ),
        vacations=_happened(town.log["vacations"], VACATIONS, "start_date", last_date).sort(
            "premise_number", "start_date"
        ),
        meters=meters_frame(town, last_date),
    )
    return Society(world, **_frames(town, world.accounts, last_date))


def _frames(town: Town, accounts: pl.DataFrame, last_date: date) -> dict[str, pl.DataFrame]:
    """Frames of the society up to a date, each sorted by its columns from the left."""
    frames = {}
    for name, schema in SCHEMAS.items():
        if name == "account_names":
            frame = pl.DataFrame(town.log[name], schema=schema, orient="row")
            frames[name] = frame.join(accounts, on="account_id", how="semi").sort("account_id")
        else:
            frames[name] = _happened(town.log[name], schema, "effective_date", last_date)
            keys = list(schema)[: list(schema).index("effective_date") + 1]
            frames[name] = frames[name].sort(keys, nulls_last=True)
    return frames


def _happened(rows: list[Row], schema: pl.Schema, date_column: str, last_date: date) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col(date_column) <= last_date)
