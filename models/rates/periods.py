"""Rate periods of the hours of a year: two 12 × 24 matrices, one for weekdays and one for weekends, as one table.

A cell is a month, a kind of day and an hour of the local wall clock; there are 576 of them, in this order. Whatever a
schedule says is a function of the cell, so that any schedule is applied to intervals by a look-up, and to sums by cell
by a product with a matrix of ones and zeros.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MONTHS, DAY_KINDS, HOURS = 12, 2, 24
CELLS = MONTHS * DAY_KINDS * HOURS

Periods = NDArray[np.int64]


def period_table(weekday: Sequence[Sequence[int]], weekend: Sequence[Sequence[int]]) -> Periods:
    """The periods of all cells.

    Args:
        weekday: Period by month, January first, and hour from midnight, 12 × 24.
        weekend: The same for Saturdays, Sundays and holidays.

    Returns:
        Period by month, kind of day (0 weekday, 1 weekend) and hour, of shape (12, 2, 24).

    Raises:
        ValueError: A matrix is not 12 × 24.
    """
    table = np.stack([np.asarray(weekday, np.int64), np.asarray(weekend, np.int64)], axis=1)
    if table.shape != (MONTHS, DAY_KINDS, HOURS):
        raise ValueError(f"a schedule has 12 months of 24 hours, not {np.asarray(weekday).shape}")
    return table


def cells_of(start_local: NDArray[np.datetime64], is_weekend: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The cell, 0 to 575, of each interval.

    Args:
        start_local: Starts of intervals on the local wall clock.
        is_weekend: Whether the local date of each is priced as weekend.
    """
    month = start_local.astype("datetime64[M]").astype(np.int64) % MONTHS
    hour = start_local.astype("datetime64[h]").astype(np.int64) % HOURS
    return (month * DAY_KINDS + is_weekend) * HOURS + hour


def is_weekend(start_local: NDArray[np.datetime64], holidays: Sequence[np.datetime64] = ()) -> NDArray[np.bool_]:
    """Whether the local date of each interval is a Saturday, a Sunday or one of the holidays."""
    date = start_local.astype("datetime64[D]")
    # 1970-01-01 was a Thursday.
    weekday = (date.astype(np.int64) + 3) % 7
    return np.asarray((weekday >= 5) | np.isin(date, np.array(holidays, "datetime64[D]")))


def period_matrix(table: Periods, period_count: int) -> NDArray[np.float64]:
    """Which cell belongs to which period: ones and zeros of shape (576, periods), a single one in each row."""
    return np.asarray(table.reshape(CELLS, 1) == np.arange(period_count), np.float64)


def periods_of_months(table: Periods) -> list[NDArray[np.int64]]:
    """The periods that occur in each month of the schedule, in rising order, twelve of them."""
    return [np.unique(table[month]) for month in range(MONTHS)]
