"""Which format a file is in, by content and never by its name."""

from pathlib import Path

from pipelines.readers.options import UnreadableFile

_HEAD_BYTES = 4096
_BOM = b"\xef\xbb\xbf"
_REFUSED = {
    b"\x1f\x8b": "the file is compressed (gzip); unpack it first",
    b"PK\x03\x04": "the file is a ZIP archive or an Excel workbook; unpack it or save it as CSV first",
    b"\xff\xfe": "the file is UTF-16 text; save it as UTF-8 first",
    b"\xfe\xff": "the file is UTF-16 text; save it as UTF-8 first",
}


def detect_format(path: Path) -> str:
    """Format of a file: parquet by magic bytes, espi for XML, csv for any other text.

    Args:
        path: File to look at; only its first 4 KiB are read.

    Returns:
        csv, parquet or espi.

    Raises:
        UnreadableFile: The file is empty, compressed, UTF-16 or binary.
        OSError: The file cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.removeprefix(_BOM).strip():
        raise UnreadableFile("the file is empty")
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, reason in _REFUSED.items():
        if head.startswith(magic):
            raise UnreadableFile(reason)
    if b"\x00" in head:
        raise UnreadableFile("the file is binary and not Parquet; CSV, Parquet and Green Button ESPI XML can be read")
    return "espi" if head.removeprefix(_BOM).lstrip().startswith(b"<") else "csv"
