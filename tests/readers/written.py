"""Files in every layout, written from one known series of reads."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

ZONE = "America/Los_Angeles"
SPRING, AUTUMN = "2017-03-12", "2016-11-06"
MINUTE = timedelta(minutes=1)


def local_days(first: str, days: int, minutes: int, zone: str = ZONE) -> list[datetime]:
    """Naive UTC starts of every interval of whole local days."""
    tz = ZoneInfo(zone)
    day = datetime.fromisoformat(first)
    start = day.replace(tzinfo=tz).astimezone(ZoneInfo("UTC"))
    end = (day + timedelta(days=days)).replace(tzinfo=tz).astimezone(ZoneInfo("UTC"))
    count = round((end - start) / (minutes * MINUTE))
    return [start.replace(tzinfo=None) + k * minutes * MINUTE for k in range(count)]


def truth(starts: Iterable[datetime], meter_id: str = "M1") -> pl.DataFrame:
    starts = list(starts)
    return pl.DataFrame(
        {
            "meter_id": [meter_id] * len(starts),
            "interval_start_utc": pl.Series(starts, dtype=pl.Datetime("us")),
            "reported_wh": pl.Series([100 + 7 * k % 900 for k in range(len(starts))], dtype=pl.Int64),
        }
    )


def on_clock(instant: datetime, clock: str, zone: str = ZONE) -> datetime:
    """Wall clock at a naive UTC instant."""
    if clock == "utc":
        return instant
    aware = instant.replace(tzinfo=ZoneInfo("UTC"))
    local = aware.astimezone(ZoneInfo(zone))
    if clock == "standard":
        return instant + (local.utcoffset() - local.dst())
    return local.replace(tzinfo=None)


def label_of(start: datetime, clock: str, label: str, minutes: int, convention: str = "instant") -> datetime:
    if label == "start":
        return on_clock(start, clock)
    if convention == "instant":
        return on_clock(start + minutes * MINUTE, clock)
    return on_clock(start, clock) + minutes * MINUTE


def kwh(wh: int) -> str:
    return f"{wh / 1000:.3f}"


def long_csv(reads: pl.DataFrame, clock: str, label: str, minutes: int, convention: str = "instant") -> str:
    suffix = "utc" if clock == "utc" else "local"
    lines = [f"meter_id,interval_{label}_{suffix},delivered_kwh"]
    for meter, start, wh in reads.select("meter_id", "interval_start_utc", "reported_wh").iter_rows():
        stamp = label_of(start, clock, label, minutes, convention).strftime("%Y-%m-%d %H:%M")
        lines.append(f"{meter},{stamp},{kwh(wh)}")
    return "\n".join(lines) + "\n"


def wide_csv(reads: pl.DataFrame, clock: str, label: str, minutes: int) -> str:
    """One line per meter and day; the second occurrence of a repeated hour has no column and is left out."""
    offset = minutes if label == "end" else 0
    slots = [k * minutes + offset for k in range(1440 // minutes)]
    names = [f"{m // 60:02d}{m % 60:02d}" if label == "end" else f"{m // 60:02d}:{m % 60:02d}" for m in slots]
    days: dict[tuple[str, str], dict[int, str]] = {}
    for meter, start, wh in reads.select("meter_id", "interval_start_utc", "reported_wh").iter_rows():
        wall = on_clock(start, clock)
        cells = days.setdefault((meter, wall.strftime("%Y-%m-%d")), {})
        cells.setdefault(wall.hour * 60 + wall.minute + offset, kwh(wh))
    lines = [",".join(["meter_id", "date_utc" if clock == "utc" else "date", *names])]
    for (meter, day), cells in days.items():
        lines.append(",".join([meter, day, *(cells.get(slot, "") for slot in slots)]))
    return "\n".join(lines) + "\n"


def found(reads: pl.DataFrame) -> pl.DataFrame:
    """The columns of `truth`, without blank reads."""
    return reads.filter(pl.col("reported_wh").is_not_null()).select("meter_id", "interval_start_utc", "reported_wh")


def first_occurrences(reads: pl.DataFrame) -> pl.DataFrame:
    """Reads whose local wall clock did not occur before."""
    walls = [on_clock(start, "local") for start in reads["interval_start_utc"]]
    return reads.with_columns(wall=pl.Series(walls)).unique("wall", keep="first", maintain_order=True).drop("wall")


def lines(*rows):
    return "\n".join(rows) + "\n"
