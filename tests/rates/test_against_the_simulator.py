"""Random bills: the engine makes the lines of the simulated calculator, which works interval by interval."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sims.billing import BillRequest, price_bill
from tests.examples import few_examples
from tests.rates.repriced import lines_of, repriced
from tests.sims.test_billing_laws import BOOK, RATES, requests


@st.composite
def spiked(draw: st.DrawFn, rate: str) -> BillRequest:
    """Bills with a few intervals far above all others, on which demand charges hang."""
    request = draw(requests(rates=[rate]))
    delivered = list(request.delivered_wh)
    for place in draw(st.lists(st.integers(0, len(delivered) - 1), max_size=4)):
        delivered[place] += draw(st.integers(1_000, 50_000))
    return replace(request, delivered_wh=delivered)


@few_examples(80)
@given(st.sampled_from(RATES).flatmap(lambda rate: st.lists(spiked(rate), min_size=1, max_size=3)))
def test_lines_are_those_of_the_calculator(several: list[BillRequest]) -> None:
    expected = [lines_of(price_bill(BOOK, request)) for request in several]
    assert repriced(BOOK, several, several[0].terms.rate_code) == expected
