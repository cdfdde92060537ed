"""What waits to be sent: rows that were broken, files that are late or come again; kept between plays."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class WaitingRow:
    """A row to be sent right with a later file.

    Attributes:
        due_date: Business date, ISO, from which on it is sent.
        table: Its table.
        line: The row as written.
    """

    due_date: str
    table: str
    line: str


@dataclass(frozen=True)
class WaitingFile:
    """A file to be sent later.

    Attributes:
        due_date: Business date, ISO, on which it is sent.
        name: Its name.
        sent_at_utc: Time of sending, ISO.
        row_count: Its rows.
        text: Its content.
        is_repeat: True where the same bytes were sent before.
    """

    due_date: str
    name: str
    sent_at_utc: str
    row_count: int
    text: str
    is_repeat: bool


@dataclass
class Waiting:
    """What waits to be sent by one system."""

    rows: list[WaitingRow] = field(default_factory=list)
    files: list[WaitingFile] = field(default_factory=list)

    def take_rows(self, date: str) -> list[WaitingRow]:
        """The rows due on a date or before; they wait no longer."""
        due = [row for row in self.rows if row.due_date <= date]
        self.rows = [row for row in self.rows if row.due_date > date]
        return due

    def take_files(self, date: str) -> list[WaitingFile]:
        """The files due on a date or before; they wait no longer."""
        due = [file for file in self.files if file.due_date <= date]
        self.files = [file for file in self.files if file.due_date > date]
        return due


def load_waiting(path: Path) -> Waiting:
    """What was left waiting by the play before; nothing where there was none."""
    if not path.exists():
        return Waiting()
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Waiting([WaitingRow(**row) for row in kept["rows"]], [WaitingFile(**file) for file in kept["files"]])


def save_waiting(path: Path, waiting: Waiting) -> None:
    """Keep what waits for the next play."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(waiting), indent=1) + "\n", encoding="utf-8", newline="\n")
