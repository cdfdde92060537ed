"""Estimates once more, from facts written by hand: what cannot be recomputed says why."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.explain.estimates import ESTIMATES, Estimator
from models.explain.facts import FinalValue, MeterFacts, NotRecomputableError, RawRead, RegisterReading
from models.explain.spans import Span
from models.explain.values import recompute
from models.tables.base import METHOD_CODES

DAY = date(2026, 1, 14)
START = datetime.fromisoformat("2026-01-14 00:00")
HOUR = timedelta(hours=1)


def _read(number: int, wh: int | None) -> RawRead:
    return RawRead("f", number + 1, 0, "M", "delivered", START + number * HOUR, 60, wh, None, "", None)


def _final(number: int, wh: int | None, quality: str = "A", method: str | None = None) -> FinalValue:
    adjustment = 0 if quality == "A" else None
    start = START + number * HOUR
    return FinalValue("delivered", start, 60, start.date(), 0, wh, adjustment, quality, method, START)


def _facts(values: list[FinalValue], reported: list[int | None]) -> MeterFacts:
    facts = MeterFacts("M", "UTC", 60)
    facts.finals = {(value.channel_code, value.interval_start_utc): value for value in values}
    facts.reads = {("delivered", START + n * HOUR): [_read(n, wh)] for n, wh in enumerate(reported) if wh is not None}
    return facts


def _reading(number: int, wh: int | None, code: str = "A") -> RegisterReading:
    return RegisterReading("f", number + 1, 1, "delivered", code, START + number * HOUR, wh, None)


def test_every_method_of_the_record_has_a_recomputation() -> None:
    # What the sending system estimated (EM) it sent as a value; how it came to it is not on record.
    assert set(METHOD_CODES) - set(ESTIMATES) == {"EM"}


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 8))
def test_a_line_is_rounded_half_up(left: int, right: int, count: int) -> None:
    gap = [_final(number, 0, "E", "E1") for number in range(1, count + 1)]
    facts = _facts([_final(0, left), *gap, _final(count + 1, right)], [left, *[None] * count, right])
    found = [Estimator(facts, "delivered").estimate(value).wh for value in gap]
    line = [left + Fraction((right - left) * step, count + 1) for step in range(1, count + 1)]
    assert found == [floor(wh + Fraction(1, 2)) for wh in line]


@given(st.lists(st.integers(0, 500), min_size=2, max_size=20), st.integers(0, 5000))
def test_shares_come_to_what_the_register_counted(shape: list[int], residual: int) -> None:
    facts = _facts([], [])
    for number, wh in enumerate(shape):
        facts.finals["delivered", START + number * HOUR] = _final(number, 0, "E", "E2R")
        earlier = START - timedelta(days=7) + number * HOUR
        facts.finals["delivered", earlier] = replace(_final(number, wh), interval_start_utc=earlier)
        facts.finals["delivered", earlier] = replace(
            facts.finals["delivered", earlier], usage_date=earlier.date(), quality_code="A"
        )
        facts.reads["delivered", earlier] = [replace(_read(number, wh), interval_start_utc=earlier)]
    facts.references = {("delivered", DAY): [DAY - timedelta(days=7)]}
    facts.readings = {"delivered": [_reading(0, 1000), _reading(len(shape), 1000 + residual)]}
    estimator = Estimator(facts, "delivered")
    shares = [estimator.estimate(facts.finals["delivered", START + n * HOUR]).wh for n in range(len(shape))]
    assert sum(shares) == residual
    weights = shape if any(shape) else [1] * len(shape)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(residual * weight, sum(weights))) < 1


@pytest.mark.parametrize(
    ("readings", "sentence"),
    [
        ([], "no two register readings bracket the interval"),
        ([_reading(0, 100)], "no two register readings bracket the interval"),
        ([_reading(0, None), _reading(3, 400)], "a register reading beside the interval is blank"),
        ([_reading(0, 100), _reading(3, 300), _reading(3, 20, "B")], "several registers"),
        ([_reading(-1, 100), _reading(3, 300)], "the intervals between the register readings are not all there"),
    ],
)
def test_a_residual_needs_two_readings_around_whole_intervals(readings: list[RegisterReading], sentence: str) -> None:
    facts = _facts([_final(0, 50), _final(1, 70, "E", "E0"), _final(2, 30)], [50, None, 30])
    facts.readings = {"delivered": readings}
    found = recompute(Estimator(facts, "delivered"), facts.finals["delivered", START + HOUR])
    assert (found.wh, found.is_complete) == (None, False)
    assert found.problem is not None
    assert sentence in found.problem


@pytest.mark.parametrize(
    ("value", "reported", "sentence"),
    [
        (_final(0, 5), [7], "recomputed 7 Wh, recorded 5 Wh"),
        (replace(_final(0, 7), adjustment_wh=3), [7], "adjustment recomputed 0 Wh, recorded 3 Wh"),
        (_final(0, 5), [None], "no reported value stands"),
        (_final(0, None, "N"), [7], "quality N, but a reported value stands"),
        (_final(0, 7, "G"), [7], "quality G, but no manual edit on record leads to it"),
        (_final(0, 7, "E", "E0R"), [7], "no two register readings bracket the interval"),
        (_final(0, 7, "E", "E3"), [None], "the class of the meter and its own days are not recorded"),
        (_final(0, 0, "E", "E4"), [None], "no time without service on record covers the interval"),
        (_final(0, None, "Q"), [None], "quality Q, but no reported value stands"),
        (_final(0, 7, "X"), [7], "quality X has no recomputation yet"),
        (_final(0, 7, "E", "E9"), [None], "method E9 has no recomputation yet"),
        (_final(0, 7, "E", "E1"), [None], "neither end of the gap is a valid value"),
        (_final(0, 7, "E", "E2"), [None], "the recorded like days lack a value"),
    ],
)
def test_a_record_that_leads_elsewhere_is_found_out(
    value: FinalValue, reported: list[int | None], sentence: str
) -> None:
    found = recompute(Estimator(_facts([value], reported), "delivered"), value)
    assert found.problem is not None
    assert sentence in found.problem


def test_two_values_of_which_none_is_outranked_are_found_out() -> None:
    facts = _facts([_final(0, 7)], [7])
    facts.reads["delivered", START].append(replace(_read(0, 8), file_id="g"))
    found = recompute(Estimator(facts, "delivered"), facts.finals["delivered", START])
    assert found.problem == "2 values are left for one interval, and the record outranks none"
    facts.outranked = {("g", 1, 0)}
    assert recompute(Estimator(facts, "delivered"), facts.finals["delivered", START]).problem is None
    with pytest.raises(NotRecomputableError):
        MeterFacts("M", "UTC", 60, reads={("delivered", START): [_read(0, 1), _read(1, 1)]}).standing(
            "delivered", START
        )


@given(st.lists(st.integers(0, 2000), min_size=2, max_size=24), st.sampled_from([10, 100, 1000]), st.integers(0, 23))
def test_values_wrong_by_a_factor_come_back_to_what_they_were(true: list[int], factor: int, start: int) -> None:
    rule = "V15" if factor == 1000 else "V16"
    facts = _facts([_final(n, wh, "E", "E0R") for n, wh in enumerate(true)], [factor * wh for wh in true])
    facts.readings = {"delivered": [_reading(0, start), _reading(len(true), start + sum(true))]}
    facts.failed_rules = {("delivered", START.date()): {rule: "replace", "V09": "replace"}}
    estimator = Estimator(facts, "delivered")
    assert [estimator.estimate(value).wh for value in facts.finals.values()] == true


def test_a_value_from_the_future_is_refused_and_says_so() -> None:
    facts = _facts([replace(_final(0, None, "Q"), adjustment_wh=-7)], [7])
    facts.receipts = {"f": START}
    found = recompute(Estimator(facts, "delivered"), facts.finals["delivered", START])
    assert (found.wh, found.problem) == (None, None)
    assert found.reason == "the value was reported before its interval had ended (V13)"


def test_a_register_past_its_highest_value_begins_again() -> None:
    before, after = _reading(0, 9_990), _reading(2, 15)
    assert (Span(before, after, 10_000).counted_wh, Span(before, after).counted_wh) == (25, 25)
    assert Span(before, after, 100_000).counted_wh == 90_025
