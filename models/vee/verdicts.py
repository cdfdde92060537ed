"""Verdicts on register spans with suspect days: what the intervals come to, and what is wrong with all of them.

The first two steps by which a failed sum is explained concern all values of a span: directions exchanged (each channel
comes to the sibling's register), or values that are ten, a hundred or a thousand times what was counted. Source: VEE
checks of Oracle MDM (Sum, Multiplier, UoM, Ensure IMD for Sibling MCs).
"""

import duckdb

from models.vee.spans import IS_ROLLOVER

SPAN_CELLS = """
-- one row per register span and interval on a suspect day
create or replace temp table span_cells as
select
    s.span_slot,
    g.*,
    if(g.failed_rule_code is null or g.failed_rule_code = 'V05', g.reported_wh, null) as number_wh
from span_days as s
inner join grid as g
    on s.meter_no = g.meter_no
    and s.channel_no = g.channel_no
    and s.usage_date = g.usage_date
    and g.slot_no between s.first_slot and s.last_slot
"""

SPAN_VERDICTS = """
-- one row per register span with suspect days: what is known of it and what is wrong with it as a whole
create or replace temp table span_verdicts as
with cells as (
    select
        meter_no,
        channel_no,
        span_slot,
        count(*) as cell_count,
        count(valid_wh) as valid_count,
        count(number_wh) as number_count,
        coalesce(sum(valid_wh), 0)::hugeint as valid_wh,
        coalesce(sum(number_wh), 0)::hugeint as number_wh,
        coalesce(max(number_wh), 0)::hugeint as max_wh,
        sum(limit_wh)::hugeint as most_wh,
        coalesce(sum(limit_wh) filter (where valid_wh is null), 0)::hugeint as open_limit_wh,
        max(limit_wh) as limit_wh
    from span_cells
    group by all
),
clean as (
    select
        d.meter_no,
        d.channel_no,
        d.span_slot,
        sum(t.total_wh)::hugeint as clean_wh,
        sum(d.limit_wh * (d.last_slot - d.first_slot + 1))::hugeint as clean_most_wh
    from span_days as d
    inner join day_shares as t using (meter_no, channel_no, span_slot, usage_date)
    anti join suspects as g
        on d.meter_no = g.meter_no and d.channel_no = g.channel_no and d.usage_date = g.usage_date
    group by all
),
sums as (
    select
        c.meter_no,
        c.channel_no,
        c.span_slot,
        c.cell_count,
        c.cell_count - c.valid_count as open_count,
        c.open_limit_wh,
        c.limit_wh,
        c.max_wh,
        c.number_count,
        coalesce(d.clean_wh, 0) as clean_wh,
        c.valid_wh + coalesce(d.clean_wh, 0) as valid_wh,
        c.number_wh + coalesce(d.clean_wh, 0) as number_wh,
        if(c.number_count = c.cell_count, c.number_wh + coalesce(d.clean_wh, 0), null) as total_wh,
        c.most_wh + coalesce(d.clean_most_wh, 0) as most_wh
    from cells as c
    left join clean as d using (meter_no, channel_no, span_slot)
),
known as (
    select
        s.meter_no,
        s.channel_no,
        s.first_slot as span_slot,
        s.last_slot,
        s.first_date,
        s.last_date,
        s.register_file_no,
        s.counted_wh::hugeint as counted_wh,
        s.count_wh,
        greatest(1000 * s.count_wh, s.sum_ratio * s.counted_wh)::hugeint as tolerance,
        t.* exclude (meter_no, channel_no, span_slot, most_wh),
        not s.is_fallen or coalesce({is_rollover}, false) as is_known
    from register_spans as s
    inner join sums as t
        on s.meter_no = t.meter_no and s.channel_no = t.channel_no and s.first_slot = t.span_slot
),
paired as (
    select
        k.*,
        o.counted_wh as sibling_counted_wh,
        o.tolerance as sibling_tolerance,
        o.number_wh as sibling_number_wh,
        o.max_wh as sibling_max_wh,
        k.total_wh is not null and o.total_wh is not null as is_pair_complete,
        1000 * abs(k.number_wh - o.counted_wh) <= o.tolerance as is_cross_sound,
        1000 * abs(o.number_wh - k.counted_wh) <= k.tolerance as is_other_cross_sound,
        1000 * abs(k.number_wh - k.counted_wh) > k.tolerance
        or 1000 * abs(o.number_wh - o.counted_wh) > o.tolerance as is_straight_wrong,
        abs(k.number_wh - o.counted_wh) + abs(o.number_wh - k.counted_wh) as cross_wh,
        abs(k.number_wh - k.counted_wh) + abs(o.number_wh - o.counted_wh) as straight_wh
    from known as k
    left join known as o
        on k.meter_no = o.meter_no
        and k.channel_no <> o.channel_no
        and k.span_slot = o.span_slot
        and k.last_slot = o.last_slot
        and o.is_known
),
reversed as (
    select
        *,
        is_known and coalesce(
            if(
                is_pair_complete,
                is_cross_sound
                and is_other_cross_sound
                and (is_straight_wrong or (cross_wh <= 2 * count_wh and straight_wh > 2 * count_wh)),
                -- with a gap: more than the register counted even without the highest value, less than the sibling's
                (
                    1000 * (number_wh - max_wh - counted_wh) > tolerance
                    or 1000 * (sibling_number_wh - sibling_max_wh - sibling_counted_wh) > sibling_tolerance
                )
                and 1000 * (number_wh - sibling_counted_wh) <= sibling_tolerance
                and 1000 * (sibling_number_wh - counted_wh) <= tolerance
            ),
            false
        ) as is_reversed
    from paired
),
factored as (
    select
        *,
        case
            when is_reversed or not is_known or counted_wh = 0 or max_wh * counted_wh > limit_wh * number_wh
                then null
            -- one value that makes up half of the sum is a spike
            when 2 * max_wh > number_wh and number_count > 1 then null
            when total_wh is not null
                then list_filter(
                    [10, 100, 1000],
                    lambda f: 1000 * abs(total_wh - f * counted_wh) <= f * tolerance
                        and 1000 * abs(total_wh - counted_wh) > tolerance
                )[1]
            when number_count > 0 and 1000 * (number_wh - max_wh - counted_wh) > tolerance
                then list_filter(
                    [10, 100, 1000],
                    lambda f: 1000 * number_wh <= f * (1000 * counted_wh + tolerance)
                        and 4 * number_wh >= f * counted_wh
                )[1]
        end as factor
    from reversed
)
select
    meter_no,
    channel_no,
    span_slot,
    last_slot,
    first_date,
    last_date,
    register_file_no,
    counted_wh,
    clean_wh,
    valid_wh,
    open_count,
    open_limit_wh,
    not is_known as is_reset,
    is_reversed,
    factor,
    is_known and (
        is_reversed
        or factor is not null
        or if(
            open_count = 0,
            1000 * abs(counted_wh - valid_wh) > tolerance,
            1000 * (valid_wh - counted_wh) > tolerance or counted_wh - valid_wh > open_limit_wh
        )
    ) as is_failing
from factored
"""

EXTRA_DAYS = """
-- one row per meter and local date in a failing span that has not been looked at read by read
create or replace temp table extra_days as
select distinct d.meter_no, d.usage_date
from span_verdicts as v
inner join keyed_meters as m using (meter_no)
inner join channel_days as d
    on v.meter_no = d.meter_no and d.usage_date between v.first_date and v.last_date
anti join suspects as s
    on d.meter_no = s.meter_no and d.channel_no = s.channel_no and d.usage_date = s.usage_date
where v.is_failing
"""


def judge_spans(con: duckdb.DuckDBPyConnection) -> bool:
    """Leave `span_cells`, `span_verdicts` and `extra_days`.

    Args:
        con: Holds what `check_spans` and `lay_out` left.

    Returns:
        True where a failing span has days that are not laid out yet: they lie in `extra_days`.
    """
    con.execute(SPAN_CELLS)
    con.execute(SPAN_VERDICTS.format(is_rollover=IS_ROLLOVER.format(total="t.total_wh")))
    con.execute(EXTRA_DAYS)
    row = con.execute("select count(*) > 0 from extra_days").fetchone()
    return row is not None and bool(row[0])
