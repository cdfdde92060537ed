"""Meters, as the files of reads and the customer system together know them."""

import polars as pl

from models.tables.entities import METERS

UNCLASSIFIED = "unclassified"
CLASSES = {"residential": "residential", "small_business": "small_commercial"}
"""Class of validation limits by the customer system's type of customer."""


def meters(
    of_reads: pl.DataFrame,
    registered: pl.DataFrame,
    classes: pl.DataFrame,
    zones: pl.DataFrame,
    time_zone: str,
    *,
    is_synthetic: bool,
) -> pl.DataFrame:
    """Every meter that has sent reads or that the customer system names.

    Reads decide the time zone and the interval length, since validation judges reads by them; the customer system
    decides the class, since it knows the customer.

    Args:
        of_reads: Meters known from reads, as `models.entities.reads.meters_of_reads` returns.
        registered: Rows of `entities.meter_installations`.
        classes: meter_id and customer_class, as `classes` returns.
        zones: meter_id and climate_zone, as `zones` returns.
        time_zone: IANA zone of meters without reads.
        is_synthetic: True where the customer system is simulated.

    Returns:
        Rows of `entities.meters`, sorted by meter.
    """
    stated = (
        registered.sort("meter_id", "installed_date")
        .group_by("meter_id", maintain_order=True)
        .agg(
            pl.col("interval_minutes", "has_received_channel", "register_digits").last(),
            pl.col("meter_multiplier").last().cast(pl.Float64),
            pl.col("installed_date").first(),
            pl.col("removed_date").last(),
        )
        .join(classes, on="meter_id", how="left")
        .with_columns(time_zone=pl.lit(time_zone), is_synthetic=pl.lit(is_synthetic))
    )
    both = of_reads.join(stated, on="meter_id", how="full", coalesce=True, suffix="_stated")
    return (
        both.join(zones, on="meter_id", how="left")
        .select(
            "meter_id",
            pl.coalesce("time_zone", "time_zone_stated"),
            pl.coalesce("interval_minutes", "interval_minutes_stated"),
            pl.coalesce("customer_class_stated", "customer_class", pl.lit(UNCLASSIFIED)).alias("customer_class"),
            "climate_zone",
            "register_digits",
            "meter_multiplier",
            "installed_date",
            "removed_date",
            pl.coalesce("is_synthetic", "is_synthetic_stated"),
            "first_read_date",
            "last_read_date",
            pl.any_horizontal(pl.col("has_received_channel", "has_received_channel_stated").fill_null(False)),
        )
        .select(METERS.columns.keys())
        .sort("meter_id")
    )


def classes(tenancy: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Class of each meter: that of the account it served last.

    Args:
        tenancy: As `models.entities.supply.tenancy` returns.
        accounts: Rows of `entities.accounts`.

    Returns:
        meter_id and customer_class; meters that never served a known account are left out.
    """
    types = (
        accounts.sort("account_id", "valid_from_date")
        .group_by("account_id", maintain_order=True)
        .agg(pl.col("customer_type").last().cast(pl.String))
    )
    return (
        tenancy.join(types, on="account_id")
        .sort("meter_id", "valid_from_date")
        .group_by("meter_id", maintain_order=True)
        .agg(customer_class=pl.col("customer_type").last().replace_strict(CLASSES, return_dtype=pl.String))
    )


def zones(tenancy: pl.DataFrame, premises: pl.DataFrame) -> pl.DataFrame:
    """Climate zone of each meter: that of the premise where it hangs, or hung last.

    Args:
        tenancy: As `models.entities.supply.tenancy` returns.
        premises: Rows of `entities.premises`.

    Returns:
        meter_id and climate_zone; meters at premises of no known zone are left out.
    """
    named = premises.sort("premise_id", "valid_from_date").group_by("premise_id").agg(pl.col("climate_zone").last())
    return (
        tenancy.join(named.drop_nulls(), on="premise_id")
        .sort("meter_id", "valid_from_date")
        .group_by("meter_id", maintain_order=True)
        .agg(pl.col("climate_zone").last())
    )
