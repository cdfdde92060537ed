"""Lines of bills as columns, and the rounding that all money goes through."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

CENT = 10**6
"""Thousandths of a unit × 1e-5 $ make 1e-8 $; a cent is a million of these."""
MILLI = 1000
ONE_USD = 10**5
"""A price of one dollar per dollar."""


def half_away(numerator: Integers, denominator: Integers | int) -> Integers:
    """Quotients rounded to the nearest whole number, halves away from zero.

    Args:
        numerator: Whole numbers of either sign, below 2^62 in size.
        denominator: Positive whole numbers.
    """
    size = (2 * np.abs(numerator) + denominator) // (2 * denominator)
    return np.where(numerator < 0, -size, size).astype(np.int64)


@dataclass(frozen=True)
class Charge:
    """A kind of charge or credit.

    Attributes:
        line_code: One of `models.extracts.css.BILL_LINE_CODES`.
        unit: kWh, kW, day, month or usd.
        text: What people read.
    """

    line_code: str
    unit: str
    text: str


CHARGES = {
    "basic_charge": Charge("basic_charge", "day", "Basic charge"),
    "base_services_charge": Charge("basic_charge", "day", "Base services charge"),
    "three_phase": Charge("basic_charge", "day", "Three-phase service"),
    "customer_charge": Charge("basic_charge", "month", "Customer charge"),
    "single_phase": Charge("basic_charge", "month", "Single-phase service"),
    "energy_in_period": Charge("energy", "kWh", "Energy"),
    "energy_within_baseline": Charge("energy", "kWh", "Energy within the baseline"),
    "energy_above_baseline": Charge("energy", "kWh", "Energy above the baseline"),
    "baseline_credit": Charge("baseline_credit", "kWh", "Baseline credit"),
    "discount": Charge("discount", "usd", "Discount on energy charges"),
    "credit_to_later_bills": Charge("export_credit", "usd", "Credit for later bills"),
    "credit_ended": Charge("export_credit", "usd", "Credit that ends with the true-up"),
    "credit_from_earlier_bills": Charge("export_credit", "usd", "Credit from earlier bills"),
    "facilities_demand": Charge("demand_flat", "kW", "Facilities-related demand"),
    "time_related_demand": Charge("demand_tou", "kW", "Time-related demand"),
    "minimum": Charge("minimum", "usd", "Minimum charge for delivery"),
    "fixed_recovery": Charge("surcharge", "kWh", "Fixed recovery charge"),
    "non_bypassable": Charge("surcharge", "kWh", "Non-bypassable charges"),
    "state_surcharge": Charge("tax", "kWh", "State energy surcharge"),
}
"""Charges by code, in the order in which they stand on a bill (docs/tariffs.md)."""
_ORDER = {code: place for place, code in enumerate(CHARGES)}
_TOGETHER = {"energy_above_baseline": "energy_within_baseline", "three_phase": "basic_charge"}
"""Charges that stand beside another one, segment by segment."""


@dataclass(frozen=True)
class Lines:
    """Lines of one kind, at most one per bill, or per bill and segment.

    Attributes:
        charge_code: One of `CHARGES`.
        bill: Bill of each line, as a position.
        quantity: In thousandths of the unit.
        price: In 1e-5 $ per unit.
        first_day: First local date that the line is about, in days since 1970-01-01.
        last_day: Last one, included.
        season: Season priced, where the charge depends on it.
        period: Time-of-use period priced, where the charge depends on it.
    """

    charge_code: str
    bill: Integers
    quantity: Integers
    price: Integers
    first_day: Integers
    last_day: Integers
    season: str | None = None
    period: str | None = None

    @property
    def cents(self) -> Integers:
        """Amount of each line: quantity × price, rounded once."""
        return half_away(self.quantity * self.price, CENT)


def summed(lines: Iterable[Lines], bill_count: int) -> Integers:
    """Sum of amounts by bill, in cents."""
    total = np.zeros(bill_count, dtype=np.int64)
    for block in lines:
        np.add.at(total, block.bill, block.cents)
    return total


LINE_SCHEMA = pl.Schema(
    [
        ("bill", pl.Int64()),
        ("line_number", pl.Int16()),
        ("line_code", pl.String()),
        ("charge_code", pl.String()),
        ("season", pl.String()),
        ("period_code", pl.String()),
        ("first_date", pl.Date()),
        ("last_date", pl.Date()),
        ("quantity_milli", pl.Int64()),
        ("unit", pl.String()),
        ("price", pl.Int64()),
        ("amount_cents", pl.Int64()),
    ]
)
"""Columns of `line_frame`; price in 1e-5 $ per unit."""


def line_frame(lines: Iterable[Lines]) -> pl.DataFrame:
    """Lines as rows, columns `LINE_SCHEMA`, by bill in the order of charges and time.

    Lines whose quantity or price is zero are left out.
    """
    frames = [
        pl.DataFrame(
            {
                "bill": block.bill,
                "order": _ORDER[_TOGETHER.get(block.charge_code, block.charge_code)],
                "line_code": CHARGES[block.charge_code].line_code,
                "charge_code": block.charge_code,
                "season": block.season,
                "period_code": block.period,
                "first_date": block.first_day.astype(np.int32),
                "last_date": block.last_day.astype(np.int32),
                "quantity_milli": block.quantity,
                "unit": CHARGES[block.charge_code].unit,
                "price": block.price,
                "amount_cents": block.cents,
            },
            schema={name: kind for name, kind in LINE_SCHEMA.items() if name != "line_number"}
            | {"first_date": pl.Int32(), "last_date": pl.Int32(), "order": pl.Int16()},
        ).with_columns(pl.col("first_date", "last_date").cast(pl.Date))
        for block in lines
        if len(block.bill)
    ]
    if not frames:
        return pl.DataFrame(schema=LINE_SCHEMA)
    rows = pl.concat(frames).filter(pl.col("quantity_milli") != 0, pl.col("price") != 0)
    numbered = rows.sort("bill", "order", "first_date", maintain_order=True).with_columns(
        pl.int_range(1, pl.len() + 1).over("bill").cast(pl.Int16).alias("line_number")
    )
    return numbered.select(LINE_SCHEMA.names())
