"""What is set aside is for the owner of the home only, and quotes nothing of a line that is no header."""

import os
import stat
from pathlib import Path

import pytest

from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest
from tests.extracts.reading import files, sent
from tests.extracts.written import Written, good

PEOPLE = {
    "people": "Tamsin,Underhill,(562) 555-0103,tamsin.underhill@example.net,307 Umbria St\n",
    "people called like columns": "Day,Underhill,(562) 555-0103,tamsin.underhill@example.net,307 Umbria St\n",
    "people and dates": "Tamsin;Underhill;2026-08-25;status;307 Umbria St\n",
    "names alone": "Tamsin\tUnderhill\n",
}


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.parametrize(
    "text",
    ["meter_id,when\nM1,1\n", "meter_id,timestamp,kwh\nM1,2026-01-01 00:00,1\nM1,2026-01-01 01:00,x\n", "\x00\x01"],
    ids=["whole", "in part", "binary"],
)
def test_refused_files_are_for_the_owner_only(home: Home, tmp_path: Path, text: str) -> None:
    home.quarantine.mkdir(mode=0o755, parents=True)
    path = tmp_path / "reads.csv"
    path.write_text(text)
    path.chmod(0o644)
    before = os.umask(0o022)
    try:
        (outcome,) = ingest(home, [path], "manual", FeedSettings(), lambda _: None)
    finally:
        os.umask(before)
    assert outcome.is_quarantined
    assert len(list(home.quarantine.iterdir())) == 2
    assert modes(home.quarantine) == {0o600}
    assert stat.S_IMODE(home.quarantine.stat().st_mode) == 0o700


@pytest.mark.parametrize("file", [good("CRM").header, Written("DMS", [("meters", [{"meter_id": "M1"}])])])
def test_reasons_of_extracts_are_for_the_owner_only(home: Home, file: Written | str) -> None:
    sent(home, file)
    assert modes(home.quarantine) == {0o600}
    assert stat.S_IMODE(home.quarantine.stat().st_mode) == 0o700


@pytest.mark.req("FR-07")
@pytest.mark.parametrize("name", PEOPLE)
def test_a_line_that_is_no_header_is_not_quoted(home: Home, tmp_path: Path, name: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(PEOPLE[name] * 3)
    (outcome,) = ingest(home, [path], "manual", FeedSettings(), lambda _: None)
    (reason,) = files(home)["reason"]
    assert reason.startswith("line 1 does not look like a header: it has ")
    assert "needed: a time (interval_start_utc" in reason
    (written,) = home.quarantine.glob("*.reasons.csv")
    for text in (outcome.message, reason, written.read_text()):
        assert not any(word in text for word in ("Tamsin", "Underhill", "555", "@", "Umbria"))
