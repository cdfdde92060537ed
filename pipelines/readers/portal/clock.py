"""Portals that change their clock an hour late.

The California portals state the wall clock, but some of their downloads change it one labelled hour late: in autumn
the hour after the one that is to be repeated comes twice (SCE: 01:45, 02:00 to 02:45, 02:00 to 02:45, 03:00), and in
spring the missing hour is there and the one after it lacks (PG&E). Read as they stand, one hour of energy would
repeat another and one would lie at a time that does not exist.
"""

import polars as pl

from models.clock import clock_change_dates, possible_instants

_KEYS = ["meter_id", "channel_code", "day"]
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_NO_ENERGY = r"^[\s0.+-]*$"

MOVES = pl.Schema({"row_number": pl.Int64, "value_position": pl.Int32, "moved_minutes": pl.Int64})
"""Values to be labelled some minutes later than their file says; `row_number` and `value_position` as in `VALUES`."""


def near_changes(values: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Values labelled on the dates on which a zone changes its clock, without an offset of their own.

    Args:
        values: Columns of `batches.VALUES`.
        time_zone: IANA zone.
    """
    years = values["wall"].dt.year().drop_nulls().unique().to_list()
    days = [day for year in years if _FIRST_YEAR <= year <= _LAST_YEAR for day in clock_change_dates(time_zone, year)]
    on_day = pl.col("wall").dt.date().is_in(days)
    return values.filter(on_day, pl.col("reason").is_null(), pl.col("offset_minutes").is_null())


def late_changes(near: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Find the hours by which a file changes its clock late.

    Autumn: of a meter's channel, each label of the repeated hour comes once, and each of the hour after it twice,
    later in the file; the first of the two is the second run of the repeated hour. Spring: the missing hour holds
    energy and the hour after it nothing.

    Args:
        near: Values near changes of the clock, in file order.
        time_zone: IANA zone.

    Returns:
        Columns of `MOVES`: values to be labelled `moved_minutes` later.
    """
    instants = possible_instants(near["wall"], time_zone)
    before = possible_instants(near["wall"].dt.offset_by("-1h"), time_zone)
    is_ambiguous = (instants["earliest"] != instants["latest"]).fill_null(value=False)
    rows = near.with_columns(day=pl.col("wall").dt.date()).with_columns(
        is_repeated=is_ambiguous,
        is_after_repeated=(before["earliest"] != before["latest"]).fill_null(value=False) & ~is_ambiguous,
        is_missing=instants["earliest"].is_null(),
        is_after_missing=before["earliest"].is_null() & instants["earliest"].is_not_null(),
        occurrence=pl.int_range(pl.len()).over(*_KEYS, "wall"),
        has_energy=~pl.col("value").fill_null("").str.contains(_NO_ENERGY),
    )
    autumn = (
        (_count("is_repeated") > 0)
        & (_count("is_after_repeated") > 0)
        & (_most("occurrence", "is_repeated") == 0)
        & (_count("is_after_repeated") == 2 * _labels("is_after_repeated"))
        & (_most("occurrence", "is_after_repeated") == 1)
        & (_most("row_number", "is_repeated") < _least("row_number", "is_after_repeated"))
    )
    spring = (_count("is_missing") > 0) & (_count("is_after_missing") == 0) & (_most("has_energy", "is_missing") == 1)
    rows = rows.with_columns(
        moved_minutes=pl.when(autumn & pl.col("is_after_repeated") & (pl.col("occurrence") == 0))
        .then(-60)
        .when(spring & pl.col("is_missing"))
        .then(60)
    )
    return rows.filter(pl.col("moved_minutes").is_not_null()).select(
        pl.col(name).cast(kind) for name, kind in MOVES.items()
    )


def with_clock_on_time(values: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """The values with `wall` and `end_wall` of late hours by the zone's clock; `label` stays as written.

    Args:
        values: Columns of `batches.VALUES`.
        moves: Columns of `MOVES`.
    """
    if moves.is_empty():
        return values
    rows = values.join(moves, on=["row_number", "value_position"], how="left", maintain_order="left")
    moved = pl.duration(minutes=pl.col("moved_minutes").fill_null(0))
    return rows.with_columns(wall=pl.col("wall") + moved, end_wall=pl.col("end_wall") + moved).drop("moved_minutes")


def _count(flag: str) -> pl.Expr:
    return pl.col(flag).sum().over(_KEYS)


def _labels(flag: str) -> pl.Expr:
    return pl.col("wall").filter(flag).n_unique().over(_KEYS)


def _most(name: str, flag: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64).filter(flag).max().over(_KEYS)


def _least(name: str, flag: str) -> pl.Expr:
    return pl.col(name).filter(flag).min().over(_KEYS)
