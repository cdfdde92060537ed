"""Labelled faults of billing: a few bills are wrong, as bills are."""

import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta

from models.tariffs import Baseline, BaselineRegion, History, Prices, Tariff, TariffBook, Version
from sims.billing.calculator import price_bill
from sims.billing.request import Bill, BillLine, BillRequest
from sims.world.streams import stream

FAULT_SHARE = 0.002
FAULTS = ("wrong_version", "missed_baseline", "doubled_line")


@dataclass(frozen=True)
class FaultyBill:
    """A bill as it was sent, with a fault.

    Attributes:
        fault_type: One of `FAULTS`.
        lines: Lines as sent.
    """

    fault_type: str
    lines: tuple[BillLine, ...]


def drawn_faults(seed: int, account_id: str, count: int) -> list[str | None]:
    """The fault, if any, that each of the first bills of an account in the history is to have.

    More bills do not change the faults of earlier ones.
    """
    draws = stream(seed, "billing faults", zlib.crc32(account_id.encode())).random(count).tolist()
    return [FAULTS[int(draw / FAULT_SHARE * len(FAULTS))] if draw < FAULT_SHARE else None for draw in draws]


def faulty_bill(book: TariffBook, request: BillRequest, correct: Bill, fault_type: str | None) -> FaultyBill | None:
    """The bill with a fault.

    A fault that would change nothing, such as a missed baseline without any, becomes a doubled line.

    Returns:
        The faulty bill; None for a bill without lines, or without a fault.
    """
    if fault_type is None or not correct.lines:
        return None
    if fault_type == "wrong_version":
        lines = price_bill(_earlier_prices(book, request), request).lines
    elif fault_type == "missed_baseline":
        lines = price_bill(_without_baseline(book), request).lines
    else:
        lines = correct.lines
    if lines != correct.lines:
        return FaultyBill(fault_type, lines)
    largest = max(correct.lines, key=lambda line: abs(line.cents))
    return FaultyBill("doubled_line", (*correct.lines, largest))


def _earlier_prices(book: TariffBook, request: BillRequest) -> TariffBook:
    """The book in which the rate schedule still has the prices before those of the period's last date."""
    tariff = book.tariffs[request.terms.rate_code]
    current = tariff.version_on(request.end_date - timedelta(1))
    earlier = [version for version in tariff.history.versions if version.prices_date < current.prices_date]
    if not earlier:
        return book
    kept = _always(earlier[-1])
    outdated: Tariff = replace(tariff, history=History(tariff.history.name, (kept,)))
    return replace(book, tariffs={**book.tariffs, tariff.rate_code: outdated})


def _always(version: Version[Prices]) -> Version[Prices]:
    return replace(version, effective_date=date.min)


def _without_baseline(book: TariffBook) -> TariffBook:
    versions = tuple(replace(version, content=_emptied(version.content)) for version in book.baseline.versions)
    return replace(book, baseline=History(book.baseline.name, versions))


def _emptied(baseline: Baseline) -> Baseline:
    regions = {
        name: BaselineRegion(dict.fromkeys(region.basic, 0), dict.fromkeys(region.all_electric, 0))
        for name, region in baseline.regions.items()
    }
    return Baseline(regions, medical=0)
