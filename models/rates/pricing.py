"""Prices bills: many bills, one rate, at the prices of their own dates or of one date."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import numpy as np
import polars as pl

from models.rates.charges import (
    basic_lines,
    bill_lines,
    demand_lines,
    discount_lines,
    energy_lines,
    minimum_lines,
    surcharge_lines,
)
from models.rates.lines import MILLI, ONE_USD, Booleans, Integers, Lines, line_frame, summed
from models.rates.periods_of_use import PeriodUsage, period_usage
from models.rates.segments import RatedSegments, Terms, day_number, rated_segments, terms_of
from models.rates.usage import SegmentUsage
from models.tariffs import History, TariffBook

_NO_DISCOUNT = -1

Content = TypeVar("Content")


@dataclass(frozen=True)
class BillBatch:
    """Bills to be priced, by account and time.

    Attributes:
        end_day: Local date after the last one, in days since 1970-01-01.
        terms: What holds for each bill.
        interval_minutes: Length of the intervals of the account: 15, 30 or 60.
        account: Account of each bill, as a rising number.
        net_metering_number: Place of the bill among the account's net metering bills, from 0; -1 without net metering.
        opening_credit_cents: Net metering credit that the account brings to the first of these bills, in cents.
    """

    end_day: Integers
    terms: Terms
    interval_minutes: Integers
    account: Integers
    net_metering_number: Integers
    opening_credit_cents: Integers

    def of_bills(self, wanted: Integers) -> "BillBatch":
        """Some of the bills, numbered anew in the order given.

        Args:
            wanted: Positions of bills, ascending.
        """
        taken = {name: values[wanted] for name, values in vars(self).items() if name != "terms"}
        terms = replace(self.terms, **{name: values[wanted] for name, values in vars(self.terms).items()})
        return BillBatch(terms=terms, **taken)


@dataclass(frozen=True)
class PricedBills:
    """Priced bills.

    Attributes:
        lines: Lines of all bills; those of a bill add up to it.
        bill_count: Number of bills.
        closing_credit_cents: Net metering credit with which the next bill opens.
        is_prorated: True where a price or the season changed inside the bill.
    """

    lines: tuple[Lines, ...]
    bill_count: int
    closing_credit_cents: Integers
    is_prorated: Booleans

    @property
    def cents(self) -> Integers:
        """Amount of each bill."""
        return summed(self.lines, self.bill_count)

    def frame(self) -> pl.DataFrame:
        """Lines as rows, see `models.rates.lines.line_frame`."""
        return line_frame(self.lines)


def bill_batch(book: TariffBook, bills: pl.DataFrame) -> BillBatch:
    """Bills as columns of numbers.

    Args:
        book: Tariff data.
        bills: account_id, bill_start_date, bill_end_date, interval_minutes, net_metering_number (null without net
            metering), opening_credit_cents, and the terms named in `terms_of`; sorted by account and date.
    """
    return BillBatch(
        end_day=bills["bill_end_date"].to_physical().to_numpy().astype(np.int64),
        terms=terms_of(book, bills),
        interval_minutes=bills["interval_minutes"].cast(pl.Int64).to_numpy(),
        account=bills["account_id"].rle_id().cast(pl.Int64).to_numpy(),
        net_metering_number=bills["net_metering_number"].fill_null(-1).cast(pl.Int64).to_numpy(),
        opening_credit_cents=bills["opening_credit_cents"].cast(pl.Int64).to_numpy(),
    )


def price_bills(
    book: TariffBook, rate_code: str, bills: BillBatch, usage: SegmentUsage, priced_on: date | None = None
) -> PricedBills:
    """Price bills under one rate by the rules of docs/tariffs.md.

    Args:
        book: Tariff data.
        rate_code: The rate schedule; whatever the accounts have now.
        bills: The bills.
        usage: Their segments, see `models.rates.usage.segment_usage`; every bill has at least one.
        priced_on: Date whose prices, allocations, discounts and surcharges hold for all bills; None for those of each
            bill's own dates. Seasons are always those of the dates of use.

    Raises:
        ValueError: The rate has no version for a date; see `models.rates.priceable` for which bills can be priced.
    """
    tariff = book.tariffs[rate_code]
    periods = period_usage(tariff, book.calendar, usage, bills.terms.has_net_metering)
    return price_periods(book, rate_code, bills, periods, priced_on)


def price_periods(
    book: TariffBook, rate_code: str, bills: BillBatch, usage: PeriodUsage, priced_on: date | None = None
) -> PricedBills:
    """Price bills whose energy is known by the periods of the rate.

    Args:
        book: Tariff data.
        rate_code: The rate schedule.
        bills: The bills.
        usage: Their segments by the periods of this rate.
        priced_on: As for `price_bills`.

    Raises:
        ValueError: As `price_bills` does.
    """
    segments = rated_segments(book, book.tariffs[rate_code], usage, bills.terms, priced_on)
    last_day = bills.end_day - 1 if priced_on is None else np.full_like(bills.end_day, day_number(priced_on))
    terms = bills.terms
    share, base_services = _discounts(book, terms, last_day)
    surcharge = _on(book.surcharges, last_day, lambda content: content.state_surcharge)
    bypass = _on(book.net_metering, last_day, lambda content: content.non_bypassable) * terms.has_net_metering

    energy = energy_lines(segments, bypass)
    energy += discount_lines(energy, share, segments)
    carried, closing = _carried(book, bills, segments, summed(energy, len(bills.end_day)), last_day)
    lines = (
        *basic_lines(segments, terms, base_services),
        *energy,
        *carried,
        *demand_lines(segments, bills.interval_minutes),
        *minimum_lines(segments, terms, base_services),
        *surcharge_lines(segments, bypass, surcharge),
    )
    counts = np.bincount(segments.bill, minlength=len(bills.end_day))
    return PricedBills(lines, len(bills.end_day), closing, counts > 1)


def _discounts(book: TariffBook, terms: Terms, last_day: Integers) -> tuple[Integers, Integers]:
    """Share taken off energy, and base services charge per day, by bill; `_NO_DISCOUNT` for the charge without one."""
    share, charge = np.zeros_like(last_day), np.full_like(last_day, _NO_DISCOUNT)
    for name, holds in (("fera", terms.is_fera), ("care", terms.is_care)):
        history = book.discounts[name]
        share = np.where(holds, _on(history, last_day, lambda content: content.energy_discount), share)
        charge = np.where(holds, _on(history, last_day, lambda content: content.base_services_charge_per_day), charge)
    return share, charge


def _carried(
    book: TariffBook, bills: BillBatch, segments: RatedSegments, charges: Integers, last_day: Integers
) -> tuple[list[Lines], Integers]:
    """Net metering: energy charges below zero go to later bills, and credit of earlier ones is used up first.

    Args:
        book: Tariff data.
        bills: The bills.
        segments: Their segments.
        charges: Energy charges after credits and discounts, in cents, by bill.
        last_day: Date of the terms of net metering, by bill.

    Returns:
        The lines, and the credit that the next bill of the account opens with, in cents.
    """
    number, closing = bills.net_metering_number, np.zeros_like(charges)
    if (number < 0).all():
        return [], closing
    year = _on(book.net_metering, last_day, lambda content: content.true_up_bills)
    is_true_up, used = (number + 1) % year == 0, np.zeros_like(charges)
    place = np.arange(len(number)) - np.maximum.accumulate(
        np.where(np.append(True, np.diff(bills.account) != 0), np.arange(len(number)), 0)
    )
    for turn in range(int(place.max()) + 1):
        bill = np.flatnonzero((place == turn) & (number >= 0))
        brought = np.where(place[bill] == 0, bills.opening_credit_cents[bill], closing[bill - 1])
        opening = np.where(number[bill] % year[bill] == 0, 0, brought)
        used[bill] = np.clip(charges[bill], 0, opening)
        left = opening - np.minimum(charges[bill], opening)
        closing[bill] = np.where(is_true_up[bill], 0, left)
    surplus = np.where(number >= 0, np.maximum(-charges, 0), 0)
    parts = (
        ("credit_to_later_bills", np.where(is_true_up, 0, surplus), ONE_USD),
        ("credit_ended", np.where(is_true_up, surplus, 0), ONE_USD),
        ("credit_from_earlier_bills", used, -ONE_USD),
    )
    every = np.arange(len(number))
    return [
        bill_lines(segments, code, every, cents * (MILLI // 100), np.full(len(every), price))
        for code, cents, price in parts
    ], closing


def _on(history: History[Content], day: Integers, figure: Callable[[Content], int]) -> Integers:
    """A figure of the version that holds on each date; before the first version, that of the first."""
    starts = np.array([day_number(version.effective_date) for version in history.versions], dtype=np.int64)
    figures = np.array([figure(version.content) for version in history.versions], dtype=np.int64)
    found: Integers = figures[np.maximum(np.searchsorted(starts, day, side="right") - 1, 0)]
    return found
