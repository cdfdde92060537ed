"""Rules of the audit list: thresholds as data, frozen once read."""

from dataclasses import dataclass

from models.documents import DocumentError, Node

FINDING_CODES = (
    "high_base_load", "oversized_cooling", "peak_heavy_use", "weekend_and_night_use", "unusual_jump", "wrong_plan",
)  # fmt: skip
"""What an audit may find, in the order in which findings of equal worth are named."""
_MOST_PEERS = 100_000


@dataclass(frozen=True)
class AuditRule:
    """When a finding stands.

    Attributes:
        finding_code: One of `FINDING_CODES`.
        minimum_ratio: Least ratio to what it is held against.
        minimum_saving_cents: Least worth of a year.
        minimum_peer_count: Similar customers that there must be.
        minimum_weather_r2_ratio: Least adjusted R² of a weather model whose cooling counts.
    """

    finding_code: str
    minimum_ratio: float
    minimum_saving_cents: int
    minimum_peer_count: int
    minimum_weather_r2_ratio: float


def audit_rules_from(node: Node) -> tuple[AuditRule, ...]:
    """Rules of data/reference/audit_rules.yml.

    Raises:
        DocumentError: With one sentence per mistake.
    """
    fields = node.fields(("minimum_peer_count", "minimum_weather_r2_ratio", "findings"))
    peers = fields["minimum_peer_count"].integer(1, _MOST_PEERS)
    weather = fields["minimum_weather_r2_ratio"].number(0)
    found = fields["findings"].fields(FINDING_CODES)
    rules = []
    for code in FINDING_CODES:
        figures = found[code].fields(("minimum_ratio", "minimum_saving_usd"))
        ratio = figures["minimum_ratio"].number(1)
        rules.append(AuditRule(code, ratio, figures["minimum_saving_usd"].decimal(2), peers, weather))
    if node.mistakes:
        raise DocumentError(node.mistakes)
    return tuple(rules)
