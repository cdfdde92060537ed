"""Readers of landing files: interval reads, register reads and meter events in every format that utilities send.

Belongs here: what a file format looks like and how its values become rows of the raw tables. Does not belong here:
what is a good read (that is validation), and where files lie or what was loaded before.

A reader turns its format into batches of values (`batches.VALUES`); `opened` does the rest for all formats: it surveys
the file where a decision needs the whole of it, then normalises batch by batch: clock, interval length, unit, repeats.
Nothing is dropped: every value of the file is a read or a reject with a reason, and a file that cannot be read at all
raises `UnreadableFile`.
"""

from pathlib import Path

from pipelines.readers.batches import ParsedFile
from pipelines.readers.cmep.reads import open_cmep
from pipelines.readers.detect import detect_format
from pipelines.readers.espi.reads import open_espi
from pipelines.readers.findings import Finding
from pipelines.readers.mdff.nem12 import open_nem12
from pipelines.readers.opened import OpenedFile, Part, opened
from pipelines.readers.options import ReadOptions, UnreadableFile
from pipelines.readers.portal.reads import open_portal
from pipelines.readers.tables.csv_reads import open_csv
from pipelines.readers.tables.parquet_reads import open_parquet

__all__ = ["Finding", "OpenedFile", "Part", "ReadOptions", "UnreadableFile", "open_file"]


def _open_text(path: Path, options: ReadOptions) -> ParsedFile:
    return open_portal(path, options) or open_csv(path, options)


_READERS = {
    "csv": _open_text,
    "parquet": open_parquet,
    "espi": open_espi,
    "cmep": open_cmep,
    "nem12": open_nem12,
}


def open_file(path: Path, options: ReadOptions) -> OpenedFile:
    """Open one landing file for reading.

    Args:
        path: File in any of the formats; its name does not matter.
        options: What is known about the file beforehand.

    Returns:
        The file with its meaning settled; its parts hold reads with starts in UTC and energy in whole watt-hours, and
        rejects with reasons.

    Raises:
        UnreadableFile: The file as a whole cannot be read.
        ValueError: An option is not valid (unknown format, zone, clock, label or unit).
        OSError: The file cannot be opened.
    """
    found = detect_format(path)
    format_code = options.format_code or found
    if format_code not in _READERS:
        raise ValueError(f'format "{format_code}" is not one of {", ".join(_READERS)}')
    return opened(_READERS[format_code](path, options), options)
