"""Random bills: the engine makes the same lines as the simulated utility's calculator, which works interval by interval."""

from hypothesis import given
from hypothesis import strategies as st

from sims.billing import BillRequest, price_bill
from tests.examples import few_examples
from tests.rates.repriced import lines_of, repriced
from tests.sims.test_billing_laws import BOOK, RATES, requests


@few_examples(60)
@given(st.sampled_from(RATES).flatmap(lambda rate: st.lists(requests(rates=[rate]), min_size=1, max_size=3)))
def test_lines_are_those_of_the_calculator(several: list[BillRequest]) -> None:
    expected = [lines_of(price_bill(BOOK, request)) for request in several]
    assert repriced(BOOK, several, several[0].terms.rate_code) == expected
