-- one row per instant of the finest grid and time zone
select
    time_zone,
    interval_start_utc,
    interval_start_local,
    usage_date,
    minute_of_day,
    local_hour
from {{ ref("stg_entities__intervals") }}
