"""Small worlds made by hand and by chance: valid frames without a population behind them."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from sims.world.frames import ACCOUNTS, BEHAVIOURS, METERS, PREMISES, VACATIONS, Scale, World

ZONE_SHARES = (0.35, 0.30, 0.25, 0.10)
COOLED_SHARES = (0.35, 0.75, 0.90, 0.97)
BUSINESSES = ("restaurant", "office", "shop")
FIRST = date(2025, 10, 1)


def make_world(premises: int = 12, last: date = date(2025, 11, 30), first: date = FIRST, seed: int = 3) -> World:
    """A world of homes and, every twelfth premise, a business.

    Every fifth meter is hourly, every sixth premise has panels, premise 1 is split between a main and a `pool_ev`
    meter, premises 2 and 3 have sub-meters (pool_ev and solar), premise 4 has its meter exchanged, premise 5 has none
    with interval data, premise 7 changes hands with a vacancy, and the register of premise 8 is about to roll over.
    """
    random = np.random.default_rng(seed)
    numbers = range(premises)
    rows = [_premise(random, number) for number in numbers]
    behaviours = [row for number in numbers for row in _behaviours(random, number, rows[number], first)]
    meters = [row for number in numbers for row in _meters(number, rows[number], first)]
    vacations = [(n, first + timedelta(days=9 + n), first + timedelta(days=14 + n)) for n in numbers if n % 4 == 3]
    frame = pl.DataFrame(meters, METERS, orient="row").with_columns(
        meter_number=pl.int_range(pl.len(), dtype=METERS["meter_number"])
    )
    return World(
        seed=seed,
        scale=Scale("tiny", premises, last),
        first_date=first,
        last_date=last,
        premises=pl.DataFrame(rows, PREMISES, orient="row"),
        behaviours=pl.DataFrame(behaviours, BEHAVIOURS, orient="row"),
        accounts=pl.DataFrame([_account(n, first) for n in numbers], ACCOUNTS, orient="row"),
        vacations=pl.DataFrame(vacations, VACATIONS, orient="row"),
        meters=frame,
    )


def is_business(number: int) -> bool:
    return number % 12 == 11


def has_panels(number: int) -> bool:
    return number % 6 == 3


def _premise(random: np.random.Generator, number: int) -> tuple[object, ...]:
    zone = int(random.choice(4, p=ZONE_SHARES))
    cooled = random.random() < COOLED_SHARES[zone]
    pool = number % 10 == 1
    heat_pump = number % 9 == 2
    size = 2.0 if is_business(number) else 1.0
    return (
        number, f"P{number:07}", zone, "90001", "6", "single_family", 1500, 1975, f"F{number // 6:03}",
        is_business(number),
        "central_ac" if cooled else "none", float(cooled * size * random.uniform(2.2, 4.2)),
        "heat_pump" if heat_pump else "gas", 2.5 if heat_pump else 0.0, float(random.uniform(8, 20)),
        1.2 if pool else 0.0, 90 if number == 11 else 36, 20, 4.5 if number % 8 == 5 else 0.0,
        float(random.uniform(3, 8)) if has_panels(number) else 0.0,
        date(2020, 1, 1) if has_panels(number) else None, cooled,
    )  # fmt: skip


def _behaviours(
    random: np.random.Generator, number: int, premise: tuple[object, ...], first: date
) -> list[tuple[object, ...]]:
    business, vehicle = is_business(number), number % 10 in (1, 6)
    base = float((0.72 if business else 0.25) * random.lognormal(0, 0.4))
    activity = float((1.8 if business else 0.26) * random.lognormal(0, 0.4))
    hours = (8.0, 22.0) if number % 24 == 11 else (8.0, 18.0)
    row = (
        base, activity, float(random.normal(7, 0.7)), float(random.normal(19.2, 0.8)), float(random.uniform(0, 1)),
        hours[0] if business else None, hours[1] if business else None, business,
        float(random.normal(76.5, 1.8)), 66.0, float(random.choice([0, 4, 8])), float(random.choice([0, 2])),
        0.0 if business else 0.06, 0.5 if business else 0.11, 1.45 if number % 3 == 0 else 1.0,
        7.2 if vehicle else 0.0, 0.62, 9.0, 18.5, 22.5 if number % 10 == 6 else 0.0,
    )  # fmt: skip
    if number != 7:
        return [(number, first, f"A{number:07}", *row)]
    vacant = (0.06, 0.0, *row[2:7], False, 95.0, 40.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 18.5, 0.0)
    moved_out, moved_in = first + timedelta(days=20), first + timedelta(days=33)
    return [
        (number, first, "A0000007", *row),
        (number, moved_out, None, *vacant),
        (number, moved_in, "A9000007", 0.4, 0.5, *row[2:]),
    ]


def _account(number: int, first: date) -> tuple[object, ...]:
    kind = BUSINESSES[number // 12 % 3] if is_business(number) else None
    customer = "business" if is_business(number) else "residential"
    return (
        f"A{number:07}", first, number, True, customer, kind, "owner", "TOU-D-4-9PM", "paper", "check", 1 + number % 28,
        False, False, False, False, has_panels(number),
    )  # fmt: skip


def _meters(number: int, premise: tuple[object, ...], first: date) -> list[tuple[object, ...]]:
    minutes = None if number == 5 else 60 if number % 5 == 4 and number != 4 else 15
    start = 99_999_000 if number == 8 else 10_000_000 + 1_000 * number
    life = (date(2019, 1, 1), 0, None, None)
    exchanged = first + timedelta(days=23)

    def meter(
        name: str, share: str = "all", parent: str | None = None, life: tuple[object, ...] = life
    ) -> tuple[object, ...]:
        sender = "none" if minutes is None else "submeters" if parent else "mdms"
        return (
            0, f"{name}{number:05}", number, f"SP{number:05}", parent, share, minutes,
            has_panels(number) and not parent, *life, start, 500_000, 5, premise[8], sender,
        )  # fmt: skip

    if number == 1:
        return [meter("SM", "main"), meter("SX", "pool_ev")]
    if number == 2:
        return [meter("SM"), meter("SUB", "pool_ev", "SM00002")]
    if number == 3:
        return [meter("SM"), meter("SUB", "solar", "SM00003")]
    if number == 4:
        old, new = (date(2012, 1, 1), 0, exchanged, 41), (exchanged, 41, None, None)
        return [meter("OLD", life=old), meter("NEW", life=new)]
    return [meter("SM")]
