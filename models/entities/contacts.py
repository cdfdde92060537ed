"""Contacts between customers and the utility, out of the logs of two systems."""

import polars as pl

from models.tables.entities import INTERACTIONS


def interactions(of_css: pl.DataFrame, of_crm: pl.DataFrame) -> pl.DataFrame:
    """One log: the customer system's rows are its own, the relationship system's name who wrote them.

    Args:
        of_css: Rows of `css_interactions` that hold.
        of_crm: Rows of `crm_interactions` that hold.

    Returns:
        Rows of `entities.interactions`, sorted by interaction and source.
    """
    sources = INTERACTIONS.empty().schema["source_system"]
    columns = list(INTERACTIONS.columns)
    css = of_css.with_columns(source_system=pl.lit("CSS", dtype=sources)).select(columns)
    crm = of_crm.with_columns(source_system=pl.col("recorded_by").cast(pl.String).cast(sources)).select(columns)
    return pl.concat([css, crm]).sort("interaction_id", "source_system")
