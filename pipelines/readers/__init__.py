"""Readers of landing files: interval reads from CSV, Parquet and Green Button ESPI XML.

Belongs here: what a file format looks like and how its values become rows of `raw.interval_reads`. Does not belong
here: what is a good read (that is validation), and where files lie or what was loaded before.

A reader turns its format into one frame of values (`normalise.VALUES`); `normalise` does the rest for all formats:
clock, interval length, unit, repeats. Nothing is dropped: every value of the file is a read or a reject with a
reason, and a file that cannot be read at all raises `UnreadableFile`.
"""

from pathlib import Path

from pipelines.readers.csv_reads import read_csv
from pipelines.readers.detect import detect_format
from pipelines.readers.espi import read_espi
from pipelines.readers.options import FileReads, ReadOptions, UnreadableFile
from pipelines.readers.parquet_reads import read_parquet

__all__ = ["FileReads", "ReadOptions", "UnreadableFile", "read_file"]

_READERS = {"csv": read_csv, "parquet": read_parquet, "espi": read_espi}


def read_file(path: Path, options: ReadOptions) -> FileReads:
    """Read one landing file.

    Args:
        path: File in any of the formats; its name does not matter.
        options: What is known about the file beforehand.

    Returns:
        Reads with starts in UTC and energy in whole watt-hours, and rejects with reasons.

    Raises:
        UnreadableFile: The file as a whole cannot be read.
        ValueError: An option is not valid (unknown format, zone, clock, label or unit).
        OSError: The file cannot be opened.
    """
    found = detect_format(path)
    format_code = options.format_code or found
    if format_code not in _READERS:
        raise ValueError(f'format "{format_code}" is not one of {", ".join(_READERS)}')
    return _READERS[format_code](path, options)
