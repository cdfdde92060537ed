"""What the contract report asks of the raw tables; `$file` is the file's id."""

SHOWN = 10

HEAD = """
select
    file_id,
    file_name,
    format_code,
    status_code,
    size_bytes,
    sent_count,
    loaded_count,
    quarantined_count,
    time_zone,
    time_zone_source_code,
    clock_code,
    label_code,
    if(format_code is null or sent_count is null, reason, null) as reason
from files
order by container_file_id is not null, file_name
"""

METERS = f"""
select count(distinct meter_id) as meter_count, (list(distinct meter_id order by meter_id))[1:{SHOWN}] as first_meters
from (
    select meter_id from file_channels where file_id = $file
    union select meter_id from register_reads where file_id = $file
    union select meter_id from meter_events where file_id = $file
    union select meter_id from auxiliary_reads where file_id = $file
)
"""

CHANNELS = """
select
    channel_code,
    interval_minutes,
    count(distinct meter_id) as meter_count,
    sum(read_count)::bigint as read_count,
    sum(reported_wh)::double / 1000 as kwh,
    min(first_interval_start_utc) as first_interval_start_utc,
    max(last_interval_start_utc) as last_interval_start_utc
from file_channels
where file_id = $file
group by all
order by all
"""

LENGTHS = f"""
with mixed as (
    select
        meter_id,
        list(struct_pack(channel_code, interval_minutes, read_count) order by channel_code, interval_minutes) as lengths
    from file_channels
    where file_id = $file
    group by all
    having count(distinct interval_minutes) > 1
)
select
    count(*) as meter_count,
    (list(struct_pack(meter_id, lengths) order by meter_id))[1:{SHOWN}] as examples
from mixed
"""

STARTS = """
select distinct if(interval_minutes > 60, 1440, interval_minutes) as nominal_minutes, interval_start_utc
from interval_reads
where file_id = $file
"""

OFF_GRID = f"""
with strays as (
    select r.meter_id, r.channel_code, r.interval_start_utc, r.source_label, o.nominal_minutes as interval_minutes
    from interval_reads as r
    inner join off_grid_starts as o
        on r.interval_start_utc = o.interval_start_utc
        and if(r.interval_minutes > 60, 1440, r.interval_minutes) = o.nominal_minutes
    where r.file_id = $file
),
firsts as (
    select
        meter_id,
        channel_code,
        interval_minutes,
        count(*) as read_count,
        arg_min(source_label, interval_start_utc) as first_label,
        min(interval_start_utc) as first_interval_start_utc
    from strays
    group by all
)
select
    coalesce(sum(read_count), 0)::bigint as read_count,
    count(distinct meter_id) as meter_count,
    (list(struct_pack(meter_id, channel_code, interval_minutes, read_count, first_label, first_interval_start_utc)
        order by meter_id, channel_code, interval_minutes))[1:{SHOWN}] as examples
from firsts
"""

QUALITY = """
select source_quality_code, reported_quality_code, count(*) as read_count
from interval_reads
where file_id = $file
group by all
order by read_count desc, source_quality_code
"""

VALUES = """
select
    count(*) filter (where reported_wh is null) as blank_count,
    count(*) filter (where reported_wh = 0) as zero_count,
    count(*) filter (where reported_wh < 0) as negative_count,
    max(reported_wh)::double / 1000 as largest_kwh
from interval_reads
where file_id = $file
"""

DUPLICATES = """
with repeated as (
    select
        meter_id,
        channel_code,
        interval_start_utc,
        count(*) - 1 as extra_count,
        count(distinct coalesce(reported_wh, -9223372036854775808)) = 1 as is_identical
    from interval_reads
    where file_id = $file
    group by all
    having count(*) > 1
)
select
    coalesce(sum(extra_count) filter (where is_identical), 0)::bigint as identical_count,
    coalesce(sum(extra_count) filter (where not is_identical), 0)::bigint as conflicting_count,
    first(meter_id order by meter_id, interval_start_utc) as first_meter_id,
    first(interval_start_utc order by meter_id, interval_start_utc) as first_interval_start_utc
from repeated
"""

GAPS = f"""
with starts as (
    select distinct r.meter_id, r.channel_code, r.interval_start_utc, m.interval_minutes
    from interval_reads as r
    inner join (
        select meter_id, channel_code, arg_max(interval_minutes, read_count) as interval_minutes
        from file_channels
        where file_id = $file
        group by all
    ) as m using (meter_id, channel_code)
    where r.file_id = $file
),
steps as (
    select
        *,
        lag(interval_start_utc) over (partition by meter_id, channel_code order by interval_start_utc) as previous,
        if(interval_minutes = 1440, 60, 0) as slack_minutes
    from starts
),
gaps as (
    select
        meter_id,
        channel_code,
        previous + to_minutes(interval_minutes::bigint) as from_utc,
        interval_start_utc as until_utc,
        (date_diff('minute', previous, interval_start_utc) + slack_minutes) // interval_minutes - 1 as interval_count
    from steps
    where date_diff('minute', previous, interval_start_utc) > interval_minutes + slack_minutes
)
select
    count(*) as gap_count,
    coalesce(sum(interval_count), 0)::bigint as missing_count,
    (list(struct_pack(meter_id, channel_code, from_utc, until_utc, interval_count)
        order by interval_count desc, meter_id, from_utc))[1:{SHOWN}] as longest
from gaps
where interval_count > 0
"""

AUXILIARY = """
select unit_code, stream_code, count(distinct meter_id) as meter_count, count(*) as value_count
from auxiliary_reads
where file_id = $file
group by all
order by all
"""

REGISTERS = """
select
    register_code,
    channel_code,
    unit_code,
    count(distinct meter_id) as meter_count,
    count(*) as read_count,
    min(read_at_utc) as first_read_at_utc,
    max(read_at_utc) as last_read_at_utc
from register_reads
where file_id = $file
group by all
order by all
"""

REGISTER_DUPLICATES = """
with repeated as (
    select
        meter_id,
        register_code,
        channel_code,
        unit_code,
        read_at_utc,
        count(*) - 1 as extra_count,
        count(distinct (coalesce(reported_text, ''), coalesce(reported_wh, 0))) = 1 as is_identical
    from register_reads
    where file_id = $file
    group by all
    having count(*) > 1
)
select
    coalesce(sum(extra_count) filter (where is_identical), 0)::bigint as identical_count,
    coalesce(sum(extra_count) filter (where not is_identical), 0)::bigint as conflicting_count,
    first(meter_id order by meter_id, read_at_utc) as first_meter_id,
    first(read_at_utc order by meter_id, read_at_utc) as first_read_at_utc
from repeated
"""

EVENTS = """
select
    source_event_code,
    source_event_text,
    count(distinct meter_id) as meter_count,
    count(*) as event_count,
    min(event_start_utc) as first_event_start_utc,
    max(event_start_utc) as last_event_start_utc
from meter_events
where file_id = $file
group by all
order by event_count desc, source_event_code, source_event_text
limit 50
"""

EVENT_DUPLICATES = """
with repeated as (
    select
        meter_id,
        source_event_code,
        source_event_text,
        event_start_utc,
        count(*) - 1 as extra_count,
        count(distinct (coalesce(event_end_utc, event_start_utc))) = 1 as is_identical
    from meter_events
    where file_id = $file
    group by all
    having count(*) > 1
)
select
    coalesce(sum(extra_count) filter (where is_identical), 0)::bigint as identical_count,
    coalesce(sum(extra_count) filter (where not is_identical), 0)::bigint as conflicting_count,
    first(meter_id order by meter_id, event_start_utc) as first_meter_id,
    first(event_start_utc order by meter_id, event_start_utc) as first_event_start_utc
from repeated
"""

FINDINGS = """
select finding_code, occurrence_count, finding_text from file_findings where file_id = $file order by finding_code
"""

REFUSALS = r"""
select
    count(*) as value_count,
    min(row_number) as first_line,
    arg_min(reason, (row_number, value_position)) as first_reason
from quarantined_rows
where file_id = $file
group by regexp_replace(regexp_replace(reason, '"[^"]*"', '"…"', 'g'), '[0-9][0-9:.,-]*', '#', 'g')
order by value_count desc, first_line
limit 50
"""
