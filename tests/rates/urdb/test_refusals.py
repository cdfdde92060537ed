"""What is refused, what is only pointed out, and what changes nothing."""

import math
from typing import Any

import pytest

from models.rates.urdb import NOTICES, REFUSALS, read_record
from pipelines.home import REPOSITORY
from tests.rates.urdb.loads import flat_month, priced
from tests.rates.urdb.records import always, record

_DEMAND = {"demandratestructure": [[{"rate": 5}]], "demandweekdayschedule": always(0)}
_ONE_CELL_OFF = [[0] * 24 for _ in range(11)] + [[0] * 23 + [1]]

REFUSED: list[tuple[str, Any]] = [
    ("not_a_tariff", None),
    ("not_a_tariff", []),
    ("not_a_tariff", "record"),
    ("not_a_tariff", {}),
    ("not_a_tariff", {"items": []}),
    ("not_a_tariff", {"items": [record(), record()]}),
    ("not_a_tariff", {"items": {"0": record()}}),
    ("not_a_tariff", record(energyratestructure=[])),
    ("not_a_tariff", record(energyratestructure=None)),
    ("wrong_value", record(energyratestructure={"0": []})),
    ("wrong_value", record(energyratestructure=[{"rate": 1}])),
    ("wrong_value", record(energyratestructure=[["rate"]])),
    ("wrong_value", record(energyratestructure=[[{"rate": "0.1"}]])),
    ("wrong_value", record(energyratestructure=[[{"rate": True}]])),
    ("wrong_value", record(energyratestructure=[[{"rate": math.nan}]])),
    ("wrong_value", record(energyratestructure=[[{"rate": 10**400}]])),
    ("wrong_value", record(energyratestructure=[[{"rate": 1e300}]])),
    ("wrong_value", record(fixedchargefirstmeter="10")),
    ("wrong_value", record(x_holiday_dates=["4 July"])),
    ("wrong_value", record(x_holiday_dates="2026-07-04")),
    ("wrong_value", record(dgrules="Net Metering", dgRules="Buy All Sell All")),
    ("wrong_schedule", record(energyweekdayschedule=None)),
    ("wrong_schedule", record(energyweekendschedule=[[0] * 24] * 11)),
    ("wrong_schedule", record(energyweekendschedule=[[0] * 23] * 12)),
    ("wrong_schedule", record(energyweekdayschedule=[[0.5] * 24] * 12)),
    ("wrong_schedule", record(energyweekdayschedule=[[-1] * 24] * 12)),
    ("wrong_schedule", record(energyweekdayschedule=[["0"] * 24] * 12)),
    ("wrong_schedule", record(energyweekdayschedule=[[False] * 24] * 12)),
    ("wrong_schedule", record(energyweekdayschedule=[[math.inf] * 24] * 12)),
    ("wrong_schedule", record(demandratestructure=[[{"rate": 5}]])),
    ("wrong_schedule", record(flatdemandstructure=[[{"rate": 5}]])),
    ("wrong_schedule", record(flatdemandstructure=[[{"rate": 5}]], flatdemandmonths=[0] * 11)),
    ("missing_period", record(energyweekdayschedule=_ONE_CELL_OFF)),
    ("missing_period", record(energyratestructure=[[{"rate": 1}], []], energyweekendschedule=always(1))),
    ("missing_period", record(flatdemandstructure=[[{"rate": 5}]], flatdemandmonths=[0] * 11 + [1])),
    ("missing_period", record(flatdemandmonths=[0] * 12)),
    ("missing_period", record(**_DEMAND, demandweekendschedule=always(1))),
    (
        "unequal_tiers",
        record(
            energyratestructure=[[{"rate": 1, "max": 100}, {"rate": 2}], [{"rate": 1}]],
            energyweekendschedule=always(1),
        ),
    ),
    (
        "unequal_tiers",
        record(
            energyratestructure=[
                [{"rate": 1, "max": 10, "unit": unit}, {"rate": 2, "unit": unit}] for unit in ("kWh", "kWh daily")
            ],
            energyweekendschedule=always(1),
        ),
    ),
    (
        "unequal_tiers",
        record(
            demandratestructure=[[{"rate": 5}], [{"rate": 5, "max": 10}, {"rate": 2}]],
            demandweekdayschedule=always(0),
            demandweekendschedule=always(1),
        ),
    ),
    ("tier_limits", record(energyratestructure=[[{"rate": 1, "max": 9}, {"rate": 1, "max": 5}, {"rate": 2}]])),
    ("tier_limits", record(energyratestructure=[[{"rate": 1, "max": -9}, {"rate": 2}]])),
    ("tier_unit", record(energyratestructure=[[{"rate": 1, "unit": "kVA"}]])),
    ("tier_unit", record(energyratestructure=[[{"rate": 1, "unit": 7}]])),
    (
        "tier_unit",
        record(
            energyratestructure=[
                [{"rate": 1, "max": 9, "unit": "kWh"}, {"rate": 1, "max": 20, "unit": "kWh/kW"}, {"rate": 2}]
            ]
        ),
    ),
    ("demand_unit", record(**_DEMAND, demandweekendschedule=always(0), demandrateunit="hp")),
    ("demand_unit", record(flatdemandstructure=[[{"rate": 5}]], flatdemandmonths=[0] * 12, flatDemandUnits="kVA")),
    ("demand_unit", record(flatdemandstructure=[[{"rate": 5, "unit": "kVA"}]], flatdemandmonths=[0] * 12)),
    ("charge_unit", record(fixedchargefirstmeter=1, fixedchargeunits="$/kWh")),
    ("charge_unit", record(mincharge=1, minchargeunits="$/kW")),
    ("reactive_power", record(demandreactivepowercharge=0.25)),
    ("coincident_peak", record(coincidentratestructure=[[{"rate": 0.79}]])),
    ("fuel_adjustment", record(fueladjustmentsmonthly=[0] * 11 + [0.01])),
    ("demand_ratchet", record(demandratchetpercentage=[0] * 11 + [0.8])),
    ("demand_ratchet", record(lookbackpercent=0.5)),
    ("demand_ratchet", record(lookbackrange=11)),
    ("unknown_charge", record(wildfirecharge=0.02)),
    ("unknown_charge", record(fuelAdjustmentsMonthly=[0.01] * 12)),
    ("unknown_charge", record(nightRates={"winter": [{"price": "0.05"}]})),
    ("unknown_charge", record(energyratestructure=[[{"rate": 1, "surcharge": 0.2}]])),
]


@pytest.mark.parametrize(("code", "document"), REFUSED)
def test_what_would_be_priced_wrongly_is_refused(code: str, document: Any) -> None:
    reading = read_record(document)
    assert reading.tariff is None
    assert code in [finding.code for finding in reading.refusals]


def test_every_code_of_refusal_has_a_case_here_or_a_bill_that_shows_it() -> None:
    assert {code for code, _ in REFUSED} == set(REFUSALS) - {"metering_rule", "separate_meters"}


def test_every_code_of_refusal_stands_in_the_documentation() -> None:
    text = (REPOSITORY / "docs" / "tariffs.md").read_text(encoding="utf-8")
    assert not [code for code in REFUSALS if f"`{code}`" not in text]


_PLAIN = record()

SAME_BILL: list[tuple[str | None, dict[str, Any]]] = [
    (None, {"items": [_PLAIN]}),
    (None, record(demandreactivepowercharge=0, fueladjustmentsmonthly=[0.0] * 12, lookbackpercent="0.0")),
    (None, record(coincidentratestructure=[[{"rate": 0, "unit": "kW", "max": 1e38}]], demandattrs=[])),
    (None, record(energyweekdayschedule=[[0.0] * 24] * 12)),
    (None, record(energyratestructure=[[{"rate": 0.1, "max": 1e38}], [{"rate": 9, "max": 5}, {"rate": 9}]])),
    (None, record(energyratestructure=[[{"rate": 0.04, "adj": 0.06}]])),
    (None, record(energyratestructure=[[{"rate": 0.1, "unit": "kwh"}]], demandunits="hp", flatdemandunit="kVA")),
    (None, record(demandweekdayschedule=always(7), fixedchargefirstmeter=None, mincharge=0, minchargeunits="?")),
    (None, record(description="a charge of $ 5", eiaid=14328, peakkwcapacitymax=75, revisions=[1, 2])),
    ("last_tier_limit", record(energyratestructure=[[{"rate": 0.1, "max": 5}]])),
    ("unreachable_tier", record(energyratestructure=[[{"rate": 0.1}, {"rate": 0.4, "max": 50}, {"rate": 9}]])),
    ("ignored_charge", record(fixedchargeeaaddl=5)),
    ("ignored_charge", record(demandReactPwrCharge=0.25)),
    ("ignored_charge", record(fixedattrs=[{"Optional meter": "$0.98563/meter/day"}])),
    ("ignored_charge", record(fixedchargefirstmeter=0, fixedmonthlycharge=12)),
    ("ignored_field", record(colour="blue")),
    ("holidays_not_applied", record(x_holidays=["christmas"])),
    ("demand_window", record(demandwindow=30)),
    ("no_metering_rule", record(dgrules="Value of Solar")),
]


@pytest.mark.parametrize(("code", "document"), SAME_BILL)
def test_what_changes_no_bill_is_priced_and_pointed_out(code: str | None, document: dict[str, Any]) -> None:
    july = flat_month("2024-07")
    assert priced(document, july).total == pytest.approx(priced(_PLAIN, july).total)
    assert [finding.code for finding in read_record(document).notices] == ([code] if code else [])


def test_a_negative_price_is_priced_and_pointed_out() -> None:
    tariff = record(energyratestructure=[[{"rate": 0.05, "adj": -0.06}]])
    assert priced(tariff, flat_month("2024-06")).energy[0] == pytest.approx(-7.2)
    assert [finding.code for finding in read_record(tariff).notices] == ["negative_price"]


def test_a_tier_without_a_price_counts_as_zero_and_is_pointed_out() -> None:
    tariff = record(energyratestructure=[[{"unit": "kWh"}]])
    assert priced(tariff, flat_month("2024-06")).total[0] == 0
    assert [finding.code for finding in read_record(tariff).notices] == ["no_price"]


def test_codes_of_notices_are_known() -> None:
    shown = {code for code, _ in SAME_BILL if code} | {"negative_price", "no_price", "illustrative"}
    assert shown == set(NOTICES)


def test_the_record_that_was_read_is_left_as_it_was() -> None:
    document, again = record(), record()
    read_record(document)
    assert document == again
