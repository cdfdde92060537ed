"""Answers of `meterhouse rates price`: bills of a load under a tariff of URDB's form, for programs and for people."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from models.rates.urdb import Bills, Finding, RefusedTariffError, UrdbTariff, price, read_record
from models.rates.urdb.bills import require_one_meter
from models.rates.urdb.intervals import Intervals
from models.rates.urdb.record import NET_METERING
from pipelines.rates.clock import Clock
from pipelines.rates.load_file import read_load
from pipelines.rates.tariff_file import read_json
from pipelines.text import aligned_table

_COLUMNS = {
    "energy_usd": "energy",
    "fixed_usd": "fixed",
    "demand_flat_usd": "demand_flat",
    "demand_tou_usd": "demand_tou",
    "minimum_usd": "minimum",
    "total_usd": "total",
}


@dataclass(frozen=True)
class Priced:
    """A load priced, or a refusal.

    Attributes:
        refusal: Why the tariff is not priced, or None.
        bills: Bills, or None where it is refused.
        remarks: What whoever reads the bills must know, a sentence each.
    """

    refusal: Finding | None
    bills: Bills | None
    remarks: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """The answer for programs."""
        refused = None if self.refusal is None else {"code": self.refusal.code, "detail": self.refusal.detail}
        return {"refused": refused, "bills": [] if self.bills is None else _rows(self.bills)}

    def text(self) -> str:
        """The answer for people: dollars to the cent, and a line of sums."""
        if self.bills is None:
            return "" if self.refusal is None else f"refused ({self.refusal.code}): {self.refusal.detail}"
        lines = [(str(month), figures) for month, figures in _figures(self.bills)]
        lines.append(("sum", {name: sum(figures[name] for _, figures in lines) for name in lines[0][1]}))
        return aligned_table([{"month": month} | _in_cents(figures) for month, figures in lines])


def price_file(tariff_file: Path, load_file: Path, time_zone: str | None) -> Priced:
    """Price the load of a file under the tariff of a file.

    Args:
        tariff_file: A URDB record as JSON.
        load_file: Intervals as CSV, see `pipelines.rates.load_file`.
        time_zone: IANA time zone of the load, where its times are UTC or its clock is changed.

    Raises:
        TariffFileError: The tariff is no JSON.
        LoadFileError: The load cannot be read.
        OSError: A file cannot be read.
    """
    reading = read_record(read_json(tariff_file))
    intervals = read_load(load_file, Clock(time_zone))
    if reading.tariff is None:
        return Priced(reading.refusals[0], None, ())
    try:
        require_one_meter(reading.tariff, intervals)
        bills = price(reading.tariff, intervals)
    except RefusedTariffError as error:
        return Priced(error.finding, None, ())
    remarks = [*_remarks(reading.tariff, bills, intervals), *(notice.detail for notice in reading.notices)]
    return Priced(None, bills, tuple(remarks))


def _rows(bills: Bills) -> list[dict[str, object]]:
    return [{"month": month, **figures} for month, figures in _figures(bills)]


def _figures(bills: Bills) -> list[tuple[str, dict[str, float]]]:
    """The figures of each month, by their names in the answer."""
    columns = {"kwh": bills.kwh} | {name: getattr(bills, attribute) for name, attribute in _COLUMNS.items()}
    # Adding zero turns a negative zero into a zero.
    rows = np.column_stack(list(columns.values())) + 0.0
    return [
        (str(month), dict(zip(columns, row, strict=True)))
        for month, row in zip(bills.months, rows.tolist(), strict=True)
    ]


def _in_cents(figures: dict[str, float]) -> dict[str, object]:
    return {name: Decimal(f"{value:.2f}") for name, value in figures.items()}


def _remarks(tariff: UrdbTariff, bills: Bills, intervals: Intervals) -> list[str]:
    cut = [str(month) for month in bills.months[~bills.is_whole]]
    remarks = []
    if cut:
        whole = "each is priced as it is, with its days, and charges per month in full"
        remarks.append(f"the load covers only a part of {' and '.join(cut)}; {whole}")
    if bills.open_years:
        years = ", ".join(map(str, bills.open_years))
        remarks.append(f"the yearly minimum of {years} is not settled, since the load does not cover the year")
    if bills.credit_left > 0:
        remarks.append(f"credit of {bills.credit_left:,.2f} $ for exports is left after the last bill")
    if tariff.metering != NET_METERING and intervals.has_exports and np.any(np.diff(tariff.energy.limits, axis=1) > 0):
        remarks.append("tiers are filled by the month's total, not in the order of the exports")
    return remarks
