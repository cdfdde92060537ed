"""The tiny build: its numbers against the simulator's truth, its days, and its twin under another time zone."""

import datetime as dt
import shutil
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from models.tables.raw import FILES, INTERVAL_READS
from pipelines import lake
from pipelines.cli import app
from pipelines.content import content_hashes
from pipelines.home import Home
from pipelines.query import open_marts
from tests.conftest import DEMO
from tests.marts.building import build_marts

LEDGERS = {"fct_file_reconciliation", "mart_vee_agreement", "meta_build"}
"""Tables about what was sent rather than about what was used."""
UNSEEN = ["clock_drift", "wrong_stamp"]
"""Kinds that leave the energy of a day as it is."""
RESTORED = ["negative", "reversed_channels", "spike", "wrong_multiplier", "wrong_unit"]
"""Kinds after which the registers, or the values themselves, give the true energy back."""
COMPARED = """
create table compared as
with cells as (
    select
        l.meter_id,
        l.defect_type,
        unnest(
            generate_series(
                -- the first label of a start reads as that of the interval before
                l.interval_start_utc - to_minutes(if(l.defect_type = 'wrong_stamp', m.interval_minutes, 0)),
                l.interval_end_utc - interval 1 minute,
                to_minutes(m.interval_minutes)
            )
        ) as interval_start_utc
    from read_parquet($defects) as l
    inner join dim_meters as m using (meter_id)
),
kinds as (
    select meter_id, interval_start_utc, list(distinct defect_type) as kinds from cells group by all
)
select
    u.quality_code,
    t.meter_id is null as is_unknown_to_truth,
    u.meter_id is null as is_unpublished,
    t.mdms_flag in ('E1', 'E2') is true as is_filled,
    u.meter_id,
    cast(timezone('America/Los_Angeles', timezone('UTC', u.interval_start_utc)) as date) as usage_date,
    u.delivered_kwh * 1000 is distinct from t.true_delivered_wh
    or u.received_kwh * 1000 is distinct from t.true_received_wh as is_wrong,
    coalesce(k.kinds, []) as kinds
from fct_interval_usage as u
full join read_parquet($reads) as t on u.meter_id = t.meter_id and u.interval_start_utc = t.interval_start_utc
left join kinds as k on u.meter_id = k.meter_id and u.interval_start_utc = k.interval_start_utc
"""


@pytest.fixture(scope="module")
def compared(tiny_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every interval of the tiny home beside its truth and the kinds of its labels."""
    files = {name: str(tiny_home.truth / name / "*.parquet") for name in ("defects", "reads")}
    with duckdb.connect() as con:
        con.execute(f"attach '{tiny_home.marts.resolve()}' as marts (read_only)")
        con.execute("set search_path = 'memory.main,marts.main'")
        con.execute(COMPARED, files)
        yield con


@pytest.mark.req("NFR-09", "NFR-11", part="data")
def test_the_twin_under_another_time_zone_has_the_same_content(tiny_home: Home, twin_home: Home) -> None:
    assert content_hashes(twin_home.marts) == content_hashes(tiny_home.marts)


@pytest.mark.req("NFR-09")
def test_whole_days_have_92_96_or_100_quarter_hours(tiny_home: Home) -> None:
    with open_marts(tiny_home) as con:
        rows = con.execute(
            "select usage_date, expected_interval_count, count(*) from fct_daily_usage "
            "join dim_meters using (meter_id) where interval_minutes = 15 "
            "and installed_date < usage_date and coalesce(removed_date > usage_date, true) group by all order by all"
        ).fetchall()
    odd = {day: count for day, count, _ in rows if count != 96}
    assert odd == {dt.date(2025, 11, 2): 100, dt.date(2026, 3, 8): 92}
    assert {count for _, count, _ in rows} == {92, 96, 100}


@pytest.mark.req("FR-01", part="data")
def test_actual_energy_equals_the_truth_to_the_watt_hour(compared: duckdb.DuckDBPyConnection) -> None:
    """Nothing tells the kinds of `UNSEEN`; what the MDMS filled is its value, and actual here."""
    row = compared.execute(
        f"""
        select
            count(*) filter (where is_unknown_to_truth or is_unpublished),
            count(*) filter (where quality_code = 'A' and is_wrong and not is_filled and not kinds && {UNSEEN}),
            count(*) filter (where len(kinds) = 0 and (is_wrong or quality_code not in ('A', 'Q'))),
            count(*) filter (where kinds <@ {RESTORED} and is_wrong),
            count(*) filter (where len(kinds) = 0) / count(*)
        from compared
        """
    ).fetchone()
    assert row is not None
    assert row[:4] == (0, 0, 0, 0)
    assert row[4] > 0.85


def test_reads_are_questioned_only_with_what_the_register_disproves(compared: duckdb.DuckDBPyConnection) -> None:
    """A day whose reads do not make up its register is questioned as a whole, for something in it is wrong."""
    questioned = compared.execute(
        "select meter_id, usage_date, count(*) filter (where is_wrong), max(failed_count) from compared "
        "left join fct_vee_failures as f using (meter_id, usage_date) "
        "where quality_code = 'Q' and coalesce(rule_code = 'V09', true) group by all"
    ).fetchall()
    assert questioned
    assert [day for day in questioned if not day[2] or not day[3]] == []


def test_what_no_rule_looks_for_is_there_and_wrong(compared: duckdb.DuckDBPyConnection) -> None:
    """Else the test above would leave out kinds for nothing."""
    rows = compared.execute(
        "select unnest(kinds) as kind, count(*) filter (where quality_code = 'A' and is_wrong) from compared group by 1"
    ).fetchall()
    passed_on = {kind for kind, wrong in rows if wrong}
    assert passed_on - {"gap_short", "gap_long"} == set(UNSEEN)


def test_average_demand_follows_from_energy(tiny_home: Home) -> None:
    with open_marts(tiny_home) as con:
        wrong = "abs(avg_kw - delivered_kwh * 60 / interval_minutes) > 1e-6"
        assert con.execute(f"select 1 from fct_interval_usage where {wrong} limit 1").fetchall() == []
        assert con.execute("select 1 from fct_interval_usage where received_kwh > 0 limit 1").fetchall() == [(1,)]


def test_every_labelled_defect_left_its_trace(compared: duckdb.DuckDBPyConnection, tiny_home: Home) -> None:
    labels = pl.read_parquet(tiny_home.truth / "defects" / "*.parquet")
    with open_marts(tiny_home) as con:
        failed = dict(con.execute("select rule_code, sum(failed_count) from mart_vee_daily group by all").fetchall())
        identical = con.execute("select sum(identical_count) from fct_file_reconciliation").fetchone()
    assert failed["V04"] == labels.filter(defect_type="negative").height
    assert failed["V05"] == labels.filter(defect_type="spike").height
    for rule, kind in {"V15": "wrong_unit", "V16": "wrong_multiplier"}.items():
        labelled = compared.execute("select count(*) from compared where ? = any(kinds)", [kind]).fetchone()
        assert labelled == (failed[rule],)
    assert failed["V01"] > 0
    assert failed["V03"] > 0
    assert identical is not None
    assert identical[0] > 0
    unknown = compared.execute("select count(*) from compared where quality_code = 'N'").fetchone()
    assert unknown == (0,)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # the orchestrator's own deprecations
@pytest.mark.req("NFR-10", "NFR-11", part="data")
def test_a_second_demo_changes_nothing_and_ends_with_the_summary(
    copy_of_tiny: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content_hashes(copy_of_tiny.marts)
    # A copy lies elsewhere, so all of it is looked at and built again.
    result = CliRunner().invoke(app, list(DEMO))
    assert result.exit_code == 0, result.output
    assert "months to validate: none, inputs unchanged" in result.stderr + capsys.readouterr().err
    assert str(copy_of_tiny.marts) in result.stdout
    assert "energy delivered" in result.stdout
    assert content_hashes(copy_of_tiny.marts) == before
    generation = copy_of_tiny.current.resolve()
    result = CliRunner().invoke(app, list(DEMO))
    assert result.exit_code == 0, result.output
    assert "nothing has changed since the marts were published" in result.stderr + capsys.readouterr().err
    assert "energy delivered" in result.stdout
    assert copy_of_tiny.current.resolve() == generation
    result = CliRunner().invoke(app, ["demo", "--scale", "demo"])
    assert result.exit_code == 1
    assert "holds the simulated utility of scale tiny with 6 months of history" in result.stderr


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.req("NFR-10", part="data")
def test_the_same_file_twice_or_the_same_reads_in_two_files_change_no_mart(copy_of_tiny: Home) -> None:
    before = content_hashes(copy_of_tiny.marts)
    file = "mdms/reads_2026-03-30.cmep"
    *_, superseded_before, identical_before = reconciled(copy_of_tiny, file)
    again = copy_of_tiny.root / "another name.cmep"
    shutil.copy(copy_of_tiny.landing / file, again)
    result = CliRunner().invoke(app, ["ingest", str(again)])
    assert result.exit_code == 0, result.output
    assert f"already loaded as {file}" in result.stderr

    as_text = copy_of_tiny.root / "the same reads.csv"
    reads_of_no_other_file(copy_of_tiny, file).write_csv(as_text)
    options = ["--received-at", "2027-01-01", "--customer-class", "residential"]
    assert CliRunner().invoke(app, ["ingest", str(as_text), *options]).exit_code == 0
    build_marts(copy_of_tiny)
    after = content_hashes(copy_of_tiny.marts)
    assert {name: after[name] for name in after if name not in LEDGERS} == {
        name: before[name] for name in before if name not in LEDGERS
    }
    original, copied = reconciled(copy_of_tiny, file), reconciled(copy_of_tiny, "manual/the same reads.csv")
    for sent, accepted, superseded, _ in (original, copied):
        assert sent == accepted + superseded
    assert original[2] + copied[2] - superseded_before == copied[0] > 3_000
    assert original[3] + copied[3] - identical_before == copied[0]


def reconciled(home: Home, file_name: str) -> tuple[int, int, int, int]:
    """Reads of a file: sent, accepted, superseded and identical."""
    with open_marts(home) as con:
        row: tuple[int, int, int, int] | None = con.execute(
            "select sent_count, accepted_count, superseded_count, identical_count from fct_file_reconciliation "
            "where file_name = ?",
            [file_name],
        ).fetchone()
    assert row is not None
    return row


def reads_of_no_other_file(home: Home, file_name: str) -> pl.DataFrame:
    """Reads of a file whose intervals no other file has, as `meterhouse ingest` takes them."""
    key = ["meter_id", "channel_code", "interval_start_utc"]
    files = lake.read_frame(home, FILES).filter(file_name=file_name)["file_id"]
    reads = lake.read_frame(home, INTERVAL_READS)
    alone = reads.filter(pl.len().over(key) == 1, pl.col("file_id").is_in(files.implode()))
    return (
        alone.drop_nulls("reported_wh")
        .select(*key, "interval_minutes", delivered_wh="reported_wh")
        .filter(channel_code="delivered")
        .drop("channel_code")
    )
