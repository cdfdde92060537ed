"""Homes with given intervals, and what an exported feed says."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import polars as pl
from lxml import etree

from pipelines.home import Home
from pipelines.query import open_marts
from tests.readers.whole import WholeFile

ATOM, ESPI = "{http://www.w3.org/2005/Atom}", "{http://naesb.org/espi}"
BUILT = dt.datetime(2026, 4, 1, 5, 6, 7, 890000)  # noqa: DTZ001 - naive UTC, as in the marts
ZONE = "America/Los_Angeles"
READ = ["meter_id", "channel_code", "interval_start_utc", "interval_minutes", "reported_wh", "reported_quality_code"]
NUMBERS = {
    "V": "18", "A": "17", "G": "7", "E0": "11", "E1": "9", "E1R": "9", "E2": "8", "E2R": "8", "E": "11", "Q": "10",
    "N": None,
}  # fmt: skip


def intervals_of(meter_id: str, first: dt.date, days: int, minutes: int, zone: str = ZONE) -> pl.DataFrame:
    """Empty intervals of whole local days; a daily interval is as long as its day."""
    midnights = [
        dt.datetime.combine(first + dt.timedelta(days=day), dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)
        for day in range(days + 1)
    ]
    rows = []
    for day in range(days):
        begin, end = midnights[day], midnights[day + 1]
        length = (end - begin) // dt.timedelta(minutes=1)
        step = length if minutes == 1440 else minutes
        date = first + dt.timedelta(days=day)
        rows += [(date, begin + dt.timedelta(minutes=at), step) for at in range(0, length, step)]
    return pl.DataFrame(
        [(meter_id, date, start.replace(tzinfo=None), step) for date, start, step in rows],
        schema={
            "meter_id": pl.String, "usage_date": pl.Date, "interval_start_utc": pl.Datetime("us"),
            "interval_minutes": pl.Int64,
        },
        orient="row",
    )  # fmt: skip


def filled(intervals: pl.DataFrame, seed: int, channels: tuple[str, ...], gaps: float = 0.0) -> pl.DataFrame:
    """Random energies, gaps and codes."""
    random = np.random.default_rng(seed)
    count = intervals.height
    codes = random.choice(list(NUMBERS), count)
    return intervals.with_columns(
        *(
            pl.Series(f"{channel}_wh", random.integers(0, 10**9, count), dtype=pl.Int64)
            .to_frame()
            .select(pl.when(pl.Series(random.random(count) >= gaps) & (channel in channels)).then(f"{channel}_wh"))
            .to_series()
            .alias(f"{channel}_wh")
            for channel in ("delivered", "received")
        ),
        quality_code=pl.Series([code[0] for code in codes], dtype=pl.String),
        estimate_method=pl.Series([code if code[1:] else None for code in codes], dtype=pl.String),
    )


def long(intervals: pl.DataFrame) -> pl.DataFrame:
    """Known values as reads, and the ESPI quality that each should have."""
    code = pl.coalesce("estimate_method", "quality_code").replace_strict(NUMBERS, return_dtype=pl.String)
    frames = [
        intervals.select(
            "meter_id", pl.lit(channel).alias("channel_code"), "interval_start_utc",
            pl.col("interval_minutes").cast(pl.Int16), pl.col(f"{channel}_wh").alias("reported_wh"),
            pl.col("quality_code").replace("N", None).alias("reported_quality_code"),
            code.alias("source_quality_code"),
        )
        for channel in ("delivered", "received")
    ]  # fmt: skip
    return pl.concat(frames).drop_nulls("reported_wh").sort(READ[:3])


def assert_read_back(found: WholeFile, intervals: pl.DataFrame) -> None:
    assert found.format_code == "espi"
    assert found.rejects.is_empty()
    reads = found.reads.with_columns(pl.col("channel_code", "reported_quality_code").cast(pl.String)).sort(READ[:3])
    wanted = long(intervals)
    assert reads.select(READ).rows() == wanted.select(READ).rows()
    assert reads["source_quality_code"].to_list() == wanted["source_quality_code"].to_list()
    assert reads.select("row_number", "value_position").n_unique() == reads.height


def facts(home: Home, where: str = "true") -> pl.DataFrame:
    with open_marts(home) as con:
        found: pl.DataFrame = con.sql(
            "select meter_id, usage_date, interval_start_utc, interval_minutes::bigint as interval_minutes, "
            "(delivered_kwh * 1000)::bigint as delivered_wh, (received_kwh * 1000)::bigint as received_wh, "
            f"quality_code, estimate_method from fct_interval_usage where {where} order by all"
        ).pl()
    return found


def published(home: Home, intervals: pl.DataFrame, zones: dict[str, str] | None = None) -> Home:
    """A home whose marts hold these intervals and nothing else."""
    home.warehouse.mkdir(parents=True)
    meters = intervals.group_by("meter_id").agg(
        pl.col("interval_minutes").mode().first().cast(pl.Int16),
        has_received_channel=pl.col("received_wh").is_not_null().any(),
    )
    meters = meters.with_columns(time_zone=pl.col("meter_id").replace_strict(zones or {}, default=ZONE))
    meters = meters.with_columns(installed_date=pl.date(2020, 1, 1))
    with duckdb.connect(str(home.marts)) as con:
        con.register("intervals", intervals.to_arrow())
        con.register("meters", meters.to_arrow())
        con.execute("create table dim_meters as from meters")
        con.execute(
            "create table fct_interval_usage as select * exclude (delivered_wh, received_wh), "
            "(delivered_wh / 1000)::decimal(14, 3) as delivered_kwh, "
            "(received_wh / 1000)::decimal(14, 3) as received_kwh from intervals"
        )
        con.execute("create table meta_build as select ?::timestamp as built_at_utc", [BUILT])
    return home


def entries(path: Path) -> dict[str, list[etree._Element]]:
    """Entries of a feed by the resource that they hold."""
    found: dict[str, list[etree._Element]] = {}
    for entry in etree.parse(path).getroot().iter(f"{ATOM}entry"):
        found.setdefault(entry.find(f"{ATOM}content")[0].tag.removeprefix(ESPI), []).append(entry)
    return found


def links(entry: etree._Element, rel: str) -> list[str]:
    return [link.get("href") for link in entry.iter(f"{ATOM}link") if link.get("rel") == rel]
