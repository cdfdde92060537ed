"""Suspect days, interval by interval: which value stands, and which of the single values fail (V02 to V05, V13)."""

import duckdb

SUSPECTS = """
-- one row per meter, channel and local date that cannot be copied through unseen: both channels where one is
-- doubtful or in a span that its register contradicts, and what was asked for besides
create or replace temp table suspects as
select d.*
from channel_days as d
semi join (
    select d.meter_no, n.channel_no, d.usage_date
    from doubtful_days as d
    cross join channels as n
    union all
    select s.meter_no, n.channel_no, g.usage_date
    from (from checked_spans where not is_sound) as s
    inner join keyed_meters as m using (meter_no)
    inner join grid_days as g on m.grid_no = g.grid_no and g.usage_date between s.first_date and s.last_date
    cross join channels as n
    union all
    select e.meter_no, n.channel_no, e.usage_date
    from extra_days as e
    cross join channels as n
) as w
    on d.meter_no = w.meter_no
    and d.channel_no = w.channel_no
    and d.usage_date = w.usage_date
"""

CLEAN_DAYS = """
-- one row per meter, channel and local date that is copied through as it is
create or replace temp table clean_days as
select meter_no, channel_no, usage_date, grid_no, expected_count, is_whole, is_within
from channel_days
anti join suspects using (meter_no, channel_no, usage_date)
"""

SUSPECT_READS = """
-- one row per value of a suspect day, best first within its interval
create or replace temp table suspect_reads as
with judged as (
    select
        r.*,
        d.is_within,
        d.limit_wh,
        r.interval_start_utc + to_minutes(d.slot_minutes) > f.received_at_utc as is_future
    from keyed_reads as r
    inner join suspects as d
        on r.meter_no = d.meter_no
        and r.channel_no = d.channel_no
        and r.usage_date = d.usage_date
        and r.slot_no between d.first_slot and d.last_slot
    inner join keyed_files as f on r.file_no = f.file_no
)
select
    * exclude (limit_wh),
    row_number() over (
        partition by meter_no, channel_no, slot_no
        order by
            is_future,
            is_wrong_length,
            (reported_wh is null),
            file_no desc,
            row_number desc,
            value_position desc
    ) as standing,
    case
        when is_future then 'V13'
        when reported_wh is null then 'V03'
        when is_wrong_length then 'V02'
        when reported_wh < 0 then 'V04'
        when reported_wh > limit_wh then 'V05'
    end as failed_rule_code
from judged
"""

STRAY_READS = """
-- one row per meter, channel and local date with values on no interval expected: off the grid, or out of the span
create or replace temp table stray_reads as
with day_starts as (
    select
        time_zone,
        usage_date,
        interval_start_utc as day_start_utc,
        lead(interval_start_utc) over (partition by time_zone order by interval_start_utc) as day_end_utc
    from intervals
    where is_day_start
),
strays as (
    select r.meter_no, r.channel_no, r.interval_start_utc
    from keyed_reads as r
    where r.slot_no is null
    union all
    select r.meter_no, r.channel_no, r.interval_start_utc
    from keyed_reads as r
    left join channel_days as d
        on r.meter_no = d.meter_no
        and r.channel_no = d.channel_no
        and r.usage_date = d.usage_date
    where r.slot_no is not null
        and not coalesce(r.slot_no between d.first_slot and d.last_slot, false)
)
select
    s.meter_no,
    s.channel_no,
    d.usage_date,
    count(*) as value_count
from strays as s
inner join keyed_meters as m on s.meter_no = m.meter_no
inner join day_starts as d
    on m.time_zone = d.time_zone
    and s.interval_start_utc >= d.day_start_utc
    and s.interval_start_utc < d.day_end_utc
where d.usage_date between m.first_date and m.last_date
group by all
"""

GRID = """
-- one row per interval of a suspect day: what stands, and whether it is valid as far as a single value tells
create or replace temp table grid as
select
    d.meter_no,
    d.channel_no,
    d.usage_date,
    s.interval_start_utc,
    s.slot_no,
    s.slot_minutes,
    s.minute_of_day,
    w.reported_wh,
    coalesce(w.failed_rule_code, if(w.file_no is null, 'V03', null)) as failed_rule_code,
    if(w.failed_rule_code is null, w.reported_wh, null) as valid_wh,
    d.limit_wh,
    d.is_whole,
    d.is_within,
    w.file_no
from suspects as d
inner join slots as s
    on d.grid_no = s.grid_no
    and s.slot_no between d.first_slot and d.last_slot
    and s.usage_date = d.usage_date
left join suspect_reads as w
    on d.meter_no = w.meter_no
    and d.channel_no = w.channel_no
    and s.slot_no = w.slot_no
    and w.standing = 1
"""


def lay_out(con: duckdb.DuckDBPyConnection) -> None:
    """Leave `suspects`, `clean_days`, `suspect_reads`, `stray_reads` and `grid`.

    Args:
        con: Holds what `screen` and `check_spans` left, and `extra_days` (meter_no, usage_date) to be laid out besides.
    """
    for statement in (SUSPECTS, CLEAN_DAYS, SUSPECT_READS, STRAY_READS, GRID):
        con.execute(statement)
