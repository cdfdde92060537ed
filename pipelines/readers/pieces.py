"""Text files in pieces cut at line ends, so that memory does not grow with the file."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from pipelines.readers.options import UnreadableFile

LONGEST_LINE = 16 << 20
"""No format has a longer line; what goes on without a line end is not text of lines."""
MOST_LINES = 250_000


def has_many_lines(piece: bytes) -> bool:
    """True where a piece has more lines than fit well into memory."""
    return piece.count(b"\n") > MOST_LINES


def pieces(
    file: BinaryIO, first_line: int, piece_bytes: int, is_heavy: Callable[[bytes], bool] = has_many_lines
) -> Iterator[tuple[int, bytes]]:
    """Read the rest of a file, piece by piece.

    Args:
        file: Open file, at the beginning of a line.
        first_line: Number of that line.
        piece_bytes: About the length of a piece; a piece ends with a line.
        is_heavy: Tells a piece that holds more than fits well into memory, however few bytes it has; such a one is
            halved until it does not, or is a single line.

    Yields:
        Number of the piece's first line, and its bytes.

    Raises:
        UnreadableFile: A line is longer than any format's.
    """
    line = first_line
    while piece := file.read(piece_bytes):
        rest = b"" if piece.endswith(b"\n") else file.readline(LONGEST_LINE)
        piece += rest
        if len(rest) == LONGEST_LINE:
            number = line + piece.count(b"\n", 0, -1)
            raise UnreadableFile(f"line {number} is longer than {LONGEST_LINE >> 20} MiB; the file is no text of lines")
        yield from _light(line, piece, is_heavy)
        line += piece.count(b"\n")


def _light(line: int, piece: bytes, is_heavy: Callable[[bytes], bool]) -> Iterator[tuple[int, bytes]]:
    middle = len(piece) // 2
    behind = piece.find(b"\n", middle, -1)
    cut = 1 + (behind if behind >= 0 else piece.rfind(b"\n", 0, middle))
    if not cut or not is_heavy(piece):
        yield line, piece
        return
    yield from _light(line, piece[:cut], is_heavy)
    yield from _light(line + piece.count(b"\n", 0, cut), piece[cut:], is_heavy)
