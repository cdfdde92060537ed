"""Keeps the figures of acceptance tests in docs/acceptance.json, one entry per check."""

import json
import operator
import subprocess
from pathlib import Path

from pipelines.home import REPOSITORY

RECORD = REPOSITORY / "docs" / "acceptance.json"


def record(
    check: str, figure: float, limit: float, unit: str, scale: str, *, is_minimum: bool = False, path: Path = RECORD
) -> bool:
    """Write down a figure in place of the check's earlier one.

    Args:
        check: Name of the check.
        figure: What was measured.
        limit: The most that is allowed, or the least where `is_minimum`.
        unit: Unit of figure and limit.
        scale: Simulated scale that was measured.
        is_minimum: The figure must reach the limit instead of staying below it.
        path: File of the record.

    Returns:
        True where the figure keeps to the limit.
    """
    passed = (operator.ge if is_minimum else operator.le)(figure, limit)
    entries = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    entry = {
        "check": check,
        "figure": round(figure, 6),
        "limit": round(limit, 6),
        "unit": unit,
        "scale": scale,
        "passed": passed,
        "commit": _commit(),
    }
    entries = sorted([e for e in entries if e["check"] != check] + [entry], key=lambda e: str(e["check"]))
    path.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return passed


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else "uncommitted"
