"""An answer about an account's options as text and as JSON."""

import json
from decimal import Decimal
from typing import Any

from pipelines.rates.answer import Answer, Priced
from pipelines.text import aligned_table

_ILLUSTRATIVE = "*"


def document(answer: Answer) -> dict[str, Any]:
    """The answer for programs; amounts are text with two digits, null where unknown."""
    account = answer.account
    return {
        "account_id": account["account_id"],
        "comparability_code": account["comparability_code"],
        "scenario_id": answer.scenario.scenario_id,
        "scenario_name": answer.scenario.scenario_name,
        "is_scenario_illustrative": answer.scenario.is_illustrative,
        "price_as_of_date": answer.priced_on,
        "first_date": account["first_date"],
        "end_date": account["end_date"],
        "bill_count": account["bill_count"],
        "day_count": account["day_count"],
        "current_option_id": account["held_option_id"],
        "current_annual_cost_usd": answer.current_usd,
        "billed_last_12_months_usd": answer.billed_usd,
        "recommendations": [
            {
                "priority": row["priority"],
                "option_id": row["option_id"],
                "saving_usd": row["saving_usd"],
                "reason_code": row["reason_code"],
                "explanation": row["explanation"],
                "explanation_code": row["explanation_code"],
                "explanation_params": json.loads(row["explanation_params"]),
            }
            for row in answer.recommendations
        ],
        "options": [_option(answer, priced) for priced in answer.options],
    }


def _option(answer: Answer, priced: Priced) -> dict[str, Any]:
    row = priced.published
    return {
        "option_id": priced.option.option_id,
        "option_name": priced.option.option_name,
        "parts": list(priced.option.parts),
        "is_current": row["is_current"],
        "eligibility_code": row["eligibility_code"],
        "reason_code": row["reason_code"],
        "annual_cost_usd": priced.cost_usd,
        "saving_usd": answer.saving(priced),
        "highest_month_usd": priced.highest_usd,
        "one_time_usd": row["one_time_usd"],
        "annual_delivered_kwh": priced.delivered_kwh,
        "win_probability_as_is": row["win_probability"],
        "is_illustrative": _is_illustrative(answer, priced),
    }


def text(answer: Answer, width: int | None) -> str:
    """The answer for people: what is recommended, then every option with its cost."""
    account = answer.account
    lines = [f"Account {account['account_id']}, {account['rate_code'] or 'rate unknown'}"]
    lines += [f"  {row['explanation']}" for row in answer.recommendations]
    if answer.priced_on is None:
        return "\n".join(lines)
    lines += [
        "",
        f"{account['bill_count']} bills of {account['day_count']} days from {account['first_date']} on, at the prices "
        f"of {answer.priced_on}: the plan held costs {_usd(answer.current_usd)} USD a year.",
        f"They were billed {answer.billed_usd} USD, at the prices of their time.",
        f"Behaviour: {answer.scenario.scenario_name}.",
        "",
        aligned_table([_row(answer, priced) for priced in answer.options], width),
    ]
    if any(_is_illustrative(answer, priced) for priced in answer.options):
        lines.append(f"{_ILLUSTRATIVE} rests on prices, events or behaviour that are illustrative.")
    return "\n".join(lines)


def _row(answer: Answer, priced: Priced) -> dict[str, Any]:
    row = priced.published
    status = "held now" if row["is_current"] else row["eligibility_code"].replace("_", " ")
    reason = f": {row['reason_code']}" if row["reason_code"] else ""
    mark = _ILLUSTRATIVE if _is_illustrative(answer, priced) else ""
    return {
        "option": f"{priced.option.option_id}{mark}",
        "USD a year": _usd(priced.cost_usd),
        "saving": _usd(answer.saving(priced)),
        "highest bill": _usd(priced.highest_usd),
        "kWh a year": f"{priced.delivered_kwh:.0f}",
        "may have it": f"{status}{reason}",
    }


def _is_illustrative(answer: Answer, priced: Priced) -> bool:
    return priced.option.is_illustrative or answer.scenario.is_illustrative


def _usd(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"{amount:.2f}"
