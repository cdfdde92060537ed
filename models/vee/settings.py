"""VEE settings: thresholds as data, frozen once read."""

from dataclasses import asdict, dataclass

from models.documents import DocumentError, Node
from models.tables.base import RULE_CODES
from models.tables.vee import ACTIONS, SEVERITIES

_MOST_MINUTES, _MOST_DAYS = 1440, 3660

METHOD_VERSION = 3
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
    def from_document(cls, node: Node) -> "VeeSettings":
        """Settings from the rule file.

        Raises:
            DocumentError: With one sentence per mistake.
        """
        fields = node.fields(("rules", "service_kva", "service_margin_ratio", "estimation"))
        rules = fields["rules"].fields(RULE_CODES)
        ladder = fields["estimation"].fields(
            ("linear_gap_minutes", "like_day_lookback_days", "like_day_count", "like_day_minimum_count")
        )
        settings = cls(
            rules=tuple(_rule(code, rules[code]) for code in RULE_CODES),
            service_kva=tuple(sorted((name, kva.number(0)) for name, kva in fields["service_kva"].items().items())),
            service_margin_ratio=fields["service_margin_ratio"].number(0),
            linear_gap_minutes=ladder["linear_gap_minutes"].integer(0, _MOST_MINUTES),
            like_day_lookback_days=ladder["like_day_lookback_days"].integer(0, _MOST_DAYS),
            like_day_count=ladder["like_day_count"].integer(1, _MOST_DAYS),
            like_day_minimum_count=ladder["like_day_minimum_count"].integer(1, _MOST_DAYS),
        )
        if node.mistakes:
            raise DocumentError(node.mistakes)
        return settings

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


def _rule(code: str, node: Node) -> Rule:
    fields = node.fields(("rule_name", "severity_code", "action_code", "description"))
    return Rule(
        rule_code=code,
        rule_name=fields["rule_name"].text(),
        severity_code=fields["severity_code"].choice(SEVERITIES),
        action_code=fields["action_code"].choice(ACTIONS),
        description=fields["description"].text(),
    )
