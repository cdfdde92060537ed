"""Which files look like a part of an extract, by how they begin: whatever they lack, they may hold personal data."""

import csv
import re
from pathlib import Path

from models.extracts import SENDERS

_HEAD_BYTES = 1 << 16
_DELIMITERS = (",", ";", "\t", "|")
_HEADER = re.compile(r'"?HEADER(?![A-Za-z0-9_])')
_MARK = re.compile(r'^[ "]*(?:TABLE|TRAILER)[ "]*[,;\t|]')
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z")
_IN_EVERY_TABLE = "changed_at_utc"
_TELLING = ("TABLE", "TRAILER", _IN_EVERY_TABLE)
"""Words without which no line behind the first one can be of an extract."""
_TABLES = frozenset(frozenset(extract.columns) for system in SENDERS for extract in system.extracts)
_WIDTHS = frozenset(map(len, _TABLES))


def resembles_extract(path: Path) -> bool:
    """True for a file that is an extract, or what is left of one.

    Its first line begins with HEADER whatever the delimiter, or is a row as extracts have them: an instant first, and
    as many cells as a table of a contract has columns. Or its first 64 KiB hold a line that begins with TABLE or
    TRAILER and a delimiter, or one that names all columns of a table.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    # Without its zero bytes UTF-16 is legible, too.
    text = head.replace(b"\0", b"").decode(errors="replace").lstrip("\ufeff\ufffd \t\r\n").replace("\r", "\n")
    first = text.split("\n", 1)[0]
    if _HEADER.match(first) or _is_row(first):
        return True
    lines = text.split("\n") if any(word in text for word in _TELLING) else []
    return any(_MARK.match(line) or _names_columns(line) for line in lines)


def _is_row(line: str) -> bool:
    return any(len(row) in _WIDTHS and _INSTANT.fullmatch(row[0]) for row in _splits(line))


def _names_columns(line: str) -> bool:
    if _IN_EVERY_TABLE not in line:
        return False
    return any(table <= {cell.strip() for cell in row} for row in _splits(line) for table in _TABLES)


def _splits(line: str) -> list[list[str]]:
    """The cells of a line by every delimiter; none where the line cannot be split."""
    try:
        return [row for delimiter in _DELIMITERS for row in csv.reader([line], delimiter=delimiter)]
    except csv.Error:
        return []
