"""Compressed files and archives: gzip and ZIP, unpacked under limits before anything is read.

Members are written under numbers into a folder of our own; the names in an archive are labels and never paths. An
archive is refused whole, with a sentence, where it would fill the disk or where its names point outside of it.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from gzip import GzipFile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from pipelines.readers import UnreadableFile
from pipelines.text import printable

LARGEST_UNPACKED = 64 << 30
"""Bytes that one container may unpack to."""
UNSUSPICIOUS_UNPACKED = 256 << 20
"""Up to these bytes any ratio is taken; beyond, text of reads does not shrink to a part in MOST_RATIO."""
MOST_RATIO = 200
MOST_MEMBERS = 10_000
MOST_NESTING = 3
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_CHUNK = 1 << 20
_DIRECTORY_ENTRY = b"PK\x01\x02"
_MOST_LISTED = 100_000
_WORKBOOK = "[Content_Types].xml"
_ENCRYPTED = 0x1
_SYMLINK_MODE, _MODE_SHIFT, _FILE_TYPE = 0o120000, 16, 0o170000
_LITTER = ("__MACOSX/", "Thumbs.db", ".DS_Store")


@dataclass(frozen=True)
class Member:
    """A file out of a container: its name in there, and where it lies unpacked."""

    name: str
    path: Path


def container_format(path: Path) -> str | None:
    """Gzip or zip by the file's first bytes; None for any other file."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(_GZIP):
        return "gzip"
    return "zip" if head in (_ZIP, _EMPTY_ZIP) else None


def unpack(path: Path, name: str, folder: Path) -> list[Member]:
    """Unpack a container, containers in it included.

    Args:
        path: The container.
        name: Its name, for the name of what a gzip file holds.
        folder: Empty folder for the members.

    Returns:
        The files in it that are no containers, in the container's order.

    Raises:
        UnreadableFile: It is damaged, encrypted, a workbook, nested too deeply, unpacks to too much, or has a member
            whose name points outside of it.
    """
    return list(_members(path, name, folder, _Allowance(path.stat().st_size), nesting=1))


class _Allowance:
    """Bytes and members that a container may still unpack to."""

    def __init__(self, packed_bytes: int) -> None:
        self._limit = min(LARGEST_UNPACKED, max(UNSUSPICIOUS_UNPACKED, MOST_RATIO * packed_bytes))
        self._packed = packed_bytes
        self._used = 0
        self.member_count = 0

    def take(self, count: int) -> None:
        self._used += count
        if self._used > self._limit:
            raise UnreadableFile(
                f"the file unpacks to more than {self._limit >> 20:,} MiB from {self._packed:,} bytes, which no file "
                "of reads does; if it is sound, unpack it first"
            )

    def take_member(self) -> None:
        self.member_count += 1
        if self.member_count > MOST_MEMBERS:
            raise UnreadableFile(f"the archive holds more than {MOST_MEMBERS:,} files; split it")


def _members(path: Path, name: str, folder: Path, allowance: _Allowance, nesting: int) -> Iterator[Member]:
    if nesting > MOST_NESTING:
        raise UnreadableFile(f"containers are nested more than {MOST_NESTING} deep at {name}")
    entries = _gzip_entries(path, name) if container_format(path) == "gzip" else _zip_entries(path)
    for label, stream in entries:
        allowance.take_member()
        target = folder / f"{allowance.member_count:05d}"
        _write(stream, label, target, allowance)
        if container_format(target) is None:
            yield Member(label, target)
        else:
            for member in _members(target, label, folder, allowance, nesting + 1):
                yield Member(f"{label}/{member.name}", member.path)
            target.unlink()


def _gzip_entries(path: Path, name: str) -> Iterator[tuple[str, BinaryIO]]:
    label = Path(name).name
    with GzipFile(path, "rb") as stream:
        yield label[: -len(".gz")] if label.lower().endswith(".gz") else label, cast(BinaryIO, stream)


def _zip_entries(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    _check_directory(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(f"the ZIP archive is damaged or cut off: {error}") from error
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if any(entry.filename == _WORKBOOK for entry in entries):
            raise UnreadableFile("the file is an Excel workbook; save it as CSV first")
        if sum(entry.compress_size for entry in entries) > path.stat().st_size:
            raise UnreadableFile("members of the ZIP archive overlap; such archives are refused")
        for entry in entries:
            if entry.filename.startswith(_LITTER) or PurePosixPath(entry.filename).name in _LITTER:
                continue
            _check_entry(entry)
            try:
                stream = archive.open(entry)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
                raise UnreadableFile(f'member "{_shown(entry.filename)}" cannot be unpacked: {error}') from error
            with stream:
                yield entry.filename, cast(BinaryIO, stream)


def _check_directory(path: Path) -> None:
    """Refuse an archive that lists so many members that the list alone would fill memory.

    The directory may lie about its size, so its entries are counted, with those of archives stored inside.
    """
    count, carried = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            count += (carried + chunk).count(_DIRECTORY_ENTRY)
            carried = chunk[1 - len(_DIRECTORY_ENTRY) :]
    if count > _MOST_LISTED:
        raise UnreadableFile(f"the archive lists over {_MOST_LISTED:,} files; split it")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or (len(name) > 1 and name[1] == ":"):
        raise UnreadableFile(f'member "{_shown(name)}" points outside the archive; such archives are refused')
    if (entry.external_attr >> _MODE_SHIFT) & _FILE_TYPE == _SYMLINK_MODE:
        raise UnreadableFile(f'member "{_shown(name)}" is a symbolic link; such archives are refused')
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(f'member "{_shown(name)}" is packed by another method than deflate; pack it again')
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableFile(f'member "{_shown(name)}" is encrypted; send it unencrypted or unpack it first')


def _write(stream: BinaryIO, label: str, target: Path, allowance: _Allowance) -> None:
    try:
        with target.open("wb") as file:
            while chunk := stream.read(_CHUNK):
                allowance.take(len(chunk))
                file.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        raise UnreadableFile(f'"{_shown(label)}" is damaged or cut off: {error}') from error


def _shown(name: str) -> str:
    return printable(name, 200)
