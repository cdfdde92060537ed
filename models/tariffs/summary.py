"""What a version of a rate schedule charges, in a line."""

from models.tariffs.schedules import FixedCharges, Prices

_USD = 10**5


def charges_of_prices(prices: Prices) -> str:
    """The charges of a version: energy from the lowest to the highest price, and what else it has, in dollars."""
    energy = [price for periods in prices.energy.values() for price in periods.values()]
    totals = [price.generation + price.delivery for price in energy]
    totals += [price.generation + price.above_baseline for price in energy]
    parts = [f"energy {min(totals) / _USD:.5f} to {max(totals) / _USD:.5f} $/kWh"]
    if prices.baseline_credit:
        parts.append(f"baseline credit {prices.baseline_credit / _USD:.5f} $/kWh")
    parts += _fixed(prices.fixed)
    if prices.minimum_per_day:
        parts.append(f"minimum of delivery {prices.minimum_per_day / _USD:.5f} $/day")
    if prices.demand:
        parts.append("demand by kW")
    return ", ".join(parts)


def _fixed(fixed: FixedCharges) -> list[str]:
    amounts = ((fixed.per_day, "day"), (fixed.per_month, "month"))
    return [f"fixed {amount / _USD:.5f} $/{unit}" for amount, unit in amounts if amount]
