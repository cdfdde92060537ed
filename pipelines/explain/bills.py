"""Explainers of bills and their lines: lines, days and intervals, and the amounts computed once more."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from models.explain.bills import BilledInterval, EnergyLine, amount, is_energy, quantities_that_differ
from models.tariffs import TariffBook
from pipelines.explain import keys
from pipelines.explain.explainer import Explainer, Question
from pipelines.explain.explanation import Explanation, Recomputation, Section
from pipelines.explain.published import Published
from pipelines.offers import tariffs

_LINES = """
select line_number, line_code, charge_code, line_text, season, period_code, first_date, last_date, quantity, unit,
    price_usd, amount_usd
from fct_bill_lines where bill_id = $bill_id and line_origin = $origin order by line_number
"""
_DAYS = """
select usage_date, delivered_kwh, received_kwh, interval_count, estimated_interval_count
from fct_account_daily_usage
where account_id = $account_id and usage_date >= $first and usage_date < $end order by usage_date
"""
_INTERVALS = """
select interval_start_local, cast(delivered_kwh * 1000 as bigint) as delivered_wh,
    cast(received_kwh * 1000 as bigint) as received_wh
from fct_account_interval_usage
where account_id = $account_id and usage_date >= $first and usage_date < $end
"""
_FORMULAS = {
    "billed_usd": "the sum of the lines that the customer system sent",
    "repriced_usd": "the sum of the lines priced once more from the reads after validation, each line quantity × price "
    "rounded to the cent, by the rules of docs/tariffs.md",
    "difference_usd": "the amount billed less the amount priced once more",
}


def _explain_bill(published: Published, question: Question) -> Explanation:
    bill = question.row
    billed, priced = (_lines(published, bill["bill_id"], origin) for origin in ("billed", "repriced"))
    days = published.rows(_DAYS, _span(bill))
    problems = _problems(published, bill, priced)
    sums = {
        "billed_usd": sum((row["amount_usd"] for row in billed), Decimal(0)) if billed else None,
        "repriced_usd": _total(priced) if bill["repriced_usd"] is not None else None,
    }
    both = [sums[name] for name in ("billed_usd", "repriced_usd")]
    sums["difference_usd"] = None if None in both else both[0] - both[1]  # type: ignore[operator]
    value = sums[question.column]
    wrong = problems if question.column != "billed_usd" else []
    notes = [] if bill["reason_code"] is None else [f"the bill's reason_code is {bill['reason_code']}"]
    return Explanation(
        table="fct_bills",
        column=question.column,
        keys=question.key,
        value=bill[question.column],
        unit="USD",
        build=published.rows("select * from meta_build")[0],
        formula=f"{question.column} = {_FORMULAS[question.column]}.",
        sections=[
            Section("repriced_lines", "Lines priced once more", priced),
            Section("billed_lines", "Lines as billed", billed),
            Section("days", "Days", days, note="Each day: meterhouse explain fct_account_daily_usage "
                    f"{bill['account_id']} DATE delivered_kwh"),
        ],
        recomputed=_recomputed(bill[question.column], value, wrong),
        notes=notes,
    )  # fmt: skip


def _explain_line(published: Published, question: Question) -> Explanation:
    line = question.row
    bill = published.rows("select * from fct_bills where bill_id = $bill_id", {"bill_id": line["bill_id"]})[0]
    same = [line]
    if line["line_origin"] == "repriced":
        span = (line["season"], line["period_code"], line["first_date"], line["last_date"])
        others = _lines(published, line["bill_id"], "repriced")
        same = [
            row for row in others if (row["season"], row["period_code"], row["first_date"], row["last_date"]) == span
        ]
    problems = _problems(published, bill, same) if line["line_origin"] == "repriced" else []
    value = amount(line["quantity"], line["price_usd"])
    return Explanation(
        table="fct_bill_lines",
        column=question.column,
        keys=question.key,
        value=line[question.column],
        unit="USD",
        build=published.rows("select * from meta_build")[0],
        formula="amount_usd = quantity × price_usd, rounded to the cent, halves away from zero (docs/tariffs.md).",
        sections=[
            Section("line", "Line", [line]),
            Section("days", "Days", published.rows(_DAYS, _span(bill)), note="Each day: meterhouse explain "
                    f"fct_account_daily_usage {bill['account_id']} DATE delivered_kwh"),
        ],
        recomputed=_recomputed(line[question.column], value, problems),
    )  # fmt: skip


def _lines(published: Published, bill_id: str, origin: str) -> list[dict[str, Any]]:
    return published.rows(_LINES, {"bill_id": bill_id, "origin": origin})


def _span(bill: Mapping[str, Any]) -> dict[str, Any]:
    return {"account_id": bill["account_id"], "first": bill["bill_start_date"], "end": bill["bill_end_date"]}


def _total(lines: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((amount(row["quantity"], row["price_usd"]) for row in lines), Decimal(0))


def _problems(published: Published, bill: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Energy quantities of lines that the intervals do not give."""
    energy = [
        EnergyLine(
            row["charge_code"], row["season"], row["period_code"], row["first_date"], row["last_date"], row["quantity"]
        )
        for row in lines
        if row["unit"] == "kWh"
    ]
    book = tariffs()
    if bill["rate_code"] not in book.tariffs or not any(is_energy(line) for line in energy):
        return []
    intervals = [
        BilledInterval(row["interval_start_local"], row["delivered_wh"], row["received_wh"])
        for row in published.rows(_INTERVALS, _span(bill))
    ]
    is_net = _is_net(published, bill)
    return quantities_that_differ(energy, intervals, _period_of(book, bill["rate_code"]), is_net=is_net)


def _period_of(book: TariffBook, rate_code: str) -> Any:
    tariff = book.tariffs[rate_code]

    def period(season: str, day: date, hour: int) -> str:
        return tariff.period_of(season, is_weekend=book.calendar.is_weekend(day), hour=hour)

    return period


def _is_net(published: Published, bill: Mapping[str, Any]) -> bool:
    terms = published.rows(
        "select has_net_metering from dim_accounts where account_id = $account_id and valid_from_date < $end "
        "order by valid_from_date desc limit 1",
        {"account_id": bill["account_id"], "end": bill["bill_end_date"]},
    )
    return bool(terms and terms[0]["has_net_metering"])


def _recomputed(published: Decimal | None, value: Decimal | None, problems: list[str]) -> Recomputation:
    told = "unknown" if value is None else f"{value} USD"
    if problems:
        return Recomputation(value, False, f"{told}, but not by quantities of the intervals: {problems[0]}", problems)
    is_equal = value == published
    outcome = "exactly the published value" if is_equal else f"not the published {published}"
    return Recomputation(value, is_equal, f"{told}: {outcome}")


BILL_EXPLAINERS = (
    Explainer("fct_bills", {"bill_id": keys.IDENTIFIER}, tuple(_FORMULAS), _explain_bill),
    Explainer(
        "fct_bill_lines",
        {"bill_id": keys.IDENTIFIER, "line_origin": keys.IDENTIFIER, "line_number": keys.NUMBER},
        ("amount_usd",),
        _explain_line,
    ),
)
