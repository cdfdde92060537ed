"""The bill calculator: one bill, priced by the rules of docs/tariffs.md."""

from datetime import date, timedelta

from models.tariffs import Discount, TariffBook, Version
from sims.billing.charges import (
    ONE,
    basic_lines,
    credit_lines,
    demand_lines,
    discount_lines,
    energy_lines,
    minimum_lines,
    recovery_lines,
)
from sims.billing.request import Bill, BillLine, BillRequest, ServiceTerms
from sims.billing.segments import measured_segments


def price_bill(book: TariffBook, request: BillRequest) -> Bill:
    """Price one bill.

    Args:
        book: Tariff data.
        request: Period, terms and energy.

    Returns:
        The bill; it adds up to the cent.

    Raises:
        ValueError: The energy does not fit the period.
        LookupError: The tariff data lack the schedule, the region or the time.
    """
    terms, last_date = request.terms, request.end_date - timedelta(1)
    segments = measured_segments(book, request)
    net_metering = book.net_metering.on(last_date) if terms.has_net_metering else None
    discount = _discount(book, terms, last_date)
    reduction = discount.content if discount else None
    surcharges = book.surcharges.on(last_date)
    non_bypassable = net_metering.content.non_bypassable if net_metering else 0

    energy = energy_lines(segments, non_bypassable) + credit_lines(segments)
    energy += discount_lines(energy, reduction)
    carried, closing = _carried(energy, request) if net_metering else ([], 0)
    imported = sum(segment.import_wh for segment in segments)
    lines = [
        *basic_lines(segments, terms, reduction),
        *energy,
        *carried,
        *demand_lines(book, segments, request.interval_minutes),
        *minimum_lines(segments, terms, reduction),
        *recovery_lines(segments),
        BillLine("surcharge", "Non-bypassable charges", imported, "kWh", non_bypassable),
        BillLine("tax", "State energy surcharge", imported, "kWh", surcharges.content.state_surcharge),
    ]
    return Bill(
        lines=tuple(line for line in lines if line.quantity and line.price),
        closing_credit_cents=closing,
        is_prorated=len(segments) > 1,
        is_illustrative=any(segment.is_illustrative for segment in segments)
        or any(version.is_illustrative for version in (discount, net_metering, surcharges) if version),
    )


def _discount(book: TariffBook, terms: ServiceTerms, day: date) -> Version[Discount] | None:
    if terms.is_care:
        return book.discounts["care"].on(day)
    return book.discounts["fera"].on(day) if terms.is_fera else None


def _carried(energy: list[BillLine], request: BillRequest) -> tuple[list[BillLine], int]:
    """Net metering: energy charges below zero go to later bills, and credit of earlier ones is used up first.

    Returns:
        The line, if any, and the credit that the next bill opens with.
    """
    charges = sum(line.cents for line in energy)
    credit = request.opening_credit_cents
    lines = []
    if charges < 0:
        text = "Credit that ends with the true-up" if request.is_true_up else "Credit for later bills"
        lines.append(BillLine("export_credit", text, -charges * 10, "usd", ONE))
    elif used := min(credit, charges):
        lines.append(BillLine("export_credit", "Credit from earlier bills", used * 10, "usd", -ONE))
    closing = 0 if request.is_true_up else credit - min(charges, credit)
    return lines, closing
