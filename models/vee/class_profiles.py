"""Class profiles: what customers of a class use by the hour, for meters without like days of their own (E3).

Reference data: static, so that no order of arrival can matter. They are made by `pipelines.class_profiles` out of
validated reads.
"""

from dataclasses import dataclass

ANY = "any"
"""Climate zone or temperature bin of a profile over all of them."""
BIN_DEGC = 5
"""Width of a temperature bin in °C; a bin is named by its lower end."""


@dataclass(frozen=True)
class ClassProfile:
    """Mean use of a class on the days of one kind.

    Attributes:
        customer_class: Class.
        climate_zone: Climate zone, or `ANY`.
        channel_code: Direction of energy.
        is_weekday: False for weekends and holidays.
        temperature_bin: Lower end of the bin of the highest temperature of the day in °C, or `ANY`.
        hour_wh: Mean watt-hours in each of the 24 local hours.
    """

    customer_class: str
    climate_zone: str
    channel_code: str
    is_weekday: bool
    temperature_bin: str
    hour_wh: tuple[int, ...]
