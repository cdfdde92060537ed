"""Weather of the climate zones: temperature, dew point and sun by the quarter of an hour.

Every day's weather is a function of the seed and of the days around it, so any span of days can be asked for and says
the same. Arrays are [zone, slot] in the order of `ZONES`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from sims.world.calendar import Array, Calendar
from sims.world.frames import ZONES, World
from sims.world.streams import stream

_MEAN_F = np.array([63.0, 66.0, 67.0, 74.0])
_SEASON_F = np.array([5.0, 10.0, 13.5, 16.5])
_DIURNAL_F = np.array([6.0, 9.5, 12.0, 13.0])
_DEW_F, _DEW_SEASON_F = np.array([53.0, 50.0, 45.0, 38.0]), np.array([7.0, 8.0, 8.0, 9.0])
_WARMEST_DAY, _WARMEST_QUARTER = 219, 62
_ANOMALY_F, _ZONE_ANOMALY_F, _PERSISTENCE, _MEMORY_DAYS = 4.3, 1.8, 0.75, 40
_HEAT_WAVE_RATE, _HEAT_WAVE_DAYS = 1 / 35, 6
_HEAT_WAVE_SHARE = np.array([0.75, 1.0, 1.0, 0.8])
_LATITUDE, _LONGITUDE, _PANEL_TILT = 34.1, -118.0, 18.0
_CLEAR_SHARES = np.array([[4.5, 1.6], [6.0, 1.4], [7.0, 1.2], [9.0, 1.0]])
"""Parameters of the beta distribution of daily clearness by zone."""


@dataclass(frozen=True)
class Weather:
    """Weather of consecutive days.

    Attributes:
        temperature_degf: Air temperature, °F.
        dew_point_degf: Dew point, °F.
        irradiance_w_per_m2: Global horizontal irradiance.
        solar_yield: Output of a south-facing roof per kW of rated power, 0 to about 1, before losses.
        darkness: [slot], 0 by day to 1 by night.
    """

    temperature_degf: Array
    dew_point_degf: Array
    irradiance_w_per_m2: Array
    solar_yield: Array
    darkness: Array


def play_weather(seed: int, calendar: Calendar) -> Weather:
    """Weather of a calendar's days.

    Temperature is a seasonal mean, a daily anomaly with a persistence of .75 that the zones largely share, heat waves
    and a diurnal swing that peaks at half past three. Sun is the clear sky of Haurwitz (1945), with the declination of
    Cooper (1969) and no equation of time, times a clearness that the zones share in part.

    Args:
        seed: Seed of the world.
        calendar: Days to play.
    """
    padded = Calendar(calendar.first - timedelta(1), calendar.last + timedelta(1))
    clearness = np.array([_clearness(seed, ordinal) for ordinal in padded.ordinals]).T
    anomaly = _anomalies(seed, padded) + _heat_waves(seed, padded)
    elevation, panel = _sun(calendar)
    passing = _clouds(seed, calendar, clearness[:, 1:-1])
    beam = 1098 * np.exp(-0.057 / np.maximum(elevation, 0.01))
    clear_sky = beam * np.maximum(elevation, 0)
    panel = beam / 1000 * np.where(elevation > 0, np.maximum(panel, 0), 0)

    noon = (padded.first_slot[:-1] + 48 - padded.first_slot[1]).astype(np.float64)
    slots = np.arange(calendar.slot_count)
    shifted = np.array([np.interp(slots, noon, row) for row in anomaly])
    season = np.cos(2 * np.pi * (calendar.daily(calendar.day_of_year) - _WARMEST_DAY) / 365.25)
    swing = np.cos(2 * np.pi * (calendar.quarter - _WARMEST_QUARTER) / 96)
    swing = swing + 0.18 * np.cos(4 * np.pi * (calendar.quarter - _WARMEST_QUARTER) / 96)
    sunny = calendar.daily(0.55 + 0.55 * clearness[:, 1:-1])
    temperature = _MEAN_F[:, None] + np.outer(_SEASON_F, season) + shifted + _DIURNAL_F[:, None] * sunny * swing
    dew_point = _DEW_F[:, None] + np.outer(_DEW_SEASON_F, season) + 0.25 * shifted - 1.5 * swing
    return Weather(
        temperature_degf=temperature.astype(np.float32),
        dew_point_degf=np.minimum(dew_point, temperature - 1).astype(np.float32),
        irradiance_w_per_m2=(clear_sky * passing).astype(np.float32),
        solar_yield=(panel * passing).astype(np.float32),
        darkness=np.clip((0.25 - elevation) / 0.4, 0, 1).astype(np.float32),
    )


def observations(world: World, first: date, last: date) -> pl.DataFrame:
    """What a weather station of each zone observes, hour by hour.

    Args:
        world: Gives the seed.
        first: First local date.
        last: Last local date, included.

    Returns:
        `zone_number`, `climate_zone`, `hour_start_utc` (naive UTC), `temperature_degc` and `dew_point_degc` (means of
        the hour, one decimal), `irradiance_w_per_m2` (Int16, mean); sorted by zone and hour.
    """
    calendar = Calendar(first, last)
    weather = play_weather(world.seed, calendar)
    hours = calendar.start_utc[::4]
    number = np.repeat(np.arange(len(ZONES)), len(hours))
    return pl.DataFrame(
        {
            "zone_number": pl.Series(number, dtype=pl.Int8),
            "climate_zone": pl.Series(ZONES).gather(number),
            "hour_start_utc": np.tile(hours, len(ZONES)),
            "temperature_degc": np.round((_hourly(weather.temperature_degf) - 32) / 1.8, 1),
            "dew_point_degc": np.round((_hourly(weather.dew_point_degf) - 32) / 1.8, 1),
            "irradiance_w_per_m2": np.rint(_hourly(weather.irradiance_w_per_m2)).astype(np.int16),
        }
    )


def _hourly(values: Array) -> Array:
    """Means of four quarters, one row after the other."""
    means: Array = values.astype(np.float64).reshape(len(values), -1, 4).mean(axis=2)
    return means.ravel()


def _anomalies(seed: int, calendar: Calendar) -> Array:
    """Departure from the season in °F, [zone, day]: an AR(1) process whose distant past has been cut off."""
    before = [calendar.ordinals[0] - back for back in range(_MEMORY_DAYS, 0, -1)]
    shocks = np.array(
        [stream(seed, "weather anomaly", day).standard_normal(1 + len(ZONES)) for day in (*before, *calendar.ordinals)]
    )
    shocks *= (1 - _PERSISTENCE**2) ** 0.5
    weights = _PERSISTENCE ** np.arange(_MEMORY_DAYS, -1, -1)
    states = np.array([weights @ shocks[n : n + _MEMORY_DAYS + 1] for n in range(len(calendar.dates))])
    anomalies: Array = (_ANOMALY_F * states[:, :1] + _ZONE_ANOMALY_F * states[:, 1:]).T
    return anomalies


def _heat_waves(seed: int, calendar: Calendar) -> Array:
    """What heat waves add in °F, [zone, day]; they begin from June to October, rise and fade."""
    added = np.zeros(len(calendar.dates))
    for day in range(1 - _HEAT_WAVE_DAYS, len(calendar.dates)):
        random = stream(seed, "heat wave", calendar.ordinals[0] + day)
        chance, height, length = random.random(), random.uniform(6, 13), int(random.integers(3, _HEAT_WAVE_DAYS + 1))
        month = (calendar.first + timedelta(day)).month
        if chance < _HEAT_WAVE_RATE and 6 <= month <= 10:
            wave = height * np.sin(np.pi * (np.arange(length) + 0.7) / (length + 0.4))
            days = np.arange(day, day + length)
            inside = (days >= 0) & (days < len(added))
            added[days[inside]] = np.maximum(added[days[inside]], wave[inside])
    return np.outer(_HEAT_WAVE_SHARE, added)


def _clearness(seed: int, ordinal: int) -> Array:
    """Clearness of a day by zone, 0 to 1; zones share two thirds of what makes it."""
    random = stream(seed, "clearness", ordinal)
    own = random.beta(*_CLEAR_SHARES.T)
    shared = random.beta(6.0, 1.3)
    if date.fromordinal(ordinal).month in (5, 6):
        own[0] *= 0.75
    return np.asarray((2 * shared + own) / 3)


def _clouds(seed: int, calendar: Calendar, clearness: Array) -> Array:
    """Share of the clear sky's sun in each slot, [zone, slot]: passing clouds where a day is not clear."""
    passing = np.empty((len(ZONES), calendar.slot_count))
    for day, ordinal in enumerate(calendar.ordinals):
        slots = slice(int(calendar.first_slot[day]), int(calendar.first_slot[day + 1]))
        noise = stream(seed, "clouds", ordinal).standard_normal((len(ZONES), slots.stop - slots.start + 3))
        smooth = (noise[:, :-3] + noise[:, 1:-2] + noise[:, 2:-1] + noise[:, 3:]) / 2
        clear = clearness[:, day, None]
        passing[:, slots] = np.clip(clear * (1 + 0.5 * (1 - clear) * smooth), 0.05, 1)
    return passing


def _sun(calendar: Calendar) -> tuple[Array, Array]:
    """Sine of the sun's elevation at mid-slot, and cosine of its angle to a panel that leans south."""
    seconds = calendar.start_utc.astype("datetime64[s]").astype(np.int64) % 86_400 + 450
    hour_angle = np.radians(seconds / 240 + _LONGITUDE - 180)
    day_of_year = calendar.daily(calendar.day_of_year)
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + day_of_year) / 365)

    def height(latitude: float) -> Array:
        across = np.cos(np.radians(latitude)) * np.cos(declination) * np.cos(hour_angle)
        return np.asarray(across + np.sin(np.radians(latitude)) * np.sin(declination))

    return height(_LATITUDE), height(_LATITUDE - _PANEL_TILT)
