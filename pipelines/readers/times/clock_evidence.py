"""What the labels around changes of the clock prove about a file's clock, and what they leave open."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from models.clock import Clock, clock_change_dates, possible_instants, to_local
from pipelines.readers.batches import VALUES
from pipelines.readers.findings import Finding
from pipelines.readers.times.placing import is_blank_value, place

_KEYS = ["meter_id", "channel_code"]
_LATE_DAYS = 8


@dataclass(frozen=True)
class OffsetVerdict:
    """Whether the offsets that labels state are to be believed, and what was found about them."""

    ignores_offsets: bool
    findings: tuple[Finding, ...] = ()


def runs_through_clock_changes(values: pl.DataFrame, clock: Clock) -> bool:
    """True where the labels cannot be the zone's wall clock: they are a uniform grid, that is standard time all year.

    Proof is energy in the hour that daylight saving skips, as many labels in it as in the hour before, and no label of
    the repeated hour twice. Zeros in the skipped hour prove nothing: systems fill it up. Of end labels only those
    within an hour count, since one of the skipped hour's two ends is a proper label under either convention.

    Args:
        values: Columns of `batches.VALUES`, of the days around changes of the clock.
        clock: The clock by which they would be read.
    """
    wall = pl.col("wall")
    is_told = pl.col("offset_minutes").is_null() & wall.is_not_null()
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
    repeated = told.filter((instants["earliest"] != instants["latest"]).fill_null(value=False))
    is_told_twice = repeated.select("meter_id", "channel_code", "wall").is_duplicated().any()
    return before.height == skipped.height and bool((_energies(skipped) != 0).any()) and not is_told_twice


def is_newest_first(values: pl.DataFrame) -> bool:
    """True where the labels of meters mostly run backwards."""
    step = pl.col("wall").diff().dt.total_minutes().sign().over(_KEYS)
    return bool((values.select(step.sum()).item() or 0) < 0)


def judge_offsets(near: pl.DataFrame, days: pl.DataFrame, clock: Clock, minutes: int | None) -> OffsetVerdict:
    """Compare the offsets that labels state with the zone's.

    Offsets win as a rule. Where they change some days later than the zone's, either the flag is late and the labels
    are wall clock, or the meter's own clock is: the reading with fewer repeated and missing intervals holds, and the
    stated offsets on a tie. Labels that all state UTC mean UTC, whatever the zone.

    Args:
        near: Values of the days around changes of the clock, in file order.
        days: `day`, `offset_minutes`, `len`: how many labels state which offset on which date.
        clock: The clock by which labels without an offset would be read.
        minutes: Default interval length.
    """
    if days["offset_minutes"].drop_nulls().eq(0).all():
        return OffsetVerdict(ignores_offsets=False)
    told = near.filter(pl.col("offset_minutes").is_not_null())
    instants = told.select((pl.col("wall") - pl.duration(minutes="offset_minutes")).cast(pl.Datetime("us"))).to_series()
    strange = told.filter(to_local(instants, clock.time_zone) != told["wall"])
    far = days.filter(pl.col("offset_minutes").is_not_null() & ~pl.col("day").is_in(near["wall"].dt.date().implode()))
    far = far.join(_zone_offsets(far["day"].unique(), clock.time_zone), on=["day", "offset_minutes"], how="anti")
    count = strange.height + int(far["len"].sum())
    if not count:
        return OffsetVerdict(ignores_offsets=False)
    if far.height or not _are_late(strange, clock):
        offsets = sorted({*strange["offset_minutes"].to_list(), *far["offset_minutes"].to_list()})
        stated = ", ".join(_offset_text(offset) for offset in offsets)
        text = f"labels state UTC offsets ({stated}) that {clock.time_zone} does not have on their dates; they are kept"
        return OffsetVerdict(False, (Finding("offset_unlike_zone", count, text),))
    by_offsets = _faults(place(near, clock, minutes))
    bare = near.with_columns(offset_minutes=pl.lit(None, VALUES["offset_minutes"]))
    by_wall_clock = _faults(place(bare, clock, minutes))
    if by_wall_clock < by_offsets:
        text = (
            f"the stated UTC offset changes days after the clock of {clock.time_zone} does; by the wall clock fewer "
            "intervals repeat or lack, so it holds and the offsets are not used"
        )
        return OffsetVerdict(True, (Finding("late_offset_change", count, text),))
    text = (
        f"the meters' own clock changes days after that of {clock.time_zone}; the stated UTC offsets fit the sequence "
        "of reads and are kept"
    )
    return OffsetVerdict(False, (Finding("late_clock_change", count, text),))


def label_findings(
    placed: pl.DataFrame, clock: Clock, *, newest_first: bool, are_slots: bool
) -> tuple[pl.DataFrame, list[Finding]]:
    """What happened to labels in the repeated and in the missing hour.

    Args:
        placed: Values of the days around changes of the clock, after `placing.place`.
        clock: The clock by which they were read.
        newest_first: The file runs backwards.
        are_slots: The labels are the columns of a wide table.

    Returns:
        The values, a zero in the missing hour refused as filling; and the findings.
    """
    findings = []
    told = placed.filter(pl.col("offset_minutes").is_null() & pl.col("wall").is_not_null())
    instants = possible_instants(told["wall"], clock.time_zone)
    repeated = told.filter((instants["earliest"] != instants["latest"]).fill_null(value=False))
    if repeated.height and are_slots:
        text = (
            "one row per day has one place for the two repeated hours, so values there are read as daylight time, the "
            "first of the two hours; the second is not in the file"
        )
        filled = repeated.filter(~is_blank_value(repeated["value"]))
        if filled.height:
            findings.append(Finding("repeated_hour_once", filled.unique([*_KEYS, "wall"]).height, text))
    elif repeated.height:
        times = repeated.group_by(*_KEYS, "wall").len()
        twice = int(times.filter(pl.col("len") > 1)["len"].sum())
        once = times.filter(pl.col("len") == 1).height
        if twice:
            code = "repeated_hour_newest_first" if newest_first else "repeated_hour_in_order"
            order = "backwards, so the first of two is" if newest_first else "in order of time, so the second of two is"
            text = f"labels of the repeated hour come twice; the file runs {order} standard time"
            findings.append(Finding(code, twice, text))
        if once:
            text = "labels of the repeated hour come once and are read as daylight time, the first of the two hours"
            findings.append(Finding("repeated_hour_once", once, text))
    is_gap = pl.col("reason").is_not_null() & pl.col("wall").is_not_null() & pl.col("interval_start_utc").is_null()
    in_gap = placed.filter(is_gap)
    if in_gap.is_empty():
        return placed, findings
    zero = (_energies(in_gap) == 0).fill_null(value=False)
    if zero.any():
        text = "zeros in the hour that daylight saving skips are filling and no reads; they are set aside"
        findings.append(Finding("filled_missing_hour", int(zero.sum()), text))
        fill = (
            pl.lit("a zero at the local time ")
            + pl.col("wall").dt.strftime("%Y-%m-%d %H:%M")
            + (f", which does not exist in {clock.time_zone}, is filling and no read")
        )
        is_fill = is_gap & (_energies(placed) == 0)
        placed = placed.with_columns(reason=pl.when(is_fill).then(fill).otherwise("reason"))
    if not zero.all():
        text = f"energy at local times that do not exist in {clock.time_zone} is refused; see --clock standard"
        findings.append(Finding("missing_hour_with_energy", int((~zero).sum()), text))
    return placed, findings


def _energies(values: pl.DataFrame) -> pl.Series:
    """Values as numbers, null where they are blank or none."""
    return values["value"].str.strip_chars().cast(pl.Float64, strict=False)


def _are_late(values: pl.DataFrame, clock: Clock) -> bool:
    """True where all values lie within days after a change of the zone's clock, and state one of its offsets."""
    years = values["wall"].dt.year().unique().to_list()
    late = {
        change + timedelta(days=k)
        for year in years
        for change in clock_change_dates(clock.time_zone, year)
        for k in range(_LATE_DAYS + 1)
    }
    known = _zone_offsets(pl.Series(sorted(late), dtype=pl.Date), clock.time_zone)["offset_minutes"]
    return set(values["wall"].dt.date().to_list()) <= late and values["offset_minutes"].is_in(known.implode()).all()


def _zone_offsets(days: pl.Series, time_zone: str) -> pl.DataFrame:
    """`day` and `offset_minutes`: every offset that the zone has on each local date."""
    parts = []
    for hour in (0, 4, 23):
        wall = days.cast(pl.Datetime("us")).dt.offset_by(f"{hour}h")
        instants = possible_instants(wall, time_zone)
        for name in ("earliest", "latest"):
            offset = (wall - instants[name]).dt.total_minutes().cast(pl.Int32)
            parts.append(pl.DataFrame({"day": days, "offset_minutes": offset}))
    return pl.concat(parts).drop_nulls().unique()


def _faults(placed: pl.DataFrame) -> int:
    """Intervals that repeat or lack between the first and the last of each day's stretch."""
    known = placed.filter(pl.col("interval_start_utc").is_not_null()).sort(*_KEYS, "interval_start_utc")
    same = pl.all_horizontal(pl.col(key).eq_missing(pl.col(key).shift()) for key in _KEYS)
    step = pl.col("interval_start_utc").diff().dt.total_minutes()
    is_near = same & (step < 1440)
    lacking = (step // pl.col("nominal") - 1).clip(lower_bound=0)
    fault = pl.when(is_near & (step == 0)).then(1).when(is_near).then(lacking).otherwise(0)
    return int(known.select(fault.sum()).item() or 0) + placed.height - known.height


def _offset_text(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
