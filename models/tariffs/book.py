"""All tariff data of a utility, from the documents of its tariff folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.documents import DocumentError, Node
from models.tariffs.calendar import TariffCalendar, read_calendar
from models.tariffs.rules import (
    Baseline,
    Discount,
    NetMetering,
    Surcharges,
    read_baseline,
    read_discount,
    read_net_metering,
    read_surcharges,
)
from models.tariffs.schedule_files import read_tariff
from models.tariffs.schedules import Tariff
from models.tariffs.versions import Content, History, read_history

DISCOUNTS = ("care", "fera")
SHARED_FILES = ("baseline.yml", "calendar.yml", "discounts.yml", "net_metering.yml", "surcharges.yml")


@dataclass(frozen=True)
class TariffBook:
    """All tariff data of a utility.

    Attributes:
        tariffs: Rate schedules by code.
        calendar: Seasons and holidays.
        baseline: Baseline allocations.
        discounts: `care` and `fera`.
        net_metering: Terms of net metering.
        surcharges: Charges of public bodies.
    """

    tariffs: Mapping[str, Tariff]
    calendar: TariffCalendar
    baseline: History[Baseline]
    discounts: Mapping[str, History[Discount]]
    net_metering: History[NetMetering]
    surcharges: History[Surcharges]

    def figures_since(self, day: date) -> date:
        """The latest date up to a day on which any figure became effective: from then to the day nothing changed."""
        histories: list[History[Any]] = [
            *(tariff.history for tariff in self.tariffs.values()),
            self.baseline,
            *self.discounts.values(),
            self.net_metering,
            self.surcharges,
        ]
        dates = {version.effective_date for history in histories for version in history.versions}
        return max((effective for effective in dates if effective <= day), default=day)


def tariffs_from(documents: Mapping[str, object]) -> TariffBook:
    """Tariff data from parsed documents.

    Args:
        documents: By file name: the five shared files, and one file per rate schedule named after its code.

    Raises:
        DocumentError: With one sentence per mistake, of all files.
    """
    mistakes: list[str] = [f"the tariff folder lacks {name}" for name in SHARED_FILES if name not in documents]
    nodes = {name: Node(name, "", document, mistakes) for name, document in sorted(documents.items())}
    shared = {name: nodes.get(name, Node(name, "", None, [])) for name in SHARED_FILES}
    tariffs = [read_tariff(node) for name, node in nodes.items() if name not in SHARED_FILES]
    discounts = shared["discounts.yml"].fields(DISCOUNTS)
    book = TariffBook(
        tariffs={tariff.rate_code: tariff for tariff in tariffs},
        calendar=read_calendar(shared["calendar.yml"]),
        baseline=_versions(
            shared["baseline.yml"], "the baseline allocation", ("medical_kwh_per_day", "regions"), read_baseline
        ),
        discounts={name: _discount(name, node) for name, node in discounts.items()},
        net_metering=_versions(
            shared["net_metering.yml"], "net metering", ("non_bypassable_per_kwh", "true_up_bills"), read_net_metering
        ),
        surcharges=_versions(
            shared["surcharges.yml"], "the state surcharge", ("state_surcharge_per_kwh",), read_surcharges
        ),
    )
    if mistakes:
        raise DocumentError(mistakes)
    return book


def _versions(
    node: Node, name: str, keys: tuple[str, ...], read: Callable[[dict[str, Node]], Content]
) -> History[Content]:
    return read_history(node.fields(("versions",))["versions"], name, keys, (), read)


def _discount(name: str, node: Node) -> History[Discount]:
    return _versions(
        node, f"the discount {name}", ("energy_discount_ratio", "base_services_charge_per_day"), read_discount
    )
