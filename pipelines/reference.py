"""Reference data of the project, read from data/reference into frozen settings.

The one place that reads these files. `mistakes` looks at all of them, so that a verb can say what is wrong with them
before it begins.
"""

import csv
import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import yaml

from models.documents import DocumentError, Node
from models.options.scenarios import Scenario, scenarios_from
from models.options.settings import ComparisonSettings
from models.programs import Program, programs_from
from models.tariffs import TariffBook, tariffs_from
from models.usage.settings import UsageSettings
from models.vee.class_profiles import ClassProfile, profiles_from
from models.vee.settings import VeeSettings
from pipelines.home import REFERENCE

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


@dataclass(frozen=True)
class ComparisonReference:
    """The reference data of the comparison of options.

    Attributes:
        book: Tariffs.
        programs: Programs by id.
        settings: Rules.
        scenarios: Behaviours.
        tariff_documents: The parsed tariff files, for showing them.
    """

    book: TariffBook
    programs: dict[str, Program]
    settings: ComparisonSettings
    scenarios: tuple[Scenario, ...]
    tariff_documents: dict[str, object]


def mistakes() -> tuple[str, ...]:
    """All mistakes in the reference data, a sentence each."""
    found: list[str] = []
    for read in (territory, vee_settings, usage_settings, tariffs, programs, comparison_settings, scenarios):
        try:
            read()
        except DocumentError as error:
            found += error.mistakes
    return tuple(found)


@cache
def territory() -> Territory:
    """The territory of data/reference/territory.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return _territory_from(_document("territory.yml"))


@cache
def vee_settings() -> VeeSettings:
    """The rules of data/reference/vee_rules.yml, and the class profiles beside them.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return VeeSettings.from_document(_document("vee_rules.yml"), _class_profiles())


@cache
def usage_settings() -> UsageSettings:
    """The settings of data/reference/usage.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return UsageSettings.from_document(_document("usage.yml"))


@cache
def comparison_settings() -> ComparisonSettings:
    """The rules of data/reference/comparison.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return ComparisonSettings.from_document(_document("comparison.yml"))


@cache
def scenarios() -> tuple[Scenario, ...]:
    """The behaviours of data/reference/scenarios.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return scenarios_from(_document("scenarios.yml"))


@cache
def tariffs() -> TariffBook:
    """The tariffs of data/reference/tariffs.

    Raises:
        DocumentError: With one sentence per mistake in the files.
    """
    return tariffs_from(tariff_documents())


def comparison_reference() -> ComparisonReference:
    """All that the comparison of options needs.

    Raises:
        DocumentError: With one sentence per mistake in the files.
    """
    return ComparisonReference(tariffs(), programs(), comparison_settings(), scenarios(), tariff_documents())


@cache
def tariff_documents() -> dict[str, object]:
    """The parsed files of data/reference/tariffs by name.

    Raises:
        DocumentError: With one sentence per file that cannot be read.
    """
    return _documents("tariffs")


@cache
def programs() -> dict[str, Program]:
    """The programs of data/reference/programs by id.

    Raises:
        DocumentError: With one sentence per mistake in the files.
    """
    return programs_from(_documents("programs"))


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


class _Loader(yaml.SafeLoader):
    """YAML in which no mapping has a key twice; a date that does not exist stays the text that it is."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for (key_node, _), key in zip(node.value, keys, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key} stands twice", key_node.start_mark)
        return super().construct_mapping(node, deep)


def _timestamp(loader: _Loader, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return loader.construct_scalar(node)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)


def _document(name: str) -> Node:
    """The document of a single file."""
    return Node(name, "", document_of(REFERENCE / name), [])


def _class_profiles() -> tuple[ClassProfile, ...]:
    path = REFERENCE / CLASS_PROFILES_FILE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return profiles_from(path.name, csv.reader(file))
    except FileNotFoundError:
        raise DocumentError([f"{path.name} is missing in {path.parent}"]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DocumentError([f"{path.name} cannot be read as CSV: {error}"]) from None


def _documents(folder: str) -> dict[str, object]:
    """The documents of a folder by file name."""
    documents, found = {}, list[str]()
    for path in sorted((REFERENCE / folder).glob("*.yml")):
        try:
            documents[path.name] = document_of(path)
        except DocumentError as error:
            found += error.mistakes
    if found:
        raise DocumentError(found)
    return documents


def document_of(path: Path) -> object:
    """The parsed document of a YAML file.

    Raises:
        DocumentError: With one sentence, where it is missing or no YAML.
    """
    try:
        document: object = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError([f"{path.name} cannot be read as YAML: {error.problem}, in line {line}"]) from None
    except RecursionError:
        raise DocumentError([f"{path.name} cannot be read as YAML: it is nested too deep"]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError([f"{path.name} cannot be read as YAML: {' '.join(str(error).split())}"]) from None
    except FileNotFoundError:
        raise DocumentError([f"{path.name} is missing in {path.parent}"]) from None
    return document
