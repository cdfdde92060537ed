"""What a URDB record is refused for, and what is only pointed out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "not_a_tariff": "not a single URDB record with prices of energy",
        "wrong_value": "a field has a value that it cannot have",
        "wrong_schedule": "a schedule is lacking, or is not 12 months of 24 hours with periods from 0 on",
        "missing_period": "a schedule names a period that has no prices",
        "unequal_tiers": "periods of one month have tiers that end at different limits",
        "tier_limits": "the limits of tiers do not rise",
        "tier_unit": "a tier is not in kWh, kWh daily, kWh/kW or kWh/kW daily, or a ladder mixes them",
        "demand_unit": "demand is not in kW",
        "charge_unit": "a fixed or minimum charge is not per month, day or year",
        "reactive_power": "charges for reactive power, which a load in kWh does not show",
        "coincident_peak": "charges for demand at the time of the system's peak, which a load does not show",
        "fuel_adjustment": "adjustments by month that URDB gives no rule for",
        "demand_ratchet": "billing demand that depends on earlier months",
        "metering_rule": "exports under a rule for distributed generation that is not known",
        "separate_meters": "exports where load and generation are to be metered apart",
        "unknown_charge": "a field that is not known, and looks like a charge",
    }
)
NOTICES: Mapping[str, str] = MappingProxyType(
    {
        "negative_price": "a price is below zero",
        "no_price": "a tier states no price, and counts as zero",
        "last_tier_limit": "the last tier has a limit, beyond which its price goes on",
        "unreachable_tier": "a tier follows one without a limit",
        "ignored_charge": "a charge that is left out of the bills",
        "ignored_field": "a field that is not known, and no charge",
        "holidays_not_applied": "holidays are named without dates, and priced as other days",
        "demand_window": "demand is that of the load's intervals",
        "no_metering_rule": "a rule for distributed generation that is not known",
        "illustrative": "figures that are not sourced",
    }
)


@dataclass(frozen=True)
class Finding:
    """One thing about a tariff.

    Attributes:
        code: A key of `REFUSALS` or `NOTICES`.
        detail: One sentence that names the field.
    """

    code: str
    detail: str


class RefusedTariffError(ValueError):
    """A tariff that is not priced, because its bills would be wrong.

    Attributes:
        finding: Why.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.detail)
        self.finding = finding


@dataclass
class Findings:
    """Gathers what is found while a record is read.

    Attributes:
        refusals: What it is refused for.
        notices: What is only pointed out.
    """

    refusals: list[Finding] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)

    def refuse(self, code: str, detail: str) -> None:
        """Note a reason to refuse the record."""
        _note(self.refusals, Finding(code, detail), REFUSALS)

    def point_out(self, code: str, detail: str) -> None:
        """Note what is no reason to refuse it."""
        _note(self.notices, Finding(code, detail), NOTICES)


def _note(findings: list[Finding], finding: Finding, known: Mapping[str, str]) -> None:
    if finding.code not in known:
        raise KeyError(finding.code)
    if finding not in findings:
        findings.append(finding)
