"""Moves: occupants leave, premises stand vacant for a while, and others move in.

Those who leave go away for good or move to a premise of the territory that stands vacant. Each month is written whole,
departures and arrivals by date, from what stood before; a newcomer whose date lies in a later month is announced now
and comes then, unless somebody from the territory takes the premise first.
"""

import heapq
from dataclasses import dataclass, field
from datetime import date, timedelta

from sims.world.contacts import write_contact
from sims.world.draws import Dice
from sims.world.months import Month, recorded
from sims.world.newcomers import draw_community, new_occupant
from sims.world.occupancy import leave_vacant, move_in, move_out
from sims.world.people import Occupant
from sims.world.preferences import sign_up
from sims.world.streams import stream
from sims.world.town import Site, Town, dice_of

TENANT_RATE, OWNER_RATE, BUSINESS_RATE = 0.12, 0.04, 0.05
"""Departures per occupant and year."""
WITHIN_SHARE = 0.35
"""Share of departing households that look for another home in the territory."""
LONGEST_VACANCY_DAYS = 45
_SCRIPTED_MONTH = 3


@dataclass(order=True)
class _Event:
    """A departure or an arrival; on one date, departures come first."""

    day: date
    is_arrival: bool
    premise_number: int
    token: int = field(compare=False)


@dataclass
class _Mover:
    """Who moved out of where, on the way to another premise."""

    occupant: Occupant
    account_id: str
    premise_id: str
    moved_out: date


class Moves:
    """Departures and arrivals of a town, month by month."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._arrivals: list[_Event] = []
        self._expected: dict[int, int] = {}  # vacant premise -> token of the arrival that counts
        self._movers: dict[int, _Mover] = {}  # token -> who comes; newcomers otherwise
        self._fallow: set[int] = set()  # premises that stand vacant for a day at least
        self._script = _script(town)

    def play(self, month: Month) -> None:
        """Write down the departures and arrivals of a month."""
        queue = self._departures(month)
        while self._arrivals and self._arrivals[0].day < month.end:
            queue.append(heapq.heappop(self._arrivals))
        heapq.heapify(queue)
        while queue:
            event = heapq.heappop(queue)
            site = self._town.sites[event.premise_number]
            dice = Dice(self._town.seed, "move", month.number, event.premise_number, int(event.is_arrival))
            if not event.is_arrival:
                new = self._depart(month, site, event.day, dice)
            elif self._expected.get(event.premise_number) == event.token:
                self._arrive(site, event, dice)
                continue
            else:
                continue
            for arrival in new:
                heapq.heappush(queue if arrival.day < month.end else self._arrivals, arrival)

    def _departures(self, month: Month) -> list[_Event]:
        """Who leaves in a month, and when."""
        town = self._town
        luck = stream(town.seed, "departures", month.number).random(len(town.sites))
        events = []
        for site, stay in town.stayers(month):
            if site.number in self._script:
                if month.place == _SCRIPTED_MONTH:
                    events.append(
                        _Event(month.first + timedelta(days=self._script[site.number]), False, site.number, 0)
                    )
                continue
            building = site.building
            rate = BUSINESS_RATE if building.is_business else TENANT_RATE if building.is_rented else OWNER_RATE
            if luck[site.number] < rate / 12:
                day = month.day(dice_of(town, "departure", month, site))
                if stay.occupant.away_until < day:
                    events.append(_Event(day, False, site.number, 0))
        return events

    def _depart(self, month: Month, site: Site, day: date, dice: Dice) -> list[_Event]:
        """End a stay; the arrivals that follow from it."""
        town = self._town
        at = recorded(day, dice)
        stay = move_out(town, site, day, at)
        write_contact(town, stay, "move_out", day, dice)
        vacancy = LONGEST_VACANCY_DAYS if site.number in self._script else dice.integer(0, LONGEST_VACANCY_DAYS)
        goal = self._goal(month, site, stay.occupant, dice)
        mover = _Mover(stay.occupant, stay.account_id, site.building.premise_id, day)
        arrivals = [self._expect(site.number, day + timedelta(days=vacancy), None)]
        if goal is not None:
            arrivals.append(self._expect(goal.number, day + timedelta(days=dice.integer(1, 3)), mover))
        else:
            town.write(
                "moves", stay.occupant.number, day, stay.account_id, site.building.premise_id, None, None, day, None
            )
        if vacancy:
            self._fallow.add(site.number)
            leave_vacant(town, site, day, at)
        return arrivals

    def _expect(self, premise_number: int, day: date, mover: _Mover | None) -> _Event:
        """Announce who comes to a vacant premise; whoever was announced before looks elsewhere."""
        token = self._town.next_number("arrival")
        self._expected[premise_number] = token
        if mover is not None:
            self._movers[token] = mover
        return _Event(day, True, premise_number, token)

    def _goal(self, month: Month, site: Site, occupant: Occupant, dice: Dice) -> Site | None:
        """The vacant premise that a departing household moves to, None where it leaves the territory."""
        town = self._town
        if site.number in self._script and month.place == _SCRIPTED_MONTH:
            first, second = self._script
            return town.sites[first] if site.number == second else None
        needs_display = any(member.preferred_channel in ("ihd", "ems") for member in occupant.members)
        if occupant.trade or needs_display or not dice.chance(WITHIN_SHARE):
            return None
        vacant = [
            town.sites[number]
            for number in sorted(self._fallow - self._script.keys())
            if self._expected[number] not in self._movers and not town.sites[number].building.is_business
        ]
        alike = [other for other in vacant if other.building.is_rented == site.building.is_rented]
        return dice.one_of(alike or vacant) if vacant else None

    def _arrive(self, site: Site, event: _Event, dice: Dice) -> None:
        """Begin a stay of a mover or a newcomer."""
        town = self._town
        del self._expected[site.number]
        self._fallow.discard(site.number)
        mover = self._movers.pop(event.token, None)
        occupant = mover.occupant if mover else new_occupant(town, site, draw_community(dice))
        if mover is None:
            sign_up(town, occupant.customer, event.day, dice)
        stay = move_in(town, site, occupant, event.day, recorded(event.day, dice))
        write_contact(town, stay, "move_in", event.day, dice)
        came_from = (mover.account_id, mover.premise_id) if mover else (None, None)
        moved_out = mover.moved_out if mover else None
        goal = (stay.account_id, site.building.premise_id)
        town.write("moves", occupant.number, event.day, *came_from, *goal, moved_out, event.day)


def _script(town: Town) -> dict[int, int]:
    """Two departures that every history has: premise number -> days into the month.

    The first premise falls vacant; then a household with an electric vehicle moves there from the second, out of
    preference one that agreed to marketing and leaves devices behind.
    """
    homes = [(site, site.stay.occupant) for site in town.sites if site.stay and not site.building.is_business]
    drivers = [(site, who) for site, who in homes if who.vehicle is not None]
    second, _ = max(drivers, key=lambda pair: (pair[1].customer.marketing_consent == "granted", bool(pair[0].devices)))
    first = next(site for site, _ in homes if site is not second and not site.building.pv_kw)
    return {first.number: 3, second.number: 11}
