"""Costs of the options of many accounts as rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.options.bootstrap import Draws
from models.options.catalogue import Option
from models.options.compare import Comparison, Offer, highest
from models.options.credits import UNKNOWN_TONS
from models.options.events import EventDay, WindowUsage, window_usage
from models.options.scenarios import AS_IS, Scenario
from models.options.year import year_of
from models.rates.lines import Booleans, Integers


@dataclass(frozen=True)
class AccountFacts:
    """What is known of accounts that can be compared.

    Attributes:
        accounts: Rows of `analytics.comparison_accounts`.
        bills: Rows of `analytics.comparison_bills`.
        cells: Rows of `analytics.usage_week_cells` of these bills.
        hourly: Rows of `analytics.event_window_usage`.
        events: Events that are expected in a year.
        tons: account_id, tons_milli: accounts whose central air conditioner's size is known.
    """

    accounts: pl.DataFrame
    bills: pl.DataFrame
    cells: pl.DataFrame
    hourly: pl.DataFrame
    events: Sequence[EventDay]
    tons: pl.DataFrame

    def of(self, account_ids: Sequence[str]) -> "AccountFacts":
        """The facts of some accounts."""
        wanted = pl.DataFrame({"account_id": account_ids}, schema={"account_id": pl.String})
        frames = (
            frame.join(wanted, on="account_id", how="semi", maintain_order="left")
            for frame in (self.accounts, self.bills, self.cells, self.hourly)
        )
        accounts, bills, cells, hourly = frames
        return AccountFacts(
            accounts, bills, cells, hourly, self.events, self.tons.join(wanted, on="account_id", how="semi")
        )

    def digests(self) -> dict[str, str]:
        """A digest of each account's facts; equal where all that its costs rest on is equal."""
        parts = [
            frame.group_by("account_id").agg(digest=pl.struct(pl.all()).hash().sum())
            for frame in (self.bills, self.cells, self.hourly, self.tons)
        ]
        found = self.accounts.select("account_id")
        for place, part in enumerate(parts):
            found = found.join(part.rename({"digest": f"part_{place}"}), on="account_id", how="left")
        text = pl.concat_str(pl.exclude("account_id").cast(pl.String).fill_null(""), separator="/")
        return dict(found.select("account_id", text).iter_rows())


@dataclass(frozen=True)
class Costs:
    """Rows of `analytics.option_costs`, `analytics.option_bills` and `analytics.option_draws`."""

    costs: pl.DataFrame
    bills: pl.DataFrame
    draws: pl.DataFrame


def comparison_of(offer: Offer, facts: AccountFacts) -> Comparison:
    """The comparison of accounts of one class.

    Args:
        offer: What is offered.
        facts: Of these accounts alone; every one has a bill.
    """
    year = year_of(offer.book, facts.bills, facts.cells)
    tons = pl.DataFrame({"account_id": year.accounts}).join(facts.tons, on="account_id", how="left")
    return Comparison(
        offer,
        year,
        _windows(offer, year.accounts, facts),
        tons["tons_milli"].fill_null(UNKNOWN_TONS).cast(pl.Int64).to_numpy(),
    )


def costs_of(offer: Offer, options: Iterable[Option], scenarios: Sequence[Scenario], facts: AccountFacts) -> Costs:
    """Price every option that is for the accounts' class, under every behaviour.

    Args:
        offer: What is offered.
        options: Options; those of other classes are left out, and discounts that an account has already.
        scenarios: Behaviours, one of them `as_is`.
        facts: Of accounts of one class.
    """
    customer_type = facts.accounts["customer_type"][0]
    theirs = [option for option in options if offer.book.tariffs[option.rate_code].customer_type == customer_type]
    comparison = comparison_of(offer, facts)
    as_is = next(scenario for scenario in scenarios if scenario.kind == AS_IS)
    draws = Draws(comparison)
    costs, bills, drawn = [], [], []
    for option in theirs:
        asked = _without_discount(comparison, option)
        known = comparison.known(option) & asked
        costs += [_cost_rows(comparison, option, scenario, known, asked) for scenario in scenarios]
        if known.any():
            bills.append(_bill_rows(comparison, option, as_is, known))
            if option.discount is None:
                drawn.append(_draw_rows(comparison, option, draws.cents(option), known))
    return Costs(pl.concat(costs), pl.concat(bills), pl.concat(drawn))


def _windows(offer: Offer, accounts: list[str], facts: AccountFacts) -> dict[str, WindowUsage]:
    windows = {}
    for program_id, expected in offer.settings.expected_events.items():
        days = [day for day in facts.events if day.program_id == program_id]
        if days:
            hours = (expected.first_hour, expected.end_hour)
            windows[program_id] = window_usage(accounts, days, hours, facts.hourly, offer.settings)
    return windows


def _without_discount(comparison: Comparison, option: Option) -> Booleans:
    """By account: False where the option adds a discount to an account that has one."""
    batch, count = comparison.year.batch, len(comparison.year.accounts)
    if option.discount is None:
        return np.ones(count, dtype=bool)
    has = np.zeros(count, dtype=bool)
    has[batch.account] = batch.terms.is_care | batch.terms.is_fera
    return ~has


def _cost_rows(
    comparison: Comparison,
    option: Option,
    scenario: Scenario,
    known: Booleans,
    asked: Booleans,
) -> pl.DataFrame:
    year = comparison.year
    if option.is_priced:
        cents = comparison.bill_cents(option, scenario)
        total, most = year.by_account(cents), highest(year, cents)
    else:
        total = most = np.zeros(len(year.accounts), dtype=np.int64)
    reason = "cooling_size_unknown" if option.is_priced else "effect_unknown"
    is_known = pl.Series("known", known)
    rows = pl.DataFrame(
        {
            "account_id": year.accounts,
            "option_id": option.option_id,
            "scenario_id": scenario.scenario_id,
            "cost_cents": total,
            "highest_bill_cents": most,
            "delivered_wh": comparison.delivered_wh(option, scenario),
        }
    )
    return rows.with_columns(
        pl.when(is_known).then(pl.col("cost_cents", "highest_bill_cents")),
        reason_code=pl.when(~is_known).then(pl.lit(reason)),
    ).filter(pl.Series(asked))


def _bill_rows(comparison: Comparison, option: Option, as_is: Scenario, known: Booleans) -> pl.DataFrame:
    year = comparison.year
    return year.bills.select(
        "account_id",
        pl.lit(option.option_id).alias("option_id"),
        "bill_start_date",
        pl.Series("cost_cents", comparison.bill_cents(option, as_is)),
    ).filter(pl.Series(known[year.batch.account]))


def _draw_rows(
    comparison: Comparison,
    option: Option,
    cents: Integers,
    known: Booleans,
) -> pl.DataFrame:
    count = len(cents)
    kept = np.flatnonzero(known)
    return pl.DataFrame(
        {
            "account_id": pl.Series(comparison.year.accounts)[np.repeat(kept, count)],
            "option_id": option.option_id,
            "draw": np.tile(np.arange(count, dtype=np.int16), len(kept)),
            "cost_cents": cents[:, kept].T.ravel(),
        }
    )
