-- one row per account and civil date
select
    account_id,
    usage_date,
    delivered_kwh,
    received_kwh,
    on_peak_kwh,
    peak_kw,
    interval_count,
    expected_interval_count,
    estimated_interval_count,
    valid_interval_count,
    meter_count
from {{ ref("int_account_days_summed") }}
