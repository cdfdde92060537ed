"""Moving in and out: what systems learn when an account begins or ends."""

from dataclasses import replace
from datetime import date, datetime

from sims.world.contracts import opening_terms
from sims.world.draws import Dice
from sims.world.people import Occupant
from sims.world.town import Site, Stay, Town

_KNOWN_LANDLORDS = 0.88


def move_in(town: Town, site: Site, occupant: Occupant, day: date, at: datetime) -> Stay:
    """Begin an account: occupants take service at a vacant premise.

    Args:
        town: Town, which receives the stay and its rows.
        site: The premise.
        occupant: Who moves in; their people are written down with their new address.
        day: First local date of service.
        at: When the systems write it down.
    """
    if site.stay is not None:
        raise RuntimeError(f"{site.building.premise_id} is not vacant on {day}: {site.stay.account_id} is there")
    number = town.next_number("account")
    dice = Dice(town.seed, "account", number)
    building = site.building
    has_pv = building.pv_since_date is not None and building.pv_since_date <= day
    known_landlord = site.owner_id if site.owner_id and dice.chance(_KNOWN_LANDLORDS) else None
    terms = opening_terms(building, occupant, dice, has_pv=has_pv)
    stay = Stay(f"A{number:08}", occupant, day, terms, known_landlord)
    site.stay = stay
    town.write("account_names", stay.account_id, occupant.title, site.postal_address, known_landlord)
    town.write_terms(site, stay, terms, day, at)
    town.write_behaviour(site, day)
    town.write_service_points(site, day, at)
    town.write_household(stay, day, at)
    _register_people(town, site, stay, at)
    return stay


def _register_people(town: Town, site: Site, stay: Stay, at: datetime) -> None:
    """Write down the people of an account and what they are to it."""
    other_role = "business_contact" if stay.occupant.trade else "household_member"
    for place, person in enumerate(stay.occupant.members):
        person.postal_address = site.postal_address
        town.write_person(person, stay.start, at)
        role = "customer_of_record" if place == 0 else other_role
        town.write_membership(stay.account_id, person.person_id, role, stay.start, at)
    if stay.known_landlord is not None:
        town.introduce_landlord(stay.known_landlord, stay.start, at)
        town.write_membership(stay.account_id, stay.known_landlord, "landlord", stay.start, at)


def move_out(town: Town, site: Site, day: date, at: datetime) -> Stay:
    """End the account of a premise; equipment and devices stay.

    Args:
        town: Town, which receives the rows.
        site: The premise.
        day: First local date without service.
        at: When the systems write it down.

    Returns:
        The stay that ended.
    """
    stay = site.stay
    if stay is None:
        raise RuntimeError(f"{site.building.premise_id} is vacant on {day} already")
    town.write_terms(site, stay, replace(stay.terms, is_active=False), day, at)
    other_role = "business_contact" if stay.occupant.trade else "household_member"
    for place, person in enumerate(stay.occupant.members):
        role = "customer_of_record" if place == 0 else other_role
        town.write_membership(stay.account_id, person.person_id, role, stay.member_since(person), at, day)
    if stay.known_landlord is not None:
        town.write_membership(stay.account_id, stay.known_landlord, "landlord", stay.start, at, day)
    for program_id, enrollment in stay.enrollments.items():
        town.write_enrollment(stay, program_id, enrollment, "left", day, at)
    stay.enrollments.clear()
    site.stay = None
    return stay


def leave_vacant(town: Town, site: Site, day: date, at: datetime) -> None:
    """Write down that nobody lives at a premise and nobody is served there from a day on."""
    town.write_behaviour(site, day)
    town.write_service_points(site, day, at)
