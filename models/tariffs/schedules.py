"""Rate schedules: time-of-use periods and the prices of each version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from models.tariffs.versions import History, Version

SEASONS = ("summer", "winter")
PERIODS = ("on_peak", "mid_peak", "off_peak", "super_off_peak", "all_day")
DAY_KINDS = ("weekday", "weekend")
HOURS = 24

Schedule = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Period of each hour 0 to 23, by season and by `weekday` or `weekend`."""


@dataclass(frozen=True)
class EnergyPrice:
    """Price of energy in a period, 1e-5 $ per kWh, before the fixed recovery charge.

    Attributes:
        delivery: Part of delivery, for use within the baseline allocation where the schedule has tiers.
        generation: Part of generation.
        delivery_above_baseline: Part of delivery above the allocation; None without tiers.
    """

    delivery: int
    generation: int
    delivery_above_baseline: int | None = None

    @property
    def above_baseline(self) -> int:
        """Part of delivery above the allocation, whether or not it differs."""
        return self.delivery if self.delivery_above_baseline is None else self.delivery_above_baseline


@dataclass(frozen=True)
class FixedCharges:
    """Charges for being served, in 1e-5 $.

    Attributes:
        per_day: Basic or base services charge per day.
        per_day_multi_family: The same in multi-family buildings; None where it does not differ.
        is_base_services_charge: True for the base services charge, of which discounts have amounts of their own.
        per_month: Customer charge per bill.
        three_phase_per_day: Added per day for three-phase service.
        single_phase_per_month: Taken off per bill for single-phase service.
    """

    per_day: int = 0
    per_day_multi_family: int | None = None
    is_base_services_charge: bool = False
    per_month: int = 0
    three_phase_per_day: int = 0
    single_phase_per_month: int = 0


@dataclass(frozen=True)
class DemandPrices:
    """Demand charges in 1e-5 $ per kW and bill.

    Attributes:
        facilities: For the largest demand at any time.
        time_related: By season and period, for the largest demand in that period on weekdays other than holidays.
    """

    facilities: int
    time_related: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Prices:
    """The figures of one version of a rate schedule.

    Attributes:
        energy: By season and period.
        fixed_recovery: Fixed recovery charge, 1e-5 $ per kWh.
        fixed: Charges for being served.
        baseline_credit: Credit for use within the baseline allocation, 1e-5 $ per kWh; None where there is none.
        minimum_per_day: Floor of the delivery charges, 1e-5 $ per day; None where there is none.
        minimum_excluded: Part of the delivery price that does not count towards that floor, 1e-5 $ per kWh.
        demand: Demand charges; None without.
    """

    energy: Mapping[str, Mapping[str, EnergyPrice]]
    fixed_recovery: int
    fixed: FixedCharges
    baseline_credit: int | None = None
    minimum_per_day: int | None = None
    minimum_excluded: int = 0
    demand: DemandPrices | None = None

    @property
    def uses_baseline(self) -> bool:
        """True where the baseline allocation matters to the bill."""
        return self.has_tiers or bool(self.baseline_credit)

    @property
    def has_tiers(self) -> bool:
        """True where the price depends on use within or above the baseline allocation."""
        return any(
            price.delivery_above_baseline is not None for periods in self.energy.values() for price in periods.values()
        )


@dataclass(frozen=True)
class Tariff:
    """A rate schedule with all its versions.

    Attributes:
        rate_code: Code on bills and accounts.
        rate_name: Name for people.
        customer_type: Class of customers that it is for.
        schedule: Period of each hour.
        history: Its versions.
    """

    rate_code: str
    rate_name: str
    customer_type: str
    schedule: Schedule
    history: History[Prices]

    @property
    def is_time_of_use(self) -> bool:
        """True where the hour of use matters to the bill."""
        return len({period for kinds in self.schedule.values() for hours in kinds.values() for period in hours}) > 1

    def version_on(self, day: date) -> Version[Prices]:
        """The version that holds on a local date.

        Raises:
            LookupError: The date lies before the first version.
        """
        return self.history.on(day)

    def period_of(self, season: str, *, is_weekend: bool, hour: int) -> str:
        """Time-of-use period of a local hour.

        Args:
            season: One of `SEASONS`.
            is_weekend: True on Saturdays, Sundays and holidays.
            hour: 0 to 23 on the local wall clock.
        """
        return self.schedule[season]["weekend" if is_weekend else "weekday"][hour]
