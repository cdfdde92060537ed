"""Hostile tariff files: one sentence per mistake with file and place, all at once, and never a wrong figure."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipelines.documents
import pipelines.offers
from models.documents import DocumentError
from models.tariffs import tariffs_from
from tests.tariffs.documents import place, shipped

D, TOU, SHOP = "D.yml", "TOU-D-4-9PM.yml", "TOU-GS-1-D.yml"
Change = Callable[[dict[str, Any]], object]


def set_at(*path: Any) -> Change:
    """Put the last argument at the place that the others name."""
    *steps, key, value = path
    return lambda documents: place(documents, *steps).__setitem__(key, value)


def remove(*path: Any) -> Change:
    *steps, key = path
    return lambda documents: place(documents, *steps).pop(key)


MISTAKES: list[tuple[Change, str]] = [
    (set_at(D, "rate_name", 7), "D.yml: rate_name must be a text, not 7"),
    (set_at(D, "rate_code", "E"), 'D.yml: rate_code is "E", so the file must be named E.yml'),
    (set_at(D, "customer_type", "farm"), 'D.yml: customer_type must be one of residential, small_business, not "farm"'),
    (set_at(D, "colour", "red"), "D.yml: colour is not known here; known are rate_code, rate_name, customer_type, "
        "schedule, versions"),
    (remove(D, "versions"), "D.yml lacks versions"),
    (set_at(D, "versions", []), "D.yml: versions must have at least one version with figures"),
    (set_at(D, "versions", "none"), "D.yml: versions must be a list"),
    (set_at(D, "versions", 1, "energy", "winter", "all_day", "delivery", 0.2),
        'D.yml: versions[1].energy.winter.all_day.delivery must be a number in quotation marks, such as "0.35546", not '
        "0.2"),
    (set_at(D, "versions", 1, "energy", "winter", "all_day", "delivery", "-0.2"),
        'D.yml: versions[1].energy.winter.all_day.delivery must be zero or more, not "-0.2"'),
    (set_at(D, "versions", 1, "fixed_recovery_per_kwh", "0.001984"),
        'D.yml: versions[1].fixed_recovery_per_kwh must be a number with at most 5 digits after the point, '
        'not "0.001984"'),
    (set_at(D, "versions", 1, "fixed_recovery_per_kwh", "1e-3"),
        'D.yml: versions[1].fixed_recovery_per_kwh must be a number in quotation marks, such as "0.35546", not "1e-3"'),
    (set_at(D, "versions", 1, "effective_date", "soon"),
        'D.yml: versions[1].effective_date must be a date such as 2026-06-01, not "soon"'),
    (set_at(D, "versions", 1, "effective_date", datetime(2025, 1, 1, 5)),  # noqa: DTZ001
        "D.yml: versions[1].effective_date must be a date such as 2026-06-01, not "
        "datetime.datetime(2025, 1, 1, 5, 0)"),
    (set_at(D, "versions", 2, "effective_date", date(2025, 1, 1)),
        "D.yml: versions[2].effective_date 2025-01-01 stands twice, so that two versions overlap"),
    (set_at(D, "versions", 0, "carried_from", date(2025, 1, 2)),
        "D.yml: versions[0] is carried from 2025-01-02, on which no version with figures becomes effective"),
    (set_at(D, "versions", 0, "status", "sourced"),
        "D.yml: versions[0] is carried over from another time, so its status must be illustrative"),
    (set_at(D, "versions", 0, "energy", {}),
        "D.yml: versions[0].energy is not known here; known are effective_date, status, carried_from"),
    (set_at(D, "versions", 1, "status", "rumoured"), 'D.yml: versions[1].status must be one of sourced, one_source, '
        'historical, illustrative, not "rumoured"'),
    (set_at(D, "versions", 1, "baseline_credit_per_kwh", "0.1"), "D.yml: versions[1].baseline_credit_per_kwh stands "
        "beside prices above the baseline: a schedule has tiers or a credit, not both"),
    (set_at(D, "versions", 1, "fixed", {"basic_per_day": "1", "customer_per_month": "2"}), "D.yml: versions[1].fixed "
        "must have one of basic_per_day, base_services_per_day, customer_per_day, customer_per_month"),
    (set_at(TOU, "schedule", "summer", "weekday", "on_peak", "17-21"),
        "TOU-D-4-9PM.yml: schedule.summer.weekday leaves hour 16 without a period"),
    (set_at(TOU, "schedule", "summer", "weekday", "on_peak", "15-21"),
        "TOU-D-4-9PM.yml: schedule.summer.weekday.off_peak takes hour 15, which on_peak has already"),
    (set_at(TOU, "schedule", "winter", "weekend", "off_peak", "0-8, 21-25"), 'TOU-D-4-9PM.yml: '
        'schedule.winter.weekend.off_peak must be hours such as "16-21" or "0-16, 21-24", not "21-25"'),
    (set_at(TOU, "schedule", "winter", "weekend", "night", "0-1"), "TOU-D-4-9PM.yml: schedule.winter.weekend.night is "
        "not a period; periods are on_peak, mid_peak, off_peak, super_off_peak, all_day"),
    (remove(TOU, "schedule", "winter"), "TOU-D-4-9PM.yml: schedule lacks winter"),
    (remove(TOU, "versions", 1, "energy", "summer", "mid_peak"),
        "TOU-D-4-9PM.yml: versions[1].energy.summer lacks mid_peak"),
    (set_at(SHOP, "versions", 1, "demand", "time_related_per_kw", "autumn", {"on_peak": "1"}), "TOU-GS-1-D.yml: "
        "versions[1].demand.time_related_per_kw.autumn is not a season; seasons are summer, winter"),
    (remove("baseline.yml"), "the tariff folder lacks baseline.yml"),
    (remove("baseline.yml", "versions", 1, "regions", "10", "winter"),
        "baseline.yml: versions[1].regions.10 lacks winter"),
    (set_at("discounts.yml", "care", "versions", 0, "energy_discount_ratio", "1.5"),
        "discounts.yml: care.versions[0].energy_discount_ratio must be at most 1"),
    (set_at("net_metering.yml", "versions", 1, "true_up_bills", 0),
        "net_metering.yml: versions[1].true_up_bills must be a whole number from 1 to 24, not 0"),
    (set_at("calendar.yml", "summer_months", [6, 6, 13]), "calendar.yml: summer_months[2] must be a whole number from "
        "1 to 12, not 13\ncalendar.yml: summer_months names a month twice"),
    (set_at("calendar.yml", "holidays", 3, "day", 32), "calendar.yml: holidays[3].day must be a whole number from 1 "
        "to 31, not 32"),
    (set_at("calendar.yml", "holidays", 1, "weekday", "Monday"), 'calendar.yml: holidays[1].weekday must be one of '
        'monday, tuesday, wednesday, thursday, friday, saturday, sunday, not "Monday"'),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), MISTAKES, ids=[sentence[:60] for _, sentence in MISTAKES])
def test_a_mistake_is_named(change: Change, sentence: str) -> None:
    documents = shipped("tariffs")
    change(documents)
    with pytest.raises(DocumentError) as refused:
        tariffs_from(documents)
    assert "\n".join(refused.value.mistakes).startswith(sentence)


def test_all_mistakes_are_told_at_once() -> None:
    documents = shipped("tariffs")
    expected = []
    for change, sentence in (MISTAKES[0], MISTAKES[21], MISTAKES[-1]):
        change(documents)
        expected.append(sentence)
    with pytest.raises(DocumentError) as refused:
        tariffs_from(documents)
    assert sorted(refused.value.mistakes) == sorted(expected)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place below the documents."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, child in pairs for found in [(*path, key), *places(child, (*path, key))]]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_garbage_anywhere_is_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    documents = shipped("tariffs")
    *steps, key = data.draw(st.sampled_from(places(documents)))
    garbage = data.draw(st.sampled_from([None, "?", [], {}, [[]], {"x": 1}, object(), b"0", 1.5, float("nan")]))
    parent = place(documents, *steps)
    before, parent[key] = parent[key], garbage
    is_allowed = garbage == "?" if key in ("rate_name", "source", "name") else garbage == []
    if before == garbage or (is_allowed and key in ("rate_name", "source", "name", "summer_months", "holidays")):
        return
    with pytest.raises(DocumentError) as refused:
        tariffs_from(documents)
    assert all(".yml" in mistake for mistake in refused.value.mistakes)


def test_yaml_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tariffs").mkdir()
    (tmp_path / "tariffs" / "D.yml").write_text("rate_code: [", encoding="utf-8")
    (tmp_path / "tariffs" / "calendar.yml").write_text("status: sourced\nstatus: sourced\n", encoding="utf-8")
    monkeypatch.setattr(pipelines.documents, "REFERENCE", tmp_path)
    with pytest.raises(DocumentError) as refused:
        pipelines.offers.tariff_documents.__wrapped__()
    broken, repeated = refused.value.mistakes
    assert broken.startswith("D.yml cannot be read as YAML: ")
    assert repeated.startswith("calendar.yml cannot be read as YAML: the key status stands twice")


def test_what_lies_before_the_first_version_is_refused() -> None:
    book = tariffs_from(shipped("tariffs"))
    with pytest.raises(
        LookupError, match="rate schedule D has no version for 2019-12-31: the first holds from 2020-01-01"
    ):
        book.tariffs["D"].version_on(date(2019, 12, 31))
    assert book.tariffs["D"].version_on(date(2025, 11, 14)).prices_date == date(2025, 10, 1)
    assert book.tariffs["D"].version_on(date(2025, 11, 15)).prices_date == date(2025, 11, 15)
