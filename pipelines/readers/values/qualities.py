"""Quality flags of feeds in the codes of the warehouse."""

import polars as pl

from models.tables.base import QUALITY_CODES

_WORDS = {
    "a": "A", "act": "A", "actual": "A", "measured": "A", "raw": "A", "r": "A", "ok": "A", "good": "A", "valid": "V",
    "v": "V", "val": "V", "validated": "V", "verified": "V", "e": "E", "est": "E", "estimate": "E", "estimated": "E",
    "s": "E", "sub": "E", "substituted": "E", "f": "E", "final": "E", "p": "E", "projected": "E", "g": "G",
    "edited": "G", "edit": "G", "manual": "G", "q": "Q", "questionable": "Q", "suspect": "Q", "bad": "Q",
    "failed": "Q", "n": "N", "null": "N", "missing": "N", "empty": "N", "nodata": "N",
}  # fmt: skip
_ESPI = {
    "0": "A", "7": "G", "8": "E", "9": "E", "10": "Q", "11": "E", "12": "E", "13": "E", "14": "A", "17": "A",
    "18": "V", "19": "V",
}  # fmt: skip
"""NAESB ESPI QualityOfReading; 13 (mixed) counts as estimated because part of it is."""
_NEM12 = {"A": "A", "E": "E", "S": "E", "F": "E", "N": "N"}
"""AEMO quality flags; V (variable) without a range that says more has no counterpart."""
_CMEP = {"R": "A", "E": "E", "N": "N"}


def reported_quality(flags: pl.Series, format_code: str) -> pl.Series:
    """Turn a feed's flags into the warehouse's codes.

    Of CMEP and NEM12 flags the first letter counts, what follows being detail; an ESPI read with several qualities
    takes the first; words of CSV and Parquet files are recognised in any case.

    Args:
        flags: Flags verbatim; null or blank where the feed gives none.
        format_code: csv, parquet, espi, cmep or nem12.

    Returns:
        V, A, G, E, Q or N (Enum) per flag, in order; null for flags without a counterpart.
    """
    kind = pl.Enum(QUALITY_CODES)
    distinct = flags.drop_nulls().unique()
    if distinct.is_empty():
        return pl.Series([None], dtype=kind).new_from_index(0, len(flags))
    codes = pl.Series([_code(flag, format_code) for flag in distinct.to_list()], dtype=kind)
    return flags.replace_strict(distinct, codes, default=None, return_dtype=kind)


def _code(flag: str, format_code: str) -> str | None:
    word = flag.strip()
    if format_code == "espi":
        return _ESPI.get(word.partition(",")[0])
    if format_code == "nem12":
        return _NEM12.get(word[:1].upper())
    if format_code == "cmep":
        return _CMEP.get(word[:1].upper())
    return _WORDS.get(word.lower())
