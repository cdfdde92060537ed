"""URDB records in normal form: one spelling of charges, matrices instead of nested lists, nothing left to interpret."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.rates.periods import HOURS, MONTHS, Periods, period_table
from models.rates.urdb.fields import sorted_fields
from models.rates.urdb.findings import Finding, Findings
from models.rates.urdb.ladders import ENERGY_UNITS, KW, Ladders, check_months, has_prices, read_ladders
from models.rates.urdb.values import is_nothing, number, shown

NET_METERING, NET_BILLING, NET_BILLING_CARRIED, BUY_ALL_SELL_ALL = 0, 2, 3, 4
"""Numbers of NREL's System Advisor Model. 1, net metering with credit in dollars, has no name in URDB."""
_METERING = {
    "net metering": NET_METERING,
    "net billing instantaneous": NET_BILLING,
    "net billing hourly": NET_BILLING_CARRIED,
    "buy all sell all": BUY_ALL_SELL_ALL,
}
MONTHLY, DAILY, YEARLY = "$/month", "$/day", "$/year"
_MOST_PERIODS = 1000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Amounts:
    """A charge as the sum of amounts per month, day and year, in dollars."""

    per_month: float = 0.0
    per_day: float = 0.0
    per_year: float = 0.0


@dataclass(frozen=True, eq=False)
class UrdbTariff:
    """A tariff in normal form.

    Attributes:
        energy: Prices of energy.
        energy_periods: Period of each cell, see `models.rates.periods`.
        flat_demand: Prices of the highest kW of a month, or None.
        flat_demand_periods: Period of `flat_demand` in each of the twelve calendar months.
        tou_demand: Prices of the highest kW in a period and month, or None.
        tou_demand_periods: Period of each cell.
        fixed: Fixed charge.
        minimum: Floor of a bill.
        metering: How exports count, one of the numbers of the System Advisor Model; None where the rule is not known.
        metering_rule: The rule's name in the record.
        holidays: Dates that are priced as weekend.
    """

    energy: Ladders
    energy_periods: Periods
    flat_demand: Ladders | None
    flat_demand_periods: NDArray[np.int64]
    tou_demand: Ladders | None
    tou_demand_periods: Periods
    fixed: Amounts
    minimum: Amounts
    metering: int | None
    metering_rule: str
    holidays: tuple[np.datetime64, ...]


@dataclass(frozen=True)
class Reading:
    """What reading a record gave.

    Attributes:
        tariff: The tariff; None where the record is refused.
        refusals: Why it is refused, the most telling first; empty where it is not.
        notices: What is only pointed out.
        title: Utility and name of the rate, as far as the record says.
    """

    tariff: UrdbTariff | None
    refusals: tuple[Finding, ...]
    notices: tuple[Finding, ...]
    title: str


def read_record(document: object) -> Reading:
    """Read a URDB record of version 7 or 8, with the field names of version 3 too.

    Args:
        document: A parsed record, or an answer of URDB's API with a single one in `items`.
    """
    findings = Findings()
    record = _record(document, findings)
    tariff = None if record is None else _tariff(sorted_fields(record, findings), findings)
    refusals = tuple(findings.refusals)
    title = " ".join(filter(None, (_text((record or {}).get(key)) for key in ("utility", "name"))))
    return Reading(None if refusals else tariff, refusals, tuple(findings.notices), title)


def _record(document: object, findings: Findings) -> dict[str, object] | None:
    if isinstance(document, dict) and "energyratestructure" not in document and "items" in document:
        items = document["items"]
        if not isinstance(items, list) or len(items) != 1:
            count = len(items) if isinstance(items, list) else "no list of"
            findings.refuse("not_a_tariff", f"items holds {count} records; put one of them in a file of its own")
            return None
        document = items[0]
    if not isinstance(document, dict):
        findings.refuse("not_a_tariff", f"a URDB record is a JSON object, not {shown(document)}")
        return None
    if not document.get("energyratestructure"):
        findings.refuse("not_a_tariff", "the record lacks energyratestructure, the prices of energy")
        return None
    return document


def _tariff(fields: Mapping[str, object], findings: Findings) -> UrdbTariff | None:
    energy = read_ladders(fields["energyratestructure"], "energyratestructure", ENERGY_UNITS, findings)
    energy_periods = _schedule(fields, "energy", findings)
    _check_demand_units(fields, findings)
    tou_demand, tou_demand_periods = _tou_demand(fields, findings)
    flat_demand, flat_demand_periods = _flat_demand(fields, findings)
    fixed, minimum = _fixed(fields, findings), _minimum(fields, findings)
    metering = _metering(fields, findings)
    holidays = _holidays(fields.get("x_holiday_dates"), findings)
    if energy is None or energy_periods is None:
        return None
    check_months(energy, energy_periods, "energyratestructure", findings)
    return UrdbTariff(
        energy=energy,
        energy_periods=energy_periods,
        flat_demand=flat_demand,
        flat_demand_periods=flat_demand_periods,
        tou_demand=tou_demand,
        tou_demand_periods=tou_demand_periods,
        fixed=fixed,
        minimum=minimum,
        metering=metering,
        metering_rule=_text(fields.get("dgrules")),
        holidays=holidays,
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _schedule(fields: Mapping[str, object], kind: str, findings: Findings) -> Periods | None:
    matrices = [_matrix(fields.get(f"{kind}{day}schedule"), f"{kind}{day}schedule", findings) for day in DAYS]
    weekday, weekend = matrices
    return None if weekday is None or weekend is None else period_table(weekday, weekend)


DAYS = ("weekday", "weekend")


def _matrix(value: object, name: str, findings: Findings) -> list[list[int]] | None:
    rows = value if isinstance(value, list) else []
    if len(rows) != MONTHS or not all(isinstance(row, list) and len(row) == HOURS for row in rows):
        findings.refuse("wrong_schedule", f"{name} must be 12 months of 24 hours")
        return None
    wrong = [(m, h, cell) for m, row in enumerate(rows) for h, cell in enumerate(row) if _period(cell) is None]
    if wrong:
        month, hour, cell = wrong[0]
        findings.refuse("wrong_schedule", f"{name}[{month}][{hour}] is {shown(cell)}, which is no period")
        return None
    return [[int(cell) for cell in row] for row in rows]


def _period(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < _MOST_PERIODS and value == int(value) else None


def _check_demand_units(fields: Mapping[str, object], findings: Findings) -> None:
    if is_nothing(fields.get("demandratestructure")) and is_nothing(fields.get("flatdemandstructure")):
        return
    for name in ("demandrateunit", "flatdemandunit", "demandunits"):
        unit = fields.get(name)
        if unit and (not isinstance(unit, str) or unit.strip().lower() != KW):
            findings.refuse("demand_unit", f"{name} is {shown(unit)}; demand is priced in kW")


def _tou_demand(fields: Mapping[str, object], findings: Findings) -> tuple[Ladders | None, Periods]:
    nowhere = np.zeros((MONTHS, len(DAYS), HOURS), np.int64)
    if not fields.get("demandratestructure"):
        return None, nowhere
    ladders = read_ladders(fields["demandratestructure"], "demandratestructure", (KW,), findings)
    if ladders is not None and not np.any(ladders.prices) and not fields.get("demandweekdayschedule"):
        return None, nowhere
    table = _schedule(fields, "demand", findings)
    if ladders is None or table is None:
        return None, nowhere
    check_months(ladders, table, "demandratestructure", findings)
    return ladders, table


def _flat_demand(fields: Mapping[str, object], findings: Findings) -> tuple[Ladders | None, NDArray[np.int64]]:
    nowhere = np.zeros(MONTHS, np.int64)
    structure, months = fields.get("flatdemandstructure"), fields.get("flatdemandmonths")
    ladders = read_ladders(structure, "flatdemandstructure", (KW,), findings) if structure else None
    if not months:
        if ladders is not None and np.any(ladders.prices):
            findings.refuse("wrong_schedule", "flatdemandstructure has prices, and flatdemandmonths does not say when")
        return None, nowhere
    if not isinstance(months, list) or len(months) != MONTHS or any(_period(month) is None for month in months):
        findings.refuse("wrong_schedule", "flatdemandmonths must be the periods of 12 months")
        return None, nowhere
    periods = np.array([_period(month) for month in months], np.int64)
    missing = [int(period) for period in periods if ladders is None or not has_prices(ladders, int(period))]
    if missing:
        findings.refuse("missing_period", f"flatdemandstructure has no prices for period {missing[0]}")
        return None, nowhere
    return ladders, periods


def _fixed(fields: Mapping[str, object], findings: Findings) -> Amounts:
    """The fixed charge; the name of version 3 counts where that of version 8 is absent."""
    if fields.get("fixedchargefirstmeter") is not None:
        _point_out_others(fields, "fixedchargefirstmeter", ("fixedmonthlycharge",), findings)
        return _amounts(fields, "fixedchargefirstmeter", "fixedchargeunits", findings)
    return Amounts(per_month=_amount(fields, "fixedmonthlycharge", findings))


def _minimum(fields: Mapping[str, object], findings: Findings) -> Amounts:
    if fields.get("mincharge") is not None:
        _point_out_others(fields, "mincharge", ("minmonthlycharge", "annualmincharge"), findings)
        return _amounts(fields, "mincharge", "minchargeunits", findings)
    return Amounts(
        per_month=_amount(fields, "minmonthlycharge", findings), per_year=_amount(fields, "annualmincharge", findings)
    )


def _point_out_others(fields: Mapping[str, object], name: str, others: Iterable[str], findings: Findings) -> None:
    for other in others:
        if not is_nothing(fields.get(other)) and fields[other] != fields[name]:
            findings.point_out("ignored_charge", f"{other} is {shown(fields[other])}; {name} is priced instead")


def _amount(fields: Mapping[str, object], name: str, findings: Findings) -> float:
    amount = number(fields.get(name), name, findings)
    if amount < 0:
        findings.point_out("negative_price", f"{name} is below zero")
    return amount


def _amounts(fields: Mapping[str, object], name: str, unit_name: str, findings: Findings) -> Amounts:
    amount, unit = _amount(fields, name, findings), fields.get(unit_name) or MONTHLY
    if unit == MONTHLY:
        return Amounts(per_month=amount)
    if unit == DAILY:
        return Amounts(per_day=amount)
    if unit == YEARLY:
        return Amounts(per_year=amount)
    if amount:
        findings.refuse("charge_unit", f"{unit_name} is {shown(unit)}; it must be $/month, $/day or $/year")
    return Amounts()


def _metering(fields: Mapping[str, object], findings: Findings) -> int | None:
    rule = fields.get("dgrules")
    if rule is None or rule == "":
        return NET_METERING
    metering = _METERING.get(rule.strip().lower()) if isinstance(rule, str) else None
    if metering is None:
        findings.point_out("no_metering_rule", f"dgrules is {shown(rule)}, by which no exports are priced")
    return metering


def _holidays(value: object, findings: Findings) -> tuple[np.datetime64, ...]:
    """Dates of our own field `x_holiday_dates`, a list of ISO dates; URDB has none."""
    if value is None:
        return ()
    dates = [_date(text) for text in value] if isinstance(value, list) else [None]
    if None in dates:
        findings.refuse("wrong_value", "x_holiday_dates must be a list of dates such as 2026-07-04")
        return ()
    return tuple(np.datetime64(day, "D") for day in dates if day is not None)


def _date(text: object) -> date | None:
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
