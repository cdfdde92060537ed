"""Dated versions: from which day on figures hold, how well they are known, and what is carried over a gap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from models.documents import Node

STATUSES = ("sourced", "one_source", "historical", "illustrative")
"""How well figures are known: two sources agree, one source, sourced but of an earlier time, not sourced."""
ILLUSTRATIVE = "illustrative"
PRICE_PLACES = 5

Content = TypeVar("Content")


@dataclass(frozen=True)
class Version(Generic[Content]):
    """Figures from a date on.

    Attributes:
        effective_date: First local date on which they hold; they hold until the next version.
        prices_date: Effective date of the version that states the figures: the same date, or that of the version from
            which they are carried over a gap. Versions with equal prices_date have equal figures.
        status: One of `STATUSES`.
        source: Where the figures were read.
        content: The figures.
    """

    effective_date: date
    prices_date: date
    status: str
    source: str
    content: Content

    @property
    def is_illustrative(self) -> bool:
        """True where the figures, or their use at this time, are not sourced."""
        return self.status == ILLUSTRATIVE


@dataclass(frozen=True)
class History(Generic[Content]):
    """Versions in the order of their effective dates.

    Attributes:
        name: What it is a history of, for messages.
        versions: At least one.
    """

    name: str
    versions: tuple[Version[Content], ...]

    def on(self, day: date) -> Version[Content]:
        """The version that holds on a local date.

        Raises:
            LookupError: The date lies before the first version.
        """
        for version in reversed(self.versions):
            if version.effective_date <= day:
                return version
        raise LookupError(
            f"{self.name} has no version for {day}: the first holds from {self.versions[0].effective_date}"
        )


def read_history(
    node: Node,
    name: str,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    read: Callable[[dict[str, Node]], Content],
) -> History[Content]:
    """Read a list of versions.

    Args:
        node: The list. A version has `effective_date`, `status` and either `source` and figures, or `carried_from`, the
            effective date of another version whose figures it repeats.
        name: What it is a history of.
        required: Keys that a version with figures must have.
        optional: Keys that it may have.
        read: Makes the content from the nodes of these keys.

    Returns:
        The versions sorted by date.
    """
    stated: dict[date, Version[Content]] = {}
    carried: dict[date, tuple[date, str, Node]] = {}
    for element in node.elements():
        is_carried = isinstance(element.value, dict) and "carried_from" in element.value
        keys = ("carried_from",) if is_carried else ("source", *required)
        children = element.fields(("effective_date", "status", *keys), () if is_carried else optional)
        day, status = children["effective_date"].date(), children["status"].choice(STATUSES)
        if day != date.min and (day in stated or day in carried):
            children["effective_date"].wrong(f"{day} stands twice, so that two versions overlap")
        elif is_carried:
            carried[day] = (children["carried_from"].date(), status, element)
        else:
            source = children["source"].text()
            stated[day] = Version(day, day, status, source, read(children))
    versions = [*stated.values(), *_carried_over(stated, carried)]
    if not versions:
        node.wrong("must have at least one version with figures")
    return History(name, tuple(sorted(versions, key=lambda version: version.effective_date)))


def _carried_over(
    stated: dict[date, Version[Content]], carried: dict[date, tuple[date, str, Node]]
) -> list[Version[Content]]:
    versions = []
    for day, (origin_date, status, element) in carried.items():
        origin = stated.get(origin_date)
        if origin is None:
            element.wrong(f"is carried from {origin_date}, on which no version with figures becomes effective")
        elif status != ILLUSTRATIVE:
            element.wrong("is carried over from another time, so its status must be illustrative")
        else:
            versions.append(Version(day, origin.prices_date, status, origin.source, origin.content))
    return versions
