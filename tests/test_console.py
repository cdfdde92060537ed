"""What a verb says when the machine says no."""

import errno
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.cli.console import one_sentence


def test_a_home_that_is_a_file_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "home"
    place.write_text("")
    monkeypatch.setenv("METERHOUSE_HOME", str(place))
    result = CliRunner().invoke(app, ["run"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr == f"meterhouse: {place}: file exists; set METERHOUSE_HOME to a folder in which you may write\n"
    )


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.EROFS, "Read-only file system", "/h/.lock"), "/h/.lock: read-only file system; set METERHOUSE"),
        (PermissionError(errno.EACCES, "Permission denied", "/h"), "/h: permission denied; set METERHOUSE_HOME to a"),
        (OSError(errno.ENOSPC, "No space left on device", "/h/x"), "/h/x: no space left on device\n"),
        (OSError("without a number"), "without a number\n"),
    ],
)
def test_errors_of_the_system_say_where_and_what_to_do(
    error: OSError, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, one_sentence():
        raise error
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err.startswith(f"meterhouse: {sentence}")
