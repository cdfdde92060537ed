"""Values of a URDB record, held against what they may be."""

import math

from models.rates.urdb.findings import Findings

_SHOWN = 40
LARGEST = 1e12
"""A price or charge beyond a trillion dollars is none, and its bills would not be numbers."""


def shown(value: object) -> str:
    """A value for a sentence: cut where it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def number(value: object, place: str, findings: Findings, absent: float = 0.0, largest: float = LARGEST) -> float:
    """A number; null and absent are `absent`, anything else is refused.

    Args:
        value: What stands in the record.
        place: Where it stands, as `energyratestructure[0][1].rate`.
        findings: Where a refusal is noted.
        absent: What counts where there is nothing.
        largest: The largest number that it may be, above and below zero.
    """
    if value is None:
        return absent
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            result = float(value)
        except OverflowError:
            result = math.inf
        if abs(result) <= largest:
            return result
    findings.refuse("wrong_value", f"{place} must be a number up to {largest:.0e}, not {shown(value)}")
    return absent


def is_nothing(value: object) -> bool:
    """Whether a field says nothing: null, empty, zero, or only such values within it."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value == 0
    if isinstance(value, str):
        return not value.strip() or _is_zero_text(value)
    if isinstance(value, dict):
        return all(is_nothing(inner) for inner in value.values())
    if isinstance(value, list):
        return all(is_nothing(inner) for inner in value)
    return value is None


def holds_amount(value: object) -> bool:
    """Whether a field holds a number other than zero, at whatever depth; limits of tiers are no amounts."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return value != 0
    if isinstance(value, str):
        return _is_number_text(value) and not _is_zero_text(value)
    if isinstance(value, dict):
        return any(holds_amount(inner) for key, inner in value.items() if key != "max")
    return isinstance(value, list) and any(holds_amount(inner) for inner in value)


def _is_number_text(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_zero_text(text: str) -> bool:
    return _is_number_text(text) and float(text) == 0
