"""Findings about a file's times, and the rules that settled them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something noticed about a file's times.

    Attributes:
        code: One of `models.tables.raw.FINDINGS`.
        count: Values that it concerns.
        text: The finding and its rule in one sentence.
    """

    code: str
    count: int
    text: str
