"""A small hand-made world with the reads that billing is made from, whose premises differ in what matters to bills."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sims.world.frames import ACCOUNTS, BEHAVIOURS, METERS, PREMISES, VACATIONS, Scale, World
from tests.sims.clocks import interval_starts

FIRST, LAST = date(2025, 7, 1), date(2026, 10, 20)
CLOSED, MOVED_IN = date(2025, 12, 10), date(2026, 1, 5)
PLAIN, MOVER, SOLAR, SHOP, NO_DATA, NEWCOMER = ("A0", "A1", "A2", "A3", "A4", "A5")


@dataclass(frozen=True)
class Meter:
    """A meter of the world and how it is read."""

    number: int
    premise: int
    minutes: int
    first: date = FIRST
    end: date | None = None
    parent: str | None = None
    has_reads: bool = True


METERS_OF_WORLD = [
    Meter(0, 0, 15, end=date(2026, 2, 11)),  # exchanged
    Meter(1, 0, 60, first=date(2026, 2, 11)),
    Meter(2, 1, 15),
    Meter(3, 2, 15),
    Meter(4, 2, 60),  # a second main meter
    Meter(5, 3, 15),
    Meter(6, 3, 15, parent="M5"),  # a sub-meter
    Meter(7, 4, 15, has_reads=False),
]


def make_world(last: date) -> World:
    """The world up to a date."""
    accounts = [
        _state(PLAIN, 0, date(2019, 3, 3), rate_code="D", billing_cycle=11),
        _state(PLAIN, 0, date(2026, 3, 20), rate_code="TOU-D-4-9PM", billing_cycle=11),
        _state(MOVER, 1, date(2024, 5, 1), is_care=True, billing_cycle=28),
        _state(MOVER, 1, CLOSED, is_active=False, is_care=True, billing_cycle=28),
        _state(NEWCOMER, 1, MOVED_IN, rate_code="TOU-D-5-8PM", billing_cycle=1, is_medical_baseline=True),
        _state(SOLAR, 2, date(2020, 1, 1), rate_code="TOU-D-PRIME", billing_cycle=1),
        _state(SOLAR, 2, date(2025, 8, 15), rate_code="TOU-D-PRIME", billing_cycle=1, has_net_metering=True),
        _state(SHOP, 3, date(2018, 1, 1), rate_code="TOU-GS-1-D", billing_cycle=15, customer_type="small_business"),
        _state(NO_DATA, 4, date(2018, 1, 1), rate_code="D", billing_cycle=4),
    ]
    known = [row for row in accounts if row["effective_date"] <= last]
    return World(
        seed=7,
        scale=Scale("tiny", 5, last),
        first_date=FIRST,
        last_date=last,
        premises=_frame([_premise(number) for number in range(5)], PREMISES),
        behaviours=pl.DataFrame(schema=BEHAVIOURS),
        accounts=_frame(known, ACCOUNTS).sort("account_id", "effective_date"),
        vacations=pl.DataFrame(schema=VACATIONS),
        meters=_frame([_meter(meter) for meter in METERS_OF_WORLD if meter.first <= last], METERS),
    )


def write_reads(
    truth: Path,
    first: date,
    last: date,
    chunks: Iterable[tuple[int, ...]] = ((0, 1, 2), (3, 4)),
    daily_from: date = date.max,
) -> None:
    """Write reads in files per chunk of premises and month, or day from a date on; no read depends on the files."""
    (truth / "reads").mkdir(parents=True, exist_ok=True)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    spans: dict[str, list[date]] = {}
    for day in days:
        spans.setdefault(f"{day:%Y-%m-%d}" if day >= daily_from else f"{day:%Y-%m}", []).append(day)
    for number, premises in enumerate(chunks):
        meters = [meter for meter in METERS_OF_WORLD if meter.premise in premises and meter.has_reads]
        for name, covered in spans.items():
            frames = [_day_of_reads(meter, day) for meter in meters for day in covered]
            pl.concat(frames).write_parquet(truth / "reads" / f"{name}_c{number:03}.parquet")


@cache
def _day_of_reads(meter: Meter, day: date) -> pl.DataFrame:
    is_installed = meter.first <= day and (meter.end is None or day < meter.end)
    starts = interval_starts(day, day + timedelta(1), meter.minutes) if is_installed else ()
    random = np.random.default_rng([meter.number, day.toordinal()])
    largest = 400 * meter.minutes // 15
    delivered = random.integers(0, largest, len(starts), dtype=np.int32)
    received = random.integers(0, 2 * largest, len(starts), dtype=np.int32)
    is_estimated = random.random(len(starts)) < 0.0001
    stamps = [int(at.timestamp()) for at in starts]
    return pl.DataFrame(
        {
            "meter_number": pl.Series([meter.number] * len(starts), dtype=pl.Int32),
            "meter_id": pl.Series([f"M{meter.number}"] * len(starts), dtype=pl.String),
            "interval_start_utc": pl.from_epoch(pl.Series(stamps, dtype=pl.Int64), "s").cast(pl.Datetime("us")),
            "interval_minutes": pl.Series([meter.minutes] * len(starts), dtype=pl.Int16),
            "mdms_delivered_wh": pl.Series(delivered, dtype=pl.Int32),
            "mdms_received_wh": pl.Series(received if meter.premise == 2 else [None] * len(starts), dtype=pl.Int32),
            "is_mdms_estimated": pl.Series(is_estimated, dtype=pl.Boolean),
        }
    )


def _state(account_id: str, premise: int, day: date, **facts: Any) -> dict[str, Any]:
    return {
        "account_id": account_id, "effective_date": day, "premise_number": premise, "is_active": True,
        "customer_type": "residential", "tenure_type": "owner", "rate_code": "TOU-D-4-9PM",
        "billing_option": "paper", "payment_option": "mail", "is_all_electric": False, "is_care": False,
        "is_fera": False, "is_medical_baseline": False, "has_net_metering": False, **facts,
    }  # fmt: skip


def _premise(number: int) -> dict[str, Any]:
    return {
        "premise_number": number, "premise_id": f"P{number}", "baseline_region": "10",
        "premise_type": "multi_family" if number == 1 else "single_family",
    }  # fmt: skip


def _meter(meter: Meter) -> dict[str, Any]:
    return {
        "meter_number": meter.number, "meter_id": f"M{meter.number}", "premise_number": meter.premise,
        "parent_meter_id": meter.parent, "interval_minutes": meter.minutes if meter.has_reads else None,
        "installed_date": meter.first, "removed_date": meter.end,
    }  # fmt: skip


def _frame(rows: list[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    filled = [{name: row.get(name) for name in schema} for row in rows]
    return pl.DataFrame(filled, schema=schema, orient="row")
