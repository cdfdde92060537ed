"""Periods of cells: what a schedule of months, kinds of day and hours says of intervals."""

import numpy as np
import pytest

from models.rates.periods import cells_of, is_weekend, period_matrix, period_table, periods_of_months
from tests.rates.urdb.loads import starts


def _table() -> np.ndarray:
    weekday = [[1 if 16 <= hour < 21 else 0 for hour in range(24)] for _ in range(12)]
    weekend = [[2] * 24 for _ in range(12)]
    weekday[6] = [3] * 24
    return period_table(weekday, weekend)


def test_intervals_get_the_period_of_their_month_day_and_hour() -> None:
    # Friday 29 June 2018 to Monday 2 July: on peak on Friday, weekend on both days, July on Monday.
    times = starts("2018-06-29", 4 * 24, 60)
    found = _table().ravel()[cells_of(times, is_weekend(times))]
    friday = [0] * 16 + [1] * 5 + [0] * 3
    assert found.tolist() == friday + [2] * 48 + [3] * 24


def test_a_holiday_is_a_weekend_day() -> None:
    times = starts("2018-07-04", 24, 60)
    assert not is_weekend(times).any()
    assert is_weekend(times, [np.datetime64("2018-07-04")]).all()


@pytest.mark.parametrize("year", [1969, 1970, 2000, 2024, 2100])
def test_weekends_of_any_year_are_those_of_the_calendar(year: int) -> None:
    days = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]")
    expected = [day.weekday() >= 5 for day in days.tolist()]
    assert is_weekend(days.astype("datetime64[m]")).tolist() == expected


def test_sums_by_period_are_a_product_with_the_matrix() -> None:
    table = _table()
    by_cell = np.arange(576, dtype=np.float64)
    expected = [by_cell[table.ravel() == period].sum() for period in range(5)]
    assert (by_cell @ period_matrix(table, 5)).tolist() == expected
    assert period_matrix(table, 5).sum() == 576


def test_periods_of_a_month_are_those_of_both_matrices() -> None:
    found = periods_of_months(_table())
    assert [periods.tolist() for periods in found[5:8]] == [[0, 1, 2], [2, 3], [0, 1, 2]]


def test_a_matrix_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="12 months of 24 hours"):
        period_table([[0] * 23] * 12, [[0] * 23] * 12)
