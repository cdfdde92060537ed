-- rows: dates on which accounts do not add up to the top-level meters that serve them
with meters as (
    select
        meter_days.usage_date,
        sum(meter_days.delivered_kwh) as delivered_kwh,
        sum(meter_days.received_kwh) as received_kwh
    from {{ ref("fct_daily_usage") }} as meter_days
    inner join {{ ref("bridge_meter_accounts") }} as served
        on meter_days.meter_id = served.meter_id and {{ in_period("meter_days.usage_date", "served") }}
    where served.is_top_level and served.account_id is not null
    group by meter_days.usage_date
),

accounts as (
    select
        usage_date,
        sum(delivered_kwh) as delivered_kwh,
        sum(received_kwh) as received_kwh
    from {{ ref("fct_account_daily_usage") }}
    group by usage_date
)

select coalesce(meters.usage_date, accounts.usage_date) as usage_date
from meters
full outer join accounts on meters.usage_date = accounts.usage_date
where
    meters.delivered_kwh is distinct from accounts.delivered_kwh
    or meters.received_kwh is distinct from accounts.received_kwh
