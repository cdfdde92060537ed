"""Results: the tables of the vee layer out of clean and repaired meter-days."""

import duckdb

from models.vee.agreement import VERDICT_ROWS, compare, find_flags, take
from models.vee.breaks import find_breaks
from models.vee.edits import EDITS_IN_FORCE, decide, settle
from models.vee.estimate import estimate
from models.vee.explain import explain
from models.vee.failures import FAILURES, list_failures
from models.vee.grid import lay_out
from models.vee.patterns import find_patterns
from models.vee.registers import scale
from models.vee.screen import screen
from models.vee.settings import VeeSettings
from models.vee.spans import check_spans
from models.vee.verdicts import judge_spans

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
        coalesce(b.slot_count, 0) as outage_count,
        p.zero_count,
        p.total_wh::bigint as valid_wh,
        p.top_wh[1] as max_wh,
        p.top_wh[2] as second_wh,
        p.top_wh[3] as third_wh,
        p.min_wh,
        'clean' as status_code
    from clean_days as c
    inner join day_sums as p using (meter_no, channel_no, usage_date)
    left join break_days as b using (meter_no, channel_no, usage_date)
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
        count(*) filter (where is_broken),
        count(*) filter (where valid_wh = 0),
        coalesce(sum(valid_wh), 0)::bigint,
        max(valid_wh),
        max(valid_wh, 3)[2],
        max(valid_wh, 3)[3],
        min(valid_wh),
        case
            when count(final_wh) < count(*) then 'incomplete'
            when count(valid_wh) = count(*) and not bool_or(is_contradicted) then 'screened'
            when count(valid_wh) = count(*) or bool_or(is_kept) then 'questionable'
            else 'estimated'
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
        con: Holds the relations that the steps ask for: reads, registers, events, files, meters, meter_channels,
            intervals, dates, daily_weather, earlier_profiles, earlier_reads and windows.
        settings: Thresholds.

    Returns:
        A query per table of the vee layer (except restatements), in the order of its key. A meter-day that needs no
        repair is copied through as reported. Equal inputs in any order of arrival give equal rows; only `known_at_utc`
        follows the time of receipt.
    """
    screen(con, settings)
    find_flags(con)
    find_breaks(con, settings)
    check_spans(con, settings)
    con.execute("create or replace temp table extra_days (meter_no int, usage_date date)")
    lay_out(con)
    decide(con)
    if judge_spans(con):
        lay_out(con)
        decide(con)
        judge_spans(con)
    find_patterns(con, settings)
    explain(con)
    estimate(con, settings)
    scale(con)
    compare(con)
    take(con)
    settle(con)
    con.execute(CHANNEL_READS)
    con.execute(SUPERSEDED)
    list_failures(con, settings)
    return {
        "interval_reads": EDITED,
        "meter_day_profiles": PROFILES,
        "failures": FAILURES,
        "superseded_reads": SUPERSEDED_ROWS,
        "estimate_references": REFERENCE_ROWS,
        "edits_in_force": EDITS_IN_FORCE,
        "verdict_pairs": VERDICT_ROWS,
    }
