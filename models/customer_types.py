"""Kinds of customers and of what they have, as contracts, tariffs and programs name them."""

CUSTOMER_TYPES = ("residential", "small_business")
TENURE_TYPES = ("owner", "tenant")
DEVICE_TYPES = ("ihd", "ems", "pct", "load_control_switch", "ev_charger")
EQUIPMENT_TYPES = (
    "central_ac", "room_ac", "heat_pump", "electric_heat", "gas_heat", "pool_pump", "electric_vehicle",
    "electric_water_heater", "solar_pv", "battery",
)  # fmt: skip
