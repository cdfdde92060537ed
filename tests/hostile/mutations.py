"""Strategies that spoil sound files: bytes flipped, cut, repeated and moved, and hostile words put in."""

from collections.abc import Callable
from functools import reduce

from hypothesis import strategies as st

WORDS = (
    "", " ", "0", "-0", "1", "-1", "+", ".", "1e309", "1e-400", "1e999999", "-9e999999", "NaN", "inf", "0x1F",
    "1_000", "１２", "1,5", "9" * 19, "9" * 400, "--1", "2" * 4400, '"', '""', '"""', "'", ",", ";", "\t", "|", "\r",
    "\n", "\r\n", "\0", "\x1a", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff", "é", "\u00a0", "\U0001f50c", "0000-01-01",
    "9999-12-31", "275760-09-13", "2026-02-30", "2025-11-02 01:30", "2026-03-08 02:30", "24:00", "24:01", "1e5", "Z",
    "+99:99", "UTC", "PST", "NULL", "N", "kwh", "KVARH", "MEPMD01", "100,NEM12", "200", "300", "400", "900",
    "202511020000", "20251102", "<", ">", "&", "&lol;", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE a>", "<?a?>",
    "<entry>", "</entry>", "<IntervalReading>", "</IntervalReading>", "<value>", "</feed>", "PAR1",
    "=cmd|' /C calc'!A0", "../../etc/passwd", "'; drop table x; --", "<script>", "Data for period starting",
    "Energy consumption time period,Usage(Real energy in kilowatt-hours)",
)  # fmt: skip
"""Text that breaks careless readers of numbers, times, tables, XML and records."""

Spoil = Callable[[bytes], bytes]
_place = st.floats(0, 1, exclude_max=True)
_length = st.integers(0, 40)
_word = st.sampled_from(WORDS).map(str.encode) | st.binary(max_size=6)


def _at(data: bytes, place: float) -> int:
    return int(place * (len(data) + 1))


def _flip(place: float, bits: int) -> Spoil:
    def spoil(data: bytes) -> bytes:
        if not data:
            return data
        at = int(place * len(data))
        return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]

    return spoil


def _put(place: float, word: bytes, length: int) -> Spoil:
    """Put a word in the place of some bytes."""
    return lambda data: data[: _at(data, place)] + word + data[_at(data, place) + length :]


def _put_in_cell(place: float, word: bytes) -> Spoil:
    """Put a word in the place of a cell, or of the text of an XML element."""

    def spoil(data: bytes) -> bytes:
        ends = [at for at, byte in enumerate(data) if byte in b",;\n<>"] or [0]
        which = int(place * len(ends))
        start, stop = ends[which], ends[which + 1] if which + 1 < len(ends) else len(data)
        return data[: start + 1] + word + data[stop:]

    return spoil


def _repeat(place: float, other: float, length: int) -> Spoil:
    """Write a slice again elsewhere."""
    return lambda data: data[: _at(data, other)] + data[_at(data, place) :][: 8 * length] + data[_at(data, other) :]


def _cut(place: float) -> Spoil:
    return lambda data: data[: _at(data, place)]


def _swap_lines(place: float, other: float) -> Spoil:
    def spoil(data: bytes) -> bytes:
        rows = data.split(b"\n")
        first, second = int(place * len(rows)), int(other * len(rows))
        rows[first], rows[second] = rows[second], rows[first]
        return b"\n".join(rows)

    return spoil


def _recode(encoding: str) -> Spoil:
    return lambda data: data.decode("utf-8", errors="replace").encode(encoding, errors="replace")


_spoils = st.one_of(
    st.builds(_flip, _place, st.integers(1, 255)),
    st.builds(_put, _place, _word, st.integers(0, 4)),
    st.builds(_put, _place, st.just(b""), _length),
    st.builds(_put_in_cell, _place, _word),
    st.builds(_put_in_cell, _place, _word),
    st.builds(_repeat, _place, _place, _length),
    st.builds(_swap_lines, _place, _place),
    st.builds(_cut, _place),
    st.builds(_recode, st.sampled_from(["utf-16", "utf-16-le", "latin-1", "utf-8-sig", "utf-32"])),
)


def spoiled(data: bytes) -> st.SearchStrategy[bytes]:
    """The file with up to six faults."""
    faults = st.lists(_spoils, min_size=1, max_size=6)
    return faults.map(lambda spoils: reduce(lambda found, spoil: spoil(found), spoils, data))
