"""Freshness: how far the good data of each feed reach, held against the home's business date.

Nothing depends on the clock of the machine. A system that has never sent anything is no feed.
"""

from datetime import date, timedelta

import polars as pl

from models.extracts import SYSTEMS
from models.tables.feeds import FEED_FRESHNESS

USAGE_FEED = "usage"
USAGE_LIMIT_DAYS = 7
"""Usage is brought up to date weekly at least."""
LOOK_BACK = timedelta(days=30)
SMALLEST_SHARE = 0.5
"""Share of the meters that reported in the 30 days before whose reads make a date good."""
_GOOD = ("loaded", "loaded_in_part")
_DAY = timedelta(days=1)
_SPAN = ["first_date", "last_date"]


def feed_freshness(files: pl.DataFrame, file_channels: pl.DataFrame) -> pl.DataFrame:
    """Last good date, limit and missing dates of every feed.

    A system's last good date is the latest business date of a file that was loaded, if only in part. The last good date
    of usage is the latest local date on which at least half of the meters that reported in the 30 days before have
    reads; a meter counts as reporting from the first to the last read that a file holds of it.

    Args:
        files: Rows of `raw.files`.
        file_channels: Rows of `raw.file_channels`.

    Returns:
        Rows of `entities.feed_freshness`, sorted by feed.
    """
    spans = usage_spans(files, file_channels)
    sent = files.filter(pl.col("system_code").is_in([system.code for system in SYSTEMS]))
    good = sent.filter(pl.col("status_code").is_in(_GOOD))
    as_of = _latest(good["business_date"], spans["last_date"]) or _latest(sent["business_date"])
    if as_of is None:
        return FEED_FRESHNESS.empty()
    rows = []
    if spans.height:
        rows.append(_row(USAGE_FEED, None, USAGE_LIMIT_DAYS, last_good_usage_date(spans), spans, as_of))
    for system in SYSTEMS:
        own = pl.col("system_code") == system.code
        if sent.filter(own).height:
            covered = good.filter(own).select(first_date="first_business_date", last_date="business_date")
            last = _latest(covered["last_date"])
            rows.append(_row(system.code.lower(), system.code, system.limit_days, last, covered, as_of))
    return pl.DataFrame(rows, schema=FEED_FRESHNESS.empty().schema).sort("feed")


def usage_spans(files: pl.DataFrame, file_channels: pl.DataFrame) -> pl.DataFrame:
    """Local dates between which files hold reads of meters: meter_id, first_date, last_date."""
    zones = files.filter(pl.col("time_zone").is_not_null()).select("file_id", "time_zone")
    instants = file_channels.join(zones, on="file_id").select(
        "meter_id", "time_zone", first_date="first_interval_start_utc", last_date="last_interval_start_utc"
    )
    parts = [
        part.select("meter_id", *(_local_date(name, str(part["time_zone"][0])) for name in _SPAN))
        for part in instants.unique().partition_by("time_zone")
    ]
    empty = pl.DataFrame(schema={"meter_id": pl.String, "first_date": pl.Date, "last_date": pl.Date})
    return pl.concat([empty, *parts]).unique()


def last_good_usage_date(spans: pl.DataFrame) -> date | None:
    """Latest date on which at least half of the meters that reported in the 30 days before have reads.

    Args:
        spans: As `usage_spans` gives them.

    Returns:
        The date; None without any span. A date before which nobody reported is good.
    """
    day = _latest(spans["last_date"])
    while day is not None and not _is_good(spans, day):
        earlier = spans.filter(pl.col("first_date") < day).select(
            pl.min_horizontal("last_date", pl.lit(day - _DAY)).max()
        )
        day = earlier.item()
    return day


def _is_good(spans: pl.DataFrame, day: date) -> bool:
    present, expected = (
        spans.filter((pl.col("first_date") <= last) & (pl.col("last_date") >= first))["meter_id"].n_unique()
        for first, last in ((day, day), (day - LOOK_BACK, day - _DAY))
    )
    return present > 0 and present >= SMALLEST_SHARE * expected


def _row(
    feed: str, system_code: str | None, limit_days: int, last: date | None, covered: pl.DataFrame, as_of: date
) -> dict[str, object]:
    missing = [] if last is None else _missing_dates(covered, last)
    return {
        "feed": feed,
        "system_code": system_code,
        "last_good_date": last,
        "limit_days": limit_days,
        "missing_date_count": len(missing),
        "first_missing_date": missing[0] if missing else None,
        "is_fresh": last is not None and as_of - last <= timedelta(days=limit_days),
        "as_of_date": as_of,
    }


def _missing_dates(covered: pl.DataFrame, last: date) -> list[date]:
    """Dates up to a last one that no span covers, after the first that one does."""
    missing: list[date] = []
    reached: date | None = None
    for first_date, last_date in covered.select(_SPAN).unique().sort(_SPAN).iter_rows():
        day = first_date if reached is None else reached + _DAY
        while day < first_date and day <= last:
            missing.append(day)
            day += _DAY
        reached = last_date if reached is None else max(reached, last_date)
    return missing


def _latest(*dates: pl.Series) -> date | None:
    found = [day for day in (one.max() for one in dates) if isinstance(day, date)]
    return max(found, default=None)


def _local_date(name: str, time_zone: str) -> pl.Expr:
    return pl.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.date()
