"""What is asked of the calculator and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_CENT = 10**6  # thousandths of a unit × 1e-5 $ make 1e-8 $; a cent is a million of these


@dataclass(frozen=True)
class ServiceTerms:
    """Facts about account and premise that decide prices.

    Attributes:
        rate_code: Rate schedule.
        baseline_region: Baseline region.
        is_multi_family: True in multi-family buildings.
        is_all_electric: True where electricity heats.
        is_care: True with the CARE discount.
        is_fera: True with the FERA discount; CARE goes before it.
        is_medical_baseline: True with one medical baseline allowance.
        has_net_metering: True where energy to the grid is credited.
        phase_count: 1 or 3; None for the usual service of the schedule, with neither adder nor credit.
    """

    rate_code: str
    baseline_region: str
    is_multi_family: bool = False
    is_all_electric: bool = False
    is_care: bool = False
    is_fera: bool = False
    is_medical_baseline: bool = False
    has_net_metering: bool = False
    phase_count: int | None = None


@dataclass(frozen=True)
class BillRequest:
    """One bill to be priced.

    Attributes:
        start_date: First local date.
        end_date: Local date after the last one.
        terms: What holds on the last date; it holds for the whole bill.
        interval_minutes: Length of the intervals: 15, 30 or 60.
        delivered_wh: Watt-hours from the grid, one value per interval of the local days in order of time.
        received_wh: Watt-hours to the grid, likewise; used with net metering only.
        opening_credit_cents: Net metering credit of earlier bills.
        is_true_up: True where credit is not carried past this bill.
    """

    start_date: date
    end_date: date
    terms: ServiceTerms
    interval_minutes: int
    delivered_wh: Sequence[int]
    received_wh: Sequence[int] = ()
    opening_credit_cents: int = 0
    is_true_up: bool = False


@dataclass(frozen=True)
class BillLine:
    """One line of a bill: its amount is quantity × price, rounded half away from zero to the cent.

    Attributes:
        line_code: One of `models.extracts.css.BILL_LINE_CODES`.
        line_text: What the customer reads.
        quantity: In thousandths of the unit.
        unit: kWh, kW, day, month or usd.
        price: In 1e-5 $ per unit.
    """

    line_code: str
    line_text: str
    quantity: int
    unit: str
    price: int

    @property
    def cents(self) -> int:
        """The amount."""
        return half_up(self.quantity * self.price, _CENT)


@dataclass(frozen=True)
class Bill:
    """A priced bill.

    Attributes:
        lines: They add up to the bill.
        closing_credit_cents: Net metering credit that the next bill opens with.
        is_prorated: True where a price or the season changed inside the bill.
        is_illustrative: True where a figure that was used is not sourced, or carried over from another time.
    """

    lines: tuple[BillLine, ...]
    closing_credit_cents: int
    is_prorated: bool
    is_illustrative: bool

    @property
    def cents(self) -> int:
        """The amount of the bill."""
        return sum(line.cents for line in self.lines)


def half_up(numerator: int, denominator: int) -> int:
    """Quotient rounded to the nearest whole number, halves away from zero."""
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient
