-- one row per meter, channel and civil date
select
    meter_id,
    channel_code,
    usage_date,
    expected_count,
    read_count,
    valid_count,
    estimated_count,
    status_code
from {{ source("vee", "meter_day_profiles") }}
