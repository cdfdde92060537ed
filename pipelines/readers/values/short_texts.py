"""Texts that are kept with every row must be short, and the name of a meter must be fit to be shown."""

import polars as pl

_SHORT_TEXTS = {
    "meter_id": "the meter id", "label": "the time label", "quality": "the quality flag", "unit_code": "the unit",
    "stream_code": "the name of the data stream", "register_code": "the name of the register",
    "event_code": "the event code",
}  # fmt: skip
_MOST_BYTES = 200
_CONTROL = r"\p{Cc}"


def text_fault(rows: pl.DataFrame) -> pl.Expr | None:
    """Why texts of rows cannot be kept.

    Args:
        rows: `meter_id`, and any other columns of the frames in `batches`.

    Returns:
        The reason, null for rows without a fault; None where no row has one.
    """
    faults = []
    for name, what in _SHORT_TEXTS.items():
        if name in rows.columns and (rows[name].str.len_bytes() > _MOST_BYTES).any():
            fault = pl.lit(f"{what} is longer than {_MOST_BYTES} bytes; correct it")
            faults.append(pl.when(pl.col(name).str.len_bytes() > _MOST_BYTES).then(fault))
    meters = rows["meter_id"].unique()
    if meters.str.contains(_CONTROL).any():
        fault = pl.lit("the meter id holds a control character; correct it")
        faults.append(pl.when(pl.col("meter_id").str.contains(_CONTROL)).then(fault))
    return pl.coalesce(faults) if faults else None
