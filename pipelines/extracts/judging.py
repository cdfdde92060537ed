"""Judges records of an extract against its contract: typed rows, or the reason why a record is none."""

from dataclasses import dataclass
from datetime import timedelta

import dataframely as dy
import polars as pl

from models.extracts import Extract
from pipelines.extracts.accepted import INTEGER_BITS, accepted
from pipelines.extracts.envelope import EARLIEST, LATEST, Header
from pipelines.extracts.records import SEPARATOR, Piece
from pipelines.extracts.redaction import Fault, reason, reason_of_rules, row_text

CLOCK_TOLERANCE = timedelta(days=1)
"""By how much a row may have been recorded after its file was sent: clocks of systems differ."""
REJECTS = {"row_number": pl.Int64, "reason": pl.String, "row_text": pl.String}
_INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"


@dataclass(frozen=True)
class Judged:
    """What became of records.

    Attributes:
        rows: Those that stand: `row_number` and the contract's columns, in its types but for codes, which are text.
        rejects: The others: `row_number`, `reason`, `row_text`.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame


def missing_columns(extract: Extract, columns: list[str]) -> list[str]:
    """Columns of the contract that a table of a file lacks."""
    return [name for name in extract.columns if name not in columns]


def extra_columns(extract: Extract, columns: list[str]) -> list[str]:
    """Columns of a table of a file that the contract does not know."""
    return [name for name in columns if name not in extract.columns]


def judge(extract: Extract, header: Header, piece: Piece) -> Judged:
    """Type records and hold them against the contract.

    Args:
        extract: The contract.
        header: Header of their file.
        piece: Records of the table; it has every column of the contract once.

    Returns:
        Rows and rejects in the file's order; records whose fields could not be told apart are among the rejects.
    """
    names = [f"sent_{place}" for place in range(len(piece.columns))]
    fields = pl.DataFrame({"text": pl.Series(piece.texts, dtype=pl.String)}).select(
        pl.col("text").str.split_exact(SEPARATOR, len(names) - 1).struct.rename_fields(names).struct.unnest()
    )
    blanks = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in names]
    sent = fields.select(blanks).with_columns(row_number=pl.Series(piece.row_numbers, dtype=pl.Int64))
    place_of = {name: names[place] for place, name in enumerate(piece.columns)}
    typed = sent.with_columns(
        _typed(column, pl.col(place_of[name])).alias(name) for name, column in extract.columns.items()
    ).with_columns(
        _is_faulty(name, column, pl.col(place_of[name]), header).alias(f"faulty_{name}")
        for name, column in extract.columns.items()
    )
    broken_rules = [
        (~rule.holds.fill_null(value=True)).alias(f"broken_{place}") for place, rule in enumerate(extract.rules)
    ]
    typed = typed.with_columns(broken_rules)
    is_bad = pl.any_horizontal(
        *(pl.col(f"faulty_{name}") for name in extract.columns),
        *(pl.col(f"broken_{place}") for place in range(len(extract.rules))),
    )
    rows = typed.filter(~is_bad).select("row_number", *extract.columns)
    broken = [_reject(extract, header, piece.columns, row) for row in typed.filter(is_bad).iter_rows(named=True)]
    torn = [(number, f"table {extract.name}: {why}", None) for number, why in piece.refused]
    return Judged(rows, pl.DataFrame(broken + torn, schema=REJECTS, orient="row").sort("row_number"))


def refuse_all(piece: Piece, why: str) -> pl.DataFrame:
    """Every record of a piece as a reject with one reason and without its text."""
    numbers = sorted([*piece.row_numbers, *(number for number, _ in piece.refused)])
    return pl.DataFrame({"row_number": numbers, "reason": why, "row_text": None}, schema=REJECTS)


def _typed(column: dy.Column, text: pl.Expr) -> pl.Expr:
    """Value of a text in a column's type; null where it is none."""
    if isinstance(column, dy.Enum):
        return pl.when(text.is_in(list(column.categories))).then(text)
    if isinstance(column, dy.String):
        return text
    if isinstance(column, dy.Bool):
        return pl.when(text == "true").then(statement=True).when(text == "false").then(statement=False)
    if isinstance(column, dy.Date):
        value = text.str.to_date("%Y-%m-%d", strict=False)
        return pl.when(text.str.contains(r"^\d{4}-\d{2}-\d{2}$") & value.is_between(EARLIEST, LATEST)).then(value)
    if isinstance(column, dy.Datetime):
        value = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)
        return pl.when(text.str.contains(_INSTANT) & value.dt.date().is_between(EARLIEST, LATEST)).then(value)
    if isinstance(column, dy.Decimal):
        scale, precision = int(column.scale), int(column.precision or 38)
        pattern = rf"^-?\d{{1,{precision - scale}}}(\.\d{{1,{scale}}})?$"
        return pl.when(text.str.contains(pattern)).then(text.cast(pl.Decimal(precision, scale), strict=False))
    bits = INTEGER_BITS[type(column)]
    value = pl.when(text.str.contains(r"^-?\d{1,18}$")).then(text.cast(pl.Int64, strict=False))
    return pl.when(value.is_between(-(1 << bits), (1 << bits) - 1)).then(value)


def _is_faulty(name: str, column: dy.Column, text: pl.Expr, header: Header) -> pl.Expr:
    value = pl.col(name)
    rules = [rule.fill_null(value=True) for rule in column.validation_rules(value).values()]
    if name == "changed_at_utc":
        rules.append((value <= header.sent_at + CLOCK_TOLERANCE).fill_null(value=True))
    return ~pl.all_horizontal(text.is_null() | value.is_not_null(), *rules)


def _reject(
    extract: Extract, header: Header, columns: list[str], row: dict[str, object]
) -> tuple[object, str, str | None]:
    fields = {name: row[f"sent_{place}"] for place, name in enumerate(columns)}
    faults = [
        Fault(name, fields[name], _allowed(name, column, row[name], header))
        for name, column in extract.columns.items()
        if row[f"faulty_{name}"]
    ]
    broken = [rule for place, rule in enumerate(extract.rules) if row[f"broken_{place}"]]
    why = reason(extract, faults) if faults else reason_of_rules(extract, broken)
    return row["row_number"], why, row_text(extract, fields, faults)


def _allowed(name: str, column: dy.Column, value: object, header: Header) -> str:
    if name == "changed_at_utc" and value is not None:
        return f"an instant before the file was sent ({header.sent_at:%Y-%m-%d %H:%M} UTC)"
    return accepted(column)
