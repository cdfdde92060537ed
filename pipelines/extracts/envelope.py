"""What concerns an extract as a whole: header, trailer, hash, encoding, and where its tables lie in the file."""

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from models.calendar import FUTURE_TOLERANCE
from models.extracts import SENDERS, System
from pipelines.readers import UnreadableFile
from pipelines.text import printable

LONGEST_LINE = 1 << 16
"""Bytes of a line; a longer one is refused, and no more of it is kept in memory."""
HEADER, TABLE, TRAILER = b"HEADER,", b"TABLE,", b"TRAILER,"
KINDS = ("history", "daily")
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""No date or instant of an extract lies outside."""
_ZONES_APART = timedelta(days=1)
_BOM = codecs.BOM_UTF8
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_TRAILER = re.compile(rb"TRAILER,(\d{1,12}),([0-9a-fA-F]{64})")
_HEADER_FIELDS = "HEADER, system, utility, history or daily, first date, last date, time of sending"
_SHOWN = 60


@dataclass(frozen=True)
class Header:
    """The first line.

    Attributes:
        system: Outside system that sent the file.
        utility_code: Utility that it belongs to.
        kind: history or daily.
        first_business_date: First local business date that the file covers.
        business_date: Last one.
        sent_at: When it was sent, naive UTC.
    """

    system: System
    utility_code: str
    kind: str
    first_business_date: date
    business_date: date
    sent_at: datetime


@dataclass(frozen=True)
class Section:
    """Where the rows of one table lie.

    Attributes:
        name: Name of the table as written.
        first_line: Number of the TABLE line.
        start: Offset in bytes of the line behind it.
        stop: Offset behind the table's last line.
    """

    name: str
    first_line: int
    start: int
    stop: int


@dataclass(frozen=True)
class Envelope:
    """A file whose header and trailer hold.

    Attributes:
        header: The first line.
        sections: Tables in the file's order; one name may occur again.
        row_count: Rows that the trailer states.
    """

    header: Header
    sections: tuple[Section, ...]
    row_count: int


def is_extract(path: Path) -> bool:
    """True for a file that begins, after a byte order mark, with `HEADER,`."""
    with path.open("rb") as file:
        return file.read(len(_BOM) + len(HEADER)).removeprefix(_BOM).startswith(HEADER)


def read_header(path: Path, utility_code: str, received_at: datetime) -> Header:
    """The header of a file.

    Args:
        path: The extract.
        utility_code: Utility whose files are taken.
        received_at: When the file was received, naive UTC.

    Raises:
        UnreadableFile: The line is malformed, names an unknown system or another utility, or states times that cannot
            be.
    """
    with path.open("rb") as file:
        line = file.readline(LONGEST_LINE).removeprefix(_BOM)
    header = _header(line.rstrip(b"\r\n"), utility_code)
    if header.sent_at > received_at + FUTURE_TOLERANCE:
        raise UnreadableFile(
            f"line 1: the file was sent at {header.sent_at:%Y-%m-%dT%H:%M:%SZ}, more than a day after its receipt "
            f"({received_at:%Y-%m-%d %H:%M} UTC); correct the header and send the file again"
        )
    return header


def read_envelope(path: Path, utility_code: str, received_at: datetime) -> Envelope:
    """Look through a file once, in bounded memory.

    Args:
        path: The extract.
        utility_code: Utility whose files are taken.
        received_at: When the file was received, naive UTC.

    Returns:
        Header, tables and the count that the trailer states.

    Raises:
        UnreadableFile: The header is malformed, of another utility or from the future, the trailer is missing or
            disagrees with the content, or the text is not UTF-8.
    """
    header = read_header(path, utility_code, received_at)
    with path.open("rb") as file:
        scan = _Scan(file)
        sections, trailer = scan.body()
        found = _TRAILER.fullmatch(trailer)
        if found is None:
            raise UnreadableFile(
                f"line {scan.line_number}: the trailer must read TRAILER, number of rows, SHA-256, so the file is cut "
                "off or was changed; send it again"
            )
        scan.expect_end()
    if found.group(2).decode().lower() != scan.digest:
        raise UnreadableFile(
            f"line {scan.line_number}: the content has another SHA-256 than the trailer states, so it was changed "
            "after it was written; send the file again"
        )
    return Envelope(header, tuple(sections), int(found.group(1)))


def _header(line: bytes, utility_code: str) -> Header:
    try:
        fields = line.decode("utf-8").split(",")
    except UnicodeDecodeError:
        raise UnreadableFile("line 1: the header is not UTF-8; send the file again in UTF-8") from None
    if len(fields) != len(_HEADER_FIELDS.split(", ")) or fields[0] != "HEADER":
        raise UnreadableFile(f"line 1: the header must hold {_HEADER_FIELDS}, with commas; send the file again")
    _, code, utility, kind, first, last, sent = fields
    system = next((system for system in SENDERS if system.code == code), None)
    if system is None:
        known = ", ".join(one.code for one in SENDERS)
        raise UnreadableFile(f'line 1: system "{printable(code, _SHOWN)}" is unknown; known are {known}')
    if utility != utility_code:
        raise UnreadableFile(
            f'line 1: the file belongs to utility "{printable(utility, _SHOWN)}" and this home takes those of '
            f'"{utility_code}"; if it is the right one, set utility_code in the feed.yml of its feed'
        )
    if kind not in KINDS:
        raise UnreadableFile(f'line 1: "{printable(kind, _SHOWN)}" is neither history nor daily; send the file again')
    first_date, last_date = _date(first), _date(last)
    sent_at = _instant(sent)
    if first_date > last_date:
        raise UnreadableFile(f"line 1: the first date {first} is later than the last one {last}; send the file again")
    if sent_at.date() + _ZONES_APART < last_date:
        raise UnreadableFile(
            f"line 1: the file was sent at {sent}, before its last business date {last}; correct the header and send "
            "the file again"
        )
    return Header(system, utility, kind, first_date, last_date, sent_at)


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found <= LATEST:
        raise UnreadableFile(
            f'line 1: "{printable(text, _SHOWN)}" is no date between {EARLIEST} and {LATEST} as YYYY-MM-DD; send the '
            "file again"
        )
    return found


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text[:-1]) if _INSTANT.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found.date() <= LATEST:
        raise UnreadableFile(
            f'line 1: time of sending "{printable(text, _SHOWN)}" is no instant in UTC as YYYY-MM-DDTHH:MM:SSZ; send '
            "the file again"
        )
    return found


class _Scan:
    """One pass over the lines behind the header."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._offset = 0
        self._is_over = False
        self.line_number = 0

    @property
    def digest(self) -> str:
        """SHA-256 of the lines between header and trailer, in hexadecimal digits."""
        return self._hash.hexdigest()

    def body(self) -> tuple[list[Section], bytes]:
        """Sections up to the trailer, and the trailer's line."""
        starts: list[tuple[bytes, int, int]] = []
        sections: list[Section] = []
        for line, begin in self._lines():
            if self.line_number == 1:
                continue
            is_table, is_trailer = line.startswith(TABLE), line.startswith(TRAILER)
            if (is_table or is_trailer) and starts:
                name, number, start = starts.pop()
                sections.append(Section(name.decode(errors="replace"), number, start, begin))
            if is_trailer:
                return sections, line.rstrip(b"\r\n")
            if is_table:
                starts.append((line[len(TABLE) :].rstrip(b"\r\n"), self.line_number, self._offset))
            elif line.startswith(HEADER):
                raise UnreadableFile(
                    f"line {self.line_number}: a second header; two files have run together, send each by itself"
                )
            elif not starts and line.strip():
                raise UnreadableFile(
                    f"line {self.line_number}: rows stand before the first TABLE line; send the file again"
                )
        raise UnreadableFile(
            f"line {self.line_number}: the file ends without a trailer, so it is cut off; send it again"
        )

    def expect_end(self) -> None:
        """Make sure that nothing but empty lines follows the trailer."""
        trailer_line = self.line_number
        for line, _ in self._lines():
            if line.strip():
                raise UnreadableFile(
                    f"line {self.line_number}: lines follow the trailer in line {trailer_line}; send the file again"
                )

    def _lines(self) -> Iterator[tuple[bytes, int]]:
        """Lines, each cut after LONGEST_LINE bytes, with the offset at which they begin."""
        while line := self._file.readline(LONGEST_LINE):
            self.line_number += 1
            begin = self._offset
            self._take(line, line)
            rest = line
            while not rest.endswith(b"\n") and (rest := self._file.readline(LONGEST_LINE)):
                self._take(line, rest)
            yield line, begin

    def _take(self, line: bytes, part: bytes) -> None:
        self._offset += len(part)
        try:
            self._decoder.decode(part)
        except UnicodeDecodeError:
            raise UnreadableFile(
                f"line {self.line_number}: the text is not UTF-8; send the file again in UTF-8"
            ) from None
        self._is_over = self._is_over or line.startswith(TRAILER)
        if self.line_number > 1 and not self._is_over:
            self._hash.update(part)
