"""VEE settings: thresholds as data, frozen once read."""

from dataclasses import asdict, dataclass, fields

from models.documents import DocumentError, Node
from models.tables.base import RULE_CODES
from models.tables.vee import ACTIONS, SEVERITIES
from models.vee.class_profiles import ClassProfile

_MOST_MINUTES, _MOST_DAYS, _MOST_COUNT, _MOST_WH, _MOST_SECONDS = 1440, 3660, 10_000, 10**9, 10**6
_PER_MILLE = 1000

METHOD_VERSION = 5
"""Raised by hand when the same reads and settings would give other results."""


@dataclass(frozen=True)
class Rule:
    """One validation rule.

    Attributes:
        rule_code: V01 to V17.
        rule_name: Name as utilities know it.
        severity_code: info, warning or error, where nothing makes it more.
        action_code: What a failure leads to.
        description: The rule in one sentence.
    """

    rule_code: str
    rule_name: str
    severity_code: str
    action_code: str
    description: str


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of a customer class; ratios in thousandths, so that comparisons are exact.

    Attributes:
        spike_ratio: Excess of the highest over the third highest value, as a share of the latter (V06).
        spike_history_ratio: Highest value over the highest of the days before (V06).
        stuck_count: Equal values in a row (V07).
        small_stuck_count: The same for values below `small_wh`.
        small_wh: Watt-hours.
        zero_minutes: Minutes of zeros on every channel (V08).
        false_zero_minutes: The same where the register moved.
        sum_ratio: Share of the register difference (V09).
        low_ratio: Least of a day's use over that of like weekdays (V10).
        high_ratio: Most of it.
        prolonged_days: Days on end that may be estimated without an alert (V17).
    """

    spike_ratio: int
    spike_history_ratio: int
    stuck_count: int
    small_stuck_count: int
    small_wh: int
    zero_minutes: int
    false_zero_minutes: int
    sum_ratio: int
    low_ratio: int
    high_ratio: int
    prolonged_days: int

    @classmethod
    def from_node(cls, node: Node) -> "Thresholds":
        """Thresholds of one class."""
        found = node.fields(field.name for field in fields(cls))
        most = {"prolonged_days": _MOST_DAYS, "small_wh": _MOST_WH}
        return cls(
            **{
                name: round(child.number(0) * _PER_MILLE)
                if name.endswith("ratio")
                else child.integer(1, most.get(name, _MOST_COUNT))
                for name, child in found.items()
            }
        )


@dataclass(frozen=True)
class EventCodes:
    """Codes of meter events by what they mean, in capitals.

    Attributes:
        outage_start: Power was lost.
        outage_end: Power is back.
        disconnect: Service was cut off.
        connect: Service was restored.
        clock: The clock was found wrong, by as many seconds as the event's text names.
    """

    outage_start: tuple[str, ...]
    outage_end: tuple[str, ...]
    disconnect: tuple[str, ...]
    connect: tuple[str, ...]
    clock: tuple[str, ...]

    @classmethod
    def from_node(cls, node: Node) -> "EventCodes":
        """Codes by meaning."""
        found = node.fields(field.name for field in fields(cls))
        return cls(**{name: tuple(code.text() for code in child.elements()) for name, child in found.items()})


@dataclass(frozen=True)
class VeeSettings:
    """Thresholds of the rules and of the estimation ladder.

    Attributes:
        rules: Rules by code.
        service_kva: Service rating in kVA by customer class; decides the impossible maximum (V05).
        service_margin_ratio: Factor on the service rating below which a value is possible.
        thresholds: Thresholds by customer class.
        register_counts: Counts of a register by which a sum may be wrong (V09).
        register_resolution_wh: Watt-hours of a count where the multiplier is 1.
        spike_block_days: Days, the judged one included, whose third highest value counts (V06).
        spike_history_days: Days before whose highest value counts (V06).
        spike_minimum_days: Valid days among these below which nothing is called a spike.
        high_low_weeks: Weeks before with which a day is compared (V10).
        high_low_minimum_weeks: Valid days among these below which nothing is compared.
        clock_warning_seconds: Clock error that is tolerated (V12).
        clock_error_seconds: Clock error that is no more than a warning.
        events: Codes of meter events.
        linear_gap_minutes: Longest gap that is interpolated (E1), in minutes.
        like_day_lookback_days: How many days back an earlier like day may lie (E2).
        like_day_count: Like days that are averaged, at most.
        like_day_minimum_count: Like days below which the class profile serves (E3).
        class_profiles: Profiles of classes (E3).
    """

    rules: tuple[Rule, ...]
    service_kva: tuple[tuple[str, float], ...]
    service_margin_ratio: float
    thresholds: tuple[tuple[str, Thresholds], ...]
    register_counts: int
    register_resolution_wh: int
    spike_block_days: int
    spike_history_days: int
    spike_minimum_days: int
    high_low_weeks: int
    high_low_minimum_weeks: int
    clock_warning_seconds: int
    clock_error_seconds: int
    events: EventCodes
    linear_gap_minutes: int
    like_day_lookback_days: int
    like_day_count: int
    like_day_minimum_count: int
    class_profiles: tuple[ClassProfile, ...]

    @classmethod
    def from_document(cls, node: Node, class_profiles: tuple[ClassProfile, ...]) -> "VeeSettings":
        """Settings from the rule file and the class profiles.

        Raises:
            DocumentError: With one sentence per mistake.
        """
        numbers = {
            "register_counts": _MOST_COUNT,
            "register_resolution_wh": _MOST_WH,
            "spike_block_days": _MOST_DAYS,
            "spike_history_days": _MOST_DAYS,
            "spike_minimum_days": _MOST_DAYS,
            "high_low_weeks": _MOST_DAYS // 7,
            "high_low_minimum_weeks": _MOST_DAYS // 7,
            "clock_warning_seconds": _MOST_SECONDS,
            "clock_error_seconds": _MOST_SECONDS,
        }
        top = node.fields(
            ("rules", "service_kva", "service_margin_ratio", "thresholds", "events", "estimation", *numbers)
        )
        rules = top["rules"].fields(RULE_CODES)
        ladder = top["estimation"].fields(
            ("linear_gap_minutes", "like_day_lookback_days", "like_day_count", "like_day_minimum_count")
        )
        service_kva = tuple(sorted((name, kva.number(0)) for name, kva in top["service_kva"].items().items()))
        by_class = top["thresholds"].fields(name for name, _ in service_kva)
        settings = cls(
            rules=tuple(_rule(code, rules[code]) for code in RULE_CODES),
            service_kva=service_kva,
            service_margin_ratio=top["service_margin_ratio"].number(0),
            thresholds=tuple((name, Thresholds.from_node(by_class[name])) for name, _ in service_kva),
            **{name: top[name].integer(1, most) for name, most in numbers.items()},
            events=EventCodes.from_node(top["events"]),
            linear_gap_minutes=ladder["linear_gap_minutes"].integer(0, _MOST_MINUTES),
            like_day_lookback_days=ladder["like_day_lookback_days"].integer(0, _MOST_DAYS),
            like_day_count=ladder["like_day_count"].integer(1, _MOST_DAYS),
            like_day_minimum_count=ladder["like_day_minimum_count"].integer(1, _MOST_DAYS),
            class_profiles=class_profiles,
        )
        longest = max(settings.spike_history_days, settings.spike_block_days, 7 * settings.high_low_weeks)
        if longest > settings.like_day_lookback_days:
            ladder["like_day_lookback_days"].wrong(f"must be {longest} or more: the rules look as far back")
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
    found = node.fields(("rule_name", "severity_code", "action_code", "description"))
    return Rule(
        rule_code=code,
        rule_name=found["rule_name"].text(),
        severity_code=found["severity_code"].choice(SEVERITIES),
        action_code=found["action_code"].choice(ACTIONS),
        description=found["description"].text(),
    )
