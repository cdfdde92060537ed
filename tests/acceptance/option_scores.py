"""Bills and recommendations held against the simulator's answer key and its own calculator."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from models.rates.forecast import bill_forecasts, with_ranges
from models.tables.rates import BILLING_PERIODS, REPRICED_BILLS, USAGE_WEEK_CELLS
from models.tariffs import History, TariffBook
from pipelines import lake
from pipelines.home import Home
from pipelines.offers import tariffs
from pipelines.rates.bill_advice import FORECASTS, ended_bills, forecast_errors, recent_cells
from sims.billing import BillRequest, ServiceTerms, price_bill

ZONE = ZoneInfo("America/Los_Angeles")
START = date(2000, 1, 1)


@dataclass(frozen=True)
class Shares:
    """How bills came out.

    Attributes:
        bill_count: Bills of the customer system.
        clean_count: Bills without estimates, later corrections, labelled faults, or credit that such a bill left.
        alike_count: Clean bills priced to the cent.
        unreasoned_count: Bills that differ without a reason, or for which none was found.
        fault_count: Labelled faults of bills whose energy is the same.
        named_count: Those of them whose reason names the fault.
    """

    bill_count: int
    clean_count: int
    alike_count: int
    unreasoned_count: int
    fault_count: int
    named_count: int


NAMES = {"wrong_version": "earlier_prices", "missed_baseline": "missed_baseline", "doubled_line": "line_twice"}


def shadow_shares(con: duckdb.DuckDBPyConnection, truth: Path) -> Shares:
    """Shares of a published generation.

    Args:
        con: Its marts.
        truth: The answer key.
    """
    faults = pl.read_parquet(truth / "billing_faults.parquet").select("bill_id", "fault_type")
    bills = con.sql("select * from fct_bills where reason_code is distinct from 'replaced'").pl()
    late = con.sql(_CORRECTED).pl()
    judged = (
        bills.join(faults, on="bill_id", how="left")
        .join(late.with_columns(is_corrected=True), on="bill_id", how="left")
        .sort("account_id", "bill_start_date")
        .with_columns(
            is_doubtful=pl.col("is_estimated")
            | (pl.col("estimated_interval_count").fill_null(0) > 0)
            | pl.col("is_corrected").fill_null(value=False)
        )
        .with_columns(  # credit goes from bill to bill within a year
            is_after=pl.col("is_doubtful").cum_max().over("account_id") & (pl.col("received_kwh").fill_null(0) > 0)
        )
    )
    clean = judged.filter(
        ~pl.col("is_doubtful"),
        ~pl.col("is_after"),
        pl.col("fault_type").is_null(),
        pl.col("repriced_usd").is_not_null(),
    )
    same_energy = judged.filter(
        pl.col("fault_type").is_not_null(), pl.col("delivered_kwh") == pl.col("billed_delivered_kwh"),
        pl.col("received_kwh") == pl.col("billed_received_kwh"),
    )  # fmt: skip
    named = same_energy.filter(pl.col("fault_type").replace_strict(NAMES) == pl.col("reason_code"))
    unreasoned = judged.filter(
        (pl.col("difference_usd") != 0) & (pl.col("reason_code").is_null() | (pl.col("reason_code") == "unexplained"))
    )
    alike = clean.filter(pl.col("difference_usd") == 0)
    return Shares(bills.height, clean.height, alike.height, unreasoned.height, same_energy.height, named.height)


_CORRECTED = """
-- bills with a day that was sent again with other values, or whose reads are known later than the bill
select distinct b.bill_id
from fct_bills as b
join bridge_meter_accounts as m using (account_id)
join fct_vee_failures as f on f.meter_id = m.meter_id
where f.usage_date >= b.bill_start_date and f.usage_date < b.bill_end_date
union
select distinct b.bill_id
from fct_bills as b
join bridge_meter_accounts as m using (account_id)
join fct_read_versions as v on v.meter_id = m.meter_id
where v.usage_date >= b.bill_start_date and v.usage_date < b.bill_end_date
"""


def frozen(book: TariffBook, day: date) -> TariffBook:
    """A book in which what holds on a date has always held."""

    def still(history: History[Any]) -> History[Any]:
        version = history.on(day)
        return replace(history, versions=(replace(version, effective_date=START, prices_date=START),))

    return replace(
        book,
        tariffs={code: replace(tariff, history=still(tariff.history)) for code, tariff in book.tariffs.items()},
        baseline=still(book.baseline),
        discounts={name: still(history) for name, history in book.discounts.items()},
        net_metering=still(book.net_metering),
        surcharges=still(book.surcharges),
    )


@dataclass(frozen=True)
class Choice:
    """First recommendations by truth.

    Attributes:
        account_count: Accounts with a clear winner that were judged.
        cheapest_count: Those whose first recommendation is the cheapest, or nearly so, by true reads.
        strictly_count: Those whose first recommendation is the very cheapest.
    """

    account_count: int
    cheapest_count: int
    strictly_count: int


def choices(con: duckdb.DuckDBPyConnection, home: Home, book: TariffBook, tie_usd: float, most: int) -> Choice:
    """Price the eligible options of accounts with a clear winner on their true reads.

    Rates are priced by the simulator's calculator; what programs add is taken from the marts.

    Args:
        con: Marts of a generation.
        home: Home, for its answer key.
        book: Tariff data.
        tie_usd: Costs this near are nearly the same.
        most: Accounts that are judged at most.
    """
    won = con.sql(
        f"""
        select r.account_id, r.option_id, any_value(m.meter_id) as meter_id
        from mart_recommendations as r join bridge_meter_accounts as m using (account_id)
        where r.reason_code = 'option_saves' and r.priority = 1
        group by r.account_id, r.option_id having count(*) = 1 order by hash(r.account_id) limit {most}
        """
    ).fetchall()
    reads = _true_reads(home, [meter for _, _, meter in won])
    priced_on = con.sql("select price_as_of_date from mart_rate_comparison limit 1").fetchall()[0][0]
    still = frozen(book, priced_on)
    strictly = nearly = count = 0
    for account_id, option_id, meter_id in won:
        costs = _true_costs(con, still, account_id, reads[meter_id])
        if costs is None:
            continue
        best = min(costs.values())
        count += 1
        strictly += costs[option_id] == best
        nearly += costs[option_id] <= best + round(100 * tie_usd)
    return Choice(count, nearly, strictly)


def _true_reads(home: Home, meters: list[str]) -> dict[str, pl.DataFrame]:
    reads = (
        pl.scan_parquet(home.root / "truth" / "reads" / "*.parquet")
        .filter(pl.col("meter_id").is_in(meters))
        .select("meter_id", "interval_start_utc", "interval_minutes", "true_delivered_wh", "true_received_wh")
        .collect()
        .sort("meter_id", "interval_start_utc")
    )
    return {str(key[0]): frame for key, frame in reads.group_by("meter_id")}


def _true_costs(
    con: duckdb.DuckDBPyConnection, book: TariffBook, account_id: str, reads: pl.DataFrame
) -> dict[str, int] | None:
    """Cost of a year by eligible option, in cents; None where true reads do not cover the bills."""
    bills = con.sql(f"from fct_comparison_bills where account_id = '{account_id}' order by bill_start_date").pl()
    offered = con.sql(
        f"""
        select c.option_id, o.rate_code, cast(100 * c.annual_cost_usd as bigint) as cents,
            cast(100 * plain.annual_cost_usd as bigint) as plain_cents, c.bill_count, c.day_count
        from mart_rate_comparison as c join dim_options as o using (option_id)
        join mart_rate_comparison as plain
            on plain.account_id = c.account_id and plain.option_id = o.rate_code and plain.scenario_id = 'as_is'
        where c.account_id = '{account_id}' and c.scenario_id = 'as_is' and c.is_eligible
            and c.annual_cost_usd is not null
        """
    ).fetchall()
    by_rate: dict[str, int] = {}
    for rate in sorted({row[1] for row in offered}):
        total, credit = 0, 0
        for number, row in enumerate(bills.iter_rows(named=True)):
            request = _request(row, rate, reads, credit, number)
            if request is None:
                return None
            bill = price_bill(book, request)
            total, credit = total + bill.cents, bill.closing_credit_cents
        by_rate[rate] = total
    year = offered[0][4] >= 12
    ratio = 1.0 if year else 365 / offered[0][5]
    return {option: round(by_rate[rate] * ratio) + cents - plain for option, rate, cents, plain, *_ in offered}


def _request(row: dict[str, Any], rate: str, reads: pl.DataFrame, credit: int, number: int) -> BillRequest | None:
    begin, end = (
        datetime.combine(row[name], time(), ZONE).astimezone(UTC).replace(tzinfo=None)
        for name in ("bill_start_date", "bill_end_date")
    )
    part = reads.filter(pl.col("interval_start_utc").is_between(begin, end, closed="left"))
    minutes = int(reads["interval_minutes"][0])
    if part.height * minutes * 60 != (end - begin).total_seconds():
        return None
    flags = ("is_multi_family", "is_all_electric", "is_care", "is_fera", "is_medical_baseline", "has_net_metering")
    terms = ServiceTerms(rate, row["baseline_region"], **{name: bool(row[name]) for name in flags})
    return BillRequest(
        start_date=row["bill_start_date"],
        end_date=row["bill_end_date"],
        terms=terms,
        interval_minutes=minutes,
        delivered_wh=part["true_delivered_wh"].to_list(),
        received_wh=part["true_received_wh"].fill_null(0).to_list(),
        opening_credit_cents=credit,
        is_true_up=number == 11,
    )


def followed(before: duckdb.DuckDBPyConnection, after: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """First recommendations of a year beside the year after it, priced alike.

    Returns:
        account_id, option_id, is_illustrative, predicted_usd, realised_usd: accounts that were still there.
    """
    told = before.sql(
        """
        select r.account_id, r.option_id, r.is_illustrative, cast(r.saving_usd as double) as predicted_usd,
            held.option_id as held_option_id
        from mart_recommendations as r
        join mart_rate_comparison as held
            on held.account_id = r.account_id and held.is_current and held.scenario_id = 'as_is'
        where r.reason_code = 'option_saves' and r.priority = 1
        """
    ).pl()
    costs = after.sql(
        "select account_id, option_id, cast(annual_cost_usd as double) as cost_usd from mart_rate_comparison "
        "where scenario_id = 'as_is' and annual_cost_usd is not null and bill_count = 12"
    ).pl()
    return (
        told.join(costs, on=["account_id", "option_id"])
        .join(
            costs.rename({"option_id": "held_option_id", "cost_usd": "held_usd"}), on=["account_id", "held_option_id"]
        )
        .with_columns(realised_usd=pl.col("held_usd") - pl.col("cost_usd"))
    )


def forecast_coverage(home: Home) -> tuple[float, float]:
    """Forecasts as they would have been made on Mondays of the home's past, beside what the bills came to.

    Args:
        home: Home; its lake is read.

    Returns:
        Share of bills within their range, and the median error of forecasts made half way through the bill.
    """
    periods, bills = lake.read_frame(home, BILLING_PERIODS), lake.read_frame(home, REPRICED_BILLS)
    cells = lake.scan(home, USAGE_WEEK_CELLS).collect()
    last = bills["bill_end_date"].max()
    assert isinstance(last, date)
    monday = last - timedelta(days=last.weekday(), weeks=6)
    made = []
    for weeks in range(0, 36, 5):
        until = monday - timedelta(weeks=weeks)
        ended = made_at(tariffs(), periods, bills, cells, until)
        made.append(ended)
    found = pl.concat(made)
    inside = pl.col("repriced_cents").is_between("projected_cents_low", "projected_cents_high")
    half = (pl.col("elapsed_day_count") / pl.col("day_count")).is_between(0.4, 0.6)
    error = ((pl.col("projected_cents") - pl.col("repriced_cents")) / pl.col("repriced_cents")).abs()
    return float(found.select(inside.mean()).item()), float(found.filter(half).select(error.median()).item())


def made_at(
    book: TariffBook, periods: pl.DataFrame, bills: pl.DataFrame, cells: pl.DataFrame, until: date
) -> pl.DataFrame:
    """Forecasts of a Monday with their ranges, and the amounts that the bills came to."""
    known = cells.filter(pl.col("week_start_date") < until)
    then = bills.filter(pl.col("bill_end_date") <= until)
    under_way = ended_bills(periods, bills).filter(pl.col("bill_start_date") < until, pl.col("bill_end_date") > until)
    made = bill_forecasts(book, under_way, recent_cells(known, until), until, FORECASTS)
    ranged = with_ranges(made, forecast_errors(book, periods, then, known, until))
    actual = under_way.select("account_id", "bill_start_date", "repriced_cents")
    return ranged.join(actual, on=["account_id", "bill_start_date"]).filter(pl.col("projected_cents_low").is_not_null())
