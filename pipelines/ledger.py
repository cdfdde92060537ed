"""The ledger of landing files: what was loaded, by the SHA-256 of its content."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import polars as pl

from models.entities import UNCLASSIFIED
from models.tables.raw import EXTRACT_FORMAT, FILES
from pipelines import lake
from pipelines.feeds import FeedSettings
from pipelines.home import Home

ID_LENGTH = 12
_LOADED = ("loaded", "loaded_in_part")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class Ledger:
    """`raw.files` during one ingest."""

    def __init__(self, home: Home) -> None:
        self._home = home
        rows = lake.read_frame(home, FILES)
        self._rows = {row["sha256"]: row for row in rows.iter_rows(named=True)}

    def status(self, sha256: str) -> str | None:
        """Status of a file, None where it is not known."""
        row = self._rows.get(sha256)
        return row["status_code"] if row else None

    def is_loaded(self, sha256: str) -> bool:
        """True where a file, or every file that was unpacked from it, is in raw."""
        row = self._rows.get(sha256)
        if row is not None and row["status_code"] == "unpacked":
            return all(self.is_loaded(member["sha256"]) for member in self._members(row["file_id"]))
        return row is not None and row["status_code"] in _LOADED

    def _members(self, file_id: object) -> list[dict[str, Any]]:
        return [row for row in self._rows.values() if row["container_file_id"] == file_id]

    def name(self, sha256: str) -> str:
        """Name that a known file has below landing/."""
        return str(self._rows[sha256]["file_name"])

    def differences(self, sha256: str, settings: FeedSettings) -> str:
        """Settings asked for now that the file, or a member of it, was not loaded with, as text."""
        row = self._rows[sha256]
        if row["status_code"] == "unpacked":
            members = self._members(row["file_id"])
            return next((text for member in members if (text := self.differences(member["sha256"], settings))), "")
        if row["format_code"] == EXTRACT_FORMAT:  # it says all by itself
            return ""
        asked = {"time zone": (settings.time_zone, row["time_zone"])}
        if row["format_code"] not in ("espi", "cmep"):  # they state instants: neither clock nor label can be chosen
            asked |= {"clock": (settings.clock, row["clock_code"]), "label": (settings.label, row["label_code"])}
        if settings.customer_class != UNCLASSIFIED:
            asked["customer class"] = (settings.customer_class, row["customer_class"])
        return ", ".join(f"{name} {was}" for name, (now, was) in asked.items() if now is not None and now != was)

    def has_other(self, sha256: str) -> bool:
        """True where another file has the same file id."""
        return any(known != sha256 and known[:ID_LENGTH] == sha256[:ID_LENGTH] for known in self._rows)

    def add(self, row: dict[str, object]) -> None:
        """Write a file's row; from then on the file counts as loaded."""
        frame = pl.DataFrame([{name: row.get(name) for name in FILES.columns}], schema=FILES.empty().schema)
        lake.write_frame(frame, FILES, lake.table_folder(self._home, FILES) / f"{row['file_id']}.parquet")
        self._rows[str(row["sha256"])] = row


class LandingIndex:
    """Hashes of landing files by size and time of change, so that a sweep reads only what is new."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = home.lake / "raw" / ".landing_index.json"
        known = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}
        self._known: dict[str, list[object]] = known
        self._seen: dict[str, list[object]] = {}

    def sha256(self, path: Path) -> str:
        """SHA-256 of a landing file."""
        name = str(path.relative_to(self._home.landing))
        stat = path.stat()
        entry = self._known.get(name)
        if entry is None or entry[:2] != [stat.st_size, stat.st_mtime_ns]:
            entry = [stat.st_size, stat.st_mtime_ns, sha256_of(path)]
        self._seen[name] = entry
        return str(entry[2])

    def save(self) -> None:
        """Keep what was seen for the next sweep."""
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(self._seen), encoding="utf-8")
        temporary.replace(self._path)
