"""Lines of one table of an extract as records of fields, in pieces of bounded size."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from pipelines.extracts.envelope import LONGEST_LINE, Section

PIECE_BYTES = 32 << 20
SEPARATOR = "\x1f"
"""Stands between the fields of a record; a record that holds it, or another control character, is refused."""
MOST_LINES = 20
"""Lines of one record, where quoted fields hold line breaks."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass
class Piece:
    """Records of a table.

    Attributes:
        columns: Names in the table's first line.
        row_numbers: First line of each record.
        texts: Its fields with SEPARATOR between them, as many as there are columns.
        refused: Line and reason of each record whose fields cannot be told apart.
    """

    columns: list[str]
    row_numbers: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)

    @property
    def record_count(self) -> int:
        """Records, good or bad."""
        return len(self.row_numbers) + len(self.refused)


def pieces(path: Path, section: Section, piece_bytes: int = PIECE_BYTES) -> Iterator[Piece]:
    """Read a table; an empty line is no record.

    Args:
        path: The extract.
        section: Where the table lies.
        piece_bytes: Bytes after which a piece ends.

    Yields:
        Pieces in the file's order; one without columns where the table holds no line.
    """
    lines = _lines(path, section)
    columns: list[str] = []
    held: list[_Line] = []
    size = 0
    for line in lines:
        if not columns and not line.text:
            continue
        if not columns:
            columns = [name.strip() for name in _fields(line.text) or [line.text]]
            continue
        held.append(line)
        size += len(line.text)
        if size >= piece_bytes:
            piece, held = _piece(columns, held, is_last=False)
            size = sum(len(one.text) for one in held)
            yield piece
    yield _piece(columns, held, is_last=True)[0]


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    is_cut: bool

    @property
    def opens_or_closes(self) -> bool:
        """True where a quotation that is open before the line is closed behind it, or the other way round."""
        return self.text.count('"') % 2 == 1


def _lines(path: Path, section: Section) -> Iterator[_Line]:
    number = section.first_line
    with path.open("rb") as file:
        file.seek(section.start)
        while file.tell() < section.stop:
            part = file.readline(LONGEST_LINE)
            number += 1
            is_cut = not part.endswith(b"\n")
            text = part.removesuffix(b"\n").removesuffix(b"\r").decode(errors="replace")
            while not part.endswith(b"\n"):
                part = file.readline(LONGEST_LINE)
            yield _Line(number, text, is_cut)


def _piece(columns: list[str], lines: list[_Line], *, is_last: bool) -> tuple[Piece, list[_Line]]:
    """Records of lines; the lines of a record that may go on behind the last one are handed back."""
    piece = Piece(columns)
    count, commas = len(columns), len(columns) - 1
    place = 0
    while place < len(lines):
        line = lines[place]
        place += 1
        if not line.text:
            continue
        if line.is_cut:
            piece.refused.append((line.number, f"the line is longer than {LONGEST_LINE:,} bytes"))
        elif '"' not in line.text:
            if line.text.count(",") != commas:
                piece.refused.append((line.number, _wrong_count(line.text.count(",") + 1, count)))
            else:
                _keep(piece, line.number, line.text.replace(",", SEPARATOR), line.text)
        else:
            fields = _fields(line.text)
            if fields is None:
                if not is_last and len(lines) - place < MOST_LINES:
                    return piece, lines[place - 1 :]
                fields, place = _continued(lines, place, count)
            if fields is None:
                piece.refused.append((line.number, "a quotation is not closed, or text follows its end"))
            elif len(fields) != count:
                piece.refused.append((line.number, _wrong_count(len(fields), count)))
            else:
                _keep(piece, line.number, SEPARATOR.join(fields), "".join(fields))
    return piece, []


def _keep(piece: Piece, number: int, text: str, characters: str) -> None:
    if _CONTROL.search(characters):
        piece.refused.append((number, "a field holds a control character"))
    else:
        piece.row_numbers.append(number)
        piece.texts.append(text)


def _continued(lines: list[_Line], place: int, count: int) -> tuple[list[str] | None, int]:
    """Fields of a record that goes on in the following lines, and the place behind it; None where it does not."""
    for last in range(place, min(place + MOST_LINES, len(lines))):
        if lines[last].is_cut:
            break
        if lines[last].opens_or_closes:
            fields = _fields("\n".join(line.text for line in lines[place - 1 : last + 1]))
            if fields is not None and len(fields) == count:
                return fields, last + 1
            break
    return None, place


def _fields(text: str) -> list[str] | None:
    """Fields of a record, None where its quotation is broken."""
    try:
        rows = list(csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _wrong_count(found: int, expected: int) -> str:
    return f"the row has {found:,} fields where the table has {expected:,} columns"
