"""The build, the civil calendar and the clock."""

import dataframely as dy

from models.tables.base import Table, code, local_date, minutes, utc

DAY_TYPES = ("weekday", "weekend", "holiday")
SEASONS = ("summer", "winter")


class Builds(dy.Schema):
    """The build that is being made."""

    build_id = dy.Int64(primary_key=True, min=1, description="Number of the build, rising.")
    previous_build_id = dy.Int64(nullable=True, min=1, description="The build before; null for the first.")
    built_at_utc = utc("When the build began.")
    business_date = local_date("Latest local date that has a read; null in an empty home.", nullable=True)
    code_version = dy.String(description="Version of Meterhouse that made the build.")
    is_synthetic = dy.Bool(description="True where any file came from the simulator.")


class Dates(dy.Schema):
    """Civil calendar."""

    usage_date = local_date("Civil date.", primary_key=True)
    day_type = code(DAY_TYPES, "weekday, weekend or holiday; a holiday on a weekend is a holiday.")
    season = code(SEASONS, "summer is June to September, winter the rest.")
    is_holiday = dy.Bool(description="True on a public holiday of the service territory.")
    holiday_name = dy.String(nullable=True, description="Name of the holiday; null on other days.")


class Intervals(dy.Schema):
    """Clock: every instant of the finest grid, told in every time zone in use."""

    time_zone = dy.String(primary_key=True, description="IANA time zone.")
    interval_start_utc = utc("Instant.", primary_key=True)
    interval_start_local = dy.Datetime(
        time_unit="us",
        description="Wall clock at that instant; repeats in the hour that ends daylight saving.",
        metadata={"unit": "local time"},
    )
    usage_date = local_date("Civil date at that instant.")
    minute_of_day = minutes("Minutes since midnight on the wall clock.")
    day_minutes = minutes("Length of the civil date: 1380, 1440 or 1500 where clocks change by one hour.")
    is_day_start = dy.Bool(description="True for the first instant of the civil date.")


BUILDS = Table("entities", "builds", "one row: the build being made", Builds)
DATES = Table("entities", "dates", "one row per civil date", Dates)
INTERVALS = Table("entities", "intervals", "one row per instant of the finest grid and time zone", Intervals)
