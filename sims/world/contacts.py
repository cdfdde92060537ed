"""Contacts of customers with the utility: what they asked for, how, and which system wrote it down."""

from datetime import date, timedelta

import numpy as np

from sims.world.draws import Dice
from sims.world.enrolments import PROGRAMS
from sims.world.months import Month, at_office
from sims.world.streams import stream
from sims.world.town import Stay, Town

_MONTHLY_SHARE, _FIRST_COUNT = 0.22, 3
"""Share of accounts with a contact in a month; most contacts before the history."""
_FIRST_DAYS = 700
_KINDS = {
    "bill_inquiry": 0.30, "payment": 0.26, "outage_report": 0.11, "complaint": 0.08, "rate_inquiry": 0.09,
    "program_inquiry": 0.11, "service_change": 0.05,
}  # fmt: skip
_ACTIONS = {
    "bill_inquiry": ("bill_explained", "bill_sent_again", None),
    "payment": ("payment_taken", "payment_plan_made"),
    "outage_report": ("trouble_ticket_opened", "information_given"),
    "complaint": ("credit_given", "forwarded", None),
    "rate_inquiry": ("rates_explained", "rate_comparison_sent"),
    "program_inquiry": ("program_explained", "application_sent"),
    "service_change": ("order_opened",),
    "move_in": ("service_started",),
    "move_out": ("service_ended",),
}
_RECORDERS = {"CSS": 0.35, "CSR": 0.30, "WEB": 0.25, "CRM": 0.10}
_CHANNELS = {"CSS": ("phone", "mail"), "CSR": ("phone", "office"), "WEB": ("web",), "CRM": ("email", "phone")}


def first_contacts(town: Town, stay: Stay, dice: Dice) -> None:
    """Write down the contacts of an account before the history."""
    span = min((town.first_date - stay.start).days, _FIRST_DAYS)
    for _ in range(dice.integer(0, _FIRST_COUNT)):
        day = town.first_date - timedelta(days=dice.integer(2, span))
        write_contact(town, stay, dice.pick(_KINDS), day, dice)


def make_contacts(town: Town, month: Month) -> None:
    """Write down the contacts of a month."""
    is_due = stream(town.seed, "contacts", month.number).random(len(town.sites)) < _MONTHLY_SHARE
    numbers = set(np.flatnonzero(is_due).tolist())
    dice = Dice(town.seed, "contact", month.number)
    for site, stay in town.stayers(month):
        if site.number in numbers:
            write_contact(town, stay, dice.pick(_KINDS), month.day(dice), dice)


def write_contact(town: Town, stay: Stay, kind: str, day: date, dice: Dice) -> None:
    """Write down a contact."""
    at = at_office(day, dice)
    recorder = dice.pick(_RECORDERS)
    people = stay.occupant.members
    person = people[0] if dice.chance(0.8) or stay.member_since(people[-1]) > day else people[-1]
    program_id = dice.one_of(PROGRAMS) if kind == "program_inquiry" else None
    town.write(
        "interactions",
        f"I{recorder}{town.next_number('contact'):08}",
        day,
        at + timedelta(minutes=dice.integer(0, 30)),
        stay.account_id,
        person.person_id if dice.chance(0.9) else None,
        kind,
        dice.one_of(_ACTIONS[kind]),
        program_id,
        None,
        dice.one_of(_CHANNELS[recorder]),
        at,
        recorder,
    )
