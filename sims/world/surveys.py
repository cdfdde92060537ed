"""Surveys that customers fill in, in My Account or with an energy auditor: the truth with errors and gaps."""

from datetime import date, timedelta

from sims.world.draws import Dice
from sims.world.months import Month, at_office
from sims.world.streams import stream
from sims.world.town import Site, Stay, Town, dice_of

_ACCOUNT_RATE, _AUDIT_RATE = 0.10, 0.03
"""Surveys per home and year."""
_FIRST_SHARES = {"my_account": 0.12, "energy_audit": 0.05}
_SKIPPED_SHARE, _WRONG_SHARE = {"my_account": 0.15, "energy_audit": 0.04}, {"my_account": 0.08, "energy_audit": 0.02}

QUESTIONS: dict[str, tuple[str, ...]] = {
    "HEATING": ("gas", "heat_pump", "electric"),
    "COOLING": ("none", "central_ac", "room_ac", "heat_pump"),
    "WATER_HEATING": ("electric", "other"),
    "POOL": ("yes", "no"),
    "ELECTRIC_VEHICLE": ("yes", "no"),
    "SOLAR": ("yes", "no"),
    "THERMOSTAT": ("smart", "other"),
    "PEOPLE": ("1", "2", "3", "4", "5_or_more"),
    "HOME_ON_WEEKDAYS": ("yes", "no"),
    "CHILDREN": ("yes", "no"),
    "FLOOR_AREA": ("under_1000", "1000_to_1999", "2000_or_more"),
    "TENURE": ("owner", "tenant"),
}
"""Questions and their answers."""


def first_surveys(town: Town, site: Site, stay: Stay, dice: Dice) -> None:
    """Write down the surveys that were filled in before the history."""
    if stay.occupant.trade is not None:
        return
    span = (town.first_date - stay.start).days
    for origin, share in _FIRST_SHARES.items():
        if dice.chance(share) and (origin == "energy_audit" or stay.occupant.customer.uses_my_account):
            _fill_in(town, site, stay, origin, town.first_date - timedelta(days=dice.integer(2, span - 1)), dice)


def fill_in_surveys(town: Town, month: Month) -> None:
    """Write down the surveys of a month."""
    luck = stream(town.seed, "surveys", month.number).random(len(town.sites)) * 12
    for site, stay in town.stayers(month):
        chance = luck[site.number]
        if chance < _ACCOUNT_RATE + _AUDIT_RATE and stay.occupant.trade is None:
            origin = "my_account" if chance < _ACCOUNT_RATE else "energy_audit"
            if origin == "energy_audit" or stay.occupant.customer.uses_my_account:
                dice = dice_of(town, "survey", month, site)
                _fill_in(town, site, stay, origin, month.day(dice), dice)


def _fill_in(town: Town, site: Site, stay: Stay, origin: str, day: date, dice: Dice) -> None:
    survey_id = f"SV{town.next_number('survey'):06}"
    answered = at_office(day, dice)
    written = answered + timedelta(minutes=dice.integer(1, 240))
    truths = true_answers(site, stay)
    for question, answers in QUESTIONS.items():
        answer: str | None = truths[question]
        if dice.chance(_SKIPPED_SHARE[origin]):
            answer = None
        elif dice.chance(_WRONG_SHARE[origin]):
            answer = dice.one_of([other for other in answers if other != answer])
        who = (stay.occupant.customer.person_id, stay.account_id)
        town.write(
            "survey_answers", survey_id, question, day, written, *who, origin, answer, answered, truths[question]
        )


def true_answers(site: Site, stay: Stay) -> dict[str, str]:
    """What a household would answer without errors."""
    building, household = site.building, stay.occupant
    area = building.floor_area_sqft
    return {
        "HEATING": building.heating_kind,
        "COOLING": building.cooling_kind,
        "WATER_HEATING": "electric" if building.water_heater_kw else "other",
        "POOL": _yes(building.pool_kw > 0),
        "ELECTRIC_VEHICLE": _yes(household.vehicle is not None),
        "SOLAR": _yes(building.pv_kw > 0),
        "THERMOSTAT": "smart" if building.thermostat_since_date else "other",
        "PEOPLE": str(household.size) if household.size < 5 else "5_or_more",
        "HOME_ON_WEEKDAYS": _yes(household.is_home_on_weekdays),
        "CHILDREN": _yes(household.has_children),
        "FLOOR_AREA": "under_1000" if area < 1_000 else "1000_to_1999" if area < 2_000 else "2000_or_more",
        "TENURE": stay.terms.tenure_type,
    }


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
