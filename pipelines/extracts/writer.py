"""Writes an extract's rows: personal columns to the vault, all others to raw, refusals to quarantined_rows."""

from dataclasses import dataclass, field

import polars as pl

from models.extracts import Extract
from models.tables import Table
from models.tables.extracts import FILE_EXTRACTS, RAW_EXTRACTS, VAULT_EXTRACTS
from models.tables.raw import QUARANTINED_ROWS
from pipelines import lake
from pipelines.extracts.envelope import Header
from pipelines.home import Home

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_COUNTS = ("sent_count", "loaded_count", "quarantined_count")


@dataclass
class ExtractWriter:
    """Writes one file, piece by piece.

    Attributes:
        home: Home folder.
        file_id: The file.
        loaded_count: Rows taken into raw so far.
        quarantined_count: Rows set aside so far.
        first_reason: Line and reason of the first of these.
    """

    home: Home
    file_id: str
    loaded_count: int = 0
    quarantined_count: int = 0
    first_reason: str | None = None
    _tables: dict[str, dict[str, object]] = field(default_factory=dict)
    _part_number: int = 0

    @property
    def sent_count(self) -> int:
        """Rows of the file so far, good or bad."""
        return self.loaded_count + self.quarantined_count

    def begin(self, name: str, extra: list[str], missing: list[str]) -> None:
        """Note a table of the file.

        Args:
            name: Its name, fit to be shown.
            extra: Columns that the contract does not know, fit to be shown.
            missing: Columns of the contract that are not there.
        """
        row = self._tables.setdefault(name, dict.fromkeys(_COUNTS, 0))
        row["extra_columns"] = ", ".join(extra) or row.get("extra_columns")
        row["missing_columns"] = ", ".join(missing) or row.get("missing_columns")

    def add(self, extract: Extract, rows: pl.DataFrame) -> None:
        """Write rows that stand: the contract's columns and `row_number`."""
        if rows.is_empty():
            return
        self._count(extract.name, "loaded_count", rows.height)
        self.loaded_count += rows.height
        rows = rows.with_columns(file_id=pl.lit(self.file_id))
        vault = VAULT_EXTRACTS.get(extract.raw_name)
        if vault is not None:
            self._write_private(rows, vault)
        self._write(rows, RAW_EXTRACTS[extract.raw_name])
        self._part_number += 1

    def set_aside(self, name: str, header: Header, rejects: pl.DataFrame) -> None:
        """Write refused rows: `row_number`, `reason`, `row_text`."""
        if rejects.is_empty():
            return
        self._count(name, "quarantined_count", rejects.height)
        self.quarantined_count += rejects.height
        if self.first_reason is None:
            self.first_reason = f"line {rejects['row_number'][0]}: {rejects['reason'][0]}"
        rows = rejects.with_columns(
            file_id=pl.lit(self.file_id),
            value_position=pl.lit(0, pl.Int32),
            received_date=pl.lit(header.sent_at).dt.date(),
        )
        self._write(rows, QUARANTINED_ROWS)
        self._part_number += 1

    def finish(self) -> None:
        """Write what is known only at the end."""
        rows = [{"file_id": self.file_id, "extract_name": name, **row} for name, row in self._tables.items()]
        if rows:
            self._write(pl.DataFrame(rows, schema=FILE_EXTRACTS.empty().schema), FILE_EXTRACTS)

    def discard(self) -> None:
        """Take back everything that is written of the file; nothing counts before the file is in the ledger."""
        for table in (*RAW_EXTRACTS.values(), *VAULT_EXTRACTS.values(), FILE_EXTRACTS, QUARANTINED_ROWS):
            for path in lake.table_folder(self.home, table).glob(f"{self.file_id}*.parquet"):
                path.unlink()

    def _count(self, name: str, what: str, count: int) -> None:
        row = self._tables[name]
        row[what] = int(str(row[what])) + count
        row["sent_count"] = int(str(row["sent_count"])) + count

    def _write(self, rows: pl.DataFrame, table: Table) -> None:
        path = lake.table_folder(self.home, table) / f"{self.file_id}-{self._part_number:05d}.parquet"
        lake.write_frame(rows.select(list(table.columns)), table, path)

    def _write_private(self, rows: pl.DataFrame, table: Table) -> None:
        folder = lake.table_folder(self.home, table)
        for place in (folder.parent, folder):
            place.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            place.chmod(_FOLDER_MODE)
        self._write(rows, table)
        (folder / f"{self.file_id}-{self._part_number:05d}.parquet").chmod(_FILE_MODE)
