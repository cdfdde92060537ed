"""The shipped figures equal the reference transcription, record by record, where it is at hand."""

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.tariffs import PERIODS, SEASONS, Prices, Tariff
from pipelines.home import REPOSITORY
from pipelines.offers import programs, tariffs

NOT_SHIPPED = {"TOU-GS-3-D_2026-06-01.json", "TOU-8-D_2026-06-01.json"}
NOT_RATES = {"baseline.json", "holidays.json", "programs.json", "vintages_residential.json"}
RECORD = re.compile(r"(?P<rate>.+?)(_R(?P<region>[0-9]+))?(?P<electric>_ae)?_(?P<day>[0-9-]{10})\.json")
PERIOD_KEYS = {
    "summer_on": ("summer", "on_peak"), "summer_mid": ("summer", "mid_peak"), "summer_off": ("summer", "off_peak"),
    "winter_mid": ("winter", "mid_peak"), "winter_off": ("winter", "off_peak"),
    "winter_super_off": ("winter", "super_off_peak"),
}  # fmt: skip
VARIABLE = "METERHOUSE_TARIFF_DATA"


@pytest.fixture(scope="module")
def reference() -> Path:
    folder = Path(os.environ.get(VARIABLE) or REPOSITORY / ".." / "shared" / "data" / "tariffs").resolve() / "sce"
    if not folder.exists():
        pytest.skip(f"tariff data not found: set {VARIABLE}")
    return folder


def load(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def units(price: float, places: int = 5) -> int:
    scaled: float = price * 10**places
    return round(scaled)


def test_every_rate_record_equals_ours(reference: Path) -> None:
    names = {path.name for path in reference.glob("*.json")} - NOT_RATES - NOT_SHIPPED
    assert len(names) == 78
    for name in sorted(names):
        found = RECORD.fullmatch(name)
        assert found, name
        tariff, day = tariffs().tariffs[found["rate"]], date.fromisoformat(found["day"])
        version = tariff.version_on(day)
        assert version.effective_date == version.prices_date == day
        record = load(reference, name)
        kind = "all_electric" if found["electric"] else "basic"
        compare_energy(record, tariff, version.content, found["region"], kind)
        compare_fixed(record, version.content)
        compare_demand(record, tariff, version.content)


def compare_energy(record: Any, tariff: Tariff, prices: Prices, region: str | None, kind: str) -> None:
    for month in range(1, 13):
        season = "summer" if 6 <= month <= 9 else "winter"
        for day_kind in ("weekday", "weekend"):
            row = record[f"energy{day_kind}schedule"][month - 1]
            for hour in range(24):
                tiers = record["energyratestructure"][row[hour]]
                period = tariff.period_of(season, is_weekend=day_kind == "weekend", hour=hour)
                ours = prices.energy[season][period]
                full = ours.delivery + ours.generation
                first = full - (prices.baseline_credit or 0)
                assert units(tiers[0]["rate"]) == first
                assert units(tiers[-1]["rate"]) == ours.above_baseline + ours.generation
                assert {units(tier["adj"]) for tier in tiers} == {prices.fixed_recovery}
                if len(tiers) == 2:
                    assert region
                    allocation = tariffs().baseline.versions[-1].content.regions[region]
                    assert units(tiers[0]["max"], 3) == getattr(allocation, kind)[season]
                else:
                    assert not prices.has_tiers
                    assert not prices.baseline_credit


def compare_fixed(record: Any, prices: Prices) -> None:
    fixed = prices.fixed
    amount = {"$/day": fixed.per_day, "$/month": fixed.per_month}[record["fixedchargeunits"]]
    assert units(record["fixedchargefirstmeter"]) == amount
    assert units(record.get("x_three_phase_adder_per_day", 0)) == fixed.three_phase_per_day
    assert units(record.get("x_delivery_min_per_day") or 0) == (prices.minimum_per_day or 0)


def compare_demand(record: Any, tariff: Tariff, prices: Prices) -> None:
    if prices.demand is None:
        assert "flatdemandstructure" not in record
        return
    assert [units(tier["rate"]) for tier in record["flatdemandstructure"][0]] == [prices.demand.facilities]
    for month in range(1, 13):
        season = "summer" if 6 <= month <= 9 else "winter"
        for hour in range(24):
            theirs = record["demandratestructure"][record["demandweekdayschedule"][month - 1][hour]][0]["rate"]
            period = tariff.period_of(season, is_weekend=False, hour=hour)
            assert units(theirs) == prices.demand.time_related[season].get(period, 0)
            weekend = record["demandratestructure"][record["demandweekendschedule"][month - 1][hour]][0]["rate"]
            assert weekend == 0


def test_delivery_and_generation_of_every_vintage(reference: Path) -> None:
    vintages = load(reference, "vintages_residential.json")
    for vintage in vintages["D"]:
        prices = tariffs().tariffs["D"].version_on(date.fromisoformat(vintage["start"])).content
        for season in SEASONS:
            price = prices.energy[season]["all_day"]
            ours = (price.delivery, price.delivery_above_baseline, price.generation)
            assert ours == tuple(units(vintage[key]) for key in ("delivery_tier1", "delivery_tier2", "generation"))
        compare_vintage(prices, vintage)
    for rate, rows in vintages["TOU"].items():
        for vintage in rows:
            prices = tariffs().tariffs[rate].version_on(date.fromisoformat(vintage["start"])).content
            for key, (delivery, generation) in vintage["delivery_generation"].items():
                season, period = PERIOD_KEYS[key]
                price = prices.energy[season][period]
                assert (price.delivery, price.generation) == (units(delivery), units(generation))
            assert (prices.baseline_credit or 0) == units(vintage["baseline_credit_per_kwh"])
            compare_vintage(prices, vintage)


def compare_vintage(prices: Prices, vintage: Any) -> None:
    assert prices.fixed_recovery == units(vintage["fixed_recovery_per_kwh"])
    charges = vintage["per_day"]
    assert prices.fixed.is_base_services_charge == ("bsc" in charges)
    assert prices.fixed.per_day == units(charges.get("bsc", charges.get("basic")))
    assert prices.minimum_per_day == (units(charges["minimum"]) if "minimum" in charges else None)


def test_baseline_and_programs(reference: Path) -> None:
    facts, baseline = load(reference, "baseline.json"), tariffs().baseline.versions[-1].content
    for region, quantities in facts["regions"].items():
        ours = baseline.regions[region]
        expected = [units(quantity, 3) for quantity in quantities]
        assert [ours.basic["summer"], ours.all_electric["summer"]] == expected[:2]
        assert [ours.basic["winter"], ours.all_electric["winter"]] == expected[2:]
    assert baseline.regions.keys() == facts["regions"].keys()
    assert baseline.medical == units(facts["adders"]["medical_baseline_kwh_per_day"], 3)
    rules = load(reference, "programs.json")
    assert len(load(reference, "holidays.json")["list"]) == len(tariffs().calendar.holiday_rules)
    for name, key in (("care", "model_energy_discount"), ("fera", "discount")):
        discount = tariffs().discounts[name].versions[-1].content
        assert discount.energy_discount == units(rules[name.upper()][key])
        per_day = rules[name.upper()]["base_services_charge_per_month"] * 12 / 365
        assert discount.base_services_charge_per_day == units(per_day)
    assert tariffs().net_metering.versions[-1].content.non_bypassable == units(rules["NEM2"]["nbc_per_kwh"])
    amounts = {(p, a.name): a.usd for p, program in programs().items() for a in (*program.incentives, *program.charges)}
    assert amounts["PTR", "rebate"] == units(rules["PTR_SAVE_POWER_DAYS"]["credit_per_kwh"])
    assert amounts["SEP", "enrollment"] == units(rules["SMART_ENERGY_PROGRAM"]["enrol_credit"])
    assert amounts["CPP", "event price on top of the rate"] == units(rules["CPP"]["event_adder_per_kwh"])


@pytest.mark.parametrize("tariff", tariffs().tariffs.values(), ids=lambda tariff: str(tariff.rate_code))
def test_carried_prices_say_so(tariff: Tariff) -> None:
    versions = tariff.history.versions
    assert [version.effective_date for version in versions] == sorted({version.effective_date for version in versions})
    for version in versions:
        assert version.is_illustrative == (version.prices_date != version.effective_date)
        for season in SEASONS:
            assert set(version.content.energy[season]) <= set(PERIODS)
    assert tariff.version_on(date(2026, 3, 1)).is_illustrative
    assert tariff.version_on(date(2024, 12, 31)).is_illustrative
    assert not tariff.version_on(date(2026, 6, 1)).is_illustrative


def test_rates_of_programs_exist() -> None:
    for program in programs().values():
        assert set(program.eligibility.rate_codes) <= tariffs().tariffs.keys()
        assert program.rate_code is None or program.rate_code in tariffs().tariffs
