"""Ingest: landing files into the raw layer, once each.

A file is known by the SHA-256 of its content. Its rows are written first and its ledger row (`raw.files`) last, so an
interrupted load leaves nothing that counts and is simply done again.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from glob import has_magic
from pathlib import Path

from pipelines import lake
from pipelines.arrivals import Arrival
from pipelines.containers import container_format, unpack
from pipelines.extracts.load import is_from_system, load_extract, refuse_extract
from pipelines.feeds import FEED_FILE, FeedSettings, feed_of, read_feed
from pipelines.home import Home
from pipelines.ledger import ID_LENGTH, LandingIndex, Ledger, sha256_of
from pipelines.load import FileOutcome, load, notices, quarantine_whole
from pipelines.names import shown_name, stored_name
from pipelines.readers import UnreadableFile
from pipelines.text import counted


def ingest(
    home: Home, paths: Iterable[Path], feed: str, settings: FeedSettings, report: Callable[[str], None]
) -> list[FileOutcome]:
    """Copy files (folders: every file below them; patterns: every file that matches) into landing and load them.

    Args:
        home: Home folder.
        paths: Files, folders or patterns anywhere.
        feed: Folder below landing/ that they belong to.
        settings: How to read them; what is None is detected.
        report: Receives a line per file, then one per kind of finding about their times.

    Raises:
        FileNotFoundError: A path does not exist, or a folder holds no file; nothing has been loaded.
    """
    lake.prepare(home)
    ledger = Ledger(home)
    outcomes = []
    for path in expand(paths):
        for outcome in _ingest_one(home, ledger, path, feed, settings):
            outcomes.append(outcome)
            report(outcome.message)
    for line in notices(outcomes):
        report(line)
    return outcomes


def ingest_landing(home: Home, report: Callable[[str], None]) -> list[FileOutcome]:
    """Load every file below landing/ that is not in raw yet, as its feed's settings say."""
    lake.prepare(home)
    ledger = Ledger(home)
    index = LandingIndex(home)
    outcomes = []
    for path, sha256 in _pending(home, ledger, index):
        for outcome in _load_landed(home, ledger, path, sha256):
            outcomes.append(outcome)
            report(outcome.message)
    for line in notices(outcomes):
        report(line)
    index.save()
    return outcomes


def _load_landed(home: Home, ledger: Ledger, path: Path, sha256: str | OSError) -> Iterator[FileOutcome]:
    name = path.relative_to(home.landing)
    if isinstance(sha256, OSError):
        yield _unopened(shown_name(name), sha256)
        return
    feed = feed_of(home, path)
    settings = read_feed(home, feed)
    try:
        arrival = Arrival(path, sha256, shown_name(name), feed, settings.receipt_of(path))
        yield from take(home, ledger, arrival, settings)
    except FileNotFoundError as error:
        if path.exists():
            raise
        yield _unopened(shown_name(name), error)


def pending_files(home: Home) -> list[Path]:
    """Files below landing/ that are not in raw yet."""
    lake.prepare(home)
    return [path for path, _ in _pending(home, Ledger(home), LandingIndex(home))]


def expand(paths: Iterable[Path]) -> list[Path]:
    """Files that paths stand for: themselves, all files below a folder, all that match a pattern, in order.

    Raises:
        FileNotFoundError: A path does not exist, or stands for no file.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_file():
            files.append(path)
        elif path.is_dir():
            below = [p for p in sorted(path.rglob("*")) if p.is_file() and not _is_hidden(p.relative_to(path))]
            if not below:
                raise FileNotFoundError(f"{path} holds no file")
            files += [p for p in below if p.name != FEED_FILE]
        elif has_magic(str(path)):
            matches = _matches(path)
            if not any(match.is_file() for match in matches):
                raise FileNotFoundError(f"no file matches {path}")
            files += [match for match in matches if match.is_file()]
        else:
            what = "is no regular file" if path.exists() else "does not exist"
            raise FileNotFoundError(f"{path} {what}")
    return files


def _matches(pattern: Path) -> list[Path]:
    """What a pattern stands for, without hidden files; ** does not follow links, so they cannot lead it in circles."""
    first = next(place for place, part in enumerate(pattern.parts) if has_magic(part))
    start = Path(*pattern.parts[:first])
    parts = [part if part == "**" else part.replace("**", "*") for part in pattern.parts[first:]]
    if parts[-1] == "**":
        parts.append("*")
    return sorted(path for path in start.glob("/".join(parts)) if not _is_hidden(path.relative_to(start)))


def _pending(home: Home, ledger: Ledger, index: LandingIndex) -> Iterator[tuple[Path, str | OSError]]:
    """Files that are not in the ledger with their hash, or with the reason why they cannot be opened."""
    for path in sorted(home.landing.rglob("*")):
        if path.is_file() and path.name != FEED_FILE and not _is_hidden(path.relative_to(home.landing)):
            try:
                sha256 = index.sha256(path)
            except OSError as error:
                yield path, error
                continue
            if ledger.status(sha256) is None:
                yield path, sha256


def _ingest_one(home: Home, ledger: Ledger, path: Path, feed: str, settings: FeedSettings) -> Iterator[FileOutcome]:
    try:
        stamp = _stamp(path)
        sha256 = sha256_of(path)
    except OSError as error:
        yield _unopened(shown_name(path.name), error)
        return
    if ledger.is_loaded(sha256):
        yield _known(ledger, shown_name(path.name), sha256, settings)
        return
    received_at = settings.receipt_of(path)
    if path.resolve() == (home.landing / feed / path.name).resolve():
        arrival = Arrival(path, sha256, shown_name(f"{feed}/{path.name}"), feed, received_at)
        yield from take(home, ledger, arrival, settings)
        return
    target = home.landing / feed / stored_name(path)
    if target.exists() and sha256_of(target) != sha256:
        target = target.with_name(f"{target.stem}-{sha256[:ID_LENGTH]}{target.suffix}")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Hidden until it is in the ledger: a sweep of landing must not load it with other settings.
    arriving = target.with_name(f".{target.name}.{os.getpid()}")
    name = str(target.relative_to(home.landing))
    try:
        fault = _copy_fault(path, arriving, stamp)
        if fault is not None:
            yield _unopened(shown_name(path.name), fault)
            return
        yield from take(home, ledger, Arrival(arriving, sha256, name, feed, received_at), settings)
        arriving.replace(target)
    finally:
        arriving.unlink(missing_ok=True)


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when somebody writes to a file."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _copy_fault(path: Path, target: Path, stamp: tuple[int, int]) -> OSError | None:
    """Copy a file; why what was copied is not what was hashed, else None."""
    try:
        shutil.copy2(path, target)
        is_same = _stamp(path) == stamp
    except FileNotFoundError as error:
        return error
    return None if is_same else OSError(errno.EBUSY, "it is still being written")


def _unopened(name: str, error: OSError) -> FileOutcome:
    message = f"{name}: it cannot be opened ({error.strerror}), so nothing of it is loaded; try again when it can"
    return FileOutcome(name, "refused", None, 0, None, message)


def _known(ledger: Ledger, name: str, sha256: str, settings: FeedSettings) -> FileOutcome:
    others = ledger.differences(sha256, settings)
    if others:
        message = (
            f"{name}: already loaded as {ledger.name(sha256)} with {others}; raw is append-only, so to read it "
            "otherwise load it into a fresh home"
        )
        return FileOutcome(name, "refused", None, 0, None, message)
    return FileOutcome(name, "known", 0, 0, 0, f"{name}: already loaded as {ledger.name(sha256)}; nothing changed")


def take(home: Home, ledger: Ledger, arrival: Arrival, settings: FeedSettings) -> Iterator[FileOutcome]:
    """Load a file, or what a container holds; the container's own ledger row comes last."""
    if ledger.has_other(arrival.sha256):
        yield _colliding(arrival)
        return
    found = container_format(arrival.path)
    if found is None:
        yield _load(home, ledger, arrival, settings)
        return
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=home.lake) as folder:
        try:
            members = unpack(arrival.path, Path(arrival.name).name, Path(folder))
            if not members:
                raise UnreadableFile("the archive holds no file")
        except UnreadableFile as error:
            refuse = refuse_extract if is_from_system(arrival) else quarantine_whole
            yield refuse(home, ledger, arrival, settings, str(error))
            return
        for member in members:
            sha256 = sha256_of(member.path)
            name = shown_name(f"{arrival.name}/{member.name}")
            inner = replace(arrival, path=member.path, sha256=sha256, name=name, container_id=arrival.file_id)
            if ledger.is_loaded(sha256):
                yield _known(ledger, name, sha256, settings)
            elif ledger.has_other(sha256):
                yield _colliding(inner)
            else:
                yield _load(home, ledger, inner, settings)
    ledger.add(arrival.entry(settings) | _UNPACKED | {"format_code": found})
    message = f"{arrival.name}: {counted(len(members), 'file')} unpacked"
    yield FileOutcome(arrival.name, "unpacked", 0, 0, 0, message)


def _load(home: Home, ledger: Ledger, arrival: Arrival, settings: FeedSettings) -> FileOutcome:
    read = load_extract if is_from_system(arrival) else load
    return read(home, ledger, arrival, settings)


def _colliding(arrival: Arrival) -> FileOutcome:
    message = (
        f"{arrival.name}: another file has the same file id {arrival.file_id}, so nothing of it is loaded; add a blank "
        "line to it and send it again"
    )
    return FileOutcome(arrival.name, "refused", None, 0, None, message)


_UNPACKED: dict[str, object] = {"status_code": "unpacked", "sent_count": 0, "loaded_count": 0, "quarantined_count": 0}


def _is_hidden(relative: Path) -> bool:
    return any(part.startswith(".") for part in relative.parts)
