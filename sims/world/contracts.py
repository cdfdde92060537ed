"""Terms of service: rates, discounts, billing and payment options of accounts."""

from dataclasses import dataclass

from sims.world.draws import Dice
from sims.world.people import Occupant
from sims.world.premises import Building

HOME_RATES = {"D": 0.30, "TOU-D-4-9PM": 0.54, "TOU-D-5-8PM": 0.16}
"""Shares of the rates of homes without an electric vehicle."""
EV_RATE = "TOU-D-PRIME"
_EV_RATE_SHARE = 0.7
_BILLING_SHARES = {"paper": 0.38, "electronic": 0.50, "level_pay": 0.12}
_PAYMENT_SHARES = {"mail": 0.18, "online": 0.40, "automatic": 0.34, "cash": 0.08}
_MEDIUM_BUSINESS_SQFT = 4_000
_CARE_SHARES = {"under_35k": 0.84, "35k_to_75k": 0.16}
_FERA_SHARE, _MEDICAL_SHARE = 0.10, 0.03
_FERA_LEAST_SIZE = 3


@dataclass(frozen=True)
class Terms:
    """Terms of an account: the columns of `sims.world.frames.ACCOUNTS` from `is_active` on, in their order."""

    is_active: bool
    customer_type: str
    business_type: str | None
    tenure_type: str
    rate_code: str
    billing_option: str
    payment_option: str
    billing_cycle: int
    is_all_electric: bool
    is_care: bool
    is_fera: bool
    is_medical_baseline: bool
    has_net_metering: bool


def opening_terms(building: Building, occupant: Occupant, dice: Dice, *, has_pv: bool) -> Terms:
    """Terms at the start of service."""
    trade = occupant.trade
    is_care = trade is None and dice.chance(_CARE_SHARES.get(occupant.income_band, 0.0))
    may_have_fera = trade is None and not is_care and occupant.size >= _FERA_LEAST_SIZE
    return Terms(
        is_active=True,
        customer_type="small_business" if trade else "residential",
        business_type=trade.business_type if trade else None,
        tenure_type="tenant" if building.is_rented else "owner",
        rate_code=_business_rate(building, dice) if trade else home_rate(occupant, dice, has_pv=has_pv),
        billing_option=dice.pick(_BILLING_SHARES),
        payment_option=dice.pick(_PAYMENT_SHARES),
        billing_cycle=dice.integer(1, 28),
        is_all_electric=building.is_all_electric,
        is_care=is_care,
        is_fera=may_have_fera and occupant.income_band == "35k_to_75k" and dice.chance(_FERA_SHARE),
        is_medical_baseline=trade is None and dice.chance(_MEDICAL_SHARE),
        has_net_metering=has_pv,
    )


def home_rate(occupant: Occupant, dice: Dice, *, has_pv: bool) -> str:
    """Rate of a home: one made for electric vehicles where there is one, mostly; no flat rate with net metering."""
    if occupant.vehicle and dice.chance(_EV_RATE_SHARE):
        return EV_RATE
    return dice.pick({rate: share for rate, share in HOME_RATES.items() if not (has_pv and rate == "D")})


def other_rate(terms: Terms, occupant: Occupant, dice: Dice) -> str:
    """Rate to which an account changes; its own where there is no other for it."""
    if occupant.trade:
        return {"TOU-GS-1-E": "TOU-GS-1-D", "TOU-GS-1-D": "TOU-GS-1-E"}.get(terms.rate_code, terms.rate_code)
    shares = {rate: share for rate, share in HOME_RATES.items() if rate != terms.rate_code}
    if terms.has_net_metering:
        shares.pop("D", None)
    if occupant.vehicle and terms.rate_code != EV_RATE:
        shares = {EV_RATE: 1.0}
    return dice.pick(shares)


def _business_rate(building: Building, dice: Dice) -> str:
    if building.floor_area_sqft >= _MEDIUM_BUSINESS_SQFT:
        return "TOU-GS-2-D"
    return dice.pick({"TOU-GS-1-E": 0.75, "TOU-GS-1-D": 0.25})


def other_payment(terms: Terms, dice: Dice) -> tuple[str, str]:
    """Billing and payment options to which an account changes; one of the two differs."""
    billing, payment = terms.billing_option, terms.payment_option
    if dice.chance(0.5):
        return dice.pick({option: share for option, share in _BILLING_SHARES.items() if option != billing}), payment
    return billing, dice.pick({option: share for option, share in _PAYMENT_SHARES.items() if option != payment})
