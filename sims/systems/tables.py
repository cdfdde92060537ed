"""Tables as systems send them: columns of the contract, and the business date on which a row was written down."""

import polars as pl

from models.extracts import Extract
from sims.world.frames import TIME_ZONE

Tables = dict[str, pl.DataFrame]
"""Rows by name of the table: columns of the contract, and `BUSINESS_DATE`."""

BUSINESS_DATE = "_business_date"
"""Column beside those of the contract: the local date whose file holds the row."""


def as_sent(extract: Extract, frame: pl.DataFrame, stamp: str = "changed_at_utc") -> pl.DataFrame:
    """Rows of a table held against its contract, in the order of writing.

    Args:
        extract: Contract of the table.
        frame: Rows with all declared columns; further ones are left out.
        stamp: Column with the instant (naive UTC) whose local date decides in which file a row goes.

    Returns:
        The declared columns in their order, and `BUSINESS_DATE`.

    Raises:
        dataframely.exc.ValidationError: A row breaks the contract, which is a mistake of the simulator.
    """
    valid = extract.schema.validate(frame.select(list(extract.columns)), cast=True)
    order = ["changed_at_utc", *extract.key]
    return valid.with_columns(local_date(pl.col(stamp)).alias(BUSINESS_DATE)).sort(order, maintain_order=True)


def local_date(instant: pl.Expr) -> pl.Expr:
    """Local date of a naive UTC instant."""
    return instant.dt.replace_time_zone("UTC").dt.convert_time_zone(TIME_ZONE).dt.date()


def stamped(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of the society with the stamp under the name that contracts give it."""
    return frame.rename({"recorded_at_utc": "changed_at_utc"})
