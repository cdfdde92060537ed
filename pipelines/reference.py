"""Reference data of the project, read from data/reference into frozen settings.

The one place that reads these files. `mistakes` looks at all of them, so that a verb can say what is wrong with them
before it begins.
"""

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from models.documents import DocumentError, Node
from models.usage.audit import AuditRule, audit_rules_from
from models.usage.settings import UsageSettings
from models.vee.class_profiles import ClassProfile, profiles_from
from models.vee.settings import VeeSettings
from pipelines.documents import document
from pipelines.home import REFERENCE
from pipelines.offers import comparison_settings, programs, scenarios, tariffs

CLASS_PROFILES_FILE = "class_profiles.csv"
UTILITY_CODE = re.compile(r"[A-Za-z0-9]{1,20}")


@dataclass(frozen=True)
class Territory:
    """The service territory.

    Attributes:
        time_zone: IANA zone of meters whose files name none.
        country: ISO 3166 country whose public holidays count.
        subdivision: State or province within it.
        utility_code: Utility whose extracts are taken, and that the simulated utility is.
    """

    time_zone: str
    country: str
    subdivision: str
    utility_code: str

    def holidays(self, first_date: date, last_date: date) -> dict[date, str]:
        """Public holidays by date, in English."""
        years = range(first_date.year, last_date.year + 1)
        calendar = holidays.country_holidays(self.country, subdiv=self.subdivision, years=years, language="en_US")
        return {day: calendar[day] for day in sorted(calendar) if first_date <= day <= last_date}


def mistakes() -> tuple[str, ...]:
    """All mistakes in the reference data, a sentence each."""
    found: list[str] = []
    for read in (
        territory,
        vee_settings,
        usage_settings,
        audit_rules,
        tariffs,
        programs,
        comparison_settings,
        scenarios,
    ):
        try:
            read()
        except DocumentError as error:
            found += error.mistakes
    return tuple(dict.fromkeys(found))


@cache
def territory() -> Territory:
    """The territory of data/reference/territory.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return _territory_from(document("territory.yml"))


@cache
def vee_settings() -> VeeSettings:
    """The rules of data/reference/vee_rules.yml, and the class profiles beside them.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return VeeSettings.from_document(document("vee_rules.yml"), _class_profiles())


@cache
def audit_rules() -> tuple[AuditRule, ...]:
    """The rules of data/reference/audit_rules.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return audit_rules_from(document("audit_rules.yml"))


@cache
def usage_settings() -> UsageSettings:
    """The settings of data/reference/usage.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return UsageSettings.from_document(document("usage.yml"))


def _territory_from(node: Node) -> Territory:
    fields = node.fields(("time_zone", "utility_code", "holidays"))
    calendar = fields["holidays"].fields(("country", "subdivision"))
    found = Territory(
        fields["time_zone"].text(),
        calendar["country"].text(),
        calendar["subdivision"].text(),
        fields["utility_code"].text(),
    )
    if found.time_zone:
        try:
            ZoneInfo(found.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            fields["time_zone"].wrong(f'is "{found.time_zone}", which is not an IANA time zone')
    if found.utility_code and not UTILITY_CODE.fullmatch(found.utility_code):
        fields["utility_code"].wrong(f'is "{found.utility_code}"; it must be 1 to 20 letters and digits')
    if found.country and found.subdivision:
        try:
            holidays.country_holidays(found.country, subdiv=found.subdivision)
        except NotImplementedError:
            fields["holidays"].wrong(f"of {found.country}, {found.subdivision} are not known")
    if node.mistakes:
        raise DocumentError(node.mistakes)
    return found


def _class_profiles() -> tuple[ClassProfile, ...]:
    path = REFERENCE / CLASS_PROFILES_FILE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return profiles_from(path.name, csv.reader(file))
    except FileNotFoundError:
        raise DocumentError([f"{path.name} is missing in {path.parent}"]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DocumentError([f"{path.name} cannot be read as CSV: {error}"]) from None
