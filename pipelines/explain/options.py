"""Explainers of the comparison and the recommendation: the bills behind a cost, the rule behind an answer."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pipelines.explain import keys
from pipelines.explain.explainer import Explainer, Question
from pipelines.explain.explanation import Explanation, Recomputation, Section
from pipelines.explain.published import Published

_YEAR_BILLS, _YEAR_DAYS = 12, 365
_CENT = Decimal("0.01")
_BILLS = """
select bill_start_date, bill_end_date, bill_id, cost_usd from fct_option_bills
where account_id = $account_id and option_id = $option_id order by bill_start_date
"""
_COMPARED = """
select option_id, rank, annual_cost_usd, saving_usd, saving_usd_low, saving_usd_high, win_probability,
    cheapest_probability, eligibility_code, reason_code, is_current
from mart_rate_comparison where account_id = $account_id and scenario_id = 'as_is'
order by eligibility_code, annual_cost_usd nulls last, option_id
"""
_HELD = "select held_option_id from mart_comparison_accounts where account_id = $account_id"
_FORMULAS = {
    "annual_cost_usd": "the sum of the bills compared under the option, priced at price_as_of_date with the terms that "
    "hold now; fewer than twelve bills are scaled to 365 days",
    "current_annual_cost_usd": "the same for the plan held, with use as it was",
    "saving_usd": "current_annual_cost_usd less annual_cost_usd",
}


def _explain_cost(published: Published, question: Question) -> Explanation:
    row = question.row
    account_id = row["account_id"]
    held_id = published.rows(_HELD, {"account_id": account_id})[0]["held_option_id"]
    bills = {
        name: published.rows(_BILLS, {"account_id": account_id, "option_id": option})
        for name, option in (("option", row["option_id"]), ("held", held_id))
    }
    is_as_is = row["scenario_id"] == "as_is"
    cost = _year(bills["option"], row) if is_as_is else row["annual_cost_usd"]
    held = _year(bills["held"], row)
    values = {
        "annual_cost_usd": cost,
        "current_annual_cost_usd": held,
        "saving_usd": None if cost is None or held is None else held - cost,
    }
    notes = []
    if not is_as_is:
        notes.append(
            f"the behaviour {row['scenario_id']} changes the cells of use; `meterhouse rates {account_id} --scenario "
            f"{row['scenario_id']}` prices them once more, and the cost is taken as published here"
        )
    if row["is_illustrative"]:
        notes.append("it rests on prices, events or behaviour that are illustrative")
    return Explanation(
        table="mart_rate_comparison",
        column=question.column,
        keys=question.key,
        value=row[question.column],
        unit="USD a year",
        build=published.rows("select * from meta_build")[0],
        formula=f"{question.column} = {_FORMULAS[question.column]}.",
        sections=[
            Section("option_bills", f"Bills under {row['option_id']}, use as it was", bills["option"]),
            Section("held_bills", f"Bills under {held_id}, the plan held", bills["held"],
                    note="Each bill as it was: meterhouse explain fct_bills BILL_ID repriced_usd"),
        ],
        recomputed=_recomputed(row[question.column], values[question.column]),
        notes=notes,
    )  # fmt: skip


def _explain_recommendation(published: Published, question: Question) -> Explanation:
    row = question.row
    compared = published.rows(_COMPARED, {"account_id": row["account_id"]})
    chosen = next((one for one in compared if one["option_id"] == row["option_id"]), None)
    held = next((one for one in compared if one["is_current"]), None)
    value: Decimal | None = None
    if chosen and held and chosen["annual_cost_usd"] is not None and held["annual_cost_usd"] is not None:
        value = held["annual_cost_usd"] - chosen["annual_cost_usd"]
    return Explanation(
        table="mart_recommendations",
        column=question.column,
        keys=question.key,
        value=row[question.column],
        unit="USD a year",
        build=published.rows("select * from meta_build")[0],
        formula=(
            f"{row['explanation']} Code {row['explanation_code']}, rules {row['rule_version']}: of the eligible "
            "options that which saves most is recommended if it saves enough and is cheapest in enough years drawn; "
            "savings that are nearly equal go by the smaller risk, then by fewer parts (docs/methodology.md)."
        ),
        sections=[
            Section("options", "Options, use as it was", compared, note="Each cost: meterhouse explain "
                    f"mart_rate_comparison {row['account_id']} OPTION as_is annual_cost_usd"),
        ],
        recomputed=_recomputed(row[question.column], value),
    )  # fmt: skip


def _year(bills: list[dict[str, Any]], row: Mapping[str, Any]) -> Decimal | None:
    """Sum of bills, scaled to a year where they are fewer than twelve."""
    if not bills:
        return None
    total: Decimal = sum((bill["cost_usd"] for bill in bills), Decimal(0))
    if row["bill_count"] >= _YEAR_BILLS:
        return total
    year: Decimal = total * _YEAR_DAYS / row["day_count"]
    return year.quantize(_CENT, ROUND_HALF_UP)


def _recomputed(published: Decimal | None, value: Decimal | None) -> Recomputation:
    told = "unknown" if value is None else f"{value} USD"
    is_equal = value == published
    outcome = "exactly the published value" if is_equal else f"not the published {published}"
    return Recomputation(value, is_equal, f"{told}: {outcome}")


OPTION_EXPLAINERS = (
    Explainer(
        "mart_rate_comparison",
        {"account_id": keys.IDENTIFIER, "option_id": keys.IDENTIFIER, "scenario_id": keys.IDENTIFIER},
        tuple(_FORMULAS),
        _explain_cost,
    ),
    Explainer(
        "mart_recommendations",
        {"account_id": keys.IDENTIFIER, "priority": keys.NUMBER},
        ("saving_usd",),
        _explain_recommendation,
    ),
)
