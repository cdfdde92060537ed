"""Failures: every rule that a meter-day failed, with what was done about it.

Rules that only remark upon a day (V10, V12, V14, V16 by record, V17) are judged here, from what meter-days keep of
themselves.
"""

import duckdb

from models.vee.settings import VeeSettings

SINGLE_VALUES = """
-- one row per meter, channel, local date and rule that took values out of use, and per outranked or stray value
create or replace temp view failed_values as
select meter_no, channel_no, usage_date, 'V01' as rule_code, 1 as failed_count, 0 as estimated_count, null as acted
from superseded_reads
where not is_identical
    and not is_blank
union all
select meter_no, channel_no, usage_date, 'V02', value_count, 0, null
from stray_reads
union all
select
    meter_no,
    channel_no,
    usage_date,
    failed_rule_code,
    -- the sum check counts the intervals of its span, below
    (failed_rule_code <> 'V09')::int,
    (method_code is not null)::int,
    if(failed_rule_code in ('V06', 'V07', 'V08'), 'estimate', null)
from repaired
where failed_rule_code is not null
"""

SPANS = """
-- one row per local date of a register span that fails or whose register was reset
create or replace temp view failed_spans as
select
    d.meter_no,
    d.channel_no,
    d.usage_date,
    if(v.is_reset, 'V11', 'V09') as rule_code,
    if(v.is_reset, 1, d.last_slot - d.first_slot + 1) as failed_count,
    0 as estimated_count,
    case
        when v.is_reset then 'reject'
        when v.is_reversed or v.factor is not null then 'replace'
        when e.explanation is not null then 'estimate'
        else 'keep'
    end as acted
from span_verdicts as v
inner join span_days as d
    on v.meter_no = d.meter_no and v.channel_no = d.channel_no and v.span_slot = d.span_slot
inner join keyed_meters as m on v.meter_no = m.meter_no
left join explanations as e
    on v.meter_no = e.meter_no and v.channel_no = e.channel_no and v.span_slot = e.span_slot
where (v.is_failing or v.is_reset)
    and d.usage_date between m.first_date and m.last_date
"""

REMARKS = """
-- one row per meter, channel, local date and pattern that was left as it is
create or replace temp view remarked_values as
select
    c.meter_no,
    c.channel_no,
    c.usage_date,
    'V06' as rule_code,
    len(list_filter(s.top_wh, lambda wh: wh >= s.spike_wh)) as failed_count,
    0 as estimated_count,
    null as acted
from spike_days as s
inner join clean_days as c using (meter_no, channel_no, usage_date)
where c.is_within
union all
select r.meter_no, r.channel_no, r.usage_date, 'V06', 1, 0, null
from repaired as r
inner join spike_days as s using (meter_no, channel_no, usage_date)
where coalesce(r.valid_wh, if(r.is_kept, r.reported_wh, null)) >= s.spike_wh
union all
select p.meter_no, p.channel_no, p.usage_date, p.rule_code, p.last_slot - p.first_slot + 1, 0, null
from pattern_days as p
inner join clean_days as c using (meter_no, channel_no, usage_date)
where c.is_within
    and p.is_remarkable
union all
select r.meter_no, r.channel_no, r.usage_date, p.rule_code, 1, 0, null
from repaired as r
inner join pattern_days as p
    on r.meter_no = p.meter_no
    and r.channel_no = p.channel_no
    and r.usage_date = p.usage_date
    and r.slot_no between p.first_slot and p.last_slot
where p.is_remarkable
    and (r.valid_wh is not null or r.is_kept)
"""

HIGH_LOW = """
-- one row per meter, channel and valid local date whose use is far from that of the same weekday in the weeks before
create or replace temp view high_low_days as
with compared as (
    select
        v.meter_no,
        v.channel_no,
        v.usage_date,
        any_value(v.total_wh)::hugeint * count(*) as own_wh,
        sum(w.total_wh)::hugeint as like_wh
    from valid_days as v
    inner join keyed_meters as m using (meter_no)
    inner join valid_days as w
        on v.meter_no = w.meter_no
        and v.channel_no = w.channel_no
        and v.usage_date - w.usage_date in ({offsets})
    where v.usage_date >= m.first_date
    group by v.meter_no, v.channel_no, v.usage_date
    having count(*) >= {minimum_weeks}
)
select
    c.meter_no,
    c.channel_no,
    c.usage_date,
    'V10' as rule_code,
    1 as failed_count,
    0 as estimated_count,
    null as acted
from compared as c
inner join keyed_meters as m using (meter_no)
where 1000 * c.own_wh < m.low_ratio * c.like_wh
    or 1000 * c.own_wh > m.high_ratio * c.like_wh
"""

RECORDS = """
-- one row per meter, channel and local date at odds with what is on record: clock, service, multiplier
create or replace temp view at_odds_days as
select
    d.meter_no,
    d.channel_no,
    d.usage_date,
    'V12' as rule_code,
    1 as failed_count,
    0 as estimated_count,
    if(c.error_seconds > {clock_error_seconds}, 'verify', null) as acted
from clock_errors as c
inner join channel_days as d using (meter_no, usage_date)
where d.is_within
union all
select c.meter_no, c.channel_no, c.usage_date, 'V14', c.expected_count - p.zero_count, 0, null
from clean_days as c
inner join day_sums as p using (meter_no, channel_no, usage_date)
inner join keyed_meters as m on c.meter_no = m.meter_no
where c.is_within
    and (c.usage_date < m.installed_date or c.usage_date > m.removed_date)
    and p.zero_count < c.expected_count
union all
select r.meter_no, r.channel_no, r.usage_date, 'V14', count(*), 0, null
from keyed_reads as r
inner join break_slots as b on r.meter_no = b.meter_no and r.slot_no = b.slot_no and b.is_disconnected and b.is_whole
inner join clean_days as c
    on r.meter_no = c.meter_no and r.channel_no = c.channel_no and r.usage_date = c.usage_date and c.is_within
inner join keyed_meters as m on r.meter_no = m.meter_no
where r.reported_wh > 0
    and not coalesce(r.usage_date < m.installed_date or r.usage_date > m.removed_date, false)
group by all
union all
select r.meter_no, r.channel_no, r.usage_date, 'V14', count(*), 0, null
from repaired as r
inner join keyed_meters as m on r.meter_no = m.meter_no
left join break_slots as b on r.meter_no = b.meter_no and r.slot_no = b.slot_no and b.is_disconnected and b.is_whole
where (r.valid_wh > 0 or (r.is_kept and r.reported_wh > 0))
    and (r.usage_date < m.installed_date or r.usage_date > m.removed_date or b.slot_no is not null)
group by all
union all
select d.meter_no, d.channel_no, d.usage_date, 'V16', count(distinct r.read_at_utc)::int, 0, 'verify'
from registers as r
inner join keyed_meters as m on r.meter_id = m.meter_id
inner join channels as c on r.channel_code = c.channel_code
inner join slots as s
    on m.grid_no = s.grid_no
    and r.read_at_utc >= s.interval_start_utc
    and r.read_at_utc < s.interval_start_utc + to_minutes(s.slot_minutes)
inner join channel_days as d
    on m.meter_no = d.meter_no and c.channel_no = d.channel_no and s.usage_date = d.usage_date and d.is_within
where m.is_multiplier_known
    and r.meter_multiplier <> m.meter_multiplier
group by all
"""

PROLONGED = """
-- one row per meter, channel and local date that follows as many estimated ones as are borne without an alert
create or replace temp view prolonged_days as
with counts as (
    select m.meter_no, c.channel_no, p.usage_date, p.expected_count, p.valid_count, false as is_within
    from earlier_profiles as p
    inner join keyed_meters as m on p.meter_id = m.meter_id and p.usage_date < m.first_date
    inner join channels as c on p.channel_code = c.channel_code
    union all
    select meter_no, channel_no, usage_date, count(*), count(valid_wh), true
    from repaired
    group by meter_no, channel_no, usage_date
),
numbered as (
    select
        *,
        usage_date - (row_number() over (partition by meter_no, channel_no order by usage_date))::int as island
    from counts
    where 2 * valid_count < expected_count
),
placed as (
    select
        *,
        row_number() over (partition by meter_no, channel_no, island order by usage_date) as place
    from numbered
)
select
    p.meter_no,
    p.channel_no,
    p.usage_date,
    'V17' as rule_code,
    (p.expected_count - p.valid_count)::int as failed_count,
    0 as estimated_count,
    null as acted
from placed as p
inner join keyed_meters as m using (meter_no)
where p.is_within
    and p.place > m.prolonged_days
"""

FAILURES = """
with failed as (
    from failed_values
    union all
    from failed_spans
    union all
    from remarked_values
    union all
    from high_low_days
    union all
    from at_odds_days
    union all
    from prolonged_days
),
acted as (
    select
        f.* exclude (acted),
        case
            when f.acted = 'verify' and f.rule_code = 'V16' then 'warning'
            when f.acted is not null then 'error'
            else r.severity_code
        end as severity_code,
        coalesce(f.acted, r.action_code) as action_code
    from failed as f
    inner join rules as r using (rule_code)
),
grouped as (
    select
        meter_no,
        channel_no,
        usage_date,
        rule_code,
        max({'is_error': severity_code = 'error', 'severity': severity_code, 'action': action_code}) as worst,
        sum(failed_count) as failed_count,
        sum(estimated_count) as estimated_count
    from acted
    group by all
)
select
    m.meter_id,
    c.channel_code,
    g.usage_date,
    g.rule_code,
    g.worst.severity as severity_code,
    g.worst.action as action_code,
    g.failed_count,
    g.estimated_count
from grouped as g
inner join keyed_meters as m using (meter_no)
inner join channels as c using (channel_no)
order by m.meter_id, c.channel_code, g.usage_date, g.rule_code
"""


def list_failures(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave the views on which the query `FAILURES` rests, and the relation `rules`.

    Args:
        con: Holds what all steps before left.
        settings: Rules and thresholds.
    """
    rows = ", ".join(f"('{r.rule_code}', '{r.severity_code}', '{r.action_code}')" for r in settings.rules)
    con.execute(
        "create or replace temp table rules as "
        f"select * from (values {rows}) as t (rule_code, severity_code, action_code)"
    )
    offsets = ", ".join(str(7 * week) for week in range(1, settings.high_low_weeks + 1))
    for statement in (
        SINGLE_VALUES,
        SPANS,
        REMARKS,
        HIGH_LOW.format(offsets=offsets, minimum_weeks=settings.high_low_minimum_weeks),
        RECORDS.format(clock_error_seconds=settings.clock_error_seconds),
        PROLONGED,
    ):
        con.execute(statement)
