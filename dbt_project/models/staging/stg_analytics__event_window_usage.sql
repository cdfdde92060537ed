-- one row per account, date and local hour
select
    account_id,
    usage_date,
    local_hour,
    delivered_wh
from {{ source("analytics", "event_window_usage") }}
