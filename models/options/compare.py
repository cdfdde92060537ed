"""What every option costs under every behaviour: bills of the year, priced under each rate, and what programs add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np

from models.options.catalogue import Option
from models.options.credits import UNKNOWN_TONS, Reductions, needs_tons, program_cents, reductions
from models.options.events import WindowUsage
from models.options.scenarios import AS_IS, PARTICIPATE, Scenario, behaved, less_by
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
    _usages: dict[tuple[Scenario, tuple[str, ...]], tuple[SegmentUsage, SegmentUsage, Reductions | None]] = field(
        default_factory=dict
    )
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
        usage = self._usage(scenario, self._answering(option, scenario))[1]
        by_bill = np.zeros(len(self.year.start_day), dtype=np.int64)
        np.add.at(by_bill, usage.bill, usage.delivered_wh.sum(axis=1))
        return self.year.by_account(by_bill)

    def rate_cents(
        self, rate_code: str, discount: str | None, scenario: Scenario, answering: tuple[str, ...] = ()
    ) -> Integers:
        """Bills under a rate without programs, in cents."""
        key = (rate_code, discount, scenario, answering)
        if key not in self._rates:
            usage = self._usage(scenario, answering)[1]
            batch = _under(self.year.batch, discount)
            priced = price_bills(self.offer.book, rate_code, batch, usage, self.offer.priced_on)
            self._rates[key] = priced.cents
        return self._rates[key]

    def program_cents(self, program_id: str, scenario: Scenario, answering: tuple[str, ...] = ()) -> Integers:
        """What a program adds to each bill, in cents."""
        key = (program_id, scenario, answering)
        if key not in self._programs:
            usage, _, saved = self._usage(scenario, answering)
            self._programs[key] = program_cents(
                self.offer.programs[program_id],
                self.year,
                usage,
                self.windows.get(program_id),
                saved,
                self.tons_milli,
                self.offer.book.calendar,
            )
        return self._programs[key]

    def _answering(self, option: Option, scenario: Scenario) -> tuple[str, ...]:
        """Programs whose events are answered."""
        if scenario.kind != PARTICIPATE:
            return ()
        return tuple(name for name in option.program_ids if name in self.windows)

    def _usage(
        self, scenario: Scenario, answering: tuple[str, ...]
    ) -> tuple[SegmentUsage, SegmentUsage, Reductions | None]:
        """Usage under the behaviour before and after events, and what is saved in them."""
        key = (scenario, answering)
        if key not in self._usages:
            self._usages[key] = self._behaved(scenario, answering)
        return self._usages[key]

    def _behaved(
        self, scenario: Scenario, answering: tuple[str, ...]
    ) -> tuple[SegmentUsage, SegmentUsage, Reductions | None]:
        calendar = self.offer.book.calendar
        if scenario.kind in (AS_IS, PARTICIPATE) and not answering:
            return self.year.usage, self.year.usage, None
        if scenario.kind != PARTICIPATE:
            usage = behaved(self.year.usage, scenario, calendar, self.year.batch.interval_minutes)
            return usage, usage, None
        windows = [self.windows[name] for name in answering]
        shares = {name: self.offer.settings.expected_events[name].drops[str(scenario.level)] for name in answering}
        saved = reductions(self.year, windows, shares, calendar)
        return self.year.usage, less_by(self.year.usage, saved.saved_wh), saved

    @cached_property
    def day_count(self) -> Integers:
        """Days of the year by account."""
        return self.year.by_account(self.year.batch.end_day - self.year.start_day)


def highest(year: Year, cents: Integers) -> Integers:
    """The highest bill of each account."""
    most = np.full(len(year.accounts), np.iinfo(np.int64).min)
    np.maximum.at(most, year.batch.account, cents)
    return most


def held_option(options: Sequence[Option], rate_code: str, program_ids: tuple[str, ...]) -> Option | None:
    """The option that an account holds: its rate, and those of its programs that have events."""
    return next(
        (
            option
            for option in options
            if (option.rate_code, option.program_ids, option.discount) == (rate_code, program_ids, None)
        ),
        None,
    )


def _under(batch: BillBatch, discount: str | None) -> BillBatch:
    """The bills as if their accounts had a discount."""
    if discount is None:
        return batch
    yes = np.ones(len(batch.end_day), dtype=bool)
    terms = replace(
        batch.terms, is_care=yes if discount == "care" else ~yes, is_fera=yes if discount == "fera" else ~yes
    )
    return replace(batch, terms=terms)
