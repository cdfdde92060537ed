"""Which bills can be priced, and why others cannot."""

import polars as pl

from models.tariffs import TariffBook

LONGEST_INTERVAL_MINUTES = 60


def unpriced_code(book: TariffBook) -> pl.Expr:
    """Why a bill cannot be priced at the prices of its own dates; null where it can.

    Looks at rate_code, bill_start_date, bill_end_date, baseline_region, interval_minutes.
    """
    firsts = {code: tariff.history.versions[0].effective_date for code, tariff in book.tariffs.items()}
    first = pl.col("rate_code").replace_strict(firsts, default=None, return_dtype=pl.Date)
    return (
        pl.when(first.is_null())
        .then(pl.lit("rate_unknown"))
        .when(pl.col("bill_start_date") < first)
        .then(pl.lit("before_first_version"))
        .when(_needs_region(book) & ~_has_region(book))
        .then(pl.lit("region_unknown"))
        .when(pl.col("interval_minutes").is_null())
        .then(pl.lit("no_interval_data"))
        .when(pl.col("interval_minutes") > LONGEST_INTERVAL_MINUTES)
        .then(pl.lit("intervals_too_long"))
    )


def _needs_region(book: TariffBook) -> pl.Expr:
    needing = [
        code
        for code, tariff in book.tariffs.items()
        if any(version.content.uses_baseline for version in tariff.history.versions)
    ]
    return pl.col("rate_code").is_in(needing)


def _has_region(book: TariffBook) -> pl.Expr:
    """True where the region stands in every version of the allocations that holds during the bill."""
    lacks = pl.lit(value=False)
    versions = book.baseline.versions
    for version, later in zip(versions, [*versions[1:], None], strict=True):
        during = pl.col("bill_end_date") > version.effective_date
        if later is not None:
            during = during & (pl.col("bill_start_date") < later.effective_date)
        known = pl.col("baseline_region").is_in(list(version.content.regions)).fill_null(value=False)
        lacks = lacks | (during & ~known)
    return ~lacks & (pl.col("bill_start_date") >= versions[0].effective_date)
