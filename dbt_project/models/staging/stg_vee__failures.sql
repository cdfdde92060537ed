-- one row per meter, channel, civil date and failed rule
select
    meter_id,
    channel_code,
    usage_date,
    rule_code,
    severity_code,
    action_code,
    failed_count,
    estimated_count
from {{ source("vee", "failures") }}
