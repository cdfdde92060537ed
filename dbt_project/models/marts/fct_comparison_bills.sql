-- one row per account and bill compared, with the terms under which every option is priced
select
    account_id,
    bill_start_date,
    bill_end_date,
    bill_id,
    interval_minutes,
    customer_type,
    rate_code,
    baseline_region,
    is_multi_family,
    is_all_electric,
    is_care,
    is_fera,
    is_medical_baseline,
    has_net_metering
from {{ ref("stg_analytics__comparison_bills") }}
