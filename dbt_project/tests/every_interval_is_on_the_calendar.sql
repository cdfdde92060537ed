-- rows: intervals that the calendar does not know in the meter's zone
select
    meter_id,
    interval_start_utc
from {{ ref("fct_interval_usage") }}
where interval_start_local is null
