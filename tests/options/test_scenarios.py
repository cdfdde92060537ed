"""Behaviours: energy is conserved where it is moved, exact where it is saved or added, and nothing else changes."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.documents import DocumentError, Node
from models.options.scenarios import (
    ADD_LOAD,
    COMBINED,
    ONE,
    REDUCE,
    REDUCE_ON_PEAK,
    SHIFT_ON_PEAK,
    Scenario,
    behaved,
    cells_of,
    day_counts,
    scenarios_from,
    spread,
)
from models.rates.usage import SegmentUsage
from pipelines.offers import scenarios, tariffs
from tests.options.years import year

RATIOS = st.integers(0, ONE)
PEAK = cells_of(16, 21)


@pytest.fixture(scope="module")
def usage() -> SegmentUsage:
    return year(tariffs(), {"A": {}, "B": {"has_net_metering": True}}, {"A": 411, "B": 903}).usage


def under(usage: SegmentUsage, scenario: Scenario) -> SegmentUsage:
    return behaved(usage, scenario, tariffs().calendar, np.full(24, 15))


@settings(max_examples=30)
@given(ratio=RATIOS)
def test_what_is_moved_is_conserved_by_segment_and_kind_of_day(usage: SegmentUsage, ratio: int) -> None:
    moved = under(usage, Scenario("s", "s", SHIFT_ON_PEAK, ratio=ratio))
    before, after = (kept.delivered_wh.reshape(-1, 2, 24).sum(axis=2) for kept in (usage, moved))
    assert (before == after).all()
    assert (moved.delivered_wh[:, PEAK] <= usage.delivered_wh[:, PEAK]).all()
    assert (moved.delivered_wh >= 0).all()


@settings(max_examples=30)
@given(ratio=RATIOS)
def test_what_is_saved_is_saved_in_its_hours_alone(usage: SegmentUsage, ratio: int) -> None:
    saved = under(usage, Scenario("s", "s", REDUCE_ON_PEAK, ratio=ratio))
    others = np.setdiff1d(np.arange(48), PEAK)
    assert (saved.delivered_wh[:, others] == usage.delivered_wh[:, others]).all()
    left = usage.delivered_wh[:, PEAK] * (ONE - ratio) / ONE
    assert (np.abs(saved.delivered_wh[:, PEAK] - left) <= 0.5).all()
    assert (saved.peak_wh <= usage.peak_wh).all()


def test_all_saved_is_nothing_used(usage: SegmentUsage) -> None:
    nothing = under(usage, Scenario("s", "s", REDUCE, ratio=ONE))
    assert nothing.delivered_wh.sum() == nothing.peak_wh.sum() == nothing.net_import_wh.sum() == 0


@settings(max_examples=30)
@given(daily=st.integers(0, 50_000), first=st.integers(0, 23), length=st.integers(1, 24), watts=st.integers(1, 20_000))
def test_added_load_is_so_much_every_day(usage: SegmentUsage, daily: int, first: int, length: int, watts: int) -> None:
    end = min(first + length, 24)
    scenario = Scenario("s", "s", ADD_LOAD, daily_wh=daily, load_hours=(first, end), load_w=watts)
    more = under(usage, scenario)
    a_day = min(daily, (end - first) * watts)
    assert ((more.delivered_wh - usage.delivered_wh).sum(axis=1) == a_day * usage.day_count).all()
    assert (more.received_wh == usage.received_wh).all()


def test_behaviours_are_applied_one_after_the_other(usage: SegmentUsage) -> None:
    first, second = Scenario("a", "a", REDUCE, ratio=10_000), Scenario("b", "b", SHIFT_ON_PEAK, ratio=20_000)
    both = under(usage, Scenario("c", "c", COMBINED, parts=(first, second)))
    assert (both.delivered_wh == under(under(usage, first), second).delivered_wh).all()


@given(total=st.lists(st.integers(0, 10**9), min_size=1, max_size=5), parts=st.integers(1, 48))
def test_what_is_spread_adds_up_and_is_even(total: list[int], parts: int) -> None:
    rows = spread(np.array(total), parts)
    assert rows.sum(axis=1).tolist() == total
    assert (rows.max(axis=1) - rows.min(axis=1) <= 1).all()


def test_days_are_counted_as_the_calendar_has_them(usage: SegmentUsage) -> None:
    calendar = tariffs().calendar
    counted = day_counts(usage, calendar)
    for place in (0, 5, 17):
        start = np.datetime64(int(usage.first_day[place]), "D").item()
        days = [start + timedelta(days=n) for n in range(int(usage.day_count[place]))]
        assert counted[place].tolist() == [
            sum(not calendar.is_weekend(day) for day in days), sum(calendar.is_weekend(day) for day in days)
        ]  # fmt: skip


def test_shipped_behaviours_are_what_the_use_case_asks_for() -> None:
    shipped = {scenario.scenario_id: scenario for scenario in scenarios()}
    assert shipped["reduce_on_peak_10"].ratio == 10_000
    assert shipped["shift_on_peak_20"].ratio == 20_000
    assert {"as_is", "reduce_10", "participate_low", "participate_typical", "participate_high", "add_ev"} <= set(
        shipped
    )
    assert shipped["participate_typical"].is_illustrative
    assert not shipped["reduce_10"].is_illustrative


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"scenarios": [{"scenario_id": "x", "scenario_name": "x", "kind": "dance"}]}, "kind must be one of as_is"),
        ({"scenarios": [{"scenario_id": "x", "scenario_name": "x", "kind": "reduce"}]}, "scenarios[0] lacks ratio"),
        (
            {"scenarios": [{"scenario_id": "x", "scenario_name": "x", "kind": "reduce", "ratio": "1.5"}]},
            "scenarios[0].ratio must be at most 1",
        ),
        (
            {"scenarios": [{"scenario_id": "x", "scenario_name": "x", "kind": "combined", "scenario_ids": ["y"]}]},
            "scenarios[0].scenario_ids[0] names y, which is no behaviour further up",
        ),
        (
            {"scenarios": [{"scenario_id": "x", "scenario_name": "x", "kind": "as_is"}] * 2},
            "scenarios[1] repeats the scenario x",
        ),
        ({"on_peak_hours": "21-16", "scenarios": []}, 'on_peak_hours must be hours of the day such as "16-21"'),
        ({"scenarios": "all"}, "scenarios must be a list"),
        (["as_is"], "mine.yml must be a mapping"),
    ],
)
def test_mistakes_in_behaviours_are_sentences(document: object, sentence: str) -> None:
    with pytest.raises(DocumentError) as refused:
        scenarios_from(Node("mine.yml", "", document, []))
    assert any(sentence in mistake for mistake in refused.value.mistakes), refused.value.mistakes
