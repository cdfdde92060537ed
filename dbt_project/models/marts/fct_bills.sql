-- one row per bill of the customer system
select
    bill_id,
    account_id,
    bill_start_date,
    bill_end_date,
    issued_date,
    cast(day_count as integer) as day_count,
    rate_code,
    {{ kwh("delivered_wh") }} as delivered_kwh,
    {{ kwh("received_wh") }} as received_kwh,
    {{ kwh("billed_delivered_wh") }} as billed_delivered_kwh,
    {{ kwh("billed_received_wh") }} as billed_received_kwh,
    {{ usd("billed_cents") }} as billed_usd,
    {{ usd("repriced_cents") }} as repriced_usd,
    {{ usd("billed_cents - repriced_cents") }} as difference_usd,
    cast(reason_code as varchar) as reason_code,
    is_estimated,
    is_prorated,
    {{ usd("closing_credit_cents") }} as closing_credit_usd,
    interval_count,
    expected_interval_count,
    estimated_interval_count
from {{ ref("stg_analytics__repriced_bills") }}
