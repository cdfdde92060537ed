"""What a Green Button file says, in its order: entries and single readings as elements, runs of plain readings as text.

Nearly all of a feed is readings of one form. An XML parser makes elements of each, which costs many times what their
numbers do, so readings that stand plainly one after another are cut out of the text before it is parsed. The first of
each run still goes through the parser: if it does not come out as a reading (it stands in a comment, or its prefix
means something else), the rest of the run goes through the parser too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from pipelines.readers.options import UnreadableFile

ATOM = "{http://www.w3.org/2005/Atom}"
ESPI = "{http://naesb.org/espi}"
ENTRY, READING = f"{ATOM}entry", f"{ESPI}IntervalReading"
_READ_BYTES = 1 << 20
_LINE_BYTES = 1 << 16
_MOST_CARRIED = 16 << 20
_MOST_HELD_ELEMENTS = 100_000
_MOST_HELD_BYTES = 16 << 20
_OPENING = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)IntervalReading>")
_ADVICE = re.compile(", (?:use|try) XML_PARSE_HUGE.*")
_OPEN_TAG = re.compile(r"Premature end of data in tag (\S+) line")
_PLAIN = (
    r"<{p}IntervalReading>\s*"
    r"(?:<{p}cost>-?[0-9]{{1,15}}</{p}cost>\s*)?"
    r"(?:<{p}ReadingQuality>\s*<{p}quality>([0-9]{{1,3}})</{p}quality>\s*</{p}ReadingQuality>\s*)?"
    r"<{p}timePeriod>\s*(?:<{p}duration>([0-9]{{1,10}})</{p}duration>\s*)?"
    r"<{p}start>(-?[0-9]{{1,15}})</{p}start>\s*</{p}timePeriod>\s*"
    r"<{p}value>(-?[0-9]{{1,30}})</{p}value>\s*"
    r"(?:<{p}consumptionTier>[0-9]{{1,5}}</{p}consumptionTier>\s*)?"
    r"(?:<{p}tou>[0-9]{{1,5}}</{p}tou>\s*)?"
    r"</{p}IntervalReading>"
)


@dataclass(frozen=True)
class Run:
    """Readings that follow one another, verbatim; blank where a reading has no such field.

    Attributes:
        lines: Line of each reading's start tag.
        starts: Epoch seconds.
        durations: Seconds.
        values: Values.
        qualities: ReadingQuality.
    """

    lines: list[int]
    starts: tuple[str, ...]
    durations: tuple[str, ...]
    values: tuple[str, ...]
    qualities: tuple[str, ...]


@dataclass(frozen=True)
class Tag:
    """Start or end of an entry or of a reading.

    Attributes:
        is_end: The element is complete.
        element: The element.
        line: Line on which the tag lies.
    """

    is_end: bool
    element: etree._Element
    line: int


def read_events(path: Path) -> Iterator[Tag | Run]:
    """Read a file as a stream.

    Raises:
        UnreadableFile: The XML is truncated, malformed, not ESPI, or declares a document type.
        OSError: The file cannot be opened.
    """
    stream = _Stream()
    with path.open("rb") as file:
        try:
            for text in _pieces(file):
                yield from stream.read(text)
            stream.close()
        except etree.XMLSyntaxError as error:
            is_cut = stream.is_ended and not stream.last_fed.rstrip().endswith(b">")
            raise UnreadableFile(_syntax_reason(error, stream.line, is_cut=is_cut)) from error


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """The file in pieces that end behind a reading or, where there is none, behind a tag."""
    carried = b""
    while chunk := file.read(_READ_BYTES):
        text = carried + chunk
        end = text.rfind(b"IntervalReading>") + len(b"IntervalReading>")
        if end < len(b"IntervalReading>") or text.rfind(b"</", 0, end) < text.rfind(b"<", 0, end):
            end = text.rfind(b">") + 1
        if len(text) - end > _MOST_CARRIED:
            end = len(text)
        if end:
            yield text[:end]
        carried = text[end:]
    if carried:
        yield carried


class _Stream:
    """The parser, and the line that it has come to.

    Lines are counted here, because libxml2's own line numbers are not exact past line 65535.
    """

    def __init__(self) -> None:
        self.line = 1
        self.last_fed = b""
        self.is_ended = False
        self._parser = etree.XMLPullParser(
            events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        self._held = _Held()
        self._is_checked = False
        self._was_reading = False
        self._plain: re.Pattern[str] | None = None
        self._run: re.Pattern[bytes] | None = None
        self._opening = b""

    def read(self, text: bytes) -> Iterator[Tag | Run]:
        """What a piece says."""
        if self._run is None and (found := _OPENING.search(text)):
            plain = _PLAIN.format(p=re.escape(found.group(1).decode()))
            self._plain = re.compile(plain, re.ASCII)
            self._run = re.compile(rf"{plain}(?:\s*{plain})+".encode())
            self._opening = found.group(0)
        at = 0
        for run in self._run.finditer(text) if self._run else ():
            first_end = text.index(self._opening, run.start() + 1)
            yield from self._feed(text[at : run.start()])
            self._was_reading = False
            yield from self._feed(text[run.start() : first_end])
            if self._was_reading:
                yield self._cut_out(text[first_end : run.end()])
                at = run.end()
            else:
                at = first_end
        yield from self._feed(text[at:])

    def close(self) -> None:
        """Make sure that the document is whole."""
        self.is_ended = True
        self._parser.close()

    def _feed(self, text: bytes) -> Iterator[Tag]:
        """Parse text, line by line."""
        if not self._is_checked:
            _check_prolog(text, self.line)
        for line in text.splitlines(keepends=True) if len(text) <= _LINE_BYTES else _short_lines(text):
            self.last_fed = line
            self._parser.feed(line)
            for event, element in self._parser.read_events():
                if not isinstance(element, etree._Element):
                    continue
                if not self._is_checked:
                    _check_root(element, self.line)
                    self._is_checked = True
                self._was_reading = element.tag == READING and event == "end"
                self._held.note(element, is_end=event == "end", line=self.line)
                if element.tag in (ENTRY, READING):
                    yield Tag(event == "end", element, self.line)
            self._held.note_bytes(len(line), self.line)
            self.line += line.count(b"\n")

    def _cut_out(self, text: bytes) -> Run:
        """The readings of a run, which are not parsed."""
        readings = text.decode("ascii")
        before = [piece.count("\n") for piece in readings.split(self._opening.decode())]
        lines = list(accumulate(before[:-1], initial=self.line))[1:]
        self.line += sum(before)
        self.last_fed = text[-1:]
        found = self._plain.findall(readings) if self._plain else []
        qualities, durations, starts, values = zip(*found, strict=True)
        return Run(lines, starts, durations, values, qualities)


class _Held:
    """What the parser holds in memory: all of an entry or a reading until it ends, and nothing outside of them."""

    def __init__(self) -> None:
        self._elements = 0
        self._before: list[int] = []
        self._bytes = 0

    def note(self, element: etree._Element, *, is_end: bool, line: int) -> None:
        """Note the start or the end of an element."""
        is_piece = element.tag in (ENTRY, READING)
        if not is_end:
            if is_piece:
                self._before.append(self._elements)
            self._elements += 1
            if self._elements > _MOST_HELD_ELEMENTS:
                raise UnreadableFile(
                    f"line {line}: an entry or reading has over {_MOST_HELD_ELEMENTS:,} elements; the file is no feed"
                )
        elif is_piece:
            self._elements = self._before.pop()
            self._bytes = 0
        elif not self._before:
            self._elements -= 1
            release(element)

    def note_bytes(self, count: int, line: int) -> None:
        """Note text that was parsed."""
        self._bytes += count
        if self._bytes > _MOST_HELD_BYTES:
            raise UnreadableFile(
                f"line {line}: no entry and no reading ends within {_MOST_HELD_BYTES >> 20} MiB; the file is no feed"
            )


def release(element: etree._Element) -> None:
    """Drop an element's content and everything before it, so that the tree stays small."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _short_lines(text: bytes) -> Iterator[bytes]:
    for line in text.splitlines(keepends=True):
        for at in range(0, len(line), _LINE_BYTES):
            yield line[at : at + _LINE_BYTES]


def _check_prolog(text: bytes, line: int) -> None:
    """Refuse a document type by its text, since libxml2 goes on without one that it cannot read."""
    place = text.find(b"<!DOCTYPE")
    if place >= 0:
        raise _document_type(line + text.count(b"\n", 0, place))


def _document_type(line: int) -> UnreadableFile:
    return UnreadableFile(f"line {line}: the XML declares a document type; document types and entities are refused")


def _check_root(root: etree._Element, line: int) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise _document_type(line)
    if root.tag != f"{ATOM}feed" and not str(root.tag).startswith(ESPI):
        raise UnreadableFile(f"line {line}: the XML is not Green Button ESPI: its first element is <{root.tag}>")


def _syntax_reason(error: etree.XMLSyntaxError, line: int, *, is_cut: bool) -> str:
    message = str(error.msg or "")
    if "amplification" in message or "entity" in message.lower():
        return f"line {line}: the XML declares or uses entities; document types and entities are refused"
    unfinished = _OPEN_TAG.search(message)
    if unfinished:
        return f"line {line}: XML ends inside <{unfinished.group(1)}>; the file is truncated"
    cause = _ADVICE.sub("", message.split(", line ")[0]).strip()
    if is_cut:
        return f"line {line}: XML ends early ({cause}); the file is truncated"
    return f"line {line}: the XML is malformed: {cause}"
