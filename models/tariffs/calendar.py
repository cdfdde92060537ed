"""The tariff calendar: seasons, and holidays that are priced as weekend."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from models.documents import Node
from models.tariffs.versions import STATUSES

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST = 5
_SUNDAY, _SATURDAY = 6, 5
_COMMON_YEAR = 2001


@dataclass(frozen=True)
class HolidayRule:
    """A holiday of every year.

    Attributes:
        name: Name in English.
        month: 1 to 12.
        day: Day of the month, or None for a weekday.
        weekday: 0 for Monday to 6 for Sunday, or None for a day of the month.
        nth: Which of the month's such weekdays, 1 to 4, or `LAST`; not used for a day of the month.
    """

    name: str
    month: int
    day: int | None
    weekday: int | None
    nth: int

    def date_in(self, year: int) -> date:
        """Its date in a year, before any move."""
        if self.day is not None:
            return date(year, self.month, self.day)
        days = [date(year, self.month, 1) + timedelta(n) for n in range(monthrange(year, self.month)[1])]
        found = [day for day in days if day.weekday() == self.weekday]
        return found[-1] if self.nth == LAST else found[self.nth - 1]


@dataclass(frozen=True)
class TariffCalendar:
    """Seasons and holidays of the tariffs.

    Attributes:
        summer_months: Months of the summer season; all others are winter.
        holiday_rules: Holidays; one that falls on a Sunday is observed on the Monday, one on a Saturday is not moved.
        source: Where it was read.
        status: How well it is known.
    """

    summer_months: tuple[int, ...]
    holiday_rules: tuple[HolidayRule, ...]
    source: str
    status: str

    @cached_property
    def _years(self) -> dict[int, dict[date, str]]:
        return {}

    def season_on(self, day: date) -> str:
        """`summer` or `winter`."""
        return "summer" if day.month in self.summer_months else "winter"

    def holidays(self, year: int) -> dict[date, str]:
        """Names of holidays by the date on which they are observed."""
        if year not in self._years:
            self._years[year] = _observed(self.holiday_rules, year)
        return self._years[year]

    def is_weekend(self, day: date) -> bool:
        """True on Saturdays, Sundays and holidays, which are priced alike."""
        return day.weekday() >= _SATURDAY or day in self.holidays(day.year)


def _observed(rules: tuple[HolidayRule, ...], year: int) -> dict[date, str]:
    days = {}
    for rule in rules:
        day = rule.date_in(year)
        days[day + timedelta(1) if day.weekday() == _SUNDAY else day] = rule.name
    return days


def read_calendar(node: Node) -> TariffCalendar:
    """Read `calendar.yml`."""
    fields = node.fields(("status", "source", "summer_months", "holidays"))
    months = tuple(month.integer(1, 12) for month in fields["summer_months"].elements())
    if len(set(months)) != len(months):
        fields["summer_months"].wrong("names a month twice")
    rules = tuple(_holiday(element) for element in fields["holidays"].elements())
    source, status = fields["source"].text(), fields["status"].choice(STATUSES)
    return TariffCalendar(months, rules, source, status)


def _holiday(node: Node) -> HolidayRule:
    is_weekday = isinstance(node.value, dict) and "weekday" in node.value
    fields = node.fields(("name", "month", *(("weekday", "nth") if is_weekday else ("day",))))
    name, month = fields["name"].text(), fields["month"].integer(1, 12)
    if is_weekday:
        weekday = WEEKDAYS.index(fields["weekday"].choice(WEEKDAYS))
        return HolidayRule(name, month, None, weekday, fields["nth"].integer(1, LAST))
    return HolidayRule(name, month, fields["day"].integer(1, monthrange(_COMMON_YEAR, month)[1]), None, LAST)
