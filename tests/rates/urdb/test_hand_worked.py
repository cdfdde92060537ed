"""Bills worked by hand, with the arithmetic shown."""

import numpy as np
import pytest

from models.rates.urdb import Intervals, RefusedTariffError, price, read_record
from models.rates.urdb.bills import require_one_meter
from tests.rates.urdb.loads import flat_month, load, priced, starts
from tests.rates.urdb.records import always, from_hour, record

CENT = 0.005


def test_charges_per_day_count_the_days_of_the_month() -> None:
    tariff = record(fixedchargefirstmeter=0.5, fixedchargeunits="$/day")
    # 29 days in February 2024: 29 × 0.5 = 14.50; 696 hours × 0.10 = 69.60.
    bills = priced(tariff, flat_month("2024-02"))
    assert (bills.fixed[0], bills.energy[0], bills.total[0]) == pytest.approx((14.5, 69.6, 84.1))


def test_charges_per_year_are_twelfths() -> None:
    bills = priced(record(fixedchargefirstmeter=120, fixedchargeunits="$/year"), flat_month("2024-02"))
    assert bills.fixed[0] == pytest.approx(10.0)


def test_a_record_of_version_3_has_its_charges_under_other_names() -> None:
    bills = priced(record(fixedmonthlycharge=7, minmonthlycharge=100), flat_month("2023-02"))
    # 672 hours × 0.10 = 67.20, and 7.00 fixed: 25.80 below the floor of 100.
    assert (bills.fixed[0], bills.minimum[0], bills.total[0]) == pytest.approx((7.0, 25.8, 100.0))


def test_tiers_are_filled_by_the_month_and_shared_by_the_periods() -> None:
    tiers = [[{"rate": 0.2, "max": 300}, {"rate": 0.4}], [{"rate": 0.1, "max": 300}, {"rate": 0.3}]]
    tariff = record(
        energyratestructure=tiers, energyweekdayschedule=from_hour(0, 6, 0, 1), energyweekendschedule=always(1)
    )
    # June 2024 has 20 weekdays: 20 × 6 = 120 of its 720 hours are of period 0, a share of 1/6. Of 720 kWh, 300 are in
    # tier 1, 420 in tier 2: 50 × 0.2 + 70 × 0.4 = 38 in period 0, 250 × 0.1 + 350 × 0.3 = 130 in period 1.
    assert priced(tariff, flat_month("2024-06")).energy[0] == pytest.approx(168.0)


@pytest.mark.parametrize(
    ("unit", "limit", "first_tier_kwh"),
    [
        ("kWh", 100, 100),
        ("kWh daily", 10, 300),  # 10 × 30 days
        ("kWh/kW", 50, 100),  # 50 × 2 kW
        ("kWh/kW daily", 5, 300),  # 5 × 2 kW × 30 days
    ],
)
def test_units_of_tiers(unit: str, limit: float, first_tier_kwh: float) -> None:
    tariff = record(energyratestructure=[[{"rate": 0.1, "max": limit, "unit": unit}, {"rate": 0.3, "unit": unit}]])
    kwh = np.full(720, 1.0)
    kwh[17] = 2.0
    # 721 kWh in June.
    expected = first_tier_kwh * 0.1 + (721 - first_tier_kwh) * 0.3
    assert priced(tariff, load("2024-06-01", kwh)).energy[0] == pytest.approx(expected)


def test_demand_is_that_of_the_interval_and_its_tiers_are_marginal() -> None:
    tariff = record(
        flatdemandstructure=[[{"rate": 5, "max": 4, "adj": 1}, {"rate": 2}]],
        flatdemandmonths=[0] * 12,
        demandratestructure=[[{"rate": 0}], [{"rate": 10}]],
        demandweekdayschedule=from_hour(16, 21, 1, 0),
        demandweekendschedule=always(0),
    )
    quarter_hours = np.full(30 * 96, 0.25)
    quarter_hours[2 * 96 + 17 * 4] = 2.5  # Monday 3 June 2024, 17:00: 10 kW
    quarter_hours[96 + 18 * 4] = 3.0  # Sunday, 18:00: 12 kW
    bills = priced(tariff, load("2024-06-01", quarter_hours, 15))
    # Of 12 kW, 4 at 5 + 1 $ and 8 at 2 $; on peak on weekdays 10 kW at 10 $.
    assert (bills.demand_flat[0], bills.demand_tou[0]) == pytest.approx((40.0, 100.0))
    # By the hour the Monday has 2.5 + 3 × 0.25 = 3.25 kW, the Sunday 3.75 kW: 3.75 × 6 and 3.25 × 10.
    hourly = priced(tariff, load("2024-06-01", quarter_hours.reshape(-1, 4).sum(axis=1)))
    assert (hourly.demand_flat[0], hourly.demand_tou[0]) == pytest.approx((22.5, 32.5))


def test_a_floor_of_the_year_is_settled_in_december() -> None:
    tariff = record(annualmincharge=1000, fixedmonthlycharge=10)
    bills = priced(tariff, load("2023-01-01", np.full(8760, 0.5)))
    # 4,380 kWh × 0.10 = 438, 120 fixed: 442 short of 1,000.
    assert bills.minimum == pytest.approx([0] * 11 + [442.0])
    assert bills.total.sum() == pytest.approx(1000.0)
    assert bills.open_years == ()


def test_a_floor_of_a_year_that_the_load_does_not_cover_is_not_settled() -> None:
    bills = priced(record(annualmincharge=1000), load("2023-02-01", np.full(8760 - 31 * 24, 0.5)))
    assert bills.minimum.sum() == 0
    assert bills.open_years == (2023,)


def test_a_month_in_part_has_its_days_and_whole_monthly_charges() -> None:
    tariff = record(
        fixedchargefirstmeter=9, mincharge=0.5, minchargeunits="$/day", energyratestructure=[[{"rate": 0.0}]]
    )
    bills = priced(tariff, load("2024-06-25", np.zeros(10 * 24)))
    assert bills.is_whole.tolist() == [False, False]
    assert bills.fixed == pytest.approx([9.0, 9.0])
    wide = priced(tariff | {"mincharge": 2.0}, load("2024-06-25", np.zeros(10 * 24)))
    # 6 days of June × 2 = 12 and 4 of July × 2 = 8, against 9 fixed.
    assert wide.minimum == pytest.approx([3.0, 0.0])


def test_a_holiday_by_date_is_priced_as_weekend_and_one_without_a_date_is_not() -> None:
    peaks = [[{"rate": 1.0}], [{"rate": 0.0}]]
    tariff = record(energyratestructure=peaks, energyweekdayschedule=always(0), energyweekendschedule=always(1))
    july = flat_month("2024-07")
    # July 2024 has 23 weekdays; the 4th is a Thursday.
    assert priced(tariff | {"x_holidays": ["independence_day"]}, july).energy[0] == pytest.approx(23 * 24)
    assert priced(tariff | {"x_holiday_dates": ["2024-07-04"]}, july).energy[0] == pytest.approx(22 * 24)


def test_days_of_a_clock_change_are_priced_by_the_wall_clock() -> None:
    tariff = record(
        energyratestructure=[[{"rate": 0.0}], [{"rate": 1.0}]],
        energyweekdayschedule=from_hour(1, 3, 1, 0),
        energyweekendschedule=from_hour(1, 3, 1, 0),
    )
    hours = np.arange(24)
    spring = np.delete(starts("2024-03-10", 24, 60), 2)
    autumn = np.insert(starts("2024-11-03", 24, 60), 1, np.datetime64("2024-11-03T01:00"))
    # Hour 2 does not exist in spring; hour 1 stands twice in autumn.
    for times, priced_hours in ((spring, 1), (autumn, 3)):
        day = Intervals.of_one_meter(times, np.ones(len(times)), 60)
        assert priced(tariff, day).energy.sum() == priced_hours, hours


def test_net_metering_carries_surplus_kwh_until_december() -> None:
    year = np.zeros(8760)
    year[: 31 * 24] = -1.0  # January exports 744 kWh
    year[31 * 24 : 59 * 24] = 1.0  # February takes 672 of them
    year[59 * 24 : 90 * 24] = 0.5  # March takes the other 72 of its 372
    year[-24:] = -10.0
    both = load("2023-01-01", np.concatenate([year, np.full(24 * 31, 1.0)]))
    bills = priced(record(), both)
    assert bills.energy[:4] == pytest.approx([0.0, 0.0, 30.0, 0.0])
    # What 31 December exports is lost: January 2024 pays its 744 kWh.
    assert bills.energy[-1] == pytest.approx(74.4)


def test_surplus_goes_to_the_period_of_the_same_hours_in_the_next_month() -> None:
    """Period 0 of January is in February period 2 until 5 o'clock, which decides, and then period 1."""
    weekday = [[0] * 24] + [[2] * 5 + [1] * 19] * 11
    prices = [[{"rate": 0.1}], [{"rate": 0.2}], [{"rate": 0.4}]]
    tariff = record(energyratestructure=prices, energyweekdayschedule=weekday, energyweekendschedule=weekday)
    kwh = np.concatenate([np.full(31 * 24, -0.5), np.full(28 * 24, 1.0)])
    # January exports 372 kWh, more than the 140 of period 2; February pays 19 hours × 28 days × 0.20.
    assert priced(tariff, load("2023-01-01", kwh)).energy == pytest.approx([0.0, 106.4])


def test_surplus_of_a_period_outside_the_carrying_hours_is_not_lost() -> None:
    """A period at 9 and 10 o'clock only, which the System Advisor Model would forget."""
    tariff = record(
        energyratestructure=[[{"rate": 0.1}], [{"rate": 0.2}]],
        energyweekdayschedule=from_hour(9, 11, 1, 0),
        energyweekendschedule=from_hour(9, 11, 1, 0),
    )
    january, february = np.tile(np.where(np.isin(np.arange(24), (9, 10)), -1.0, 0.0), 31), np.full(28 * 24, 1.0)
    bills = priced(tariff, load("2023-01-01", np.concatenate([january, february])))
    # 62 kWh of January cover 56 kWh of period 1 in February; the other 22 hours × 28 days cost 0.10.
    assert bills.energy == pytest.approx([0.0, 61.6])


def test_net_billing_credits_each_interval_at_the_sell_price() -> None:
    tariff = record(energyratestructure=[[{"rate": 0.3, "sell": 0.05}]], dgrules="Net Billing Instantaneous")
    kwh = np.tile([2.0, -1.0], 360)
    # 720 kWh × 0.30 − 360 kWh × 0.05.
    assert priced(tariff, load("2024-06-01", kwh)).energy[0] == pytest.approx(198.0)


def test_net_billing_with_carried_credit_pays_the_rest_out_in_december() -> None:
    tariff = record(energyratestructure=[[{"rate": 0.3, "sell": 0.05}]], dgrules="Net Billing Hourly")
    october, november, december = np.full(31 * 24, -2.0), np.full(30 * 24, 0.1), np.zeros(31 * 24)
    bills = priced(tariff, load("2023-10-01", np.concatenate([october, november, december])))
    # October earns 1,488 × 0.05 = 74.40; November uses 72 × 0.30 = 21.60 of it; December pays out 52.80.
    assert bills.energy == pytest.approx([0.0, 0.0, 0.0])
    assert bills.total == pytest.approx([0.0, 0.0, -52.8])
    assert bills.credit_left == 0
    until_november = priced(tariff, load("2023-10-01", np.concatenate([october, november])))
    assert until_november.credit_left == pytest.approx(52.8)


def test_a_floor_holds_whatever_exports_earn() -> None:
    tariff = record(
        energyratestructure=[[{"rate": 0.3, "sell": 0.05}]], dgrules="Net Billing Instantaneous", mincharge=10
    )
    bills = priced(tariff, load("2024-06-01", np.full(720, -1.0)))
    # A credit of 36 $, and the floor of 10 $ all the same.
    assert (bills.energy[0], bills.minimum[0], bills.total[0]) == pytest.approx((-36.0, 10.0, -26.0))


@pytest.mark.parametrize(
    ("rule", "code"), [("Buy All Sell All", "separate_meters"), ("Value of Solar", "metering_rule")]
)
def test_exports_that_cannot_be_priced_are_refused_and_imports_are_priced(rule: str, code: str) -> None:
    tariff = read_record(record(dgrules=rule)).tariff
    assert tariff is not None

    def total(intervals: Intervals) -> float:
        require_one_meter(tariff, intervals)
        return float(price(tariff, intervals).total[0])

    assert total(flat_month("2024-06")) == pytest.approx(72.0)
    with pytest.raises(RefusedTariffError) as raised:
        total(flat_month("2024-06", -1.0))
    assert raised.value.finding.code == code
