-- one row per account served
select
    account_id,
    customer_type,
    rate_code,
    held_option_id,
    first_date,
    end_date,
    bill_count,
    day_count,
    interval_minutes,
    peak_wh,
    actual_ratio,
    cooling_tons_milli,
    comparability_code
from {{ source("analytics", "comparison_accounts") }}
