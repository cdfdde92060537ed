"""Validation: which meter-days are clean, and what is wrong with the others.

Grain by grain: expected meter-days, one profile per meter-day out of a single pass over the reads, and only for the
suspect days the reads themselves. A window function over every read costs six times as much.
"""

import duckdb

from models.calendar import MINUTES_PER_DAY
from models.vee.settings import VeeSettings

SLOTS = f"""
-- one row per time zone, nominal length and interval that begins on that grid
create or replace temp table slots as
with grids as (select distinct time_zone, interval_minutes from meters)
select
    i.time_zone,
    g.interval_minutes as nominal_minutes,
    i.interval_start_utc,
    i.usage_date,
    i.minute_of_day,
    if(g.interval_minutes = {MINUTES_PER_DAY}, i.day_minutes, g.interval_minutes) as slot_minutes,
    row_number() over (partition by i.time_zone, g.interval_minutes order by i.interval_start_utc) as slot_number
from intervals as i
inner join grids as g on i.time_zone = g.time_zone
where i.usage_date between $halo_first_date and $halo_last_date
    and if(
        g.interval_minutes = {MINUTES_PER_DAY},
        i.is_day_start,
        i.minute_of_day % g.interval_minutes = 0
    )
"""

CHANNEL_DAYS = """
-- one row per meter, channel and local date on which intervals are expected
create or replace temp table channel_days as
with days as (
    select
        time_zone,
        nominal_minutes,
        usage_date,
        min(slot_number) as first_slot,
        max(slot_number) as last_slot
    from slots
    group by all
),
spans as (
    select
        c.meter_id,
        c.channel_code,
        m.time_zone,
        c.interval_minutes as nominal_minutes,
        l.limit_wh_per_hour,
        c.first_interval_start_utc as first_start,
        c.last_interval_start_utc as last_start,
        min(s.slot_number) as first_slot,
        max(s.slot_number) as last_slot
    from meter_channels as c
    inner join meters as m on c.meter_id = m.meter_id
    inner join class_limits as l on m.customer_class = l.customer_class
    inner join slots as s
        on m.time_zone = s.time_zone
        and c.interval_minutes = s.nominal_minutes
        and s.interval_start_utc between c.first_interval_start_utc and c.last_interval_start_utc
    group by all
)
select
    s.meter_id,
    s.channel_code,
    d.usage_date,
    s.time_zone,
    s.nominal_minutes,
    s.limit_wh_per_hour,
    greatest(s.first_slot, d.first_slot) as first_slot,
    least(s.last_slot, d.last_slot) as last_slot,
    least(s.last_slot, d.last_slot) - greatest(s.first_slot, d.first_slot) + 1 as expected_count
from spans as s
inner join days as d
    on s.time_zone = d.time_zone
    and s.nominal_minutes = d.nominal_minutes
    and d.first_slot <= s.last_slot
    and d.last_slot >= s.first_slot
"""

DAY_SUMS = """
-- one row per meter, channel and local date with reads; the only pass over every read
create or replace temp table day_sums as
select
    r.meter_id,
    r.channel_code,
    s.usage_date,
    count(*) as value_count,
    count(r.reported_wh) as number_count,
    min(r.file_id) = max(r.file_id) as is_one_file,
    max(r.repeat_number) as repeat_number,
    count(*) filter (where r.interval_minutes <> s.slot_minutes) as wrong_length_count,
    count(*) filter (where r.reported_wh = 0) as zero_count,
    sum(r.reported_wh) as total_wh,
    min(r.reported_wh) as min_wh,
    max(r.reported_wh, 3) as top_wh
from reads as r
inner join meters as m on r.meter_id = m.meter_id
inner join slots as s
    on m.time_zone = s.time_zone
    and m.interval_minutes = s.nominal_minutes
    and r.interval_start_utc = s.interval_start_utc
group by all
"""

SUSPECTS = f"""
-- one row per meter, channel and local date that cannot be copied through as it is
create or replace temp table suspects as
select d.*
from channel_days as d
left join day_sums as p using (meter_id, channel_code, usage_date)
where not coalesce(
    p.value_count = d.expected_count
    and p.number_count = d.expected_count
    and p.is_one_file
    and p.repeat_number = 0
    and p.wrong_length_count = 0
    and p.min_wh >= 0
    and p.top_wh[1] <= d.limit_wh_per_hour * if(d.nominal_minutes = {MINUTES_PER_DAY}, 24, d.nominal_minutes / 60),
    false
)
"""

SUSPECT_READS = """
-- one row per value on the grid of a suspect day, best first within its interval
create or replace temp table suspect_reads as
select
    r.file_id,
    r.row_number,
    r.value_position,
    r.meter_id,
    r.channel_code,
    r.interval_start_utc,
    r.reported_wh,
    d.usage_date,
    f.received_at_utc,
    row_number() over (
        partition by r.meter_id, r.channel_code, r.interval_start_utc
        order by
            (r.interval_minutes <> s.slot_minutes),
            (r.reported_wh is null),
            f.received_at_utc desc,
            r.file_id desc,
            r.row_number desc,
            r.value_position desc
    ) as standing,
    case
        when r.reported_wh is null then 'V03'
        when r.interval_minutes <> s.slot_minutes then 'V02'
        when r.reported_wh < 0 then 'V04'
        when r.reported_wh > d.limit_wh_per_hour * s.slot_minutes / 60 then 'V05'
    end as failed_rule_code
from reads as r
inner join files as f on r.file_id = f.file_id
inner join meters as m on r.meter_id = m.meter_id
inner join slots as s
    on m.time_zone = s.time_zone
    and m.interval_minutes = s.nominal_minutes
    and r.interval_start_utc = s.interval_start_utc
inner join suspects as d
    on r.meter_id = d.meter_id
    and r.channel_code = d.channel_code
    and s.usage_date = d.usage_date
    and s.slot_number between d.first_slot and d.last_slot
"""

STRAY_READS = """
-- one row per value that is on no interval expected of its meter: off the grid, or outside the span of its channel
create or replace temp table stray_reads as
with day_starts as (
    select
        time_zone,
        usage_date,
        interval_start_utc as day_start_utc,
        lead(interval_start_utc) over (partition by time_zone order by usage_date) as day_end_utc
    from intervals
    where is_day_start
),
placed as (
    select
        r.*,
        d.usage_date
    from reads as r
    inner join meters as m on r.meter_id = m.meter_id
    left join slots as s
        on m.time_zone = s.time_zone
        and m.interval_minutes = s.nominal_minutes
        and r.interval_start_utc = s.interval_start_utc
    left join meter_channels as c on r.meter_id = c.meter_id and r.channel_code = c.channel_code
    inner join day_starts as d
        on m.time_zone = d.time_zone
        and r.interval_start_utc >= d.day_start_utc
        and r.interval_start_utc < d.day_end_utc
    where s.slot_number is null
        or c.meter_id is null
        or not r.interval_start_utc between c.first_interval_start_utc and c.last_interval_start_utc
)
select meter_id, channel_code, usage_date, count(*) as value_count
from placed
where usage_date between $first_date and $last_date
group by all
"""


def screen(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave `slots`, `channel_days`, `day_sums`, `suspects`, `suspect_reads` and `stray_reads` as temporary tables.

    Args:
        con: Holds the relations `reads`, `files`, `meters`, `meter_channels`, `intervals` (columns of the registry) and
            the variables `first_date`, `last_date` (months' civil dates), `halo_first_date`, `halo_last_date` (one day
            more on either side, so that a gap across midnight is seen whole).
        settings: Thresholds.

    Source: California DASMMD VEE (duplicate, missing, interval length, negative) and service-size limits as in the
    Ontario MDM/R standard.
    """
    rows = ", ".join(f"('{name}', {settings.limit_wh_per_hour(name)})" for name in settings.customer_classes)
    con.execute(
        "create or replace temp table class_limits as "
        f"select * from (values {rows}) as t (customer_class, limit_wh_per_hour)"
    )
    for statement in (SLOTS, CHANNEL_DAYS, DAY_SUMS, SUSPECTS, SUSPECT_READS, STRAY_READS):
        execute(con, statement)


def execute(con: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Run a statement that names the connection's date variables as $name."""
    for name in ("halo_first_date", "halo_last_date", "first_date", "last_date"):
        statement = statement.replace(f"${name}", f"getvariable('{name}')")
    con.execute(statement)
