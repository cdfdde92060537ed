"""Scaling: what register readings say of the energy in a gap is believed, and the estimate gives it its shape.

A register counts on while intervals are lost. Where two readings bracket intervals that had to be estimated, their
difference less the valid intervals between them is what those intervals must come to together; a single one is then
known exactly (E0). Source: California DASMMD VEE and AEMO method 24 (data scaling).
"""

import duckdb

REGISTER_SPANS = """
-- one row per meter, channel and pair of neighbouring register readings on the grid of intervals, within the window
create or replace temp table register_spans as
with readings as (
    select
        m.meter_no,
        c.channel_no,
        r.register_code,
        s.slot_no,
        s.usage_date,
        r.reported_wh,
        f.file_no
    from registers as r
    inner join keyed_files as f on r.file_id = f.file_id
    inner join keyed_meters as m on r.meter_id = m.meter_id
    inner join channels as c on r.channel_code = c.channel_code
    inner join slots as s on m.grid_no = s.grid_no and r.read_at_utc = s.interval_start_utc
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
spans as (
    select
        meter_no,
        channel_no,
        usage_date,
        slot_no as first_slot,
        lead(slot_no) over readings_in_order - 1 as last_slot,
        lead(reported_wh) over readings_in_order - reported_wh as register_wh,
        greatest(file_no, lead(file_no) over readings_in_order) as register_file_no
    from whole
    window readings_in_order as (partition by meter_no, channel_no order by slot_no)
)
select s.* exclude (usage_date)
from spans as s
inner join keyed_meters as m on s.meter_no = m.meter_no
inner join slots as l on m.grid_no = l.grid_no and s.last_slot = l.slot_no
where s.register_wh >= 0
    and s.usage_date >= m.first_date
    and l.usage_date <= m.last_date
"""

SCALABLE_SPANS = """
-- one row per span with intervals to be estimated whose energy together is known
create or replace temp table scalable_spans as
with within as (
    select
        s.*,
        e.slot_no,
        e.valid_wh,
        e.final_wh,
        e.limit_wh
    from register_spans as s
    inner join estimated as e
        on s.meter_no = e.meter_no
        and s.channel_no = e.channel_no
        and e.slot_no between s.first_slot and s.last_slot
),
suspect as (
    select
        meter_no,
        channel_no,
        first_slot,
        last_slot,
        register_wh,
        register_file_no,
        max(limit_wh) as limit_wh,
        count(*) as slot_count,
        count(*) filter (where valid_wh is null) as open_count,
        count(*) filter (where valid_wh is null and final_wh is null) as shapeless_count,
        coalesce(sum(final_wh) filter (where valid_wh is null), 0)::bigint as shape_wh,
        coalesce(sum(valid_wh), 0)::bigint as valid_wh
    from within
    group by all
    having count(*) filter (where valid_wh is null) > 0
),
clean as (
    select s.meter_no, s.channel_no, s.first_slot, count(*) as slot_count, sum(r.reported_wh)::bigint as valid_wh
    from suspect as s
    inner join keyed_reads as r
        on s.meter_no = r.meter_no
        and s.channel_no = r.channel_no
        and r.slot_no between s.first_slot and s.last_slot
    semi join clean_days as c
        on r.meter_no = c.meter_no
        and r.channel_no = c.channel_no
        and r.usage_date = c.usage_date
    group by all
)
select
    s.meter_no,
    s.channel_no,
    s.first_slot,
    s.last_slot,
    s.open_count,
    s.shape_wh,
    s.register_file_no,
    s.register_wh - s.valid_wh - coalesce(c.valid_wh, 0) as residual_wh
from suspect as s
left join clean as c using (meter_no, channel_no, first_slot)
where s.slot_count + coalesce(c.slot_count, 0) = s.last_slot - s.first_slot + 1
    and residual_wh between 0 and s.open_count * s.limit_wh
    and (s.shapeless_count = 0 or s.open_count = 1)
"""

SCALED = """
-- one row per interval whose estimate is scaled: shares of the residual, rounded so that they add up to it
create or replace temp table scaled as
with shaped as (
    select
        s.meter_no,
        s.channel_no,
        s.first_slot,
        s.residual_wh,
        s.register_file_no,
        e.slot_no,
        e.limit_wh,
        if(s.open_count = 1, 'E0', e.method_code || 'R') as method_code,
        -- a shape of nothing but zeros says nothing of where the energy went
        if(s.is_shaped, e.final_wh, 1)::bigint as weight,
        if(s.is_shaped, s.shape_wh, s.open_count)::bigint as total_weight
    from (select *, shape_wh > 0 and open_count > 1 as is_shaped from scalable_spans) as s
    inner join estimated as e
        on s.meter_no = e.meter_no
        and s.channel_no = e.channel_no
        and e.slot_no between s.first_slot and s.last_slot
    where e.valid_wh is null
),
summed as (
    select
        * exclude (weight),
        (2 * residual_wh * sum(weight) over earlier + total_weight)::bigint // (2 * total_weight) as wh_so_far
    from shaped
    window earlier as (partition by meter_no, channel_no, first_slot order by slot_no)
),
shared as (
    select *, wh_so_far - lag(wh_so_far, 1, 0::bigint) over earlier as scaled_wh
    from summed
    window earlier as (partition by meter_no, channel_no, first_slot order by slot_no)
)
select meter_no, channel_no, slot_no, register_file_no, method_code, scaled_wh
from shared
-- more than the service carries speaks against the register
qualify bool_and(scaled_wh <= limit_wh) over (partition by meter_no, channel_no, first_slot)
"""

REPAIRED = """
-- one row per interval of a suspect day of the window, final
create or replace temp table repaired as
select
    e.* exclude (limit_wh) replace (
        coalesce(s.scaled_wh, e.final_wh) as final_wh,
        if(
            e.reported_wh is null, null, coalesce(s.scaled_wh, e.final_wh, 0) - e.reported_wh
        ) as adjustment_wh,
        if(s.scaled_wh is null, e.quality_code, 'E') as quality_code,
        coalesce(s.method_code, e.method_code) as method_code,
        greatest(e.known_file_no, s.register_file_no) as known_file_no
    )
from estimated as e
left join scaled as s using (meter_no, channel_no, slot_no)
"""


def scale(con: duckdb.DuckDBPyConnection) -> None:
    """Leave `repaired` after `estimate` has run: its estimates, those between two register readings scaled to them.

    Only spans between neighbouring readings on the grid of intervals that lie within the meter's window are used, and
    only where every other interval is valid, the valid ones do not come to more than the register, and no share exceeds
    what the service carries.

    Args:
        con: Holds what `screen` and `estimate` left, and the relation `registers` (`raw.register_reads`).
    """
    for statement in (REGISTER_SPANS, SCALABLE_SPANS, SCALED, REPAIRED):
        con.execute(statement)
