"""Which files have passed a table's gate, so that a run looks only at what is new."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from models.render import expectations
from models.tables import Table
from pipelines import lake
from pipelines.home import Home


class GateLedger:
    """Files of a table that held every expectation, by size and time of change.

    A file counts as passed only under the expectations that it was held against: when the table's declaration changes,
    all files are looked at again.
    """

    def __init__(self, home: Home, table: Table) -> None:
        self._folder = lake.table_folder(home, table)
        self._path = self._folder / ".gate.json"
        self._suite = hashlib.sha256(json.dumps(expectations(table), default=str).encode()).hexdigest()
        known = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}
        self._passed: dict[str, list[int]] = known.get("files", {}) if known.get("suite") == self._suite else {}

    def pending(self, files: Iterable[str]) -> list[str]:
        """Those of the files that have not passed as they are now."""
        return [file for file in files if self._passed.get(self._name(file)) != _stamp(Path(file))]

    def add(self, files: Iterable[str]) -> None:
        """Keep that files have passed; files that are gone are forgotten."""
        self._passed |= {self._name(file): _stamp(Path(file)) for file in files}
        standing = {name: stamp for name, stamp in self._passed.items() if (self._folder / name).exists()}
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        temporary.write_text(json.dumps({"suite": self._suite, "files": standing}), encoding="utf-8")
        temporary.replace(self._path)

    def _name(self, file: str) -> str:
        return str(Path(file).relative_to(self._folder))


def _stamp(file: Path) -> list[int]:
    found = file.stat()
    return [found.st_size, found.st_mtime_ns]
