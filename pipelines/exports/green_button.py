"""Usage of meters out of the published marts as one Green Button file."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import duckdb
import polars as pl

from pipelines.exports.espi_local_time import LocalTime, UnsayableZoneError, local_time
from pipelines.exports.espi_writer import FeedWriter, UsagePoint
from pipelines.home import Home
from pipelines.query import open_marts
from pipelines.text import counted

FETCHED_INTERVALS = 500_000
"""Intervals in memory at a time, unless one meter has more."""

_LISTED = 5

_METERS = """
with counts as (
    select
        meter_id,
        count(*) as interval_count,
        count(delivered_kwh) as delivered_count,
        count(received_kwh) as received_count,
        count(*) filter (quality_code in ('N', 'Q') and delivered_kwh is null) as unknown_count,
        count(*) filter (quality_code in ('N', 'Q') and delivered_kwh is not null and received_kwh is null)
            as unknown_received_count
    from fct_interval_usage
    where meter_id in (select unnest($meter_ids)) and usage_date between $first and $last
    group by meter_id
)

select
    meters.meter_id,
    meters.time_zone,
    meters.interval_minutes,
    coalesce(counts.interval_count, 0) as interval_count,
    coalesce(counts.delivered_count, 0) as delivered_count,
    coalesce(counts.received_count, 0) as received_count,
    coalesce(counts.unknown_count + if(meters.has_received_channel, counts.unknown_received_count, 0), 0)
        as unknown_count
from dim_meters as meters
left join counts on meters.meter_id = counts.meter_id
where meters.meter_id in (select unnest($meter_ids))
qualify row_number() over (partition by meters.meter_id order by meters.installed_date desc) = 1
order by meters.meter_id
"""

_INTERVALS = """
select
    meter_id,
    usage_date,
    interval_start_utc,
    interval_minutes::bigint as interval_minutes,
    (delivered_kwh * 1000)::bigint as delivered_wh,
    (received_kwh * 1000)::bigint as received_wh,
    quality_code,
    estimate_method
from fct_interval_usage
where meter_id in (select unnest($meter_ids)) and usage_date between $first and $last
order by meter_id, interval_start_utc
"""


class ExportError(RuntimeError):
    """An export that cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Exported:
    """What went into a file.

    Attributes:
        out: File written.
        meter_count: Meters with a reading in it.
        reading_count: Readings, those of both channels counted.
        unknown_interval_count: Intervals in which a channel's value is unknown and therefore left out.
        meters_without_readings: Meters asked for that have no reading in the dates asked for.
        built_at_utc: When the exported build began.
    """

    out: Path
    meter_count: int
    reading_count: int
    unknown_interval_count: int
    meters_without_readings: tuple[str, ...]
    built_at_utc: datetime

    def __str__(self) -> str:
        """The figures in one line."""
        text = (
            f"{self.out}: {counted(self.meter_count, 'meter')}, {counted(self.reading_count, 'reading')}; "
            f"{counted(self.unknown_interval_count, 'interval')} without a value left out"
        )
        if self.meters_without_readings:
            text += f"; no reading of {_listed(self.meters_without_readings)}"
        return text


def export_green_button(
    home: Home, meter_ids: Sequence[str], out: Path, first: date = date.min, last: date = date.max
) -> Exported:
    """Write the usage of meters as one ESPI feed.

    Meters stand in the order of their ids. The same meters and dates out of the same build give the same bytes. The
    feed holds meter ids, time zones and energy, and nothing of a person or place. Quality codes are those of the marts,
    that is of Meterhouse's own validation; the flags that a feed sent stay in the raw layer. A file in the way is
    replaced once the new one is whole.

    Args:
        home: Home folder.
        meter_ids: Meters, in any order; repeats count once.
        out: XML file to write.
        first: First local date.
        last: Last local date.

    Raises:
        QueryError: Nothing is published.
        ExportError: A meter is unknown, no meter has a reading in these dates, ESPI cannot express a meter's time
            zone, the marts cannot be read or the file cannot be written.
    """
    wanted = sorted(set(meter_ids))
    with open_marts(home) as con:
        try:
            built_at: datetime = con.sql("select built_at_utc from meta_build").pl().item()
            meters: pl.DataFrame = con.sql(_METERS, params={"meter_ids": wanted, "first": first, "last": last}).pl()
            _check_known(wanted, meters)
            has_reading = pl.col("delivered_count") + pl.col("received_count") > 0
            held = meters.filter(has_reading)
            if held.is_empty():
                raise ExportError(
                    f"there is no reading of meter {_listed(wanted)} in these dates; "
                    'see which there are with `meterhouse query "select meter_id, min(usage_date), max(usage_date) '
                    'from fct_daily_usage group by all"`'
                )
            points = [_usage_point(**row) for row in held.iter_rows(named=True)]
            local_times = _local_times(held, built_at.year)
            count = 0
            with _whole_file(out) as file:
                writer = FeedWriter(file, built_at)
                writer.begin(points, local_times)
                for group in _groups(held):
                    parameters = {"meter_ids": group, "first": first, "last": last}
                    count += writer.readings(con.sql(_INTERVALS, params=parameters).pl())
                writer.end()
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            raise ExportError(f"the published marts cannot be read ({reason}); see `meterhouse doctor`") from error
    return Exported(
        out=out,
        meter_count=held.height,
        reading_count=count,
        unknown_interval_count=int(meters["unknown_count"].sum()),
        meters_without_readings=tuple(meters.filter(~has_reading)["meter_id"]),
        built_at_utc=built_at,
    )


def _check_known(wanted: list[str], meters: pl.DataFrame) -> None:
    unknown = sorted(set(wanted) - set(meters["meter_id"]))
    if unknown:
        raise ExportError(
            f"there is no meter {_listed(unknown)} in the published marts; "
            'see which there are with `meterhouse query "select meter_id from dim_meters"`'
        )


def _usage_point(
    meter_id: str, time_zone: str, interval_minutes: int, delivered_count: int, received_count: int, **_: int
) -> UsagePoint:
    counts = {"delivered": delivered_count, "received": received_count}
    return UsagePoint(meter_id, time_zone, interval_minutes, tuple(name for name, count in counts.items() if count))


def _local_times(held: pl.DataFrame, year: int) -> dict[str, LocalTime]:
    """The clocks of the meters' zones, by zone."""
    found = {}
    for time_zone, meter_id in held.group_by("time_zone").agg(pl.col("meter_id").min()).sort("time_zone").iter_rows():
        try:
            found[time_zone] = local_time(time_zone, year)
        except UnsayableZoneError as error:
            raise ExportError(
                f"meter {meter_id} cannot be exported: {error}; leave out the meters of this zone"
            ) from error
    return found


def _groups(held: pl.DataFrame) -> Iterator[list[str]]:
    """Meters that are fetched together, in order."""
    number = pl.col("interval_count").cum_sum() // FETCHED_INTERVALS
    for _, group in held.group_by(number, maintain_order=True):
        yield group["meter_id"].to_list()


@contextmanager
def _whole_file(out: Path) -> Iterator[BinaryIO]:
    """A file that takes its name once it is written to its end."""
    if out.is_dir():
        raise ExportError(f"{out} is a folder; name the file to write")
    if not out.parent.is_dir():
        raise ExportError(f"{out} cannot be written: there is no folder {out.parent}; make it or name another")
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(out)
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror or error}; give --out another place") from error
    finally:
        temporary.unlink(missing_ok=True)


def _listed(meter_ids: Sequence[str]) -> str:
    more = f" and {len(meter_ids) - _LISTED:,} more" if len(meter_ids) > _LISTED else ""
    return f"{', '.join(meter_ids[:_LISTED])}{more}"
