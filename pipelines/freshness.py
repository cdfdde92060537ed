"""What is known of the feeds of a home: written to the entities layer, told to people."""

from typing import Any

import duckdb
import polars as pl

from models.extracts import SENDERS, Extract
from models.extracts.current import current_rows, subject
from models.freshness import feed_freshness
from models.tables.extracts import RAW_EXTRACTS
from models.tables.feeds import FEED_FRESHNESS, SUPERSEDED_ROWS
from models.tables.raw import FILE_CHANNELS, FILES
from pipelines import lake
from pipelines.home import Home
from pipelines.text import counted


def build_feeds(home: Home) -> dict[str, int]:
    """Write `entities.feed_freshness` and `entities.superseded_rows` from raw.

    Returns:
        Rows by table.
    """
    lake.prepare(home)
    tables = {FEED_FRESHNESS: freshness(home), SUPERSEDED_ROWS: superseded_rows(home)}
    for table, frame in tables.items():
        lake.write_frame(frame, table, lake.table_folder(home, table) / "part-0.parquet")
    return {table.name: frame.height for table, frame in tables.items()}


def freshness(home: Home) -> pl.DataFrame:
    """Rows of `entities.feed_freshness`, from what is in raw now."""
    return feed_freshness(lake.read_frame(home, FILES), lake.read_frame(home, FILE_CHANNELS))


def superseded_rows(home: Home) -> pl.DataFrame:
    """Rows of `entities.superseded_rows`."""
    with lake.connect(home) as con:
        lake.create_view(con, home, FILES, "files")
        parts = [_superseded(con, home, extract) for system in SENDERS for extract in system.extracts]
    return pl.concat([SUPERSEDED_ROWS.empty(), *parts]).sort(SUPERSEDED_ROWS.primary_key)


def stale_feeds(rows: pl.DataFrame) -> list[str]:
    """A sentence for every feed that is not fresh: its name, since when, and what to do."""
    return [_stale(row) for row in rows.filter(~pl.col("is_fresh")).iter_rows(named=True)]


def gaps(rows: pl.DataFrame) -> list[str]:
    """A sentence for every feed that lacks dates between its first and last good one."""
    return [_gap(row) for row in rows.filter(pl.col("missing_date_count") > 0).iter_rows(named=True)]


def _gap(row: dict[str, Any]) -> str:
    dates = counted(row["missing_date_count"], "date")
    first = row["first_missing_date"]
    return f"feed {row['feed']} lacks {dates}, the first {first}; ask the sender for the files again"


def _stale(row: dict[str, Any]) -> str:
    limit = counted(row["limit_days"], "day")
    if row["last_good_date"] is None:
        since = "has sent nothing good yet"
    else:
        since = f"is stale since {row['last_good_date']}, the date of its last good data"
    return (
        f"feed {row['feed']} {since}; data reach {row['as_of_date']} and it may be {limit} behind; ask the sender for "
        "the files of the days since, or mend what is in quarantine/"
    )


def _superseded(con: duckdb.DuckDBPyConnection, home: Home, extract: Extract) -> pl.DataFrame:
    columns = ", ".join(f"r.{name}" for name in (*subject(extract), "changed_at_utc", "file_id", "row_number"))
    lake.create_view(con, home, RAW_EXTRACTS[extract.raw_name], "sent")
    rows: pl.DataFrame = con.sql(
        f"select {columns}, f.sent_at_utc from sent as r inner join files as f using (file_id)"
    ).pl()
    return (
        current_rows(extract, rows)
        .filter("is_superseded")
        .group_by("file_id")
        .agg(pl.len().cast(pl.Int32).alias("superseded_count"))
        .select("file_id", pl.lit(extract.name).alias("extract_name"), "superseded_count")
    )
