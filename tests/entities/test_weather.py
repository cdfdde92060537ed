"""Weather of a zone where its station is silent."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from models.entities.weather import LONGEST_LINE_HOURS, daily_weather, weather
from models.tables.extracts import RAW_EXTRACTS

FIRST = datetime(2026, 3, 7)  # noqa: DTZ001 - naive UTC


def observed(temperatures: list[float | None], zone: str = "coast") -> pl.DataFrame:
    """An observation for each hour; none where the temperature is -99."""
    schema = RAW_EXTRACTS["weather_observations"].empty().schema
    rows = [
        {
            "station_id": f"SIM{zone}",
            "climate_zone": zone,
            "observed_hour_start_utc": FIRST + timedelta(hours=hour),
            "temperature_degc": None if value is None else Decimal(str(value)),
        }
        for hour, value in enumerate(temperatures)
        if value != -99
    ]
    filled = [dict.fromkeys(schema) | row for row in rows]
    return pl.DataFrame(filled, schema=schema)


def temperatures(found: pl.DataFrame) -> list[float | None]:
    return [None if value is None else float(value) for value in found["temperature_degc"].to_list()]


def test_short_gaps_are_interpolated_and_said_to_be() -> None:
    found = weather(observed([10.0, -99, None, 13.0]))
    assert temperatures(found) == [10.0, 11.0, 12.0, 13.0]
    assert found["is_estimated"].to_list() == [False, True, True, False]
    assert found["station_count"].to_list() == [1, 0, 1, 1]


def test_longer_gaps_are_as_the_day_before_or_unknown() -> None:
    gap = LONGEST_LINE_HOURS + 1
    day = [float(hour) for hour in range(24)]
    found = weather(observed([*day, *([None] * gap), 7.5]))
    assert temperatures(found) == [*day, *day[:gap], 7.5]
    assert temperatures(weather(observed([1.0, *([-99] * gap), 2.0]))) == [1.0, *([None] * gap), 2.0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([None, -99, 5.0, 20.5]), min_size=1, max_size=60), st.booleans())
def test_what_is_observed_stays_and_zones_do_not_mix(values: list[float | None], has_other: bool) -> None:
    rows = observed(values)
    alone = weather(rows)
    other = observed([30.0] * len(values), "desert") if has_other else observed([])
    both = weather(pl.concat([other, rows]))
    assert both.filter(climate_zone="coast").equals(alone)
    assert alone["is_estimated"].sum() == sum(
        value is not None and name not in (5.0, 20.5)
        for value, name in zip(temperatures(alone), _hours(values), strict=True)
    )


def _hours(values: list[float | None]) -> list[float | None]:
    """Values from the first to the last hour that was sent."""
    sent = [hour for hour, value in enumerate(values) if value != -99]
    return values[sent[0] : sent[-1] + 1] if sent else []


def test_a_local_date_has_23_24_or_25_hours_and_their_extremes() -> None:
    """The first observation is of 16:00 on 6 March; clocks go forward on 8 March."""
    temperatures = [float(hour % 24) for hour in range(80)]
    hours = weather(observed(temperatures))
    days = daily_weather(hours, "America/Los_Angeles")
    assert days["usage_date"].to_list() == [date(2026, 3, day) for day in (6, 7, 8, 9, 10)]
    assert days["hour_count"].to_list() == [8, 24, 23, 24, 1]
    local = hours.select(
        pl.col("hour_start_utc").dt.replace_time_zone("UTC").dt.convert_time_zone("America/Los_Angeles").dt.date(),
        pl.col("temperature_degc").cast(pl.Float64),
    )
    for row in days.iter_rows(named=True):
        values = local.filter(pl.col("hour_start_utc") == row["usage_date"])["temperature_degc"]
        assert (float(row["min_temperature_degc"]), float(row["max_temperature_degc"])) == (values.min(), values.max())
        assert abs(float(row["mean_temperature_degc"]) - values.mean()) <= 0.05 + 1e-9


def test_a_date_without_any_temperature_has_none() -> None:
    days = daily_weather(weather(observed([None] * 40)), "UTC")
    assert days["hour_count"].to_list() == [0, 0]
    assert days["max_temperature_degc"].null_count() == 2
    assert daily_weather(weather(observed([])), "UTC").is_empty()
