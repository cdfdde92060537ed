"""VEE settings: thresholds as data, frozen once read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.tables.base import RULE_CODES
from models.tables.vee import ACTIONS, SEVERITIES

METHOD_VERSION = 1
"""Raised by hand when the same reads and settings would give other results."""


@dataclass(frozen=True)
class Rule:
    """One validation rule.

    Attributes:
        rule_code: V01 to V05.
        rule_name: Name as utilities know it.
        severity_code: info, warning or error.
        action_code: What a failure leads to.
        description: The rule in one sentence.
    """

    rule_code: str
    rule_name: str
    severity_code: str
    action_code: str
    description: str


@dataclass(frozen=True)
class VeeSettings:
    """Thresholds of the first rules and of the estimation ladder.

    Attributes:
        rules: Rules by code.
        service_kva: Service rating in kVA by customer class; decides the impossible maximum (V05).
        service_margin_ratio: Factor on the service rating below which a value is possible.
        linear_gap_minutes: Longest gap that is interpolated (E1), in minutes.
        like_day_lookback_days: How many days back an earlier like day may lie (E2).
        like_day_count: Like days that are averaged, at most.
        like_day_minimum_count: Like days below which nothing is estimated.
    """

    rules: tuple[Rule, ...]
    service_kva: tuple[tuple[str, float], ...]
    service_margin_ratio: float
    linear_gap_minutes: int
    like_day_lookback_days: int
    like_day_count: int
    like_day_minimum_count: int

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> "VeeSettings":
        """Settings from the parsed rule file.

        Raises:
            ValueError: A rule is missing or unknown, or a code is not in its list; the message names it.
        """
        rules = tuple(Rule(rule_code=code, **row) for code, row in data["rules"].items())
        if tuple(rule.rule_code for rule in rules) != RULE_CODES:
            raise ValueError(f"rules must be {', '.join(RULE_CODES)} in this order")
        for rule in rules:
            if rule.severity_code not in SEVERITIES:
                raise ValueError(f"{rule.rule_code}: severity {rule.severity_code} is not one of {SEVERITIES}")
            if rule.action_code not in ACTIONS:
                raise ValueError(f"{rule.rule_code}: action {rule.action_code} is not one of {ACTIONS}")
        ladder = data["estimation"]
        return cls(
            rules=rules,
            service_kva=tuple(sorted((str(name), float(kva)) for name, kva in data["service_kva"].items())),
            service_margin_ratio=float(data["service_margin_ratio"]),
            linear_gap_minutes=int(ladder["linear_gap_minutes"]),
            like_day_lookback_days=int(ladder["like_day_lookback_days"]),
            like_day_count=int(ladder["like_day_count"]),
            like_day_minimum_count=int(ladder["like_day_minimum_count"]),
        )

    @property
    def customer_classes(self) -> tuple[str, ...]:
        """Classes for which limits are known."""
        return tuple(name for name, _ in self.service_kva)

    def limit_wh_per_hour(self, customer_class: str) -> int:
        """Largest possible energy of one hour in Wh for a class (rule V05)."""
        return round(dict(self.service_kva)[customer_class] * 1000 * self.service_margin_ratio)

    def as_text(self) -> str:
        """Canonical text: equal settings and method version give equal text."""
        return f"{METHOD_VERSION} {sorted(asdict(self).items())}"
