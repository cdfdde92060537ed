"""Keys as people write them, turned into what the published tables hold."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pipelines.explain.explanation import WrongQuestionError
from pipelines.text import printable

_MOST_SHOWN = 60
_MOST_DIGITS = 9
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def _identifier(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError
    return text


def _month(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise ValueError
    return text


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise ValueError
    return int(text)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


@dataclass(frozen=True)
class Kind:
    """A kind of key.

    Attributes:
        parse: From text to value; raises ValueError or OverflowError.
        example: How it is written.
    """

    parse: Callable[[str], Any]
    example: str


IDENTIFIER = Kind(_identifier, "as the table has it")
DATE = Kind(date.fromisoformat, "2026-03-31")
MONTH = Kind(_month, "2026-03")
INSTANT = Kind(_instant, "2026-03-31T07:00Z, or with an offset; without one it is UTC")


NUMBER = Kind(_number, "1")


def parse(kinds: Mapping[str, Kind], texts: list[str]) -> dict[str, Any]:
    """Values of a key by column.

    Raises:
        WrongQuestionError: A text is not of its column's kind.
    """
    values = {}
    for (name, kind), text in zip(kinds.items(), texts, strict=True):
        try:
            values[name] = kind.parse(text)
        except (ValueError, OverflowError):
            shown = printable(text, _MOST_SHOWN)
            raise WrongQuestionError(f'"{shown}" is no {name}; write it {_as(kind)}') from None
    return values


def _as(kind: Kind) -> str:
    return kind.example if kind is IDENTIFIER else f"as {kind.example}"
