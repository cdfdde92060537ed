"""Weather by climate zone."""

import dataframely as dy

from models.columns import count, local_date, utc
from models.extracts.weather import Observations
from models.tables.base import Table

MEASURES = ("temperature_degc", "dew_point_degc", "irradiance_w_per_m2")


def _of_day(description: str) -> dy.Column:
    return Observations.columns()["temperature_degc"].with_properties(description=description)


class Weather(dy.Schema):
    """Hourly weather of the climate zones, by the stations that stand for them."""

    climate_zone = dy.String(primary_key=True, description="Climate zone of the territory.")
    hour_start_utc = utc("Start of the hour.", primary_key=True)
    temperature_degc = Observations.columns()["temperature_degc"].with_properties(
        description="Mean air temperature over the zone's stations; estimated where none says, else null."
    )
    dew_point_degc = Observations.columns()["dew_point_degc"].with_properties(
        description="Mean dew point over the zone's stations; estimated where none says, else null."
    )
    irradiance_w_per_m2 = Observations.columns()["irradiance_w_per_m2"].with_properties(
        description="Mean global horizontal irradiance over the zone's stations; null where none says."
    )
    station_count = count("Stations that sent the hour.")
    is_estimated = dy.Bool(description="True where the temperature is estimated, since no station of the zone gave it.")


class DailyWeather(dy.Schema):
    """Daily weather of the climate zones, on the civil dates of the territory."""

    climate_zone = dy.String(primary_key=True, description="Climate zone of the territory.")
    usage_date = local_date("Civil date in the territory's time zone.", primary_key=True)
    min_temperature_degc = _of_day("Lowest hourly temperature of the date; null where none is known.")
    mean_temperature_degc = _of_day("Mean hourly temperature of the date, rounded half up; null where none is known.")
    max_temperature_degc = _of_day("Highest hourly temperature of the date; null where none is known.")
    hour_count = count("Hours of the date with a temperature, measured or estimated.")


WEATHER = Table("entities", "weather", "one row per climate zone and hour", Weather)
DAILY_WEATHER = Table("entities", "daily_weather", "one row per climate zone and local date", DailyWeather)
