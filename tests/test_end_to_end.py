"""The tiny build: its numbers against the simulator's truth, its days, and its twin under another time zone."""

import datetime as dt
import shutil

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.content import content_hashes
from pipelines.home import Home
from pipelines.query import open_marts
from pipelines.run import run

LEDGERS = {"fct_file_reconciliation", "meta_build"}


@pytest.mark.req("NFR-09", "NFR-11", part="data")
def test_the_twin_under_another_time_zone_has_the_same_content(tiny_home: Home, twin_home: Home) -> None:
    assert content_hashes(twin_home.marts) == content_hashes(tiny_home.marts)


@pytest.mark.req("NFR-09")
def test_whole_days_have_92_96_or_100_quarter_hours(tiny_home: Home) -> None:
    with open_marts(tiny_home) as con:
        rows = con.execute(
            "select usage_date, expected_interval_count, count(*) from fct_daily_usage "
            "join dim_meters using (meter_id) where interval_minutes = 15 group by all order by all"
        ).fetchall()
    odd = {day: count for day, count, _ in rows if count != 96}
    assert odd == {dt.date(2025, 11, 2): 100, dt.date(2026, 3, 8): 92}
    assert {count for _, count, _ in rows} == {92, 96, 100}


@pytest.mark.req("FR-01", part="data")
def test_actual_energy_equals_the_truth_to_the_watt_hour(tiny_home: Home) -> None:
    truth = pl.read_parquet(tiny_home.truth / "reads" / "*.parquet")
    with open_marts(tiny_home) as con:
        con.register("truth", truth.to_arrow())
        row = con.execute(
            """
            select
                count(*),
                count(*) filter (where u.quality_code = 'A' and u.delivered_kwh * 1000 <> t.delivered_wh),
                count(*) filter (where u.quality_code = 'A' and u.received_kwh * 1000 <> t.received_wh),
                count(*) filter (where (u.received_kwh is null) <> (t.received_wh is null) and u.quality_code = 'A'),
                count(*) filter (where t.meter_id is null),
                count(*) filter (where u.meter_id is null)
            from fct_interval_usage as u
            full join truth as t on u.meter_id = t.meter_id and u.interval_start_utc = t.interval_start_utc
            """
        ).fetchone()
    assert row is not None
    assert row[0] == truth.height
    assert row[1:] == (0, 0, 0, 0, 0)


def test_average_demand_follows_from_energy(tiny_home: Home) -> None:
    with open_marts(tiny_home) as con:
        wrong = "abs(avg_kw - delivered_kwh * 60 / interval_minutes) > 1e-6"
        assert con.execute(f"select 1 from fct_interval_usage where {wrong} limit 1").fetchall() == []
        assert con.execute("select 1 from fct_interval_usage where received_kwh > 0 limit 1").fetchall() == [(1,)]


def test_every_labelled_fault_left_its_trace(tiny_home: Home) -> None:
    faults = pl.read_parquet(tiny_home.truth / "faults.parquet").group_by("fault_type").len()
    labelled = dict(faults.iter_rows())
    with open_marts(tiny_home) as con:
        failed = dict(con.execute("select rule_code, sum(failed_count) from mart_vee_daily group by all").fetchall())
        identical = con.execute("select sum(identical_count) from fct_file_reconciliation").fetchone()
        unknown = con.execute("select count(*) from fct_interval_usage where quality_code in ('Q', 'N')").fetchone()
    assert failed["V04"] == labelled["negative"]
    assert failed["V05"] == labelled["spike"]
    assert failed["V01"] > 0
    assert failed["V03"] > 0
    assert identical is not None
    assert identical[0] > 0
    assert unknown == (0,)


@pytest.mark.filterwarnings("ignore")  # the orchestrator's own deprecations
@pytest.mark.req("NFR-10", "NFR-11", part="data")
def test_a_second_demo_changes_nothing_and_ends_with_the_summary(
    copy_of_tiny: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content_hashes(copy_of_tiny.marts)
    result = CliRunner().invoke(app, ["demo", "--scale", "tiny"])
    assert result.exit_code == 0, result.output
    assert "months to validate: none, inputs unchanged" in result.stderr + capsys.readouterr().err
    assert str(copy_of_tiny.marts) in result.stdout
    assert "energy delivered" in result.stdout
    assert content_hashes(copy_of_tiny.marts) == before
    result = CliRunner().invoke(app, ["demo", "--scale", "demo"])
    assert result.exit_code == 1
    assert "holds the simulated utility at scale tiny" in result.stderr


@pytest.mark.filterwarnings("ignore")
@pytest.mark.req("NFR-10", part="data")
def test_the_same_file_twice_or_the_same_reads_in_two_files_change_no_mart(copy_of_tiny: Home) -> None:
    before = content_hashes(copy_of_tiny.marts)
    month = copy_of_tiny.landing / "sim_mdms" / "reads_2026-01_c000.parquet"
    again = copy_of_tiny.root / "another name.parquet"
    shutil.copy(month, again)
    result = CliRunner().invoke(app, ["ingest", str(again)])
    assert result.exit_code == 0, result.output
    assert "already loaded as sim_mdms/reads_2026-01_c000.parquet" in result.stderr

    as_text = copy_of_tiny.root / "the same reads.csv"
    pl.read_parquet(month).write_csv(as_text)
    options = ["--received-at", "2027-01-01", "--customer-class", "residential"]
    assert CliRunner().invoke(app, ["ingest", str(as_text), *options]).exit_code == 0
    run(copy_of_tiny)
    after = content_hashes(copy_of_tiny.marts)
    assert {name: after[name] for name in after if name not in LEDGERS} == {
        name: before[name] for name in before if name not in LEDGERS
    }
    with open_marts(copy_of_tiny) as con:
        files = con.execute(
            "select sent_count, accepted_count, superseded_count, identical_count from fct_file_reconciliation "
            "where file_name in ('sim_mdms/reads_2026-01_c000.parquet', 'manual/the same reads.csv') order by file_name"
        ).fetchall()
    assert len(files) == 2
    for sent, accepted, superseded, identical in files:
        assert sent == accepted + superseded
        assert superseded == identical
    assert files[0][0] == files[1][0]
    assert files[0][1] + files[1][1] < files[0][0] + files[1][0]
