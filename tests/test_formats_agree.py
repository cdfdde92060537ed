"""The same reads, delivered in any format, give the same marts."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from models.clock import to_local
from pipelines.content import NOT_CONTENT
from pipelines.exports.espi_local_time import local_time
from pipelines.exports.espi_writer import FeedWriter, UsagePoint
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.query import open_marts
from sims.interchange.cmep import write_cmep
from sims.interchange.nem12 import write_nem12
from tests.marts.building import build_marts

ZONE = "America/Los_Angeles"
STANDARD_OFFSET_MINUTES = -480
METERS = {"000000001": 15, "000000002": 60}
"""Minutes of the intervals of each meter; a letter before tells by which delivery it came."""
# Whole days of standard time over the autumn change: in local time the day of 100 quarter-hours and parts of two.
FIRST, DAYS = datetime.fromisoformat("2016-11-04 08:00"), 5


@pytest.fixture(scope="module")
def reads() -> pl.DataFrame:
    """Two meters, both channels; a negative and an impossible value among them."""
    rng = np.random.default_rng(3)
    parts = []
    for meter, minutes in METERS.items():
        count = DAYS * 1440 // minutes
        for channel, scale in (("delivered", 300), ("received", 100)):
            start = pl.lit(FIRST) + pl.duration(minutes=minutes * pl.int_range(count))
            wh = rng.integers(0, scale, count)
            if channel == "delivered":
                wh[[100, 110]] = [-5, 90_000_000]
            parts.append(
                pl.DataFrame({"wh": wh}).select(
                    meter_id=pl.lit(meter), channel_code=pl.lit(channel), interval_start_utc=start,
                    interval_minutes=pl.lit(minutes), wh=pl.col("wh").cast(pl.Int64),
                )
            )  # fmt: skip
    return pl.concat(parts)


def as_csv(path: Path, reads: pl.DataFrame) -> None:
    columns = ["meter_id", "interval_start_utc", "interval_minutes", "channel_code", "wh"]
    reads.select(columns).with_columns(pl.col("interval_start_utc").cast(pl.String)).write_csv(path)


def as_local_csv(path: Path, reads: pl.DataFrame) -> None:
    wide = reads.pivot(on="channel_code", index=["meter_id", "interval_start_utc", "interval_minutes"], values="wh")
    local = to_local(wide["interval_start_utc"], ZONE)
    wide.select(
        "meter_id", "interval_minutes", timestamp=local.dt.strftime("%m/%d/%Y %H:%M"),
        delivered_wh="delivered", received_wh="received",
    ).write_csv(path)  # fmt: skip


def as_cmep(path: Path, reads: pl.DataFrame) -> None:
    write_cmep(
        path, reads.with_columns(quality=pl.lit("R")), created_utc=datetime.fromisoformat("2016-11-10"), sender="U"
    )


def as_nem12(path: Path, reads: pl.DataFrame) -> None:
    suffix = pl.col("channel_code").replace_strict({"delivered": "E1", "received": "B1"})
    rows = reads.rename({"meter_id": "nmi", "wh": "value"}).with_columns(
        suffix=suffix, unit=pl.lit("Wh"), quality=pl.lit("A")
    )
    write_nem12(path, rows, utc_offset_minutes=STANDARD_OFFSET_MINUTES)


def as_green_button(path: Path, reads: pl.DataFrame) -> None:
    wide = reads.pivot(on="channel_code", index=["meter_id", "interval_start_utc", "interval_minutes"], values="wh")
    rows = wide.rename({"delivered": "delivered_wh", "received": "received_wh"}).with_columns(
        usage_date=to_local(wide["interval_start_utc"], ZONE).dt.date(),
        interval_minutes=pl.col("interval_minutes").cast(pl.Int64),
        quality_code=pl.lit("A"),
        estimate_method=pl.lit(None, pl.String),
    )
    with path.open("wb") as file:
        writer = FeedWriter(file, datetime.fromisoformat("2016-11-10"))
        points = [
            UsagePoint(meter, ZONE, minutes, ("delivered", "received"))
            for meter, minutes in reads.select("meter_id", "interval_minutes").unique().sort("meter_id").rows()
        ]
        writer.begin(points, {ZONE: local_time(ZONE, 2016)})
        writer.readings(rows.sort("meter_id", "interval_start_utc"))
        writer.end()


DELIVERIES: dict[str, tuple[Callable[[Path, pl.DataFrame], None], dict[str, str]]] = {
    "csv": (as_csv, {"unit": "wh"}),
    "local csv": (as_local_csv, {}),
    "cmep": (as_cmep, {}),
    "nem12": (as_nem12, {"time_zone": ZONE}),
    "espi": (as_green_button, {}),
}


@pytest.mark.long
@pytest.mark.req("NFR-11", part="data")
def test_the_same_reads_in_every_format_give_the_same_marts(reads: pl.DataFrame, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    letters = dict(zip(DELIVERIES, "ABCDE", strict=True))
    for kind, (write, options) in DELIVERIES.items():
        path = tmp_path / f"{kind}.dat"
        write(path, reads.with_columns(meter_id=letters[kind] + pl.col("meter_id")))
        settings = FeedSettings(received_at_utc=datetime.fromisoformat("2016-11-10"), **options)
        (outcome,) = ingest(home, [path], "manual", settings, print)
        assert (outcome.status_code, outcome.sent_count) == ("loaded", reads.height)
    build_marts(home)
    with open_marts(home) as con:
        tables = con.execute("select table_name from duckdb_columns() where column_name = 'meter_id'").fetchall()
        found = {(table, kind): _rows(con, table, letters[kind]) for (table,) in tables for kind in DELIVERIES}
    filled = {table for (table, kind), rows in found.items() if rows}
    assert filled >= {"dim_meters", "fct_daily_usage", "fct_interval_usage", "fct_monthly_usage", "fct_vee_failures"}
    assert [(table, kind) for (table, kind), rows in found.items() if rows != found[table, "csv"]] == []


def _rows(con: duckdb.DuckDBPyConnection, table: str, letter: str) -> list[tuple[Any, ...]]:
    """What a table says of the meters of one delivery, without the letter."""
    names = con.execute("select column_name from duckdb_columns() where table_name = ?", [table]).fetchall()
    content = [name for (name,) in names if name not in NOT_CONTENT | {"meter_id"}]
    return con.execute(
        f"select meter_id[2:], {', '.join(content)} from {table} where meter_id[1] = ? order by all", [letter]
    ).fetchall()
