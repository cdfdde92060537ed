"""A database of marts that cannot be opened: every verb that asks it says so in one sentence."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.home import HOME_VARIABLE

QUESTIONS = (
    ("query", "select 1"), ("tables",), ("rates", "A1"), ("report", "data-quality"),
    ("explain", "fct_bills", "B", "repriced_usd"), ("export", "green-button", "M1", "--out", "usage.xml"),
)  # fmt: skip


@pytest.mark.parametrize("words", QUESTIONS)
def test_broken_marts_are_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "marts.duckdb").write_bytes(b"no database")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 1, result.output
    assert len(result.stderr.strip().splitlines()) == 1
    assert "marts.duckdb cannot be opened" in result.stderr
    assert "meterhouse run" in result.stderr
