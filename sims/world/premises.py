"""The premises of the territory: buildings, what they hold, and the feeders that supply them.

Attributes go together: solar panels with wealth and houses, pools with houses inland, thermostats that the utility can
reach with central cooling, heat pumps with homes that burn no gas.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from sims.world.draws import Dice, apportion, chosen
from sims.world.frames import PREMISES, Scale
from sims.world.streams import stream
from sims.world.territory import COOLED_SHARES, ZONE_SHARES, Place, feeder_of, place_of

BUSINESS_SHARE = 0.08
PV_SHARE, POOL_SHARE, WATER_HEATER_SHARE, THERMOSTAT_SHARE = 0.15, 0.10, 0.12, 0.30
"""Shares of homes; of the thermostats: share of homes with central cooling or a heat pump."""
_BUSINESS_TYPES = ("restaurant", "office", "shop")
_PREMISE_TYPES = ("single_family", "multi_family", "mobile_home")
_TYPE_SHARES = ((0.48, 0.49, 0.03), (0.60, 0.33, 0.07), (0.66, 0.26, 0.08), (0.62, 0.20, 0.18))
_RENTED_SHARE = {"single_family": 0.27, "multi_family": 0.85, "mobile_home": 0.35, "commercial": 0.65}
_MEDIAN_AREA = {"single_family": 1_750, "multi_family": 880, "mobile_home": 1_050, "commercial": 2_400}
_FEWEST_BUSINESSES = 3


@dataclass
class Building:
    """A premise as a row of `sims.world.frames.PREMISES`, and what shapes the people who live there.

    Attributes:
        thermostat_since_date: Since when a thermostat that the utility can reach hangs there, None without.
        place: Where it lies.
        affluence: Wealth of its occupants in standard deviations.
        is_rented: True where a landlord owns it.
        business_type: Line of business, None for homes.
    """

    premise_number: int
    premise_id: str
    zone_number: int
    zip_code: str
    baseline_region: str
    premise_type: str
    floor_area_sqft: int
    built_year: int
    feeder_id: str
    is_business: bool
    cooling_kind: str
    cooling_kw: float
    heating_kind: str
    heating_kw: float
    time_constant_hours: float
    pool_kw: float
    pool_first_quarter: int
    pool_quarters: int
    water_heater_kw: float
    pv_kw: float
    pv_since_date: date | None
    thermostat_since_date: date | None
    place: Place
    affluence: float
    is_rented: bool
    business_type: str | None

    @property
    def is_all_electric(self) -> bool:
        """True where heating is electric."""
        return self.heating_kind != "gas"

    @property
    def is_cooled_centrally(self) -> bool:
        """True with a cooling system that a thermostat or a switch can steer."""
        return self.cooling_kind in ("central_ac", "heat_pump")


def draw_buildings(scale: Scale, seed: int, first_date: date) -> list[Building]:
    """The premises of a world as they stand on its first date, by number.

    Args:
        scale: Size of the world.
        seed: Seed of the world.
        first_date: First date of the history; what stands there is older.
    """
    count = scale.account_count
    zones = apportion(stream(seed, "zones"), count, ZONE_SHARES)
    lines = _lines_of_business(seed, count)
    ranks = [0] * len(ZONE_SHARES)
    buildings = []
    for number in range(count):
        zone = int(zones[number])
        buildings.append(_building(Dice(seed, "building", number), number, zone, ranks[zone], lines[number]))
        ranks[zone] += 1
    _equip(buildings, seed, first_date)
    return buildings


def _lines_of_business(seed: int, count: int) -> list[str | None]:
    """Line of business by premise, None for homes; every line occurs."""
    generator = stream(seed, "businesses")
    business_count = max(_FEWEST_BUSINESSES, round(BUSINESS_SHARE * count))
    lines: list[str | None] = [None] * count
    numbers = generator.choice(count, business_count, replace=False)
    for place, number in enumerate(numbers.tolist()):
        lines[number] = _BUSINESS_TYPES[place % len(_BUSINESS_TYPES)]
    return lines


def _building(dice: Dice, number: int, zone: int, rank: int, line: str | None) -> Building:
    shares = dict(zip(_PREMISE_TYPES, _TYPE_SHARES[zone], strict=True))
    kind = "commercial" if line else dice.pick(shares)
    affluence = dice.normal(0.3 if kind == "single_family" else -0.4, 0.9)
    area = max(350, round(dice.lognormal(_MEDIAN_AREA[kind] * (1 + 0.12 * affluence), 0.5 if line else 0.28), -1))
    place = place_of(zone, rank)
    heating_kind, cooling_kind = _climate_systems(dice, zone, kind)
    return Building(
        premise_number=number,
        premise_id=f"P{number + 1:07}",
        zone_number=zone,
        zip_code=place.zip_code,
        baseline_region=place.baseline_region,
        premise_type=kind,
        floor_area_sqft=int(area),
        built_year=dice.integer(1978, 2019) if kind == "mobile_home" else dice.integer(1938, 2022),
        feeder_id=feeder_of(zone, rank),
        is_business=line is not None,
        cooling_kind=cooling_kind,
        cooling_kw=_cooling_kw(dice, cooling_kind, area, line),
        heating_kind=heating_kind,
        heating_kw=0.0 if heating_kind == "gas" else _heating_kw(dice, heating_kind, area),
        time_constant_hours=dice.uniform(8, 20),
        pool_kw=0.0,
        pool_first_quarter=0,
        pool_quarters=0,
        water_heater_kw=0.0,
        pv_kw=0.0,
        pv_since_date=None,
        thermostat_since_date=None,
        place=place,
        affluence=affluence,
        is_rented=dice.chance(_RENTED_SHARE[kind]),
        business_type=line,
    )


def _climate_systems(dice: Dice, zone: int, kind: str) -> tuple[str, str]:
    """Heating and cooling of a building; a heat pump does both."""
    if kind == "commercial":
        return "gas", "central_ac" if dice.chance(0.92) else "none"
    heating = dice.pick({"gas": 0.84, "heat_pump": 0.08, "electric": 0.15 if kind == "multi_family" else 0.04})
    if heating == "heat_pump":
        return heating, "heat_pump"
    heat_pump_share = 0.08
    if not dice.chance((COOLED_SHARES[zone] - heat_pump_share) / (1 - heat_pump_share)):
        return heating, "none"
    return heating, "room_ac" if dice.chance(0.35 if kind == "multi_family" else 0.15) else "central_ac"


def _cooling_kw(dice: Dice, kind: str, area: float, line: str | None) -> float:
    if kind == "none":
        return 0.0
    if line is not None:
        heat_of_kitchen = 1.5 if line == "restaurant" else 1.0
        return float(np.clip(heat_of_kitchen * area / 2_400 * dice.uniform(3.5, 5.5), 2.5, 30))
    if kind == "room_ac":
        return dice.uniform(0.8, 1.5)
    return float(np.clip(2.0 + (area - 700) / 1_600 + dice.normal(0, 0.3), 2.2, 4.5))


def _heating_kw(dice: Dice, kind: str, area: float) -> float:
    share_of_resistance = 1.0 if kind == "electric" else 0.55
    return float(np.clip(share_of_resistance * (2.5 + area / 700) + dice.normal(0, 0.3), 1.5, 8.0))


def _equip(buildings: list[Building], seed: int, first_date: date) -> None:
    """Give pools, water heaters, solar panels and thermostats to the buildings that are likely to have them."""
    homes = [building for building in buildings if not building.is_business]
    wealth = np.exp([0.7 * home.affluence for home in homes])
    is_house = np.array([home.premise_type == "single_family" for home in homes])
    is_hot = np.array([(0.4, 1.5, 1.3, 1.3)[home.zone_number] for home in homes])
    electric = np.array([6.0 if home.is_all_electric else 1.0 for home in homes])
    central = np.array([home.is_cooled_centrally for home in homes])
    weights = {
        "pool": (wealth * is_house * is_hot, POOL_SHARE * len(homes)),
        "water heater": (electric, WATER_HEATER_SHARE * len(homes)),
        "pv": (wealth * np.where(is_house, 1.0, 0.06), PV_SHARE * len(homes)),
        "thermostat": (wealth * central, THERMOSTAT_SHARE * float(central.sum())),
    }
    for kind, (weight, wanted) in weights.items():
        for place in np.flatnonzero(chosen(stream(seed, f"{kind} owners"), weight, max(2, round(wanted)))).tolist():
            home = homes[place]
            dice = Dice(seed, kind, home.premise_number)
            match kind:
                case "pool":
                    home.pool_kw = dice.uniform(0.9, 1.7)
                    home.pool_first_quarter, home.pool_quarters = dice.integer(28, 56), dice.integer(14, 26)
                case "water heater":
                    home.water_heater_kw = dice.uniform(3.5, 4.8)
                case "pv":
                    home.pv_kw = pv_size(home, dice)
                    home.pv_since_date = first_date - timedelta(days=dice.integer(60, 3_600))
                case _:
                    home.thermostat_since_date = first_date - timedelta(days=dice.integer(60, 1_800))


def premises_frame(buildings: list[Building], last_date: date) -> pl.DataFrame:
    """Premises as `sims.world.frames.PREMISES`, as they stand on the last date."""
    columns: dict[str, list[object]] = {
        name: [getattr(building, name) for building in buildings] for name in PREMISES if name != "has_thermostat"
    }
    pv_since = [_until(building.pv_since_date, last_date) for building in buildings]
    columns["pv_since_date"] = list(pv_since)
    columns["pv_kw"] = [building.pv_kw if since else 0.0 for building, since in zip(buildings, pv_since, strict=True)]
    columns["has_thermostat"] = [
        _until(building.thermostat_since_date, last_date) is not None for building in buildings
    ]
    return pl.DataFrame(columns, schema=PREMISES)


def _until(since: date | None, last_date: date) -> date | None:
    return since if since is not None and since <= last_date else None


def pv_size(building: Building, dice: Dice) -> float:
    """Rated power in kW of the solar panels that suit a building."""
    return float(np.clip(2.6 + building.floor_area_sqft / 800 + dice.normal(0, 0.9), 2.5, 9.0))
