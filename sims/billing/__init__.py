"""The simulated utility's own billing: every bill priced interval by interval, in whole numbers, by plain rules.

Belongs here: the calculator, the bills that it makes from the meter data management system's values, and the labelled
faults of billing. Does not belong here: anything fast or general. The rules stand in docs/tariffs.md; a later rate
engine is checked against this code and shares nothing with it but the tariff data.
"""

from sims.billing.bills import make_bills
from sims.billing.calculator import price_bill
from sims.billing.request import Bill, BillLine, BillRequest, ServiceTerms

__all__ = ["Bill", "BillLine", "BillRequest", "ServiceTerms", "make_bills", "price_bill"]
