"""Meters: which measure what at a premise, and their exchanges.

A main meter per premise; on a few accounts a second one measures the pool and the vehicle's charger, and a few premises
have a sub-meter behind the main one. A premise with a sub-meter keeps its main meter.
"""

from dataclasses import asdict
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from sims.world.draws import Dice, chosen
from sims.world.frames import METERS
from sims.world.months import Month, recorded, recorded_before
from sims.world.people import Occupant
from sims.world.streams import stream
from sims.world.town import Meter, Site, Town, dice_of

HOURLY_SHARE, TWO_METERS_SHARE, SUBMETER_SHARE, NO_INTERVALS_SHARE = 0.10, 0.01, 0.01, 0.003
EXCHANGE_RATE = 0.02
"""Exchanges per meter and year."""
_SCRIPTED_EXCHANGE_MONTH = 2


def install_first_meters(town: Town, occupants: list[Occupant]) -> None:
    """Install the meters that stand at the beginning.

    Args:
        town: Town, nobody moved in yet.
        occupants: Who will live there first, by premise.
    """
    count = len(town.sites)
    extra = np.array([bool(s.building.pool_kw or who.vehicle) for s, who in zip(town.sites, occupants, strict=True)])
    has_pv = np.array([bool(s.building.pv_kw) for s in town.sites])
    is_home = np.array([not s.building.is_business for s in town.sites])

    def some(purpose: str, able: npt.NDArray[np.bool_], fewest: int, share: float) -> npt.NDArray[np.bool_]:
        weights = able.astype(np.float64)
        return chosen(stream(town.seed, purpose), weights, max(fewest, round(share * count)))

    two = some("two meters", extra & is_home, 2, TWO_METERS_SHARE)
    sub = some("submeters", (extra | has_pv) & is_home & ~two, 1, SUBMETER_SHARE)
    plain = ~(two | sub)
    none = some("no intervals", plain & ~has_pv, 1, NO_INTERVALS_SHARE)
    hourly = some("hourly", plain & ~none, 1, HOURLY_SHARE)
    first_pair = int(np.flatnonzero(two)[0]) if two.any() else -1
    for site in town.sites:
        number = site.number
        minutes = None if none[number] else 60 if hourly[number] else 15
        install_set(town, site, minutes, is_pair=bool(two[number]), is_mixed=number == first_pair)
        if sub[number]:
            _install_submeter(town, site)


def install_set(town: Town, site: Site, minutes: int | None, *, is_pair: bool, is_mixed: bool) -> None:
    """Install the main meter of a premise, or the two that share its load."""
    point = f"SP{site.number + 1:07}"
    second_point = f"{point}-2"
    site.service_points = (point, second_point) if is_pair else (point,)
    dice = Dice(town.seed, "first meters", site.number)
    day = town.first_date - timedelta(days=dice.integer(400, 4_000))
    has_pv = site.building.pv_kw > 0
    _install(town, site, point, "main" if is_pair else "all", minutes, day, dice, has_received=has_pv)
    if is_pair:
        second = 60 if is_mixed else 15
        _install(town, site, second_point, "pool_ev", second, day, dice, has_received=False)


def _install_submeter(town: Town, site: Site) -> None:
    dice = Dice(town.seed, "submeter", site.number)
    day = town.first_date - timedelta(days=dice.integer(100, 700))
    share = "solar" if site.building.pv_kw > 0 else "pool_ev"
    main = site.meters[0]
    _install(town, site, main.service_point_id, share, 15, day, dice, has_received=False, parent_meter_id=main.meter_id)


def _install(
    town: Town,
    site: Site,
    point: str,
    load_share: str,
    minutes: int | None,
    day: date,
    dice: Dice,
    *,
    has_received: bool,
    quarter: int = 0,
    parent_meter_id: str | None = None,
) -> None:
    """Install a meter; one that stands at the beginning has years on its register."""
    number = town.next_number("meter")
    digits = 5 if dice.chance(0.7) else 6
    is_new = day >= town.first_date
    meter = Meter(
        meter_number=len(town.meters),
        meter_id=f"SUB{number:05}" if parent_meter_id else f"SMU{number:07}",
        service_point_id=point,
        parent_meter_id=parent_meter_id,
        load_share=load_share,
        interval_minutes=minutes,
        has_received_channel=has_received,
        installed_date=day,
        installed_quarter=quarter,
        register_start_wh=dice.integer(0, 4_000) if is_new else dice.integer(0, 99_999_999),
        received_start_wh=0 if is_new or not has_received else dice.integer(0, 30_000_000),
        register_digits=digits,
        sender="submeters" if parent_meter_id else "mdms" if minutes else "none",
    )
    town.meters.append(meter)
    town.meter_sites.append(site)
    site.meters.append(meter)
    at = recorded_before(day, town.first_date, dice) if not is_new else recorded(day, dice)
    town.write("meter_records", meter.meter_id, day, day, at, None)


def exchange_meters(town: Town, month: Month) -> None:
    """Exchange the meters of a month that fall due, one at least early in the history."""
    luck = stream(town.seed, "meter exchanges", month.number).random(len(town.sites))
    is_due = luck < EXCHANGE_RATE / 12
    if month.place == _SCRIPTED_EXCHANGE_MONTH:
        is_due[
            next(site.number for site in town.sites if can_exchange(site) and site.meters[0].load_share == "all")
        ] = True
    for number in np.flatnonzero(is_due).tolist():
        site = town.sites[number]
        if can_exchange(site) and site.meters[0].installed_date < month.first:
            dice = dice_of(town, "meter exchange", month, site)
            exchange(town, site, month.day(dice), dice, has_received=site.meters[0].has_received_channel)


def can_exchange(site: Site) -> bool:
    """True for a premise whose first meter sends intervals and has no sub-meter behind it."""
    has_submeter = any(meter.parent_meter_id for meter in site.meters)
    return site.meters[0].interval_minutes is not None and not has_submeter


def exchange(town: Town, site: Site, day: date, dice: Dice, *, has_received: bool) -> None:
    """Exchange the first meter of a premise at a quarter of an hour of a working day."""
    old = site.meters.pop(0)
    quarter = dice.integer(32, 67)
    old.removed_date, old.removed_quarter = day, quarter
    town.write("meter_records", old.meter_id, old.installed_date, day, recorded(day, dice), day)
    minutes = 15 if has_received else old.interval_minutes
    _install(
        town, site, old.service_point_id, old.load_share, minutes, day, dice, has_received=has_received, quarter=quarter
    )
    site.meters.insert(0, site.meters.pop())


def meters_frame(town: Town, last_date: date) -> pl.DataFrame:
    """Meter installations up to a date as `sims.world.frames.METERS`."""
    rows = []
    for meter, site in zip(town.meters, town.meter_sites, strict=True):
        if meter.installed_date <= last_date:
            row = asdict(meter) | {"premise_number": site.number, "feeder_id": site.building.feeder_id}
            if meter.removed_date is not None and meter.removed_date > last_date:
                row |= {"removed_date": None, "removed_quarter": None}
            rows.append(row)
    return pl.DataFrame(rows, schema=METERS)
