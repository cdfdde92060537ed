"""What all formats share: values become reads with a start in UTC, a length, whole watt-hours and a repeat number."""

from datetime import datetime

import polars as pl

from models.clock import possible_instants, standard_offset_minutes
from models.tables.raw import AUXILIARY_READS, INTERVAL_READS, METER_EVENTS, REGISTER_READS
from pipelines.readers.batches import VALUES
from pipelines.readers.times.placing import YEARS, in_years, place, with_label_faults
from pipelines.readers.times.survey import Decisions
from pipelines.readers.values.qualities import reported_quality
from pipelines.readers.values.quantities import multiplier_of, to_watt_hours, watt_hours_by_row

_MAX_REPEAT = 2**15 - 1
_ANY_YEAR = 2000
_MICROSECONDS_PER_MINUTE = 60_000_000
_MINUTES_BOUND = 2**28
_NO_VALUE = "N"
_MOST_FACTORS = 200
"""Multipliers for which values are converted column by column; where there are more, row by row."""


def normalise(values: pl.DataFrame, decisions: Decisions, format_code: str, *, are_slots: bool) -> pl.DataFrame:
    """Turn values into reads.

    Args:
        values: Columns of `batches.VALUES`, in file order.
        decisions: What the file as a whole means.
        format_code: Format of the file.
        are_slots: The labels are the columns of a wide table.

    Returns:
        The values with `nominal`, `minutes`, `interval_start_utc`, `reported_wh`, `reported_text`,
        `reported_quality_code` and `reason`. Blank cells that stand for nothing (the column of a channel that the
        meter does not have, or of an hour that does not exist) are left out; every other value is there.
    """
    if decisions.absent.height:
        values = values.join(decisions.absent, on=decisions.absent.columns, how="anti", maintain_order="left")
    values = with_label_faults(values)
    if decisions.ignores_offsets:
        values = values.with_columns(offset_minutes=pl.lit(None, VALUES["offset_minutes"]))
    values = _placed(values, decisions, are_slots=are_slots)
    values = values.with_columns(reported_quality(values["quality"], format_code).alias("reported_quality_code"))
    return with_energy(values)


def _placed(values: pl.DataFrame, decisions: Decisions, *, are_slots: bool) -> pl.DataFrame:
    clock, minutes = decisions.clock, decisions.default_minutes
    if decisions.placed is None:
        return place(values, clock, minutes, are_slots=are_slots)
    day = pl.col("wall").dt.date()
    is_near = values.select(day.is_in(decisions.change_days) & pl.col("reason").is_null()).to_series()
    is_near = is_near.fill_null(value=False)
    if not is_near.any():
        return place(values, clock, minutes, are_slots=are_slots)
    values = values.with_row_index("place")
    far = place(values.filter(~is_near), clock, minutes, are_slots=are_slots)
    keys = ["row_number", "value_position"]
    near = values.filter(is_near).drop("minutes", "reason").join(decisions.placed, on=keys, maintain_order="left")
    return pl.concat([far, near.select(far.columns)]).sort("place").drop("place")


def with_energy(values: pl.DataFrame) -> pl.DataFrame:
    """Add `reported_wh` and `reported_text`; refuse values that are no numbers.

    A value that the feed flags as no value keeps its text and has no energy; one in another unit than energy keeps
    its text only.
    """
    is_energy = values["unit_code"].is_null()
    text = values["value"]
    if values["reported_quality_code"].null_count() < values.height:
        is_energy = is_energy & values["reported_quality_code"].ne_missing(_NO_VALUE)
    if not is_energy.all():
        text = text.zip_with(is_energy, pl.Series([None], dtype=pl.String))
    if _is_one(values["power_of_ten"]) and _is_one(values["multiplier"]):
        energy = _energy(text, values.item(0, "power_of_ten"), values.item(0, "multiplier"))
    elif values.is_empty():
        energy = _energy(text, None, None)
    else:
        energy = _energies(values.select("power_of_ten", "multiplier", text=text))
    reported_text = energy["reported_text"]
    if not is_energy.all():
        verbatim = values["value"].str.strip_chars()
        verbatim = verbatim.zip_with(verbatim != "", pl.Series([None], dtype=pl.String))
        reported_text = reported_text.zip_with(is_energy, verbatim)
    values = values.with_columns(energy["reported_wh"], reported_text.alias("reported_text"))
    if energy["reason"].null_count() < energy.height:
        values = values.with_columns(reason=pl.coalesce("reason", energy["reason"]))
    return values


def _is_one(column: pl.Series) -> bool:
    """True where all rows hold the same, or all hold nothing."""
    nulls = column.null_count()
    return len(column) > 0 and (nulls == len(column) or (nulls == 0 and column.min() == column.max()))


def _energies(rows: pl.DataFrame) -> pl.DataFrame:
    """`_energy` of rows that do not share their power of ten and multiplier."""
    factors = ["power_of_ten", "multiplier"]
    if rows.select(pl.struct(factors).n_unique()).item() > _MOST_FACTORS:
        return watt_hours_by_row(rows)
    parts = rows.with_row_index("row").partition_by(factors, as_dict=True)
    found = [_energy(part["text"], *factor).with_columns(part["row"]) for factor, part in parts.items()]
    return pl.concat(found).sort("row").drop("row")


def _energy(texts: pl.Series, power_of_ten: int | None, multiplier: str | None) -> pl.DataFrame:
    try:
        factor = multiplier_of(multiplier)
    except ValueError as error:
        refused = {"reported_wh": pl.Int64, "reported_text": pl.String}
        nothing = [pl.lit(None, kind).alias(name) for name, kind in refused.items()]
        return texts.alias("text").to_frame().with_columns(*nothing, reason=pl.lit(str(error))).drop("text")
    return to_watt_hours(texts, power_of_ten or 0, factor)


def as_reads(values: pl.DataFrame) -> pl.DataFrame:
    """Interval reads without `file_id` and `part_number`, with `nominal_minutes` and `meter_multiplier`.

    Sorted by meter, channel, start and place in the file; repeats of the three are numbered.
    """
    meters = values["meter_id"].unique().sort()
    numbers = pl.DataFrame({"meter_id": meters, "meter_no": pl.arange(len(meters), dtype=pl.Int64, eager=True)})
    values = values.join(numbers, on="meter_id", how="left", maintain_order="left")
    minute = pl.col("interval_start_utc").to_physical() // _MICROSECONDS_PER_MINUTE
    channel = pl.col("channel_code").to_physical().cast(pl.Int64)
    values = values.with_columns(key=(pl.col("meter_no") * 2 + channel) * _MINUTES_BOUND + minute)
    if not values["key"].is_sorted():
        values = values.sort("key", maintain_order=True)
    is_repeat = (values["key"] == values["key"].shift()).fill_null(value=False)
    repeat = pl.lit(0, pl.Int16)
    if is_repeat.any():
        place = pl.int_range(pl.len())
        first = pl.when(~is_repeat).then(place).forward_fill()
        repeat = (place - first).clip(upper_bound=_MAX_REPEAT).cast(pl.Int16)
    columns = {
        "interval_minutes": pl.col("minutes").cast(pl.Int16),
        "source_label": pl.col("label").fill_null(""),
        "source_quality_code": _quality(),
        "repeat_number": repeat,
    }
    names = [name for name in INTERVAL_READS.columns if name not in ("file_id", "part_number")]
    return values.select(
        *(columns.get(name, pl.col(name)).alias(name) for name in names),
        nominal_minutes=pl.col("nominal").cast(pl.Int16),
        meter_multiplier=pl.col("multiplier").cast(pl.Float64, strict=False),
    )


def as_auxiliary_reads(values: pl.DataFrame) -> pl.DataFrame:
    """Auxiliary reads without `file_id`, in the order of reads."""
    names = [name for name in AUXILIARY_READS.columns if name != "file_id"]
    columns = {
        "interval_minutes": pl.col("minutes").cast(pl.Int16),
        "source_label": pl.col("label").fill_null(""),
        "source_quality_code": _quality(),
    }
    return values.sort("meter_id", "stream_code", "interval_start_utc", maintain_order=True).select(
        columns.get(name, pl.col(name)).alias(name) for name in names
    )


def register_reads(rows: pl.DataFrame, decisions: Decisions, format_code: str) -> pl.DataFrame:
    """Turn rows of `batches.REGISTERS` into register reads without `file_id`, and `reason` of those refused."""
    rows = _with_instants(with_label_faults(rows, to_the_minute=False), decisions)
    rows = rows.with_columns(reported_quality(rows["quality"], format_code).alias("reported_quality_code"))
    rows = with_energy(rows)
    used = with_energy(rows.with_columns(value="consumption", reason=pl.lit(None, pl.String)))
    text = pl.col("value").str.strip_chars()
    rows = rows.with_columns(
        used["reported_wh"].alias("stated_consumption_wh"),
        reported_text=pl.when(text != "").then(text),
        read_at_utc="instant",
        meter_multiplier=pl.col("multiplier").cast(pl.Float64, strict=False),
        source_label=pl.col("label").fill_null(""),
        source_quality_code=_quality(),
    )
    return rows.select(*(name for name in REGISTER_READS.columns if name != "file_id"), "reason")


def meter_events(rows: pl.DataFrame, decisions: Decisions) -> pl.DataFrame:
    """Turn rows of `batches.EVENTS` into meter events without `file_id`, and `reason` of those refused."""
    rows = _with_instants(with_label_faults(rows, to_the_minute=False), decisions)
    ends = _event_ends(rows, decisions)
    rows = rows.with_columns(
        ends["event_end_utc"],
        event_start_utc="instant",
        source_event_code="event_code",
        source_event_text="event_text",
        source_label=pl.col("label").fill_null(""),
        reason=pl.coalesce("reason", ends["reason"]),
    )
    return rows.select(*(name for name in METER_EVENTS.columns if name != "file_id"), "reason")


def _event_ends(rows: pl.DataFrame, decisions: Decisions) -> pl.DataFrame:
    """`event_end_utc`, null for a moment, and `reason` where an end cannot be; of two readings the first that can."""
    start, end = pl.col("start"), pl.col("instant")
    walls = pl.when(in_years(pl.col("end_wall"))).then("end_wall")
    ends = rows.select(pl.lit(None, pl.String).alias("reason"), wall=walls, offset_minutes="end_offset_minutes")
    ends = _with_instants(ends, decisions).with_columns(rows["end_wall"], rows["instant"].alias("start"))
    if decisions.clock.clock_code == "local":
        latest = possible_instants(ends["wall"], decisions.clock.time_zone)["latest"]
        is_second = pl.col("offset_minutes").is_null() & (end < start) & (latest >= start)
        ends = ends.with_columns(instant=pl.when(is_second).then(latest).otherwise(end))
    fault = (
        pl.when(pl.col("end_wall").is_not_null() & pl.col("wall").is_null())
        .then(pl.lit(f"the end of the event lies outside the years {YEARS}"))
        .when(end < start)
        .then(pl.lit("the event ends before it begins; correct one of the two times"))
    )
    return ends.select(event_end_utc="instant", reason=pl.coalesce(fault, "reason"))


def _quality() -> pl.Expr:
    return pl.when(pl.col("quality") != "").then("quality")


def _with_instants(rows: pl.DataFrame, decisions: Decisions) -> pl.DataFrame:
    """Add `instant` in UTC of the `wall` of moments; daylight time where the hour repeats, refused where it lacks."""
    clock = decisions.clock
    offset = pl.col("offset_minutes")
    if clock.clock_code == "standard":
        first = rows["wall"].min()
        year = first.year if isinstance(first, datetime) else _ANY_YEAR
        offset = offset.fill_null(standard_offset_minutes(clock.time_zone, year))
    elif clock.clock_code == "utc":
        offset = offset.fill_null(0)
    rows = rows.with_columns(
        instant=pl.coalesce(
            pl.col("wall") - pl.duration(minutes=offset), possible_instants(rows["wall"], clock.time_zone)["earliest"]
        )
    )
    fault = (
        pl.lit('local time "')
        + pl.col("wall").dt.strftime("%Y-%m-%d %H:%M")
        + (f'" does not exist in {clock.time_zone}')
    )
    is_gap = pl.col("wall").is_not_null() & pl.col("instant").is_null()
    return rows.with_columns(reason=pl.coalesce("reason", pl.when(is_gap).then(fault)))
