"""Bills as rows of the customer service system's extract."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import polars as pl

from models.extracts.css import BillLines, Bills
from sims.billing.periods import PlannedBill
from sims.billing.request import BillLine, BillRequest

_ISSUED_AT = time(20, tzinfo=UTC)  # noon or one o'clock in the territory
_USD = pl.Decimal(12, 2)
_FAULTS = pl.Schema(
    [
        ("bill_id", pl.String()),
        ("account_id", pl.String()),
        ("fault_type", pl.String()),
        ("correct_usd", _USD),
        ("billed_usd", _USD),
    ]
)


@dataclass
class BillRows:
    """Rows of bills, of their lines, and of labelled faults, in the order of the declared columns."""

    bills: list[tuple[object, ...]] = field(default_factory=list)
    lines: list[tuple[object, ...]] = field(default_factory=list)
    faults: list[tuple[object, ...]] = field(default_factory=list)

    def extend(self, other: "BillRows") -> None:
        """Add the rows of another."""
        self.bills += other.bills
        self.lines += other.lines
        self.faults += other.faults

    def add(self, planned: PlannedBill, request: BillRequest, lines: Sequence[BillLine], *, is_estimated: bool) -> None:
        """Add a bill as sent."""
        recorded = _recorded_at(planned.issued_date)
        self.bills.append(
            (
                recorded,
                planned.bill_id,
                planned.account_id,
                planned.start_date,
                planned.end_date,
                planned.issued_date,
                planned.terms.rate_code,
                _shifted(sum(request.delivered_wh), 3),
                _shifted(sum(request.received_wh), 3),
                is_estimated,
                _shifted(sum(line.cents for line in lines), 2),
            )
        )
        self.lines += [
            (
                recorded,
                planned.bill_id,
                number,
                line.line_code,
                line.line_text,
                _shifted(line.quantity, 3),
                line.unit,
                _shifted(line.price, 5),
                _shifted(line.cents, 2),
            )
            for number, line in enumerate(lines, start=1)
        ]

    def add_fault(self, planned: PlannedBill, fault_type: str, correct_cents: int, billed_cents: int) -> None:
        """Label a fault."""
        amounts = (_shifted(correct_cents, 2), _shifted(billed_cents, 2))
        self.faults.append((planned.bill_id, planned.account_id, fault_type, *amounts))


def bill_frames(rows: BillRows) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Frames in the columns of the contracts, in the order of issue."""
    bills = pl.DataFrame(rows.bills, schema=Bills.create_empty().schema, orient="row")
    lines = pl.DataFrame(rows.lines, schema=BillLines.create_empty().schema, orient="row")
    return bills.sort("issued_date", "bill_id"), lines.sort("changed_at_utc", "bill_id", "line_number")


def write_faults(path: Path, rows: BillRows) -> None:
    """Add labelled faults to those of a file, which need not exist; a bill has at most one."""
    faults = pl.DataFrame(rows.faults, schema=_FAULTS, orient="row")
    if path.exists():
        faults = pl.concat([pl.read_parquet(path, glob=False), faults])
    new = path.with_name(f".{path.name}")
    faults.unique("bill_id", keep="last").sort("bill_id").write_parquet(new)
    new.replace(path)


def _recorded_at(issued: date) -> datetime:
    return datetime.combine(issued, _ISSUED_AT).replace(tzinfo=None)


def _shifted(number: int, places: int) -> Decimal:
    return Decimal(number).scaleb(-places)
