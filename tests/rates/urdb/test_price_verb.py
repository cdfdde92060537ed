"""`meterhouse rates price`: answers, exit codes, clocks."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.rates.urdb.loads import priced, starts, year_of
from tests.rates.urdb.records import always, from_hour, record
from tests.rates.urdb.verbs import load_text, rates, written

_ZONE = "America/Los_Angeles"
_TOU = record(
    energyratestructure=[[{"rate": 0.1}], [{"rate": 0.5}]],
    energyweekdayschedule=from_hour(1, 3, 1, 0),
    energyweekendschedule=from_hour(16, 21, 1, 0),
)
_BILL = ["month", "kwh", "energy_usd", "fixed_usd", "demand_flat_usd", "demand_tou_usd", "minimum_usd", "total_usd"]


@pytest.fixture
def june(tmp_path: Path) -> Path:
    return written(tmp_path, load_text(starts("2024-06-01", 720, 60), np.full(720, 1.5)), "june.csv")


def test_bills_are_those_of_the_load_in_full_precision(tmp_path: Path) -> None:
    kwh = np.random.default_rng(1).gamma(2.0, 0.3, 35040)
    load = written(tmp_path, load_text(starts("2018-01-01", 35040, 15), kwh), "load.csv")
    result = rates("price", written(tmp_path, _TOU), load, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["refused"] is None
    assert [list(bill) for bill in answer["bills"]] == [_BILL] * 12
    expected = priced(_TOU, year_of(kwh * 4))
    assert [bill["total_usd"] for bill in answer["bills"]] == pytest.approx(expected.total, rel=1e-12)
    assert [bill["month"] for bill in answer["bills"]] == [f"2018-{month:02}" for month in range(1, 13)]


def test_people_get_a_table_with_sums(tmp_path: Path, june: Path) -> None:
    result = rates("price", written(tmp_path, record(fixedmonthlycharge=10)), june)
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    # 1,080 kWh × 0.10 and 10 fixed.
    assert lines[2:] == [[name, "1080.00", "108.00", "10.00", *["0.00"] * 3, "118.00"] for name in ("2024-06", "sum")]
    assert result.stderr == ""


def test_a_refusal_is_an_answer_with_exit_code_3(tmp_path: Path, june: Path) -> None:
    tariff = written(tmp_path, record(demandreactivepowercharge=0.5))
    result = rates("price", tariff, june, "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert answer["bills"] == []
    assert answer["refused"]["code"] == "reactive_power"
    assert "demandreactivepowercharge is 0.5" in answer["refused"]["detail"]
    assert rates("price", tariff, june).stdout.startswith("refused (reactive_power): ")


def test_exports_under_a_rule_for_two_meters_are_refused(tmp_path: Path) -> None:
    load = written(tmp_path, load_text(starts("2024-06-01", 720, 60), np.full(720, -1.0)), "load.csv")
    result = rates("price", written(tmp_path, record(dgrules="Buy All Sell All")), load, "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["refused"]["code"] == "separate_meters"


def test_what_to_know_goes_to_standard_error(tmp_path: Path) -> None:
    load = written(tmp_path, load_text(starts("2024-06-10", 480, 60), np.full(480, -1.0)), "load.csv")
    tariff = record(
        energyratestructure=[[{"rate": 0.1, "sell": 0.05, "max": 9}, {"rate": 0.2, "sell": 0.05}]],
        dgrules="Net Billing Hourly", annualmincharge=5, fixedchargeeaaddl=3,
    )  # fmt: skip
    result = rates("price", written(tmp_path, tariff), load, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["refused"] is None
    for part in ("only a part of 2024-06", "minimum of 2024 is not settled", "24.00 $", "in the order", "eaaddl"):
        assert part in result.stderr, part


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_utc_is_billed_by_the_wall_clock_of_a_zone(tmp_path: Path, minutes: int) -> None:
    """A year in UTC, and the same by local labels: hour 1 of 3 November twice, hour 2 of 10 March never."""
    per_hour = 60 // minutes
    utc = starts("2024-01-01T08:00", 8784 * per_hour, minutes)
    kwh = np.random.default_rng(2).gamma(2.0, 0.3, len(utc))
    summer = (utc >= np.datetime64("2024-03-10T10:00")) & (utc < np.datetime64("2024-11-03T09:00"))
    local = utc - np.where(summer, 7, 8) * np.timedelta64(60, "m")
    tariff = written(tmp_path, _TOU)
    of_utc = written(tmp_path, load_text(utc, kwh, "interval_start_utc"), "utc.csv")
    order = np.random.default_rng(3).permutation(len(utc))
    of_local = written(tmp_path, load_text(local[order], kwh[order]), "local.csv")
    answers = [
        json.loads(rates("price", tariff, load, "--time-zone", _ZONE, "--json").stdout) for load in (of_utc, of_local)
    ]
    assert [bill["month"] for bill in answers[0]["bills"]] == [f"2024-{month:02}" for month in range(1, 13)]
    for one, other in zip(*(answer["bills"] for answer in answers), strict=True):
        assert [one[name] for name in _BILL[1:]] == pytest.approx([other[name] for name in _BILL[1:]])
    assert rates("price", tariff, of_local).exit_code == 1


def test_utc_needs_a_zone_and_the_zone_must_exist(tmp_path: Path) -> None:
    utc = load_text(starts("2024-06-01", 720, 60), np.ones(720), "interval_start_utc").replace(":00,", ":00Z,")
    load, tariff = written(tmp_path, utc, "load.csv"), written(tmp_path, record())
    result = rates("price", tariff, load)
    assert result.exit_code == 2
    assert "--time-zone" in result.stderr
    assert rates("price", tariff, load, "--time-zone", "Europe/Rome").exit_code == 0
    result = rates("price", tariff, load, "--time-zone", "Mars/Olympus")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_naive_stamps_are_the_wall_clock_that_they_are(tmp_path: Path) -> None:
    """Without a zone no hour is moved, also on days on which clocks are changed somewhere."""
    year = starts("2024-01-01", 8784, 60)
    load = written(tmp_path, load_text(year, np.ones(8784)), "load.csv")
    result = rates("price", written(tmp_path, record(energyweekendschedule=always(0))), load, "--json")
    assert [bill["kwh"] for bill in json.loads(result.stdout)["bills"]][2::8] == [744, 720]


def test_the_verb_loads_no_orchestration(tmp_path: Path, june: Path) -> None:
    slow = {"altair", "dagster", "dbt", "great_expectations", "jinja2", "pandas", "vl_convert", "sqlalchemy"}
    program = (
        "import sys\nfrom pipelines.cli import app\n"
        f"try:\n    app(['rates', 'price', {str(written(tmp_path, record()))!r}, {str(june)!r}])\n"
        "except SystemExit as stop:\n    assert stop.code == 0, stop.code\n"
        f"print(sorted({slow} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"
