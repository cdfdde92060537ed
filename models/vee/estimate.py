"""Estimation: a value for every open interval of a suspect day, or an honest unknown.

E1 interpolates short gaps between known neighbours; E2 averages earlier like days, those with the nearest highest
temperature; E3 (see `class_shapes`) takes the shape of the class. Sources: California DASMMD VEE (point-to-point up to
two hours, reference days beyond), the Itron rule that only actual reads serve as reference, and Oracle's proxy day of
similar temperature.
All arithmetic is on integers and rounds half up, so the result depends on neither platform nor order.
"""

import duckdb

from models.vee.class_shapes import estimate_by_class
from models.vee.settings import VeeSettings

_MOST_NAMED_METERS = 200

GAPS = """
-- one row per run of open intervals
create or replace temp table gaps as
with numbered as (
    select
        *,
        slot_no - row_number() over (partition by meter_no, channel_no order by slot_no) as island
    from judged
    where is_open
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
-- one row per short gap and known neighbour
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
select e.meter_no, e.channel_no, e.first_slot, e.is_left, g.known_wh, g.is_broken
from ends as e
inner join judged as g
    on e.meter_no = g.meter_no
    and e.channel_no = g.channel_no
    and e.slot_no = g.slot_no
where g.known_wh is not null
union all
select e.meter_no, e.channel_no, e.first_slot, e.is_left, r.reported_wh as known_wh, b.slot_no is not null as is_broken
from ends as e
inner join keyed_reads as r
    on e.meter_no = r.meter_no
    and e.channel_no = r.channel_no
    and e.slot_no = r.slot_no
semi join clean_days as c
    on r.meter_no = c.meter_no
    and r.channel_no = c.channel_no
    and r.usage_date = c.usage_date
left join break_slots as b on e.meter_no = b.meter_no and e.slot_no = b.slot_no
"""

LINEAR = """
-- one row per interval estimated by E1; an end that a time without service touches is none, and two of them mean zero
create or replace temp table linear_estimates as
with spans as (
    select
        g.meter_no,
        g.channel_no,
        g.first_slot,
        g.last_slot,
        g.last_slot - g.first_slot + 2 as step_count,
        max(e.known_wh) filter (where e.is_left and not e.is_broken) as left_wh,
        max(e.known_wh) filter (where not e.is_left and not e.is_broken) as right_wh,
        count(*) filter (where e.is_broken) = 2 as is_dark
    from gaps as g
    inner join gap_ends as e
        on g.meter_no = e.meter_no
        and g.channel_no = e.channel_no
        and g.first_slot = e.first_slot
    group by all
),
sided as (
    select
        * replace (
            if(is_dark, 0, coalesce(left_wh, right_wh)) as left_wh,
            if(is_dark, 0, coalesce(right_wh, left_wh)) as right_wh
        )
    from spans
    where is_dark
        or left_wh is not null
        or right_wh is not null
)
select
    g.meter_no,
    g.channel_no,
    g.slot_no,
    if(s.is_dark, 'E4', 'E1') as method_code,
    (
        2 * (s.left_wh * (s.last_slot + 1 - g.slot_no) + s.right_wh * (g.slot_no - s.first_slot + 1))
        + s.step_count
    ) // (2 * s.step_count) as estimated_wh
from judged as g
inner join sided as s
    on g.meter_no = s.meter_no
    and g.channel_no = s.channel_no
    and g.slot_no between s.first_slot and s.last_slot
where g.is_open
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
    from judged as g
    inner join dates as d on g.usage_date = d.usage_date
    anti join linear_estimates as l
        on g.meter_no = l.meter_no
        and g.channel_no = l.channel_no
        and g.slot_no = l.slot_no
    where g.is_open
        and g.is_within
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
    inner join valid_days as w
        on t.meter_no = w.meter_no
        and t.channel_no = w.channel_no
        and w.usage_date < t.usage_date
        and w.usage_date >= t.usage_date - {like_day_lookback_days}
    inner join dates as d on w.usage_date = d.usage_date and (d.day_type = 'weekday') = t.is_weekday
    inner join keyed_meters as m on t.meter_no = m.meter_no
    left join daily_weather as u on m.climate_zone = u.climate_zone and t.usage_date = u.usage_date
    left join daily_weather as v on m.climate_zone = v.climate_zone and w.usage_date = v.usage_date
)
select meter_no, channel_no, usage_date, reference_date
from ranked
where likeness <= {like_day_count}
qualify count(*) over (partition by meter_no, channel_no, usage_date) >= {like_day_minimum_count}
"""

WANTED_DAYS = """
-- one row per meter, channel and like day that an estimate asks for
create or replace temp table wanted_days as
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
"""

LIKE_DAYS = """
-- one row per interval estimated by E2
create or replace temp table like_day_estimates as
with earlier as materialized (
    select w.meter_no, w.channel_no, w.time_zone, e.usage_date, e.interval_start_utc, e.final_wh
    from earlier_reads as e
    inner join (from wanted_days where usage_date < first_date) as w
        on e.usage_date = w.usage_date
        and e.meter_id = w.meter_id
        and e.channel_code = w.channel_code
    where {is_wanted}
),
reference_reads as (
    select e.meter_no, e.channel_no, e.usage_date, i.minute_of_day, e.final_wh as valid_wh
    from earlier as e
    inner join intervals as i on e.time_zone = i.time_zone and e.interval_start_utc = i.interval_start_utc
    union all
    select g.meter_no, g.channel_no, g.usage_date, g.minute_of_day, g.valid_wh
    from judged as g
    semi join wanted_days using (meter_no, channel_no, usage_date)
    where g.is_within
    union all
    select r.meter_no, r.channel_no, r.usage_date, s.minute_of_day, r.reported_wh as valid_wh
    from keyed_reads as r
    semi join wanted_days using (meter_no, channel_no, usage_date)
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
from judged as g
inner join shapes as s using (meter_no, channel_no, usage_date, minute_of_day)
anti join linear_estimates as l
    on g.meter_no = l.meter_no
    and g.channel_no = l.channel_no
    and g.slot_no = l.slot_no
where g.is_open
"""

ESTIMATED = """
-- one row per interval of a suspect day of the window, as it stands before it is scaled to registers
create or replace temp table estimated as
with last_receipts as (
    select meter_no, max(file_no) as file_no
    from keyed_reads
    semi join suspects using (meter_no)
    group by meter_no
),
valued as (
    select
        g.*,
        case
            when g.known_wh is not null then g.known_wh
            when g.is_kept then g.reported_wh
            when g.factor is not null then (2 * g.reported_wh + g.factor) // (2 * g.factor)
            else coalesce(l.estimated_wh, k.estimated_wh, c.estimated_wh)
        end as final_wh,
        case
            when g.valid_wh is not null or g.is_kept then null
            when g.known_wh is not null then g.exact_method_code
            when g.factor is not null then 'E0'
            when l.estimated_wh is not null then l.method_code
            when k.estimated_wh is not null then 'E2'
            when c.estimated_wh is not null then 'E3'
        end as method_code,
        r.file_no as last_file_no
    from judged as g
    left join linear_estimates as l using (meter_no, channel_no, slot_no)
    left join like_day_estimates as k using (meter_no, channel_no, slot_no)
    left join class_estimates as c using (meter_no, channel_no, slot_no)
    left join last_receipts as r on g.meter_no = r.meter_no
    where g.is_within
)
select
    * exclude (file_no, last_file_no, is_within, is_whole, exact_wh, exact_method_code, register_file_no),
    if(reported_wh is null, null, coalesce(final_wh, 0) - reported_wh) as adjustment_wh,
    case
        when valid_wh is not null then 'A'
        when is_kept then 'Q'
        when final_wh is not null then 'E'
        when reported_wh is not null then 'Q'
        else 'N'
    end as quality_code,
    -- a meter may be silent for longer than its reads are looked at
    greatest(
        coalesce(if(valid_wh is not null or is_kept, file_no, last_file_no), (select max(file_no) from keyed_files)),
        register_file_no
    ) as known_file_no
from valued
"""


def estimate(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave `reference_days` and `estimated`.

    Args:
        con: Holds what the validation left (`judged`, `clean_days`, `valid_days`), the relations `dates` and
            `daily_weather` (of the registry), and `earlier_reads` (meter_id, channel_code, usage_date,
            interval_start_utc, final_wh) of the days before each meter's window.
        settings: Thresholds.
    """
    limits = {
        "linear_gap_minutes": settings.linear_gap_minutes,
        "like_day_lookback_days": settings.like_day_lookback_days,
        "like_day_count": settings.like_day_count,
        "like_day_minimum_count": settings.like_day_minimum_count,
    }
    for statement in (GAPS, GAP_ENDS, LINEAR, REFERENCES, WANTED_DAYS):
        con.execute(statement.format(**limits))
    con.execute(LIKE_DAYS.format(is_wanted=_is_wanted(con)))
    estimate_by_class(con, settings)
    con.execute(ESTIMATED)


def _is_wanted(con: duckdb.DuckDBPyConnection) -> str:
    """Condition on `e.meter_id` of the meters with earlier like days; named one by one, most reads need no decoding."""
    rows = con.execute("select distinct meter_id from wanted_days where usage_date < first_date").fetchall()
    if not rows:
        return "false"
    if len(rows) > _MOST_NAMED_METERS:
        return "true"
    names = ", ".join("'" + meter_id.replace("'", "''") + "'" for (meter_id,) in rows)
    return f"e.meter_id in ({names})"
