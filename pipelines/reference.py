"""Reference data of the project, read from data/reference into frozen settings."""

from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays
import yaml

from models.vee.settings import VeeSettings
from pipelines.home import REFERENCE


@dataclass(frozen=True)
class Territory:
    """The service territory.

    Attributes:
        time_zone: IANA zone of meters whose files name none.
        country: ISO 3166 country whose public holidays count.
        subdivision: State or province within it.
    """

    time_zone: str
    country: str
    subdivision: str

    def holidays(self, first_date: date, last_date: date) -> dict[date, str]:
        """Public holidays by date, in English."""
        years = range(first_date.year, last_date.year + 1)
        calendar = holidays.country_holidays(self.country, subdiv=self.subdivision, years=years, language="en_US")
        return {day: calendar[day] for day in sorted(calendar) if first_date <= day <= last_date}


@cache
def territory() -> Territory:
    """The territory of data/reference/territory.yml."""
    data = yaml.safe_load((REFERENCE / "territory.yml").read_text(encoding="utf-8"))
    return Territory(data["time_zone"], data["holidays"]["country"], data["holidays"]["subdivision"])


@cache
def vee_settings() -> VeeSettings:
    """The rules of data/reference/vee_rules.yml."""
    return VeeSettings.from_mapping(yaml.safe_load((REFERENCE / "vee_rules.yml").read_text(encoding="utf-8")))
