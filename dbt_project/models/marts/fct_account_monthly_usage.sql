-- one row per account and local month
select
    account_id,
    substring(cast(usage_date as varchar), 1, 7) as usage_month,
    cast(sum(delivered_kwh) as decimal(14, 3)) as delivered_kwh,
    cast(sum(received_kwh) as decimal(14, 3)) as received_kwh,
    max(peak_kw) as peak_kw,
    cast(count(*) as integer) as day_count,
    cast(sum(interval_count) as integer) as interval_count,
    cast(sum(expected_interval_count) as integer) as expected_interval_count,
    cast(sum(estimated_interval_count) as integer) as estimated_interval_count
from {{ ref("fct_account_daily_usage") }}
group by account_id, substring(cast(usage_date as varchar), 1, 7)
