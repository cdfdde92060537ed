"""Events of programs as they may come in a year, and the use of accounts in their windows."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from models.options.settings import ComparisonSettings, ExpectedEvents
from models.programs import Program
from models.programs.program import EventRules
from models.rates.lines import Integers
from models.tariffs import TariffCalendar

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class EventDay:
    """An event that a program might have called.

    Attributes:
        program_id: The program.
        event_date: Local date.
        reference_dates: Eligible dates before it that use is held against; empty where a program has none.
    """

    program_id: str
    event_date: date
    reference_dates: tuple[date, ...] = ()


def expected_event_days(
    program: Program,
    expected: ExpectedEvents,
    settings: ComparisonSettings,
    temperatures: pl.DataFrame,
    calendar: TariffCalendar,
    end_date: date,
) -> list[EventDay]:
    """The hottest days of a year on which a program may call events.

    Args:
        program: A program with events.
        expected: How many there are.
        settings: How use is held against earlier days.
        temperatures: usage_date, temperature_degc: of the territory, one row per date.
        calendar: Holidays.
        end_date: Local date after the last one of the year.

    Returns:
        Events by date; ties of temperature go to the earlier date.
    """
    rules = program.events
    if rules is None:
        return []
    year = temperatures.filter(
        pl.col("usage_date").is_between(end_date - YEAR, end_date - timedelta(days=1)),
        pl.col("temperature_degc").is_not_null(),
    )
    eligible = [day for day in year["usage_date"].to_list() if may_call(rules, day, calendar)]
    warmest = (
        year.filter(pl.col("usage_date").is_in(eligible))
        .sort("temperature_degc", "usage_date", descending=[True, False])
        .head(expected.event_count)
    )
    chosen = sorted(warmest["usage_date"].to_list())
    if not pays_below_reference(program):
        return [EventDay(program.program_id, day) for day in chosen]
    return [
        EventDay(program.program_id, day, reference_dates(rules, day, chosen, settings, calendar)) for day in chosen
    ]


def may_call(rules: EventRules, day: date, calendar: TariffCalendar) -> bool:
    """True where a program may call an event on a local date."""
    return rules.season.contains(day) and not (rules.days == "weekdays" and calendar.is_weekend(day))


def reference_dates(
    rules: EventRules, day: date, events: list[date], settings: ComparisonSettings, calendar: TariffCalendar
) -> tuple[date, ...]:
    """The latest eligible days before an event that were no events themselves, earliest first."""
    found: list[date] = []
    earlier = day
    while len(found) < settings.peak_time_rebate.reference_day_count and day - earlier < YEAR:
        earlier -= timedelta(days=1)
        if earlier not in events and may_call(rules, earlier, calendar):
            found.append(earlier)
    return tuple(reversed(found))


def pays_below_reference(program: Program) -> bool:
    """True where a program pays for what stays below a reference, and charges nothing."""
    return not program.charges and any(amount.unit == "kwh" for amount in program.incentives)


@dataclass(frozen=True)
class WindowUsage:
    """Use of accounts on event days, as arrays by account and event.

    Attributes:
        program_id: The program.
        event_dates: Its events.
        hours: First and end hour of the window.
        hourly_wh: Energy delivered, shape (accounts, events, hours of the window); 0 where nothing is known.
        reference_wh: What the window's energy is held against, shape (accounts, events); -1 where it is unknown.
    """

    program_id: str
    event_dates: tuple[date, ...]
    hours: tuple[int, int]
    hourly_wh: Integers
    reference_wh: Integers

    @property
    def window_wh(self) -> Integers:
        """Energy delivered in the windows, shape (accounts, events)."""
        total: Integers = self.hourly_wh.sum(axis=2)
        return total


def window_usage(
    accounts: list[str],
    days: list[EventDay],
    hours: tuple[int, int],
    hourly: pl.DataFrame,
    settings: ComparisonSettings,
) -> WindowUsage:
    """Use in the windows of a program's events.

    Args:
        accounts: Accounts, whose order gives the positions.
        days: Events of one program.
        hours: First and end hour of the window.
        hourly: account_id, usage_date, local_hour, delivered_wh, of all dates that matter.
        settings: How many of the reference days count.
    """
    first, end = hours
    dates = sorted({date for day in days for date in (day.event_date, *day.reference_dates)})
    places = {day: place for place, day in enumerate(dates)}
    table = np.zeros((len(accounts), len(dates), end - first), dtype=np.int64)
    known = np.zeros((len(accounts), len(dates)), dtype=bool)
    rows = (
        hourly.filter(pl.col("local_hour").is_between(first, end - 1))
        .join(pl.DataFrame({"usage_date": dates, "day": range(len(dates))}, schema_overrides={"usage_date": pl.Date}),
              on="usage_date")
        .join(pl.DataFrame({"account_id": accounts}).with_row_index("account"), on="account_id")
    )  # fmt: skip
    account, day = rows["account"].to_numpy(), rows["day"].to_numpy()
    table[account, day, rows["local_hour"].to_numpy() - first] = rows["delivered_wh"].to_numpy()
    known[account, day] = True
    events = [places[day.event_date] for day in days]
    reference = np.full((len(accounts), len(days)), -1, dtype=np.int64)
    for place, event in enumerate(days):
        before = [places[day] for day in event.reference_dates]
        if len(before) == settings.peak_time_rebate.reference_day_count:
            reference[:, place] = _mean_of_highest(table[:, before].sum(axis=2), known[:, before], settings)
    return WindowUsage(
        days[0].program_id if days else "", tuple(day.event_date for day in days), hours, table[:, events], reference
    )


def _mean_of_highest(windows: Integers, known: np.ndarray, settings: ComparisonSettings) -> Integers:
    highest = np.sort(windows, axis=1)[:, -settings.peak_time_rebate.highest_day_count :]
    return np.where(known.all(axis=1), highest.sum(axis=1) // highest.shape[1], -1)
