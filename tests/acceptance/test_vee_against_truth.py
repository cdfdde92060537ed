"""VEE scored against the simulator's answer key: what it finds, what it fills in, what it leaves alone.

Gaps, repeats, negative and impossible values are scored interval by interval, what a rule says of a day or of a
register span by meter-day. A value that the MDMS filled in is a value.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines import lake
from pipelines.entities import build_entities
from pipelines.home import Home
from pipelines.ingest import ingest_landing
from pipelines.offers import tariffs
from pipelines.reference import territory, vee_settings
from pipelines.validate import stale_months, validate_months
from sims.utility import MONTHS, Utility, simulate
from sims.world.frames import SCALES
from tests.acceptance.answers import compare
from tests.acceptance.record import record

pytestmark = pytest.mark.acceptance

SCALE = os.environ.get("METERHOUSE_ACCEPT_SCALE", "demo")
HISTORY_MONTHS = int(os.environ.get("METERHOUSE_ACCEPT_MONTHS", MONTHS))
FOUND = ("gap", "impossible", "negative", "duplicate", "conflict")
TOLERANCE = 1.1
# Interval CV and energy error by length of gap in minutes, of the reference table: a line up to two hours, then
# five weather-matched days. A gap is measured by the row whose length is nearest.
ESTIMATION_LIMITS = {
    15: (0.44, 0.22),
    60: (0.64, 0.26),
    120: (0.69, 0.24),
    240: (0.66, 0.17),
    720: (0.66, 0.14),
    1440: (0.68, 0.15),
}
# Least recall and precision of the rules that look for a kind of defect; none for the precision of remarks.
DAY_SCORES = {
    "spike": (0.95, None),
    "stuck": (0.9, None),
    "false_zero": (0.9, None),
    "register_reset": (1.0, 1.0),
    "wrong_multiplier": (1.0, 1.0),
    "wrong_unit": (1.0, 1.0),
    "reversed_channels": (1.0, 1.0),
}
CLEAN_DAYS_LIMIT = 0.001

SCORES = """
select
    count(*) filter (where d.meter_id is not null and e.meter_id is not null) as right_count,
    count(d.meter_id) as found_count,
    count(e.meter_id) as expected_count
from (from detected where kind = $kind) as d
full join (from expected where kind = $kind) as e using (meter_id, channel_code, interval_start_utc)
"""

DAY_COUNTS = """
select
    count(*) filter (where d.meter_id is not null and e.meter_id is not null) as right_count,
    count(d.meter_id) as found_count,
    count(e.meter_id) as expected_count
from (from found_days where defect_type = $kind) as d
full join (from faulty_days where defect_type = $kind) as e using (meter_id, channel_code, usage_date)
"""

LATE = """
select count(*) filter (where final_wh = true_wh and quality_code = 'A' and adjustment_wh = 0) / count(*)
from compared
where defect_type in ('late', 'very_late') and pending_kind is null
"""

WRONG_ACTUALS = """
-- a first sending whose correction is still on its way cannot be known to be wrong
select count(*)
from compared
where quality_code = 'A'
    and (final_wh is distinct from true_wh or adjustment_wh <> 0)
    and not is_unseen
    and not is_filled
    and not (defect_type = 'spike' and not is_impossible)
    and not coalesce(defect_type = 'conflict' and pending_kind = 'resend', false)
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
        count(*) * any_value(interval_minutes) as gap_minutes,
        sum((final_wh - true_wh) ** 2) as square_error,
        sum(true_wh) as true_wh,
        abs(sum(final_wh - true_wh)) as energy_error_wh
    from compared
    inner join limits using (meter_id)
    where starts_with(defect_type, 'gap') and channel_code = 'delivered' and quality_code = 'E'
    group by label_id
)
select
    sqrt(sum(square_error) / sum(interval_count)) / (sum(true_wh) / sum(interval_count)),
    sum(energy_error_wh) / sum(true_wh)
from gaps
where list_sort(list_transform([15, 60, 120, 240, 720, 1440], lambda x: [abs(gap_minutes - x), x]))[1][2] = $kind
"""


@pytest.fixture(scope="module")
def answers() -> Iterator[duckdb.DuckDBPyConnection]:
    """A simulated home, validated, and laid beside the truth."""
    folder = Path(tempfile.mkdtemp(prefix="meterhouse-accept-"))
    home = Home(folder)
    try:
        utility = Utility(territory().utility_code, tariffs())
        simulate(home.landing, home.truth, SCALES[SCALE], utility, months=HISTORY_MONTHS)
        ingest_landing(home, lambda _line: None)
        build_entities(home)
        validate_months(home, vee_settings(), stale_months(home, vee_settings()), lambda _line: None)
        with lake.connect(home) as con:
            compare(con, home)
            yield con
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def one(con: duckdb.DuckDBPyConnection, query: str, kind: str | int | None = None) -> tuple[float, ...]:
    row = con.execute(query, {"kind": kind} if kind else None).fetchone()
    assert row is not None
    return tuple(float("nan") if value is None else float(value) for value in row)


@pytest.mark.parametrize("kind", FOUND)
def test_every_defect_is_found(answers: duckdb.DuckDBPyConnection, kind: str) -> None:
    right, _, expected = one(answers, SCORES, kind)
    assert expected > 0
    assert record(f"vee: {kind} intervals, recall", right / expected, 1.0, "ratio", SCALE, is_minimum=True)


@pytest.mark.parametrize("kind", FOUND)
def test_nothing_else_is_found(answers: duckdb.DuckDBPyConnection, kind: str) -> None:
    right, found, _ = one(answers, SCORES, kind)
    assert record(f"vee: {kind} intervals, precision", right / max(found, 1), 1.0, "ratio", SCALE, is_minimum=True)


@pytest.mark.parametrize("kind", DAY_SCORES)
def test_days_with_a_defect_are_found(answers: duckdb.DuckDBPyConnection, kind: str) -> None:
    right, found, expected = one(answers, DAY_COUNTS, kind)
    recall, precision = DAY_SCORES[kind]
    assert expected > 0
    least = 0.0 if precision is None else precision
    scores = {"recall": (right / expected, recall), "precision": (right / max(found, 1), least)}
    passed = [
        record(f"vee: {kind} days, {name}", score, limit, "ratio", SCALE, is_minimum=True)
        for name, (score, limit) in scores.items()
    ]
    assert all(passed), scores


def test_late_reads_end_as_actual(answers: duckdb.DuckDBPyConnection) -> None:
    (share,) = one(answers, LATE)
    assert record("vee: late intervals that end as actual and true", share, 1.0, "ratio", SCALE, is_minimum=True)


def test_actual_intervals_are_true(answers: duckdb.DuckDBPyConnection) -> None:
    (wrong,) = one(answers, WRONG_ACTUALS)
    name = "vee: actual intervals that are not the true value, but for what lies within the tolerance of the rules"
    assert record(name, wrong, 0, "intervals", SCALE)


def test_clean_days_are_left_alone(answers: duckdb.DuckDBPyConnection) -> None:
    (touched,), (total,) = one(answers, TOUCHED_CLEAN_DAYS), one(answers, CLEAN_DAYS)
    name = "vee: meter-days without a defect that were changed"
    assert record(name, touched / total, CLEAN_DAYS_LIMIT, "ratio", SCALE)


@pytest.mark.parametrize("kind", ESTIMATION_LIMITS)
def test_estimates_are_near_the_truth(answers: duckdb.DuckDBPyConnection, kind: int) -> None:
    errors = one(answers, ESTIMATION_ERRORS, kind)
    passed = [
        record(f"vee: gaps of about {kind} minutes, {name}", error, limit * TOLERANCE, "ratio", SCALE)
        for name, error, limit in zip(("interval CV", "energy error"), errors, ESTIMATION_LIMITS[kind], strict=True)
    ]
    assert all(passed), errors
