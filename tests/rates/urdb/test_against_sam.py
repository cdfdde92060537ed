"""Random tariffs on random loads against the System Advisor Model, which others wrote."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rates.urdb import Intervals
from tests.examples import few_examples
from tests.rates.urdb.loads import COMPONENTS, HALF_A_CENT, Floats, priced, starts, year_of
from tests.rates.urdb.records import Record, records
from tests.rates.urdb.sam import sam_bills

_seeds = st.integers(0, 2**32 - 1)
_per_hour = st.sampled_from([1, 4])
NOT_ANY = 0.0


def _year(seed: int, per_hour: int) -> tuple[Floats, Floats]:
    """A load and a generation in kW: noise around a daily course, and a sun of random size."""
    random = np.random.default_rng(seed)
    hour = np.arange(8760 * per_hour) / per_hour % 24
    course = 1 + random.uniform(0, 2) * np.sin(2 * np.pi * (hour - random.uniform(0, 24)) / 24) ** 2
    load_kw = course * random.gamma(2.0, random.uniform(0.1, 2), len(hour))
    sun_kw = random.uniform(0.2, 8) * np.maximum(0, np.sin(np.pi * (hour - 6) / 12)) * random.beta(3, 1, len(hour))
    return load_kw, sun_kw


def _assert_equal(record: Record, intervals: Intervals, load_kw: Floats, sun_kw: Floats, metering: int) -> None:
    bills = priced(record, intervals, metering)
    expected = sam_bills(record, load_kw, sun_kw, metering)
    for name in COMPONENTS:
        assert getattr(bills, name) == pytest.approx(expected[name], abs=HALF_A_CENT), name


@few_examples(40)
@given(record=records(), seed=_seeds, per_hour=_per_hour)
def test_tiers_periods_demand_and_floors(record: Record, seed: int, per_hour: int) -> None:
    load_kw, _ = _year(seed, per_hour)
    _assert_equal(record, year_of(load_kw), load_kw, load_kw * NOT_ANY, 0)


@few_examples(40)
@given(record=records(), seed=_seeds, per_hour=_per_hour)
def test_net_metering_with_surplus_carried_on(record: Record, seed: int, per_hour: int) -> None:
    load_kw, sun_kw = _year(seed, per_hour)
    _assert_equal(record, year_of(load_kw - sun_kw), load_kw, sun_kw, 0)


@few_examples(40)
@given(
    record=records(with_tiers=False, with_sells=True),
    seed=_seeds,
    per_hour=_per_hour,
    metering=st.sampled_from([2, 3]),
)
def test_net_billing(record: Record, seed: int, per_hour: int, metering: int) -> None:
    load_kw, sun_kw = _year(seed, per_hour)
    _assert_equal(record, year_of(load_kw - sun_kw), load_kw, sun_kw, metering)


@few_examples(15)
@given(record=records(with_tiers=False, with_sells=True), seed=_seeds, per_hour=_per_hour)
def test_buy_all_sell_all(record: Record, seed: int, per_hour: int) -> None:
    load_kw, sun_kw = _year(seed, per_hour)
    minutes = 60 // per_hour
    year = Intervals(starts("2018-01-01", len(load_kw), minutes), load_kw / per_hour, sun_kw / per_hour, minutes)
    _assert_equal(record, year, load_kw, sun_kw, 4)
