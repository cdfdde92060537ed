-- rows: meters and accounts with months that do not add up to their days, to the watt-hour
with day_sums as (
    select
        'meter' as key_kind,
        meter_id as key_id,
        {{ month_of("usage_date") }} as usage_month,
        sum(delivered_kwh) as delivered_kwh,
        sum(received_kwh) as received_kwh,
        sum(expected_interval_count) as expected_interval_count
    from {{ ref("fct_daily_usage") }}
    group by meter_id, {{ month_of("usage_date") }}
    union all
    select
        'account' as key_kind,
        account_id as key_id,
        {{ month_of("usage_date") }} as usage_month,
        sum(delivered_kwh) as delivered_kwh,
        sum(received_kwh) as received_kwh,
        sum(expected_interval_count) as expected_interval_count
    from {{ ref("fct_account_daily_usage") }}
    group by account_id, {{ month_of("usage_date") }}
),

month_sums as (
    select
        'meter' as key_kind,
        meter_id as key_id,
        usage_month,
        delivered_kwh,
        received_kwh,
        expected_interval_count
    from {{ ref("fct_monthly_usage") }}
    union all
    select
        'account' as key_kind,
        account_id as key_id,
        usage_month,
        delivered_kwh,
        received_kwh,
        expected_interval_count
    from {{ ref("fct_account_monthly_usage") }}
)

select
    coalesce(month_sums.key_kind, day_sums.key_kind) as key_kind,
    coalesce(month_sums.key_id, day_sums.key_id) as key_id
from month_sums
full outer join day_sums
    on
        month_sums.key_kind = day_sums.key_kind
        and month_sums.key_id = day_sums.key_id
        and month_sums.usage_month = day_sums.usage_month
where
    month_sums.delivered_kwh is distinct from day_sums.delivered_kwh
    or month_sums.received_kwh is distinct from day_sums.received_kwh
    or month_sums.expected_interval_count is distinct from day_sums.expected_interval_count
