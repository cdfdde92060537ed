"""New households and businesses, and landlords: people whom the utility meets for the first time."""

from sims.world.draws import Dice
from sims.world.people import (
    COMMUNITY_SHARES,
    Occupant,
    Person,
    draw_habits,
    draw_income,
    draw_person,
    draw_size,
    draw_trade,
    draw_vehicle,
)
from sims.world.premises import Building
from sims.world.territory import PLACES
from sims.world.town import Site, Town

EV_SHARE = 0.10
"""Share of homes with an electric vehicle."""
_KNOWN_SHARES = {
    "household_size": 0.65, "has_children": 0.55, "income_band": 0.50, "is_home_on_weekdays": 0.40,
    "employee_count": 0.70,
}  # fmt: skip
_RENTALS_PER_LANDLORD = 4


def draw_community(dice: Dice) -> str:
    """Language community of a household."""
    return dice.pick(COMMUNITY_SHARES)


def new_occupant(town: Town, site: Site, community: str, *, has_vehicle: bool | None = None) -> Occupant:
    """The household or business that moves in, with its people.

    Args:
        town: Town, which counts people and occupants.
        site: Premise that they move into.
        community: Language community.
        has_vehicle: Whether they have an electric vehicle; drawn if not given.
    """
    number = town.next_number("occupant")
    dice = Dice(town.seed, "occupant", number)
    building = site.building
    line = building.business_type
    size = 2 if line else draw_size(dice)
    has_children = line is None and size >= 3 and dice.chance(0.75)
    adults = size if not has_children else max(2, size - dice.integer(1, 2))
    owns_vehicle = dice.chance(vehicle_chance(building)) if has_vehicle is None else has_vehicle
    return Occupant(
        number=number,
        members=_members(town, site, community, adults, dice),
        size=size,
        has_children=has_children,
        income_band=draw_income(building.affluence, dice),
        is_home_on_weekdays=dice.chance(0.42),
        habits=draw_habits(dice),
        vehicle=draw_vehicle(dice) if owns_vehicle and line is None else None,
        trade=draw_trade(line, community, building.floor_area_sqft, dice) if line else None,
        known_attributes=frozenset(name for name, share in _KNOWN_SHARES.items() if dice.chance(share)),
    )


def vehicle_chance(building: Building) -> float:
    """Probability that the household of a home has an electric vehicle; weight of the draw over all homes."""
    if building.is_business:
        return 0.0
    wealth = min(max(1 + 0.7 * building.affluence, 0.15), 3)
    return min(0.75 * EV_SHARE * wealth * (2.2 if building.pv_kw else 1.0), 0.9)


def _members(town: Town, site: Site, community: str, count: int, dice: Dice) -> list[Person]:
    """People of a household: one family name mostly; another community's at times."""
    area_code = site.building.place.area_code
    first = draw_person(town.seed, town.next_number("person"), community, None, area_code, site.postal_address)
    members = [first]
    for _ in range(count - 1):
        is_mixed = dice.chance(0.12)
        family = None if is_mixed or dice.chance(0.15) else first.family_name
        other = draw_community(dice) if is_mixed else community
        number = town.next_number("person")
        members.append(draw_person(town.seed, number, other, family, area_code, site.postal_address))
    return members


def settle_landlords(town: Town) -> None:
    """Give every rented premise an owner who lives elsewhere; a landlord owns a few of them."""
    rented = [site for site in town.sites if site.building.is_rented]
    owner = ""
    for place, site in enumerate(rented):
        if place % _RENTALS_PER_LANDLORD == 0:
            number = town.next_number("person")
            dice = Dice(town.seed, "landlord", number)
            town_of_landlord = dice.one_of(dice.one_of(PLACES))
            address = f"PO Box {dice.integer(100, 9_899)}, {town_of_landlord.city}, CA {town_of_landlord.zip_code}"
            area_code = town_of_landlord.area_code
            person = draw_person(town.seed, number, draw_community(dice), None, area_code, address)
            town.landlords[person.person_id] = person
            owner = person.person_id
        site.owner_id = owner
