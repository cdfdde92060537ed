"""VEE scored against the simulator's answer key: what it finds, what it fills in, what it leaves alone."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from models.tables.entities import METERS
from models.tables.vee import EDITED_INTERVAL_READS, SUPERSEDED_READS
from pipelines import lake
from pipelines.entities import build_entities
from pipelines.home import Home
from pipelines.ingest import ingest_landing
from pipelines.reference import vee_settings
from pipelines.validate import stale_months, validate_months
from sims.feed import SCALES, simulate
from tests.acceptance.record import record

pytestmark = pytest.mark.acceptance

SCALE = os.environ.get("METERHOUSE_ACCEPT_SCALE", "demo")
FOUND = ("gap", "spike", "negative", "duplicate", "conflict")
TOLERANCE = 1.1
# Interval CV and energy error by length of gap: the row of the reference table at the longest gap that is interpolated
# (2 h, linear), and for like days (5 like days) the rows nearest to the mean length of the simulated gaps: 12 h, 24 h.
ESTIMATION_LIMITS = {"gap_short": (0.69, 0.24), "gap_long": (0.67, 0.19), "gap_days": (0.69, 0.17)}
CLASS_NAMES = {"gap_short": "up to 2 h", "gap_long": "2 to 24 h", "gap_days": "of days"}

CELLS = """
create table cells as
with labels as (
    select *, row_number() over (order by meter_id, channel_code, interval_start_utc) as label_id from faults
)
select
    l.label_id,
    l.meter_id,
    l.channel_code,
    l.fault_type,
    unnest(
        generate_series(l.interval_start_utc, l.interval_end_utc - interval 1 minute, to_minutes(m.interval_minutes))
    ) as interval_start_utc
from labels as l
inner join meters as m using (meter_id)
"""

COMPARED = """
-- intervals that are labelled, or that are not simply actual, unchanged and true
create table compared as
select
    coalesce(t.meter_id, e.meter_id) as meter_id,
    coalesce(t.channel_code, e.channel_code) as channel_code,
    coalesce(t.interval_start_utc, e.interval_start_utc) as interval_start_utc,
    t.true_wh,
    e.final_wh,
    e.adjustment_wh,
    e.quality_code,
    e.usage_date,
    coalesce(e.final_wh, 0) - e.adjustment_wh as reported_wh,
    c.fault_type,
    c.label_id
from true_reads as t
full join edited_reads as e using (meter_id, channel_code, interval_start_utc)
left join cells as c using (meter_id, channel_code, interval_start_utc)
where c.label_id is not null
    or e.quality_code is distinct from 'A'
    or e.adjustment_wh <> 0
    or e.final_wh is distinct from t.true_wh
"""

DETECTED = """
-- one row per interval in which something was found
create view detected as
select meter_id, channel_code, interval_start_utc, 'gap' as fault_type
from compared
where quality_code in ('E', 'N') and reported_wh is null
union all
select meter_id, channel_code, interval_start_utc, if(reported_wh < 0, 'negative', 'spike') as fault_type
from compared
where quality_code in ('E', 'Q') and reported_wh is not null
union all
select distinct meter_id, channel_code, interval_start_utc, if(is_identical, 'duplicate', 'conflict') as fault_type
from superseded
"""

SCORES = """
select
    count(*) filter (where d.meter_id is not null and c.meter_id is not null) as right_count,
    count(d.meter_id) as found_count,
    count(c.meter_id) as labelled_count
from (from detected where fault_type = $kind) as d
full join (from cells where if(starts_with(fault_type, 'gap'), 'gap', fault_type) = $kind) as c
    using (meter_id, channel_code, interval_start_utc)
"""

LATE = """
select count(*) filter (where final_wh = true_wh and quality_code = 'A' and adjustment_wh = 0) / count(*)
from compared
where fault_type = 'late'
"""

WRONG_ACTUALS = """
select count(*)
from compared
where quality_code = 'A' and (final_wh is distinct from true_wh or adjustment_wh <> 0)
"""

TOUCHED_CLEAN_DAYS = """
-- meter-days without a label on which a value is not actual or not the true one, and intervals that were never sent or
-- have no row
with days as (
    select distinct c.meter_id, s.usage_date
    from cells as c
    inner join edited as s using (meter_id, interval_start_utc)
)
select count(*)
from (
    select distinct meter_id, coalesce(usage_date, interval_start_utc::date) as usage_date
    from compared
    where label_id is null
) as touched
anti join days using (meter_id, usage_date)
"""

CLEAN_DAYS = "select count(*) from (select distinct meter_id, usage_date from edited)"

ESTIMATION_ERRORS = """
-- interval CV = root mean square error over mean true value; energy error = sum over gaps of |estimated - true| over
-- the sum of true energy
with gaps as (
    select
        label_id,
        count(*) as interval_count,
        sum((final_wh - true_wh) ** 2) as square_error,
        sum(true_wh) as true_wh,
        abs(sum(final_wh - true_wh)) as energy_error_wh
    from compared
    where fault_type = $kind and channel_code = 'delivered' and quality_code = 'E'
    group by label_id
)
select
    sqrt(sum(square_error) / sum(interval_count)) / (sum(true_wh) / sum(interval_count)),
    sum(energy_error_wh) / sum(true_wh)
from gaps
"""

LONG = """
select meter_id, channel_code, interval_start_utc, usage_date, final_wh, adjustment_wh, quality_code
from (
    select *, unnest([
        {'channel_code': 'delivered', 'final_wh': delivered_wh, 'adjustment_wh': delivered_adjustment_wh,
            'quality_code': delivered_quality_code},
        {'channel_code': 'received', 'final_wh': received_wh, 'adjustment_wh': received_adjustment_wh,
            'quality_code': received_quality_code}
    ], max_depth := 2)
    from edited
)
where quality_code is not null
"""


@pytest.fixture(scope="module")
def answers() -> Iterator[duckdb.DuckDBPyConnection]:
    """A simulated home, validated, and laid beside the truth."""
    folder = Path(tempfile.mkdtemp(prefix="meterhouse-accept-"))
    home = Home(folder)
    try:
        simulate(home.landing, home.truth, SCALES[SCALE])
        ingest_landing(home, lambda _line: None)
        build_entities(home)
        validate_months(home, vee_settings(), stale_months(home, vee_settings()), lambda _line: None)
        with lake.connect(home) as con:
            compare(con, home)
            yield con
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compare(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    lake.create_view(con, home, METERS, "meters")
    lake.create_view(con, home, EDITED_INTERVAL_READS, "edited")
    lake.create_view(con, home, SUPERSEDED_READS, "superseded")
    con.execute(f"create view faults as from '{home.truth}/faults.parquet'")
    con.execute(f"create view edited_reads as {LONG}")
    con.execute(
        "create view true_reads as "
        + " union all ".join(
            f"select meter_id, '{channel}' as channel_code, interval_start_utc, {channel}_wh as true_wh "
            f"from '{home.truth}/reads/*.parquet' where {channel}_wh is not null"
            for channel in ("delivered", "received")
        )
    )
    for statement in (CELLS, COMPARED, DETECTED):
        con.execute(statement)


def one(con: duckdb.DuckDBPyConnection, query: str, kind: str | None = None) -> tuple[float, ...]:
    row = con.execute(query, {"kind": kind} if kind else None).fetchone()
    assert row is not None
    return tuple(float("nan") if value is None else float(value) for value in row)


@pytest.mark.parametrize("kind", FOUND)
def test_every_fault_is_found(answers: duckdb.DuckDBPyConnection, kind: str) -> None:
    right, _, labelled = one(answers, SCORES, kind)
    assert labelled > 0
    assert record(f"vee: {kind} intervals, recall", right / labelled, 1.0, "ratio", SCALE, is_minimum=True)


@pytest.mark.parametrize("kind", FOUND)
def test_nothing_else_is_found(answers: duckdb.DuckDBPyConnection, kind: str) -> None:
    right, found, _ = one(answers, SCORES, kind)
    assert record(f"vee: {kind} intervals, precision", right / max(found, 1), 1.0, "ratio", SCALE, is_minimum=True)


def test_late_reads_end_as_actual(answers: duckdb.DuckDBPyConnection) -> None:
    (share,) = one(answers, LATE)
    assert record("vee: late intervals that end as actual and true", share, 1.0, "ratio", SCALE, is_minimum=True)


def test_actual_intervals_are_true(answers: duckdb.DuckDBPyConnection) -> None:
    (wrong,) = one(answers, WRONG_ACTUALS)
    assert record("vee: actual intervals that are not the true value", wrong, 0, "intervals", SCALE)


def test_clean_days_are_left_alone(answers: duckdb.DuckDBPyConnection) -> None:
    (touched,), (total,) = one(answers, TOUCHED_CLEAN_DAYS), one(answers, CLEAN_DAYS)
    assert record("vee: meter-days without a fault that were changed", touched / total, 0, "ratio", SCALE)


@pytest.mark.parametrize("kind", ESTIMATION_LIMITS)
def test_estimates_are_near_the_truth(answers: duckdb.DuckDBPyConnection, kind: str) -> None:
    errors = one(answers, ESTIMATION_ERRORS, kind)
    passed = [
        record(f"vee: gaps {CLASS_NAMES[kind]}, {name}", error, limit * TOLERANCE, "ratio", SCALE)
        for name, error, limit in zip(("interval CV", "energy error"), errors, ESTIMATION_LIMITS[kind], strict=True)
    ]
    assert all(passed), errors
