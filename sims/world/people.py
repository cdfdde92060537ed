"""People, households and businesses: who they are, what they prefer and how they live, wherever they live."""

from dataclasses import dataclass, field
from datetime import date

from sims.world.draws import Dice
from sims.world.names import business_name, email_address, family_name, given_name, phone_number

COMMUNITY_SHARES = {"en": 0.60, "es": 0.23, "zh": 0.07, "ko": 0.05, "vi": 0.05}
CHANNEL_SHARES = {"email": 0.50, "sms": 0.18, "phone": 0.14, "mail": 0.16, "pager": 0.02}
"""Shares of the channels that need no device of the customer's."""
INCOME_LADDER = ("under_35k", "35k_to_75k", "75k_to_150k", "over_150k")
_AGE_SHARES = {"18_34": 0.29, "35_49": 0.27, "50_64": 0.25, "65_plus": 0.19}
_TIMER_SHARE, _TIMER_HOURS = 0.85, (21.0, 25.0)
_SIZE_SHARES = {1: 0.24, 2: 0.31, 3: 0.17, 4: 0.16, 5: 0.08, 6: 0.04}


@dataclass
class Person:
    """Somebody whom the utility knows, as they truly are now.

    Attributes:
        community: Language community of the family, which gave the name; the preferred language may differ.
        knows_age: True where the utility knows the age band; `knows_education` likewise.
        marketing_consent: State of the consent to marketing by the utility, None where never asked.
        sharing_consents: State of the consent to sharing by recipient.
        changed_in: Number of the month of the latest change.
    """

    person_id: str
    community: str
    given_name: str
    family_name: str
    phone_number: str
    email_address: str
    postal_address: str
    language_code: str
    preferred_channel: str
    is_marketing_opt_out: bool
    uses_my_account: bool
    age_band: str
    education_band: str
    knows_age: bool
    knows_education: bool
    marketing_consent: str | None = None
    sharing_consents: dict[str, str] = field(default_factory=dict)
    changed_in: int = -1


@dataclass(frozen=True)
class Vehicle:
    """An electric vehicle; it belongs to people and goes with them.

    Attributes:
        timer_hour: When its timer starts where the rate has dear evenings, hours from midnight; 0 for no timer.
    """

    charger_kw: float
    day_share: float
    mean_kwh: float
    arrival_hour: float
    timer_hour: float


@dataclass(frozen=True)
class Habits:
    """How people use electricity, wherever they live.

    Levels are relative to the median home or business; `midday_share` says where in the usual range they are by day.
    """

    base_level: float
    activity_level: float
    morning_hour: float
    evening_hour: float
    midday_share: float
    cooling_set_point_degf: float
    heating_set_point_degf: float
    away_setback_degf: float
    night_setback_degf: float
    away_share: float
    lighting_level: float


@dataclass(frozen=True)
class Trade:
    """How a business works, and the name over its door."""

    title: str
    business_type: str
    opening_hour: float
    closing_hour: float
    is_closed_on_weekends: bool
    employee_count: int


@dataclass
class Occupant:
    """A household, or a business, that takes service.

    Attributes:
        number: Number of the occupant, in the order of appearance.
        members: People of the household whom the utility knows; the first is the customer of record.
        size: People who live there, children included.
        trade: How the business works, None for households.
        away_until: Last day of the latest vacation.
        changed_in: Number of the month of the latest change of household or contract.
    """

    number: int
    members: list[Person]
    size: int
    has_children: bool
    income_band: str
    is_home_on_weekdays: bool
    habits: Habits
    vehicle: Vehicle | None = None
    trade: Trade | None = None
    away_until: date = date.min
    changed_in: int = -1
    known_attributes: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """Name on the bill."""
        return self.trade.title if self.trade else f"{self.customer.given_name} {self.customer.family_name}"

    @property
    def customer(self) -> Person:
        """The customer of record."""
        return self.members[0]


def draw_person(seed: int, number: int, community: str, family: str | None, area_code: str, address: str) -> Person:
    """A person of a language community.

    Args:
        seed: Seed of the world.
        number: Number of the person; key of the draw.
        community: Language community.
        family: Family name, None for one of their own.
        area_code: Area code of the telephone.
        address: Postal address.
    """
    dice = Dice(seed, "person", number)
    given = given_name(community, dice)
    surname = family or family_name(community, dice)
    age = dice.pick(_AGE_SHARES)
    keeps_language = dice.chance(0.45 if age == "18_34" else 0.85)
    uses_my_account = dice.chance({"18_34": 0.68, "35_49": 0.62, "50_64": 0.48, "65_plus": 0.3}[age])
    return Person(
        person_id=f"C{number:08}",
        community=community,
        given_name=given,
        family_name=surname,
        phone_number=phone_number(area_code, dice),
        email_address=email_address(given, surname, number, dice),
        postal_address=address,
        language_code=community if keeps_language else "en",
        preferred_channel=dice.pick(CHANNEL_SHARES | {"mail": 0.40 if age == "65_plus" else 0.10}),
        is_marketing_opt_out=dice.chance(0.09),
        uses_my_account=uses_my_account,
        age_band=age,
        education_band=dice.pick({"school": 0.38, "college": 0.45, "graduate": 0.17}),
        knows_age=dice.chance(0.6),
        knows_education=dice.chance(0.35),
    )


def draw_habits(dice: Dice) -> Habits:
    """How a household or business uses electricity."""
    return Habits(
        base_level=dice.lognormal(1, 0.42),
        activity_level=dice.lognormal(1, 0.38),
        morning_hour=min(max(dice.normal(7, 0.9), 4.5), 10),
        evening_hour=min(max(dice.normal(19.2, 1.2), 16), 22.5),
        midday_share=dice.share(),
        cooling_set_point_degf=min(max(dice.normal(76.5, 1.8), 71), 82),
        heating_set_point_degf=min(max(dice.normal(67.5, 1.6), 62), 72),
        away_setback_degf=dice.pick({0.0: 0.35, 4.0: 0.40, 8.0: 0.25}),
        night_setback_degf=dice.pick({0.0: 0.45, 2.0: 0.55}),
        away_share=dice.uniform(0.02, 0.10),
        lighting_level=dice.lognormal(1, 0.35),
    )


def draw_size(dice: Dice) -> int:
    """People of a household."""
    return dice.pick(_SIZE_SHARES)


def draw_income(affluence: float, dice: Dice) -> str:
    """Income band of a household by its wealth."""
    rung = affluence + dice.normal(0, 0.45)
    return INCOME_LADDER[sum(rung > bound for bound in (-0.62, 0.1, 1.05))]


def draw_vehicle(dice: Dice) -> Vehicle:
    """An electric vehicle and how it is charged."""
    return Vehicle(
        charger_kw=dice.pick({1.4: 0.25, 3.6: 0.30, 7.2: 0.45}),
        day_share=min(max(dice.normal(0.62, 0.14), 0.2), 0.95),
        mean_kwh=dice.uniform(5, 13),
        arrival_hour=min(max(dice.normal(18.5, 1.5), 14), 23),
        timer_hour=dice.uniform(*_TIMER_HOURS) if dice.chance(_TIMER_SHARE) else 0.0,
    )


def draw_trade(business_type: str, community: str, area_sqft: int, dice: Dice) -> Trade:
    """How a business of a kind works."""
    opens, closes, closed_share, area_per_head = {
        "restaurant": ((9.0, 11.0), (21.0, 23.0), 0.05, 220),
        "office": ((7.5, 9.0), (17.0, 18.5), 0.85, 260),
        "shop": ((9.0, 10.5), (18.0, 20.5), 0.15, 550),
    }[business_type]
    return Trade(
        title=business_name(business_type, community, dice),
        business_type=business_type,
        opening_hour=dice.uniform(*opens),
        closing_hour=dice.uniform(*closes),
        is_closed_on_weekends=dice.chance(closed_share),
        employee_count=max(1, round(area_sqft / area_per_head * dice.uniform(0.7, 1.3))),
    )
