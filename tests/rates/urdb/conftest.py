"""Real rate records, where they are at hand."""

import os
from pathlib import Path

import pytest

from pipelines.home import REPOSITORY


@pytest.fixture(scope="session")
def tariff_data() -> Path:
    """The folder of real URDB records with expected bills; tests that need it are skipped where it is absent."""
    given = os.environ.get("METERHOUSE_TARIFF_DATA") or REPOSITORY / ".." / "shared" / "data" / "tariffs"
    folder = Path(given).resolve()
    if not (folder / "urdb_dev_expected.json").exists():
        pytest.skip("real rate records not found: set METERHOUSE_TARIFF_DATA")
    return folder
