"""Estimation: a value for every interval of a suspect day that has none, or an honest unknown.

E1 interpolates short gaps between valid neighbours; E2 averages earlier like days. Sources: California DASMMD VEE
(point-to-point up to two hours, reference days beyond) and the Itron rule that only actual reads serve as reference.
All arithmetic is on integers and rounds half up, so the result depends on neither platform nor order.
"""

import duckdb

from models.vee.screen import execute
from models.vee.settings import VeeSettings

GRID = """
-- one row per interval of a suspect day: what stands, and whether it is valid
create or replace temp table grid as
select
    d.meter_id,
    d.channel_code,
    d.usage_date,
    d.nominal_minutes,
    s.interval_start_utc,
    s.slot_number,
    s.slot_minutes,
    s.minute_of_day,
    w.reported_wh,
    coalesce(w.failed_rule_code, if(w.file_id is null, 'V03', null)) as failed_rule_code,
    if(w.failed_rule_code is null, w.reported_wh, null) as valid_wh,
    w.received_at_utc
from suspects as d
inner join slots as s
    on d.time_zone = s.time_zone
    and d.nominal_minutes = s.nominal_minutes
    and s.slot_number between d.first_slot and d.last_slot
left join suspect_reads as w
    on d.meter_id = w.meter_id
    and d.channel_code = w.channel_code
    and s.interval_start_utc = w.interval_start_utc
    and w.standing = 1
"""

GAPS = """
-- one row per run of intervals without a valid value
create or replace temp table gaps as
with numbered as (
    select
        *,
        slot_number - row_number() over (partition by meter_id, channel_code order by slot_number) as island
    from grid
    where valid_wh is null
)
select
    meter_id,
    channel_code,
    nominal_minutes,
    min(slot_number) as first_slot,
    max(slot_number) as last_slot,
    sum(slot_minutes)::int as gap_minutes
from numbered
group by meter_id, channel_code, nominal_minutes, island
"""

GAP_ENDS = """
-- one row per short gap and valid neighbour
create or replace temp table gap_ends as
with ends as (
    select meter_id, channel_code, first_slot, first_slot - 1 as slot_number, true as is_left
    from gaps
    where gap_minutes <= {linear_gap_minutes}
    union all
    select meter_id, channel_code, first_slot, last_slot + 1 as slot_number, false as is_left
    from gaps
    where gap_minutes <= {linear_gap_minutes}
),
stamped as (
    select e.*, s.interval_start_utc, s.usage_date
    from ends as e
    inner join meters as m on e.meter_id = m.meter_id
    inner join slots as s
        on m.time_zone = s.time_zone
        and m.interval_minutes = s.nominal_minutes
        and e.slot_number = s.slot_number
)
select e.meter_id, e.channel_code, e.first_slot, e.is_left, g.valid_wh
from stamped as e
inner join grid as g
    on e.meter_id = g.meter_id
    and e.channel_code = g.channel_code
    and e.slot_number = g.slot_number
where g.valid_wh is not null
union all
select e.meter_id, e.channel_code, e.first_slot, e.is_left, r.reported_wh as valid_wh
from stamped as e
inner join clean_days as c
    on e.meter_id = c.meter_id
    and e.channel_code = c.channel_code
    and e.usage_date = c.usage_date
inner join reads as r
    on e.meter_id = r.meter_id
    and e.channel_code = r.channel_code
    and e.interval_start_utc = r.interval_start_utc
"""

LINEAR = """
-- one row per interval estimated by E1
create or replace temp table linear_estimates as
with spans as (
    select
        g.meter_id,
        g.channel_code,
        g.first_slot,
        g.last_slot,
        g.last_slot - g.first_slot + 2 as step_count,
        max(e.valid_wh) filter (where e.is_left) as left_wh,
        max(e.valid_wh) filter (where not e.is_left) as right_wh
    from gaps as g
    inner join gap_ends as e
        on g.meter_id = e.meter_id
        and g.channel_code = e.channel_code
        and g.first_slot = e.first_slot
    group by all
),
sided as (
    select
        * replace (coalesce(left_wh, right_wh) as left_wh, coalesce(right_wh, left_wh) as right_wh)
    from spans
)
select
    g.meter_id,
    g.channel_code,
    g.interval_start_utc,
    (
        2 * (s.left_wh * (s.last_slot + 1 - g.slot_number) + s.right_wh * (g.slot_number - s.first_slot + 1))
        + s.step_count
    ) // (2 * s.step_count) as estimated_wh
from grid as g
inner join sided as s
    on g.meter_id = s.meter_id
    and g.channel_code = s.channel_code
    and g.slot_number between s.first_slot and s.last_slot
where g.valid_wh is null
"""

REFERENCES = """
-- one row per estimated meter-day and earlier like day
create or replace temp table references_ as
with targets as (
    select distinct g.meter_id, g.channel_code, g.usage_date, d.day_type = 'weekday' as is_weekday
    from grid as g
    inner join dates as d on g.usage_date = d.usage_date
    anti join linear_estimates as l
        on g.meter_id = l.meter_id
        and g.channel_code = l.channel_code
        and g.interval_start_utc = l.interval_start_utc
    where g.valid_wh is null
        and g.usage_date between $first_date and $last_date
),
whole_days as (
    select meter_id, channel_code, usage_date
    from earlier_profiles
    where status_code in ('clean', 'screened')
    union all
    select meter_id, channel_code, usage_date
    from clean_days
    where usage_date >= $first_date
    union all
    select meter_id, channel_code, usage_date
    from grid
    where usage_date >= $first_date
    group by all
    having count(*) = count(valid_wh)
),
ranked as (
    select
        t.meter_id,
        t.channel_code,
        t.usage_date,
        w.usage_date as reference_date,
        row_number() over (
            partition by t.meter_id, t.channel_code, t.usage_date order by w.usage_date desc
        ) as recency
    from targets as t
    inner join whole_days as w
        on t.meter_id = w.meter_id
        and t.channel_code = w.channel_code
        and w.usage_date < t.usage_date
        and w.usage_date >= t.usage_date - {like_day_lookback_days}
    inner join dates as d on w.usage_date = d.usage_date and (d.day_type = 'weekday') = t.is_weekday
    inner join meter_channels as c on t.meter_id = c.meter_id and t.channel_code = c.channel_code
    inner join meters as m on t.meter_id = m.meter_id
    left join intervals as i
        on m.time_zone = i.time_zone
        and c.first_interval_start_utc = i.interval_start_utc
        and i.is_day_start
    -- the day on which a channel begins is whole only if it begins at midnight
    where w.usage_date > c.first_usage_date
        or i.is_day_start
)
select meter_id, channel_code, usage_date, reference_date
from ranked
where recency <= {like_day_count}
qualify count(*) over (partition by meter_id, channel_code, usage_date) >= {like_day_minimum_count}
"""

LIKE_DAYS = """
-- one row per interval estimated by E2
create or replace temp table like_day_estimates as
with reference_days as (
    select distinct meter_id, channel_code, reference_date
    from references_
),
reference_reads as (
    select e.meter_id, e.channel_code, e.usage_date, e.interval_start_utc, e.final_wh as valid_wh
    from earlier_reads as e
    semi join reference_days as d
        on e.meter_id = d.meter_id
        and e.channel_code = d.channel_code
        and e.usage_date = d.reference_date
    union all
    select g.meter_id, g.channel_code, g.usage_date, g.interval_start_utc, g.valid_wh
    from grid as g
    semi join reference_days as d
        on g.meter_id = d.meter_id
        and g.channel_code = d.channel_code
        and g.usage_date = d.reference_date
    where g.usage_date >= $first_date
    union all
    select r.meter_id, r.channel_code, c.usage_date, r.interval_start_utc, r.reported_wh as valid_wh
    from reads as r
    inner join meters as m on r.meter_id = m.meter_id
    inner join slots as s
        on m.time_zone = s.time_zone
        and m.interval_minutes = s.nominal_minutes
        and r.interval_start_utc = s.interval_start_utc
    inner join clean_days as c
        on r.meter_id = c.meter_id
        and r.channel_code = c.channel_code
        and s.usage_date = c.usage_date
    semi join reference_days as d
        on c.meter_id = d.meter_id
        and c.channel_code = d.channel_code
        and c.usage_date = d.reference_date
    where s.usage_date >= $first_date
),
shapes as (
    select
        f.meter_id,
        f.channel_code,
        f.usage_date,
        i.minute_of_day,
        (2 * sum(r.valid_wh)::bigint + count(*)) // (2 * count(*)) as estimated_wh
    from references_ as f
    inner join reference_reads as r
        on f.meter_id = r.meter_id
        and f.channel_code = r.channel_code
        and f.reference_date = r.usage_date
    inner join meters as m on f.meter_id = m.meter_id
    inner join intervals as i on m.time_zone = i.time_zone and r.interval_start_utc = i.interval_start_utc
    group by all
)
select g.meter_id, g.channel_code, g.interval_start_utc, s.estimated_wh
from grid as g
inner join shapes as s using (meter_id, channel_code, usage_date, minute_of_day)
anti join linear_estimates as l
    on g.meter_id = l.meter_id
    and g.channel_code = l.channel_code
    and g.interval_start_utc = l.interval_start_utc
where g.valid_wh is null
"""

REPAIRED = """
-- one row per interval of a suspect day, final
create or replace temp table repaired as
with last_receipts as (
    select meter_id, max(received_at_utc) as received_at_utc
    from (select distinct meter_id, file_id from reads semi join suspects using (meter_id))
    inner join files using (file_id)
    group by all
)
select
    g.* exclude (received_at_utc),
    coalesce(g.valid_wh, l.estimated_wh, k.estimated_wh) as final_wh,
    if(
        g.reported_wh is null,
        null,
        coalesce(g.valid_wh, l.estimated_wh, k.estimated_wh, 0) - g.reported_wh
    ) as adjustment_wh,
    case
        when g.valid_wh is not null then 'A'
        when coalesce(l.estimated_wh, k.estimated_wh) is not null then 'E'
        when g.reported_wh is not null then 'Q'
        else 'N'
    end as quality_code,
    case
        when g.valid_wh is not null then null
        when l.estimated_wh is not null then 'E1'
        when k.estimated_wh is not null then 'E2'
    end as method_code,
    if(g.valid_wh is not null, g.received_at_utc, r.received_at_utc) as known_at_utc
from grid as g
left join linear_estimates as l using (meter_id, channel_code, interval_start_utc)
left join like_day_estimates as k using (meter_id, channel_code, interval_start_utc)
left join last_receipts as r on g.meter_id = r.meter_id
where g.usage_date between $first_date and $last_date
"""

CLEAN_DAYS = """
create or replace temp view clean_days as
select meter_id, channel_code, usage_date
from channel_days
anti join suspects using (meter_id, channel_code, usage_date)
"""


def estimate(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave `clean_days`, `references_` and `repaired` after `screen` has run.

    Args:
        con: Holds what `screen` left, the relations `dates`, `earlier_profiles` (`vee.meter_day_profiles` of earlier
            months) and `earlier_reads` (meter_id, channel_code, usage_date, interval_start_utc, final_wh, likewise).
        settings: Thresholds.
    """
    con.execute(CLEAN_DAYS)
    limits = {
        "linear_gap_minutes": settings.linear_gap_minutes,
        "like_day_lookback_days": settings.like_day_lookback_days,
        "like_day_count": settings.like_day_count,
        "like_day_minimum_count": settings.like_day_minimum_count,
    }
    for statement in (GRID, GAPS, GAP_ENDS, LINEAR, REFERENCES, LIKE_DAYS, REPAIRED):
        execute(con, statement.format(**limits))
