"""What a tariff of URDB's form charges, a row each, for people who look at it."""

import math
from collections.abc import Iterator

import numpy as np

from models.rates.urdb.ladders import Ladders
from models.rates.urdb.record import (
    BUY_ALL_SELL_ALL,
    NET_BILLING,
    NET_BILLING_CARRIED,
    NET_METERING,
    Amounts,
    UrdbTariff,
)

_METERING = {
    NET_METERING: "netted by period and month in kWh, surplus carried until December",
    NET_BILLING: "credited at the sell price with the month's bill",
    NET_BILLING_CARRIED: "credited at the sell price against later months, the rest paid out in December",
    BUY_ALL_SELL_ALL: "all load bought, all generation sold",
    None: "by a rule that is not known: refused",
}


def charges_of(tariff: UrdbTariff) -> Iterator[dict[str, object]]:
    """Rows of `charge`, `periods`, `tiers` (the most in a period) and `prices`."""
    yield _row("energy", tariff.energy, np.unique(tariff.energy_periods).tolist(), "$/kWh")
    if tariff.flat_demand is not None:
        periods = np.unique(tariff.flat_demand_periods).tolist()
        yield _row("demand of the month", tariff.flat_demand, periods, "$/kW")
    if tariff.tou_demand is not None:
        yield _row("demand by period", tariff.tou_demand, np.unique(tariff.tou_demand_periods).tolist(), "$/kW")
    for name, amounts in (("fixed", tariff.fixed), ("minimum", tariff.minimum)):
        if amounts != Amounts():
            yield {"charge": name, "periods": None, "tiers": None, "prices": _shown(amounts)}
    yield {"charge": "exports", "periods": None, "tiers": None, "prices": _METERING[tariff.metering]}
    if tariff.holidays:
        yield {"charge": "holidays", "periods": None, "tiers": None, "prices": f"{len(tariff.holidays)} as weekend"}


def _row(charge: str, ladders: Ladders, periods: list[int], unit: str) -> dict[str, object]:
    finite = [int(np.isfinite(ladders.limits[period]).sum()) for period in periods]
    prices = [
        float(price)
        for period, tiers in zip(periods, finite, strict=True)
        for price in ladders.prices[period, : tiers + 1]
    ]
    lowest, highest = min(prices, default=math.nan), max(prices, default=math.nan)
    text = f"{lowest:.5g} {unit}" if lowest == highest else f"{lowest:.5g} to {highest:.5g} {unit}"
    return {"charge": charge, "periods": len(periods), "tiers": max(finite) + 1, "prices": text}


def _shown(amounts: Amounts) -> str:
    parts = ((amounts.per_month, "$/month"), (amounts.per_day, "$/day"), (amounts.per_year, "$/year"))
    return " and ".join(f"{amount:.7g} {unit}" for amount, unit in parts if amount)
