"""The town on the day before the history begins: who lives where, since when, with which contract."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from sims.world.contacts import first_contacts
from sims.world.devices import install_first_devices
from sims.world.draws import Dice, apportion, chosen
from sims.world.enrolments import first_enrollments
from sims.world.equipment import open_equipment
from sims.world.frames import Scale
from sims.world.metering import install_first_meters
from sims.world.months import recorded_before
from sims.world.newcomers import EV_SHARE, new_occupant, settle_landlords, vehicle_chance
from sims.world.occupancy import move_in
from sims.world.people import COMMUNITY_SHARES, Occupant
from sims.world.preferences import first_consents
from sims.world.premises import draw_buildings
from sims.world.streams import stream
from sims.world.surveys import first_surveys
from sims.world.territory import street_address
from sims.world.town import Site, Town

_LONGEST_STAY_DAYS = {True: 1_500, False: 6_500}
"""Longest time since moving in, of tenants and of owners."""


def open_town(scale: Scale, seed: int, first_date: date) -> Town:
    """The town as the first date finds it; all premises are occupied."""
    sites = []
    for building in draw_buildings(scale, seed, first_date):
        dice = Dice(seed, "address", building.premise_number)
        sites.append(Site(building, street_address(building.premise_number, building.premise_type, dice), None))
    town = Town(seed, first_date, sites)
    settle_landlords(town)
    occupants = _first_occupants(town)
    install_first_meters(town, occupants)
    for site, occupant in zip(sites, occupants, strict=True):
        _open_site(town, site, occupant)
    return town


def _first_occupants(town: Town) -> list[Occupant]:
    """Who lives at each premise at the beginning; language communities and vehicles by exact shares."""
    sites = town.sites
    communities = list(COMMUNITY_SHARES)
    numbers = apportion(stream(town.seed, "communities"), len(sites), list(COMMUNITY_SHARES.values()))
    weights = np.array([vehicle_chance(site.building) for site in sites])
    homes = int((weights > 0).sum())
    has_vehicle = chosen(stream(town.seed, "vehicles"), weights, max(2, round(EV_SHARE * homes)))
    return [
        new_occupant(town, site, communities[numbers[site.number]], has_vehicle=bool(has_vehicle[site.number]))
        for site in sites
    ]


def _open_site(town: Town, site: Site, occupant: Occupant) -> None:
    """Write down a premise and its first account, with the solar panels that came later."""
    building = site.building
    dice = Dice(town.seed, "first stay", site.number)
    start = town.first_date - timedelta(days=dice.integer(45, _LONGEST_STAY_DAYS[building.is_rented]))
    known_since = date(max(building.built_year, 1985), 1, 2)
    at = _before(known_since, town, dice)
    town.write("addresses", building.premise_id, known_since, at, site.address, building.place.city, site.owner_id)
    install_first_devices(town, site, occupant)
    open_equipment(town, site, occupant)
    pv_since = building.pv_since_date
    stay = move_in(town, site, occupant, start, _before(start, town, dice))
    if pv_since is not None and pv_since > start:
        rate = stay.terms.rate_code if stay.terms.rate_code != "D" else "TOU-D-4-9PM"
        terms = replace(stay.terms, has_net_metering=True, rate_code=rate)
        town.write_terms(site, stay, terms, pv_since, _before(pv_since, town, dice))
    for person in occupant.members:
        first_consents(town, person, start, dice)
    first_enrollments(town, site, stay, dice)
    first_surveys(town, site, stay, dice)
    first_contacts(town, stay, dice)


def _before(day: date, town: Town, dice: Dice) -> datetime:
    return recorded_before(day, town.first_date, dice)
