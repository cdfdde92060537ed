"""What the utility offers, from data/reference: tariffs, programs, behaviours, and the rules of their comparison.

Apart from the other reference data, so that questions about rates are answered at once.
"""

from dataclasses import dataclass
from functools import cache

from models.options.scenarios import Scenario, scenarios_from
from models.options.settings import ComparisonSettings
from models.programs import Program, programs_from
from models.tariffs import TariffBook, tariffs_from
from pipelines.documents import document, documents


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


@cache
def tariffs() -> TariffBook:
    """The tariffs of data/reference/tariffs.

    Raises:
        DocumentError: With one sentence per mistake in the files.
    """
    return tariffs_from(tariff_documents())


@cache
def tariff_documents() -> dict[str, object]:
    """The parsed files of data/reference/tariffs by name.

    Raises:
        DocumentError: With one sentence per file that cannot be read.
    """
    return documents("tariffs")


@cache
def programs() -> dict[str, Program]:
    """The programs of data/reference/programs by id.

    Raises:
        DocumentError: With one sentence per mistake in the files.
    """
    return programs_from(documents("programs"))


@cache
def comparison_settings() -> ComparisonSettings:
    """The rules of data/reference/comparison.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file, or in the tariffs and programs that it names.
    """
    return ComparisonSettings.from_document(document("comparison.yml"), sorted(tariffs().tariffs), sorted(programs()))


@cache
def scenarios() -> tuple[Scenario, ...]:
    """The behaviours of data/reference/scenarios.yml.

    Raises:
        DocumentError: With one sentence per mistake in the file.
    """
    return scenarios_from(document("scenarios.yml"))


def comparison_reference() -> ComparisonReference:
    """All that the comparison of options needs.

    Raises:
        DocumentError: With one sentence per mistake in the files.
    """
    return ComparisonReference(tariffs(), programs(), comparison_settings(), scenarios(), tariff_documents())
