"""What is still to be judged, and the numbers and times that judgements bear."""

import json
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from pipelines.home import Home
from pipelines.vee.journal import Journal, state_folder
from pipelines.vee.windows import none

_WINDOWS, _NUMBERS = "pending.arrow", "progress.json"


@dataclass(frozen=True)
class Progress:
    """How far the layer has come.

    Attributes:
        pending: Windows that inputs which the layer knows of make it judge again.
        restatement_id: Number of the latest judgement.
        known_until: Receipt of the latest file when nothing was pending last; None before the first time.
    """

    pending: pl.DataFrame = field(default_factory=none)
    restatement_id: int = 0
    known_until: datetime | None = None

    @classmethod
    def read(cls, home: Home) -> "Progress":
        """Progress as it was committed last."""
        folder = state_folder(home)
        if not (folder / _NUMBERS).exists():
            return cls()
        numbers = json.loads((folder / _NUMBERS).read_text(encoding="utf-8"))
        until = numbers["known_until_utc"]
        return cls(
            pl.read_ipc((folder / _WINDOWS).read_bytes()),
            numbers["restatement_id"],
            until and datetime.fromisoformat(until),
        )

    def stage(self, home: Home, journal: Journal) -> None:
        """Let this be the progress from the journal's commit on."""
        folder = state_folder(home)
        self.pending.write_ipc(journal.stage(folder / _WINDOWS), compression="zstd")
        until = self.known_until and self.known_until.isoformat()
        numbers = {"restatement_id": self.restatement_id, "known_until_utc": until}
        journal.stage(folder / _NUMBERS).write_text(json.dumps(numbers), encoding="utf-8")
