"""Laws that bills obey whatever the tariff and the load."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rates.urdb import Bills, Intervals, read_record
from models.rates.urdb.intervals import determinants
from tests.examples import few_examples
from tests.rates.urdb.loads import COMPONENTS, Floats, priced, starts
from tests.rates.urdb.records import Record, records

_STRUCTURES = {
    "energy": "energyratestructure",
    "demand_flat": "flatdemandstructure",
    "demand_tou": "demandratestructure",
}


@st.composite
def loads(draw: st.DrawFn, *, exports: bool = False) -> Intervals:
    """Some months of intervals of 15, 30 or 60 minutes on the real calendar."""
    minutes = draw(st.sampled_from([15, 30, 60]))
    first = np.datetime64(draw(st.dates(np.datetime64("2019-01-01").item(), np.datetime64("2030-01-01").item())), "M")
    end = first + draw(st.integers(1, 5))
    count = int((end.astype("datetime64[m]") - first.astype("datetime64[m]")).astype(int)) // minutes
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kwh = random.gamma(2.0, random.uniform(0.05, 2), count) - (random.uniform(0, 2) if exports else 0.0)
    return Intervals.of_one_meter(starts(f"{first}-01", count, minutes), kwh, minutes)


def _all(bills: Bills) -> Floats:
    return np.stack([getattr(bills, name) for name in ("kwh", *COMPONENTS)])


def _without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}


_FLOORS = ("mincharge", "minchargeunits")


@few_examples(25)
@given(record=records(), load=loads())
def test_a_bill_is_the_sum_of_its_charges_priced_alone(record: Record, load: Intervals) -> None:
    record = _without(record, *_FLOORS)
    whole = priced(record, load).total
    parts = np.zeros_like(whole)
    for kept in ("energy", "fixed", "demand_flat", "demand_tou"):
        alone = copy.deepcopy(record)
        for name, structure in _STRUCTURES.items():
            for tier in (tier for period in alone.get(structure, []) for tier in period if name != kept):
                tier |= {"rate": 0.0, "adj": 0.0}
        if kept != "fixed":
            alone["fixedchargefirstmeter"] = 0
        parts += priced(alone, load).total
    assert parts == pytest.approx(whole)


@few_examples(25)
@given(record=records(), load=loads(), data=st.data())
def test_no_bill_falls_when_a_price_rises(record: Record, load: Intervals, data: st.DataObject) -> None:
    dearer = copy.deepcopy(record)
    tiers = [tier for name in _STRUCTURES.values() for period in dearer.get(name, []) for tier in period]
    raised = data.draw(st.sampled_from(tiers))
    raised["rate"] += 1.0
    rise = priced(dearer, load).total - priced(record, load).total
    assert (rise >= -1e-9).all()


@few_examples(25)
@given(record=records(), load=loads(exports=True))
def test_energy_is_conserved_over_months_and_periods(record: Record, load: Intervals) -> None:
    tariff = read_record(record).tariff
    assert tariff is not None
    billed = determinants(tariff, load)
    assert billed.import_kwh.sum() == pytest.approx(load.import_kwh.sum())
    assert billed.export_kwh.sum() == pytest.approx(load.export_kwh.sum())
    assert billed.days.sum() == len(np.unique(load.start_local.astype("datetime64[D]")))
    assert billed.peak_kw.max() == pytest.approx(load.import_kwh.max() * 60 / load.minutes)
    if tariff.tou_demand is not None:
        assert billed.tou_peak_kw.max(axis=1) == pytest.approx(billed.peak_kw)


@few_examples(25)
@given(record=records(), load=loads())
def test_at_one_dollar_for_all_energy_costs_what_it_measures(record: Record, load: Intervals) -> None:
    for period in record["energyratestructure"]:
        for tier in period:
            tier |= {"rate": 1.0, "adj": 0.0}
    bills = priced(record, load)
    assert bills.energy == pytest.approx(bills.kwh)


@few_examples(25)
@given(record=records(with_sells=True), load=loads(exports=True), factor=st.floats(0.01, 100))
@pytest.mark.parametrize("metering", [0, 2, 3])
def test_bills_scale_with_prices(record: Record, load: Intervals, factor: float, metering: int) -> None:
    scaled = copy.deepcopy(record)
    for name in _STRUCTURES.values():
        for tier in (tier for period in scaled.get(name, []) for tier in period):
            tier |= {key: tier[key] * factor for key in ("rate", "adj", "sell") if key in tier}
    for name in ("fixedchargefirstmeter", "mincharge"):
        if name in scaled:
            scaled[name] *= factor
    one, other = priced(record, load, metering), priced(scaled, load, metering)
    assert other.total == pytest.approx(one.total * factor, rel=1e-9, abs=1e-6)


@few_examples(25)
@given(record=records(), load=loads(exports=True), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_does_not_matter(record: Record, load: Intervals, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(load.start_local))
    shuffled = Intervals(load.start_local[order], load.import_kwh[order], load.export_kwh[order], load.minutes)
    assert _all(priced(record, shuffled)) == pytest.approx(_all(priced(record, load)))


@few_examples(25)
@given(record=records(), load=loads())
def test_months_are_billed_alone_as_they_are_together(record: Record, load: Intervals) -> None:
    record = _without(record, *_FLOORS)
    together = priced(record, load)
    month = load.start_local.astype("datetime64[M]")
    for row, one in enumerate(together.months):
        here = month == one
        alone = priced(
            record, Intervals(load.start_local[here], load.import_kwh[here], load.export_kwh[here], load.minutes)
        )
        assert _all(alone)[:, 0] == pytest.approx(_all(together)[:, row])
