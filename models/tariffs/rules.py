"""What all rate schedules share: baseline allocations, discounts, net metering, surcharges."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.documents import Node
from models.tariffs.schedules import SEASONS
from models.tariffs.versions import PRICE_PLACES

_KWH_PLACES = 3


@dataclass(frozen=True)
class BaselineRegion:
    """Baseline allocation of a region in watt-hours per day, by season.

    Attributes:
        basic: Where gas or another fuel heats.
        all_electric: Where electricity heats.
    """

    basic: Mapping[str, int]
    all_electric: Mapping[str, int]


@dataclass(frozen=True)
class Baseline:
    """Baseline allocations.

    Attributes:
        regions: By region.
        medical: Additional allocation for medical equipment, watt-hours per day.
    """

    regions: Mapping[str, BaselineRegion]
    medical: int


@dataclass(frozen=True)
class Discount:
    """A discount for eligible households.

    Attributes:
        energy_discount: Share of energy charges after the baseline credit that is taken off, in 1e-5.
        base_services_charge_per_day: Base services charge of such customers, 1e-5 $ per day, instead of the schedule's.
    """

    energy_discount: int
    base_services_charge_per_day: int


@dataclass(frozen=True)
class NetMetering:
    """Terms of net metering.

    Attributes:
        non_bypassable: Part of the energy price that exports do not offset, 1e-5 $ per kWh.
        true_up_bills: Number of bills after which credits end.
    """

    non_bypassable: int
    true_up_bills: int


@dataclass(frozen=True)
class Surcharges:
    """Charges of public bodies.

    Attributes:
        state_surcharge: State energy surcharge, 1e-5 $ per kWh.
    """

    state_surcharge: int


def read_baseline(fields: dict[str, Node]) -> Baseline:
    """Read a version of `baseline.yml`."""
    regions = {region: _region(node) for region, node in fields["regions"].items().items()}
    return Baseline(regions, fields["medical_kwh_per_day"].decimal(_KWH_PLACES))


def read_discount(fields: dict[str, Node]) -> Discount:
    """Read a version of a discount in `discounts.yml`."""
    share = fields["energy_discount_ratio"].decimal(PRICE_PLACES)
    if share > 10**PRICE_PLACES:
        fields["energy_discount_ratio"].wrong("must be at most 1")
    return Discount(share, fields["base_services_charge_per_day"].decimal(PRICE_PLACES))


def read_net_metering(fields: dict[str, Node]) -> NetMetering:
    """Read a version of `net_metering.yml`."""
    return NetMetering(fields["non_bypassable_per_kwh"].decimal(PRICE_PLACES), fields["true_up_bills"].integer(1, 24))


def read_surcharges(fields: dict[str, Node]) -> Surcharges:
    """Read a version of `surcharges.yml`."""
    return Surcharges(fields["state_surcharge_per_kwh"].decimal(PRICE_PLACES))


def _region(node: Node) -> BaselineRegion:
    seasons = node.fields(SEASONS)
    kinds = {season: seasons[season].fields(("basic", "all_electric")) for season in SEASONS}
    return BaselineRegion(
        basic={season: kinds[season]["basic"].decimal(_KWH_PLACES) for season in SEASONS},
        all_electric={season: kinds[season]["all_electric"].decimal(_KWH_PLACES) for season in SEASONS},
    )
