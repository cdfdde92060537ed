"""Tables of the entities layer: what reads are about, built from raw by pure functions."""

import dataframely as dy

from models.tables.base import CHANNELS, Table, code, count, local_date, minutes, utc

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


class Meters(dy.Schema):
    """Meters known from their reads."""

    meter_id = dy.String(primary_key=True, description="Meter as named by the feed.")
    time_zone = dy.String(description="IANA zone whose calendar the meter's days follow.")
    interval_minutes = minutes("Nominal interval length.")
    customer_class = dy.String(description="Class that selects VEE limits; unclassified where none was given.")
    is_synthetic = dy.Bool(description="True for a meter of the simulator.")
    installed_date = local_date("Local date of the first read, until a device registry gives a better one.")
    last_read_date = local_date("Local date of the latest read, of whatever length.")
    has_received_channel = dy.Bool(description="True where the meter has reported energy to the grid.")


class MeterChannels(dy.Schema):
    """Meter channels and the span in which reads are expected of them."""

    meter_id = dy.String(primary_key=True, description="Meter.")
    channel_code = code(CHANNELS, "Direction of energy.", primary_key=True)
    interval_minutes = minutes("Nominal interval length of the channel.")
    first_interval_start_utc = utc("First interval ever reported.")
    last_interval_start_utc = utc("Last interval reported so far.")
    first_usage_date = local_date("Local date of the first interval.")
    last_usage_date = local_date("Local date of the last interval.")
    file_count = count("Files that hold reads of the channel.")


BUILDS = Table("entities", "builds", "one row: the build being made", Builds)
DATES = Table("entities", "dates", "one row per civil date", Dates)
INTERVALS = Table("entities", "intervals", "one row per instant of the finest grid and time zone", Intervals)
METERS = Table("entities", "meters", "one row per meter", Meters)
METER_CHANNELS = Table("entities", "meter_channels", "one row per meter and channel", MeterChannels)
