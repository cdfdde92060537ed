"""LocalTimeParameters: what ESPI can say of a time zone.

The wall clock of an ESPI feed is one offset and one rule for each of the two clock changes of a year. Instants are
stated in UTC beside it, so a rule that did not hold in earlier years displaces no reading.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from models.clock import to_local

YEARS = 11
"""Calendar years that a rule must hold for: enough to tell the fourth weekday of a month from the last."""

DISABLED = "FFFFFFFF"
"""Rule of a zone without daylight saving."""

_LAST = 7
_CHANGE = ["month", "weekday", "second"]


class UnsayableZoneError(ValueError):
    """A time zone whose clock changes ESPI cannot express."""


@dataclass(frozen=True)
class LocalTime:
    """Fields of LocalTimeParameters.

    Attributes:
        tz_offset: Seconds by which standard time is ahead of UTC.
        dst_offset: Seconds by which daylight saving time is ahead of standard time; 0 where there is none.
        dst_start_rule: Eight hexadecimal digits.
        dst_end_rule: Eight hexadecimal digits.
    """

    tz_offset: int
    dst_offset: int
    dst_start_rule: str
    dst_end_rule: str


def local_time(time_zone: str, year: int) -> LocalTime:
    """What ESPI says of a zone's clock.

    The rule is taken from the changes of the `YEARS` years after the one given, by the same calendar that cuts the
    warehouse's days, so that a change of law within the year does not hide the rule that follows it. A rule is a 32
    bit number: month (4 bits), occurrence of the weekday in the month (3 bits; 2 to 6 for the first to the fifth, 7
    for the last), day of the month (5 bits, unused), weekday (3 bits, Monday 1), hour (5 bits) and second (12 bits) of
    the wall clock before the change.

    Source: NAESB REQ.21 ESPI 3.3, types TimeConfiguration and DstRuleType.

    Args:
        time_zone: IANA zone.
        year: Calendar year, UTC.

    Raises:
        UnsayableZoneError: The changes follow no such rule, or saving begins in one calendar year and ends in the
            next, which TimeConfiguration excludes.
    """
    first, last = datetime(year + 1, 1, 1), datetime(year + 1 + YEARS, 1, 1)  # noqa: DTZ001 - naive UTC
    utc = pl.datetime_range(first, last, "15m", time_unit="us", closed="left", eager=True)
    seconds = (to_local(utc, time_zone) - utc).dt.total_seconds()
    clock = pl.DataFrame({"utc": utc, "before": seconds.shift(1), "after": seconds})
    changes = clock.filter(pl.col("before") != pl.col("after"))
    if changes.is_empty():
        return LocalTime(int(seconds[0]), 0, DISABLED, DISABLED)
    wall = pl.col("utc") + pl.duration(seconds="before")
    changes = changes.select(
        wall=wall, step=pl.col("after") - pl.col("before"), standard=pl.min_horizontal("before", "after")
    )
    start = _rule(changes.filter(pl.col("step") > 0)["wall"])
    end = _rule(changes.filter(pl.col("step") < 0)["wall"])
    is_one_clock = changes["standard"].n_unique() == 1 and changes["step"].abs().n_unique() == 1
    if start is None or end is None or not is_one_clock or start >> 28 >= end >> 28:
        raise UnsayableZoneError(
            f"Green Button has no rule for the clock changes of {time_zone}, which must fall on a certain or the last "
            "weekday of a month, and daylight saving must begin and end within one calendar year"
        )
    return LocalTime(changes["standard"][0], abs(changes["step"][0]), f"{start:08X}", f"{end:08X}")


def _rule(walls: pl.Series) -> int | None:
    """The rule that one change a year follows, None where there is none."""
    day = pl.col("wall").dt.day()
    found = (
        walls.alias("wall")
        .to_frame()
        .select(
            month=pl.col("wall").dt.month().cast(pl.Int64),
            weekday=pl.col("wall").dt.weekday().cast(pl.Int64),
            second=(pl.col("wall") - pl.col("wall").dt.truncate("1d")).dt.total_seconds(),
            occurrence=((day.cast(pl.Int64) - 1) // 7 + 1),
            is_last=day + 7 > pl.col("wall").dt.days_in_month(),
        )
    )
    if found.height != YEARS or found.select(_CHANGE).n_unique() > 1:
        return None
    month, weekday, second = found.select(_CHANGE).row(0)
    if found["is_last"].all():
        operator = _LAST
    elif found["occurrence"].n_unique() == 1:
        operator = found["occurrence"][0] + 1
    else:
        return None
    hour, within = divmod(second, 3600)
    return int(month << 28 | operator << 25 | weekday << 17 | hour << 12 | within)
