"""`meterhouse rates check`: what files are, what is refused, what is to be known."""

import json
from pathlib import Path

import pytest

from pipelines.home import REFERENCE
from tests.rates.urdb.records import from_hour, record
from tests.rates.urdb.verbs import rates, written

_TARIFFS = REFERENCE / "tariffs"


def test_a_tariff_is_described(tmp_path: Path) -> None:
    tariff = record(
        utility="Some Power", name="A-1", mincharge=3, x_holiday_dates=["2026-07-04"], fixedchargefirstmeter=9.5,
        energyratestructure=[[{"rate": 0.1}], [{"rate": -0.2}], [{"rate": 7}]],
        energyweekdayschedule=from_hour(16, 21, 1, 0),
        flatdemandstructure=[[{"rate": 5, "max": 9}, {"rate": 4}]], flatdemandmonths=[0] * 12,
    )  # fmt: skip
    result = rates("check", written(tmp_path, tariff), "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["name"], report["refused"]) == ("Some Power A-1", [])
    assert [finding["code"] for finding in report["warnings"]] == ["negative_price"]
    rows = {row["charge"]: (row["periods"], row["tiers"], row["prices"]) for row in report["contents"]}
    assert rows["energy"] == (2, 1, "-0.2 to 0.1 $/kWh")
    assert rows["demand of the month"] == (1, 2, "4 to 5 $/kW")
    assert rows["fixed"] == (None, None, "9.5 $/month")
    text = rates("check", written(tmp_path, tariff)).stdout
    assert "Some Power A-1" in text
    assert "to know (negative_price): energyratestructure[1][0]" in text
    assert text.endswith("nothing is refused\n")


def test_all_that_is_refused_is_named(tmp_path: Path) -> None:
    tariff = record(demandreactivepowercharge=1, lookbackpercent=0.5, energyweekendschedule=[[4] * 24] * 12)
    result = rates("check", written(tmp_path, tariff), "--json")
    assert result.exit_code == 3
    codes = [finding["code"] for finding in json.loads(result.stdout)["refused"]]
    assert sorted(codes) == ["demand_ratchet", "missing_period", "reactive_power"]


@pytest.mark.parametrize("path", sorted(_TARIFFS.glob("*.yml")), ids=lambda path: path.stem)
def test_every_shipped_file_passes_and_says_what_is_illustrative(path: Path) -> None:
    result = rates("check", path, "--json")
    assert result.exit_code == 0, result.stdout
    report = json.loads(result.stdout)
    assert report["contents"]
    is_illustrative = "status: illustrative" in path.read_text(encoding="utf-8")
    assert [finding["code"] for finding in report["warnings"]] == ["illustrative"] * is_illustrative


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('delivery: "0.28716"', 'delivery: "-0.28716"', "must be zero or more"),
        ("on_peak: 16-21", "on_peak: 17-21", "leaves hour 16 without a period"),
        ("effective_date: 2025-03-01", "effective_date: 2025-01-01", "two versions overlap"),
        ("rate_code: TOU-D-PRIME", "rate_code: {", "cannot be read as YAML"),
    ],
)
def test_mistakes_of_a_rate_schedule_are_named(tmp_path: Path, old: str, new: str, part: str) -> None:
    text = (_TARIFFS / "TOU-D-PRIME.yml").read_text(encoding="utf-8")
    assert old in text
    path = written(tmp_path, text.replace(old, new, 1), "TOU-D-PRIME.yml")
    result = rates("check", path)
    assert result.exit_code == 3
    assert part in result.stdout


def test_a_new_rate_schedule_is_held_against_the_shipped_files(tmp_path: Path) -> None:
    text = (_TARIFFS / "D.yml").read_text(encoding="utf-8").replace("rate_code: D\n", "rate_code: D-NEW\n")
    assert rates("check", written(tmp_path, text, "D-NEW.yml")).exit_code == 0
    assert rates("check", written(tmp_path, text, "OTHER.yml")).exit_code == 3
