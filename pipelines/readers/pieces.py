"""Text files in pieces cut at line ends, so that memory does not grow with the file."""

from collections.abc import Iterator
from typing import BinaryIO

from pipelines.readers.options import UnreadableFile

LONGEST_LINE = 16 << 20
"""No format has a longer line; what goes on without a line end is not text of lines."""


def pieces(file: BinaryIO, first_line: int, piece_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Read the rest of a file, piece by piece.

    Args:
        file: Open file, at the beginning of a line.
        first_line: Number of that line.
        piece_bytes: About the length of a piece; a piece ends with a line.

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
        yield line, piece
        line += piece.count(b"\n")
