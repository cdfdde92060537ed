"""What an account's options cost, from the published generation alone, with the same arithmetic as the marts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from models.options.catalogue import Option, options
from models.options.compare import Comparison, Offer, highest
from models.options.costs import AccountFacts, comparison_of
from models.options.events import EventDay
from models.options.relations import tariff_rows
from models.options.scenarios import AS_IS, Scenario
from pipelines.home import Home
from pipelines.offers import ComparisonReference
from pipelines.query import QueryError, open_marts

_AS_IS = Scenario(AS_IS, "Use as it was", AS_IS)
_DAYS = 365
_COLUMNS = (
    "option_id", "eligibility_code", "reason_code", "is_current", "win_probability", "rank", "one_time_usd",
    "is_illustrative", "billed_last_12_months_usd",
)  # fmt: skip


@dataclass(frozen=True)
class Priced:
    """An option as an account would have it.

    Attributes:
        option: The option.
        published: Its row of `mart_rate_comparison` with use as it was.
        cost_usd: Cost of a year under the behaviour; None where it is unknown.
        highest_usd: Highest bill under the behaviour; None where it is unknown.
        delivered_kwh: Energy of that year.
    """

    option: Option
    published: Mapping[str, Any]
    cost_usd: Decimal | None
    highest_usd: Decimal | None
    delivered_kwh: Decimal


@dataclass(frozen=True)
class Answer:
    """Options of an account under a behaviour.

    Attributes:
        account: Its row of `mart_comparison_accounts`.
        scenario: The behaviour.
        priced_on: Date whose prices hold.
        current_usd: Cost of a year of the plan held with use as it was; None where it is unknown.
        billed_usd: What was billed for the bills compared.
        options: Options, those it may have first, then by cost.
        recommendations: Rows of `mart_recommendations`.
    """

    account: Mapping[str, Any]
    scenario: Scenario
    priced_on: date | None
    current_usd: Decimal | None
    billed_usd: Decimal | None
    options: tuple[Priced, ...]
    recommendations: tuple[Mapping[str, Any], ...]

    def saving(self, priced: Priced) -> Decimal | None:
        """What an option saves under the behaviour, beside the plan held with use as it was."""
        if priced.cost_usd is None or self.current_usd is None:
            return None
        return self.current_usd - priced.cost_usd


def answer(home: Home, reference: ComparisonReference, account_id: str, scenario: Scenario | None) -> Answer:
    """Price the options of an account.

    Args:
        home: Home folder; only its published generation is read.
        reference: Tariffs, programs and rules.
        account_id: Account.
        scenario: Behaviour; None for use as it was.

    Raises:
        QueryError: Nothing is published, the account is not known, or the tariffs changed since.
    """
    behaviour = scenario or _AS_IS
    with open_marts(home) as con:
        account = _account(con, account_id)
        recommendations = tuple(
            _records(con, "select * from mart_recommendations where account_id = $id order by priority", account_id)
        )
        if not account["is_comparable"]:
            return Answer(account, behaviour, None, None, None, (), recommendations)
        _check_tariffs(con, reference)
        published = {
            row["option_id"]: row
            for row in _records(
                con,
                f"select {', '.join(_COLUMNS)}, price_as_of_date from mart_rate_comparison "
                "where account_id = $id and scenario_id = 'as_is'",
                account_id,
            )
        }
        facts = _facts(con, account, account_id)
    first = next(iter(published.values()))
    since = reference.book.figures_since(first["price_as_of_date"])
    comparison = comparison_of(Offer(reference.book, reference.programs, reference.settings, since), facts)
    offered = [option for option in _options(reference, published) if option.option_id in published]
    ratio = 1.0 if account["bill_count"] >= reference.settings.history.bill_count else _DAYS / account["day_count"]
    priced = [_priced(comparison, option, published[option.option_id], behaviour, ratio) for option in offered]
    held = next((option for option in offered if published[option.option_id]["is_current"]), None)
    current = _priced(comparison, held, published[held.option_id], _AS_IS, ratio).cost_usd if held else None
    ordered = sorted(priced, key=_order)
    return Answer(
        account, behaviour, first["price_as_of_date"], current, first["billed_last_12_months_usd"], tuple(ordered),
        recommendations,
    )  # fmt: skip


def _order(priced: Priced) -> tuple[object, ...]:
    place = ("eligible", "needs_answer", "ineligible").index(priced.published["eligibility_code"])
    cost = priced.cost_usd
    return place, cost is None, cost or 0, not priced.published["is_current"], priced.option.option_id


def _options(reference: ComparisonReference, published: Mapping[str, Any]) -> tuple[Option, ...]:
    """The catalogue, with the sets of programs of this account's options that it would not have by itself."""
    rates = sorted(reference.book.tariffs, key=len, reverse=True)
    held = []
    for option_id in published:
        rate = next((rate for rate in rates if option_id == rate or option_id.startswith(f"{rate}+")), None)
        parts = tuple(option_id[len(rate) + 1 :].split("+")) if rate and option_id != rate else ()
        if rate and parts and all(part in reference.programs for part in parts):
            held.append((rate, parts))
    return options(reference.book, reference.programs, reference.settings, held)


def _priced(
    comparison: Comparison, option: Option, published: Mapping[str, Any], scenario: Scenario, ratio: float
) -> Priced:
    year = comparison.year
    energy = _rounded(int(comparison.delivered_wh(option, scenario)[0]) * ratio)
    if not comparison.known(option)[0]:
        return Priced(option, published, None, None, Decimal(energy).scaleb(-3))
    cents = comparison.bill_cents(option, scenario)
    cost = _rounded(int(year.by_account(cents)[0]) * ratio)
    most = int(highest(year, cents)[0])
    return Priced(option, published, Decimal(cost).scaleb(-2), Decimal(most).scaleb(-2), Decimal(energy).scaleb(-3))


def _rounded(number: float) -> int:
    return int(math.copysign(math.floor(abs(number) + 0.5), number))


def _account(con: duckdb.DuckDBPyConnection, account_id: str) -> Mapping[str, Any]:
    found = _records(con, "select * from mart_comparison_accounts where account_id = $id", account_id)
    if found:
        return found[0]
    ended = _records(
        con,
        "select max(service_end_date) as ended from dim_accounts where account_id = $id having count(*) > 0",
        account_id,
    )
    if ended:
        raise QueryError(f"account {account_id} is not served any more; its service ended on {ended[0]['ended']}")
    raise QueryError(
        f"there is no account {account_id}; list them with "
        '`meterhouse query "select account_id from mart_comparison_accounts"`'
    )


def _check_tariffs(con: duckdb.DuckDBPyConnection, reference: ComparisonReference) -> None:
    priced = {(row["tariff_code"], row["tariff_sha256"]) for row in _records(con, "select * from dim_tariff_versions")}
    present = {(row["tariff_code"], row["tariff_sha256"]) for row in tariff_rows(reference.tariff_documents)}
    changed = sorted({str(code) for code, _ in priced ^ present})
    if changed:
        raise QueryError(
            f"the tariffs {', '.join(changed)} are not those with which the marts were built; publish anew with "
            "`meterhouse run`"
        )


def _facts(con: duckdb.DuckDBPyConnection, account: Mapping[str, Any], account_id: str) -> AccountFacts:
    bills = con.sql(_BILLS, params={"id": account_id}).pl()
    cells = con.sql(_CELLS, params={"id": account_id}).pl()
    hourly = con.sql(_HOURS, params={"id": account_id}).pl()
    tons = account["cooling_tons"]
    return AccountFacts(
        accounts=pl.DataFrame({"account_id": [account_id], "customer_type": [account["customer_type"]]}),
        bills=bills.cast({"interval_minutes": pl.Int16}),
        cells=cells,
        hourly=hourly,
        events=[_event(row) for row in _records(con, "select * from dim_expected_events")],
        tons=pl.DataFrame(
            {"account_id": [account_id], "tons_milli": [None if tons is None else round(tons * 1000)]},
            schema={"account_id": pl.String, "tons_milli": pl.Int64},
        ),
    )


def _event(row: Mapping[str, Any]) -> EventDay:
    dates = tuple(date.fromisoformat(text) for text in row["reference_dates"].split(",") if text)
    return EventDay(row["program_id"], row["event_date"], dates)


_BILLS = "select * from fct_comparison_bills where account_id = $id order by bill_start_date"
_CELLS = """
    select
        cells.account_id, cells.bill_start_date, cells.segment_start_date, cells.day_type = 'weekend' as is_weekend,
        cells.local_hour, (cells.delivered_kwh * 1000)::bigint as delivered_wh,
        (cells.received_kwh * 1000)::bigint as received_wh, (cells.net_import_kwh * 1000)::bigint as net_import_wh,
        round(cells.peak_kw * bills.interval_minutes * 1000 / 60)::bigint as peak_wh,
        round(cells.net_peak_kw * bills.interval_minutes * 1000 / 60)::bigint as net_peak_wh
    from fct_usage_cells as cells
    join fct_comparison_bills as bills using (account_id, bill_start_date)
    where cells.account_id = $id and bills.account_id = $id
"""
_HOURS = """
    select account_id, usage_date, local_hour, (delivered_kwh * 1000)::bigint as delivered_wh
    from fct_event_window_usage where account_id = $id
"""


def _records(con: duckdb.DuckDBPyConnection, sql: str, account_id: str | None = None) -> list[dict[str, Any]]:
    try:
        result = con.execute(sql, {} if account_id is None else {"id": account_id})
    except duckdb.CatalogException as error:
        raise QueryError(f"{str(error).splitlines()[0]}; publish anew with `meterhouse run`") from None
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
