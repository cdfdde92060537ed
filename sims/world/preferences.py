"""What people change about themselves: channel, language, opt-out, My Account; and what they consent to."""

from datetime import date, datetime, timedelta

from sims.world.draws import Dice
from sims.world.months import Month, recorded, recorded_before, utc_midnight
from sims.world.people import CHANNEL_SHARES, COMMUNITY_SHARES, Person
from sims.world.town import Town

MARKETING, SHARING = "marketing", "third_party_sharing"
UTILITY = "utility"
THIRD_PARTIES = ("Brightleaf Analytics", "Homewise Energy Services")
_EVIDENCE = {"web": 0.6, "phone": 0.25, "form": 0.15}
_CHANNEL_RATE, _LANGUAGE_RATE, _OPT_OUT_RATE, _ACCOUNT_RATE = 0.05, 0.006, 0.03, 0.05
_MARKETING_RATE, _SHARING_RATE, _REVOCATION_RATE = 0.06, 0.03, 0.10
"""Changes per person and year; of revocations, per consent granted."""
_SHARING_VALID_DAYS = 730


def first_consents(town: Town, person: Person, since: date, dice: Dice) -> None:
    """Write down the consents that a person gave or refused before the history."""
    span = (town.first_date - since).days
    day = since + timedelta(days=dice.integer(0, span - 1))
    at = recorded_before(day, town.first_date, dice)
    status = dice.pick({"granted": 0.45, "denied": 0.12, None: 0.43})
    if person.is_marketing_opt_out:
        status = "denied"
    if status is not None:
        _decide_marketing(town, person, status, day, at, dice)
    recipient = dice.one_of(THIRD_PARTIES)
    sharing = dice.pick({"granted": 0.12, "denied": 0.05, None: 0.83})
    if sharing is not None:
        _decide_sharing(town, person, recipient, sharing, day, at, dice)


def sign_up(town: Town, person: Person, day: date, dice: Dice) -> None:
    """Write down what a new customer answers to the question about marketing."""
    status = "denied" if person.is_marketing_opt_out else dice.pick({"granted": 0.35, "denied": 0.15, None: 0.5})
    if status is not None:
        _decide_marketing(town, person, status, day, recorded(day, dice), dice)


def change_preferences(town: Town, month: Month) -> None:
    """Write down what people change in a month; each changes one thing at most, and only those who stay do."""
    dice = Dice(town.seed, "preferences", month.number)
    rates = {
        _change_channel: _CHANNEL_RATE,
        _change_language: _LANGUAGE_RATE,
        _change_opt_out: _OPT_OUT_RATE,
        _change_my_account: _ACCOUNT_RATE,
        _decide: _MARKETING_RATE + _SHARING_RATE + _REVOCATION_RATE,
    }
    any_rate = sum(rates.values()) / 12
    for _, stay in town.stayers(month):
        for person in stay.occupant.members:
            joined = stay.member_since(person)
            if dice.chance(any_rate) and joined < month.first:
                dice.pick(rates)(town, person, month.day(dice), dice)


def _change_channel(town: Town, person: Person, day: date, dice: Dice) -> None:
    shares = {channel: share for channel, share in CHANNEL_SHARES.items() if channel != person.preferred_channel}
    person.preferred_channel = dice.pick(shares)
    town.write_person(person, day, recorded(day, dice))


def _change_language(town: Town, person: Person, day: date, dice: Dice) -> None:
    shares = {language: share for language, share in COMMUNITY_SHARES.items() if language != person.language_code}
    person.language_code = person.community if person.community in shares else dice.pick(shares)
    town.write_person(person, day, recorded(day, dice))


def _change_opt_out(town: Town, person: Person, day: date, dice: Dice) -> None:
    """An opt-out, or its withdrawal, which is rarer; with an opt-out the consent to marketing ends."""
    if person.is_marketing_opt_out and dice.chance(0.6):
        return
    person.is_marketing_opt_out = not person.is_marketing_opt_out
    at = recorded(day, dice)
    town.write_person(person, day, at)
    if person.is_marketing_opt_out and person.marketing_consent == "granted":
        _decide_marketing(town, person, "revoked", day, at, dice)


def _change_my_account(town: Town, person: Person, day: date, dice: Dice) -> None:
    person.uses_my_account = not person.uses_my_account
    town.write_person(person, day, recorded(day, dice))


def _decide(town: Town, person: Person, day: date, dice: Dice) -> None:
    """A consent given, or taken back."""
    at = recorded(day, dice)
    granted = [recipient for recipient, status in sorted(person.sharing_consents.items()) if status == "granted"]
    match dice.pick({MARKETING: _MARKETING_RATE, SHARING: _SHARING_RATE, "revocation": _REVOCATION_RATE}):
        case "marketing" if person.marketing_consent != "granted" and not person.is_marketing_opt_out:
            _decide_marketing(town, person, "granted", day, at, dice)
        case "third_party_sharing":
            recipient = dice.one_of(THIRD_PARTIES)
            if person.sharing_consents.get(recipient) != "granted":
                _decide_sharing(town, person, recipient, "granted", day, at, dice)
        case "revocation" if granted:
            _decide_sharing(town, person, granted[0], "revoked", day, at, dice)
        case "revocation" if person.marketing_consent == "granted":
            _decide_marketing(town, person, "revoked", day, at, dice)


def _decide_marketing(town: Town, person: Person, status: str, day: date, at: datetime, dice: Dice) -> None:
    person.marketing_consent = status
    town.write("consents", person.person_id, MARKETING, UTILITY, day, at, status, dice.pick(_EVIDENCE), None)


def _decide_sharing(
    town: Town, person: Person, recipient: str, status: str, day: date, at: datetime, dice: Dice
) -> None:
    person.sharing_consents[recipient] = status
    valid_to = utc_midnight(day + timedelta(days=_SHARING_VALID_DAYS)) if status == "granted" else None
    town.write("consents", person.person_id, SHARING, recipient, day, at, status, dice.pick(_EVIDENCE), valid_to)
