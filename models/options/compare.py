"""What every option costs under every behaviour: bills of the year, priced under each rate, and what programs add."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from models.options.catalogue import Option
from models.options.credits import UNKNOWN_TONS, Reductions, needs_tons, program_cents, reductions, window_under
from models.options.events import WindowUsage
from models.options.scenarios import Scenario, behaved, less_by
from models.options.settings import ComparisonSettings
from models.options.year import Year
from models.programs import Program
from models.rates.lines import Booleans, Integers
from models.rates.pricing import BillBatch, price_bills
from models.rates.usage import SegmentUsage
from models.tariffs import TariffBook

COST_REASON_CODES = ("effect_unknown", "cooling_size_unknown")
"""Why an option has no cost: what it saves is not modelled, or the size of the air conditioner is not known."""


@dataclass(frozen=True)
class Offer:
    """What is offered, and on which assumptions.

    Attributes:
        book: Tariff data.
        programs: Programs by id.
        settings: Thresholds and expected events.
        priced_on: Date whose prices hold for the whole year.
    """

    book: TariffBook
    programs: Mapping[str, Program]
    settings: ComparisonSettings
    priced_on: date


@dataclass(frozen=True)
class Behaviour:
    """What a behaviour makes of the year.

    Attributes:
        usage: Usage, less what is saved in events.
        windows: Use in events by program, before what is saved in them.
        saved: What is saved in events; None for nothing.
    """

    usage: SegmentUsage
    windows: Mapping[str, WindowUsage]
    saved: Reductions | None


@dataclass
class Comparison:
    """Costs of options for the accounts of a year; what is priced once is kept.

    Attributes:
        offer: What is offered.
        year: The bills.
        windows: Use in the events of programs, by program.
        tons_milli: Size of central air conditioners in thousandths of a ton by account, `UNKNOWN_TONS` where unknown.
    """

    offer: Offer
    year: Year
    windows: Mapping[str, WindowUsage]
    tons_milli: Integers
    _rates: dict[tuple[str, str | None, Scenario, tuple[str, ...]], Integers] = field(default_factory=dict)
    _behaviours: dict[tuple[Scenario, tuple[str, ...]], "Behaviour"] = field(default_factory=dict)
    _programs: dict[tuple[str, Scenario, tuple[str, ...]], Integers] = field(default_factory=dict)

    def bill_cents(self, option: Option, scenario: Scenario) -> Integers:
        """Cost of each bill, in cents. Meaningless where `known` says so."""
        answering = self._answering(option, scenario)
        cents = self.rate_cents(option.rate_code, option.discount, scenario, answering)
        return cents + sum(
            (self.program_cents(name, scenario, answering) for name in option.program_ids), np.zeros_like(cents)
        )

    def known(self, option: Option) -> Booleans:
        """By account: whether the option has a cost."""
        if not option.is_priced:
            return np.zeros(len(self.year.accounts), dtype=bool)
        if any(needs_tons(self.offer.programs[name]) for name in option.program_ids):
            is_known: Booleans = self.tons_milli != UNKNOWN_TONS
            return is_known
        return np.ones(len(self.year.accounts), dtype=bool)

    def delivered_wh(self, option: Option, scenario: Scenario) -> Integers:
        """Energy delivered by account over the year."""
        usage = self._behaviour(scenario, self._answering(option, scenario)).usage
        by_bill = np.zeros(len(self.year.start_day), dtype=np.int64)
        np.add.at(by_bill, usage.bill, usage.delivered_wh.sum(axis=1))
        return self.year.by_account(by_bill)

    def rate_cents(
        self, rate_code: str, discount: str | None, scenario: Scenario, answering: tuple[str, ...] = ()
    ) -> Integers:
        """Bills under a rate without programs, in cents."""
        key = (rate_code, discount, scenario, answering)
        if key not in self._rates:
            usage = self._behaviour(scenario, answering).usage
            batch = _under(self.year.batch, discount)
            priced = price_bills(self.offer.book, rate_code, batch, usage, self.offer.priced_on)
            self._rates[key] = priced.cents
        return self._rates[key]

    def program_cents(self, program_id: str, scenario: Scenario, answering: tuple[str, ...] = ()) -> Integers:
        """What a program adds to each bill, in cents."""
        key = (program_id, scenario, answering)
        if key not in self._programs:
            behaviour = self._behaviour(scenario, answering)
            self._programs[key] = program_cents(
                self.offer.programs[program_id],
                self.year,
                behaviour.usage,
                behaviour.windows.get(program_id),
                behaviour.saved,
                self.tons_milli,
                self.offer.book.calendar,
            )
        return self._programs[key]

    def _answering(self, option: Option, scenario: Scenario) -> tuple[str, ...]:
        """Programs whose events are answered."""
        if scenario.event_level is None:
            return ()
        return tuple(name for name in option.program_ids if name in self.windows)

    def _behaviour(self, scenario: Scenario, answering: tuple[str, ...]) -> "Behaviour":
        key = (scenario, answering)
        if key not in self._behaviours:
            self._behaviours[key] = self._behaved(scenario, answering)
        return self._behaviours[key]

    def _behaved(self, scenario: Scenario, answering: tuple[str, ...]) -> "Behaviour":
        calendar, year = self.offer.book.calendar, self.year
        if answering:
            before = self._behaviour(scenario, ())
            shares = {
                name: self.offer.settings.expected_events[name].drops[str(scenario.event_level)] for name in answering
            }
            saved = reductions(year, [before.windows[name] for name in answering], shares, before.usage, calendar)
            return Behaviour(less_by(before.usage, saved.saved_wh), before.windows, saved)
        usage = behaved(year.usage, scenario, calendar, year.batch.interval_minutes)
        windows = {name: window_under(year, usage, window) for name, window in self.windows.items()}
        return Behaviour(usage, windows, None)


def highest(year: Year, cents: Integers) -> Integers:
    """The highest bill of each account."""
    most = np.full(len(year.accounts), np.iinfo(np.int64).min)
    np.maximum.at(most, year.batch.account, cents)
    return most


def _under(batch: BillBatch, discount: str | None) -> BillBatch:
    """The bills as if their accounts had a discount."""
    if discount is None:
        return batch
    yes = np.ones(len(batch.end_day), dtype=bool)
    terms = replace(
        batch.terms, is_care=yes if discount == "care" else ~yes, is_fera=yes if discount == "fera" else ~yes
    )
    return replace(batch, terms=terms)
