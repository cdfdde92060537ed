"""Files that are not what they seem: other kinds under wrong names, and text in other encodings than UTF-8."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest
from tests.hostile.conftest import Send
from tests.hostile.seeds import TEXTS, cmep, espi, long_csv, parquet_bytes, parquet_columns

Build = Callable[[], bytes | str]
LONG = long_csv()


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def xlsx() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return data.getvalue()


FORMATS = dict.fromkeys(TEXTS, "csv") | {
    "cmep": "cmep", "nem12": "nem12", "nem13": "nem12", "espi": "espi", "parquet": "parquet",
}  # fmt: skip
ENDINGS = {
    "long csv": "xml", "quoted csv": "parquet", "wide csv": "json", "register csv": "zip", "event csv": "gz",
    "portal": "xlsx", "cmep": "csv", "nem12": "xml", "nem13": "parquet", "espi": "csv", "parquet": "txt",
}  # fmt: skip


@pytest.mark.parametrize("kind", ENDINGS)
def test_the_ending_of_a_name_does_not_matter(send: Send, kind: str) -> None:
    data = TEXTS[kind]() if kind in TEXTS else parquet_bytes(parquet_columns())
    found = send(data, f"reads.{ENDINGS[kind]}")
    assert (found.outcome.status_code, found.ledger["format_code"]) == ("loaded", FORMATS[kind])


OTHER_KINDS: dict[str, tuple[Build, str]] = {
    "page.csv": (lambda: "<!DOCTYPE html>\n<html><body>Please log in</body></html>", "web page"),
    "page.xml": (lambda: "\ufeff\n<html lang=en><form>", "web page"),
    "error.csv": (lambda: '{"error": "token expired"}', "a header and no reads"),
    "invoice.csv": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"\0" * 90, "PDF"),
    "sheet.csv": (xlsx, "Excel workbook"),
    "old.csv": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel workbook"),
    "picture.csv": (png, "binary"),
    "program.csv": (lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 60, "binary"),
    "random.csv": (lambda: bytes(range(256)) * 40, "binary"),
    "packed.csv": (lambda: b"\x28\xb5\x2f\xfd" + b"\x11" * 30, "zstd"),
    "rar.csv": (lambda: b"Rar!\x1a\x07\x01\0", "RAR"),
    "tape.csv": (lambda: b"reads.csv".ljust(257, b"\0") + b"ustar\x0000", "tar archive"),
    "empty.csv": (lambda: b"", "the file is empty"),
    "blank.csv": (lambda: b"\n \t\r\n" * 40_000, "the file is empty"),
    "mark.csv": (lambda: b"\xef\xbb\xbf", "the file is empty"),
    "json.xml": (lambda: "[\n1,\n2\n]", "line 1 does not look like a header"),
}


@pytest.mark.parametrize("name", OTHER_KINDS)
def test_other_kinds_of_files_are_named(send: Send, name: str) -> None:
    build, words = OTHER_KINDS[name]
    found = send(build(), name)
    assert found.outcome.status_code == "quarantined"
    assert words in found.ledger["reason"]


def test_a_gzip_file_under_the_name_of_a_csv_file_is_unpacked(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_bytes(gzip.compress(LONG.encode()))
    outcomes = ingest(home, [path], "manual", FeedSettings(), lambda _: None)
    assert [outcome.status_code for outcome in outcomes] == ["loaded", "unpacked"]


def test_a_file_behind_many_blank_lines_is_read(send: Send) -> None:
    assert send("\n" * 70_000 + cmep()).outcome.status_code == "loaded"


ENCODINGS: dict[str, tuple[Build, str]] = {
    "utf-16": (lambda: LONG.encode("utf-16"), "UTF-16"),
    "utf-16 without mark": (lambda: LONG.encode("utf-16-le"), "UTF-16"),
    "utf-16 big-endian": (lambda: LONG.encode("utf-16-be"), "UTF-16"),
    "utf-16 xml": (lambda: espi().encode("utf-16-le"), "UTF-16"),
    "utf-32": (lambda: LONG.encode("utf-32"), "UTF-16"),
    "latin-1": (lambda: LONG.replace(",A", ",é", 3).encode("latin-1"), "line 2: the text is not UTF-8"),
    "latin-1 in the header": (lambda: LONG.replace("meter_id", "café").encode("latin-1"), "line 1"),
    "latin-1 cmep": (lambda: cmep().replace("UTIL", "é").encode("latin-1"), "line 1: the text is not UTF-8"),
    "latin-1 espi": (lambda: espi().replace("<value>", "<value>é").encode("latin-1"), "malformed"),
    "cesu-8": (lambda: LONG.encode().replace(b",A", b",\xed\xa0\xbd\xed\xb4\x8c", 1), "line 2: the text is not UTF-8"),
    "lone surrogate": (lambda: LONG.replace(",A", ",\udc8c", 1).encode("utf-8", "surrogatepass"), "line 2"),
    "overlong": (lambda: LONG.encode().replace(b",A", b",\xc0\xaf", 1), "line 2"),
    "nul in cmep": (lambda: cmep().replace("0.3", "0.\0003"), "binary"),
    "nul in the head": (lambda: "\0" + LONG, "binary"),
    "xml of another encoding": (lambda: espi().replace("UTF-8", "no-such-thing"), "malformed"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_text_that_is_not_utf_8_is_refused_with_a_line_where_there_is_one(send: Send, name: str) -> None:
    build, words = ENCODINGS[name]
    found = send(build())
    assert found.outcome.status_code == "quarantined"
    assert words in found.ledger["reason"]
