"""Windows of work: the meter-days that a change of inputs concerns.

A window is a row `meter_id`, `first_date`, `last_date` (local dates, both included). What changed reaches a day further
on either side, since a gap or a run of values may cross midnight; and back and forth to the register readings around
it, since they say what its intervals come to together. That later days rest on it is seen when it has been judged anew:
only then is it known whether it differs.
"""

from datetime import date, datetime, timedelta

import polars as pl

from models.tables.extracts import RAW_EXTRACTS
from models.tables.raw import FILE_CHANNELS, METER_EVENTS, REGISTER_READS
from models.tables.vee import METER_DAY_PROFILES
from models.vee.settings import VeeSettings
from pipelines import lake
from pipelines.home import Home
from pipelines.months import months_between
from pipelines.vee.inputs import Inputs

SCHEMA = {"meter_id": pl.String, "first_date": pl.Date, "last_date": pl.Date}
REACH = timedelta(days=1)
LONGEST_REGISTER_SPAN = timedelta(days=100)
"""Register readings further apart than this are not looked for."""
_FOR_GOOD = datetime(9998, 12, 31)  # noqa: DTZ001
_ENDS = ("first_read_date", "last_read_date")
_ANY_DATE = (date(1, 1, 1), date(9999, 12, 31))


def none() -> pl.DataFrame:
    """No windows."""
    return pl.DataFrame(schema=SCHEMA)


def of_changes(home: Home, settings: VeeSettings, before: Inputs, now: Inputs) -> pl.DataFrame:
    """Windows that have to be judged again, within the lives of their meters, at most one per meter.

    Args:
        home: Home folder; the raw rows of new files are read.
        settings: Thresholds in force.
        before: Inputs on which the layer rests.
        now: Inputs as they are.
    """
    lives = lives_of(before, now)
    if not before.settings.equals(now.settings):
        return lives
    new_files = now.files.join(before.files, on="file_id", how="anti")["file_id"].to_list()
    changed = [
        _judged_otherwise(before, now),
        _longer_or_shorter(before, now),
        *_of_files(home, settings, new_files, now),
        _of_climate(home, settings, before, now),
    ]
    spans = union(pl.concat(changed))
    reached = _to_register_readings(home, spans, now).with_columns(
        pl.col("first_date") - REACH, pl.col("last_date") + REACH
    )
    return within(reached, lives)


def union(windows: pl.DataFrame) -> pl.DataFrame:
    """The least single window per meter that holds all of its windows."""
    return windows.group_by("meter_id").agg(pl.col("first_date").min(), pl.col("last_date").max()).sort("meter_id")


def within(windows: pl.DataFrame, lives: pl.DataFrame) -> pl.DataFrame:
    """Windows cut down to other windows of the same meters."""
    joined = windows.join(lives, on="meter_id", suffix="_of_life")
    return joined.select(
        "meter_id",
        pl.max_horizontal("first_date", "first_date_of_life").alias("first_date"),
        pl.min_horizontal("last_date", "last_date_of_life").alias("last_date"),
    ).filter(pl.col("first_date") <= pl.col("last_date"))


def cut(windows: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """Windows cut down to some dates."""
    bounded = windows.with_columns(
        pl.col("first_date").clip(lower_bound=first), pl.col("last_date").clip(upper_bound=last)
    )
    return bounded.filter(pl.col("first_date") <= pl.col("last_date"))


def outside(windows: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """What of windows lies before and after some dates."""
    return pl.concat([cut(windows, _ANY_DATE[0], first - REACH), cut(windows, last + REACH, _ANY_DATE[1])])


def lives_of(*inputs: Inputs) -> pl.DataFrame:
    """Windows from the first to the last day of which a meter has sent any read."""
    meters = pl.concat(known.meters for known in inputs)
    return union(meters.select("meter_id", first_date="first_read_date", last_date="last_read_date")).drop_nulls()


def months_of(windows: pl.DataFrame) -> list[str]:
    """Months that windows touch, in order."""
    spans = windows.select("first_date", "last_date").unique().iter_rows()
    return sorted({month for first, last in spans for month in months_between(first, last)})


def _judged_otherwise(before: Inputs, now: Inputs) -> pl.DataFrame:
    """Whole lives of meters that are new, or of which something else is known than before."""
    own = ("meter_id", "channel_code", "interval_minutes")
    differing = [
        _differing(before.meters.drop(_ENDS), now.meters.drop(_ENDS)).select("meter_id"),
        _differing(before.channels.select(own), now.channels.select(own)).select("meter_id"),
    ]
    return lives_of(before, now).join(pl.concat(differing), on="meter_id", how="semi")


def _differing(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Rows that only one of two frames has."""
    return pl.concat(
        rows.join(others, on=one.columns, how="anti", nulls_equal=True) for rows, others in ((one, other), (other, one))
    )


def _longer_or_shorter(before: Inputs, now: Inputs) -> pl.DataFrame:
    """Days between the old and the new ends of lives."""
    both = now.channels.join(before.channels, on=["meter_id", "channel_code"], suffix="_before")
    ends = []
    for end in ("first", "last"):
        moved = both.filter(pl.col(f"{end}_interval_start_utc") != pl.col(f"{end}_interval_start_utc_before"))
        days = (f"{end}_usage_date", f"{end}_usage_date_before")
        ends.append(
            moved.select(
                "meter_id", pl.min_horizontal(days).alias("first_date"), pl.max_horizontal(days).alias("last_date")
            )
        )
    return pl.concat(ends)


def _of_files(home: Home, settings: VeeSettings, file_ids: list[str], now: Inputs) -> list[pl.DataFrame]:
    """Days of the reads, register readings, events and manual edits of new files."""
    reads = lake.read_files(home, FILE_CHANNELS, file_ids).select(
        "meter_id", first="first_interval_start_utc", last="last_interval_start_utc"
    )
    registers = lake.read_files(home, REGISTER_READS, file_ids)
    before_midnight = pl.col("read_at_utc").dt.offset_by("-1us")
    readings = registers.group_by("meter_id").agg(
        before_midnight.min().alias("first"), pl.col("read_at_utc").max().alias("last")
    )
    edits = (
        lake.read_files(home, RAW_EXTRACTS["operations_read_edits"], file_ids)
        .group_by("meter_id")
        .agg(pl.col("interval_start_utc").min().alias("first"), pl.col("interval_start_utc").max().alias("last"))
    )
    return [_local(frame, now) for frame in (reads, readings, edits, _of_events(home, settings, file_ids))]


def _of_events(home: Home, settings: VeeSettings, file_ids: list[str]) -> pl.DataFrame:
    """Instants between which new events of meters tell: from the one before of their kind to the one after.

    What a disconnection or reconnection says holds until the next one, or for good.
    """
    codes, moment = settings.events, pl.col("source_event_code").str.to_uppercase()
    kinds = {
        **dict.fromkeys((*codes.outage_start, *codes.outage_end), "outage"),
        **dict.fromkeys((*codes.disconnect, *codes.connect), "service"),
        **dict.fromkeys(codes.clock, "clock"),
    }
    kind = moment.replace_strict(kinds, default=None, return_dtype=pl.String)
    fresh = lake.read_files(home, METER_EVENTS, file_ids).filter(kind.is_not_null()).select("meter_id").unique()
    if fresh.is_empty():
        return pl.DataFrame(schema={"meter_id": pl.String, "first": pl.Datetime("us"), "last": pl.Datetime("us")})
    start = pl.col("event_start_utc")
    end = pl.max_horizontal("event_start_utc", "event_end_utc")
    events = (
        lake.scan(home, METER_EVENTS)
        .join(fresh.lazy(), on="meter_id", how="semi")
        .with_columns(kind=kind)
        .drop_nulls("kind")
        .sort("meter_id", "kind", "event_start_utc")
        .with_columns(
            first=start.shift().over("meter_id", "kind").fill_null(start),
            last=pl.max_horizontal(end, start.shift(-1).over("meter_id", "kind")),
            is_last=start.shift(-1).over("meter_id", "kind").is_null(),
        )
        .filter(pl.col("file_id").is_in(file_ids))
        .with_columns(
            first=pl.when(pl.col("kind") == "clock").then(start).otherwise("first"),
            last=pl.when(pl.col("kind") == "clock").then(start)
            .when((pl.col("kind") == "service") & pl.col("is_last")).then(pl.lit(_FOR_GOOD))
            .otherwise("last"),
        )
        .collect()
    )  # fmt: skip
    return events.select("meter_id", "first", "last")


def _local(instants: pl.DataFrame, now: Inputs) -> pl.DataFrame:
    """Windows of `first` and `last`, instants of meters, in their own zones."""
    zoned = instants.join(now.meters.select("meter_id", "time_zone"), on="meter_id")
    parts = [
        part.select(
            "meter_id",
            *(
                pl.col(name)
                .dt.replace_time_zone("UTC")
                .dt.convert_time_zone(str(part["time_zone"][0]))
                .dt.date()
                .alias(f"{name}_date")
                for name in ("first", "last")
            ),
        )
        for part in zoned.partition_by("time_zone")
    ]
    return pl.concat([none(), *parts])


def _of_climate(home: Home, settings: VeeSettings, before: Inputs, now: Inputs) -> pl.DataFrame:
    """Estimated days that might rest on other like days by another temperature or holiday."""
    weather = _differing(before.weather, now.weather).select("climate_zone", "usage_date").unique()
    holidays = _differing(before.holidays, now.holidays)["usage_date"].to_list()
    changed = [*weather["usage_date"], *holidays]
    if not changed:
        return none()
    lookback = timedelta(days=settings.like_day_lookback_days)
    last = min(max(changed) + lookback, _newest(now))
    if min(changed) > last:
        return none()
    estimated = (
        lake.scan(home, METER_DAY_PROFILES, months_between(min(changed), last))
        .filter(pl.col("usage_date").is_between(min(changed), last), pl.col("valid_count") < pl.col("expected_count"))
        .select("meter_id", "usage_date")
        .unique()
        .collect()
        .join(now.meters.select("meter_id", "climate_zone"), on="meter_id")
    )
    of_weather = estimated.join(weather, on="climate_zone", suffix="_changed").filter(
        pl.col("usage_date").is_between(pl.col("usage_date_changed"), pl.col("usage_date_changed") + lookback)
    )
    of_holidays = estimated.filter(
        pl.any_horizontal(
            pl.lit(value=False), *(pl.col("usage_date").is_between(day, day + lookback) for day in holidays)
        )
    )
    days_touched = pl.concat([frame.select("meter_id", "usage_date") for frame in (of_weather, of_holidays)])
    return days_touched.select("meter_id", first_date="usage_date", last_date="usage_date")


def _newest(now: Inputs) -> date:
    newest: date | None = now.channels["last_usage_date"].max()  # type: ignore[assignment]
    return newest or _ANY_DATE[0]


def _to_register_readings(home: Home, spans: pl.DataFrame, now: Inputs) -> pl.DataFrame:
    """Windows that begin and end where the registers were read, as far as they were."""
    if spans.is_empty():
        return spans
    first: date = spans["first_date"].min()  # type: ignore[assignment]
    last: date = spans["last_date"].max()  # type: ignore[assignment]
    read_at = pl.col("read_at_utc")
    near = (
        lake.scan(home, REGISTER_READS)
        .filter(read_at >= first - LONGEST_REGISTER_SPAN, read_at <= last + LONGEST_REGISTER_SPAN)
        .select("meter_id", first=read_at, last=read_at.dt.offset_by("-1us"))
        .collect()
        .join(spans, on="meter_id", how="semi")
    )
    days = _local(near, now).rename({"first_date": "day", "last_date": "eve"})
    # A reading at noon neither opens nor closes a whole day: the day itself belongs to the spans on either side of it.
    starts = days.select("meter_id", begins="day", whole_since=pl.col("eve") + REACH).sort("whole_since")
    closes = days.select("meter_id", ends="eve", whole_until=pl.col("day") - REACH).sort("whole_until")
    joined = (
        spans.sort("first_date")
        .join_asof(
            starts,
            left_on="first_date",
            right_on="whole_since",
            by="meter_id",
            strategy="backward",
            check_sortedness=False,
        )
        .sort("last_date")
        .join_asof(
            closes,
            left_on="last_date",
            right_on="whole_until",
            by="meter_id",
            strategy="forward",
            check_sortedness=False,
        )
    )
    return joined.select(
        "meter_id",
        pl.coalesce("begins", "first_date").alias("first_date"),
        pl.coalesce("ends", "last_date").alias("last_date"),
    )
