"""Estimation: a value for every interval of a suspect day that has none, or an honest unknown.

E1 interpolates short gaps between valid neighbours; E2 averages earlier like days, those with the nearest highest
temperature. Sources: California DASMMD VEE (point-to-point up to two hours, reference days beyond), the Itron rule that
only actual reads serve as reference, and Oracle's proxy day of similar temperature.
All arithmetic is on integers and rounds half up, so the result depends on neither platform nor order.
"""

import duckdb

from models.vee.edits import decide
from models.vee.settings import VeeSettings

GRID = """
-- one row per interval of a suspect day: what stands, and whether it is valid
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

GAPS = """
-- one row per run of intervals without a valid value
create or replace temp table gaps as
with numbered as (
    select
        *,
        slot_no - row_number() over (partition by meter_no, channel_no order by slot_no) as island
    from grid
    where valid_wh is null
)
select
    meter_no,
    channel_no,
    min(slot_no) as first_slot,
    max(slot_no) as last_slot,
    sum(slot_minutes)::int as gap_minutes
from numbered
group by meter_no, channel_no, island
"""

GAP_ENDS = """
-- one row per short gap and valid neighbour
create or replace temp table gap_ends as
with ends as (
    select meter_no, channel_no, first_slot, first_slot - 1 as slot_no, true as is_left
    from gaps
    where gap_minutes <= {linear_gap_minutes}
    union all
    select meter_no, channel_no, first_slot, last_slot + 1 as slot_no, false as is_left
    from gaps
    where gap_minutes <= {linear_gap_minutes}
)
select e.meter_no, e.channel_no, e.first_slot, e.is_left, g.valid_wh
from ends as e
inner join grid as g
    on e.meter_no = g.meter_no
    and e.channel_no = g.channel_no
    and e.slot_no = g.slot_no
where g.valid_wh is not null
union all
select e.meter_no, e.channel_no, e.first_slot, e.is_left, r.reported_wh as valid_wh
from ends as e
inner join keyed_reads as r
    on e.meter_no = r.meter_no
    and e.channel_no = r.channel_no
    and e.slot_no = r.slot_no
semi join clean_days as c
    on r.meter_no = c.meter_no
    and r.channel_no = c.channel_no
    and r.usage_date = c.usage_date
"""

LINEAR = """
-- one row per interval estimated by E1
create or replace temp table linear_estimates as
with spans as (
    select
        g.meter_no,
        g.channel_no,
        g.first_slot,
        g.last_slot,
        g.last_slot - g.first_slot + 2 as step_count,
        max(e.valid_wh) filter (where e.is_left) as left_wh,
        max(e.valid_wh) filter (where not e.is_left) as right_wh
    from gaps as g
    inner join gap_ends as e
        on g.meter_no = e.meter_no
        and g.channel_no = e.channel_no
        and g.first_slot = e.first_slot
    group by all
),
sided as (
    select
        * replace (coalesce(left_wh, right_wh) as left_wh, coalesce(right_wh, left_wh) as right_wh)
    from spans
)
select
    g.meter_no,
    g.channel_no,
    g.slot_no,
    (
        2 * (s.left_wh * (s.last_slot + 1 - g.slot_no) + s.right_wh * (g.slot_no - s.first_slot + 1))
        + s.step_count
    ) // (2 * s.step_count) as estimated_wh
from grid as g
inner join sided as s
    on g.meter_no = s.meter_no
    and g.channel_no = s.channel_no
    and g.slot_no between s.first_slot and s.last_slot
where g.valid_wh is null
"""

REFERENCES = """
-- one row per estimated meter-day and earlier like day: of the same type, and nearest in the highest temperature
create or replace temp table reference_days as
with targets as (
    select distinct
        g.meter_no,
        g.channel_no,
        g.usage_date,
        d.day_type = 'weekday' as is_weekday
    from grid as g
    inner join dates as d on g.usage_date = d.usage_date
    anti join linear_estimates as l
        on g.meter_no = l.meter_no
        and g.channel_no = l.channel_no
        and g.slot_no = l.slot_no
    where g.valid_wh is null
        and g.is_within
),
whole_days as (
    select m.meter_no, c.channel_no, p.usage_date
    from earlier_profiles as p
    inner join keyed_meters as m on p.meter_id = m.meter_id
    inner join channels as c on p.channel_code = c.channel_code
    where p.status_code in ('clean', 'screened')
        and p.usage_date < m.first_date
    union all
    select meter_no, channel_no, usage_date
    from clean_days
    where is_within
    union all
    select meter_no, channel_no, usage_date
    from grid
    where is_within
    group by all
    having count(*) = count(valid_wh)
),
ranked as (
    select
        t.meter_no,
        t.channel_no,
        t.usage_date,
        w.usage_date as reference_date,
        row_number() over (
            partition by t.meter_no, t.channel_no, t.usage_date
            -- without the temperature of the date to be estimated, the most recent like days are the likest
            order by abs(v.max_temperature_degc - u.max_temperature_degc) nulls last, w.usage_date desc
        ) as likeness
    from targets as t
    inner join whole_days as w
        on t.meter_no = w.meter_no
        and t.channel_no = w.channel_no
        and w.usage_date < t.usage_date
        and w.usage_date >= t.usage_date - {like_day_lookback_days}
    inner join dates as d on w.usage_date = d.usage_date and (d.day_type = 'weekday') = t.is_weekday
    inner join keyed_meters as m on t.meter_no = m.meter_no
    left join daily_weather as u on m.climate_zone = u.climate_zone and t.usage_date = u.usage_date
    left join daily_weather as v on m.climate_zone = v.climate_zone and w.usage_date = v.usage_date
    inner join channels as n on t.channel_no = n.channel_no
    inner join meter_channels as c on m.meter_id = c.meter_id and n.channel_code = c.channel_code
    left join intervals as i
        on m.time_zone = i.time_zone
        and c.first_interval_start_utc = i.interval_start_utc
        and i.is_day_start
    -- the day on which a channel begins is whole only if it begins at midnight
    where w.usage_date > c.first_usage_date
        or i.is_day_start
)
select meter_no, channel_no, usage_date, reference_date
from ranked
where likeness <= {like_day_count}
qualify count(*) over (partition by meter_no, channel_no, usage_date) >= {like_day_minimum_count}
"""

LIKE_DAYS = """
-- one row per interval estimated by E2
create or replace temp table like_day_estimates as
with wanted as materialized (
    select distinct
        r.meter_no,
        r.channel_no,
        r.reference_date as usage_date,
        m.meter_id,
        m.time_zone,
        m.first_date,
        c.channel_code
    from reference_days as r
    inner join keyed_meters as m using (meter_no)
    inner join channels as c using (channel_no)
),
earlier as materialized (
    select w.meter_no, w.channel_no, w.time_zone, e.usage_date, e.interval_start_utc, e.final_wh
    from earlier_reads as e
    inner join (from wanted where usage_date < first_date) as w
        on e.usage_date = w.usage_date
        and e.meter_id = w.meter_id
        and e.channel_code = w.channel_code
),
reference_reads as (
    select e.meter_no, e.channel_no, e.usage_date, i.minute_of_day, e.final_wh as valid_wh
    from earlier as e
    inner join intervals as i on e.time_zone = i.time_zone and e.interval_start_utc = i.interval_start_utc
    union all
    select g.meter_no, g.channel_no, g.usage_date, g.minute_of_day, g.valid_wh
    from grid as g
    semi join wanted using (meter_no, channel_no, usage_date)
    where g.is_within
    union all
    select r.meter_no, r.channel_no, r.usage_date, s.minute_of_day, r.reported_wh as valid_wh
    from keyed_reads as r
    semi join wanted using (meter_no, channel_no, usage_date)
    inner join clean_days as c
        on r.meter_no = c.meter_no
        and r.channel_no = c.channel_no
        and r.usage_date = c.usage_date
    inner join slots as s on c.grid_no = s.grid_no and r.slot_no = s.slot_no
    where c.is_within
),
shapes as (
    select
        f.meter_no,
        f.channel_no,
        f.usage_date,
        r.minute_of_day,
        (2 * sum(r.valid_wh)::bigint + count(*)) // (2 * count(*)) as estimated_wh
    from reference_days as f
    inner join reference_reads as r
        on f.meter_no = r.meter_no
        and f.channel_no = r.channel_no
        and f.reference_date = r.usage_date
    group by all
)
select g.meter_no, g.channel_no, g.slot_no, s.estimated_wh
from grid as g
inner join shapes as s using (meter_no, channel_no, usage_date, minute_of_day)
anti join linear_estimates as l
    on g.meter_no = l.meter_no
    and g.channel_no = l.channel_no
    and g.slot_no = l.slot_no
where g.valid_wh is null
"""

ESTIMATED = """
-- one row per interval of a suspect day of the window, as like days and neighbours have it
create or replace temp table estimated as
with last_receipts as (
    select meter_no, max(file_no) as file_no
    from keyed_reads
    semi join suspects using (meter_no)
    group by meter_no
)
select
    g.* exclude (file_no, is_within),
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
    -- a meter may be silent for longer than its reads are looked at
    coalesce(if(g.valid_wh is not null, g.file_no, r.file_no), (select max(file_no) from keyed_files)) as known_file_no
from grid as g
left join linear_estimates as l using (meter_no, channel_no, slot_no)
left join like_day_estimates as k using (meter_no, channel_no, slot_no)
left join last_receipts as r on g.meter_no = r.meter_no
where g.is_within
"""


def estimate(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave `grid`, `reference_days` and `estimated` after `screen` has run.

    Args:
        con: Holds what `screen` left, the relations `dates` and `daily_weather` (of the registry), `earlier_profiles`
            (`vee.meter_day_profiles` of the days before each meter's window) and `earlier_reads` (meter_id,
            channel_code, usage_date, interval_start_utc, final_wh, likewise).
        settings: Thresholds.
    """
    limits = {
        "linear_gap_minutes": settings.linear_gap_minutes,
        "like_day_lookback_days": settings.like_day_lookback_days,
        "like_day_count": settings.like_day_count,
        "like_day_minimum_count": settings.like_day_minimum_count,
    }
    con.execute(GRID)
    decide(con)
    for statement in (GAPS, GAP_ENDS, LINEAR, REFERENCES, LIKE_DAYS, ESTIMATED):
        con.execute(statement.format(**limits))
