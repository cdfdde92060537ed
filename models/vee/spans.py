"""Register spans: what a register counted between two readings, and whether the intervals agree (V09, V11).

A register is read as a rule at midnight, so that a span is a day and its intervals have been summed already. A reading
below the one before it is a rollover where the difference past the register's highest value is plausible, else a reset
after which nothing is known. Source: California DASMMD VEE (sum check) and Oracle MDM (rollover threshold).
"""

import duckdb

from models.vee.settings import VeeSettings

REGISTER_SPANS = """
-- one row per meter, channel and pair of neighbouring register readings on the grid of intervals, all of it within the
-- window or all of it in the day before or after
create or replace temp table register_spans as
with boundaries as (
    select grid_no, slot_no, interval_start_utc as instant
    from slots
    union all
    select grid_no, slot_no + 1, interval_start_utc + to_minutes(slot_minutes)
    from slots
    qualify slot_no = max(slot_no) over (partition by grid_no)
),
readings as (
    select
        m.meter_no,
        c.channel_no,
        r.register_code,
        s.slot_no,
        r.reported_wh,
        f.file_no
    from registers as r
    inner join keyed_files as f on r.file_id = f.file_id
    inner join keyed_meters as m on r.meter_id = m.meter_id
    inner join channels as c on r.channel_code = c.channel_code
    inner join boundaries as s on m.grid_no = s.grid_no and r.read_at_utc = s.instant
    where coalesce(r.reported_quality_code, 'A') in ('A', 'V')
    qualify row_number() over (
        partition by m.meter_no, c.channel_no, r.register_code, s.slot_no
        order by f.file_no desc, r.row_number desc, r.value_position desc
    ) = 1
),
-- several registers of a channel count parts of it, as the periods of a tariff, and none of them is the whole
whole as (
    select *
    from readings
    qualify min(register_code) over (partition by meter_no, channel_no)
        = max(register_code) over (partition by meter_no, channel_no)
),
pairs as (
    select
        meter_no,
        channel_no,
        slot_no as first_slot,
        lead(slot_no) over readings_in_order - 1 as last_slot,
        reported_wh as from_wh,
        lead(reported_wh) over readings_in_order as to_wh,
        greatest(file_no, lead(file_no) over readings_in_order) as register_file_no
    from whole
    window readings_in_order as (partition by meter_no, channel_no order by slot_no)
)
select
    p.* exclude (from_wh, to_wh),
    a.usage_date as first_date,
    z.usage_date as last_date,
    p.to_wh < p.from_wh as is_fallen,
    case
        when p.to_wh >= p.from_wh then p.to_wh - p.from_wh
        when p.to_wh >= 0
            then coalesce(m.register_modulo_wh, ('1' || repeat('0', length(p.from_wh::varchar)))::hugeint)
            - p.from_wh + p.to_wh
    end as counted_wh,
    ceil({count_wh} * m.meter_multiplier)::bigint as count_wh,
    m.sum_ratio
from pairs as p
inner join keyed_meters as m using (meter_no)
inner join slots as a on m.grid_no = a.grid_no and p.first_slot = a.slot_no
inner join slots as z on m.grid_no = z.grid_no and p.last_slot = z.slot_no
where p.to_wh is not null
    and p.from_wh is not null
    and a.usage_date >= m.first_date - 1
    and z.usage_date <= m.last_date + 1
    and (
        (a.usage_date >= m.first_date and z.usage_date <= m.last_date)
        or z.usage_date < m.first_date
        or a.usage_date > m.last_date
    )
"""

SPAN_DAYS = """
-- one row per register span and local date that it touches, where every interval of the span is expected
create or replace temp table span_days as
select
    s.meter_no,
    s.channel_no,
    s.first_slot as span_slot,
    d.usage_date,
    greatest(s.first_slot, d.first_slot) as first_slot,
    least(s.last_slot, d.last_slot) as last_slot,
    d.first_slot >= s.first_slot and d.last_slot <= s.last_slot as is_inside,
    d.limit_wh
from register_spans as s
inner join channel_days as d
    on s.meter_no = d.meter_no
    and s.channel_no = d.channel_no
    and d.usage_date between s.first_date and s.last_date
    and d.first_slot <= s.last_slot
    and d.last_slot >= s.first_slot
qualify sum(greatest(0, least(s.last_slot, d.last_slot) - greatest(s.first_slot, d.first_slot) + 1)) over (
    partition by s.meter_no, s.channel_no, s.first_slot
) = s.last_slot - s.first_slot + 1
"""

DAY_SHARES = """
-- one row per register span and local date whose reads need no look each: their sum within the span
create or replace temp table day_shares as
select s.meter_no, s.channel_no, s.span_slot, s.usage_date, p.total_wh::hugeint as total_wh
from span_days as s
inner join day_sums as p using (meter_no, channel_no, usage_date)
anti join doubtful_days using (meter_no, channel_no, usage_date)
where s.is_inside
union all
select s.meter_no, s.channel_no, s.span_slot, s.usage_date, sum(r.reported_wh)::hugeint
from keyed_reads as r
inner join (from span_days where not is_inside) as s
    on r.meter_no = s.meter_no
    and r.channel_no = s.channel_no
    and r.usage_date = s.usage_date
    and r.slot_no between s.first_slot and s.last_slot
anti join doubtful_days as d
    on r.meter_no = d.meter_no
    and r.channel_no = d.channel_no
    and r.usage_date = d.usage_date
group by all
"""

CHECKED_SPANS = """
-- one row per register span without doubtful days: whether the intervals come to what was counted
create or replace temp table checked_spans as
with sums as (
    select
        d.meter_no,
        d.channel_no,
        d.span_slot,
        sum(t.total_wh)::hugeint as total_wh,
        sum(d.limit_wh * (d.last_slot - d.first_slot + 1))::hugeint as most_wh
    from span_days as d
    left join day_shares as t using (meter_no, channel_no, span_slot, usage_date)
    group by all
    having count(*) = count(t.total_wh)
),
known as (
    select
        s.*,
        t.total_wh,
        greatest(1000 * s.count_wh, s.sum_ratio * s.counted_wh) as tolerance,
        not s.is_fallen or coalesce({is_rollover}, false) as is_known
    from register_spans as s
    inner join sums as t
        on s.meter_no = t.meter_no and s.channel_no = t.channel_no and s.first_slot = t.span_slot
),
paired as (
    select
        *,
        count(*) over siblings = 2 as is_paired,
        sum(total_wh) over siblings - total_wh as sibling_total_wh,
        sum(abs(total_wh - counted_wh)) over siblings as straight_wh
    from known
    window siblings as (partition by meter_no, first_slot, last_slot)
)
select
    meter_no,
    channel_no,
    first_slot as span_slot,
    first_date,
    last_date,
    coalesce(
        is_known
        and 1000 * abs(total_wh - counted_wh) <= tolerance
        -- exchanged directions agree to the count even where both directions are nearly the same
        and not (is_paired and straight_wh > 2 * count_wh and abs(sibling_total_wh - counted_wh) <= count_wh),
        false
    ) as is_sound
from paired
"""

IS_ROLLOVER = """(
    s.counted_wh <= t.most_wh and (
        {total} is null
        or len(list_filter(
            [1, 10, 100, 1000],
            lambda f: f * s.counted_wh <= 2 * {total} + 1000 * f and {total} <= 2 * f * s.counted_wh + 1000 * f
        )) > 0
    )
)"""
"""A fall is a rollover where the service can carry what was counted and, where all intervals came, their sum is near,
be it by a wrong factor."""


def check_spans(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave `register_spans`, `span_days`, `day_shares` and `checked_spans`.

    Args:
        con: Holds what `screen` left and the relation `registers` (`raw.register_reads`).
        settings: Thresholds.

    Only spans between neighbouring actual readings on the grid of intervals that lie within the meter's window are
    used; the day before and after it are seen for the sake of gaps across midnight.
    """
    count_wh = settings.register_counts * settings.register_resolution_wh
    con.execute(REGISTER_SPANS.format(count_wh=count_wh))
    con.execute(SPAN_DAYS)
    con.execute(DAY_SHARES)
    con.execute(CHECKED_SPANS.format(is_rollover=IS_ROLLOVER.format(total="t.total_wh")))
