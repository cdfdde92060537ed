"""Meter installations and whom they serve: meter × premise × account × period."""

import math
from datetime import timedelta

import polars as pl

from models.calendar import MINUTES_PER_DAY
from models.entities.histories import latest, periods
from models.tables.entities import METER_INSTALLATIONS, METER_OCCUPANCY

ONE_DAY = timedelta(days=1)
INSTALLATION = ("meter_id", "installed_date")


def installations(rows: pl.DataFrame) -> pl.DataFrame:
    """Meter installations as last told.

    Args:
        rows: Rows of `css_meters` that hold.

    Returns:
        Rows of `entities.meter_installations`, sorted by meter and date of installation.
    """
    return latest(rows, INSTALLATION).select(METER_INSTALLATIONS.columns.keys())


def tenancy(installations: pl.DataFrame, service_points: pl.DataFrame) -> pl.DataFrame:
    """Which premise and account each meter serves, by local date.

    An installation lasts to the day of removal, which still counts, and no longer than to the day on which the meter is
    installed anew. The account is the one that takes service at the point of delivery.

    Args:
        installations: Rows of `entities.meter_installations`.
        service_points: Rows of `css_service_points` that hold.

    Returns:
        meter_id, premise_id, account_id (null while vacant), is_top_level, valid_from_date, valid_to_date (exclusive,
        null while open), sorted by meter and date. Periods of a meter never overlap.
    """
    points = periods(service_points, ["service_point_id"], ["premise_id", "account_id"])
    until = pl.min_horizontal(pl.col("removed_date") + ONE_DAY, pl.col("installed_date").shift(-1).over("meter_id"))
    return (
        installations.sort(INSTALLATION)
        .select("meter_id", "installed_date", "service_point_id", "parent_meter_id", until=until)
        .join(points, on="service_point_id")
        .select(
            "meter_id",
            "premise_id",
            "account_id",
            is_top_level=pl.col("parent_meter_id").is_null(),
            valid_from_date=pl.max_horizontal("installed_date", "valid_from_date"),
            valid_to_date=pl.min_horizontal("until", "valid_to_date"),
        )
        .filter(_before("valid_from_date", "valid_to_date"))
        .sort("meter_id", "valid_from_date")
    )


def occupancy(tenancy: pl.DataFrame, meters: pl.DataFrame) -> pl.DataFrame:
    """Tenancy, cut where the set of an account's top-level meters changes.

    Args:
        tenancy: As `tenancy` returns.
        meters: Rows of `entities.meters`.

    Returns:
        Rows of `entities.meter_occupancy`, sorted by meter and date.
    """
    rows = tenancy.join(meters.select("meter_id", "interval_minutes"), on="meter_id", how="left")
    counts = pl.all_horizontal(
        "is_top_level", pl.col("account_id").is_not_null(), pl.col("interval_minutes").is_not_null()
    )
    counted = _cut(rows.filter(counts))
    return (
        pl.concat([counted, rows.filter(~counts)], how="diagonal")
        .with_columns(is_current=pl.col("valid_to_date").is_null())
        .select(METER_OCCUPANCY.columns.keys())
        .sort("meter_id", "valid_from_date")
    )


def _cut(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows cut at every date on which a meter joins or leaves the account, with the meters that serve in each piece."""
    dates = pl.concat(rows.select("account_id", cut=name) for name in ("valid_from_date", "valid_to_date"))
    pieces = (
        rows.join(dates.drop_nulls().unique(), on="account_id")
        .filter((pl.col("cut") >= pl.col("valid_from_date")) & _before("cut", "valid_to_date"))
        .sort("meter_id", "valid_from_date", "cut")
        .with_columns(
            valid_from_date="cut",
            valid_to_date=pl.col("cut")
            .shift(-1)
            .over("meter_id", "valid_from_date")
            .fill_null(pl.col("valid_to_date")),
        )
    )
    together = pieces.group_by("account_id", "cut").agg(
        account_meter_count=pl.len().cast(pl.Int32), lengths=pl.col("interval_minutes").unique().sort()
    )
    lengths = [common_length(minutes) for minutes in together["lengths"].to_list()]
    together = together.with_columns(account_interval_minutes=pl.Series(lengths, dtype=pl.Int16))
    return pieces.join(together.drop("lengths"), on=["account_id", "cut"]).drop("cut")


def common_length(lengths: list[int]) -> int:
    """Shortest interval in minutes that whole intervals of every length fill; a day where no shorter one divides it."""
    shortest = math.lcm(*lengths)
    return shortest if MINUTES_PER_DAY % shortest == 0 else MINUTES_PER_DAY


def _before(date: str, end: str) -> pl.Expr:
    """True where a date lies before an end, which is open where null."""
    return pl.col(end).is_null() | (pl.col(date) < pl.col(end))
