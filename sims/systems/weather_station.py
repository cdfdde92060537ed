"""The weather stations: hourly observations, with hours and values that failed."""

import numpy as np
import polars as pl

from models.extracts.weather import WEATHER
from sims.systems.tables import Tables, as_sent, local_date
from sims.world.streams import stream
from sims.world.territory import STATIONS

_LOST_SHARE, _BLANK_SHARE = 0.002, 0.001
"""Shares of hours that are never sent, and of those sent without a temperature."""
_HOURS_PER_DAY = 25


def weather_tables(seed: int, observations: pl.DataFrame) -> Tables:
    """What the stations send.

    Args:
        seed: Seed of the world.
        observations: `zone_number`, `climate_zone`, `hour_start_utc` (naive UTC), `temperature_degc`, `dew_point_degc`
            and `irradiance_w_per_m2` of whole local days.
    """
    first_second = 75
    rows = observations.with_columns(
        local_date(pl.col("hour_start_utc")).alias("local_date"),
        pl.col("zone_number").replace_strict(dict(enumerate(STATIONS)), return_dtype=pl.String).alias("station_id"),
        pl.col("hour_start_utc").alias("observed_hour_start_utc"),
        (pl.col("hour_start_utc") + pl.duration(hours=1, seconds=first_second)).alias("changed_at_utc"),
        pl.col("temperature_degc", "dew_point_degc").cast(pl.Decimal(5, 1)),
    )
    rows = rows.sort("local_date", "zone_number", "hour_start_utc").with_columns(_luck(seed, rows))
    rows = rows.filter(pl.col("luck") >= _LOST_SHARE).with_columns(
        pl.when(pl.col("luck") >= _LOST_SHARE + _BLANK_SHARE).then("temperature_degc").alias("temperature_degc")
    )
    stamp = "observed_hour_start_utc"
    return {extract.name: as_sent(extract, rows, stamp) for extract in WEATHER.extracts}


def _luck(seed: int, rows: pl.DataFrame) -> pl.Series:
    """A number between 0 and 1 for each observation, in the order of day, station and hour."""
    days = rows.group_by("local_date", maintain_order=True).agg(pl.len() // pl.col("zone_number").n_unique())
    shares = [
        stream(seed, "lost observations", day.toordinal()).random((len(STATIONS), _HOURS_PER_DAY))[:, :hours].ravel()
        for day, hours in days.iter_rows()
    ]
    return pl.Series("luck", np.concatenate(shares), dtype=pl.Float64)
