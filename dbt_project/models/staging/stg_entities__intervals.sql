-- one row per instant of the finest grid and time zone
select
    time_zone,
    interval_start_utc,
    interval_start_local,
    usage_date,
    minute_of_day,
    cast(floor(minute_of_day / 60) as smallint) as local_hour
from {{ source("entities", "intervals") }}
