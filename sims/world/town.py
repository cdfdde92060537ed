"""The town while its history is written: who lives where now, and the log of all that happened.

History is written month by month, each month whole, so that a later last date adds rows and changes none; rows after
the last date are cut off when the frames are made.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sims.world.contracts import EV_RATE, Terms
from sims.world.draws import Dice
from sims.world.living import living_row, vacant_row
from sims.world.months import Month
from sims.world.people import Occupant, Person
from sims.world.premises import Building
from sims.world.society import SCHEMAS

Row = tuple[object, ...]
_FIRST_ACCOUNT, _FIRST_PERSON = 10_001, 20_001


@dataclass
class Meter:
    """A meter installation: a row of `sims.world.frames.METERS`."""

    meter_number: int
    meter_id: str
    service_point_id: str
    parent_meter_id: str | None
    load_share: str
    interval_minutes: int | None
    has_received_channel: bool
    installed_date: date
    installed_quarter: int
    register_start_wh: int
    received_start_wh: int
    register_digits: int
    sender: str
    removed_date: date | None = None
    removed_quarter: int | None = None


@dataclass(frozen=True)
class Device:
    """A device in the home area network of a premise, as it truly is or as a source tells.

    Attributes:
        can_display_text: Whether it shows messages; None where a source does not know.
        reporters: Sources beside the registry that know of it.
    """

    device_id: str
    device_type: str
    device_model: str
    can_display_text: bool | None
    is_controllable: bool
    registered_at_utc: datetime
    reporters: tuple[str, ...]


@dataclass(frozen=True)
class Enrollment:
    """An account's present participation in a program."""

    enrollment_id: str
    enrolled_date: date


@dataclass
class Stay:
    """An account: one occupant's time at one premise.

    Attributes:
        known_landlord: Landlord, where there is one and the utility knows who.
        enrollments: Present enrolments by program.
    """

    account_id: str
    occupant: Occupant
    start: date
    terms: Terms
    known_landlord: str | None
    enrollments: dict[str, Enrollment] = field(default_factory=dict)
    joined: dict[str, date] = field(default_factory=dict)
    """Date on which a person joined, by person; the start of the stay for all others."""

    def member_since(self, person: Person) -> date:
        """Date since which a person belongs to the account."""
        return self.joined.get(person.person_id, self.start)


@dataclass
class Site:
    """A premise and what is there now."""

    building: Building
    address: str
    owner_id: str | None
    service_points: tuple[str, ...] = ()
    stay: Stay | None = None
    meters: list[Meter] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    pool_pump: Row | None = None

    @property
    def number(self) -> int:
        """Number of the premise."""
        return self.building.premise_number

    @property
    def postal_address(self) -> str:
        """Full address for letters."""
        place = self.building.place
        return f"{self.address}, {place.city}, CA {place.zip_code}"


class Town:
    """The state of the world while its history is written, and the log.

    Attributes:
        seed: Seed of the world.
        first_date: First date of the history.
        sites: Premises by number.
        log: Rows by table: the frames of `SCHEMAS`, and accounts, behaviours and vacations.
        landlords: Owners of rented premises whom the utility does not know yet, by id.
        meters: All meter installations, by number; `meter_sites` are their premises.
    """

    def __init__(self, seed: int, first_date: date, sites: list[Site]) -> None:
        self.seed = seed
        self.first_date = first_date
        self.sites = sites
        self.log: dict[str, list[Row]] = {name: [] for name in (*SCHEMAS, "accounts", "behaviours", "vacations")}
        self.landlords: dict[str, Person] = {}
        self.meters: list[Meter] = []
        self.meter_sites: list[Site] = []
        self._counts: dict[str, int] = {"account": _FIRST_ACCOUNT, "person": _FIRST_PERSON}

    def next_number(self, kind: str) -> int:
        """The next free number of a kind of thing."""
        number = self._counts.get(kind, 1)
        self._counts[kind] = number + 1
        return number

    def write(self, table: str, *row: object) -> None:
        """Write a row into the log."""
        self.log[table].append(row)

    def stayers(self, month: Month) -> Iterator[tuple[Site, Stay]]:
        """Premises whose occupants were there before a month, and are still when its moves are written."""
        for site in self.sites:
            if site.stay is not None and site.stay.start < month.first:
                yield site, site.stay

    def write_person(self, person: Person, day: date, at: datetime) -> None:
        """Write down how a person is from a day on."""
        row: list[Any] = [person.person_id, day, at]
        row += [getattr(person, name) for name in list(SCHEMAS["persons"])[3:]]
        self.write("persons", *row)

    def introduce_landlord(self, person_id: str, day: date, at: datetime) -> None:
        """Write down a landlord who becomes known on a day."""
        if person_id in self.landlords:
            self.write_person(self.landlords.pop(person_id), day, at)

    def write_enrollment(
        self, stay: Stay, program_id: str, enrollment: Enrollment, status: str, day: date, at: datetime
    ) -> None:
        """Write down a state of an enrolment from a day on."""
        left = day if status == "left" else None
        key = (enrollment.enrollment_id, day, at, stay.account_id, program_id)
        self.write("enrollments", *key, status, enrollment.enrolled_date, left, None, None)

    def write_household(self, stay: Stay, day: date, at: datetime) -> None:
        """Write down how a household is from a day on."""
        who = stay.occupant
        is_home = who.trade is None
        self.write(
            "households", stay.account_id, day, at, who.number,
            who.size if is_home else None,
            who.has_children if is_home else None,
            who.income_band if is_home else None,
            who.is_home_on_weekdays if is_home else None,
            who.trade.employee_count if who.trade else None,
            sorted(who.known_attributes),
        )  # fmt: skip

    def write_terms(self, site: Site, stay: Stay, terms: Terms, day: date, at: datetime) -> None:
        """Change the terms of an account from a day on, and write them down."""
        stay.terms = terms
        self.write("accounts", stay.account_id, day, site.number, *vars(terms).values())
        self.write("account_records", stay.account_id, day, at)

    def write_behaviour(self, site: Site, day: date) -> None:
        """Write down how the present occupants live at a premise from a day on."""
        stay = site.stay
        if stay is None:
            self.log["behaviours"].append(vacant_row(site.building, day))
        else:
            has_ev_rate = stay.terms.rate_code == EV_RATE
            row = living_row(site.building, stay.occupant, stay.account_id, day, has_ev_rate=has_ev_rate)
            self.log["behaviours"].append(row)

    def write_service_points(self, site: Site, day: date, at: datetime) -> None:
        """Write down who is served at the points of delivery of a premise from a day on."""
        account_id = site.stay.account_id if site.stay else None
        old_wires = site.building.built_year < 1975
        service = (208, 400, 3) if site.building.is_business else (240, 100 if old_wires else 200, 1)
        for point in site.service_points:
            self.write("service_points", point, day, at, site.building.premise_id, account_id, *service)

    def write_membership(
        self, account_id: str, person_id: str, role: str, start: date, at: datetime, end: date | None = None
    ) -> None:
        """Write down that a person belongs to an account, or that this ended."""
        self.write("memberships", account_id, person_id, role, end or start, at, start, end)


def dice_of(town: Town, purpose: str, month: Month, site: Site) -> Dice:
    """Dice of a purpose for a month and premise."""
    return Dice(town.seed, purpose, month.number, site.number)
