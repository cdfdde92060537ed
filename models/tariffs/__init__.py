"""Tariffs as data: what rate schedules, baseline allocations, discounts and the tariff calendar say, and no pricing.

Prices are whole numbers of 1e-5 dollars, energy is in watt-hours, dates are local civil dates, hours are of the local
wall clock. The rules by which a bill is made from these data stand in docs/tariffs.md.
"""

from models.tariffs.book import TariffBook, tariffs_from
from models.tariffs.calendar import HolidayRule, TariffCalendar
from models.tariffs.rules import Baseline, BaselineRegion, Discount, NetMetering, Surcharges
from models.tariffs.schedules import (
    DAY_KINDS,
    PERIODS,
    SEASONS,
    DemandPrices,
    EnergyPrice,
    FixedCharges,
    Prices,
    Schedule,
    Tariff,
)
from models.tariffs.versions import STATUSES, History, Version

__all__ = [
    "DAY_KINDS",
    "PERIODS",
    "SEASONS",
    "STATUSES",
    "Baseline",
    "BaselineRegion",
    "DemandPrices",
    "Discount",
    "EnergyPrice",
    "FixedCharges",
    "History",
    "HolidayRule",
    "NetMetering",
    "Prices",
    "Schedule",
    "Surcharges",
    "Tariff",
    "TariffBook",
    "TariffCalendar",
    "Version",
    "tariffs_from",
]
