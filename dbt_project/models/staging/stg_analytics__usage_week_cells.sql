-- one row per account, bill segment, week, weekday or weekend, and local hour
select
    account_id,
    bill_start_date,
    segment_start_date,
    week_start_date,
    is_weekend,
    local_hour,
    usage_month,
    delivered_wh,
    received_wh,
    net_import_wh,
    peak_wh,
    net_peak_wh,
    interval_count,
    estimated_count
from {{ source("analytics", "usage_week_cells") }}
