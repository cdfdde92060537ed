"""A hundred real rate records, priced by others: every component of every bill, and every refusal."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.rates.urdb import UrdbTariff, price, read_record
from tests.rates.urdb.loads import COMPONENTS, HALF_A_CENT, Floats, year_of

_CODES = {
    "demandreactivepowercharge": "reactive_power",
    "coincidentratestructure": "coincident_peak",
    "is not defined in the": "missing_period",
    "Tiers should have the same": "unequal_tiers",
}


@pytest.fixture(scope="module")
def expected(tariff_data: Path) -> dict[str, Any]:
    return dict(json.loads((tariff_data / "urdb_dev_expected.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def load_kw(tariff_data: Path) -> Floats:
    return np.loadtxt(tariff_data / "load_res_15min_2018.csv")


def _tariff(tariff_data: Path, file: str) -> UrdbTariff:
    reading = read_record(json.loads((tariff_data / "urdb_dev" / file).read_text(encoding="utf-8")))
    assert reading.tariff is not None, (file, reading.refusals)
    return reading.tariff


def test_every_component_of_every_bill_is_the_expected_one(
    tariff_data: Path, expected: dict[str, Any], load_kw: Floats
) -> None:
    records = {file: entry for file, entry in expected["rates"].items() if "refused" not in entry}
    assert len(records) == 91
    for file, entry in records.items():
        tariff = _tariff(tariff_data, file)
        for key, kw in (("bill_15min", load_kw), ("bill_60min", load_kw.reshape(-1, 4).mean(axis=1))):
            bills = price(tariff, year_of(kw * entry["scale"]))
            for name in (*COMPONENTS, "kwh"):
                off = np.abs(getattr(bills, name) - entry[key][name]).max()
                assert off < HALF_A_CENT, (file, key, name, off)


def test_refused_are_exactly_the_expected_ones_and_for_their_reason(
    tariff_data: Path, expected: dict[str, Any]
) -> None:
    refused = {file: entry["refused"] for file, entry in expected["rates"].items() if "refused" in entry}
    assert len(refused) == 9
    for file, reason in refused.items():
        reading = read_record(json.loads((tariff_data / "urdb_dev" / file).read_text(encoding="utf-8")))
        assert reading.tariff is None
        code = next(code for text, code in _CODES.items() if text in reason)
        assert [finding.code for finding in reading.refusals] == [code] * len(reading.refusals), file


def test_exports_are_netted_or_credited_as_expected(
    tariff_data: Path, expected: dict[str, Any], load_kw: Floats
) -> None:
    cases = expected["export_cases"]["cases"]
    assert len(cases) == 32
    hour = np.arange(len(load_kw)) / 4 % 24
    sun_kw = np.round(3 * np.maximum(0, np.sin(np.pi * (hour - 6) / 12)), 4)
    for case in cases:
        net_kw = (load_kw - sun_kw) * case["scale"]
        if case["interval"] == "60min":
            net_kw = net_kw.reshape(-1, 4).mean(axis=1)
        bills = price(_tariff(tariff_data, case["file"]), year_of(net_kw), case["metering"])
        for name in COMPONENTS:
            off = np.abs(getattr(bills, name) - case["bill"][name]).max()
            assert off < HALF_A_CENT, (case["file"], case["metering"], case["interval"], name, off)


def test_every_transcribed_rate_is_priced(tariff_data: Path, load_kw: Floats) -> None:
    count = 0
    for file in sorted((tariff_data / "sce").glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or "energyratestructure" not in document:
            continue
        reading = read_record(document)
        assert reading.tariff is not None, (file.name, reading.refusals)
        bills = price(reading.tariff, year_of(load_kw))
        assert bills.total.shape == (12,)
        assert (bills.total > 0).all()
        count += 1
    assert count == 80
