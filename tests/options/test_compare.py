"""Options compared: answers for one equal those for many, and obey the laws of prices."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from models.options.bootstrap import Draws
from models.options.catalogue import Option, options
from models.options.compare import Comparison, Offer
from models.options.costs import AccountFacts, comparison_of, costs_of
from models.options.scenarios import Scenario
from pipelines.offers import comparison_settings, programs, scenarios, tariffs
from tests.options.years import bills, cells

BOOK = tariffs()
SETTINGS = replace(comparison_settings(), bootstrap=replace(comparison_settings().bootstrap, draw_count=12))
OFFER = Offer(BOOK, programs(), SETTINGS, BOOK.figures_since(date(2026, 8, 31)))
ACCOUNTS: dict[str, dict[str, object]] = {
    "A": {},
    "B": {"rate_code": "TOU-D-PRIME", "is_care": True},
    "C": {"has_net_metering": True, "rate_code": "TOU-D-4-9PM"},
    "D": {"baseline_region": "15", "is_all_electric": True, "is_medical_baseline": True},
}
HOURLY = {"A": 300, "B": 2100, "C": 900, "D": 640}
OFFERED = options(BOOK, programs(), SETTINGS)
AS_IS = Scenario("as_is", "as is", "as_is")


def facts(names: list[str]) -> AccountFacts:
    rows = bills({name: ACCOUNTS[name] for name in names})
    found = pl.concat(
        [
            cells(BOOK, rows.filter(account_id=name), HOURLY, salt=place)
            for place, name in enumerate("ABCD")
            if name in names
        ]
    )
    accounts = pl.DataFrame({"account_id": names, "customer_type": ["residential"] * len(names)})
    tons = pl.DataFrame({"account_id": ["A"], "tons_milli": [2500]}).filter(pl.col("account_id").is_in(names))
    empty = pl.DataFrame(
        schema={"account_id": pl.String, "usage_date": pl.Date, "local_hour": pl.Int16, "delivered_wh": pl.Int64}
    )
    return AccountFacts(accounts, rows, found, empty, (), tons)  # fmt: skip


@pytest.fixture(scope="module")
def together() -> Comparison:
    return comparison_of(OFFER, facts(list("ABCD")))


def option(option_id: str) -> Option:
    return next(found for found in OFFERED if found.option_id == option_id)


def test_answers_for_one_account_equal_those_for_many() -> None:
    many = costs_of(OFFER, OFFERED, scenarios(), facts(list("ABCD")))
    singles = [costs_of(OFFER, OFFERED, scenarios(), facts([name])) for name in "ABCD"]
    for name in ("costs", "bills", "draws"):
        one_by_one = pl.concat([getattr(single, name) for single in singles])
        keys = [
            column for column in one_by_one.columns if column.endswith("_id") or column in ("bill_start_date", "draw")
        ]
        assert one_by_one.sort(keys).equals(getattr(many, name).sort(keys)), name


def test_discounts_are_offered_to_those_without_one() -> None:
    rows = costs_of(OFFER, OFFERED, scenarios(), facts(list("AB"))).costs
    discounted = rows.filter(pl.col("option_id") == "D+CARE")["account_id"].unique().to_list()
    assert discounted == ["A"]


def test_what_is_not_known_has_no_cost_and_says_why() -> None:
    rows = costs_of(OFFER, OFFERED, scenarios(), facts(list("AB"))).costs
    sized = rows.filter(pl.col("option_id") == "D+SDP", pl.col("scenario_id") == "as_is").sort("account_id")
    assert sized["reason_code"].to_list() == [None, "cooling_size_unknown"]
    assert sized["cost_cents"].is_null().to_list() == [False, True]
    assert rows.filter(pl.col("option_id") == "D+EE-REBATE")["reason_code"].unique().to_list() == ["effect_unknown"]


def test_a_program_adds_to_its_rate_what_it_adds_to_every_other(together: Comparison) -> None:
    alone = [together.bill_cents(option(rate), AS_IS) for rate in ("D", "TOU-D-PRIME")]
    joined = [together.bill_cents(option(name), AS_IS) for name in ("D+SEP", "BUNDLE-EV")]
    assert (joined[0] - alone[0] == joined[1] - alone[1]).all()


def test_a_redrawn_year_has_as_many_days_and_as_much_energy_as_its_weeks_can_have(together: Comparison) -> None:
    draws = Draws(together)
    drawn = draws.cents(option("TOU-D-4-9PM"))
    actual = together.year.by_account(together.bill_cents(option("TOU-D-4-9PM"), AS_IS))
    assert drawn.shape == (12, 4)
    assert (np.abs(drawn / actual - 1) < 0.1).all()
    assert len(np.unique(drawn[:, 0])) > 1


def test_saving_more_never_costs_more(together: Comparison) -> None:
    for rate in ("D", "TOU-D-4-9PM", "TOU-D-PRIME"):
        before = together.year.by_account(together.bill_cents(option(rate), AS_IS))
        for ratio in (10_000, 50_000, 90_000):
            after = together.year.by_account(
                together.bill_cents(option(rate), Scenario(f"r{ratio}", "", "reduce", ratio=ratio))
            )
            assert (after <= before).all()
            before = after


def test_every_set_of_programs_goes_together() -> None:
    for found in OFFERED:
        exclusive = {name for part in found.program_ids for name in programs()[part].exclusive_programs}
        assert not exclusive & set(found.program_ids), found.option_id
        assert found.option_id == "+".join(found.parts) or found.option_id in programs()
    named = option("BUNDLE-EV")
    assert named.parts == ("TOU-D-PRIME", "SEP")
    assert len({found.option_id for found in OFFERED}) == len(OFFERED)


def test_options_with_made_up_figures_are_marked() -> None:
    assert option("D+CARE").is_illustrative
    assert option("TOU-D-4-9PM+SEP").is_illustrative
    assert not option("D").is_illustrative
