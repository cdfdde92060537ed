"""Results: the tables of the vee layer out of clean and repaired meter-days."""

import duckdb

from models.vee.edits import EDITS_IN_FORCE, settle
from models.vee.estimate import estimate
from models.vee.registers import scale
from models.vee.screen import screen
from models.vee.settings import VeeSettings

CHANNEL_READS = """
-- one row per interval of a channel: clean days as reported, suspect days as repaired
create or replace temp view channel_reads as
select
    r.meter_no,
    r.channel_no,
    r.slot_no,
    r.reported_wh as final_wh,
    0 as adjustment_wh,
    'A' as quality_code,
    null as method_code,
    r.file_no as known_file_no
from keyed_reads as r
semi join (from clean_days where is_within) as c
    on r.meter_no = c.meter_no
    and r.channel_no = c.channel_no
    and r.usage_date = c.usage_date
union all
select
    meter_no,
    channel_no,
    slot_no,
    final_wh,
    adjustment_wh,
    quality_code,
    method_code,
    known_file_no
from repaired
"""

EDITED = """
with paired as (
    select
        coalesce(d.meter_no, r.meter_no) as meter_no,
        coalesce(d.slot_no, r.slot_no) as slot_no,
        greatest(d.known_file_no, r.known_file_no) as known_file_no,
        d.final_wh::int as delivered_wh,
        d.adjustment_wh::bigint as delivered_adjustment_wh,
        d.quality_code as delivered_quality_code,
        d.method_code as delivered_method_code,
        r.final_wh::int as received_wh,
        r.adjustment_wh::bigint as received_adjustment_wh,
        r.quality_code as received_quality_code,
        r.method_code as received_method_code
    from (from channel_reads where channel_no = 0) as d
    full join (from channel_reads where channel_no = 1) as r
        on d.meter_no = r.meter_no and d.slot_no = r.slot_no
)
select
    m.meter_id,
    s.interval_start_utc,
    s.slot_minutes as interval_minutes,
    s.usage_date,
    s.utc_offset_minutes,
    p.* exclude (meter_no, slot_no, known_file_no),
    f.received_at_utc as known_at_utc
from paired as p
inner join keyed_meters as m on p.meter_no = m.meter_no
inner join slots as s on m.grid_no = s.grid_no and p.slot_no = s.slot_no
inner join keyed_files as f on p.known_file_no = f.file_no
order by p.meter_no, p.slot_no
"""

PROFILES = """
with profiles as (
    select
        c.meter_no,
        c.channel_no,
        c.usage_date,
        c.expected_count,
        c.expected_count as read_count,
        c.expected_count as valid_count,
        0 as estimated_count,
        p.zero_count,
        p.total_wh::bigint as valid_wh,
        p.top_wh[1] as max_wh,
        p.top_wh[2] as second_wh,
        p.top_wh[3] as third_wh,
        p.min_wh,
        'clean' as status_code
    from clean_days as c
    inner join day_sums as p using (meter_no, channel_no, usage_date)
    where c.is_within
    union all
    select
        meter_no,
        channel_no,
        usage_date,
        count(*),
        count(reported_wh),
        count(valid_wh),
        count(method_code),
        count(*) filter (where valid_wh = 0),
        coalesce(sum(valid_wh), 0)::bigint,
        max(valid_wh),
        max(valid_wh, 3)[2],
        max(valid_wh, 3)[3],
        min(valid_wh),
        case
            when count(valid_wh) = count(*) then 'screened'
            when count(final_wh) = count(*) then 'estimated'
            else 'incomplete'
        end
    from repaired
    group by meter_no, channel_no, usage_date
)
select
    m.meter_id,
    c.channel_code,
    p.usage_date,
    m.nominal_minutes as interval_minutes,
    p.* exclude (meter_no, channel_no, usage_date)
from profiles as p
inner join keyed_meters as m using (meter_no)
inner join channels as c using (channel_no)
order by p.meter_no, p.channel_no, p.usage_date
"""

SUPERSEDED = """
-- one row per outranked value
create or replace temp table superseded_reads as
select
    l.meter_no,
    l.channel_no,
    l.usage_date,
    l.interval_start_utc,
    l.file_no,
    l.row_number,
    l.value_position,
    l.reported_wh is not distinct from w.reported_wh as is_identical,
    l.reported_wh is null as is_blank,
    w.file_no as standing_file_no,
    w.row_number as standing_row_number
from suspect_reads as l
inner join suspect_reads as w
    on l.meter_no = w.meter_no
    and l.channel_no = w.channel_no
    and l.slot_no = w.slot_no
    and w.standing = 1
where l.standing > 1
    and l.is_within
"""

SUPERSEDED_ROWS = """
select
    f.file_id,
    s.row_number,
    s.value_position,
    m.meter_id,
    c.channel_code,
    s.interval_start_utc,
    s.usage_date,
    s.is_identical,
    w.file_id as standing_file_id,
    s.standing_row_number
from superseded_reads as s
inner join keyed_files as f on s.file_no = f.file_no
inner join keyed_files as w on s.standing_file_no = w.file_no
inner join keyed_meters as m using (meter_no)
inner join channels as c using (channel_no)
order by f.file_id, s.row_number, s.value_position
"""

FAILURES = """
with failed as (
    select
        meter_no,
        channel_no,
        usage_date,
        'V01' as rule_code,
        1 as failed_count,
        0 as estimated_count
    from superseded_reads
    where not is_identical and not is_blank
    union all
    select
        meter_no,
        channel_no,
        usage_date,
        failed_rule_code,
        1,
        (method_code is not null)::int
    from repaired
    where failed_rule_code is not null
    union all
    select
        meter_no,
        channel_no,
        usage_date,
        'V02',
        value_count,
        0
    from stray_reads
)
select
    m.meter_id,
    c.channel_code,
    f.usage_date,
    f.rule_code,
    r.severity_code,
    r.action_code,
    sum(f.failed_count) as failed_count,
    sum(f.estimated_count) as estimated_count
from failed as f
inner join keyed_meters as m using (meter_no)
inner join channels as c using (channel_no)
inner join rules as r using (rule_code)
group by all
order by m.meter_id, c.channel_code, f.usage_date, f.rule_code
"""

REFERENCE_ROWS = """
select
    m.meter_id,
    c.channel_code,
    d.usage_date,
    d.reference_date
from reference_days as d
inner join keyed_meters as m using (meter_no)
inner join channels as c using (channel_no)
order by m.meter_id, c.channel_code, d.usage_date, d.reference_date
"""


def validate_windows(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> dict[str, str]:
    """Judge and estimate each meter's window of civil dates.

    Args:
        con: Holds what `screen`, `estimate` and `scale` ask for.
        settings: Thresholds.

    Returns:
        A query per table of the vee layer (except restatements), in the order of its key. A meter-day that needs no
        repair is copied through as reported. Equal inputs in any order of arrival give equal rows; only `known_at_utc`
        follows the time of receipt.
    """
    screen(con, settings)
    estimate(con, settings)
    scale(con)
    settle(con)
    con.execute(CHANNEL_READS)
    con.execute(SUPERSEDED)
    rows = ", ".join(f"('{r.rule_code}', '{r.severity_code}', '{r.action_code}')" for r in settings.rules)
    con.execute(
        "create or replace temp table rules as "
        f"select * from (values {rows}) as t (rule_code, severity_code, action_code)"
    )
    return {
        "interval_reads": EDITED,
        "meter_day_profiles": PROFILES,
        "failures": FAILURES,
        "superseded_reads": SUPERSEDED_ROWS,
        "estimate_references": REFERENCE_ROWS,
        "edits_in_force": EDITS_IN_FORCE,
    }
