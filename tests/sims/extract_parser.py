"""An independent reading of extract files: plain text and the contract's declared types, nothing of the writer."""

import csv
import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import dataframely as dy

from models.extracts import SYSTEMS, Extract

Row = dict[str, object]


class BrokenExtractError(ValueError):
    pass


@dataclass(frozen=True)
class ExtractFile:
    system_code: str
    utility_code: str
    kind: str
    first_date: date
    last_date: date
    sent_at_utc: datetime
    tables: dict[str, list[Row]]
    refused: list[tuple[int, str]]
    """Line number and reason of each row that breaks its contract."""
    row_count: int


@cache
def parse(path: Path) -> ExtractFile:
    data = path.read_bytes()
    if b"\r" in data or not data.endswith(b"\n"):
        raise BrokenExtractError(f"{path.name}: line ends")
    lines = data.decode("utf-8").split("\n")[:-1]
    mark, code, utility, kind, first, last, sent = lines[0].split(",")
    assert mark == "HEADER"
    trailer = lines[-1].split(",")
    body = data[len(lines[0]) + 1 : -(len(lines[-1]) + 1)]
    if trailer[0] != "TRAILER" or trailer[2] != hashlib.sha256(body).hexdigest():
        raise BrokenExtractError(f"{path.name}: trailer")
    tables, refused, count = _body(code, lines)
    assert count == int(trailer[1])
    return ExtractFile(
        code, utility, kind, date.fromisoformat(first), date.fromisoformat(last), _instant(sent), tables, refused, count
    )


def _body(code: str, lines: list[str]) -> tuple[dict[str, list[Row]], list[tuple[int, str]], int]:
    system = next(one for one in SYSTEMS if one.code == code)
    tables: dict[str, list[Row]] = {}
    refused: list[tuple[int, str]] = []
    extract: Extract | None = None
    names: list[str] = []
    columns: dict[str, dy.Column] = {}
    count = 0
    for number, line in enumerate(lines[1:-1], start=2):
        fields = next(csv.reader([line]))
        if fields[0] == "TABLE":
            extract, names = system.extract(fields[1]), []
            assert extract is not None
            assert fields[1] not in tables
            tables[fields[1]] = []
        elif not names:
            names = fields
            assert extract is not None
            columns = extract.columns
            assert names == list(columns)
        else:
            assert extract is not None
            count += 1
            try:
                tables[extract.name].append(_row(columns, fields))
            except (ValueError, ArithmeticError) as error:
                refused.append((number, str(error)))
    return tables, refused, count


def parse_row(extract: Extract, line: str) -> Row:
    return _row(extract.columns, next(csv.reader([line])))


def _row(columns: dict[str, dy.Column], fields: list[str]) -> Row:
    if len(fields) != len(columns):
        raise BrokenExtractError("number of fields")
    return {name: _value(column, text) for (name, column), text in zip(columns.items(), fields, strict=True)}


def _value(column: dy.Column, text: str) -> object:
    if not text:
        if not column.nullable:
            raise BrokenExtractError("blank")
        return None
    match column:
        case dy.Enum():
            if text not in column.categories:
                raise BrokenExtractError(f"{text} is not in the list")
            return text
        case dy.Bool():
            return {"true": True, "false": False}[text]
        case dy.Date():
            return date.fromisoformat(text)
        case dy.Datetime():
            return _instant(text)
        case dy.Decimal():
            value = Decimal(text)
            if -int(value.as_tuple().exponent) > column.scale:
                raise BrokenExtractError("too many decimals")
            return value
        case dy.String():
            if column.regex and not re.fullmatch(column.regex.strip("^$"), text):
                raise BrokenExtractError(f"{text} does not match")
            return text
        case _:
            return int(text)


def _instant(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        raise BrokenExtractError(f"{text} is no instant")
    return datetime.fromisoformat(text[:-1])
