"""Another system's verdicts: compared with ours, and taken instead where a feed's settings say so.

A meter data management system (MDMS) sends its own verdict with each read, as a quality flag. Verdicts are compared
interval by interval in four levels: valid (V, A, G), estimated (E), failed (Q) and missing (N, or no read where others
of the day have flags). A day without any flag has no verdict to compare with.
"""

from collections.abc import Mapping

import duckdb

from models.tables.vee import VERDICTS

_VALID, _ESTIMATED, _FAILED, _MISSING = (f"'{verdict}'" for verdict in VERDICTS)
_LEAST_VALID, _ACTUAL = 4, 5
_LARGEST_FINAL_WH = 2**31 - 1

_OF_FLAG = f"case r.flag_no when 1 then {_MISSING} when 2 then {_FAILED} when 3 then {_ESTIMATED} else {_VALID} end"
_OF_QUALITY = (
    f"case p.quality_code when 'N' then {_MISSING} when 'Q' then {_FAILED} when 'E' then {_ESTIMATED} else {_VALID} end"
)

FLAGGED_DAYS = f"""
-- one row per meter, channel and local date of which any read has a flag
create or replace temp table flagged_days as
select
    meter_no,
    channel_no,
    usage_date,
    flagged_count = value_count and least_flag_no >= {_LEAST_VALID} as is_valid,
    flagged_count < value_count or least_flag_no <> {_ACTUAL} or greatest_flag_no <> {_ACTUAL} as is_unlike_actual
from day_sums
where flagged_count > 0
"""

VERDICT_PAIRS = f"""
-- one row per meter, channel, local date and pair of verdicts
create or replace temp table verdict_pairs as
with compared as (
    select
        c.meter_no,
        c.channel_no,
        c.usage_date,
        {_VALID} as own_verdict,
        {_VALID} as mdms_verdict,
        c.expected_count as n
    from clean_days as c
    inner join flagged_days as d using (meter_no, channel_no, usage_date)
    where c.is_within
        and d.is_valid
    union all
    select r.meter_no, r.channel_no, r.usage_date, {_VALID}, {_OF_FLAG}, 1
    from keyed_reads as r
    semi join (from clean_days where is_within) as c
        on r.meter_no = c.meter_no and r.channel_no = c.channel_no and r.usage_date = c.usage_date
    semi join (from flagged_days where not is_valid) as d
        on r.meter_no = d.meter_no and r.channel_no = d.channel_no and r.usage_date = d.usage_date
    where r.flag_no is not null
    union all
    select
        p.meter_no, p.channel_no, p.usage_date, {_OF_QUALITY}, if(r.file_no is null, {_MISSING}, {_OF_FLAG}), 1
    from repaired as p
    semi join flagged_days as d
        on p.meter_no = d.meter_no and p.channel_no = d.channel_no and p.usage_date = d.usage_date
    left join (from suspect_reads where standing = 1) as r
        on p.meter_no = r.meter_no and p.channel_no = r.channel_no and p.slot_no = r.slot_no
    where r.file_no is null
        or r.flag_no is not null
)
select meter_no, channel_no, usage_date, own_verdict, mdms_verdict, sum(n)::int as interval_count
from compared
group by all
"""

VERDICT_ROWS = """
select m.meter_id, c.channel_code, v.usage_date, v.own_verdict, v.mdms_verdict, v.interval_count
from verdict_pairs as v
inner join keyed_meters as m using (meter_no)
inner join channels as c using (channel_no)
order by m.meter_id, c.channel_code, v.usage_date, v.own_verdict, v.mdms_verdict
"""

LOOK_CLOSER = """
insert into doubtful_days
select distinct d.meter_no, d.channel_no, d.usage_date
from (from flagged_days where is_unlike_actual) as d
inner join keyed_reads as r using (meter_no, channel_no, usage_date)
semi join (from keyed_files where is_verdict_taken) as f on r.file_no = f.file_no
anti join doubtful_days as k on d.meter_no = k.meter_no and d.channel_no = k.channel_no and d.usage_date = k.usage_date
"""

TAKE = f"""
update repaired set
    valid_wh = if(r.flag_no is null or r.flag_no >= {_LEAST_VALID}, r.reported_wh, null),
    final_wh = r.reported_wh,
    adjustment_wh = if(r.reported_wh is null, null, 0),
    quality_code = case
        when r.reported_wh is null then 'N'
        when r.flag_no = 1 then 'Q'
        else coalesce(substring('NQEGAV', r.flag_no, 1), 'A')
    end,
    method_code = if(r.reported_wh is not null and r.flag_no = 3, 'EM', null),
    failed_rule_code = if(r.reported_wh is null, 'V03', null),
    is_kept = r.reported_wh is not null and r.flag_no <= 2,
    is_contradicted = false,
    known_file_no = r.file_no
from (
    select s.*
    from suspect_reads as s
    inner join keyed_files as f using (file_no)
    where s.standing = 1
        and f.is_verdict_taken
        and coalesce(s.failed_rule_code in ('V03', 'V05'), true)
        and coalesce(s.reported_wh <= {_LARGEST_FINAL_WH}, true)
) as r
where repaired.meter_no = r.meter_no
    and repaired.channel_no = r.channel_no
    and repaired.slot_no = r.slot_no
"""


def find_flags(con: duckdb.DuckDBPyConnection) -> None:
    """Leave `flagged_days`; days whose flags are taken and are not all `A` are looked at read by read.

    Args:
        con: Holds what `screen` left.
    """
    con.execute(FLAGGED_DAYS)
    con.execute(LOOK_CLOSER)


def compare(con: duckdb.DuckDBPyConnection) -> None:
    """Leave `verdict_pairs`: our verdicts, before any other is taken, beside those that came with the standing reads.

    Args:
        con: Holds what `find_flags`, `lay_out` and `scale` left.
    """
    con.execute(VERDICT_PAIRS)


def take(con: duckdb.DuckDBPyConnection) -> None:
    """Let the verdicts of files whose settings say so stand in `repaired`: final is as reported, quality as flagged.

    A read without a flag counts as actual, one flagged missing with a value as questionable. What is no value of the
    interval (wrong length, negative, from the future), and an interval that nothing came for, keep our verdict.

    Args:
        con: Holds what `compare` needs.
    """
    con.execute(TAKE)


def agreement(pairs: Mapping[tuple[str, str], int]) -> tuple[float | None, float | None]:
    """How far two verdicts agree: the share of equal ones, and Cohen's kappa.

    Args:
        pairs: Intervals by own verdict and the other one.

    Returns:
        The share, from 0 to 1, null of nothing; and kappa, the agreement beyond that of chance: 1 for full agreement,
        0 for as much as chance would give, null where chance alone would agree fully. Source: J. Cohen, Educational and
        Psychological Measurement 20 (1960).
    """
    total = sum(pairs.values())
    if not total:
        return None, None
    equal = sum(count for (own, other), count in pairs.items() if own == other)
    chance = sum(
        sum(count for (own, _), count in pairs.items() if own == verdict)
        * sum(count for (_, other), count in pairs.items() if other == verdict)
        for verdict in VERDICTS
    )
    by_chance = total * total - chance
    return equal / total, (total * equal - chance) / by_chance if by_chance else None
