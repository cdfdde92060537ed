"""Settings of the comparison of options: thresholds as data, frozen once read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.documents import DocumentError, Node
from models.tariffs import STATUSES
from models.tariffs.versions import ILLUSTRATIVE

LEVELS = ("low", "typical", "high")
"""How much a household does in events."""

_SPAN = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_RATIO_PLACES, _USD_PLACES = 5, 2
_ONE = 10**_RATIO_PLACES
_MOST_DAYS, _MOST_DRAWS, _MOST_EVENTS, _MOST_KW = 3660, 10_000, 366, 1_000_000


@dataclass(frozen=True)
class History:
    """What is compared, and how much of it there must be."""

    bill_count: int
    firm_day_count: int
    provisional_day_count: int
    minimum_actual_ratio: float


@dataclass(frozen=True)
class Reproduction:
    """How well past bills must come out; the tolerance in cents."""

    minimum_ratio: float
    tolerance_cents: int
    tolerance_ratio: float


@dataclass(frozen=True)
class Bootstrap:
    """How years are drawn anew, and which quantiles are published."""

    draw_count: int
    low_quantile: float
    high_quantile: float


@dataclass(frozen=True)
class RecommendationRule:
    """When an option is recommended; money in cents."""

    minimum_saving_cents: int
    minimum_saving_ratio: float
    minimum_win_probability: float
    tie_cents: int
    most_options: int


@dataclass(frozen=True)
class RateRules:
    """Who may hold which rate.

    Attributes:
        minimum_stay_months: Months on a time-of-use rate after moving to it.
        demand_limits_kw: Highest demand of a year by rate: above the first, up to the second.
        excludes_net_metering: Rates that customers with net metering cannot have.
    """

    minimum_stay_months: int
    demand_limits_kw: Mapping[str, tuple[int, int]]
    excludes_net_metering: tuple[str, ...]


@dataclass(frozen=True)
class ExpectedEvents:
    """Events of a program as they may come in a year.

    Attributes:
        event_count: Events a year.
        first_hour: Local hour in which they begin.
        end_hour: Local hour at which they end.
        drops: Share of the use in the window that a household saves, in 1e-5, by level.
        status: How well this is known, as for tariffs.
    """

    event_count: int
    first_hour: int
    end_hour: int
    drops: Mapping[str, int]
    status: str

    @property
    def is_illustrative(self) -> bool:
        """True where the expectation is not sourced."""
        return self.status == ILLUSTRATIVE


@dataclass(frozen=True)
class PeakTimeRebate:
    """What use in events is held against: the mean of the highest of some eligible days before."""

    reference_day_count: int
    highest_day_count: int


@dataclass(frozen=True)
class CoolingTons:
    """Size of a central air conditioner from its rating."""

    volt_amperes_per_ton: int
    added_tons: float


@dataclass(frozen=True)
class ComparisonSettings:
    """All settings of comparison and recommendation.

    Attributes:
        version: Version of the rules, shown with what rests on them.
    """

    version: str
    history: History
    reproduction: Reproduction
    bootstrap: Bootstrap
    recommendation: RecommendationRule
    rates: RateRules
    expected_events: Mapping[str, ExpectedEvents]
    peak_time_rebate: PeakTimeRebate
    cooling_tons: CoolingTons

    @classmethod
    def from_document(cls, node: Node, rate_codes: Sequence[str], program_ids: Sequence[str]) -> "ComparisonSettings":
        """Settings from data/reference/comparison.yml.

        Args:
            node: The document.
            rate_codes: Rates that there are.
            program_ids: Programs that there are.

        Raises:
            DocumentError: With one sentence per mistake.
        """
        fields = node.fields(
            (
                "version", "history", "reproduction", "bootstrap", "recommendation", "rates", "expected_events",
                "peak_time_rebate", "cooling_tons",
            )
        )  # fmt: skip
        settings = cls(
            version=fields["version"].text(),
            history=_history(fields["history"]),
            reproduction=_reproduction(fields["reproduction"]),
            bootstrap=_bootstrap(fields["bootstrap"]),
            recommendation=_recommendation(fields["recommendation"]),
            rates=_rates(fields["rates"], rate_codes),
            expected_events={
                name: _events(child)
                for name, child in _known(fields["expected_events"], program_ids, "program").items()
            },
            peak_time_rebate=_peak_time_rebate(fields["peak_time_rebate"]),
            cooling_tons=_cooling_tons(fields["cooling_tons"]),
        )
        if node.mistakes:
            raise DocumentError(node.mistakes)
        return settings


def hours_of(node: Node) -> tuple[int, int]:
    """First local hour of a span such as 16-21, and the hour at which it ends."""
    text = node.text()
    span = _SPAN.fullmatch(text)
    first, end = (int(span[1]), int(span[2])) if span else (0, 0)
    if not 0 <= first < end <= 24:
        if text:
            node.wrong(f'must be hours of the day such as "16-21", not "{text}"')
        return 0, 24
    return first, end


def ratio_of(node: Node) -> int:
    """A share from 0 to 1 written as text, in 1e-5."""
    share = node.decimal(_RATIO_PLACES)
    if share > _ONE:
        node.wrong("must be at most 1")
    return share


def _share(node: Node) -> float:
    share = node.number(0)
    if share > 1:
        node.wrong(f"must be a share from 0 to 1, not {share:g}")
    return share


def _history(node: Node) -> History:
    fields = node.fields(("bill_count", "firm_day_count", "provisional_day_count", "minimum_actual_ratio"))
    firm = fields["firm_day_count"].integer(1, _MOST_DAYS)
    return History(
        bill_count=fields["bill_count"].integer(1, 12),
        firm_day_count=firm,
        provisional_day_count=fields["provisional_day_count"].integer(1, firm),
        minimum_actual_ratio=_share(fields["minimum_actual_ratio"]),
    )


def _reproduction(node: Node) -> Reproduction:
    fields = node.fields(("minimum_ratio", "tolerance_usd", "tolerance_ratio"))
    return Reproduction(
        minimum_ratio=_share(fields["minimum_ratio"]),
        tolerance_cents=fields["tolerance_usd"].decimal(_USD_PLACES),
        tolerance_ratio=_share(fields["tolerance_ratio"]),
    )


def _bootstrap(node: Node) -> Bootstrap:
    fields = node.fields(("draw_count", "low_quantile", "high_quantile"))
    low, high = _share(fields["low_quantile"]), _share(fields["high_quantile"])
    if low >= high:
        node.wrong("must have a low quantile below the high one")
    return Bootstrap(fields["draw_count"].integer(1, _MOST_DRAWS), low, high)


def _recommendation(node: Node) -> RecommendationRule:
    fields = node.fields(
        ("minimum_saving_usd", "minimum_saving_ratio", "minimum_win_probability", "tie_usd", "most_options")
    )
    return RecommendationRule(
        minimum_saving_cents=fields["minimum_saving_usd"].decimal(_USD_PLACES),
        minimum_saving_ratio=_share(fields["minimum_saving_ratio"]),
        minimum_win_probability=_share(fields["minimum_win_probability"]),
        tie_cents=fields["tie_usd"].decimal(_USD_PLACES),
        most_options=fields["most_options"].integer(1, 20),
    )


def _known(node: Node, names: Sequence[str], what: str) -> dict[str, Node]:
    """Nodes by key; keys that name nothing that there is are mistakes."""
    children = node.items()
    for name, child in children.items():
        if name not in names:
            child.wrong(f"is no {what}; known are {', '.join(sorted(names))}")
    return children


def _rates(node: Node, rate_codes: Sequence[str]) -> RateRules:
    fields = node.fields(("minimum_stay_months", "demand_limits_kw", "excludes_net_metering"))
    limits = {}
    for rate_code, child in _known(fields["demand_limits_kw"], rate_codes, "rate").items():
        bounds = [element.integer(0, _MOST_KW) for element in child.elements()]
        if len(bounds) != 2 or bounds[0] >= bounds[1]:
            child.wrong("must be two demands in kW, the lower one first, such as [0, 20]")
            bounds = [0, _MOST_KW]
        limits[rate_code] = (bounds[0], bounds[1])
    return RateRules(
        minimum_stay_months=fields["minimum_stay_months"].integer(0, 120),
        demand_limits_kw=limits,
        excludes_net_metering=tuple(
            element.choice(rate_codes) for element in fields["excludes_net_metering"].elements()
        ),
    )


def _events(node: Node) -> ExpectedEvents:
    fields = node.fields(("event_count", "hours", "drop_ratio", "status"))
    first, end = hours_of(fields["hours"])
    drops = fields["drop_ratio"].fields(LEVELS)
    return ExpectedEvents(
        event_count=fields["event_count"].integer(0, _MOST_EVENTS),
        first_hour=first,
        end_hour=end,
        drops={level: ratio_of(drops[level]) for level in LEVELS},
        status=fields["status"].choice(STATUSES),
    )


def _peak_time_rebate(node: Node) -> PeakTimeRebate:
    fields = node.fields(("reference_day_count", "highest_day_count"))
    days = fields["reference_day_count"].integer(1, 100)
    return PeakTimeRebate(days, fields["highest_day_count"].integer(1, days))


def _cooling_tons(node: Node) -> CoolingTons:
    fields = node.fields(("volt_amperes_per_ton", "added_tons"))
    return CoolingTons(fields["volt_amperes_per_ton"].integer(1, 100_000), fields["added_tons"].number(0))
