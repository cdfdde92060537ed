"""What all formats share: values become reads with a start in UTC, a length, whole watt-hours and a repeat number."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from models.clock import Clock, interval_starts, local_day_minutes, possible_instants, to_local
from models.tables.base import CHANNELS
from models.tables.raw import INTERVAL_READS
from pipelines.readers.options import ALLOWED_MINUTES, DAILY_MINUTES, FileReads, ReadOptions
from pipelines.readers.quantities import to_watt_hours

_VALUE_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "row_number": pl.Int64,
    "value_position": pl.Int32,
    "meter_id": pl.String,
    "channel_code": pl.Enum(CHANNELS),
    "label": pl.String,
    "wall": pl.Datetime("us"),
    "offset_minutes": pl.Int32,
    "minutes": pl.Int64,
    "end_wall": pl.Datetime("us"),
    "end_offset_minutes": pl.Int32,
    "value": pl.String,
    "power_of_ten": pl.Int16,
    "quality": pl.String,
    "reason": pl.String,
}
VALUES = pl.Schema(_VALUE_TYPES)
"""What a format's reader hands over, one row per value in file order.

`label` is the time label verbatim; `wall` is the naive time that it states and `offset_minutes` its UTC offset, null
where it states none. `minutes` is the length that the row itself reports, and `end_wall` with `end_offset_minutes`
the end label where the row has both. `value` is the number verbatim; Wh = value x 10^power_of_ten. `reason` says why
the reader itself refuses the row.
"""

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_MAX_REPEAT = 2**15 - 1
_ROW_TEXT_CHARACTERS = 1000


@dataclass(frozen=True)
class Evidence:
    """What a reader found out about its file.

    Attributes:
        format_code: csv, parquet or espi.
        time_zone: IANA zone that the file states, if any.
        clock_code: Clock that the file's columns state, else local.
        label_code: Label in use.
        are_slots: The labels are the columns of a wide table.
    """

    format_code: str
    time_zone: str | None
    clock_code: str
    label_code: str
    are_slots: bool = False


def normalise(
    values: pl.DataFrame,
    evidence: Evidence,
    options: ReadOptions,
    row_texts: Callable[[pl.DataFrame], pl.Series],
) -> FileReads:
    """Turn values into reads and rejects.

    Args:
        values: Columns of `VALUES`, in file order.
        evidence: What the file says about itself.
        options: What the caller says; wins over the evidence.
        row_texts: Gives the verbatim text of rows, for a frame with `row_number` and `value_position`.

    Returns:
        The file's reads and rejects; every row of `values` is in one of them, save blank cells that stand for nothing:
        the column of a channel that the meter does not have, or of an hour that does not exist.

    Raises:
        ValueError: An option is not valid.
    """
    time_zone = options.time_zone or evidence.time_zone or options.default_time_zone
    clock = Clock(time_zone, options.clock_code or evidence.clock_code, evidence.label_code)
    values = _without_absent_channels(values)
    values = _with_label_faults(values)
    has_offsets = values["offset_minutes"].is_not_null()
    all_offsets = bool(values["reason"].is_null().any()) and bool((has_offsets | values["reason"].is_not_null()).all())
    if options.clock_code is None and not evidence.are_slots and _runs_through_clock_changes(values, clock):
        clock = replace(clock, clock_code="standard")
    values = _with_lengths(values, options, clock)
    values = _with_starts(values, clock, are_slots=evidence.are_slots)
    values = _with_actual_day_lengths(values, clock)
    values = _with_energy(values)
    is_good = values["reason"].is_null()
    rejects = (
        values.filter(~is_good).select("row_number", "value_position", "reason").sort("row_number", "value_position")
    )
    texts = row_texts(rejects) if rejects.height else pl.Series(dtype=pl.String)
    rejects = rejects.with_columns(row_text=texts.str.slice(0, _ROW_TEXT_CHARACTERS))
    clock_code = "utc" if all_offsets and options.clock_code is None else clock.clock_code
    reads = _as_reads(values if is_good.all() else values.filter(is_good))
    return FileReads(evidence.format_code, time_zone, clock_code, clock.label_code, reads, rejects)


def _without_absent_channels(values: pl.DataFrame) -> pl.DataFrame:
    """Leave out a meter's channel of which the file holds only blanks, while it has values of the meter's other one."""
    keys = ["meter_id", "channel_code"]
    if values["channel_code"].drop_nulls().n_unique() < len(CHANNELS):
        return values
    is_said = pl.col("value").str.strip_chars().fill_null("") != ""
    said = values.group_by(keys).agg(is_said=is_said.any())
    absent = said.filter(~pl.col("is_said") & pl.col("is_said").any().over("meter_id")).select(keys)
    return values.join(absent, on=keys, how="anti", maintain_order="left") if absent.height else values


def _with_label_faults(values: pl.DataFrame) -> pl.DataFrame:
    """Refuse rows without a meter, or with a label that is not a whole minute of a plausible year."""
    wall = pl.col("wall")
    label = pl.lit('time label "') + pl.col("label").fill_null("") + '" '
    fault = (
        pl.when(pl.col("meter_id").is_null())
        .then(pl.lit("the meter id is missing; fill it in, or name the file's only meter with --meter-id"))
        .when(wall.is_null())
        .then(label + "cannot be read")
        .when(~wall.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR))
        .then(label + f"lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
        .when(wall.dt.truncate("1m") != wall)
        .then(label + "is not on a whole minute")
    )
    is_fine = (
        pl.col("meter_id").is_not_null()
        & wall.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR).fill_null(value=False)
        & (wall.dt.truncate("1m") == wall)
    )
    if values.select(is_fine.all()).item():
        return values
    values = values.with_columns(reason=pl.coalesce("reason", fault))
    return values.with_columns(wall=pl.when(pl.col("reason").is_null()).then(wall))


def _runs_through_clock_changes(values: pl.DataFrame, clock: Clock) -> bool:
    """True where the labels cannot be the zone's wall clock: they are a uniform grid, that is standard time all year.

    Proof is energy in the hour that daylight saving skips, as many labels in it as in the hour before, and no label of
    the repeated hour twice. Zeros in the skipped hour prove nothing: systems fill it up. Of end labels only those
    within an hour count, since one of the skipped hour's two ends is a proper label under either convention.
    """
    if clock.clock_code != "local":
        return False
    wall = pl.col("wall")
    is_told = pl.col("reason").is_null() & pl.col("offset_minutes").is_null() & wall.is_not_null()
    if clock.label_code == "end":
        is_told = is_told & (wall.dt.minute() != 0)
    told = values.filter(is_told)
    instants = possible_instants(told["wall"], clock.time_zone)
    is_skipped = instants["earliest"].is_null()
    if not is_skipped.any():
        return False
    skipped = told.filter(is_skipped)
    hours_before = skipped["wall"].dt.truncate("1h").dt.offset_by("-1h").unique()
    before = told.filter(wall.dt.truncate("1h").is_in(hours_before.implode()))
    energies = skipped["value"].str.strip_chars().cast(pl.Float64, strict=False)
    repeated = told.filter((instants["earliest"] != instants["latest"]).fill_null(value=False))
    is_told_twice = repeated.select("meter_id", "channel_code", "wall").is_duplicated().any()
    return before.height == skipped.height and bool((energies != 0).any()) and not is_told_twice


def _with_lengths(values: pl.DataFrame, options: ReadOptions, clock: Clock) -> pl.DataFrame:
    """Add `nominal`, and `minutes` where the file reports or implies them: column, end label, option, common step."""
    if values["end_wall"].null_count() < values.height:
        values = values.with_columns(minutes=pl.coalesce("minutes", _minutes_between_labels(values, clock)))
    values = values.with_columns(nominal="minutes")
    if values.filter(pl.col("nominal").is_null() & pl.col("reason").is_null()).height:
        length = options.interval_minutes or _common_step(values)
        values = values.with_columns(nominal=pl.col("nominal").fill_null(pl.lit(length, pl.Int64)))
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


def _common_step(values: pl.DataFrame) -> int | None:
    """Most common step in minutes between neighbouring labels of a meter's channel; None where there is no step."""
    instant = (pl.col("wall") - pl.duration(minutes=pl.col("offset_minutes").fill_null(0))).alias("instant")
    keys = ["meter_id", "channel_code"]
    labels = values.filter(pl.col("reason").is_null()).select(*keys, instant)
    labels = labels.sort(*keys, "instant")
    same = (pl.col("meter_id") == pl.col("meter_id").shift()) & (
        pl.col("channel_code") == pl.col("channel_code").shift()
    )
    steps = labels.select(step=pl.when(same).then(pl.col("instant").diff().dt.total_minutes())).filter(
        pl.col("step") > 0
    )
    if steps.is_empty():
        return None
    counts = steps.group_by("step").len().sort(["len", "step"], descending=[True, False])
    return int(counts["step"][0])


def _with_starts(values: pl.DataFrame, clock: Clock, *, are_slots: bool) -> pl.DataFrame:
    """Add `interval_start_utc`; refuse labels that name no instant."""
    is_local = clock.clock_code == "local"
    length = pl.col("nominal") if is_local else pl.coalesce("minutes", "nominal")
    labels = values.select("meter_id", "channel_code", "wall", "offset_minutes", minutes=length)
    is_blank = values["value"].is_null() | (values["value"].str.strip_chars() == "") if are_slots else None
    if is_blank is not None:
        labels = labels.with_columns(has_value=~is_blank)
    starts = interval_starts(labels, clock, are_slots=are_slots)
    values = values.with_columns(
        interval_start_utc=starts["interval_start_utc"], reason=pl.coalesce("reason", starts["reason"])
    )
    if is_blank is not None:
        values = values.filter(~(starts["reason"].is_not_null() & is_blank))
    return values


def _with_actual_day_lengths(values: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Fill in `minutes`: the nominal length, or for local days of unreported length 1380, 1440 or 1500."""
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


def _with_energy(values: pl.DataFrame) -> pl.DataFrame:
    """Add `reported_wh` and `reported_text`; refuse values that are no numbers."""
    powers = values["power_of_ten"].drop_nulls().unique().to_list()
    if len(powers) == 1:
        energy = to_watt_hours(values["value"], powers[0])
    else:
        rows = values.select("value", "power_of_ten").with_row_index("row")
        parts = []
        for power in [*powers, None]:
            part = rows.filter(pl.col("power_of_ten").eq_missing(pl.lit(power, pl.Int16)))
            parts.append(to_watt_hours(part["value"], power or 0).with_columns(row=part["row"]))
        energy = pl.concat(parts).sort("row").drop("row")
    return values.with_columns(
        reported_wh=energy["reported_wh"],
        reported_text=energy["reported_text"],
        reason=pl.coalesce("reason", energy["reason"]),
    )


def _as_reads(values: pl.DataFrame) -> pl.DataFrame:
    """Sort, number repeats and give the declared types."""
    keys = ["meter_id", "channel_code", "interval_start_utc"]
    values = values.sort(*keys, "row_number", "value_position")
    same = pl.all_horizontal(pl.col(key) == pl.col(key).shift() for key in keys).fill_null(value=False)
    values = values.with_row_index("place").with_columns(is_repeat=same)
    if values["is_repeat"].any():
        first = pl.when(~pl.col("is_repeat")).then("place").forward_fill()
        repeat = (pl.col("place") - first).clip(upper_bound=_MAX_REPEAT).cast(pl.Int16)
    else:
        repeat = pl.lit(0, pl.Int16)
    columns = {
        "interval_minutes": pl.col("minutes").cast(pl.Int16),
        "source_label": pl.col("label"),
        "source_quality_code": pl.when(pl.col("quality") != "").then(pl.col("quality")),
        "repeat_number": repeat,
    }
    names = [name for name in INTERVAL_READS.columns if name != "file_id"]
    return values.select(
        *(columns.get(name, pl.col(name)).alias(name) for name in names),
        nominal_minutes=pl.col("nominal").cast(pl.Int16),
    )
