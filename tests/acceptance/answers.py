"""The lake after validation beside the simulator's truth: every interval that is labelled, not actual or not true."""

import duckdb

from models.tables.entities import METER_CHANNELS, METERS
from models.tables.raw import REGISTER_READS
from models.tables.vee import EDITED_INTERVAL_READS, FAILURES, METER_DAY_PROFILES, SUPERSEDED_READS
from pipelines import lake
from pipelines.home import Home
from pipelines.reference import vee_settings

UNSEEN = ("clock_drift", "false_zero", "stuck", "wrong_stamp")
"""Kinds whose values may pass as actual: small shifts in time, and what is less than the sum check bears."""

LIMITS = """
create table limits as
select m.meter_id, m.interval_minutes, s.limit_wh_per_hour * m.interval_minutes / 60 as limit_wh
from meters as m
inner join (values {}) as s (customer_class, limit_wh_per_hour) using (customer_class)
where m.interval_minutes is not null
"""

CELLS = """
-- one row per label and interval; a label of the start, where the end belongs, reads as that of the interval before
create table cells as
with labels as (
    select
        *,
        case defect_type when 'wrong_unit' then 1000 when 'wrong_multiplier' then 10 end as factor,
        row_number() over (order by meter_id, channel_code, interval_start_utc, defect_type) as label_id
    from defects
    where defect_type not in ('register_reset', 'register_rollover', 'meter_exchange')
)
select
    l.label_id,
    l.meter_id,
    l.channel_code,
    l.defect_type,
    l.factor,
    l.sent_wh,
    unnest(generate_series(
        l.interval_start_utc - to_minutes(if(l.defect_type = 'wrong_stamp', m.interval_minutes, 0)),
        l.interval_end_utc - interval 1 minute,
        to_minutes(m.interval_minutes)
    )) as interval_start_utc
from labels as l
inner join limits as m using (meter_id)
"""

COMPARED = """
-- intervals that are labelled, or that are not simply actual, unchanged and true
create table compared as
with cells_of_one as (
    select
        meter_id,
        channel_code,
        interval_start_utc,
        min(label_id) as label_id,
        min(defect_type) as defect_type,
        max(factor) as factor,
        max(sent_wh) filter (where defect_type = 'spike') as spike_wh,
        bool_or(defect_type in {unseen}) as is_unseen,
        bool_or(defect_type = 'wrong_stamp') as is_misplaced
    from cells
    group by all
)
select
    coalesce(t.meter_id, e.meter_id) as meter_id,
    coalesce(t.channel_code, e.channel_code) as channel_code,
    coalesce(t.interval_start_utc, e.interval_start_utc) as interval_start_utc,
    t.true_wh,
    t.mdms_flag in ('E1', 'E2') is true as is_filled,
    e.final_wh,
    e.adjustment_wh,
    e.quality_code,
    e.usage_date,
    coalesce(e.final_wh, 0) - e.adjustment_wh as reported_wh,
    c.defect_type,
    c.label_id,
    coalesce(c.is_unseen, false) as is_unseen,
    coalesce(c.is_misplaced, false) as is_misplaced,
    coalesce(greatest(c.spike_wh, t.true_wh * c.factor) > l.limit_wh, false) as is_impossible,
    coalesce(coalesce(e.final_wh, 0) - e.adjustment_wh > l.limit_wh, false) as is_reported_impossible,
    p.file_kind as pending_kind
from true_reads as t
full join edited_reads as e using (meter_id, channel_code, interval_start_utc)
left join cells_of_one as c using (meter_id, channel_code, interval_start_utc)
left join pending as p using (meter_id, channel_code, interval_start_utc)
left join limits as l using (meter_id)
where c.label_id is not null
    or e.quality_code is distinct from 'A'
    or e.adjustment_wh <> 0
    or e.final_wh is distinct from t.true_wh
"""

EXPECTED = """
-- intervals in which the rules of today must find something: what the MDMS filled came with a value; what is still on
-- its way is a gap if something later has come, or a repeat that nobody can know of
create view expected as
select c.meter_id, c.channel_code, c.interval_start_utc, 'gap' as kind
from compared as c
inner join channels as m using (meter_id, channel_code)
where ((starts_with(c.defect_type, 'gap') and not c.is_filled and not c.is_misplaced) or c.pending_kind = 'late')
    and c.interval_start_utc between m.first_interval_start_utc and m.last_interval_start_utc
union all
select meter_id, channel_code, interval_start_utc, 'impossible' from compared where is_impossible
union all
select meter_id, channel_code, interval_start_utc, defect_type
from compared
where defect_type = 'negative' or (defect_type in ('duplicate', 'conflict') and pending_kind is null)
"""

DETECTED = """
-- intervals in which something was found; sub-meters' labels that stand for another interval make gaps and repeats of
-- their own, which are left out
create view detected as
select meter_id, channel_code, interval_start_utc, 'gap' as kind
from compared
where quality_code in ('E', 'N') and reported_wh is null and not is_misplaced
union all
select meter_id, channel_code, interval_start_utc, if(reported_wh < 0, 'negative', 'impossible') as kind
from compared
where quality_code in ('E', 'Q') and (reported_wh < 0 or is_reported_impossible)
union all
select distinct meter_id, channel_code, interval_start_utc, if(is_identical, 'duplicate', 'conflict') as kind
from superseded
anti join (from cells where defect_type = 'wrong_stamp') using (meter_id, channel_code, interval_start_utc)
"""

LONG = """
create view edited_reads as
select meter_id, channel_code, interval_start_utc, usage_date, final_wh, adjustment_wh, quality_code
from (
    select *, unnest([
        {'channel_code': 'delivered', 'final_wh': delivered_wh, 'adjustment_wh': delivered_adjustment_wh,
            'quality_code': delivered_quality_code},
        {'channel_code': 'received', 'final_wh': received_wh, 'adjustment_wh': received_adjustment_wh,
            'quality_code': received_quality_code}
    ], max_depth := 2)
    from edited
)
where quality_code is not null
"""

TRUE_READS = "create view true_reads as " + " union all ".join(
    f"select meter_id, '{channel}' as channel_code, interval_start_utc, true_{channel}_wh as true_wh, mdms_flag "
    f"from truth where true_{channel}_wh is not null"
    for channel in ("delivered", "received")
)


FAULTY_DAYS = """
-- one row per kind of defect, meter, channel and local date with a value that it befell, as far as a rule can see it:
-- of spikes those of fifty times the true value and more, of stuck values and false zeros those beside a register
create table faulty_days as
with reached as (
    select
        d.defect_type,
        d.meter_id,
        d.channel_code,
        unnest(generate_series(
            timezone(m.time_zone, timezone('UTC', d.interval_start_utc))::date,
            timezone(m.time_zone, timezone('UTC', d.interval_end_utc - interval 1 minute))::date,
            interval 1 day
        ))::date as usage_date
    from defects as d
    inner join meters as m using (meter_id)
    where (d.defect_type <> 'spike' or d.sent_wh >= 50 * d.true_wh)
        and (d.defect_type not in ('stuck', 'false_zero') or d.meter_id in (from read_registers))
)
select distinct r.*
from reached as r
inner join profiles as p using (meter_id, channel_code, usage_date)
where p.read_count > 0
"""

FOUND_DAYS = """
-- one row per kind of defect, meter, channel and local date on which the rules that look for it failed
create table found_days as
select distinct f.meter_id, f.channel_code, f.usage_date, k.defect_type
from failures as f
inner join (
    values
        ('spike', 'V05', null), ('spike', 'V06', null), ('stuck', 'V07', null), ('false_zero', 'V08', null),
        ('register_reset', 'V11', null), ('wrong_unit', 'V15', null), ('wrong_multiplier', 'V16', null),
        ('reversed_channels', 'V09', 'replace')
) as k (defect_type, rule_code, action_code)
    on f.rule_code = k.rule_code and f.action_code = coalesce(k.action_code, f.action_code)
anti join (from failures where rule_code in ('V15', 'V16')) as w
    on k.defect_type = 'reversed_channels'
    and f.meter_id = w.meter_id
    and f.channel_code = w.channel_code
    and f.usage_date = w.usage_date
"""


def compare(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Lay the lake beside the truth.

    Leaves tables `limits`, `cells`, `compared`, `faulty_days` and `found_days`, and views `expected` and `detected`.
    """
    lake.create_view(con, home, METERS, "meters")
    lake.create_view(con, home, METER_CHANNELS, "channels")
    lake.create_view(con, home, EDITED_INTERVAL_READS, "edited")
    lake.create_view(con, home, SUPERSEDED_READS, "superseded")
    lake.create_view(con, home, FAILURES, "failures")
    lake.create_view(con, home, METER_DAY_PROFILES, "profiles")
    lake.create_view(con, home, REGISTER_READS, "registers")
    con.execute("create view read_registers as select distinct meter_id from registers")
    con.execute(f"create view truth as from '{home.truth}/reads/*.parquet'")
    con.execute(f"create view defects as from '{home.truth}/defects/*.parquet'")
    con.execute(f"create view pending as from '{home.truth}/state/*/pending/reads.parquet'")
    settings = vee_settings()
    limits = [(name, settings.limit_wh_per_hour(name)) for name in settings.customer_classes]
    statements = (LONG, TRUE_READS, LIMITS.format(", ".join(map(str, limits))), CELLS, COMPARED.format(unseen=UNSEEN))
    for statement in (*statements, EXPECTED, DETECTED, FAULTY_DAYS, FOUND_DAYS):
        con.execute(statement)
