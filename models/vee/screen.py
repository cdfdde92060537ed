"""Screening: the reads on the calendar, one sum per meter-day, and the days that their sums make doubtful.

The reads are looked at once: `keyed_reads` puts them on the calendar under small integer keys, in which every later
step joins. Meter-days are then judged by one row each, and only suspect days read by read. A window function over every
read costs six times as much.
"""

from dataclasses import asdict

import duckdb

from models.calendar import MINUTES_PER_DAY
from models.vee.edits import find_edits
from models.vee.settings import VeeSettings

KEYED_METERS = """
-- one row per meter to be judged: integer keys in the order of meter ids, its window, and what validation needs to know
create or replace temp table keyed_meters as
with grids as (
    select
        time_zone,
        interval_minutes,
        (row_number() over (order by time_zone, interval_minutes))::smallint as grid_no
    from (select distinct time_zone, interval_minutes from meters)
)
select
    m.meter_id,
    (row_number() over (order by m.meter_id))::int as meter_no,
    g.grid_no,
    m.time_zone,
    m.interval_minutes as nominal_minutes,
    m.climate_zone,
    m.customer_class,
    l.* exclude (customer_class),
    coalesce(m.meter_multiplier, 1) as meter_multiplier,
    m.meter_multiplier is not null as is_multiplier_known,
    (1000 * 10 ** m.register_digits * coalesce(m.meter_multiplier, 1))::bigint as register_modulo_wh,
    m.installed_date,
    m.removed_date,
    w.first_date,
    w.last_date
from meters as m
inner join windows as w on m.meter_id = w.meter_id
inner join grids as g on m.time_zone = g.time_zone and m.interval_minutes = g.interval_minutes
inner join class_limits as l on m.customer_class = l.customer_class
"""

KEYED_FILES = """
-- one row per loaded file, in the order in which their reads outrank each other: the last received stands
create or replace temp table keyed_files as
select
    file_id,
    received_at_utc,
    last_interval_start_utc,
    coalesce(feed in (select feed from mdms_feeds), false) as is_verdict_taken,
    (row_number() over (order by received_at_utc, file_id))::int as file_no
from files
where loaded_count > 0
"""

SLOTS = f"""
-- one row per grid (time zone and nominal length) and interval that begins on it
create or replace temp table slots as
with grids as (select distinct grid_no, time_zone, nominal_minutes from keyed_meters)
select
    g.grid_no,
    i.interval_start_utc,
    i.usage_date,
    i.minute_of_day,
    date_diff('minute', i.interval_start_utc, i.interval_start_local) as utc_offset_minutes,
    if(g.nominal_minutes = {MINUTES_PER_DAY}, i.day_minutes, g.nominal_minutes) as slot_minutes,
    (row_number() over (partition by g.grid_no order by i.interval_start_utc))::int as slot_no
from intervals as i
inner join grids as g on i.time_zone = g.time_zone
where i.usage_date >= (select min(first_date) - 1 from keyed_meters)
    and i.usage_date <= (select max(last_date) + 1 from keyed_meters)
    and if(g.nominal_minutes = {MINUTES_PER_DAY}, i.is_day_start, i.minute_of_day % g.nominal_minutes = 0)
"""

KEYED_READS = """
-- one row per value of the window; no slot where it is not on its meter's grid
create or replace temp table keyed_reads as
select
    m.meter_no,
    c.channel_no,
    s.slot_no,
    s.usage_date,
    f.file_no,
    r.row_number,
    r.value_position,
    r.part_number,
    r.repeat_number,
    r.interval_start_utc,
    r.interval_minutes <> s.slot_minutes as is_wrong_length,
    r.reported_wh,
    nullif(instr('NQEGAV', r.reported_quality_code), 0)::tinyint as flag_no
from reads as r
inner join keyed_files as f on r.file_id = f.file_id
inner join keyed_meters as m on r.meter_id = m.meter_id
inner join channels as c on r.channel_code = c.channel_code
left join slots as s on m.grid_no = s.grid_no and r.interval_start_utc = s.interval_start_utc
"""

GRID_DAYS = """
-- one row per grid and local date
create or replace temp table grid_days as
select
    grid_no,
    usage_date,
    any_value(slot_minutes) as slot_minutes,
    min(slot_no) as first_slot,
    max(slot_no) as last_slot
from slots
group by all
"""

CHANNEL_DAYS = """
-- one row per meter, channel and local date on which intervals are expected, a day before and after its window included
create or replace temp table channel_days as
with spans as (
    select
        m.meter_no,
        n.channel_no,
        m.grid_no,
        m.limit_wh_per_hour,
        m.first_date,
        m.last_date,
        min(s.slot_no) as first_slot,
        max(s.slot_no) as last_slot
    from meter_channels as c
    inner join channels as n on c.channel_code = n.channel_code
    inner join keyed_meters as m on c.meter_id = m.meter_id
    inner join slots as s
        on m.grid_no = s.grid_no
        and s.interval_start_utc between c.first_interval_start_utc and c.last_interval_start_utc
    group by all
)
select
    s.meter_no,
    s.channel_no,
    d.usage_date,
    s.grid_no,
    s.limit_wh_per_hour * d.slot_minutes // 60 as limit_wh,
    greatest(s.first_slot, d.first_slot) as first_slot,
    least(s.last_slot, d.last_slot) as last_slot,
    least(s.last_slot, d.last_slot) - greatest(s.first_slot, d.first_slot) + 1 as expected_count,
    s.first_slot <= d.first_slot and s.last_slot >= d.last_slot as is_whole,
    d.slot_minutes,
    d.usage_date between s.first_date and s.last_date as is_within
from spans as s
inner join grid_days as d
    on s.grid_no = d.grid_no
    and d.first_slot <= s.last_slot
    and d.last_slot >= s.first_slot
    and d.usage_date between s.first_date - 1 and s.last_date + 1
"""

DAY_SUMS = """
-- one row per meter, channel and local date with reads: the keys stay the same along the order of the reads
create or replace temp table day_sums as
select
    meter_no,
    channel_no,
    usage_date,
    count(*) as value_count,
    count(reported_wh) as number_count,
    min(file_no) as file_no,
    min(file_no) = max(file_no) and min(part_number) = max(part_number) as is_one_part,
    max(repeat_number) as repeat_number,
    bool_or(is_wrong_length) as has_wrong_length,
    count(*) filter (where reported_wh = 0) as zero_count,
    sum(reported_wh) as total_wh,
    min(reported_wh) as min_wh,
    max(reported_wh, 3) as top_wh,
    count(flag_no) as flagged_count,
    min(flag_no) as least_flag_no,
    max(flag_no) as greatest_flag_no
from keyed_reads
where slot_no is not null
group by all
"""

REPEATING_DAYS = """
-- one row per meter, channel and local date on which a value came several times in a row: half of a stuck run, since a
-- run that crosses midnight has half of itself on one side; a day from one part lies together in the order of its reads
create or replace temp table repeating_days as
select distinct meter_no, channel_no, usage_date
from (
    select
        meter_no,
        channel_no,
        usage_date,
        reported_wh > 0
        and reported_wh = lag(reported_wh) over ()
        and reported_wh = lag(reported_wh, {lag}) over () as is_repeated
    from keyed_reads
)
where is_repeated
"""

DOUBTFUL_DAYS = """
-- one row per meter, channel and local date whose reads need a look each
create or replace temp table doubtful_days as
select d.meter_no, d.channel_no, d.usage_date
from channel_days as d
left join day_sums as p using (meter_no, channel_no, usage_date)
left join keyed_files as f on p.file_no = f.file_no
where not coalesce(
    p.value_count = d.expected_count
    and p.number_count = d.expected_count
    and p.is_one_part
    and p.repeat_number = 0
    and not p.has_wrong_length
    -- what had not ended when the file came lies in its last days
    and (
        d.usage_date < f.received_at_utc::date - 2
        or f.last_interval_start_utc + to_minutes(d.slot_minutes) <= f.received_at_utc
    )
    and p.min_wh >= 0
    and p.top_wh[1] <= d.limit_wh,
    false
)
    or exists (
        select 1
        from edited_slots as e
        where e.meter_no = d.meter_no
            and e.channel_no = d.channel_no
            and e.usage_date = d.usage_date
    )
"""


def screen(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Put the reads on the calendar and judge each meter-day; results are temporary tables named in this module.

    Args:
        con: Holds the relations `reads`, `files`, `edits` (of `entities.read_edits`; each is among the files too),
            `meters`, `meter_channels`, `intervals` (columns of the registry), `mdms_feeds` (feed: those whose own
            verdicts are taken) and
            `windows` (meter_id, first_date, last_date): the civil dates to be judged, at most one row per meter. Reads
            and intervals reach one day farther on either side, so that a gap across midnight is seen whole.
        settings: Thresholds.

    Source: California DASMMD VEE (duplicate, missing, interval length, negative) and service-size limits as in the
    Ontario MDM/R standard.
    """
    _class_limits(con, settings)
    con.execute(
        "create or replace temp table channels as "
        "select * from (values ('delivered', 0::tinyint), ('received', 1::tinyint)) as t (channel_code, channel_no)"
    )
    for statement in (KEYED_METERS, KEYED_FILES, SLOTS, GRID_DAYS):
        con.execute(statement)
    # Without this the optimiser hashes the reads instead of the calendar: measured at four times the time.
    con.execute("set disabled_optimizers = 'build_side_probe_side'")
    con.execute(KEYED_READS)
    con.execute("reset disabled_optimizers")
    counts = [min(t.stuck_count, t.small_stuck_count) for _, t in settings.thresholds]
    lag = max((min(counts) + 1) // 2 - 1, 1)
    for statement in (CHANNEL_DAYS, DAY_SUMS, REPEATING_DAYS.format(lag=lag)):
        con.execute(statement)
    find_edits(con)
    con.execute(DOUBTFUL_DAYS)


def _class_limits(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Thresholds as a relation, one row per customer class."""
    rows = [
        {"customer_class": name, "limit_wh_per_hour": settings.limit_wh_per_hour(name)} | asdict(thresholds)
        for name, thresholds in settings.thresholds
    ]
    values = ", ".join(str(tuple(row.values())) for row in rows)
    con.execute(
        f"create or replace temp table class_limits as select * from (values {values}) as t ({', '.join(rows[0])})"
    )
