"""Estimates by class profile once more: the class's hour, at the height of the meter's own valid days."""

from datetime import date, timedelta
from math import floor

from models.explain.facts import ClassUse, FinalValue, NotRecomputableError
from models.vee.class_profiles import ANY, BIN_DEGC

_HOUR = 60


def class_estimate(use: ClassUse, value: FinalValue) -> tuple[int, str]:
    """Watt-hours of an interval rounded half up, and the arithmetic in one sentence.

    Which of the meter's own days are valid and what they came to is taken from the record.

    Raises:
        NotRecomputableError: No profile fits the date, or no own day with a profile lies within reach.
    """
    hours = _profile(use, value.channel_code, value.usage_date)
    if hours is None:
        raise NotRecomputableError("no class profile fits the date")
    days = {
        day: wh
        for day, wh in use.own_wh.get(value.channel_code, {}).items()
        if value.usage_date - timedelta(days=use.lookback_days) <= day < value.usage_date
    }
    shapes = {day: shape for day in days if (shape := _profile(use, value.channel_code, day)) is not None}
    own, of_class = sum(days[day] for day in shapes), sum(sum(shape) for shape in shapes.values())
    if not shapes or not of_class:
        raise NotRecomputableError("no valid day of the meter's own within reach has a class profile")
    if value.interval_minutes > _HOUR:
        part, share = sum(hours), "the class profile's day"
        wh = (2 * part * own + of_class) // (2 * of_class)
    else:
        part, share = hours[value.minute_of_day // _HOUR], f"{value.interval_minutes} of 60 minutes of the class hour"
        wh = (2 * part * value.interval_minutes * own + _HOUR * of_class) // (2 * _HOUR * of_class)
    height = f"{own} Wh of {len(shapes)} valid days on record ÷ {of_class} Wh of the class"
    return wh, f"{share}, {part} Wh, × {height}"


def _profile(use: ClassUse, channel_code: str, day: date) -> tuple[int, ...] | None:
    """Hours of the nearest profile: that of the zone before any zone, that of the temperature before any."""
    degrees = use.max_temperature_degc.get(day)
    at = ANY if degrees is None else str(BIN_DEGC * floor(degrees / BIN_DEGC))
    fitting = [
        profile
        for profile in use.profiles
        if profile.channel_code == channel_code
        and profile.is_weekday == use.weekdays.get(day)
        and profile.climate_zone in (use.climate_zone, ANY)
        and profile.temperature_bin in (at, ANY)
    ]
    nearest = max(fitting, key=lambda one: (one.climate_zone != ANY, one.temperature_bin != ANY), default=None)
    return nearest.hour_wh if nearest else None
