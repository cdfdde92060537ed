"""Large appliances and generation: what truly stands at a premise or drives with a person, and what the utility knows.

Owners of solar panels had to tell the utility; of other things it hears by chance, from customers and auditors.
"""

from datetime import date, timedelta

from sims.world.draws import Dice
from sims.world.months import recorded, recorded_before
from sims.world.people import Occupant
from sims.world.society import SCHEMAS
from sims.world.town import Row, Site, Town

_KNOWN_SHARE, _KNOWN_DATE_SHARE, _BATTERY_SHARE = 0.7, 0.6, 0.15
_POOL_PUMP, _VEHICLE, _PANELS = "pool_pump", "electric_vehicle", "solar_pv"


def open_equipment(town: Town, site: Site, occupant: Occupant) -> None:
    """Write down the equipment that stands at a premise at the beginning, and its people's vehicle."""
    building = site.building
    dice = Dice(town.seed, "first equipment", site.number)
    kinds: dict[str, float] = {}
    if building.cooling_kind != "none":
        kinds[building.cooling_kind] = building.cooling_kw
    if building.heating_kind == "electric":
        kinds["electric_heat"] = building.heating_kw
    if building.heating_kind == "gas" and not building.is_business:
        kinds["gas_heat"] = 0.0
    if building.water_heater_kw:
        kinds["electric_water_heater"] = building.water_heater_kw
    for kind, rated_kw in kinds.items():
        _add(town, site, None, kind, rated_kw, _years_before(town, dice, 18), dice)
    if building.pool_kw:
        site.pool_pump = _add(town, site, None, _POOL_PUMP, building.pool_kw, _years_before(town, dice, 12), dice)
    if building.pv_since_date is not None:
        add_panels(town, site, building.pv_since_date, dice)
    if occupant.vehicle is not None:
        add_vehicle(town, site, occupant, _years_before(town, dice, 5), dice)


def _years_before(town: Town, dice: Dice, years: int) -> date:
    return town.first_date - timedelta(days=dice.integer(30, 365 * years))


def add_panels(town: Town, site: Site, day: date, dice: Dice) -> None:
    """Write down solar panels, with a battery at times."""
    _add(town, site, None, _PANELS, site.building.pv_kw, day, dice, is_known=True)
    if dice.chance(_BATTERY_SHARE):
        _add(town, site, None, "battery", 5.0, day, dice)


def add_vehicle(town: Town, site: Site, occupant: Occupant, day: date, dice: Dice) -> None:
    """Write down an electric vehicle; it belongs to the customer of record."""
    if occupant.vehicle is not None:
        _add(town, site, occupant.customer.person_id, _VEHICLE, occupant.vehicle.charger_kw, day, dice)


def replace_pool_pump(town: Town, site: Site, day: date, dice: Dice) -> None:
    """Exchange the pump of a pool for another of the same power."""
    if site.pool_pump is None:
        return
    old = dict(zip(SCHEMAS["equipment"], site.pool_pump, strict=True))
    gone = {"effective_date": day, "recorded_at_utc": recorded(day, dice), "removed_date": day}
    town.write("equipment", *(old | gone).values())
    site.pool_pump = _add(town, site, None, _POOL_PUMP, site.building.pool_kw, day, dice)


def _add(
    town: Town,
    site: Site,
    person_id: str | None,
    kind: str,
    rated_kw: float,
    day: date,
    dice: Dice,
    *,
    is_known: bool = False,
) -> Row:
    """Write down a piece of equipment; the row."""
    equipment_id = f"EQ{town.next_number('equipment'):07}"
    at = recorded_before(day, town.first_date, dice) if day < town.first_date else recorded(day, dice)
    premise_id = site.building.premise_id if person_id is None else None
    knows_date = is_known or dice.chance(_KNOWN_DATE_SHARE)
    rating = round(rated_kw, 1) if rated_kw else None
    known = is_known or dice.chance(_KNOWN_SHARE)
    row = (equipment_id, day, at, premise_id, person_id, kind, rating, day, None, known, knows_date)
    town.write("equipment", *row)
    return row
