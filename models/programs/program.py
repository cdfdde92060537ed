"""What a program is."""

from dataclasses import dataclass
from datetime import date

PROGRAM_TYPES = ("rate", "dr", "ee", "bundle")
"""A rate schedule, demand response, energy efficiency, several programs joined at once."""
GOAL_TYPES = ("mw", "enrollments", "customers", "service_accounts", "applications", "sign_ups")
GOAL_UNITS = {goal_type: "MW" if goal_type == "mw" else "count" for goal_type in GOAL_TYPES}
EVENT_DAYS = ("every_day", "weekdays")
"""weekdays are Mondays to Fridays other than holidays."""
NOTICES = ("day_ahead", "day_of", "none")
DISPATCHES = ("thermostat_setback", "cycling", "price", "message")
AMOUNT_UNITS = ("enrollment", "season", "kwh", "ton_day", "device")


@dataclass(frozen=True)
class Season:
    """Part of every year, both ends included.

    Attributes:
        first: Month and day on which it begins.
        last: Month and day on which it ends.
    """

    first: tuple[int, int]
    last: tuple[int, int]

    def contains(self, day: date) -> bool:
        """True on its days; a season may go over the turn of the year."""
        place = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= place <= self.last
        return place >= self.first or place <= self.last


@dataclass(frozen=True)
class EventRules:
    """When and how a program calls events.

    Attributes:
        season: Days of the year on which it may.
        first_hour: First local hour of the window.
        end_hour: Local hour at which the window ends.
        days: One of `EVENT_DAYS`.
        shortest_minutes: Shortest event.
        longest_minutes: Longest event.
        most_per_year: Largest number of events in a year; None without limit.
        most_hours_per_year: Largest number of hours in a year; None without limit.
        notice: One of `NOTICES`.
        dispatch: One of `DISPATCHES`.
    """

    season: Season
    first_hour: int
    end_hour: int
    days: str
    shortest_minutes: int
    longest_minutes: int
    most_per_year: int | None
    most_hours_per_year: int | None
    notice: str
    dispatch: str


@dataclass(frozen=True)
class Eligibility:
    """Who may join; an empty list asks for nothing.

    Attributes:
        customer_types: Classes of customers.
        minimum_load_w: Load that there must be to shed.
        required_device_types: Devices of which one must be registered.
        required_equipment_types: Equipment of which one must be there.
        tenure_types: Owners, tenants.
        rate_codes: Rate schedules of which one must be held.
        excludes_medical_baseline: True where customers with medical baseline may not.
    """

    customer_types: tuple[str, ...]
    minimum_load_w: int
    required_device_types: tuple[str, ...]
    required_equipment_types: tuple[str, ...]
    tenure_types: tuple[str, ...]
    rate_codes: tuple[str, ...]
    excludes_medical_baseline: bool


@dataclass(frozen=True)
class Amount:
    """A payment to customers, or a charge.

    Attributes:
        name: What it is for.
        usd: Amount in 1e-5 $ per unit.
        unit: One of `AMOUNT_UNITS`.
        most_usd: Ceiling per season in 1e-5 $; None without.
        status: How well it is known, as for tariffs.
    """

    name: str
    usd: int
    unit: str
    most_usd: int | None
    status: str


@dataclass(frozen=True)
class Goal:
    """What a program is to reach.

    Attributes:
        goal_type: One of `GOAL_TYPES`.
        value: In thousandths of the unit.
        due_date: By when.
    """

    goal_type: str
    value: int
    due_date: date


@dataclass(frozen=True)
class Program:
    """A program.

    Attributes:
        program_id: Key; the name of its file.
        program_name: Name for people.
        program_type: One of `PROGRAM_TYPES`.
        program_family: Programs of one family are alike to who takes part.
        description: One or two sentences.
        status: How well its rules are known, as for tariffs.
        source: Where they were read.
        rate_code: Rate schedule of a program of type rate.
        parts: Programs that a bundle joins.
        eligibility: Who may join.
        events: When events are called; None where there are none.
        compatible_programs: Programs that may be held beside it, as far as that was thought about.
        exclusive_programs: Programs that may not.
        incentives: What customers are paid.
        charges: What events cost them.
        goals: What it is to reach.
    """

    program_id: str
    program_name: str
    program_type: str
    program_family: str
    description: str
    status: str
    source: str
    rate_code: str | None
    parts: tuple[str, ...]
    eligibility: Eligibility
    events: EventRules | None
    compatible_programs: tuple[str, ...]
    exclusive_programs: tuple[str, ...]
    incentives: tuple[Amount, ...]
    charges: tuple[Amount, ...]
    goals: tuple[Goal, ...]

    @property
    def is_illustrative(self) -> bool:
        """True where its rules or any of its amounts are not sourced."""
        return "illustrative" in {self.status, *(amount.status for amount in (*self.incentives, *self.charges))}
