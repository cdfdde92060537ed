"""Results: the tables of the vee layer out of clean and repaired meter-days."""

import duckdb

from models.vee.estimate import estimate
from models.vee.screen import execute, screen
from models.vee.settings import VeeSettings

CHANNEL_READS = """
-- one row per meter, channel and interval: clean days as reported, suspect days as repaired
create or replace temp view channel_reads as
select
    r.meter_id,
    r.channel_code,
    r.interval_start_utc,
    r.interval_minutes,
    s.usage_date,
    r.reported_wh as final_wh,
    0 as adjustment_wh,
    'A' as quality_code,
    null as method_code,
    f.received_at_utc as known_at_utc
from reads as r
inner join files as f on r.file_id = f.file_id
inner join meters as m on r.meter_id = m.meter_id
inner join slots as s
    on m.time_zone = s.time_zone
    and m.interval_minutes = s.nominal_minutes
    and r.interval_start_utc = s.interval_start_utc
inner join month_clean_days as c
    on r.meter_id = c.meter_id
    and r.channel_code = c.channel_code
    and s.usage_date = c.usage_date
union all
select
    meter_id,
    channel_code,
    interval_start_utc,
    slot_minutes as interval_minutes,
    usage_date,
    final_wh,
    adjustment_wh,
    quality_code,
    method_code,
    known_at_utc
from repaired
"""

MONTH_CLEAN_DAYS = """
create or replace temp table month_clean_days as
select *
from clean_days
where usage_date between $first_date and $last_date
"""

EDITED = """
select
    coalesce(d.meter_id, r.meter_id) as meter_id,
    coalesce(d.interval_start_utc, r.interval_start_utc) as interval_start_utc,
    coalesce(d.interval_minutes, r.interval_minutes)::smallint as interval_minutes,
    coalesce(d.usage_date, r.usage_date) as usage_date,
    d.final_wh::int as delivered_wh,
    d.adjustment_wh::bigint as delivered_adjustment_wh,
    d.quality_code as delivered_quality_code,
    d.method_code as delivered_method_code,
    r.final_wh::int as received_wh,
    r.adjustment_wh::bigint as received_adjustment_wh,
    r.quality_code as received_quality_code,
    r.method_code as received_method_code,
    greatest(d.known_at_utc, r.known_at_utc) as known_at_utc
from (from channel_reads where channel_code = 'delivered') as d
full join (from channel_reads where channel_code = 'received') as r
    on d.meter_id = r.meter_id and d.interval_start_utc = r.interval_start_utc
order by meter_id, interval_start_utc
"""

PROFILES = """
select
    d.meter_id,
    d.channel_code,
    d.usage_date,
    d.nominal_minutes::smallint as interval_minutes,
    d.expected_count::int as expected_count,
    d.expected_count::int as read_count,
    d.expected_count::int as valid_count,
    0::int as estimated_count,
    p.zero_count::int as zero_count,
    p.total_wh::bigint as valid_wh,
    p.top_wh[1]::bigint as max_wh,
    p.top_wh[2]::bigint as second_wh,
    p.top_wh[3]::bigint as third_wh,
    p.min_wh::bigint as min_wh,
    'clean' as status_code
from channel_days as d
inner join month_clean_days as c using (meter_id, channel_code, usage_date)
inner join day_sums as p using (meter_id, channel_code, usage_date)
union all
select
    meter_id,
    channel_code,
    usage_date,
    nominal_minutes::smallint,
    count(*)::int,
    count(reported_wh)::int,
    count(valid_wh)::int,
    count(method_code)::int,
    count(*) filter (where valid_wh = 0)::int,
    coalesce(sum(valid_wh), 0)::bigint,
    max(valid_wh)::bigint,
    max(valid_wh, 3)[2]::bigint,
    max(valid_wh, 3)[3]::bigint,
    min(valid_wh)::bigint,
    case
        when count(valid_wh) = count(*) then 'screened'
        when count(final_wh) = count(*) then 'estimated'
        else 'incomplete'
    end
from repaired
group by meter_id, channel_code, usage_date, nominal_minutes
order by meter_id, channel_code, usage_date
"""

SUPERSEDED = """
select
    l.file_id,
    l.row_number,
    l.value_position,
    l.meter_id,
    l.channel_code,
    l.interval_start_utc,
    l.usage_date,
    l.reported_wh is not distinct from w.reported_wh as is_identical,
    w.file_id as standing_file_id,
    w.row_number as standing_row_number
from suspect_reads as l
inner join suspect_reads as w
    on l.meter_id = w.meter_id
    and l.channel_code = w.channel_code
    and l.interval_start_utc = w.interval_start_utc
    and w.standing = 1
where l.standing > 1
    and l.usage_date between $first_date and $last_date
order by l.file_id, l.row_number, l.value_position
"""

FAILURES = """
with conflicts as (
    select
        l.meter_id,
        l.channel_code,
        l.usage_date,
        'V01' as rule_code,
        count(*) as failed_count,
        0 as estimated_count
    from superseded_reads as l
    where not l.is_identical
    group by all
),
invalid as (
    select
        meter_id,
        channel_code,
        usage_date,
        failed_rule_code as rule_code,
        count(*) as failed_count,
        count(method_code) as estimated_count
    from repaired
    where failed_rule_code is not null
    group by all
),
strays as (
    select meter_id, channel_code, usage_date, 'V02' as rule_code, value_count as failed_count, 0 as estimated_count
    from stray_reads
),
failed as (
    from conflicts
    union all
    from invalid
    union all
    from strays
)
select
    f.meter_id,
    f.channel_code,
    f.usage_date,
    f.rule_code,
    r.severity_code,
    r.action_code,
    sum(f.failed_count)::int as failed_count,
    sum(f.estimated_count)::int as estimated_count
from failed as f
inner join rules as r on f.rule_code = r.rule_code
group by all
order by f.meter_id, f.channel_code, f.usage_date, f.rule_code
"""

REFERENCES = """
select *
from references_
order by meter_id, channel_code, usage_date, reference_date
"""

RESTATED = """
with changed as (
    (
        select * exclude (known_at_utc) from edited_reads
        except
        select * exclude (known_at_utc) from previous_reads
    )
    union all
    (
        select * exclude (known_at_utc) from previous_reads
        except
        select * exclude (known_at_utc) from edited_reads
    )
)
select distinct getvariable('restatement_id')::bigint as restatement_id, meter_id, usage_date
from changed
order by meter_id, usage_date
"""


def validate_month(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> dict[str, str]:
    """Screen and estimate one local month.

    Args:
        con: Holds what `screen` and `estimate` ask for.
        settings: Thresholds.

    Returns:
        A query per table of the vee layer (except restatements). A meter-day that needs no repair is copied
        through as reported. Equal inputs in any order of arrival give equal rows; only `known_at_utc` follows the
        time of receipt.
    """
    screen(con, settings)
    estimate(con, settings)
    execute(con, MONTH_CLEAN_DAYS)
    con.execute(CHANNEL_READS)
    execute(con, f"create or replace temp table superseded_reads as {SUPERSEDED}")
    rows = ", ".join(f"('{r.rule_code}', '{r.severity_code}', '{r.action_code}')" for r in settings.rules)
    con.execute(
        "create or replace temp table rules as "
        f"select * from (values {rows}) as t (rule_code, severity_code, action_code)"
    )
    return {
        "interval_reads": EDITED,
        "meter_day_profiles": PROFILES,
        "failures": FAILURES,
        "superseded_reads": "from superseded_reads",
        "estimate_references": REFERENCES,
    }


def restated_days(con: duckdb.DuckDBPyConnection) -> str:
    """Query for the meter-days in which `edited_reads` differs from `previous_reads`.

    The variable `restatement_id` numbers the run. The time of knowing is not a difference.
    """
    return RESTATED
