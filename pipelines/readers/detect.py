"""Which format a file is in, by content and never by its name."""

import re
from pathlib import Path

from pipelines.readers.options import UnreadableFile

_HEAD_BYTES = 1 << 16
_LEAST_TEXT = 1 << 15
_BOM = b"\xef\xbb\xbf"
_REFUSED = {
    b"\x1f\x8b": "the file is compressed (gzip); unpack it first",
    b"PK\x03\x04": "the file is a ZIP archive or an Excel workbook; unpack it or save it as CSV first",
    b"\xff\xfe": "the file is UTF-16 text; save it as UTF-8 first",
    b"\xfe\xff": "the file is UTF-16 text; save it as UTF-8 first",
    b"BZh": "the file is compressed (bzip2); send it as gzip, ZIP or unpacked",
    b"\xfd7zXZ": "the file is compressed (xz); send it as gzip, ZIP or unpacked",
    b"7z\xbc\xaf": "the file is a 7z archive; send it as gzip, ZIP or unpacked",
    b"\x28\xb5\x2f\xfd": "the file is compressed (zstd); send it as gzip, ZIP or unpacked",
    b"Rar!": "the file is a RAR archive; send it as gzip, ZIP or unpacked",
    b"%PDF": "the file is a PDF; ask for the data as CSV, Green Button, CMEP or NEM12",
    b"\xd0\xcf\x11\xe0": "the file is an old Excel workbook; save it as CSV first",
}
_TAR_MAGIC, _TAR_PLACE = b"ustar", 257
_TWO_BYTE_TEXT = re.compile(rb"(?:[\t\r\n -~]\x00){8}|(?:\x00[\t\r\n -~]){8}")
_WEB_PAGE = re.compile(rb"(?i)<!doctype\s+html|<html[\s>]")
_CMEP = re.compile(rb'"?MEPMD\d\d"?,')
_NEM = re.compile(rb'(?i)"?100"?\s*,\s*"?NEM1[23]|"?200"?,(?:[^,\n]*,){7}"?\d{1,4}"?(?:,|\s)|"?250"?,(?:[^,\n]*,){15}')


def detect_format(path: Path) -> str:
    """Format of a file: parquet by magic bytes, espi for XML, cmep and nem12 by their first record, csv for other text.

    Args:
        path: File to look at; only its first 64 KiB are read, and those after leading blanks.

    Returns:
        csv, parquet, espi, cmep or nem12.

    Raises:
        UnreadableFile: The file is empty, compressed, UTF-16, binary or a web page.
        OSError: The file cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        text = head.removeprefix(_BOM).lstrip()
        while len(text) < _LEAST_TEXT and (following := file.read(_HEAD_BYTES)):
            text = (text + following).lstrip()
    if not text:
        raise UnreadableFile("the file is empty")
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, reason in _REFUSED.items():
        if head.startswith(magic):
            raise UnreadableFile(reason)
    if head.startswith(_TAR_MAGIC, _TAR_PLACE):
        raise UnreadableFile("the file is a tar archive; send it as gzip, ZIP or unpacked")
    if _TWO_BYTE_TEXT.match(head):
        raise UnreadableFile("the file is UTF-16 text; save it as UTF-8 first")
    if b"\x00" in text[:4096]:
        raise UnreadableFile(
            "the file is binary and not Parquet; CSV, Parquet, Green Button ESPI XML, CMEP and NEM12 can be read"
        )
    if _WEB_PAGE.match(text):
        raise UnreadableFile("the file is a web page, perhaps one to log in; download the data itself")
    if text.startswith(b"<"):
        return "espi"
    if _CMEP.match(text):
        return "cmep"
    return "nem12" if _NEM.match(text) else "csv"
