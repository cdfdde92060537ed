"""Times without service: outages and disconnections out of meter events.

An outage is valid data: its zeros are true, and a missing value wholly within it is zero (E4). Source: California PSWG3
on power failures.
"""

import duckdb

from models.vee.settings import VeeSettings

SERVICE_BREAKS = """
-- one row per meter and time without service: from the event that begins it to the next one, which must end it; a
-- disconnection that no event ends lasts
create or replace temp table service_breaks as
with named as (
    select distinct m.meter_no, e.event_start_utc, e.event_end_utc, c.meaning
    from events as e
    inner join keyed_meters as m on e.meter_id = m.meter_id
    inner join event_codes as c on upper(e.source_event_code) = c.event_code
    where c.meaning <> 'clock'
),
followed as (
    select
        *,
        lead(meaning) over later as next_meaning,
        lead(event_start_utc) over later as next_utc
    from named
    window later as (
        partition by meter_no, meaning in ('outage_start', 'outage_end')
        order by event_start_utc, meaning desc, event_end_utc
    )
)
select
    meter_no,
    meaning = 'disconnect' as is_disconnection,
    event_start_utc as break_start_utc,
    coalesce(event_end_utc, next_utc, timestamp '9999-01-01') as break_end_utc
from followed
where (meaning = 'outage_start' and (event_end_utc is not null or next_meaning = 'outage_end'))
    or (meaning = 'disconnect' and (event_end_utc is not null or next_meaning is null or next_meaning = 'connect'))
"""

BREAK_SLOTS = """
-- one row per meter and interval that a time without service touches
create or replace temp table break_slots as
select
    m.meter_no,
    s.slot_no,
    s.usage_date,
    bool_or(
        b.break_start_utc <= s.interval_start_utc
        and b.break_end_utc >= s.interval_start_utc + to_minutes(s.slot_minutes)
    ) as is_whole,
    bool_or(b.is_disconnection) as is_disconnected
from service_breaks as b
inner join keyed_meters as m on b.meter_no = m.meter_no
inner join slots as s
    on m.grid_no = s.grid_no
    and b.break_start_utc < s.interval_start_utc + to_minutes(s.slot_minutes)
    and b.break_end_utc > s.interval_start_utc
    and s.usage_date between m.first_date - 1 and m.last_date + 1
group by all
"""

BREAK_DAYS = """
-- one row per meter, channel and local date with expected intervals that a time without service touches
create or replace temp table break_days as
select d.meter_no, d.channel_no, d.usage_date, count(*) as slot_count
from break_slots as b
inner join channel_days as d
    on b.meter_no = d.meter_no
    and b.usage_date = d.usage_date
    and b.slot_no between d.first_slot and d.last_slot
group by all
"""

CLOCK_ERRORS = """
-- one row per meter and local date on which its clock was found wrong, by the most seconds
create or replace temp table clock_errors as
select
    m.meter_no,
    d.usage_date,
    max(abs(try_cast(regexp_extract(e.source_event_text, '{seconds}', 1) as bigint))) as error_seconds
from events as e
inner join keyed_meters as m on e.meter_id = m.meter_id
inner join event_codes as c on upper(e.source_event_code) = c.event_code and c.meaning = 'clock'
inner join slots as d
    on m.grid_no = d.grid_no
    and e.event_start_utc >= d.interval_start_utc
    and e.event_start_utc < d.interval_start_utc + to_minutes(d.slot_minutes)
where d.usage_date between m.first_date - 1 and m.last_date + 1
group by all
having error_seconds > {clock_warning_seconds}
"""

SECONDS = r"([-+]?[0-9]+) ?s(?:ec(?:ond)?s?)?\b"
"""Seconds in the words of an event."""


def find_breaks(con: duckdb.DuckDBPyConnection, settings: VeeSettings) -> None:
    """Leave `service_breaks`, `break_slots`, `break_days` and `clock_errors`.

    Args:
        con: Holds what `screen` left and the relation `events` (`raw.meter_events`).
        settings: Codes of events.
    """
    codes = [
        (code.upper(), meaning)
        for meaning in ("outage_start", "outage_end", "disconnect", "connect", "clock")
        for code in getattr(settings.events, meaning)
    ]
    con.execute("create or replace temp table event_codes (event_code varchar, meaning varchar)")
    if codes:
        con.executemany("insert into event_codes values (?, ?)", codes)
    clock = CLOCK_ERRORS.format(seconds=SECONDS, clock_warning_seconds=settings.clock_warning_seconds)
    for statement in (SERVICE_BREAKS, BREAK_SLOTS, BREAK_DAYS, clock):
        con.execute(statement)
