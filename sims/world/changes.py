"""What changes in the life of those who stay: households, purchases, rates, options, discounts, vacations.

An account has one change in a month at most. Rates are per account and year.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from sims.world.contracts import EV_RATE, other_payment, other_rate
from sims.world.draws import Dice
from sims.world.equipment import add_panels, add_vehicle, replace_pool_pump
from sims.world.metering import can_exchange, exchange
from sims.world.months import Month, recorded
from sims.world.newcomers import EV_SHARE, draw_community, vehicle_chance
from sims.world.people import draw_person, draw_vehicle
from sims.world.premises import pv_size
from sims.world.streams import stream
from sims.world.town import Site, Stay, Town, dice_of

_LATEST_DAY = 27
_MOST_PEOPLE = 7
_VACATIONS_PER_YEAR = 1.1
_VACATION_MONTHS = (0.03, 0.03, 0.07, 0.06, 0.05, 0.13, 0.20, 0.20, 0.05, 0.03, 0.04, 0.11)


def change_lives(town: Town, month: Month) -> None:
    """Write down the changes of a month."""
    luck = stream(town.seed, "changes", month.number).random((len(town.sites), len(_CHANGES)))
    is_due = luck < np.array([rate for rate, _ in _CHANGES]) / 12
    for site, stay in town.stayers(month):
        for kind in np.flatnonzero(is_due[site.number]).tolist():
            dice = Dice(town.seed, "change", month.number, site.number, kind)
            if _CHANGES[kind][1](town, site, stay, month.day(dice, _LATEST_DAY), dice):
                stay.occupant.changed_in = month.number
                break


def go_on_vacation(town: Town, month: Month) -> None:
    """Write down the vacations that begin in a month."""
    share = _VACATIONS_PER_YEAR * _VACATION_MONTHS[month.first.month - 1]
    luck = stream(town.seed, "vacations", month.number).random(len(town.sites))
    for site, stay in town.stayers(month):
        if luck[site.number] < share and stay.occupant.trade is None:
            dice = dice_of(town, "vacation", month, site)
            start = month.day(dice)
            end = start + timedelta(days=dice.integer(4, 16))
            if stay.occupant.away_until < start:
                stay.occupant.away_until = end
                town.write("vacations", site.number, start, end)


def _change_household(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> bool:
    """A birth, a grown-up who joins or leaves, or somebody who begins or ceases to be at home by day."""
    household = stay.occupant
    if household.trade is not None:
        return False
    at = recorded(day, dice)
    match dice.pick({"birth": 0.15, "joins": 0.2, "leaves": 0.2, "by_day": 0.45}):
        case "birth" if household.size < _MOST_PEOPLE:
            household.size, household.has_children, household.is_home_on_weekdays = household.size + 1, True, True
        case "joins" if household.size < _MOST_PEOPLE:
            number = town.next_number("person")
            place = site.building.place
            person = draw_person(town.seed, number, draw_community(dice), None, place.area_code, site.postal_address)
            household.members.append(person)
            household.size += 1
            stay.joined[person.person_id] = day
            town.write_person(person, day, at)
            town.write_membership(stay.account_id, person.person_id, "household_member", day, at)
        case "leaves" if len(household.members) > 1:
            person = household.members.pop()
            household.size -= 1
            since = stay.member_since(person)
            town.write_membership(stay.account_id, person.person_id, "household_member", since, at, day)
        case _:
            household.is_home_on_weekdays = not household.is_home_on_weekdays
    town.write_household(stay, day, at)
    town.write_behaviour(site, day)
    return True


def _buy_vehicle(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> bool:
    household = stay.occupant
    is_able = household.trade is None and household.vehicle is None
    if not is_able or not dice.chance(min(vehicle_chance(site.building) / EV_SHARE, 1)):
        return False
    household.vehicle = draw_vehicle(dice)
    add_vehicle(town, site, household, day, dice)
    if dice.chance(0.6):
        town.write_terms(site, stay, replace(stay.terms, rate_code=EV_RATE), day, recorded(day, dice))
    town.write_behaviour(site, day)
    return True


def _buy_panels(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> bool:
    """Solar panels with net metering; they need a meter that counts both ways, which comes the day before."""
    building = site.building
    is_able = building.premise_type == "single_family" and not building.is_rented and not building.pv_kw
    if not is_able or not can_exchange(site):
        return False
    exchange(town, site, day, dice, has_received=True)
    since = day + timedelta(days=1)
    building.pv_kw, building.pv_since_date = pv_size(building, dice), since
    add_panels(town, site, since, dice)
    rate = "TOU-D-4-9PM" if stay.terms.rate_code == "D" else stay.terms.rate_code
    terms = replace(stay.terms, has_net_metering=True, rate_code=rate)
    town.write_terms(site, stay, terms, since, recorded(since, dice))
    return True


def _replace_pump(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> bool:
    replace_pool_pump(town, site, day, dice)
    return site.pool_pump is not None


def _change_rate(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> bool:
    rate = other_rate(stay.terms, stay.occupant, dice)
    if rate == stay.terms.rate_code:
        return False
    town.write_terms(site, stay, replace(stay.terms, rate_code=rate), day, recorded(day, dice))
    if stay.occupant.vehicle is not None:
        town.write_behaviour(site, day)
    return True


def _change_payment(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> bool:
    billing, payment = other_payment(stay.terms, dice)
    terms = replace(stay.terms, billing_option=billing, payment_option=payment)
    town.write_terms(site, stay, terms, day, recorded(day, dice))
    return True


def _renew_care(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> bool:
    """A discount for low income that is not renewed, or newly granted."""
    terms, household = stay.terms, stay.occupant
    if household.trade is not None or (not terms.is_care and household.income_band != "under_35k"):
        return False
    terms = replace(terms, is_care=not terms.is_care, is_fera=False)
    town.write_terms(site, stay, terms, day, recorded(day, dice))
    return True


def _grant_medical(town: Town, site: Site, stay: Stay, day: date, dice: Dice) -> bool:
    if stay.occupant.trade is not None or stay.terms.is_medical_baseline:
        return False
    town.write_terms(site, stay, replace(stay.terms, is_medical_baseline=True), day, recorded(day, dice))
    return True


_CHANGES: tuple[tuple[float, Callable[[Town, Site, Stay, date, Dice], bool]], ...] = (
    (0.020, _buy_vehicle),
    (0.030, _buy_panels),
    (0.100, _change_household),
    (0.065, _change_rate),
    (0.060, _change_payment),
    (0.060, _renew_care),
    (0.004, _grant_medical),
    (0.050, _replace_pump),
)
"""Changes by falling precedence: how often in a year, and what happens; one that does not suit is passed over."""
