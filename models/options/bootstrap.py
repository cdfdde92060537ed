"""Years as they might have been: the weeks of each bill drawn anew, and priced under every rate.

A bill is made of weeks, cut at the ends of the bill, the month and the season. Within each bill and season as many
weeks are drawn as there are, with replacement, and their energy is scaled to the days of the bill. All options see the
same draws. Weather and habits of other years are not in it: what is drawn varies as the weeks of the year did.
"""

import hashlib
from dataclasses import replace
from functools import cached_property

import numpy as np

from models.options.catalogue import Option
from models.options.compare import Comparison
from models.options.credits import event_line_cents
from models.options.scenarios import AS_IS, Scenario
from models.rates.lines import Integers, half_away
from models.rates.periods_of_use import PeriodUsage, period_usage, season_of
from models.rates.pricing import BillBatch, price_periods

_AS_IS = Scenario(AS_IS, "", AS_IS)
_SEED_BYTES = 8


class Draws:
    """Costs of options in redrawn years of the accounts of a comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._year = comparison.year
        if comparison.year.weeks is None:
            raise ValueError("years can be drawn anew only where use is known by week")
        self._weeks = comparison.year.weeks
        self._count = comparison.offer.settings.bootstrap.draw_count
        self._rates: dict[str, Integers] = {}
        self._programs: dict[str, Integers] = {}

    def cents(self, option: Option) -> Integers:
        """Cost of the year by draw and account, in cents; options under a discount that is not held have none."""
        if option.rate_code not in self._rates:
            self._rates[option.rate_code] = self._rate(option.rate_code)
        total = self._rates[option.rate_code]
        for name in option.program_ids:
            if name not in self._programs:
                self._programs[name] = self._program(name)
            total = total + self._programs[name]
        return total

    def _rate(self, rate_code: str) -> Integers:
        year, offer = self._year, self._comparison.offer
        tariff = offer.book.tariffs[rate_code]
        usage = period_usage(tariff, offer.book.calendar, self._weeks, year.batch.terms.has_net_metering)
        drawn = self._drawn(usage)
        priced = price_periods(offer.book, rate_code, self._batches, drawn, offer.priced_on)
        accounts = len(year.accounts)
        totals = np.zeros(self._count * accounts, dtype=np.int64)
        np.add.at(totals, self._batches.account, priced.cents)
        return totals.reshape(self._count, accounts)

    def _drawn(self, usage: PeriodUsage) -> PeriodUsage:
        """Segments of all draws, one after the other."""
        starts, bills = self._starts, len(self._year.start_day)
        days = np.add.reduceat(usage.day_count, starts)
        used, imported, peaks, peak = [], [], [], []
        for picks in self._picks:
            drawn_days = np.add.reduceat(usage.day_count[picks], starts)
            used.append(_scaled(usage.used_wh[picks], starts, days, drawn_days))
            imported.append(_scaled(usage.import_wh[picks, np.newaxis], starts, days, drawn_days)[:, 0])
            peaks.append(np.maximum.reduceat(usage.weekday_peak_wh[picks], starts, axis=0))
            peak.append(np.maximum.reduceat(usage.peak_wh[picks], starts))
        shift = np.repeat(np.arange(self._count) * bills, len(starts))
        return PeriodUsage(
            bill=np.tile(usage.bill[starts], self._count) + shift,
            first_day=np.tile(usage.first_day[starts], self._count),
            day_count=np.tile(days, self._count),
            season=np.tile(usage.season[starts], self._count),
            used_wh=np.concatenate(used),
            import_wh=np.concatenate(imported),
            weekday_peak_wh=np.concatenate(peaks),
            peak_wh=np.concatenate(peak),
        )

    @cached_property
    def _starts(self) -> Integers:
        """First week of each bill and season."""
        usage = self._weeks
        season = season_of(self._comparison.offer.book.calendar, usage.first_day)
        return np.flatnonzero(np.append(True, (np.diff(usage.bill) != 0) | (np.diff(season) != 0)))

    @cached_property
    def _picks(self) -> Integers:
        """The week that is drawn for each week, by draw; an account's draws do not depend on the other accounts."""
        starts, weeks = self._starts, len(self._weeks.bill)
        counts = np.diff(np.append(starts, weeks))
        first, size = np.repeat(starts, counts), np.repeat(counts, counts)
        account = self._year.batch.account[self._weeks.bill]
        bounds = np.searchsorted(account, np.arange(len(self._year.accounts) + 1))
        uniform = np.empty((self._count, weeks))
        for place, account_id in enumerate(self._year.accounts):
            begin, end = bounds[place], bounds[place + 1]
            uniform[:, begin:end] = generator(account_id, "weeks").random((self._count, end - begin))
        picks: Integers = first + (uniform * size).astype(np.int64)
        return picks

    @cached_property
    def _batches(self) -> BillBatch:
        """The bills once per draw, each draw with accounts of its own."""
        batch, count = self._year.batch, self._count
        terms = replace(batch.terms, **{name: np.tile(values, count) for name, values in vars(batch.terms).items()})
        shift = np.repeat(np.arange(count) * len(self._year.accounts), len(batch.end_day))
        return BillBatch(
            end_day=np.tile(batch.end_day, count),
            terms=terms,
            interval_minutes=np.tile(batch.interval_minutes, count),
            account=np.tile(batch.account, count) + shift,
            net_metering_number=np.tile(batch.net_metering_number, count),
            opening_credit_cents=np.tile(batch.opening_credit_cents, count),
        )

    def _program(self, program_id: str) -> Integers:
        """What a program adds to the year by draw and account: as many of its events drawn anew, the rest as it is."""
        year, comparison = self._year, self._comparison
        fixed = year.by_account(comparison.program_cents(program_id, _AS_IS))
        window = comparison.windows.get(program_id)
        if window is None or not window.event_dates:
            return np.tile(fixed, (self._count, 1))
        events = event_line_cents(comparison.offer.programs[program_id], year, window)
        count = events.shape[1]
        drawn = np.empty((self._count, len(year.accounts)), dtype=np.int64)
        for place, account_id in enumerate(year.accounts):
            picks = generator(account_id, program_id).integers(0, count, (self._count, count))
            drawn[:, place] = events[place][picks].sum(axis=1)
        redrawn: Integers = fixed - events.sum(axis=1) + drawn
        return redrawn


def generator(account_id: str, purpose: str) -> np.random.Generator:
    """Random numbers of an account for a purpose, the same in every run and in whatever company."""
    seed = hashlib.sha256(f"{purpose}/{account_id}".encode()).digest()[:_SEED_BYTES]
    return np.random.Generator(np.random.Philox(key=int.from_bytes(seed, "big")))


def _scaled(drawn: Integers, starts: Integers, days: Integers, drawn_days: Integers) -> Integers:
    """Energies of drawn weeks, added up and scaled to the days of the bill."""
    sums = np.add.reduceat(drawn, starts, axis=0)
    scaled: Integers = half_away(sums * days[:, np.newaxis], drawn_days[:, np.newaxis])
    return scaled
