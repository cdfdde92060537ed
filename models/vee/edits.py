"""Editing: where a person has decided on the value of an interval, that value is final and counts as valid.

The latest decision about an interval holds, whenever reads arrive. While a meter-day is judged the decided value stands
in the place of the reported one, so that neighbours, like days and register spans rest on it; what was reported and
which rule it failed are put back afterwards. Source: the editing of the California DASMMD VEE standard, and manual
overrides as Oracle MDM and Itron IEE know them.
"""

import duckdb

RECEIPTS = """
-- one row per landing file or edit: a decision is a receipt of its own
create or replace temp view files as
select *
from landed_files
union all by name
select edit_id as file_id, recorded_at_utc as received_at_utc, 1 as loaded_count
from edits
"""

EDITED_SLOTS = """
-- one row per meter, channel and expected interval with an edit in force
create or replace temp table edited_slots as
with latest as (
    select *
    from edits
    qualify row_number() over (
        partition by meter_id, channel_code, interval_start_utc
        order by recorded_at_utc desc, edit_id desc
    ) = 1
)
select
    m.meter_no,
    c.channel_no,
    s.slot_no,
    d.usage_date,
    d.is_within,
    f.file_no,
    e.edit_id,
    e.reported_wh as seen_wh,
    if(e.action_code = 'edit', e.edited_wh, e.reported_wh) as decided_wh,
    if(e.action_code = 'edit', 'G', 'V') as quality_code
from latest as e
inner join keyed_files as f on e.edit_id = f.file_id
inner join keyed_meters as m on e.meter_id = m.meter_id
inner join channels as c on e.channel_code = c.channel_code
inner join slots as s on m.grid_no = s.grid_no and e.interval_start_utc = s.interval_start_utc
inner join channel_days as d
    on m.meter_no = d.meter_no
    and c.channel_no = d.channel_no
    and s.usage_date = d.usage_date
    and s.slot_no between d.first_slot and d.last_slot
where e.action_code <> 'withdraw'
"""

OVERRULED = """
-- one row per edited interval: what stood there as reported
create or replace temp table overruled as
select e.*, g.reported_wh, g.failed_rule_code, g.file_no as reported_file_no
from edited_slots as e
inner join grid as g using (meter_no, channel_no, slot_no)
"""

DECIDE = """
update grid set
    reported_wh = o.decided_wh,
    valid_wh = o.decided_wh,
    failed_rule_code = null,
    file_no = o.file_no
from overruled as o
where grid.meter_no = o.meter_no
    and grid.channel_no = o.channel_no
    and grid.slot_no = o.slot_no
"""

SETTLE = """
update repaired set
    reported_wh = o.reported_wh,
    valid_wh = o.decided_wh,
    failed_rule_code = o.failed_rule_code,
    final_wh = o.decided_wh,
    adjustment_wh = o.decided_wh - o.reported_wh,
    quality_code = o.quality_code,
    method_code = null,
    known_file_no = o.file_no
from overruled as o
where repaired.meter_no = o.meter_no
    and repaired.channel_no = o.channel_no
    and repaired.slot_no = o.slot_no
"""

EDITS_IN_FORCE = """
select
    m.meter_id,
    c.channel_code,
    s.interval_start_utc,
    o.usage_date,
    o.edit_id,
    o.decided_wh as final_wh,
    o.reported_wh,
    f.file_id as reported_file_id,
    f.received_at_utc as reported_at_utc,
    o.reported_wh is not null
    and o.reported_wh is distinct from o.seen_wh
    and o.reported_wh <> o.decided_wh as is_contested
from overruled as o
inner join keyed_meters as m on o.meter_no = m.meter_no
inner join channels as c on o.channel_no = c.channel_no
inner join slots as s on m.grid_no = s.grid_no and o.slot_no = s.slot_no
left join keyed_files as f on o.reported_file_no = f.file_no
where o.is_within
order by m.meter_id, c.channel_code, s.interval_start_utc
"""


def count_as_receipts(con: duckdb.DuckDBPyConnection) -> None:
    """Leave the relation `files`: landing files and edits, so that values are known since either.

    Args:
        con: Holds `landed_files` (`raw.files`) and `edits` (`entities.read_edits`).
    """
    con.execute(RECEIPTS)


def find_edits(con: duckdb.DuckDBPyConnection) -> None:
    """Leave `edited_slots`; days that hold any are looked at interval by interval.

    Args:
        con: Holds `edits`, and what `screen` knows of meters, calendar and spans.
    """
    con.execute(EDITED_SLOTS)


def decide(con: duckdb.DuckDBPyConnection) -> None:
    """Let the values decided on stand in `grid`; leave `overruled`."""
    con.execute(OVERRULED)
    con.execute(DECIDE)


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Let the values decided on be final in `repaired`, beside what was reported."""
    con.execute(SETTLE)
