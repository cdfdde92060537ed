"""What explains a failed sum, and the suspect intervals as they stand after it.

In this order: directions exchanged, a wrong factor (both of whole spans, see `verdicts`), a spike, stuck values or
false zeros. What explains the sum is taken out and estimated; where nothing does, the values are kept as questionable.
"""

import duckdb

CANDIDATES = """
-- one row per interval in a failing span that a pattern makes suspect
create or replace temp table candidates as
select
    c.meter_no,
    c.channel_no,
    c.span_slot,
    c.slot_no,
    c.valid_wh,
    c.limit_wh,
    coalesce(c.valid_wh >= k.spike_wh, false) as is_spike,
    -- zeros explain energy that the register counted, never the other way round
    p.rule_code as run_rule_code
from span_cells as c
inner join span_verdicts as v
    on c.meter_no = v.meter_no and c.channel_no = v.channel_no and c.span_slot = v.span_slot
left join spike_days as k
    on c.meter_no = k.meter_no
    and c.channel_no = k.channel_no
    and c.usage_date = k.usage_date
    and v.valid_wh > v.counted_wh
left join pattern_days as p
    on c.meter_no = p.meter_no
    and c.channel_no = p.channel_no
    and c.usage_date = p.usage_date
    and c.slot_no between p.first_slot and p.last_slot
    and (p.rule_code = 'V07' or v.valid_wh < v.counted_wh)
where v.is_failing
    and not v.is_reversed
    and v.factor is null
    and c.valid_wh is not null
    and (coalesce(c.valid_wh >= k.spike_wh, false) or p.rule_code is not null)
"""

EXPLANATIONS = """
-- one row per failing span that patterns explain: without the spikes, without the runs, or without both of them the
-- register's remainder is one that the service can have carried
create or replace temp table explanations as
with sums as (
    select
        meter_no,
        channel_no,
        span_slot,
        coalesce(sum(valid_wh) filter (where is_spike), 0)::hugeint as spike_wh,
        coalesce(sum(limit_wh) filter (where is_spike), 0)::hugeint as spike_limit_wh,
        coalesce(sum(valid_wh) filter (where run_rule_code is not null), 0)::hugeint as run_wh,
        coalesce(sum(limit_wh) filter (where run_rule_code is not null), 0)::hugeint as run_limit_wh,
        sum(valid_wh)::hugeint as both_wh,
        sum(limit_wh)::hugeint as both_limit_wh,
        bool_or(is_spike) as has_spike,
        bool_or(run_rule_code is not null) as has_run
    from candidates
    group by all
),
remainders as (
    select s.*, v.counted_wh - v.valid_wh as remainder_wh, v.open_limit_wh
    from sums as s
    inner join span_verdicts as v using (meter_no, channel_no, span_slot)
)
select
    meter_no,
    channel_no,
    span_slot,
    case
        when has_spike and remainder_wh + spike_wh between 0 and open_limit_wh + spike_limit_wh then 'spike'
        when has_run and remainder_wh + run_wh between 0 and open_limit_wh + run_limit_wh then 'run'
        when remainder_wh + both_wh between 0 and open_limit_wh + both_limit_wh then 'both'
    end as explanation
from remainders
where explanation is not null
"""

JUDGED = """
-- one row per interval of a suspect day after the sum check: valid, exact by other evidence, open, or kept in question
create or replace temp table judged as
with spanned as (
    select
        c.meter_no,
        c.channel_no,
        c.slot_no,
        c.span_slot,
        v.is_reversed,
        v.factor,
        v.register_file_no,
        v.is_failing and not v.is_reversed and v.factor is null and e.explanation is null as is_unexplained,
        case
            when a.is_spike and e.explanation in ('spike', 'both') then 'V06'
            when e.explanation in ('run', 'both') then a.run_rule_code
        end as pattern_rule_code,
        if(v.is_reversed, o.number_wh, null) as sibling_wh,
        c.number_wh
    from span_cells as c
    inner join span_verdicts as v
        on c.meter_no = v.meter_no and c.channel_no = v.channel_no and c.span_slot = v.span_slot
    left join explanations as e
        on c.meter_no = e.meter_no and c.channel_no = e.channel_no and c.span_slot = e.span_slot
    left join candidates as a
        on c.meter_no = a.meter_no and c.channel_no = a.channel_no and c.slot_no = a.slot_no
    left join span_cells as o
        on c.meter_no = o.meter_no and c.channel_no <> o.channel_no and c.slot_no = o.slot_no
    where v.is_failing
),
ruled as (
    select
        g.* replace (
            case
                when s.is_reversed and (g.failed_rule_code is null or g.failed_rule_code = 'V05') then 'V09'
                when s.factor is not null and s.number_wh is not null then if(s.factor = 1000, 'V15', 'V16')
                when g.failed_rule_code is not null then g.failed_rule_code
                when s.pattern_rule_code is not null then s.pattern_rule_code
                when s.is_unexplained then 'V09'
            end as failed_rule_code
        ),
        case
            when s.is_reversed and s.sibling_wh <= g.limit_wh then s.sibling_wh
            when g.reported_wh is null and b.is_whole then 0
        end as exact_wh,
        if(s.is_reversed and s.sibling_wh <= g.limit_wh, 'E0', 'E4') as exact_method_code,
        if(s.number_wh is not null, s.factor, null) as factor,
        s.slot_no is not null as is_contradicted,
        coalesce(s.is_unexplained, false) and g.valid_wh is not null as is_kept,
        b.slot_no is not null as is_broken,
        s.register_file_no
    from grid as g
    left join spanned as s
        on g.meter_no = s.meter_no and g.channel_no = s.channel_no and g.slot_no = s.slot_no
    left join break_slots as b on g.meter_no = b.meter_no and g.slot_no = b.slot_no
)
select
    * replace (if(failed_rule_code is null, valid_wh, null) as valid_wh),
    if(failed_rule_code is null, valid_wh, exact_wh) as known_wh,
    known_wh is null and factor is null and not is_kept and failed_rule_code <> 'V13' as is_open
from ruled
"""


def explain(con: duckdb.DuckDBPyConnection) -> None:
    """Leave `candidates`, `explanations` and `judged`.

    Args:
        con: Holds what `judge_spans`, `find_breaks` and `find_patterns` left.
    """
    for statement in (CANDIDATES, EXPLANATIONS, JUDGED):
        con.execute(statement)
