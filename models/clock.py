"""Clock rules: from the time label that a feed writes to the start of the interval in UTC.

Three clocks: `utc`; `local`, the wall clock of an IANA zone; `standard`, the zone's standard time all year, which is
a uniform grid without daylight saving. Two labels: a label names the `start` or the `end` of its interval. An
explicit UTC offset in a label always wins over the clock.

The rules for local wall clocks follow the practice of utility meter feeds (California Attachment VEE; Green Button
and Itron exports): the repeated autumn hour is told apart by order within the file, and a label in the spring gap
is refused instead of moved.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import polars as pl

from models.tables.raw import CLOCKS, LABELS

DAY_MINUTES = 1440
"""Nominal length of a daily interval, whatever the length of the local day."""

_UTC = pl.Datetime("us")


@dataclass(frozen=True)
class Clock:
    """How the time labels of one file are to be read.

    Attributes:
        time_zone: IANA zone of the meters; used by the clocks `local` and `standard`.
        clock_code: utc, local or standard.
        label_code: start or end.

    Raises:
        ValueError: The zone is unknown or a code is not in its list.
    """

    time_zone: str
    clock_code: str
    label_code: str

    def __post_init__(self) -> None:
        if self.clock_code not in CLOCKS:
            raise ValueError(f'clock "{self.clock_code}" is not one of {", ".join(CLOCKS)}')
        if self.label_code not in LABELS:
            raise ValueError(f'label "{self.label_code}" is not one of {", ".join(LABELS)}')
        check_time_zone(self.time_zone)


def check_time_zone(time_zone: str) -> None:
    """Make sure that a time zone has a name in the IANA database.

    Args:
        time_zone: For example America/Los_Angeles.

    Raises:
        ValueError: No zone has this name.
    """
    try:
        pl.Series([datetime(2000, 1, 1)]).dt.replace_time_zone(time_zone)  # noqa: DTZ001 - naive on purpose
    except (pl.exceptions.ComputeError, pl.exceptions.InvalidOperationError) as error:
        raise ValueError(f'time zone "{time_zone}" is not an IANA time zone such as America/Los_Angeles') from error


def standard_offset_minutes(time_zone: str, year: int) -> int:
    """UTC offset of a zone's standard time, the lesser of its January and July offsets.

    The lesser of the two is winter time in both hemispheres, also for zones whose database entry calls summer time
    the standard (Europe/Dublin).

    Args:
        time_zone: IANA zone.
        year: Calendar year, because zones change their standard time now and then.

    Returns:
        Minutes east of Greenwich: -480 for America/Los_Angeles.
    """
    utc = pl.Series([datetime(year, 1, 1), datetime(year, 7, 1)], dtype=_UTC)  # noqa: DTZ001 - naive UTC
    offsets = to_local(utc, time_zone) - utc
    return int(offsets.dt.total_minutes().to_list()[0 if offsets[0] <= offsets[1] else 1])


def to_local(instants: pl.Series, time_zone: str) -> pl.Series:
    """Wall clock of a zone at each instant; naive UTC in, naive local time out, both in microseconds."""
    return instants.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.replace_time_zone(None)


def possible_instants(walls: pl.Series, time_zone: str) -> pl.DataFrame:
    """Both readings in UTC of wall-clock times.

    Args:
        walls: Naive wall-clock times of the zone; nulls stay null.
        time_zone: IANA zone.

    Returns:
        One row per wall-clock time, in order: `earliest` (daylight time where the hour repeats) and `latest`
        (standard time), naive UTC in microseconds. They differ only in the repeated autumn hour and both are null
        in the spring gap.
    """
    distinct = walls.drop_nulls().unique()
    # A join costs about as much as the conversion itself, so it pays only where labels repeat over many meters.
    table = (walls if len(distinct) > len(walls) // 2 else distinct).alias("wall").to_frame()
    for name in ("earliest", "latest"):
        zoned = pl.col("wall").dt.replace_time_zone(time_zone, ambiguous=pl.lit(name), non_existent="null")
        table = table.with_columns(zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None).alias(name))
    if table.height != len(walls):
        table = walls.alias("wall").to_frame().join(table, on="wall", how="left", maintain_order="left")
    return table.select("earliest", "latest")


@lru_cache(maxsize=256)
def clock_change_dates(time_zone: str, year: int) -> tuple[date, ...]:
    """Local dates of a calendar year on which the UTC offset of a zone changes, in order.

    Args:
        time_zone: IANA zone.
        year: Calendar year, UTC.
    """
    first, last = datetime(year - 1, 12, 31), datetime(year + 1, 1, 1)  # noqa: DTZ001 - naive UTC
    utc = pl.datetime_range(first, last, "15m", time_unit="us", closed="left", eager=True)
    local = to_local(utc, time_zone)
    changes = ((local - utc).diff() != timedelta()).fill_null(value=False)
    return tuple(local.filter(changes).dt.date().to_list())


def local_day_minutes(starts: pl.Series, time_zone: str) -> pl.Series:
    """Minutes from each instant to the same wall-clock time on the next local day: 1380, 1440 or 1500.

    Args:
        starts: Naive UTC.
        time_zone: IANA zone.

    Returns:
        Int64; 1440 where the next day's wall-clock time does not exist.
    """
    ends = possible_instants(to_local(starts, time_zone).dt.offset_by("1d"), time_zone)["earliest"]
    return (ends - starts).dt.total_minutes().fill_null(DAY_MINUTES)


def are_on_grid(starts: pl.Series, lengths: pl.Series, time_zone: str) -> pl.Series:
    """Whether intervals begin where the calendar expects them: on multiples of their length of the local day.

    Args:
        starts: Naive UTC, on whole minutes.
        lengths: Nominal lengths in minutes; one of a day begins with the local date.
        time_zone: IANA zone.
    """
    local, before = to_local(starts, time_zone), to_local(starts.dt.offset_by("-1m"), time_zone)
    minute = local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute()
    return ((local.dt.date() != before.dt.date()) & (lengths == DAY_MINUTES)) | (
        (minute % lengths == 0) & (lengths < DAY_MINUTES)
    )


def interval_starts(labels: pl.DataFrame, clock: Clock, *, are_slots: bool = False) -> pl.DataFrame:
    """Start in UTC of every labelled interval.

    On the local clock the repeated autumn hour is resolved by the order of rows within (meter_id, channel_code):
    the first occurrence of a label is daylight time, the second standard time, a third is left as a repeat of the
    second, and a single one is daylight time. Labels in the spring gap are refused.

    End labels on a local clock follow one of two conventions: the wall clock at the instant at which the interval
    ends, or the wall-clock start plus the length. Both readings are made, and the file gets the one with fewer
    refused or repeated intervals; the former on a tie. An end label of a daily interval always names the midnight
    after the local day.

    Args:
        labels: One row per read, in file order: `meter_id`, `channel_code`, `wall` (naive time as written),
            `offset_minutes` (minutes east of Greenwich that the label states, else null), `minutes` (nominal
            length; needed for end labels). With `are_slots` also `has_value`.
        clock: How to read the labels.
        are_slots: The labels are columns of a day, one value each, so a label of the repeated hour means its first
            occurrence on every line, and a tie between the two end conventions goes to start plus length.

    Returns:
        One row per input row, in order: `interval_start_utc` (naive UTC, microseconds) and `reason` (why the start
        is null; null as well where an input is null).
    """
    if clock.clock_code != "local":
        starts = _uniform_starts(labels, clock)
        return pl.DataFrame({"interval_start_utc": starts}).with_columns(reason=pl.lit(None, pl.String))
    if clock.label_code == "start":
        walls, starts = _local_starts(labels, labels["wall"], clock.time_zone, are_slots=are_slots)
    else:
        walls, starts = _local_starts_of_ends(labels, clock.time_zone, are_slots=are_slots)
    gap = (
        pl.lit("local time ")
        + pl.col("wall").dt.strftime("%Y-%m-%d %H:%M")
        + f" does not exist in {clock.time_zone}; if the file keeps standard time all year, give --clock standard"
    )
    frame = pl.DataFrame({"wall": walls, "interval_start_utc": starts})
    is_gap = pl.col("wall").is_not_null() & pl.col("interval_start_utc").is_null()
    if not frame.select(is_gap.any()).item():
        return frame.select("interval_start_utc", reason=pl.lit(None, pl.String))
    return frame.select("interval_start_utc", reason=pl.when(is_gap).then(gap))


def _length() -> pl.Expr:
    return pl.duration(minutes=pl.col("minutes"))


def _instant() -> pl.Expr:
    return pl.col("wall") - pl.duration(minutes=pl.col("offset_minutes"))


def _uniform_starts(labels: pl.DataFrame, clock: Clock) -> pl.Series:
    """Starts on a clock of constant UTC offset."""
    offset = 0
    first = labels["wall"].min()
    if clock.clock_code == "standard" and isinstance(first, datetime):
        offset = standard_offset_minutes(clock.time_zone, first.year)
    start = pl.col("wall") - pl.duration(minutes=pl.col("offset_minutes").fill_null(offset))
    if clock.label_code == "end":
        start = start - _length()
    return labels.select(start.cast(_UTC)).to_series()


def _local_starts(
    labels: pl.DataFrame, walls: pl.Series, time_zone: str, *, are_slots: bool
) -> tuple[pl.Series, pl.Series]:
    """Wall clocks that needed the zone (null where the label states its offset), and instants in UTC.

    Args:
        labels: As in `interval_starts`; gives keys, offsets and row order.
        walls: Wall-clock times to turn into instants, one per row of `labels`.
        time_zone: IANA zone.
        are_slots: See `interval_starts`.
    """
    frame = labels.select("meter_id", "channel_code", "offset_minutes", wall=walls)
    zoned = frame.select(pl.when(pl.col("offset_minutes").is_null()).then(pl.col("wall"))).to_series()
    instants = possible_instants(zoned, time_zone)
    starts = instants["earliest"]
    repeated = (instants["earliest"] != instants["latest"]).fill_null(value=False)
    if not are_slots and repeated.any():
        keyed = frame.with_columns(latest=instants["latest"]).with_row_index("row").filter(repeated)
        occurrence = pl.int_range(pl.len()).over("meter_id", "channel_code", "wall")
        later = keyed.filter(occurrence > 0)
        starts = starts.scatter(later["row"], later["latest"])
    if frame["offset_minutes"].null_count() < frame.height:
        starts = frame.select(pl.coalesce(starts, _instant())).to_series()
    return zoned, starts


def _local_starts_of_ends(labels: pl.DataFrame, time_zone: str, *, are_slots: bool) -> tuple[pl.Series, pl.Series]:
    """As `_local_starts`, for end labels: the better of the two conventions for the file."""
    is_daily = pl.col("minutes") == DAY_MINUTES
    states_offset = pl.col("offset_minutes").is_not_null()
    if labels.select((is_daily & states_offset).any()).item():
        local = to_local(labels.select(_instant().cast(_UTC)).to_series(), time_zone)
        labels = labels.with_columns(
            wall=pl.when(is_daily & states_offset).then(local).otherwise(pl.col("wall")),
            offset_minutes=pl.when(~is_daily).then(pl.col("offset_minutes")),
        )
    before = labels.select(pl.col("wall") - _length()).to_series()
    label_walls = labels.select(pl.when(is_daily).then(before).otherwise(pl.col("wall"))).to_series()
    walls_a, ends = _local_starts(labels, label_walls, time_zone, are_slots=are_slots)
    starts_a = labels.select(pl.when(is_daily).then(ends).otherwise(ends - _length()).cast(_UTC)).to_series()
    walls_b, starts_b = _local_starts(labels, before, time_zone, are_slots=are_slots)
    stated = labels.select(states_offset).to_series()
    if stated.any():
        starts_b = pl.select(pl.when(stated).then(starts_a).otherwise(starts_b)).to_series()
    faults_a, faults_b = _count_faults(labels, starts_a, starts_b)
    if faults_b < faults_a or (are_slots and faults_a == faults_b):
        return walls_b, starts_b
    return walls_a, starts_a


def _count_faults(labels: pl.DataFrame, starts_a: pl.Series, starts_b: pl.Series) -> tuple[int, int]:
    """Refused or repeated intervals under each reading, over the rows where the readings can differ.

    Rows on which both readings agree, and no row that differs comes near, repeat equally often in both; they are
    left out, which keeps the count off the bulk of the file.
    """
    frame = labels.select("meter_id", "channel_code", a=starts_a, b=starts_b)
    if "has_value" in labels.columns:
        frame = frame.filter(labels["has_value"])
    differing = frame.filter(~pl.col("a").eq_missing(pl.col("b")))
    if differing.is_empty():
        return 0, 0
    near = pl.concat([differing["a"], differing["b"]]).unique().drop_nulls().implode()
    frame = frame.filter(pl.col("a").is_in(near) | pl.col("b").is_in(near) | ~pl.col("a").eq_missing(pl.col("b")))
    counts = []
    for name in ("a", "b"):
        known = frame.filter(pl.col(name).is_not_null())
        repeated = known.height - known.select("meter_id", "channel_code", name).unique().height
        counts.append(frame.height - known.height + repeated)
    return counts[0], counts[1]
