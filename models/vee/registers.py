"""Scaling: what register readings say of the energy in a gap is believed, and the estimate gives it its shape.

A register counts on while intervals are lost. Where two readings bracket intervals that had to be estimated, their
difference less the known intervals between them is what those intervals must come to together; a single one is then
known exactly (E0). Values that are wrong by a factor have their own shape (E0R). Source: California DASMMD VEE and AEMO
method 24 (data scaling).
"""

import duckdb

SCALABLE_SPANS = """
-- one row per span with intervals to be estimated whose energy together is known
create or replace temp table scalable_spans as
with cells as (
    select
        s.meter_no,
        s.channel_no,
        s.span_slot,
        count(*) as open_count,
        sum(e.limit_wh)::hugeint as open_limit_wh,
        count(*) filter (where e.final_wh is null) as shapeless_count,
        coalesce(sum({weight}), 0)::hugeint as shape_wh
    from span_verdicts as s
    inner join estimated as e
        on s.meter_no = e.meter_no
        and s.channel_no = e.channel_no
        and e.slot_no between s.span_slot and s.last_slot
    where e.known_wh is null
    group by all
),
known as (
    select
        s.meter_no,
        s.channel_no,
        s.span_slot,
        coalesce(sum(e.known_wh), 0)::hugeint as known_wh,
        bool_or(e.is_kept or (e.failed_rule_code = 'V13') is true) as is_blocked
    from span_verdicts as s
    inner join estimated as e
        on s.meter_no = e.meter_no
        and s.channel_no = e.channel_no
        and e.slot_no between s.span_slot and s.last_slot
    group by all
)
select
    s.meter_no,
    s.channel_no,
    s.span_slot,
    s.last_slot,
    s.factor as span_factor,
    c.open_count,
    c.shape_wh,
    s.register_file_no,
    s.counted_wh - s.clean_wh - k.known_wh as residual_wh
from span_verdicts as s
inner join cells as c using (meter_no, channel_no, span_slot)
inner join known as k using (meter_no, channel_no, span_slot)
where not s.is_reset
    and not k.is_blocked
    and residual_wh between 0 and c.open_limit_wh
    and (c.shapeless_count = 0 or c.open_count = 1)
"""

SCALED = """
-- one row per interval whose estimate is scaled: shares of the residual, rounded so that they add up to it
create or replace temp table scaled as
with shaped as (
    select
        s.meter_no,
        s.channel_no,
        s.span_slot,
        s.residual_wh,
        s.register_file_no,
        e.slot_no,
        e.limit_wh,
        if(s.open_count = 1, 'E0', e.method_code || 'R') as method_code,
        -- a shape of nothing but zeros says nothing of where the energy went
        if(s.is_shaped, {weight}, 1)::hugeint as weight,
        if(s.is_shaped, s.shape_wh, s.open_count)::hugeint as total_weight
    from (select *, shape_wh > 0 and open_count > 1 as is_shaped from scalable_spans) as s
    inner join estimated as e
        on s.meter_no = e.meter_no
        and s.channel_no = e.channel_no
        and e.slot_no between s.span_slot and s.last_slot
    where e.known_wh is null
),
summed as (
    select
        * exclude (weight),
        (2 * residual_wh * sum(weight) over earlier + total_weight)::hugeint // (2 * total_weight) as wh_so_far
    from shaped
    window earlier as (partition by meter_no, channel_no, span_slot order by slot_no)
),
shared as (
    select *, (wh_so_far - lag(wh_so_far, 1, 0::hugeint) over earlier)::bigint as scaled_wh
    from summed
    window earlier as (partition by meter_no, channel_no, span_slot order by slot_no)
)
select meter_no, channel_no, slot_no, register_file_no, method_code, scaled_wh
from shared
-- more than the service carries speaks against the register
qualify bool_and(scaled_wh <= limit_wh) over (partition by meter_no, channel_no, span_slot)
"""

WEIGHT = "if(e.factor is null, e.final_wh * coalesce(s.{factor}, 1), e.reported_wh)"
"""What an open interval weighs: its estimate, or its own value where that is wrong by a factor, in that scale."""

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

    Only spans of which nothing was kept in question are scaled, and only where what is left lies within what the
    service can have carried and no share exceeds it.

    Args:
        con: Holds what `judge_spans` and `estimate` left.
    """
    con.execute(SCALABLE_SPANS.format(weight=WEIGHT.format(factor="factor")))
    con.execute(SCALED.format(weight=WEIGHT.format(factor="span_factor")))
    con.execute(REPAIRED)
