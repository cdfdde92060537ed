"""A person decides on reads at the command line, and the next run publishes it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.doctor import examine, relocate_views
from pipelines.feeds import FeedSettings
from pipelines.home import HOME_VARIABLE, Home
from pipelines.ingest import ingest, ingest_landing
from pipelines.operations.drain import drain
from pipelines.query import open_marts
from tests.marts.building import build_marts
from tests.marts.streets import GAP_UTC
from tests.operations.recorded import stored

Call = Callable[..., subprocess.CompletedProcess[str]]
LOCAL = "2025-10-30T14:00"
NOON_UTC = datetime.fromisoformat("2025-10-30 21:00")
RUNNER = CliRunner()
QUARTER = timedelta(minutes=15)
KWH = Decimal("0.001")


def quiet(_line: str) -> None:
    return None


def rows(home: Home, sql: str) -> list[dict[str, Any]]:
    with open_marts(home) as con:
        return con.sql(sql).pl().rows(named=True)


def run(home: Home) -> None:
    """What `meterhouse run` does, without the orchestrator."""
    drain(home)
    ingest_landing(home, quiet)
    build_marts(home)


@pytest.fixture(scope="module")
def streets_to_refuse(streets: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy that stays as it is."""
    home = Home(tmp_path_factory.mktemp("refused") / "home")
    shutil.copytree(streets.root, home.root, symlinks=True)
    relocate_views(home, None)
    return home


@pytest.fixture
def edit(copy_of_streets: Home, meterhouse: Call) -> Call:
    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        return meterhouse("edit", *arguments, home=copy_of_streets.root)

    return call


def test_decisions_are_published_kept_and_contested(copy_of_streets: Home, edit: Call, tmp_path: Path) -> None:
    home = copy_of_streets
    (before,) = rows(home, f"from fct_interval_usage where meter_id = 'M1' and interval_start_utc = '{NOON_UTC}'")
    (day_before,) = rows(home, "from fct_daily_usage where meter_id = 'M1' and usage_date = '2025-10-30'")
    told = edit("M1", LOCAL, "--kwh", "1.234", "--reason", "read off the display", "--actor", "jane", "--json")
    assert told.returncode == 0, told.stderr
    (one,) = json.loads(told.stdout)
    assert (one["believed_quality_code"], one["next_wh"], one["next_quality_code"]) == ("A", 1234, "G")
    assert one["reported_wh"] == one["believed_wh"] == before["delivered_kwh"] / KWH
    told = edit(
        "M4", "2025-10-29T17:00Z", "--until", "2025-10-29T18:00Z", "--wh", "10", "--reason", "a gap", "--actor", "joe"
    )
    assert told.returncode == 0, told.stderr
    assert "4 decisions recorded by joe; next: meterhouse run" in told.stdout
    assert rows(home, f"from fct_interval_usage where meter_id = 'M1' and interval_start_utc = '{NOON_UTC}'") == [
        before
    ]
    assert _finding(home, "edits") == ["5 decisions recorded since the last run; `meterhouse run` takes them in"]

    run(home)
    (now,) = rows(home, f"from fct_interval_usage where meter_id = 'M1' and interval_start_utc = '{NOON_UTC}'")
    (recorded,) = rows(home, "from fct_read_edits where meter_id = 'M1'")
    assert (now["delivered_kwh"], now["quality_code"]) == (Decimal("1.234"), "G")
    assert now["known_at_utc"] == recorded["recorded_at_utc"]
    (day,) = rows(home, "from fct_daily_usage where meter_id = 'M1' and usage_date = '2025-10-30'")
    assert day["delivered_kwh"] - day_before["delivered_kwh"] == now["delivered_kwh"] - before["delivered_kwh"]
    assert {name: recorded[name] for name in recorded if name not in ("edit_id", "recorded_at_utc")} == {
        "meter_id": "M1",
        "channel_code": "delivered",
        "interval_start_utc": NOON_UTC,
        "usage_date": datetime(2025, 10, 30).date(),  # noqa: DTZ001
        "action_code": "edit",
        "reported_kwh": before["delivered_kwh"],
        "edited_kwh": Decimal("1.234"),
        "actor": "jane",
        "reason": "read off the display",
        "is_in_force": True,
        "is_contested": False,
        "contesting_kwh": None,
        "contesting_received_at_utc": None,
    }
    (version,) = rows(home, "from fct_read_versions where meter_id = 'M1'")
    assert (version["delivered_kwh"], version["quality_code"]) == (before["delivered_kwh"], "A")
    assert version["believed_from_utc"] == before["known_at_utc"]
    assert version["believed_to_utc"] == recorded["recorded_at_utc"]
    filled = rows(home, "from fct_interval_usage where meter_id = 'M4' and usage_date = '2025-10-29'")
    known = {one["interval_start_utc"]: one for one in filled}
    assert [known[GAP_UTC + n * QUARTER]["delivered_kwh"] for n in range(4)] == [Decimal("0.010")] * 4
    assert known[GAP_UTC + 4 * QUARTER]["estimate_method"] == "E1", "what is left of the gap is short enough for a line"
    assert _finding(home, "edits") == ["none waits, none is contested"]
    failures = rows(home, "from fct_vee_failures where meter_id = 'M4' and channel_code = 'delivered'")
    assert [(f["rule_code"], f["rule_name"], f["failed_count"], f["estimated_count"]) for f in failures] == [
        ("V03", "Missing", 12, 8)
    ]

    late = pl.DataFrame(
        {"meter_id": ["M1"], "channel_code": ["delivered"], "interval_start_utc": [str(NOON_UTC)],
         "interval_minutes": [15], "wh": [777]}
    )  # fmt: skip
    late.write_csv(tmp_path / "late.csv")
    ingest(home, [tmp_path / "late.csv"], "hand", FeedSettings(), quiet)
    assert edit("M1", LOCAL, "--withdraw", "--reason", "seen too early?", "--channel", "received").returncode == 1
    build_marts(home)
    (contested,) = rows(home, "from fct_read_edits where is_contested")
    assert (contested["meter_id"], contested["contesting_kwh"]) == ("M1", Decimal("0.777"))
    assert contested["contesting_received_at_utc"] > recorded["recorded_at_utc"]
    (still,) = rows(home, f"from fct_interval_usage where meter_id = 'M1' and interval_start_utc = '{NOON_UTC}'")
    assert (still["delivered_kwh"], still["quality_code"]) == (Decimal("1.234"), "G")
    (note,) = _finding(home, "edits")
    assert note.startswith("1 edited value contested by reads that came since, the latest of meter M1, delivered, 2025")

    assert edit("M1", LOCAL, "--withdraw", "--reason", "the late read is right").returncode == 0
    again = edit("M1", LOCAL, "--withdraw", "--reason", "once more")
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "there is no edit to withdraw" in again.stderr
    run(home)
    (end,) = rows(home, f"from fct_interval_usage where meter_id = 'M1' and interval_start_utc = '{NOON_UTC}'")
    assert (end["delivered_kwh"], end["quality_code"]) == (Decimal("0.777"), "A")
    assert [one["is_in_force"] for one in rows(home, "from fct_read_edits where meter_id = 'M1'")] == [False, False]
    assert _finding(home, "edits") == ["none waits, none is contested"]


def _finding(home: Home, subject: str) -> list[str]:
    return [found["finding"] for found in examine(home) if found["subject"] == subject]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("nobody", LOCAL, "--wh", "1"), 1, "meter nobody has no published reads; dim_meters lists those known"),
        (("N1", LOCAL, "--wh", "1"), 1, "meter N1 has no published reads"),
        (("M1", "2025-10-30T14:07", "--wh", "1"), 1, "is no boundary of its intervals of 15 minutes"),
        (("M5", "2025-10-30T14:15", "--wh", "1"), 1, "is no boundary of its intervals of 60 minutes"),
        (("M1", LOCAL, "--until", "2025-10-30T15:10", "--wh", "1"), 1, "2025-10-30 22:10:00 UTC is no boundary"),
        (("M1", LOCAL, "--until", LOCAL, "--wh", "1"), 1, f"--until {LOCAL} does not lie after {LOCAL}"),
        (("M1", "2025-10-28T00:00", "--wh", "1"), 1, "is expected to report delivered energy from 2025-10-29 07:00"),
        (("M1", LOCAL, "--until", "2030-01-01", "--wh", "1"), 1, "to 2025-11-06 08:00:00 UTC; choose times within"),
        (("M1", "2025-11-02T01:30", "--wh", "1"), 1, "comes twice in America/Los_Angeles"),
        (("M1", LOCAL, "--channel", "received", "--wh", "1"), 1, "meter M1 has no received channel"),
        (("M1", LOCAL, "--kwh=-1"), 1, "-1 is negative"),
        (
            ("M1", LOCAL, "--kwh", "59.401"),
            1,
            "59.401 kWh is more than its service carries in 15 minutes, which is 59.400 kWh",
        ),
        (("M4", "2025-10-29T17:00Z", "--verify"), 1, "nothing was reported that could be verified"),
        (("M1", LOCAL, "--withdraw"), 1, "there is no edit to withdraw"),
        (("M1", LOCAL), 2, "name a meter, the start of an interval and one of --kwh, --wh, --verify and --withdraw"),
        (("M1", LOCAL, "--wh", "1", "--verify"), 2, "and one of --kwh, --wh, --verify and --withdraw"),
        (("M1", "--verify"), 2, "name a meter, the start of an interval"),
        (("M1", LOCAL, "--wh", "1", "--actor", " "), 2, "name who decides with --actor"),
        (("M1", LOCAL, "--wh", "1", "--channel", "net"), 2, "--channel must be one of delivered, received"),
        (("M1", LOCAL, "--wh", "1", "--from-file", "x.csv"), 2, "with --from-file the file alone says"),
    ],
)
def test_what_is_not_possible_is_refused_in_one_sentence(
    streets_to_refuse: Home, arguments: tuple[str, ...], code: int, told: str
) -> None:
    reason = () if "--from-file" in arguments else ("--reason", "because")
    result = RUNNER.invoke(app, ["edit", *arguments, *reason], env={HOME_VARIABLE: str(streets_to_refuse.root)})
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("meterhouse: ")
    assert stored(streets_to_refuse) == []


@pytest.mark.parametrize("reason", [(), ("--reason", " ")])
def test_a_decision_without_a_reason_is_refused(streets_to_refuse: Home, reason: tuple[str, ...]) -> None:
    home = {HOME_VARIABLE: str(streets_to_refuse.root)}
    result = RUNNER.invoke(app, ["edit", "M1", LOCAL, "--wh", "1", *reason], env=home)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "a reason is missing" in result.stderr


def test_nothing_can_be_edited_before_anything_is_published(home: Home, meterhouse: Call) -> None:
    result = meterhouse("edit", "M1", LOCAL, "--wh", "1", "--reason", "because")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "has no published marts" in result.stderr


def test_a_file_is_recorded_whole_or_not_at_all(copy_of_streets: Home, edit: Call, tmp_path: Path) -> None:
    path = tmp_path / "edits.csv"
    header = "meter_id,interval_start_utc,channel_code,edited_wh,reason"
    good = ["M1,2025-10-30T21:00:00Z,delivered,1,first", "M4,2025-10-30T21:00:00Z,received,2,second"]
    path.write_text("\n".join([header, *good, "M1,2025-10-30T21:07:00Z,delivered,3,third"]) + "\n")
    result = edit("--from-file", path)
    assert result.returncode == 1
    assert "line 4: meter M1: 2025-10-30 21:07:00 UTC is no boundary" in result.stderr
    assert stored(copy_of_streets) == []
    path.write_text("\n".join([header, *good]) + "\n")
    result = edit("--from-file", path, "--actor", "jane")
    assert result.returncode == 0, result.stderr
    assert [(one["meter_id"], one["edited_wh"], one["reason"]) for one in stored(copy_of_streets)] == [
        ("M1", 1, "first"),
        ("M4", 2, "second"),
    ]


def test_recording_needs_no_lock_of_the_home(copy_of_streets: Home, edit: Call) -> None:
    with copy_of_streets.lock(), duckdb.connect(str(copy_of_streets.marts.resolve()), read_only=True):
        result = edit("M1", LOCAL, "--verify", "--reason", "looked at it")
    assert result.returncode == 0, result.stderr
    (row,) = stored(copy_of_streets)
    assert row["action_code"] == "verify"
    assert row["edited_wh"] is None
