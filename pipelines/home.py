"""The home folder: where everything below one Meterhouse installation lies."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "METERHOUSE_HOME"
_UNUSABLE = re.compile(r"[?%]")
"""Signs that Dagster's database takes for a part of its address."""
REPOSITORY = Path(__file__).resolve().parents[1]
REFERENCE = REPOSITORY / "data" / "reference"


class HomeBusyError(RuntimeError):
    """Another run holds the home."""


@dataclass(frozen=True)
class Home:
    """Paths below the home folder.

    Attributes:
        root: Absolute path of the home folder.
    """

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """The home named by METERHOUSE_HOME, else ./data."""
        return cls(Path(os.environ.get(HOME_VARIABLE) or "data").resolve())

    @property
    def landing(self) -> Path:
        """Files exactly as sent, one folder per feed."""
        return self.root / "landing"

    @property
    def lake(self) -> Path:
        """Parquet tables by layer."""
        return self.root / "lake"

    @property
    def quarantine(self) -> Path:
        """Copies of files that were refused, whole or in part, with their reasons."""
        return self.root / "quarantine"

    @property
    def latest_report(self) -> Path:
        """The data-quality report of the latest date, which every run leaves."""
        return self.reports / "data_quality" / "latest.html"

    @property
    def truth(self) -> Path:
        """The simulator's answer key; only acceptance tests read it."""
        return self.root / "truth"

    @property
    def inbox(self) -> Path:
        """What people do through Meterhouse: the operations store."""
        return self.root / "inbox"

    @property
    def warehouse(self) -> Path:
        """The private build and the published generations."""
        return self.root / "warehouse"

    @property
    def build_database(self) -> Path:
        """The private DuckDB file that dbt builds in."""
        return self.warehouse / "build.duckdb"

    @property
    def generations(self) -> Path:
        """Published generations, by number."""
        return self.warehouse / "generations"

    @property
    def current(self) -> Path:
        """Link to the published generation."""
        return self.warehouse / "current"

    @property
    def marts(self) -> Path:
        """The published DuckDB file, under its stable name."""
        return self.warehouse / "marts.duckdb"

    @property
    def reports(self) -> Path:
        """Reports as pages, a folder of each kind."""
        return self.root / "reports"

    @property
    def dagster(self) -> Path:
        """Dagster's run storage."""
        return self.root / ".dagster"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home for one run.

        Raises:
            HomeBusyError: Another process holds it.
            OSError: No folder of that name can be a home.
        """
        if wrong := _UNUSABLE.search(str(self.root)):
            raise OSError(
                f"{self.root} has {wrong[0]} in its name, which the database of runs cannot open; name another home "
                f"with {HOME_VARIABLE}"
            )
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                handle.seek(0)
                holder = handle.read().strip() or "unknown"
                raise HomeBusyError(
                    f"{self.root} is in use by another run (process {holder}); wait for it to end and try again"
                ) from None
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
            try:
                yield
            finally:
                handle.truncate(0)
