"""Running the verbs about rates in this process."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app


def rates(*words: object) -> Result:
    """Run `meterhouse rates` with words; standard output and standard error apart."""
    return CliRunner().invoke(app, ["rates", *map(str, words)])


def written(folder: Path, content: Any, name: str = "tariff.json") -> Path:
    """A file of a folder: bytes and text as they are, anything else as JSON."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def load_text(times: np.ndarray, kwh: np.ndarray, column: str = "interval_start_local") -> str:
    rows = (f"{str(time).replace('T', ' ')},{value!r}" for time, value in zip(times, kwh.tolist(), strict=True))
    return "\n".join([f"{column},kwh", *rows, ""])
