"""Prices the options of all accounts; accounts for which nothing changed keep what was found."""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

import models.options
import models.rates
from models.options.catalogue import Option, options
from models.options.compare import Offer
from models.options.costs import AccountFacts, costs_of
from models.options.events import EventDay, expected_event_days
from models.options.relations import option_rows, requirement_rows, rule_rows, scenario_rows, tariff_rows
from models.options.settings import ComparisonSettings
from models.options.year import comparison_accounts, comparison_bills
from models.programs import Program
from models.tables.base import Table
from models.tables.entities import ACCOUNTS, BUILDS, DAILY_WEATHER, ENROLLMENTS, EQUIPMENT, METER_OCCUPANCY, PREMISES
from models.tables.options import (
    COMPARISON_ACCOUNTS,
    COMPARISON_BILLS,
    EVENT_WINDOW_USAGE,
    EXPECTED_EVENT_DAYS,
    OPTION_BILLS,
    OPTION_COSTS,
    OPTION_DRAWS,
    OPTION_REQUIREMENTS,
    OPTIONS,
    RECOMMENDATION_RULES,
    SCENARIOS,
    TARIFF_VERSIONS,
)
from models.tables.rates import BILLING_PERIODS, USAGE_WEEK_CELLS
from pipelines import lake
from pipelines.home import Home
from pipelines.offers import ComparisonReference
from pipelines.rates.event_hours import hourly_use

INPUTS = (
    BILLING_PERIODS, USAGE_WEEK_CELLS, ACCOUNTS, PREMISES, ENROLLMENTS, EQUIPMENT, DAILY_WEATHER, METER_OCCUPANCY,
)  # fmt: skip
_CHUNK = 250
_COMPARABLE = ("comparable", "provisional")
_KEPT = (OPTION_COSTS, OPTION_BILLS, OPTION_DRAWS)


@dataclass(frozen=True)
class Compared:
    """What was done: accounts that can be compared, and those of them that were priced anew."""

    account_count: int
    priced_count: int


def build_comparison(home: Home, reference: ComparisonReference) -> Compared:
    """Bring the tables of the comparison up to date.

    Args:
        home: Home folder; its entities, vee and analytics layers are read, its analytics layer is written.
        reference: Tariffs, programs, rules and behaviours.
    """
    book, settings = reference.book, reference.settings
    accounts, premises, occupancy = (lake.read_frame(home, table) for table in (ACCOUNTS, PREMISES, METER_OCCUPANCY))
    business_date = lake.read_frame(home, BUILDS)["business_date"][0] or date(1970, 1, 1)
    priced_on = book.figures_since(business_date)
    bills = comparison_bills(lake.read_frame(home, BILLING_PERIODS), accounts, settings)
    cells = _cells_of(home, bills)
    judged = comparison_accounts(book, bills, accounts, cells, settings)
    held = _held(judged, lake.read_frame(home, ENROLLMENTS), reference.programs, business_date)
    offered = options(book, reference.programs, settings, [(row[1], row[2]) for row in held.values()])
    events = _event_days(reference, lake.read_frame(home, DAILY_WEATHER), accounts, premises, business_date)
    hourly = hourly_use(
        home, occupancy, [day for event in events for day in (event.event_date, *event.reference_dates)]
    )
    tons = _tons(accounts, premises, lake.read_frame(home, EQUIPMENT), settings)
    facts = AccountFacts(
        accounts=judged.filter(pl.col("comparability_code").is_in(_COMPARABLE)),
        bills=bills,
        cells=cells,
        hourly=hourly,
        events=events,
        tons=tons,
    )
    offer = Offer(book, reference.programs, settings, priced_on)
    _write(home, COMPARISON_ACCOUNTS, _with_held(judged.join(tons, on="account_id", how="left"), held, offered))
    _write(home, COMPARISON_BILLS, bills.select(COMPARISON_BILLS.columns.keys()))
    _write_rows(home, OPTIONS, option_rows(offered, reference.programs, book))
    _write_rows(home, OPTION_REQUIREMENTS, requirement_rows(offered, reference.programs, settings))
    _write_rows(home, SCENARIOS, scenario_rows(reference.scenarios))
    _write_rows(home, TARIFF_VERSIONS, tariff_rows(reference.tariff_documents))
    _write(home, RECOMMENDATION_RULES, rule_rows(settings, business_date))
    _write(home, EVENT_WINDOW_USAGE, hourly)
    _write_rows(home, EXPECTED_EVENT_DAYS, _event_rows(events, settings))
    return _price(home, offer, offered, reference, facts)


def _price(
    home: Home, offer: Offer, offered: Sequence[Option], reference: ComparisonReference, facts: AccountFacts
) -> Compared:
    """Price the accounts whose facts changed, and keep the rows of the others."""
    digests = _digests(offer, offered, reference, facts)
    before = _digests_before(home)
    news = [account for account, digest in digests.items() if before.get(account) != digest]
    chunks = _chunks(facts, news)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        parts = list(threads.map(lambda ids: costs_of(offer, offered, reference.scenarios, facts.of(ids)), chunks))
    kept = pl.DataFrame({"account_id": sorted(set(digests) - set(news))}, schema={"account_id": pl.String})
    found = ([part.costs for part in parts], [part.bills for part in parts], [part.draws for part in parts])
    for table, frames in zip(_KEPT, found, strict=True):
        if news or len(digests) != len(before):
            old = lake.read_frame(home, table).join(kept, on="account_id", how="semi") if before else None
            typed = [table.schema.cast(frame) for frame in frames]
            rows = pl.concat([*([old] if old is not None else []), *typed] or [table.empty()])
            _write(home, table, rows.sort("account_id", maintain_order=True))
    _digest_file(home).write_text(json.dumps(digests), encoding="utf-8")
    return Compared(len(digests), len(news))


def _chunks(facts: AccountFacts, account_ids: Iterable[str]) -> list[list[str]]:
    """Accounts of one class, some hundreds at a time."""
    wanted = facts.accounts.filter(pl.col("account_id").is_in(list(account_ids)))
    chunks = []
    for (_,), theirs in wanted.sort("customer_type", "account_id").group_by("customer_type", maintain_order=True):
        ids = theirs["account_id"].to_list()
        chunks += [ids[first : first + _CHUNK] for first in range(0, len(ids), _CHUNK)]
    return chunks


def _digests(
    offer: Offer, offered: Sequence[Option], reference: ComparisonReference, facts: AccountFacts
) -> dict[str, str]:
    """What the costs of each account rest on: its facts, the offer, and how costs are found."""
    known = hashlib.sha256()
    for package in (models.options, models.rates):
        for path in sorted(Path(package.__path__[0]).glob("*.py")):
            known.update(path.read_bytes())
    stated = (
        offer.priced_on, offer.settings, reference.scenarios, reference.programs, reference.tariff_documents,
        facts.events, [option.option_id for option in offered],
    )  # fmt: skip
    known.update(repr(stated).encode())
    return {account: f"{known.hexdigest()[:16]}/{digest}" for account, digest in facts.digests().items()}


def _digests_before(home: Home) -> dict[str, str]:
    """The digests under which the rows in the lake were found; none where a table is lacking."""
    path = _digest_file(home)
    if not path.exists() or not all(_path(home, table).exists() for table in _KEPT):
        return {}
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return found


def _digest_file(home: Home) -> Path:
    return lake.table_folder(home, OPTION_COSTS) / ".accounts.json"


def _held(
    judged: pl.DataFrame, enrollments: pl.DataFrame, programs: dict[str, Program], business_date: date
) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Account, rate and sorted demand response programs of accounts whose rate is known."""
    active = enrollments.filter(
        pl.col("enrollment_status").cast(pl.String) == "active",
        pl.col("enrolled_date") <= business_date,
        pl.col("program_id").is_in([name for name, program in programs.items() if program.program_type == "dr"]),
    )
    joined = active.group_by("account_id").agg(pl.col("program_id").unique().sort())
    rows = (
        judged.filter(pl.col("comparability_code") != "rate_unknown")
        .select("account_id", "rate_code")
        .join(joined, on="account_id", how="left")
    )
    return {account: (account, rate, tuple(ids or ())) for account, rate, ids in rows.iter_rows()}


def _with_held(
    judged: pl.DataFrame, held: dict[str, tuple[str, str, tuple[str, ...]]], offered: Sequence[Option]
) -> pl.DataFrame:
    ids = {(option.rate_code, option.program_ids): option.option_id for option in offered if option.discount is None}
    rows = [(account, ids[rate, programs]) for account, rate, programs in held.values()]
    named = pl.DataFrame(rows, schema={"account_id": pl.String, "held_option_id": pl.String}, orient="row")
    return (
        judged.join(named, on="account_id", how="left")
        .rename({"tons_milli": "cooling_tons_milli"})
        .select(COMPARISON_ACCOUNTS.columns.keys())
    )


def _cells_of(home: Home, bills: pl.DataFrame) -> pl.DataFrame:
    keys = bills.lazy().select("account_id", "bill_start_date")
    return lake.scan(home, USAGE_WEEK_CELLS).join(keys, on=["account_id", "bill_start_date"], how="semi").collect()


def _event_days(
    reference: ComparisonReference,
    weather: pl.DataFrame,
    accounts: pl.DataFrame,
    premises: pl.DataFrame,
    business_date: date,
) -> list[EventDay]:
    """Events that are expected, on the days that were hottest where the accounts are."""
    zones = (
        accounts.filter("is_current")
        .join(premises.filter("is_current").select("premise_id", "climate_zone"), on="premise_id")
        .group_by("climate_zone")
        .agg(weight=pl.len())
    )
    temperatures = (
        weather.join(zones, on="climate_zone")
        .filter(pl.col("max_temperature_degc").is_not_null())
        .with_columns(degc=pl.col("max_temperature_degc").cast(pl.Float64))
        .group_by("usage_date")
        .agg(temperature_degc=(pl.col("degc") * pl.col("weight")).sum() / pl.col("weight").sum())
        .sort("usage_date")
    )
    settings, calendar = reference.settings, reference.book.calendar
    end = business_date + timedelta(days=1)
    return [
        day
        for program_id, expected in sorted(settings.expected_events.items())
        if program_id in reference.programs
        for day in expected_event_days(reference.programs[program_id], expected, settings, temperatures, calendar, end)
    ]


def _event_rows(events: Iterable[EventDay], settings: ComparisonSettings) -> list[dict[str, object]]:
    return [
        {
            "program_id": day.program_id,
            "event_date": day.event_date,
            "first_hour": settings.expected_events[day.program_id].first_hour,
            "end_hour": settings.expected_events[day.program_id].end_hour,
            "reference_dates": ",".join(str(other) for other in day.reference_dates),
        }
        for day in events
    ]


def _tons(
    accounts: pl.DataFrame, premises: pl.DataFrame, equipment: pl.DataFrame, settings: ComparisonSettings
) -> pl.DataFrame:
    """Size of central air conditioners by account, in thousandths of a ton, where their rating is known."""
    rule = settings.cooling_tons
    tons = pl.col("rated_kw").cast(pl.Float64) * 1000 / rule.volt_amperes_per_ton + rule.added_tons
    return (
        equipment.filter(
            pl.col("equipment_type").cast(pl.String) == "central_ac",
            pl.col("removed_date").is_null(),
            pl.col("rated_kw").is_not_null(),
        )
        .join(accounts.filter("is_current").select("account_id", "premise_id"), on="premise_id")
        .group_by("account_id")
        .agg(tons_milli=(tons * 1000).round().cast(pl.Int64).sum())
    )


def _write(home: Home, table: Table, frame: pl.DataFrame) -> None:
    lake.write_frame(frame, table, _path(home, table))


def _path(home: Home, table: Table) -> Path:
    return lake.table_folder(home, table) / "part-0.parquet"


def _write_rows(home: Home, table: Table, rows: list[dict[str, object]]) -> None:
    _write(home, table, pl.DataFrame(rows, schema=table.empty().schema))
