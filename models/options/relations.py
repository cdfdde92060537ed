"""Options, what they ask for, behaviours and tariffs as rows."""

import hashlib
import json
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from models.options.catalogue import Option
from models.options.credits import one_time_cents
from models.options.scenarios import Scenario
from models.options.settings import ComparisonSettings
from models.programs import Program
from models.tariffs import TariffBook

REQUIREMENT_CODES = (
    "rate", "demand", "no_net_metering", "device", "equipment", "tenure", "no_medical_baseline", "income",
    "minimum_load", "exclusive",
)  # fmt: skip
"""What an option may ask for; the class of customers is that of its rate."""

Row = dict[str, object]


def option_rows(options: Iterable[Option], programs: Mapping[str, Program], book: TariffBook) -> list[Row]:
    """Rows of `analytics.options`."""
    return [
        {
            "option_id": option.option_id,
            "option_name": option.option_name,
            "option_type": option.option_type,
            "customer_type": book.tariffs[option.rate_code].customer_type,
            "rate_code": option.rate_code,
            "is_time_of_use": book.tariffs[option.rate_code].is_time_of_use,
            "program_ids": ",".join(option.program_ids),
            "discount_code": option.discount,
            "parts": "+".join(option.parts),
            "part_count": len(option.parts),
            "one_time_cents": sum(one_time_cents(programs[name]) for name in option.program_ids),
            "is_priced": option.is_priced,
            "is_illustrative": option.is_illustrative,
        }
        for option in options
    ]


def requirement_rows(
    options: Iterable[Option], programs: Mapping[str, Program], settings: ComparisonSettings
) -> list[Row]:
    """Rows of `analytics.option_requirements`."""
    rows: list[Row] = []
    for option in options:
        asked = _of_rate(option.rate_code, programs, settings)
        for name in option.program_ids:
            asked += _of_program(programs[name]) + _conflicts(option, programs[name])
        asked += _of_bundle(option, programs)
        if option.discount is not None:
            asked.append((option.discount, "income", None, None, None))
        rows += [
            {
                "option_id": option.option_id,
                "part_id": part,
                "requirement_code": requirement,
                "accepted_values": values,
                "low_kw": low,
                "high_kw": high,
            }
            for part, requirement, values, low, high in dict.fromkeys(asked)
        ]
    return rows


_Asked = tuple[str, str, str | None, int | None, int | None]


def _of_rate(rate_code: str, programs: Mapping[str, Program], settings: ComparisonSettings) -> list[_Asked]:
    asked: list[_Asked] = []
    if rate_code in settings.rates.demand_limits_kw:
        low, high = settings.rates.demand_limits_kw[rate_code]
        asked.append((rate_code, "demand", None, low, high))
    if rate_code in settings.rates.excludes_net_metering:
        asked.append((rate_code, "no_net_metering", None, None, None))
    for program in programs.values():
        if program.rate_code == rate_code:
            asked += _of_program(program)
    return asked


def _of_bundle(option: Option, programs: Mapping[str, Program]) -> list[_Asked]:
    bundle = programs.get(option.option_id)
    return [] if bundle is None else _of_program(bundle)


def _of_program(program: Program) -> list[_Asked]:
    who, asked = program.eligibility, list[_Asked]()
    lists = (
        ("device", who.required_device_types),
        ("equipment", who.required_equipment_types),
        ("tenure", who.tenure_types),
    )
    for requirement, values in lists:
        if values:
            asked.append((program.program_id, requirement, ",".join(sorted(values)), None, None))
    if who.excludes_medical_baseline:
        asked.append((program.program_id, "no_medical_baseline", None, None, None))
    if who.minimum_load_w:
        asked.append((program.program_id, "minimum_load", None, -(-who.minimum_load_w // 1000), None))
    return asked


def _conflicts(option: Option, program: Program) -> list[_Asked]:
    """What nobody can meet: a program beside a rate or program that it does not go with; some hold it all the same."""
    rates = program.eligibility.rate_codes
    conflicts: list[_Asked] = []
    if rates and option.rate_code not in rates:
        conflicts.append((program.program_id, "rate", ",".join(sorted(rates)), None, None))
    if set(program.exclusive_programs) & set(option.program_ids):
        conflicts.append((program.program_id, "exclusive", ",".join(sorted(program.exclusive_programs)), None, None))
    return conflicts


def scenario_rows(scenarios: Iterable[Scenario]) -> list[Row]:
    """Rows of `analytics.scenarios`."""
    hidden = {"scenario_id", "scenario_name", "kind", "status"}
    return [
        {
            "scenario_id": scenario.scenario_id,
            "scenario_name": scenario.scenario_name,
            "scenario_kind": scenario.kind,
            "parameters": json.dumps({name: value for name, value in vars(scenario).items() if name not in hidden}),
            "is_illustrative": scenario.is_illustrative,
        }
        for scenario in scenarios
    ]


def tariff_rows(documents: Mapping[str, object]) -> list[Row]:
    """Rows of `analytics.tariff_versions`: the dated parts of checked tariff documents, each with what is not dated.

    Args:
        documents: Parsed files of the tariff folder by name.
    """
    rows: list[Row] = []
    for name, document in sorted(documents.items()):
        for code, dated in _dated(name.removesuffix(".yml"), document):
            rows += _versions(code, dated)
    return rows


def _dated(code: str, document: object) -> list[tuple[str, dict[str, object]]]:
    if not isinstance(document, dict):
        return []
    if "versions" in document:
        return [(code, document)]
    return [(f"{code}/{part}", value) for part, value in document.items() if "versions" in value] or [(code, document)]


def _versions(code: str, document: dict[str, object]) -> list[Row]:
    shared = {key: value for key, value in document.items() if key != "versions"}
    listed = document.get("versions")
    versions = listed if isinstance(listed, list) else [{"effective_date": date(1970, 1, 1), "status": "sourced"}]
    stated = {version["effective_date"]: version for version in versions}
    ordered = sorted(stated)
    rows: list[Row] = []
    for day, following in zip(ordered, [*ordered[1:], None], strict=True):
        version = stated[day]
        figures = stated.get(version.get("carried_from"), {}) | version
        text = json.dumps(shared | figures, sort_keys=True, default=str)
        rows.append(
            {
                "tariff_code": code,
                "effective_date": day,
                "end_date": following,
                "status_code": version["status"],
                "is_illustrative": version["status"] == "illustrative",
                "tariff_json": text,
                "tariff_sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
        )
    return rows


def rule_rows(settings: ComparisonSettings, business_date: date) -> pl.DataFrame:
    """The one row of `analytics.recommendation_rules`."""
    rule, again = settings.recommendation, settings.reproduction
    return pl.DataFrame(
        {
            "rule_version": [settings.version],
            "price_as_of_date": [business_date],
            "minimum_saving_cents": [rule.minimum_saving_cents],
            "minimum_saving_ratio": [rule.minimum_saving_ratio],
            "minimum_win_probability": [rule.minimum_win_probability],
            "tie_cents": [rule.tie_cents],
            "most_options": [rule.most_options],
            "low_quantile": [settings.bootstrap.low_quantile],
            "high_quantile": [settings.bootstrap.high_quantile],
            "minimum_reproduced_ratio": [again.minimum_ratio],
            "tolerance_cents": [again.tolerance_cents],
            "tolerance_ratio": [again.tolerance_ratio],
            "minimum_stay_months": [settings.rates.minimum_stay_months],
            "stay_since_date": [_months_before(business_date, settings.rates.minimum_stay_months)],
            "full_bill_count": [settings.history.bill_count],
        }
    )


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last day."""
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
