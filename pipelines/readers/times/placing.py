"""Where values lie in time: the length of each interval and its start in UTC."""

from datetime import datetime
from typing import TypeVar

import polars as pl

from models.clock import Clock, interval_starts, local_day_minutes, possible_instants, to_local
from models.columns import ALLOWED_MINUTES
from pipelines.readers.options import DAILY_MINUTES
from pipelines.readers.shown import shown
from pipelines.readers.values.short_texts import text_fault

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_FIRST, _END = datetime(_FIRST_YEAR, 1, 1), datetime(_LAST_YEAR + 1, 1, 1)  # noqa: DTZ001 - as written
_MICROSECONDS_PER_MINUTE = 60_000_000
_Walls = TypeVar("_Walls", pl.Expr, pl.Series)

YEARS = f"{_FIRST_YEAR} to {_LAST_YEAR}"


def in_years(walls: _Walls) -> _Walls:
    """True for times of plausible years."""
    return walls.is_between(_FIRST, _END, closed="left")


def with_label_faults(rows: pl.DataFrame, *, to_the_minute: bool = True) -> pl.DataFrame:
    """Refuse rows without a meter, or with a label that is not a time of a plausible year, or with too long texts.

    Args:
        rows: Columns `meter_id`, `label`, `wall`, `reason`.
        to_the_minute: Labels are bounds of intervals, which lie on whole minutes.

    Returns:
        The same rows; `wall` is null where there is a reason.
    """
    wall = pl.col("wall")
    is_plausible = in_years(wall)
    on_minute = wall.to_physical() % _MICROSECONDS_PER_MINUTE == 0 if to_the_minute else pl.lit(value=True)
    is_fine = is_plausible & on_minute
    has_all = not rows["meter_id"].null_count() and not rows["wall"].null_count()
    of_texts = text_fault(rows)
    if has_all and of_texts is None and rows.select(is_fine.all()).item():
        return rows
    label = pl.lit('time label "') + shown(pl.col("label")) + '" '
    fault = (
        pl.when(pl.col("meter_id").is_null())
        .then(pl.lit("the meter id is missing; fill it in, or name the file's only meter with --meter-id"))
        .when(wall.is_null())
        .then(label + "cannot be read")
        .when(~is_plausible)
        .then(label + f"lies outside the years {YEARS}")
        .when(~on_minute)
        .then(label + "is not on a whole minute")
    )
    rows = rows.with_columns(reason=pl.coalesce("reason", *([] if of_texts is None else [of_texts]), fault))
    return rows.with_columns(wall=pl.when(pl.col("reason").is_null()).then(wall))


def place(values: pl.DataFrame, clock: Clock, default_minutes: int | None, *, are_slots: bool = False) -> pl.DataFrame:
    """Give every value its length and its start.

    Args:
        values: Columns of `batches.VALUES` after `with_label_faults`, in file order.
        clock: How labels are to be read.
        default_minutes: Length of values for which neither a column nor an end label gives one.
        are_slots: The labels are the columns of a wide table.

    Returns:
        The values with `nominal` (5, 10, 15, 30, 60, or 1440 for a daily read of whatever length), `minutes` (the
        length in real time) and `interval_start_utc` (naive UTC), all null where there is a `reason`. Blank slots of
        an hour that does not exist stand for nothing and are left out.
    """
    values = _with_lengths(values, clock, default_minutes)
    values = _with_starts(values, clock, are_slots=are_slots)
    return _with_actual_day_lengths(values, clock)


def _with_lengths(values: pl.DataFrame, clock: Clock, default_minutes: int | None) -> pl.DataFrame:
    if values["end_wall"].null_count() < values.height:
        values = values.with_columns(minutes=pl.coalesce("minutes", _minutes_between_labels(values, clock)))
    nominal = pl.col("minutes")
    if values["minutes"].null_count():
        nominal = nominal.fill_null(pl.lit(default_minutes, pl.Int64))
    values = values.with_columns(nominal=nominal)
    nominal = pl.col("nominal")
    values = values.with_columns(nominal=pl.when(nominal.is_in(DAILY_MINUTES)).then(1440).otherwise(nominal))
    if values.select(nominal.is_in(ALLOWED_MINUTES).fill_null(value=False).all()).item():
        return values
    listed = ", ".join(str(minutes) for minutes in ALLOWED_MINUTES[:-1])
    fault = (
        pl.when(nominal.is_null())
        .then(pl.lit("the interval length cannot be determined; give --interval-minutes or a column interval_minutes"))
        .when(~nominal.is_in(ALLOWED_MINUTES))
        .then(
            pl.lit("an interval length of ")
            + nominal.cast(pl.String)
            + f" minutes is not {listed} minutes or one day; correct it, or give --interval-minutes where the file "
            "reports none"
        )
    )
    values = values.with_columns(reason=pl.coalesce("reason", fault))
    return values.with_columns(wall=pl.when(pl.col("reason").is_null()).then("wall"))


def _minutes_between_labels(values: pl.DataFrame, clock: Clock) -> pl.Series:
    """Length by start and end label; null where there is no end label or the clock cannot tell.

    The difference of the labels themselves, if that is an allowed length; else, for intervals that touch a change
    of the clock, the difference of the instants.
    """
    allowed = (*ALLOWED_MINUTES, *DAILY_MINUTES)
    instants = values.select(
        start=pl.col("wall") - pl.duration(minutes=pl.col("offset_minutes").fill_null(0)),
        end=pl.col("end_wall") - pl.duration(minutes=pl.col("end_offset_minutes").fill_null(0)),
    )
    minutes = instants.select((pl.col("end") - pl.col("start")).dt.total_minutes()).to_series()
    is_odd = ~minutes.is_in(allowed) & minutes.is_not_null()
    if clock.clock_code != "local" or not is_odd.any():
        return minutes
    is_zoned = values["offset_minutes"].is_null() & values["end_offset_minutes"].is_null()
    starts = interval_starts(values, Clock(clock.time_zone, "local", "start"))["interval_start_utc"]
    ends = possible_instants(values["end_wall"], clock.time_zone)
    for name in ("latest", "earliest"):
        candidate = (ends[name] - starts).dt.total_minutes()
        use = is_odd & is_zoned & candidate.is_in(allowed)
        minutes = candidate.zip_with(use.fill_null(value=False), minutes)
    return minutes


def _with_starts(values: pl.DataFrame, clock: Clock, *, are_slots: bool) -> pl.DataFrame:
    """Add `interval_start_utc`; refuse labels that name no instant."""
    is_local = clock.clock_code == "local"
    length = pl.col("nominal") if is_local else pl.coalesce("minutes", "nominal")
    labels = values.select("meter_id", "channel_code", "wall", "offset_minutes", minutes=length)
    is_blank = is_blank_value(values["value"]) if are_slots else None
    if is_blank is not None:
        labels = labels.with_columns(has_value=~is_blank)
    starts = interval_starts(labels, clock, are_slots=are_slots)
    has_reasons = starts["reason"].null_count() < starts.height
    values = values.with_columns(starts["interval_start_utc"])
    if has_reasons:
        values = values.with_columns(reason=pl.coalesce("reason", starts["reason"]))
    if is_blank is not None and has_reasons:
        values = values.filter(~(starts["reason"].is_not_null() & is_blank))
    return values


def _with_actual_day_lengths(values: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Fill in `minutes`: the nominal length, or for local days of unreported length 1380, 1440 or 1500."""
    if not values["minutes"].null_count():
        return values
    is_day = (values["nominal"] == 1440) & values["minutes"].is_null() & values["interval_start_utc"].is_not_null()
    values = values.with_columns(minutes=pl.coalesce("minutes", "nominal"))
    if clock.clock_code == "standard" or not is_day.any():
        return values
    days = values.with_row_index("row").filter(is_day).select("row", "interval_start_utc")
    local = to_local(days["interval_start_utc"], clock.time_zone)
    at_midnight = local.dt.truncate("1d") == local
    days = days.filter(at_midnight)
    lengths = local_day_minutes(days["interval_start_utc"], clock.time_zone)
    return values.with_columns(values["minutes"].scatter(days["row"], lengths))


def is_blank_value(texts: pl.Series) -> pl.Series:
    """True for null and for text of nothing but spaces."""
    return texts.is_null() | (texts.str.strip_chars() == "")
