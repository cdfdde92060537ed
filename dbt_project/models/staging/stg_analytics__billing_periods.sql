-- one row per account and billing period
select
    account_id,
    bill_start_date,
    bill_end_date,
    bill_id,
    issued_date,
    interval_minutes,
    customer_type,
    rate_code,
    baseline_region,
    is_multi_family,
    is_all_electric,
    is_care,
    is_fera,
    is_medical_baseline,
    has_net_metering,
    net_metering_number
from {{ source("analytics", "billing_periods") }}
