-- one row per account and local month
select
    account_id,
    usage_month,
    weather_adjustment_wh,
    normal_year_count,
    reason_code
from {{ source("analytics", "normalised_usage") }}
