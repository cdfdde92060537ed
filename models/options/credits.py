"""What programs add to bills: event prices, rebates, credits by day, each rounded to the cent once per bill."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from models.options.events import WindowUsage, pays_below_reference
from models.options.scenarios import ONE, cells_of
from models.options.year import Year
from models.programs import Program, Season
from models.programs.program import Amount
from models.rates.lines import CENT, Integers, half_away
from models.rates.segments import day_number
from models.rates.usage import HOURS, SegmentUsage
from models.tariffs import TariffCalendar

_MILLI = 1000
_PER_CENT = 1000
"""1e-5 $ in a cent."""
ONE_TIME_UNITS = ("enrollment",)
UNKNOWN_TONS = -1


@dataclass(frozen=True)
class Reductions:
    """What households save in events.

    Attributes:
        by_day: Energy saved by local date, in days since 1970-01-01; shape (accounts, 24).
        saved_wh: The same by cell of the segments, shape (segments, cells).
    """

    by_day: dict[int, Integers]
    saved_wh: Integers


def reductions(
    year: Year,
    windows: list[WindowUsage],
    shares: Mapping[str, int],
    usage: SegmentUsage,
    calendar: TariffCalendar,
) -> Reductions:
    """What participation in the events of some programs saves. Of two events on a day the larger saving counts.

    Args:
        year: The bills.
        windows: Use in the events of each program, under the behaviour.
        shares: Share of the use in the window that is saved, in 1e-5, by program.
        usage: Usage under the behaviour.
        calendar: Which days are priced as weekend.
    """
    by_day: dict[int, Integers] = {}
    for window in windows:
        share = shares[window.program_id]
        first, end = window.hours
        for place, event_date in enumerate(window.event_dates):
            saved = np.zeros((len(year.accounts), HOURS), dtype=np.int64)
            saved[:, first:end] = half_away(window.hourly_wh[:, place] * share, ONE)
            day = day_number(event_date)
            other = by_day.get(day, np.zeros_like(saved))
            is_larger = saved.sum(axis=1) > other.sum(axis=1)
            by_day[day] = np.where(is_larger[:, np.newaxis], saved, other)
    cells = np.zeros_like(usage.delivered_wh)
    first_of = usage.bill * 10**6 + usage.first_day
    for day, saved in by_day.items():
        bills = year.bills_on(day)
        account = np.flatnonzero(bills >= 0)
        segment = np.searchsorted(first_of, bills[account] * 10**6 + day, side="right") - 1
        begin = HOURS * int(calendar.is_weekend(np.datetime64(day, "D").item()))
        cells[segment, begin : begin + HOURS] += saved[account]
    return Reductions(by_day, np.minimum(cells, usage.delivered_wh))


def program_cents(
    program: Program,
    year: Year,
    usage: SegmentUsage,
    window: WindowUsage | None,
    saved: Reductions | None,
    tons_milli: Integers,
    calendar: TariffCalendar,
) -> Integers:
    """What a program adds to each bill; credits are negative.

    Args:
        program: The program.
        year: The bills.
        usage: Their usage under the behaviour, less what is saved in events.
        window: Use in its events under the behaviour, before what is saved; None where the program has none.
        saved: What is saved in events; None for nothing.
        tons_milli: Size of the air conditioner by account, `UNKNOWN_TONS` where it is not known.
        calendar: Seasons and weekends.
    """
    cents = np.zeros(len(year.start_day), dtype=np.int64)
    if window is not None and window.event_dates:
        used = _event_wh(year, window, saved)
        for charge in program.charges:
            cents += _rounded(_on_bills(year, window, used), charge.usd)
        cents -= _paid_per_kwh(program, year, usage, window, used, calendar)
    for amount in program.incentives:
        if program.events is not None and amount.unit in ("season", "ton_day"):
            cents -= _paid_by_day(amount, program.events.season, year, tons_milli)
    return cents


def event_line_cents(program: Program, year: Year, window: WindowUsage) -> Integers:
    """What each event as it was adds to the year, shape (accounts, events); those outside of all bills add nothing."""
    used = window.window_wh
    cents = np.zeros_like(used)
    for charge in program.charges:
        cents += _rounded(used, charge.usd)
    if pays_below_reference(program):
        amount = next(amount for amount in program.incentives if amount.unit == "kwh")
        below = np.where(window.reference_wh >= 0, np.maximum(window.reference_wh - used, 0), 0)
        cents -= _rounded(below, amount.usd)
    billed = [year.bills_on(day_number(day)) >= 0 for day in window.event_dates]
    return np.where(np.column_stack(billed), cents, 0)


def one_time_cents(program: Program) -> int:
    """What is paid once for joining."""
    return sum(amount.usd // _PER_CENT for amount in program.incentives if amount.unit in ONE_TIME_UNITS)


def needs_tons(program: Program) -> bool:
    """True where a credit depends on the size of the air conditioner."""
    return any(amount.unit == "ton_day" for amount in program.incentives)


def _event_wh(year: Year, window: WindowUsage, saved: Reductions | None) -> Integers:
    """Energy in each event, shape (accounts, events)."""
    used = window.window_wh
    if saved is None:
        return used
    first, end = window.hours
    less = [saved.by_day.get(day_number(day)) for day in window.event_dates]
    none = np.zeros(len(year.accounts), dtype=np.int64)
    saved_wh = np.column_stack([none if hours is None else hours[:, first:end].sum(axis=1) for hours in less])
    left: Integers = used - saved_wh
    return left


def window_under(year: Year, usage: SegmentUsage, window: WindowUsage) -> WindowUsage:
    """Use in events as a behaviour changes the hours of the window in the bill of the event.

    Args:
        year: The bills, with usage as it was.
        usage: Usage under the behaviour.
        window: Use in events as it was.
    """
    if usage is year.usage:
        return window
    cells = cells_of(*window.hours)
    before, after = (np.zeros(len(year.start_day), dtype=np.int64) for _ in range(2))
    np.add.at(before, year.usage.bill, year.usage.delivered_wh[:, cells].sum(axis=1))
    np.add.at(after, usage.bill, usage.delivered_wh[:, cells].sum(axis=1))
    hourly, reference = window.hourly_wh.copy(), window.reference_wh.copy()
    for place, event_date in enumerate(window.event_dates):
        bill = np.maximum(year.bills_on(day_number(event_date)), 0)
        had, has = np.maximum(before[bill], 1), np.where(before[bill] > 0, after[bill], 1)
        hourly[:, place] = half_away(hourly[:, place] * has[:, np.newaxis], had[:, np.newaxis])
        known = reference[:, place] >= 0
        reference[:, place] = np.where(known, half_away(reference[:, place] * has, had), -1)
    return replace(window, hourly_wh=hourly, reference_wh=reference)


def _paid_per_kwh(
    program: Program,
    year: Year,
    usage: SegmentUsage,
    window: WindowUsage,
    used: Integers,
    calendar: TariffCalendar,
) -> Integers:
    amount = next((amount for amount in program.incentives if amount.unit == "kwh"), None)
    if amount is None:
        return np.zeros(len(year.start_day), dtype=np.int64)
    if pays_below_reference(program):
        known = window.reference_wh >= 0
        below = np.where(known, np.maximum(window.reference_wh - used, 0), 0)
        return _rounded(_on_bills(year, window, below), amount.usd)
    other = _summer_weekday_wh(year, usage, window, calendar)
    weekday = [
        place
        for place, day in enumerate(window.event_dates)
        if day.month in calendar.summer_months and not calendar.is_weekend(day)
    ]
    events = _on_bills(year, window, used, weekday)
    return _rounded(np.maximum(other - events, 0), amount.usd)


def _summer_weekday_wh(year: Year, usage: SegmentUsage, window: WindowUsage, calendar: TariffCalendar) -> Integers:
    month = usage.first_day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    is_summer = np.isin(month, calendar.summer_months)
    hours = np.arange(*window.hours)
    total = np.zeros(len(year.start_day), dtype=np.int64)
    np.add.at(total, usage.bill, np.where(is_summer, usage.delivered_wh[:, hours].sum(axis=1), 0))
    return total


def _on_bills(year: Year, window: WindowUsage, wh: Integers, events: list[int] | None = None) -> Integers:
    """Energies of events added up by bill; those outside of all bills are left out."""
    total = np.zeros(len(year.start_day), dtype=np.int64)
    for place in range(len(window.event_dates)) if events is None else events:
        bill = year.bills_on(day_number(window.event_dates[place]))
        np.add.at(total, bill[bill >= 0], wh[bill >= 0, place])
    return total


def _paid_by_day(amount: Amount, season: Season, year: Year, tons_milli: Integers) -> Integers:
    """Credits that build up over the days of a season, up to their ceiling; `season` amounts are spread over it."""
    days = _days_in(season, year)
    if amount.unit == "season":
        return half_away(days * amount.usd, _length(season) * _PER_CENT)
    tons = np.maximum(tons_milli, 0)[year.batch.account]
    cents = half_away(days * tons * amount.usd, _MILLI * _PER_CENT)
    if amount.most_usd is None:
        return cents
    is_first = np.append(True, np.diff(year.batch.account) != 0)
    total = np.cumsum(cents)
    before = total - cents
    base = np.maximum.accumulate(np.where(is_first, before, 0))
    most = amount.most_usd // _PER_CENT
    paid: Integers = np.minimum(total - base, most) - np.minimum(before - base, most)
    return paid


def _days_in(season: Season, year: Year) -> Integers:
    first, last = int(year.start_day.min()), int(year.batch.end_day.max())
    dates = np.arange(first, last).astype("datetime64[D]").tolist()
    before = np.concatenate([[0], np.cumsum([season.contains(day) for day in dates])])
    days: Integers = before[year.batch.end_day - first] - before[year.start_day - first]
    return days


def _length(season: Season) -> int:
    common_year = np.arange("2001-01-01", "2002-01-01", dtype="datetime64[D]").tolist()
    return reduce(lambda count, day: count + season.contains(day), common_year, 0)


def _rounded(wh: Integers, usd: int) -> Integers:
    return half_away(wh * usd, CENT)
