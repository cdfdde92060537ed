"""Patterns in values that are valid each for itself: spikes (V06), stuck values (V07) and zeros (V08).

They are remarks as long as the register does not contradict them. Days are judged by what meter-days keep of
themselves; values are looked at one by one only on days on which several came in a row. Source: California DASMMD VEE
(spike check, its block widened to 30 days since a day alone fails 3.5 % of clean residential days), Itron IEE
(consecutive intervals) and Oracle MDM (zero consumption).
"""

import duckdb

from models.vee.settings import VeeSettings

VALID_DAYS = """
-- one row per meter, channel and whole local date before or within the window of which every value is valid, the
-- register does not object and service was never interrupted: what may serve as a reference
create or replace temp table valid_days as
with contradicted as (
    select d.meter_no, d.channel_no, d.usage_date
    from span_days as d
    semi join (from span_verdicts where is_failing) as v
        on d.meter_no = v.meter_no and d.channel_no = v.channel_no and d.span_slot = v.span_slot
),
earlier as (
    select m.meter_no, c.channel_no, p.usage_date, p.valid_wh as total_wh, [p.max_wh, p.second_wh, p.third_wh] as top_wh
    from earlier_profiles as p
    inner join keyed_meters as m on p.meter_id = m.meter_id
    inner join channels as c on p.channel_code = c.channel_code
    inner join meter_channels as n on p.meter_id = n.meter_id and p.channel_code = n.channel_code
    left join intervals as i
        on m.time_zone = i.time_zone
        and n.first_interval_start_utc = i.interval_start_utc
        and i.is_day_start
    where p.status_code in ('clean', 'screened')
        and p.outage_count = 0
        and p.usage_date < m.first_date
        -- the day on which a channel begins is whole only if it begins at midnight
        and (p.usage_date > n.first_usage_date or i.is_day_start)
),
present as (
    select c.meter_no, c.channel_no, c.usage_date, p.total_wh::bigint as total_wh, p.top_wh
    from clean_days as c
    inner join day_sums as p using (meter_no, channel_no, usage_date)
    where c.is_within
        and c.is_whole
    union all
    select meter_no, channel_no, usage_date, sum(valid_wh)::bigint, max(valid_wh, 3)
    from grid
    where is_within
    group by meter_no, channel_no, usage_date
    having bool_and(is_whole)
        and count(*) = count(valid_wh)
)
from earlier
union all
select p.*
from present as p
anti join contradicted using (meter_no, channel_no, usage_date)
anti join break_days using (meter_no, channel_no, usage_date)
"""

SPIKE_DAYS = """
-- one row per meter, channel and local date whose highest value stands out, with what it stands out from
create or replace temp table spike_days as
with judged as (
    select c.meter_no, c.channel_no, c.usage_date, p.top_wh
    from clean_days as c
    inner join day_sums as p using (meter_no, channel_no, usage_date)
    union all
    select meter_no, channel_no, usage_date, max(valid_wh, 3)
    from grid
    group by meter_no, channel_no, usage_date
    having count(valid_wh) > 0
),
tops as (
    select
        coalesce(j.meter_no, v.meter_no) as meter_no,
        coalesce(j.channel_no, v.channel_no) as channel_no,
        coalesce(j.usage_date, v.usage_date) as usage_date,
        j.top_wh,
        v.top_wh[1] as valid_max_wh
    from judged as j
    full join valid_days as v
        on j.meter_no = v.meter_no and j.channel_no = v.channel_no and j.usage_date = v.usage_date
),
compared as (
    select
        * exclude (valid_max_wh),
        max(valid_max_wh) over before as history_wh,
        count(valid_max_wh) over before as history_count
    from tops
    window before as (
        partition by meter_no, channel_no
        order by usage_date
        range between interval {history_days} day preceding and interval 1 day preceding
    )
),
risen as (
    select c.*, m.spike_ratio, m.spike_history_ratio
    from compared as c
    inner join keyed_meters as m using (meter_no)
    where c.history_count >= {minimum_days}
        and 1000::hugeint * c.top_wh[1] > m.spike_history_ratio::hugeint * c.history_wh
),
blocks as (
    select
        r.meter_no,
        r.channel_no,
        r.usage_date,
        any_value(r.top_wh) as top_wh,
        any_value(r.history_wh) as history_wh,
        any_value(r.spike_ratio) as spike_ratio,
        any_value(r.spike_history_ratio) as spike_history_ratio,
        list_concat(any_value(r.top_wh), coalesce(flatten(list(v.top_wh) filter (where v.top_wh is not null)), []))
            as block_wh
    from risen as r
    left join valid_days as v
        on r.meter_no = v.meter_no
        and r.channel_no = v.channel_no
        and v.usage_date between r.usage_date - {block_days} + 1 and r.usage_date - 1
    group by r.meter_no, r.channel_no, r.usage_date
),
levels as (
    select
        * exclude (block_wh),
        list_reverse_sort(list_filter(block_wh, lambda wh: wh is not null))[3] as third_wh
    from blocks
)
select
    meter_no,
    channel_no,
    usage_date,
    top_wh,
    -- the least value that is a spike
    greatest(
        spike_history_ratio::hugeint * history_wh // 1000,
        (1000 + spike_ratio)::hugeint * third_wh // 1000
    ) + 1 as spike_wh
from levels
where third_wh is not null
    and top_wh[1] >= spike_wh
"""

RUN_DAYS = """
-- one row per meter and local date on which a run of equal values may lie, with the days on either side
create or replace temp table run_days as
with seeds as (
    select meter_no, usage_date from repeating_days
    union
    select meter_no, usage_date from suspects
    union
    select p.meter_no, p.usage_date
    from day_sums as p
    inner join keyed_meters as m using (meter_no)
    group by p.meter_no, p.usage_date
    having min(p.zero_count * m.nominal_minutes - m.zero_minutes // 2) >= 0
)
select distinct s.meter_no, d.usage_date
from seeds as s
inner join keyed_meters as m using (meter_no)
inner join grid_days as d on m.grid_no = d.grid_no and d.usage_date between s.usage_date - 2 and s.usage_date + 2
"""

RUN_READS = """
-- one row per valid value on such a day, times without service left out
create or replace temp table run_reads as
with valid_reads as (
    select r.meter_no, r.channel_no, r.usage_date, r.slot_no, r.reported_wh as wh
    from keyed_reads as r
    semi join run_days as d on r.meter_no = d.meter_no and r.usage_date = d.usage_date
    semi join clean_days as c
        on r.meter_no = c.meter_no
        and r.channel_no = c.channel_no
        and r.usage_date = c.usage_date
    union all
    select meter_no, channel_no, usage_date, slot_no, valid_wh
    from grid
    where valid_wh is not null
)
select v.*
from valid_reads as v
anti join break_slots as b on v.meter_no = b.meter_no and v.slot_no = b.slot_no
"""

RUNS = """
-- one row per run of equal values of a channel, and per run of zeros on every channel of a meter (channel null)
create or replace temp table runs as
with zeros as (
    select r.meter_no, r.usage_date, r.slot_no
    from run_reads as r
    inner join channel_days as d
        on r.meter_no = d.meter_no
        and r.usage_date = d.usage_date
        and r.slot_no between d.first_slot and d.last_slot
    where r.wh = 0
    group by all
    having count(distinct r.channel_no) = count(distinct d.channel_no)
),
numbered as (
    select
        meter_no,
        channel_no,
        slot_no,
        wh,
        slot_no - row_number() over (partition by meter_no, channel_no, wh order by slot_no) as island
    from run_reads
    where wh > 0
    union all
    select
        meter_no,
        null,
        slot_no,
        0,
        slot_no - row_number() over (partition by meter_no order by slot_no)
    from zeros
)
select meter_no, channel_no, wh, min(slot_no) as first_slot, max(slot_no) as last_slot
from numbered
group by meter_no, channel_no, wh, island
having count(*) > 1 or wh = 0
"""

PATTERN_DAYS = """
-- one row per meter, channel, local date and run that says something there: runs are seen within the day and its two
-- neighbours, wherever the window ends
create or replace temp table pattern_days as
with clipped as (
    select
        r.meter_no,
        r.channel_no,
        r.wh,
        d.usage_date,
        greatest(r.first_slot, d.first_slot) as first_slot,
        least(r.last_slot, d.last_slot) as last_slot,
        least(r.last_slot, coalesce(z.last_slot, r.last_slot))
        - greatest(r.first_slot, coalesce(a.first_slot, r.first_slot)) + 1 as run_count,
        m.nominal_minutes,
        m.stuck_count,
        m.small_stuck_count,
        m.small_wh,
        m.zero_minutes,
        m.false_zero_minutes
    from runs as r
    inner join keyed_meters as m using (meter_no)
    inner join grid_days as d
        on m.grid_no = d.grid_no and r.first_slot <= d.last_slot and r.last_slot >= d.first_slot
    left join grid_days as a on m.grid_no = a.grid_no and a.usage_date = d.usage_date - 1
    left join grid_days as z on m.grid_no = z.grid_no and z.usage_date = d.usage_date + 1
)
select
    c.meter_no,
    d.channel_no,
    c.usage_date,
    c.first_slot,
    c.last_slot,
    if(c.wh = 0, 'V08', 'V07') as rule_code,
    c.wh > 0 or c.run_count * c.nominal_minutes >= c.zero_minutes as is_remarkable
from clipped as c
inner join channel_days as d
    on c.meter_no = d.meter_no
    and c.usage_date = d.usage_date
    and coalesce(c.channel_no, d.channel_no) = d.channel_no
where if(
    c.wh = 0,
    c.run_count * c.nominal_minutes >= c.false_zero_minutes,
    c.run_count >= if(c.wh < c.small_wh, c.small_stuck_count, c.stuck_count)
)
"""


def find_patterns(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave `valid_days`, `spike_days` and `pattern_days`.

    Args:
        con: Holds what the steps before left, and the relation `earlier_profiles` (`vee.meter_day_profiles` of the days
            before each meter's window).
        settings: Thresholds.
    """
    con.execute(VALID_DAYS)
    con.execute(
        SPIKE_DAYS.format(
            history_days=settings.spike_history_days,
            minimum_days=settings.spike_minimum_days,
            block_days=settings.spike_block_days,
        )
    )
    for statement in (RUN_DAYS, RUN_READS, RUNS, PATTERN_DAYS):
        con.execute(statement)
