"""Changes of several files that happen together or not at all.

New content is first written beside its place. What is to happen then goes into a journal, and from the moment that the
journal stands it will happen: at once, or when the next run finds it.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.home import Home

STAGED = ".staged"


@dataclass
class Journal:
    """Files to put in place and files to remove.

    Attributes:
        home: Home folder; every path lies below it.
    """

    home: Home
    _replaced: list[Path] = field(default_factory=list)
    _removed: list[Path] = field(default_factory=list)

    def stage(self, path: Path) -> Path:
        """Where to write what is to become a file's content."""
        self._replaced.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_suffix(STAGED)

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove files that are no longer needed."""
        self._removed += paths

    def commit(self) -> None:
        """Let everything happen, or, if the process dies here, nothing or everything at the next `recover`."""
        names = {
            kind: [str(path.relative_to(self.home.root)) for path in paths]
            for kind, paths in (("replaced", self._replaced), ("removed", self._removed))
        }
        journal = _journal(self.home)
        journal.parent.mkdir(parents=True, exist_ok=True)
        temporary = journal.with_name(f".{journal.name}.{os.getpid()}")
        temporary.write_text(json.dumps(names), encoding="utf-8")
        temporary.replace(journal)
        recover(self.home)


def recover(home: Home) -> None:
    """Finish what a journal says, if one stands, and sweep away what never came into one."""
    journal = _journal(home)
    if journal.exists():
        names = json.loads(journal.read_text(encoding="utf-8"))
        for name in names["replaced"]:
            staged = (home.root / name).with_suffix(STAGED)
            if staged.exists():
                staged.replace(home.root / name)
        for name in names["removed"]:
            (home.root / name).unlink(missing_ok=True)
        journal.unlink()
    for layer in ("vee", "analytics"):
        for path in (home.lake / layer).rglob(f"*{STAGED}"):
            path.unlink()


def state_folder(home: Home) -> Path:
    """Where the state of the layer is kept."""
    return home.lake / "vee" / "state"


def _journal(home: Home) -> Path:
    return state_folder(home) / "journal.json"
