"""How exports count: netted in kWh with what is left carried on, or credited in dollars."""

import numpy as np
from numpy.typing import NDArray

from models.rates.periods import HOURS, MONTHS, Periods
from models.rates.urdb.ladders import Floats

_CARRYING_HOURS = (0, 5, 11, 17)
"""Hours of the weekday schedule that the System Advisor Model looks at (ssc, lib_utility_rate_equations.cpp)."""
_DECEMBER = MONTHS - 1


def netted_use(
    import_kwh: Floats, export_kwh: Floats, month_of_year: NDArray[np.int64], table: Periods, period_count: int
) -> Floats:
    """Energy that is charged under net metering, months × periods.

    Import and export are netted over the month in each period. What a period exports in excess is carried to the period
    that has its time of day in the next month, until December, after which credit ends without payment.
    """
    use = np.empty_like(import_kwh)
    carried = np.zeros(period_count)
    for row, month in enumerate(month_of_year):
        net = import_kwh[row] - export_kwh[row] - carried
        use[row] = np.maximum(net, 0.0)
        carried = np.zeros(period_count)
        if month != _DECEMBER:
            np.add.at(carried, _carried_to(table, int(month), period_count), np.maximum(-net, 0.0))
    return use


def _carried_to(table: Periods, month: int, period_count: int) -> NDArray[np.int64]:
    """The period of the next month that takes up each period's surplus: the one at the same time of day.

    Rule of the System Advisor Model; where a period stands at none of its four hours, the first hour of weekdays or
    weekends at which it does stand decides, so that no credit is lost.
    """
    hours = [*_CARRYING_HOURS, *range(HOURS)]
    now = np.concatenate([table[month, 0, hours], table[month, 1]])
    then = np.concatenate([table[month + 1, 0, hours], table[month + 1, 1]])
    target = np.arange(period_count)
    target[now[::-1]] = then[::-1]
    return target


def carried_credit(charges: Floats, earned: Floats, month_of_year: NDArray[np.int64]) -> tuple[Floats, Floats, float]:
    """Energy charges after credit that is carried from month to month in dollars.

    Credit that a month earns offsets the energy charges of the months after it, and is paid out with December's bill.

    Args:
        charges: Energy charges of each month, in dollars.
        earned: Credit for its exports.
        month_of_year: 0 to 11.

    Returns:
        The charges that remain; what is paid out with each bill; the credit that is left after the last one.
    """
    remaining, paid, bank = np.zeros_like(charges), np.zeros_like(charges), 0.0
    for row, month in enumerate(month_of_year):
        balance = charges[row] - bank
        remaining[row] = max(balance, 0.0)
        bank = earned[row] + max(-balance, 0.0)
        if month == _DECEMBER:
            paid[row], bank = bank, 0.0
    return remaining, paid, bank
