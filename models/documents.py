"""Checked reading of reference documents: every mistake in one sentence that names file and place, all at once."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

_T = TypeVar("_T")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]+)?")
_ABSENT = object()
_SHOWN = 60


class DocumentError(ValueError):
    """Reference documents that cannot be used.

    Attributes:
        mistakes: One sentence per mistake.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class Node:
    """A place in a document.

    Reading a value of the wrong kind notes a mistake and gives a neutral value, so that reading goes on to the next
    mistake; whoever reads raises `DocumentError` at the end if there are any.

    Attributes:
        file: Name of the file.
        path: Place within it, such as `versions[2].energy`.
        value: What stands there.
        mistakes: Where mistakes are noted; shared by all nodes of a reading.
    """

    file: str
    path: str
    value: object
    mistakes: list[str] = field(repr=False)

    @property
    def is_present(self) -> bool:
        """False where the document has nothing here; the mistake, if it is one, is noted already."""
        return self.value is not _ABSENT

    def wrong(self, reason: str) -> None:
        """Note a mistake at this place: `reason` goes on after the file and the place."""
        place = f"{self.file}: {self.path}" if self.path else self.file
        self.mistakes.append(f"{place} {reason}")

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, "Node"]:
        """Nodes by key; missing keys and unknown keys are mistakes.

        Returns:
            One node for every required and optional key; those that are not there are not `is_present`.
        """
        required, optional = tuple(required), tuple(optional)
        children = self.items()
        if not isinstance(self.value, Mapping):
            children = {}
        else:
            for key, child in children.items():
                if key not in (*required, *optional):
                    child.wrong(f"is not known here; known are {', '.join((*required, *optional))}")
            for key in required:
                if key not in children:
                    self.wrong(f"lacks {key}")
        absent = {key: self._child(key, _ABSENT) for key in (*required, *optional)}
        return {key: children.get(key, absent[key]) for key in (*required, *optional)}

    def items(self) -> dict[str, "Node"]:
        """Nodes by key, whatever the keys are; anything but a non-empty mapping is a mistake."""
        if not self.is_present:
            return {}
        if not isinstance(self.value, Mapping) or not self.value:
            self.wrong("must be a mapping of names to values")
            return {}
        return {str(key): self._child(str(key), value) for key, value in self.value.items()}

    def elements(self) -> list["Node"]:
        """Nodes of a list; anything but a list is a mistake."""
        if not self.is_present:
            return []
        if not isinstance(self.value, list):
            self.wrong("must be a list")
            return []
        return [Node(self.file, f"{self.path}[{n}]", value, self.mistakes) for n, value in enumerate(self.value)]

    def text(self) -> str:
        """Non-empty text."""
        if isinstance(self.value, str) and self.value.strip():
            return self.value.strip()
        return self._refused("a text", "")

    def choice(self, options: Sequence[str]) -> str:
        """One of several words."""
        if isinstance(self.value, str) and self.value in options:
            return self.value
        return self._refused(f"one of {', '.join(options)}", options[0])

    def date(self) -> date:
        """A date; a date with a time is a mistake."""
        if type(self.value) is date:
            return self.value
        return self._refused("a date such as 2026-06-01", date.min)

    def integer(self, least: int, most: int) -> int:
        """A whole number between two bounds, both included."""
        if isinstance(self.value, int) and not isinstance(self.value, bool) and least <= self.value <= most:
            return self.value
        return self._refused(f"a whole number from {least} to {most}", least)

    def flag(self) -> bool:
        """True or false."""
        if isinstance(self.value, bool):
            return self.value
        return self._refused("true or false", default=False)

    def number(self, least: float) -> float:
        """A finite number that is not below a bound."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool) and least <= self.value < math.inf:
            return float(self.value)
        return self._refused(f"a number, {least:g} or more", least)

    def decimal(self, places: int) -> int:
        """An exact decimal number written as text, zero or more.

        Args:
            places: Digits that the number may have after the point.

        Returns:
            The number in units of 10^-places: "0.35546" with five places is 35,546.
        """
        text = self.value
        if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
            return self._refused('a number in quotation marks, such as "0.35546"', 0)
        whole, _, digits = text.partition(".")
        if text.startswith("-"):
            return self._refused("zero or more", 0)
        if len(digits) > places:
            return self._refused(f"a number with at most {places} digits after the point", 0)
        return int(whole + digits.ljust(places, "0"))

    def _refused(self, wanted: str, default: _T) -> _T:
        if self.is_present:
            shown = repr(self.value) if not isinstance(self.value, str) else f'"{self.value}"'
            shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
            self.wrong(f"must be {wanted}, not {shown}")
        return default

    def _child(self, key: str, value: object) -> "Node":
        return Node(self.file, f"{self.path}.{key}" if self.path else key, value, self.mistakes)
