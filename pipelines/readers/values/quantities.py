"""Energy as text: exact conversion to whole watt-hours."""

import re
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

import polars as pl

_SCALE = 12
_INT64_MAX = 2**63 - 1
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_GROUPED = r"^[+-]?(?:[0-9]{1,3}(?:[.,'’ \u00a0\u202f][0-9]{2,3})+(?:[.,][0-9]*)?|[0-9]*,[0-9]+)$"
_NOTHING = r"(?i)^(?:nan|n/?a|#n/a|null|none|nil|-+|missing)$"
_RESULT = pl.Struct({"wh": pl.Int64, "is_exact": pl.Boolean, "is_too_large": pl.Boolean})
_ROW_RESULT = pl.Schema({**_RESULT.to_schema(), "fault": pl.String})

_DISTINCT_PAYS = 4


def to_watt_hours(texts: pl.Series, power_of_ten: int, multiplier: Decimal | None = None) -> pl.DataFrame:
    """Turn energies into whole watt-hours, rounding half away from zero.

    The arithmetic is decimal throughout: 1.0005 kWh is 1001 Wh, which binary floating point would make 1000.

    Args:
        texts: Numbers as text: digits with an optional point, sign and exponent. Blank or null means no read.
        power_of_ten: Wh = number x multiplier x 10^power_of_ten (3 for kWh).
        multiplier: Constant of the meter; None is 1.

    Returns:
        One row per text, in order: `reported_wh` (Int64, null for blanks and refused texts), `reported_text` (the text
        where whole watt-hours do not reproduce the number exactly, else null), `reason` (why a text is refused).
    """
    distinct = texts.unique()
    if len(distinct) * _DISTINCT_PAYS > len(texts):
        return _to_watt_hours(texts, power_of_ten, multiplier)
    table = _to_watt_hours(distinct, power_of_ten, multiplier).with_columns(text=distinct)
    joined = texts.alias("text").to_frame().join(table, on="text", how="left", nulls_equal=True, maintain_order="left")
    return joined.drop("text")


def watt_hours_by_row(rows: pl.DataFrame) -> pl.DataFrame:
    """As `to_watt_hours`, where each row has a power of ten and a multiplier of its own.

    Args:
        rows: `text`, `power_of_ten` (null is 0) and `multiplier` (text; null is 1).

    Returns:
        As `to_watt_hours`; every row beside a multiplier that is no number is refused.
    """
    rows = rows.select(pl.col("text").str.strip_chars(), "power_of_ten", "multiplier")
    distinct = rows.unique()
    results = [_exact_of_row(*row) for row in distinct.iter_rows()]
    table = pl.concat([distinct, pl.DataFrame(results, schema=_ROW_RESULT)], how="horizontal")
    table = rows.join(table, on=rows.columns, how="left", nulls_equal=True, maintain_order="left")
    is_blank = pl.col("text").is_null() | (pl.col("text") == "")
    told = _told(table.with_columns(is_blank=is_blank))
    return told.with_columns(reason=pl.coalesce(table["fault"], "reason"))


def multiplier_of(text: str | None) -> Decimal | None:
    """The constant of a meter; None where there is none.

    Raises:
        ValueError: The text is no number; the message says so.
    """
    if text is None:
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(f'multiplier "{text[:60]}" is not a number')
    return Decimal(text.strip())


def _exact_of_row(text: str | None, power_of_ten: int | None, multiplier: str | None) -> dict[str, Any]:
    try:
        factor = multiplier_of(multiplier)
    except ValueError as error:
        return {"wh": None, "is_exact": True, "is_too_large": False, "fault": str(error)}
    return {**_exact_watt_hours(text or "", power_of_ten or 0, factor), "fault": None}


def _to_watt_hours(texts: pl.Series, power_of_ten: int, multiplier: Decimal | None) -> pl.DataFrame:
    stripped = texts.str.strip_chars()
    is_blank = stripped.is_null() | (stripped == "")
    if 0 <= power_of_ten <= 6 and multiplier in (None, 1):
        frame = _convert_decimals(stripped, power_of_ten)
    else:
        frame = pl.DataFrame({"wh": pl.Series([None] * len(texts), dtype=pl.Int64)}).with_columns(is_exact=pl.lit(True))
    frame = frame.with_columns(text=stripped, is_blank=is_blank, is_too_large=pl.lit(False))
    odd = frame.with_row_index("row").filter(pl.col("wh").is_null() & ~pl.col("is_blank"))
    if odd.height:
        frame = _convert_odd(frame, odd, power_of_ten, multiplier)
    return _told(frame)


def _told(frame: pl.DataFrame) -> pl.DataFrame:
    """What `to_watt_hours` returns, from `text`, `wh`, `is_exact`, `is_too_large` and `is_blank`."""
    refused = pl.when(pl.col("wh").is_null() & ~pl.col("is_blank")).then("text")
    fault = (
        pl.when(pl.col("is_too_large"))
        .then(pl.lit('" is too large to hold in watt-hours'))
        .when(refused.str.contains(_NOTHING))
        .then(pl.lit('" is not a number; leave it empty where there is no value'))
        .when(refused.str.contains(_GROUPED))
        .then(pl.lit('" is not a number; write it without thousands separators, with a point before decimals'))
        .otherwise(pl.lit('" is not a number'))
    )
    return frame.select(
        reported_wh="wh",
        reported_text=pl.when(pl.col("wh").is_not_null() & ~pl.col("is_exact")).then(pl.col("text")),
        reason=pl.lit('value "') + refused.str.slice(0, 60) + fault,
    )


def _convert_decimals(texts: pl.Series, power_of_ten: int) -> pl.DataFrame:
    """Whole-column conversion of plain decimals; null where a text is blank, odd, very large or very fine."""
    text = pl.col("text")
    dot = text.str.find(".", literal=True)
    decimals = pl.when(dot.is_null()).then(0).otherwise(text.str.len_bytes() - dot - 1)
    is_plain = (decimals <= _SCALE) & ~text.str.contains_any(["e", "E"])
    is_small = text.str.len_bytes() - decimals <= 18 - power_of_ten
    number = pl.when(is_plain & is_small).then(text.cast(pl.Decimal(38, _SCALE), strict=False))
    exact = texts.alias("text").to_frame().select(exact=number * 10**power_of_ten)
    whole = exact.select("exact", whole=pl.col("exact").round(0, mode="half_away_from_zero"))
    return whole.select(
        wh=pl.col("whole").cast(pl.Int64), is_exact=(pl.col("whole") == pl.col("exact")).fill_null(value=True)
    )


def _convert_odd(frame: pl.DataFrame, odd: pl.DataFrame, power_of_ten: int, multiplier: Decimal | None) -> pl.DataFrame:
    """Exponents, very fine and very large numbers, and texts that are no numbers: once per distinct text."""
    distinct = odd["text"].unique()
    results = [_exact_watt_hours(text, power_of_ten, multiplier) for text in distinct.to_list()]
    table = pl.DataFrame({"text": distinct, "result": pl.Series(results, dtype=_RESULT)}).unnest("result")
    found = odd.select("row", "text").join(table, on="text", how="left", maintain_order="left")
    return frame.with_columns(
        frame[name].scatter(found["row"], found[name]).alias(name) for name in ("wh", "is_exact", "is_too_large")
    )


def _exact_watt_hours(text: str, power_of_ten: int, multiplier: Decimal | None) -> dict[str, int | bool | None]:
    refused: dict[str, int | bool | None] = {"wh": None, "is_exact": True, "is_too_large": False}
    if not _NUMBER.fullmatch(text):
        return refused
    try:
        sign, digits, exponent = Decimal(text).as_tuple()
        if not isinstance(exponent, int):
            return refused
        energy = Decimal((sign, digits, exponent + power_of_ten))
        if multiplier is not None:
            precision = len(digits) + len(multiplier.as_tuple().digits)
            with localcontext(prec=precision, Emin=MIN_EMIN, Emax=MAX_EMAX):
                energy *= multiplier
        if energy.adjusted() > 18 and energy:
            return refused | {"is_too_large": True}
        whole = energy.to_integral_value(rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return refused
    if abs(whole) > _INT64_MAX:
        return refused | {"is_too_large": True}
    return {"wh": int(whole), "is_exact": whole == energy, "is_too_large": False}
