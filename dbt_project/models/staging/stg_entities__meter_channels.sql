-- one row per meter and channel
select
    meter_id,
    channel_code,
    interval_minutes,
    first_interval_start_utc,
    last_interval_start_utc,
    file_count
from {{ source("entities", "meter_channels") }}
