"""Ingest: landing files into the raw layer, once each.

A file is known by the SHA-256 of its content. Its reads are written first and its ledger row (`raw.files`) last, so an
interrupted load leaves nothing that counts and is simply done again.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import polars as pl

from models.calendar import FIRST_DATE
from models.entities import UNCLASSIFIED
from models.tables.base import LARGEST_READ_WH
from models.tables.raw import FILE_CHANNELS, FILES, INTERVAL_READS, QUARANTINED_ROWS
from pipelines import lake
from pipelines.feeds import FEED_FILE, FeedSettings, read_feed
from pipelines.home import Home
from pipelines.readers import FileReads, UnreadableFile, read_file

MANUAL_FEED = "manual"
ID_LENGTH = 12
EARLIEST = datetime.combine(FIRST_DATE, time())
# Clocks of senders differ, and a day-ahead file is not absurd; a year ahead is.
FUTURE_TOLERANCE = timedelta(days=1)


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file.

    Attributes:
        file_name: Path below landing/.
        status_code: loaded, loaded_in_part, quarantined, known (nothing to do), or refused (known, but asked for with
            other settings).
        sent_count: Reads in the file; None where it cannot be read.
        loaded_count: Reads taken into raw.
        quarantined_count: Reads set aside; None where the file cannot be read.
        message: One sentence for people.
    """

    file_name: str
    status_code: str
    sent_count: int | None
    loaded_count: int
    quarantined_count: int | None
    message: str

    @property
    def is_quarantined(self) -> bool:
        """True where something of the file was refused."""
        return self.status_code in ("loaded_in_part", "quarantined", "refused")


def ingest(
    home: Home, paths: Iterable[Path], feed: str, settings: FeedSettings, report: Callable[[str], None]
) -> list[FileOutcome]:
    """Copy files (folders: every file below them) into landing and load them into raw.

    Args:
        home: Home folder.
        paths: Files or folders anywhere.
        feed: Folder below landing/ that they belong to.
        settings: How to read them; what is None is detected.
        report: Receives a line per file.

    Raises:
        FileNotFoundError: A path does not exist, or a folder holds no file; nothing has been loaded.
    """
    lake.prepare(home)
    ledger = _Ledger(home)
    outcomes = []
    for path in _expand(paths):
        outcome = _ingest_one(home, ledger, path, feed, settings)
        outcomes.append(outcome)
        report(outcome.message)
    return outcomes


def ingest_landing(home: Home, report: Callable[[str], None]) -> list[FileOutcome]:
    """Load every file below landing/ that is not in raw yet, as its feed's settings say."""
    lake.prepare(home)
    ledger = _Ledger(home)
    index = _LandingIndex(home)
    outcomes = []
    for path, sha256 in _pending(home, ledger, index):
        name = path.relative_to(home.landing)
        feed = name.parts[0] if len(name.parts) > 1 else MANUAL_FEED
        outcome = _load(home, ledger, path, sha256, str(name), feed, read_feed(home, feed))
        outcomes.append(outcome)
        report(outcome.message)
    index.save()
    return outcomes


def pending_files(home: Home) -> list[Path]:
    """Files below landing/ that are not in raw yet."""
    lake.prepare(home)
    return [path for path, _ in _pending(home, _Ledger(home), _LandingIndex(home))]


def _pending(home: Home, ledger: "_Ledger", index: "_LandingIndex") -> Iterator[tuple[Path, str]]:
    for path in sorted(home.landing.rglob("*")):
        if path.is_file() and path.name != FEED_FILE and not _is_hidden(path.relative_to(home.landing)):
            sha256 = index.sha256(path)
            if ledger.status(sha256) is None:
                yield path, sha256


def _ingest_one(home: Home, ledger: "_Ledger", path: Path, feed: str, settings: FeedSettings) -> FileOutcome:
    sha256 = _sha256(path)
    if ledger.status(sha256) in ("loaded", "loaded_in_part"):
        others = ledger.differences(sha256, settings)
        if others:
            message = (
                f"{path.name}: already loaded as {ledger.name(sha256)} with {others}; raw is append-only, so to read "
                "it otherwise load it into a fresh home"
            )
            return FileOutcome(path.name, "refused", None, 0, None, message)
        message = f"{path.name}: already loaded as {ledger.name(sha256)}; nothing changed"
        return FileOutcome(path.name, "known", 0, 0, 0, message)
    target = home.landing / feed / path.name
    if path.resolve() == target.resolve():
        return _load(home, ledger, path, sha256, f"{feed}/{path.name}", feed, settings)
    if target.exists() and _sha256(target) != sha256:
        target = target.with_name(f"{target.stem}-{sha256[:ID_LENGTH]}{target.suffix}")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Hidden until it is in the ledger: a sweep of landing must not load it with other settings.
    arriving = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy2(path, arriving)
    outcome = _load(home, ledger, arriving, sha256, str(target.relative_to(home.landing)), feed, settings)
    arriving.replace(target)
    return outcome


def _load(
    home: Home, ledger: "_Ledger", path: Path, sha256: str, name: str, feed: str, settings: FeedSettings
) -> FileOutcome:
    file_id = sha256[:ID_LENGTH]
    ledger.refuse_collision(sha256)
    received_at = settings.receipt_of(path)
    entry = {
        "file_id": file_id,
        "sha256": sha256,
        "file_name": name,
        "feed": feed,
        "size_bytes": path.stat().st_size,
        "received_at_utc": received_at,
        "customer_class": settings.customer_class,
        "is_synthetic": settings.is_synthetic,
    }
    try:
        parsed = read_file(path, settings.read_options())
    except UnreadableFile as error:
        reason = str(error)
        _quarantine(home, path, file_id, name, pl.DataFrame({"row_number": [0], "reason": [reason]}))
        ledger.add({**entry, "status_code": "quarantined", "loaded_count": 0, "reason": reason})
        return FileOutcome(name, "quarantined", None, 0, None, f"{name}: {reason}; the file is in quarantine/")
    reads, rejects = _judge(parsed, file_id, received_at)
    _write_reads(home, reads, file_id)
    if rejects.is_empty():
        _release(home, file_id, name)
    else:
        _quarantine(home, path, file_id, name, rejects)
        received = pl.lit(received_at).dt.date().alias("received_date")
        rows = rejects.with_columns(pl.lit(file_id).alias("file_id"), received)
        lake.write_frame(
            rows.select(QUARANTINED_ROWS.columns.keys()),
            QUARANTINED_ROWS,
            lake.table_folder(home, QUARANTINED_ROWS) / f"{file_id}.parquet",
        )
    status = "loaded" if rejects.is_empty() else "loaded_in_part" if reads.height else "quarantined"
    first_reject = None if rejects.is_empty() else f"line {rejects['row_number'][0]}: {rejects['reason'][0]}"
    ledger.add(
        {
            **entry,
            "status_code": status,
            "format_code": parsed.format_code,
            "time_zone": parsed.time_zone,
            "clock_code": parsed.clock_code,
            "label_code": parsed.label_code,
            "sent_count": reads.height + rejects.height,
            "loaded_count": reads.height,
            "quarantined_count": rejects.height,
            "first_interval_start_utc": reads["interval_start_utc"].min(),
            "last_interval_start_utc": reads["interval_start_utc"].max(),
            "reason": first_reject,
        }
    )
    sent = reads.height + rejects.height
    is_assumed = settings.time_zone is None and parsed.clock_code != "utc"
    zone = f"{parsed.time_zone}{' by default' if is_assumed else ''}"
    how = f"{parsed.format_code}, {zone}, {parsed.clock_code} clock"
    message = f"{name}: {reads.height:,} reads loaded ({how})"
    if first_reject:
        aside = (
            f"{rejects.height:,} of {sent:,} reads are in quarantine/ with their reasons, {reads.height:,} are loaded"
        )
        message = f"{name}, {first_reject}; {aside}"
    return FileOutcome(name, status, sent, reads.height, rejects.height, message)


def _judge(parsed: FileReads, file_id: str, received_at: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split reads into those that stand and the rejects: impossible times, and whatever breaks the registry's rules."""
    start = pl.col("interval_start_utc")
    latest = received_at + FUTURE_TOLERANCE
    reads = parsed.reads.with_columns(pl.lit(file_id).alias("file_id"))
    label = pl.col("source_label")
    stamped = pl.format('time label "{}"', label)
    since = pl.lit(f" starts after the file was received ({received_at:%Y-%m-%d %H:%M} UTC)")
    until = pl.lit(f" starts before {EARLIEST:%Y-%m-%d}, the first date that is kept")
    energy = pl.col("reported_wh")
    too_much = pl.format("a value of {} Wh in one interval cannot be", energy)
    impossible = [(start > latest, stamped + since), (start < EARLIEST, stamped + until)]
    impossible.append((energy.abs() > LARGEST_READ_WH, too_much))
    rejects = [parsed.rejects]
    for condition, reason in impossible:
        found = reads.filter(condition)
        if found.height:
            rejects.append(
                found.select("row_number", "value_position", reason.alias("reason"), label.alias("row_text"))
            )
            reads = reads.filter(~condition.fill_null(value=False))
    good, failure = INTERVAL_READS.schema.filter(reads.select(INTERVAL_READS.columns.keys()), cast=True)
    if good.height < reads.height:
        broken = reads.join(good, on=INTERVAL_READS.primary_key, how="anti")
        rules = pl.lit(f"breaks the rules of raw.interval_reads: {', '.join(sorted(failure.counts()))}")
        rejects.append(broken.select("row_number", "value_position", rules.alias("reason"), label.alias("row_text")))
        reads = reads.join(good, on=INTERVAL_READS.primary_key, how="semi")
    return reads, pl.concat(rejects, how="vertical_relaxed").sort("row_number", "value_position")


def _write_reads(home: Home, reads: pl.DataFrame, file_id: str) -> None:
    months = reads.with_columns(pl.col("interval_start_utc").dt.strftime("%Y-%m").alias("read_month"))
    for (month,), part in months.partition_by("read_month", as_dict=True, maintain_order=True).items():
        path = lake.partition_folder(home, INTERVAL_READS, str(month)) / f"{file_id}.parquet"
        lake.write_frame(part.select(INTERVAL_READS.columns.keys()), INTERVAL_READS, path)
    channels = reads.group_by("file_id", "meter_id", "channel_code", "nominal_minutes").agg(
        pl.len().cast(pl.Int32).alias("read_count"),
        pl.when(pl.col("reported_wh").count() > 0).then(pl.col("reported_wh").sum()).alias("reported_wh"),
        pl.col("interval_start_utc").min().alias("first_interval_start_utc"),
        pl.col("interval_start_utc").max().alias("last_interval_start_utc"),
    )
    lake.write_frame(
        channels.rename({"nominal_minutes": "interval_minutes"}).sort("meter_id", "channel_code", "interval_minutes"),
        FILE_CHANNELS,
        lake.table_folder(home, FILE_CHANNELS) / f"{file_id}.parquet",
    )


def _quarantine(home: Home, path: Path, file_id: str, name: str, reasons: pl.DataFrame) -> None:
    home.quarantine.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, home.quarantine / f"{file_id}_{Path(name).name}")
    reasons.write_csv(home.quarantine / f"{file_id}_{Path(name).name}.reasons.csv")


def _release(home: Home, file_id: str, name: str) -> None:
    for suffix in ("", ".reasons.csv"):
        (home.quarantine / f"{file_id}_{Path(name).name}{suffix}").unlink(missing_ok=True)


def _expand(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_file():
            files.append(path)
        elif path.is_dir():
            below = [p for p in sorted(path.rglob("*")) if p.is_file() and not _is_hidden(p.relative_to(path))]
            if not below:
                raise FileNotFoundError(f"{path} holds no file")
            files += [p for p in below if p.name != FEED_FILE]
        else:
            raise FileNotFoundError(f"{path} does not exist")
    return files


def _is_hidden(relative: Path) -> bool:
    return any(part.startswith(".") for part in relative.parts)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class _Ledger:
    """`raw.files` during one ingest."""

    def __init__(self, home: Home) -> None:
        self._home = home
        rows = lake.read_frame(home, FILES)
        self._rows = {row["sha256"]: row for row in rows.iter_rows(named=True)}

    def status(self, sha256: str) -> str | None:
        row = self._rows.get(sha256)
        return row["status_code"] if row else None

    def differences(self, sha256: str, settings: FeedSettings) -> str:
        """Settings asked for now that the file was not loaded with, as text."""
        row = self._rows[sha256]
        asked = {"time zone": (settings.time_zone, row["time_zone"])}
        if row["format_code"] != "espi":  # Green Button states instants: neither clock nor label can be chosen
            asked |= {"clock": (settings.clock, row["clock_code"]), "label": (settings.label, row["label_code"])}
        if settings.customer_class != UNCLASSIFIED:
            asked["customer class"] = (settings.customer_class, row["customer_class"])
        return ", ".join(f"{name} {was}" for name, (now, was) in asked.items() if now is not None and now != was)

    def name(self, sha256: str) -> str:
        return str(self._rows[sha256]["file_name"])

    def refuse_collision(self, sha256: str) -> None:
        for known in self._rows:
            if known != sha256 and known[:ID_LENGTH] == sha256[:ID_LENGTH]:
                raise RuntimeError(f"files {known} and {sha256} share a file id; nothing was loaded")

    def add(self, row: dict[str, object]) -> None:
        frame = pl.DataFrame([{name: row.get(name) for name in FILES.columns}], schema=FILES.empty().schema)
        lake.write_frame(frame, FILES, lake.table_folder(self._home, FILES) / f"{row['file_id']}.parquet")
        self._rows[str(row["sha256"])] = row


class _LandingIndex:
    """Hashes of landing files by size and time of change, so that a sweep reads only what is new."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = home.lake / "raw" / ".landing_index.json"
        known = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}
        self._known: dict[str, list[object]] = known
        self._seen: dict[str, list[object]] = {}

    def sha256(self, path: Path) -> str:
        name = str(path.relative_to(self._home.landing))
        stat = path.stat()
        entry = self._known.get(name)
        if entry is None or entry[:2] != [stat.st_size, stat.st_mtime_ns]:
            entry = [stat.st_size, stat.st_mtime_ns, _sha256(path)]
        self._seen[name] = entry
        return str(entry[2])

    def save(self) -> None:
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(self._seen), encoding="utf-8")
        temporary.replace(self._path)
