"""What has passed a gate is looked at again only when it, or what is declared of it, has changed."""

import os
from pathlib import Path

import pytest

from models.tables.raw import INTERVAL_READS, REGISTER_READS
from pipelines import gate_ledger, lake
from pipelines.gate_ledger import GateLedger
from pipelines.home import Home


@pytest.fixture
def files(home: Home) -> list[str]:
    """Three files without rows."""
    folder = lake.partition_folder(home, INTERVAL_READS, "2026-01")
    for name in "abc":
        lake.write_frame(INTERVAL_READS.empty(), INTERVAL_READS, folder / f"{name}.parquet")
    return sorted(str(path) for path in folder.glob("*.parquet"))


def test_files_are_pending_until_they_have_passed(home: Home, files: list[str]) -> None:
    assert GateLedger(home, INTERVAL_READS).pending(files) == files
    GateLedger(home, INTERVAL_READS).add(files[:2])
    assert GateLedger(home, INTERVAL_READS).pending(files) == files[2:]
    GateLedger(home, INTERVAL_READS).add(files[2:])
    assert GateLedger(home, INTERVAL_READS).pending(files) == []


def test_a_file_that_was_written_again_is_pending(home: Home, files: list[str]) -> None:
    GateLedger(home, INTERVAL_READS).add(files)
    stamp = Path(files[1]).stat().st_mtime_ns + 1
    os.utime(files[1], ns=(stamp, stamp))
    assert GateLedger(home, INTERVAL_READS).pending(files) == [files[1]]


def test_all_files_are_pending_once_the_declaration_has_changed(
    home: Home, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    GateLedger(home, INTERVAL_READS).add(files)
    monkeypatch.setattr(gate_ledger, "expectations", lambda _: [("another", {})])
    assert GateLedger(home, INTERVAL_READS).pending(files) == files


def test_files_that_are_gone_are_forgotten_and_tables_are_apart(home: Home, files: list[str]) -> None:
    GateLedger(home, INTERVAL_READS).add(files)
    Path(files[0]).unlink()
    GateLedger(home, INTERVAL_READS).add([])
    ledger = lake.table_folder(home, INTERVAL_READS) / ".gate.json"
    assert "a.parquet" not in ledger.read_text()
    lake.prepare(home)
    registers = lake.table_files(home, REGISTER_READS)
    assert GateLedger(home, REGISTER_READS).pending(registers) == registers
