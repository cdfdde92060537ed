"""Seasons and holidays of the tariffs, on the real calendar and against the `holidays` package."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.offers import tariffs

CALENDAR = tariffs().calendar


def test_holidays_of_2027() -> None:
    assert list(CALENDAR.holidays(2027)) == [
        date(2027, 1, 1), date(2027, 2, 15), date(2027, 5, 31), date(2027, 7, 5), date(2027, 9, 6),
        date(2027, 11, 11), date(2027, 11, 25), date(2027, 12, 25),
    ]  # fmt: skip


@pytest.mark.parametrize("year", range(2020, 2040))
def test_holidays_are_those_of_the_nation(year: int) -> None:
    """Before observance: the dates of another source, with a Sunday taken to the Monday."""
    names = {name: name for name in CALENDAR.holidays(year).values()}
    found = holidays.country_holidays("US", years=year, observed=False)
    expected = {day + timedelta(day.weekday() == 6): name for day, name in found.items() if name in names}
    assert dict(sorted(CALENDAR.holidays(year).items())) == dict(sorted(expected.items()))
    assert len(expected) == 8


@given(st.dates(date(2020, 1, 1), date(2039, 12, 31)))
def test_every_day_is_of_one_kind(day: date) -> None:
    assert CALENDAR.is_weekend(day) == (day.weekday() >= 5 or day in CALENDAR.holidays(day.year))
    assert CALENDAR.season_on(day) == ("summer" if date(day.year, 6, 1) <= day <= date(day.year, 9, 30) else "winter")
