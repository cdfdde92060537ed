"""Tariffs of the Utility Rate Database (URDB): records in normal form, or a refusal, and monthly bills of a load.

Bills are those that the tariff says, in dollars, unrounded; they know no billing cycles, prices that change in time, or
other terms that URDB has no field for. Semantics are those of NREL's System Advisor Model, which prices these records;
where it is silent the docstrings say what holds.
"""

from models.rates.urdb.bills import Bills, price
from models.rates.urdb.findings import NOTICES, REFUSALS, Finding, RefusedTariffError
from models.rates.urdb.intervals import Intervals
from models.rates.urdb.record import Reading, UrdbTariff, read_record

__all__ = [
    "NOTICES",
    "REFUSALS",
    "Bills",
    "Finding",
    "Intervals",
    "Reading",
    "RefusedTariffError",
    "UrdbTariff",
    "price",
    "read_record",
]
