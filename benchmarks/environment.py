"""What a measurement was made on."""

import os
import platform
from datetime import UTC, datetime

import duckdb
import polars as pl


def environment() -> dict[str, str]:
    """Moment (UTC), machine and versions, as result files begin."""
    return {
        "measured_at_utc": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "software": f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, Polars {pl.__version__}",
    }
