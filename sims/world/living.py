"""How the people of a premise live there: rows of `sims.world.frames.BEHAVIOURS`."""

from datetime import date

from sims.world.people import Occupant
from sims.world.premises import Building

HOME_BASE_KW, HOME_ACTIVITY_KW, HOME_LIGHTING_KW = 0.185, 0.30, 0.15
BUSINESS_BASE_KW = 0.65
_BUSINESS_ACTIVITY_KW = {"restaurant": 2.4, "office": 1.4, "shop": 1.3}
_BUSINESS_LIGHTING_KW = {"restaurant": 0.5, "office": 0.3, "shop": 0.6}
"""Levels of the median home of 1,400 square feet and the median business of 2,400.

Tuned together with `sims.loads`, whose base load adds a refrigerator: at scale demo, homes without solar panels come to
4,250, 6,850 and 10,600 kWh a year (P10, P50, P90), businesses to 24,500 (P50).
"""
_NOBODY_COOLS_DEGF, _NOBODY_HEATS_DEGF = 95.0, 40.0
_CHILDREN_AT_HOME_RATIO = 1.45

Row = tuple[object, ...]


def vacant_row(building: Building, start: date) -> Row:
    """A premise from the day on which nobody lives there."""
    refrigerator_kw = 0.06
    idle = (0.0, 7.0, 19.0, 0.0, None, None, False, _NOBODY_COOLS_DEGF, _NOBODY_HEATS_DEGF, 0.0, 0.0, 0.0, 0.0, 1.0)
    no_vehicle = (0.0, 0.0, 0.0, 18.5, 0.0)
    return (building.premise_number, start, None, refrigerator_kw, *idle, *no_vehicle)


def living_row(building: Building, occupant: Occupant, account_id: str, start: date, *, has_ev_rate: bool) -> Row:
    """A premise from the day on which people live there, or live there in a new way.

    Levels grow with the floor area and with the number of people; a business's with its floor area. Where the rate is
    made for electric vehicles, a timer keeps most of them from charging before its dear hours are over.
    """
    habits, trade, vehicle = occupant.habits, occupant.trade, occupant.vehicle
    area_ratio = building.floor_area_sqft / (2_400 if trade else 1_400)
    if trade:
        base = BUSINESS_BASE_KW * area_ratio * habits.base_level
        activity = _BUSINESS_ACTIVITY_KW[trade.business_type] * area_ratio * habits.activity_level
        lighting = _BUSINESS_LIGHTING_KW[trade.business_type] * area_ratio * habits.lighting_level
    else:
        base = HOME_BASE_KW * area_ratio**0.45 * habits.base_level
        activity = HOME_ACTIVITY_KW * (0.55 + 0.18 * occupant.size) * area_ratio**0.2 * habits.activity_level
        lighting = HOME_LIGHTING_KW * area_ratio**0.6 * habits.lighting_level
    midday = 0.6 + 0.4 * habits.midday_share if occupant.is_home_on_weekdays else 0.25 * habits.midday_share
    return (
        building.premise_number,
        start,
        account_id,
        base,
        activity,
        habits.morning_hour,
        habits.evening_hour,
        1.0 if trade else midday,
        trade.opening_hour if trade else None,
        trade.closing_hour if trade else None,
        trade.is_closed_on_weekends if trade else False,
        habits.cooling_set_point_degf,
        habits.heating_set_point_degf,
        0.0 if occupant.is_home_on_weekdays and not trade else habits.away_setback_degf,
        habits.night_setback_degf,
        0.0 if trade else habits.away_share,
        lighting,
        _CHILDREN_AT_HOME_RATIO if occupant.has_children else 1.0,
        vehicle.charger_kw if vehicle else 0.0,
        vehicle.day_share if vehicle else 0.0,
        vehicle.mean_kwh if vehicle else 0.0,
        vehicle.arrival_hour if vehicle else 18.5,
        vehicle.timer_hour if vehicle and has_ev_rate else 0.0,
    )
