"""Loads for tests: the common year of 365 days that begins on a Monday, and shorter ones."""

import numpy as np
from numpy.typing import NDArray

from models.rates.urdb import Bills, Intervals, price, read_record

Floats = NDArray[np.float64]
COMPONENTS = ("energy", "fixed", "demand_flat", "demand_tou", "minimum", "total")
HALF_A_CENT = 0.005


def starts(first: str, count: int, minutes: int) -> NDArray[np.datetime64]:
    return np.datetime64(first, "m") + np.arange(count) * np.timedelta64(minutes, "m")


def year_of(net_kw: Floats) -> Intervals:
    """A load of 2018 from mean kW, hourly or finer."""
    minutes = 8760 * 60 // len(net_kw)
    return Intervals.of_one_meter(starts("2018-01-01", len(net_kw), minutes), net_kw * minutes / 60, minutes)


def load(first: str, kwh: list[float] | Floats, minutes: int = 60) -> Intervals:
    values = np.asarray(kwh, np.float64)
    return Intervals.of_one_meter(starts(first, len(values), minutes), values, minutes)


def flat_month(month: str, kwh_per_hour: float = 1.0) -> Intervals:
    """A month with the same energy in every hour."""
    first = np.datetime64(month, "M")
    hours = int((first + 1).astype("datetime64[h]").astype(int) - first.astype("datetime64[h]").astype(int))
    return load(f"{month}-01", [kwh_per_hour] * hours)


def priced(record: dict[str, object], intervals: Intervals, metering: int | None = None) -> Bills:
    reading = read_record(record)
    assert reading.tariff is not None, reading.refusals
    return price(reading.tariff, intervals, metering)
