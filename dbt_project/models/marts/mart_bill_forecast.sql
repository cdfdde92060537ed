-- one row per account with a bill under way
select
    account_id,
    bill_start_date,
    bill_end_date,
    as_of_date,
    cast(elapsed_day_count as integer) as elapsed_day_count,
    cast(day_count as integer) as day_count,
    {{ usd("to_date_cents") }} as to_date_usd,
    {{ usd("projected_cents") }} as projected_usd,
    {{ usd("projected_cents_low") }} as projected_usd_low,
    {{ usd("projected_cents_high") }} as projected_usd_high,
    {{ kwh("delivered_wh") }} as delivered_kwh,
    {{ kwh("projected_wh") }} as projected_kwh,
    cast(reason_code as varchar) as reason_code
from {{ ref("stg_analytics__bill_forecasts") }}
