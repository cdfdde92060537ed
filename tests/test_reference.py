"""Mistakes in data/reference: every one in a sentence, from every verb, before anything is begun."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import pipelines.documents
import pipelines.reference
from models.documents import DocumentError
from pipelines.cli import app
from pipelines.home import REFERENCE, Home
from pipelines.offers import comparison_settings, programs, scenarios, tariff_documents, tariffs
from pipelines.reference import audit_rules, mistakes, territory, usage_settings, vee_settings
from sims.billing.coverage import check_coverage
from tests.sims.worlds import make_world

READINGS = (
    territory, vee_settings, usage_settings, audit_rules, tariffs, tariff_documents, programs,
    comparison_settings, scenarios,
)  # fmt: skip


@pytest.fixture
def reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the reference data that is read in place of the project's."""
    folder = tmp_path / "reference"
    shutil.copytree(REFERENCE, folder)
    monkeypatch.setattr(pipelines.documents, "REFERENCE", folder)
    monkeypatch.setattr(pipelines.reference, "REFERENCE", folder)
    _forget()
    yield folder
    _forget()


def _forget() -> None:
    for read in READINGS:
        read.cache_clear()


def _changed(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_project_has_no_mistakes() -> None:
    assert mistakes() == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("territory.yml", "utility_code: SIMUTIL", "utility_code: [", "territory.yml cannot be read as YAML: "),
        ("territory.yml", "utility_code:", "utility_cod:", "territory.yml lacks utility_code"),
        ("territory.yml", "utility_code:", "utility_cod:", "territory.yml: utility_cod is not known here; known are "),
        ("territory.yml", "SIMUTIL", "A,B", 'territory.yml: utility_code is "A,B"; it must be 1 to 20 letters and'),
        ("territory.yml", "SIMUTIL", "NO", "territory.yml: utility_code must be a text, not False"),
        ("territory.yml", "Los_Angeles", "Los Angeles", 'territory.yml: time_zone is "America/Los Angeles", which is'),
        ("territory.yml", "country: US", "country: XX", "territory.yml: holidays of XX, CA are not known"),
        ("territory.yml", "holidays:", "holidays: 3\nmore:", "territory.yml: holidays must be a mapping of names"),
        ("vee_rules.yml", "V04:", "V04: [", "vee_rules.yml cannot be read as YAML: "),
        ("vee_rules.yml", "V04:", "V4:", "vee_rules.yml: rules lacks V04"),
        ("vee_rules.yml", "action_code: keep_latest", "action_code: kept", "vee_rules.yml: rules.V01.action_code must"),
        ("vee_rules.yml", "severity_code: error", "severity: error", "vee_rules.yml: rules.V01 lacks severity_code"),
        ("vee_rules.yml", "residential: 48", "residential: much", "vee_rules.yml: service_kva.residential must be a"),
        ("vee_rules.yml", "residential: 48", "residential: .nan", "vee_rules.yml: service_kva.residential must be a"),
        ("vee_rules.yml", "like_day_count: 10", "like_day_count: 0", "vee_rules.yml: estimation.like_day_count must"),
        ("usage.yml", "degree_day_base_degc: 18.3", "degree_day_base_degc: 18.33",
         "usage.yml: degree_day_base_degc must have at most one digit after the point, not 18.33"),
        ("usage.yml", "[5, 20]", "[20, 5]", "usage.yml: weather_model.heating_balance_degc must be two temperatures"),
        ("usage.yml", "[12, 30]", "12", "usage.yml: weather_model.cooling_balance_degc must be a list"),
        ("usage.yml", "step_degc: 0.5", "step_degc: 0", "usage.yml: weather_model.balance_step_degc must be 0.1"),
        ("usage.yml", "minimum_day_count: 330", "minimum_day_count: 366",
         "usage.yml: weather_model.minimum_day_count must be a whole number from 4 to 365, not 366"),
        ("usage.yml", "ratio: 0.9", "ratio: 90", "usage.yml: history_requirements.marketing.minimum_valid"),
        ("usage.yml", "marketing:", "selling:", "usage.yml: history_requirements lacks marketing"),
        ("audit_rules.yml", "minimum_peer_count: 15", "minimum_peer_count: 0",
         "audit_rules.yml: minimum_peer_count must"),
        ("audit_rules.yml", "wrong_plan:", "bad_plan:", "audit_rules.yml: findings lacks wrong_plan"),
        ("audit_rules.yml", '"40.00"', "40.00", "audit_rules.yml: findings.high_base_load.minimum_saving_usd must"),
        ("audit_rules.yml", "minimum_ratio: 1.25", "minimum_ratio: 0.5",
         "audit_rules.yml: findings.peak_heavy_use.minimum_ratio must be a number, 1 or more"),
        ("comparison.yml", "draw_count: 100", "draw_count: 0", "comparison.yml: bootstrap.draw_count must"),
        ("comparison.yml", "low_quantile: 0.1", "low_quantile: 0.95", "comparison.yml: bootstrap"),
        ("comparison.yml", "[0, 20]", "[20, 0]", "comparison.yml: rates.demand_limits_kw.TOU-GS-1-D"),
        ("comparison.yml", "TOU-GS-1-D:", "TOU-GS-9:", "comparison.yml: rates.demand_limits_kw.TOU-GS-9 is no rate"),
        ("comparison.yml", "metering: [D]", "metering: [DD]", "comparison.yml: rates.excludes_net_metering[0] must"),
        ("comparison.yml", "hours: 16-21", "hours: 21-16", "comparison.yml: expected_events.CPP.hours must"),
        ("comparison.yml", 'low: "0.05"', 'low: "5"', "comparison.yml: expected_events.CPP.drop_ratio.low must"),
        ("comparison.yml", "  SDP: {", "  SPD: {",
         "comparison.yml: expected_events.SPD is no program; known are BUNDLE-EV, CPP, "),
        ("scenarios.yml", "kind: reduce,", "kind: dance,", "scenarios.yml: scenarios[1].kind must be one of as_is"),
        ("tariffs/D.yml", 'delivery: "', 'delivery: "-', "D.yml: versions[1].energy.summer.all_day.delivery must"),
        ("tariffs/D.yml", "rate_name:", "rate_nam:", "D.yml lacks rate_name"),
        ("programs/CPP.yml", "due_date: 2026-12-31", "due_date: 2026-13-31",
         'CPP.yml: goals[0].due_date must be a date such as 2026-06-01, not "2026-13-31"'),
        ("programs/CPP.yml", "season: {", "season: {{", "CPP.yml cannot be read as YAML: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_file_and_place(
    reference: Path, name: str, old: str, new: str, sentence: str
) -> None:
    _changed(reference / name, old, new)
    assert [found for found in mistakes() if found.startswith(sentence)], mistakes()


def test_broken_yaml_is_told_with_its_line(reference: Path) -> None:
    (reference / "territory.yml").write_text("time_zone: UTC\nutility_code: 'X\n", encoding="utf-8")
    (reference / "vee_rules.yml").write_bytes(b"rules: \xff\n")
    (reference / "programs" / "CPP.yml").write_text("program_id: CPP\nevents: }\n", encoding="utf-8")
    broken, unreadable, *_, other = mistakes()
    assert broken.startswith("territory.yml cannot be read as YAML: ")
    assert broken.endswith(", in line 3")
    assert unreadable.startswith("vee_rules.yml cannot be read as YAML: 'utf-8' codec can't decode byte 0xff")
    assert other.startswith("CPP.yml cannot be read as YAML: ")
    assert other.endswith(", in line 2")


def test_files_that_are_missing_are_named(reference: Path) -> None:
    (reference / "territory.yml").unlink()
    (reference / "tariffs" / "calendar.yml").unlink()
    assert mistakes() == (
        f"territory.yml is missing in {reference}",
        "the tariff folder lacks calendar.yml",
    )


@pytest.mark.parametrize(
    "verb",
    [
        ("simulate", "--scale", "tiny"),
        ("demo", "--scale", "tiny"),
        ("run",),
        ("ingest", "reads.csv"),
        ("contract", "check", "reads.csv"),
        ("contract", "show", "CSS", "--example"),
    ],
    ids=" ".join,
)
def test_every_verb_ends_with_the_sentences_and_no_traceback(
    reference: Path, home: Home, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]
) -> None:
    (reference / "territory.yml").write_text("time_zone: [\n", encoding="utf-8")
    (reference / "tariffs" / "calendar.yml").unlink()
    result = CliRunner().invoke(app, verb)
    assert (result.exit_code, result.stdout) == (1, "")
    first, second = result.stderr.splitlines()
    assert first.startswith("meterhouse: territory.yml cannot be read as YAML: ")
    assert second == "meterhouse: the tariff folder lacks calendar.yml"
    assert not home.root.exists()


def test_the_doctor_lists_them_as_things_to_mend(reference: Path, home: Home) -> None:
    home.lake.mkdir(parents=True)
    _changed(reference / "territory.yml", "SIMUTIL", "A B")
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert [line.split()[:3] for line in result.stdout.splitlines() if line.startswith("mend")] == [
        ["mend", "reference", "territory.yml:"]
    ]


def test_the_simulated_utility_is_that_of_the_territory(reference: Path, home: Home) -> None:
    _changed(reference / "territory.yml", "SIMUTIL", "MYUTIL")
    assert CliRunner().invoke(app, ["simulate", "--scale", "tiny", "--months", "2"]).exit_code == 0
    heads = [path.read_text(encoding="utf-8").split(",")[2] for path in (home.landing / "css").glob("css_*.csv")]
    assert set(heads) == {"MYUTIL", "OTHRUTIL"}


def test_tariffs_without_what_the_world_needs_are_refused_before_it_is_played(reference: Path, home: Home) -> None:
    (reference / "tariffs" / "TOU-D-PRIME.yml").unlink()
    result = CliRunner().invoke(app, ["simulate", "--scale", "tiny", "--months", "2"])
    assert result.exit_code == 1
    assert "the tariff folder lacks TOU-D-PRIME.yml, a rate of the simulated utility's accounts" in result.stderr
    assert [path.name for path in home.root.iterdir()] == [".lock"]


def test_dates_and_regions_that_the_tariffs_lack_are_named() -> None:
    book, world = tariffs(), make_world(3)
    world = replace(world, accounts=world.accounts.filter(pl.col("rate_code").is_in(list(book.tariffs))))
    check_coverage(book, world)
    late = replace(book.surcharges, versions=(replace(book.surcharges.versions[-1], effective_date=date(2030, 1, 1)),))
    elsewhere = world.premises.with_columns(baseline_region=pl.lit("77"))
    with pytest.raises(DocumentError) as refused:
        check_coverage(replace(book, surcharges=late), replace(world, premises=elsewhere))
    dates, *regions = refused.value.mistakes
    assert dates == f"the state surcharge has versions from 2030-01-01 on only; the history begins {world.first_date}"
    assert regions == [
        f"baseline.yml: the version of {version.effective_date} lacks region 77 of the territory"
        for version in book.baseline.versions
    ]
