"""Bills worked by hand on the real calendar, to the cent; each expected amount is reckoned in the comment beside it."""

from datetime import date

import pytest

from sims.billing import Bill, ServiceTerms
from tests.sims.bills import amounts, bill_of, in_hours, total

FOUR_TO_NINE = ServiceTerms("TOU-D-4-9PM", "10")
PRIME = ServiceTerms("TOU-D-PRIME", "10")


def check(bill: Bill, expected: dict[str, list[int]], cents: int) -> None:
    assert {code: amounts(bill, code) for code in dict.fromkeys(line.line_code for line in bill.lines)} == expected
    assert bill.cents == cents == sum(line.cents for line in bill.lines)


def one_day(day: date, terms: ServiceTerms, watt_hours: int) -> Bill:
    return bill_of(day, date.fromordinal(day.toordinal() + 1), terms, lambda _: watt_hours)


@pytest.mark.parametrize("day", [date(2027, 7, 4), date(2027, 7, 5), date(2026, 7, 4)])
def test_holiday_and_the_monday_it_moves_to_are_weekend(day: date) -> None:
    # 20 kWh × .40182 = 8.0364 from 4 to 9 p.m.; 76 × .26698 = 20.29048; .794; 96 × .00619 = .59424; 96 × .0003 = .0288
    expected = {"basic_charge": [79], "energy": [804, 2029], "surcharge": [59], "tax": [3]}
    check(one_day(day, PRIME, 1000), expected, 2974)


@pytest.mark.parametrize("day", [date(2026, 7, 3), date(2027, 7, 6)])
def test_saturday_holiday_is_not_moved(day: date) -> None:
    # 20 × .59291 = 11.8582 on peak
    expected = {"basic_charge": [79], "energy": [1186, 2029], "surcharge": [59], "tax": [3]}
    check(one_day(day, PRIME, 1000), expected, 3356)


def test_price_change_inside_a_bill() -> None:
    # 14 days until 14 November: 140 kWh of 169.4 within the baseline × .36378 = 50.9292; 14 × .031 = .434.
    # 16 days after: 160 of 193.6 × .31704 = 50.7264; 16 × .794 = 12.704. Both: 300 × .00198 = .594; 300 × .0003 = .09.
    bill = bill_of(date(2025, 11, 1), date(2025, 12, 1), ServiceTerms("D", "10"), in_hours(12, 13, 2500))
    expected = {"basic_charge": [43, 1270], "energy": [5093, 5073], "surcharge": [59], "tax": [9]}
    check(bill, expected, 11547)
    assert bill.is_prorated
    assert not amounts(bill, "minimum")  # delivery of the first 14 days is 32.09 against a floor of 4.84


def test_season_and_price_change_inside_a_bill() -> None:
    # 15 winter days: baseline 145.5 of 300 kWh × .31704 = 46.12932; 154.5 × .42153 = 65.126385; 300 × .00198 = .594.
    # 15 summer days: 300 of 675 × .30214 = 90.642; 300 × .00619 = 1.857. 30 × .794 = 23.82; 600 × .0003 = .18.
    bill = bill_of(date(2026, 5, 17), date(2026, 6, 16), ServiceTerms("D", "15"), in_hours(12, 13, 5000))
    expected = {"basic_charge": [2382], "energy": [4613, 6513, 9064], "surcharge": [59, 186], "tax": [18]}
    check(bill, expected, 22835)
    assert bill.is_prorated
    assert bill.is_illustrative  # prices of May are carried over


def test_season_change_alone() -> None:
    # 16 summer days: 160 kWh × .34666 = 55.4656, credit 160 of 308.8 × .10099 = 16.1584.
    # 14 winter days: 140 kWh × .33605 = 47.047 (super-off-peak), credit 140 of 169.4 × .10099 = 14.1386.
    bill = bill_of(date(2026, 9, 15), date(2026, 10, 15), FOUR_TO_NINE, in_hours(12, 13, 2500))
    expected = {
        "basic_charge": [2382], "energy": [5547, 4705], "baseline_credit": [-1616, -1414],
        "surcharge": [186], "tax": [9],
    }  # fmt: skip
    check(bill, expected, 9799)
    assert bill.is_prorated


def test_prices_carried_over_new_year_make_no_new_segment() -> None:
    bill = bill_of(date(2025, 12, 15), date(2026, 1, 15), ServiceTerms("D", "10"), in_hours(12, 13, 5000))
    # 31 × 12.1 = 375.1 of 620 kWh × .31704 = 118.921704; 244.9 × .42153 = 103.232697
    assert amounts(bill, "energy") == [11892, 10323]
    assert not bill.is_prorated
    assert bill.is_illustrative


@pytest.mark.req("NFR-09", part="bills")
def test_day_of_100_quarters() -> None:
    # 20 quarters mid-peak: 2 × .58036 = 1.16072; 32 super-off-peak: 3.2 × .3991 = 1.27712; 36 + 12 off-peak:
    # 4.8 × .43959 = 2.110032; credit 10 of 12.1 × .10449 = 1.0449; .031; 10 × .00198 = .0198; 10 × .0003 = .003
    expected = {
        "basic_charge": [3], "energy": [116, 211, 128], "baseline_credit": [-104], "surcharge": [2], "tax": [0],
    }  # fmt: skip
    check(one_day(date(2025, 11, 2), FOUR_TO_NINE, 100), expected, 356)


@pytest.mark.req("NFR-09", part="bills")
def test_day_of_92_quarters() -> None:
    # 2 × .53361 = 1.06722; 28 + 12 quarters off-peak: 4 × .39284 = 1.57136; 3.2 × .35235 = 1.12752;
    # credit 9.2 × .10449 = .961308; .794; 9.2 × .00198 = .018216; 9.2 × .0003 = .00276
    expected = {
        "basic_charge": [79], "energy": [107, 157, 113], "baseline_credit": [-96], "surcharge": [2], "tax": [0],
    }  # fmt: skip
    check(one_day(date(2026, 3, 8), FOUR_TO_NINE, 100), expected, 362)


@pytest.mark.parametrize(("is_multi_family", "basic"), [(False, 93), (True, 72)])
def test_month_without_use_costs_the_minimum(is_multi_family: bool, basic: int) -> None:
    # floor 30 × .346 = 10.38; basic 30 × .031 = .93 or 30 × .024 = .72
    terms = ServiceTerms("D", "6", is_multi_family=is_multi_family)
    bill = bill_of(date(2025, 8, 1), date(2025, 8, 31), terms, lambda _: 0)
    check(bill, {"basic_charge": [basic], "minimum": [1038 - basic]}, 1038)


def test_generation_comes_on_top_of_the_minimum() -> None:
    # 10 kWh × .32183 = 3.2183; delivery 10 × (.21047 − .00595) + .93 = 2.9752, so 10.38 − 2.9752 = 7.4048 are lacking
    bill = bill_of(date(2025, 8, 1), date(2025, 8, 31), ServiceTerms("D", "6"), in_hours(9, 10, 2500, date(2025, 8, 5)))
    check(bill, {"basic_charge": [93], "energy": [322], "minimum": [740], "surcharge": [2], "tax": [0]}, 1157)


def test_minimum_covers_only_the_days_that_have_one() -> None:
    # 14 × .346 − 14 × .031 = 4.41; 16 × .794 = 12.704
    bill = bill_of(date(2025, 11, 1), date(2025, 12, 1), FOUR_TO_NINE, lambda _: 0)
    check(bill, {"basic_charge": [43, 1270], "minimum": [441]}, 1754)


@pytest.mark.parametrize(
    ("discounts", "discount", "basic", "cents"),
    [
        ({"is_care": True}, -240, 20, 530),
        ({"is_fera": True}, -133, 39, 656),
        ({"is_care": True, "is_fera": True}, -240, 20, 530),
    ],
)  # fmt: skip
def test_discounts(discounts: dict[str, bool], discount: int, basic: int, cents: int) -> None:
    # 10 kWh on peak × .58477 = 5.8477; 10 off × .34666 = 3.4666; credit 19.3 × .10099 = 1.949107: 7.37.
    # CARE: 7.37 × .325 = 2.39525, .19726 a day. FERA: 7.37 × .18 = 1.3266, .39452 a day. 20 × .00619 = .1238; .006.
    bill = bill_of(
        date(2026, 7, 7), date(2026, 7, 8), ServiceTerms("TOU-D-4-9PM", "10", **discounts),
        total(in_hours(17, 18, 2500), in_hours(3, 4, 2500)),
    )  # fmt: skip
    expected = {
        "basic_charge": [basic], "energy": [585, 347], "baseline_credit": [-195], "discount": [discount],
        "surcharge": [12], "tax": [1],
    }  # fmt: skip
    check(bill, expected, cents)


def test_medical_baseline() -> None:
    # as above, but the credit is for 20 of 19.3 + 16.5 kWh: 20 × .10099 = 2.0198
    bill = bill_of(
        date(2026, 7, 7), date(2026, 7, 8), ServiceTerms("TOU-D-4-9PM", "10", is_medical_baseline=True),
        total(in_hours(17, 18, 2500), in_hours(3, 4, 2500)),
    )  # fmt: skip
    expected = {
        "basic_charge": [79], "energy": [585, 347], "baseline_credit": [-202], "surcharge": [12], "tax": [1],
    }  # fmt: skip
    check(bill, expected, 822)


def test_all_electric_home() -> None:
    # region 16, winter: 23.2 kWh a day; 30 of 23.2 within × .31704 = 7.355328, 6.8 above × .42153 = 2.866404
    bill = bill_of(
        date(2026, 2, 3), date(2026, 2, 4), ServiceTerms("D", "16", is_all_electric=True), in_hours(12, 13, 7500)
    )
    assert amounts(bill, "energy") == [736, 287]


def test_demand_with_a_weekend_peak() -> None:
    # Tuesday 10.4 kW on peak: 10 kW; Saturday 12.5 kW: 13 kW at any time. 2.6 × .19445 = .50557; 3.125 × .18343 = .573;
    # 13 × 22.61 = 293.93; 10 × 21.38 = 213.80; 7 × .468 = 3.276; 5.725 × .00457 = .0262; 5.725 × .0003 = .0017
    def load(at: object) -> int:
        return {"2026-06-02 17:00": 2600, "2026-06-06 18:15": 3125}.get(f"{at:%Y-%m-%d %H:%M}", 0)

    bill = bill_of(date(2026, 6, 1), date(2026, 6, 8), ServiceTerms("TOU-GS-1-D", "10"), load)
    expected = {
        "basic_charge": [328], "energy": [51, 57], "demand_flat": [29393], "demand_tou": [21380],
        "surcharge": [3], "tax": [0],
    }  # fmt: skip
    check(bill, expected, 51212)


def test_demand_over_a_season_change_leaves_out_the_holiday() -> None:
    # Memorial Day 40 kW, the Wednesday after 21 kW, 3 June 30 kW. 40 × 28.18 = 1127.20; half of 39.60 and of 8.46:
    # 30 × 19.80 = 594, 21 × 4.23 = 88.83; 268.43; 15.25 × .13069 = 1.993; 7.5 × .16629 = 1.247; 22.75 × .00483 = .1099
    def load(at: object) -> int:
        peaks = {"2026-05-25 17:00": 10000, "2026-05-27 16:00": 5250, "2026-06-03 20:45": 7500}
        return peaks.get(f"{at:%Y-%m-%d %H:%M}", 0)

    bill = bill_of(date(2026, 5, 25), date(2026, 6, 8), ServiceTerms("TOU-GS-2-D", "10"), load)
    expected = {
        "basic_charge": [26843], "energy": [199, 125], "demand_flat": [112720], "demand_tou": [8883, 59400],
        "surcharge": [11], "tax": [1],
    }  # fmt: skip
    check(bill, expected, 208182)


@pytest.mark.parametrize(("watt_hours", "kilowatts"), [(2624, 10), (2625, 11), (2875, 12), (2874, 11)])
def test_demand_is_rounded_to_the_nearest_kilowatt(watt_hours: int, kilowatts: int) -> None:
    bill = bill_of(date(2026, 6, 6), date(2026, 6, 7), ServiceTerms("TOU-GS-1-D", "10"), in_hours(3, 4, watt_hours))
    assert [line.quantity for line in bill.lines if line.line_code == "demand_flat"] == [kilowatts * 1000]


def test_phase_adders() -> None:
    # .468 + .046 a day; 268.43 − 9.30 a bill
    day = date(2026, 6, 2), date(2026, 6, 3)
    three = bill_of(*day, ServiceTerms("TOU-GS-1-E", "10", phase_count=3), lambda _: 0)
    assert amounts(three, "basic_charge") == [47, 5]
    single = bill_of(*day, ServiceTerms("TOU-GS-2-D", "10", phase_count=1), lambda _: 0)
    assert amounts(single, "basic_charge") == [26843, -930]


def test_public_worked_example() -> None:
    # Of a study, unrounded: 353.4 × .18453 + 390.6 × .28552 + 744 × (.11761 + .00619 + .0003) + 31 × .794 = 293.68
    bill = bill_of(date(2026, 7, 1), date(2026, 8, 1), ServiceTerms("D", "6"), lambda _: 250)
    assert bill.cents == 29368
